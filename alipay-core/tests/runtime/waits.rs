//! Waits: what ends them, how often they ask, and what they say.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::struct_field_names, reason = "names on the wire")]

use crate::{common, notifications};

use std::{
    error::Error as _,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use alipay_core::{
    Call, Client, ErrorKind, Response, Wait, WaitError, WaitSignal,
    clock::Clock,
    model,
    notification::{Notification, Verified},
    operation, status,
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
    waiter,
};
use bytes::Bytes;
use common::{
    credentials, key,
    script::{Script, Step},
    signed, signed_at, unsigned,
};
use insta::assert_snapshot;

model! {
    /// Which activity.
    pub struct Asked: optional input {
        pub activity_id: Option<String> = query("activity_id"),
    }
}
model! {
    /// An activity, with fields of both styles.
    pub struct Activity: optional {
        pub base_info: Option<BaseInfo> = body("base_info"),
        pub activity_status: Option<String> = body("activity_status"),
        pub audit_info: Option<AuditInfo> = body("audit_info"),
        pub owner_name: Option<String> = body("owner_name").sensitive(),
        pub owner: Option<AuditInfo> = body("owner").sensitive(),
    }
}
model! {
    /// The new style.
    pub struct BaseInfo: optional {
        pub activity_status: Option<String> = body("activity_status"),
    }
}
model! {
    /// A review.
    pub struct AuditInfo: optional {
        pub passed: Option<bool> = body("passed"),
        pub level: Option<i64> = body("level"),
        pub reason: Option<String> = body("reason"),
    }
}
operation! {
    /// Asks for an activity.
    pub enum Look {
        id: "alipay.marketing.activity.look",
        http: Get "/v3/alipay/marketing/activity/look",
        request: Asked,
        reply: Response<Activity>,
    }
}
status! {
    impl Activity {
        /// The status.
        fn status() -> String = [base_info.activity_status, activity_status];
    }
}
waiter! {
    /// Why an activity does not become active.
    pub enum ActiveFailure {
        /// The review rejected it.
        Rejected = "rejected": at ["audit_info.passed"] is ["false"] because "audit_info.reason",
        /// It was stopped.
        Stopped = "stopped": is ["FINISHED", "GONE"],
        /// It is too dangerous.
        Dangerous = "dangerous": at ["audit_info.level"] is ["9"] because "owner_name",
        /// Its owner has withdrawn it.
        Withdrawn = "withdrawn": at ["audit_info.level"] is ["8"] because "owner.reason",
    }

    asks: Look,
    until: "active",
    status: ["base_info.activity_status", "activity_status"],
    success: [is ["ACTIVE"]; at ["audit_info.level"] is ["0"]],
    message: "alipay.marketing.activity.message.created" about "activity_id",
}
waiter! {
    /// Why an activity is not stopped: nothing says so.
    pub enum StoppedFailure {}

    asks: Look,
    until: "stopped",
    status: ["activity_status"],
    success: [is ["FINISHED"]],
}

const INIT: &str = r#"{"activity_status":"INIT"}"#;
const ACTIVE: &str = r#"{"activity_status":"ACTIVE"}"#;
const REJECTED: &str =
    r#"{"activity_status":"INIT","audit_info":{"passed":false,"reason":"图片\n不合规"}}"#;

fn says(body: &str) -> Step {
    Step::Response(signed(200, body))
}

fn script<const N: usize>(bodies: [&str; N]) -> Script {
    Script::new(bodies.map(says))
}

fn client(script: &Script) -> Client {
    script.builder().build().unwrap()
}

fn wait(script: &Script) -> Wait<ActiveFailure> {
    Wait::new(&client(script), &Asked::new().activity_id("2016"))
}

fn message(name: &str, content: &str) -> Verified<Notification> {
    let parameters = [
        ("notify_id", "n1"),
        ("msg_method", name),
        ("app_id", key("app_id")),
        ("biz_content", content),
        ("sign_type", "RSA2"),
    ];
    let form = notifications::post(&parameters, notifications::v1);
    credentials().verify_notification(form.as_bytes()).unwrap()
}

fn created(content: &str) -> Verified<Notification> {
    message("alipay.marketing.activity.message.created", content)
}

fn seconds(script: &Script) -> Vec<f64> {
    script.pauses().iter().map(Duration::as_secs_f64).collect()
}

#[tokio::test]
async fn it_asks_until_the_response_says_so() {
    let script = script(["{}", INIT, r#"{"activity_status":"PAUSE"}"#, ACTIVE]);
    let active = wait(&script).await.unwrap();
    assert_eq!(active.status(), 200);
    assert_eq!(Activity::status(&active).map(String::as_str), Some("ACTIVE"));
    assert_eq!(script.seen().len(), 4);
    assert!(script.seen().iter().all(|seen| seen.line.ends_with("look?activity_id=2016")));
    // The jitter of the tests leaves pauses as they are.
    assert_eq!(seconds(&script), [2.0, 3.0, 4.5]);
}

#[tokio::test]
async fn the_first_field_that_is_there_counts() {
    let both = |base: &str, old: &str| {
        format!(r#"{{"base_info":{{"activity_status":{base}}},"activity_status":{old}}}"#)
    };
    for (base, old, status, ends) in [
        (r#""ACTIVE""#, r#""INIT""#, "ACTIVE", true),
        (r#""INIT""#, r#""ACTIVE""#, "INIT", false),
        (r#""""#, r#""ACTIVE""#, "ACTIVE", true),
        ("null", r#""ACTIVE""#, "ACTIVE", true),
        // What is not of its type is absent.
        ("{}", r#""ACTIVE""#, "ACTIVE", true),
        (r#""ACTIVE""#, "null", "ACTIVE", true),
        (r#""active""#, "null", "active", false),
    ] {
        let body = both(base, old);
        let script = script([body.as_str(), r#"{"audit_info":{"level":0}}"#]);
        let found = wait(&script).await.unwrap();
        assert_eq!(Activity::status(&found).is_some(), ends, "{body}");
        assert_eq!(script.seen().len(), if ends { 1 } else { 2 }, "{body}");
        let activity: Activity = serde_json::from_str(&body.replace("{}", "null")).unwrap();
        assert_eq!(activity.status().map(String::as_str), Some(status), "{body}");
    }
}

#[tokio::test]
async fn a_failure_says_why() {
    let script = script([INIT, REJECTED]);
    let error = wait(&script).await.unwrap_err();
    assert_snapshot!(error, @r"alipay.marketing.activity.look: will not be active: rejected, 图片\u{a}不合规 (status INIT) [trace id 0b43c93517672256004561234e0a1b] after 2 asks");
    assert!(error.source().is_none());
    let WaitError::Failed { failure, reason, asked, last, .. } = error else { panic!("{error:?}") };
    assert_eq!((failure, asked), (ActiveFailure::Rejected, 2));
    assert_eq!(reason.as_deref(), Some("图片\n不合规"));
    assert_eq!(last.audit_info.as_ref().unwrap().passed, Some(false));
}

#[tokio::test]
async fn failures_are_tried_in_their_order_and_success_before() {
    let end = |body: &'static str| async move { wait(&script([body])).await };
    let both = r#"{"activity_status":"FINISHED","audit_info":{"passed":false}}"#;
    let Err(WaitError::Failed { failure, reason, .. }) = end(both).await else { panic!() };
    assert_eq!((failure, reason), (ActiveFailure::Rejected, None));
    let gone = r#"{"base_info":{"activity_status":"GONE"}}"#;
    let Err(WaitError::Failed { failure, .. }) = end(gone).await else { panic!() };
    assert_eq!(failure, ActiveFailure::Stopped);
    let active = r#"{"activity_status":"ACTIVE","audit_info":{"passed":false}}"#;
    end(active).await.unwrap();
}

#[tokio::test]
async fn a_reason_that_is_personal_is_not_repeated() {
    for (body, failure) in [
        (r#"{"audit_info":{"level":9},"owner_name":"王小明"}"#, "dangerous"),
        // As a part of something personal it is, too.
        (r#"{"audit_info":{"level":8},"owner":{"reason":"王小明"}}"#, "withdrawn"),
    ] {
        let error = wait(&script([body])).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("王小明") && shown.contains(failure), "{shown}");
        let WaitError::Failed { reason, last, .. } = error else { panic!("{error:?}") };
        assert_eq!(reason, None);
        assert_eq!(last.raw_body(), body.as_bytes());
    }
}

#[tokio::test]
async fn the_deadline_says_what_was_last_seen() {
    let odd = r#"{"activity_status":"\u202eSOMETHING_NEW"}"#;
    let script = script([INIT, "{}", INIT, INIT, odd]);
    let error = wait(&script).deadline(Duration::from_secs(20)).await.unwrap_err();
    assert_snapshot!(error, @r"alipay.marketing.activity.look: not active within 20s and 5 asks: the last status is \u{202e}SOMETHING_NEW; wait longer, or ask again later");
    // The last pause is cut: no ask begins after the deadline.
    assert_eq!(seconds(&script), [2.0, 3.0, 4.5, 6.75, 3.75]);
    let WaitError::TimedOut { after, asked, status, last, error, .. } = error else { panic!() };
    assert_eq!((after.as_secs(), asked), (20, 5));
    assert_eq!(status.as_deref(), Some("\u{202e}SOMETHING_NEW"));
    assert!(last.is_some() && error.is_none());
}

#[tokio::test]
async fn a_status_that_cannot_be_read_is_named() {
    let odd = r#"{"base_info":"secret","activity_status":["secret"]}"#;
    let error = wait(&script([odd, odd, odd, odd])).deadline(Duration::from_secs(12)).await;
    let error = error.unwrap_err();
    assert_snapshot!(error, @"alipay.marketing.activity.look: not active within 12s and 4 asks: the last status cannot be read: `/base_info`: expected an object, found a string; wait longer, or ask again later");
    // The other field counts then.
    let active = r#"{"base_info":"secret","activity_status":"ACTIVE"}"#;
    assert_eq!(wait(&script([active])).await.unwrap().unreadable().len(), 1);
}

/// A clock that somebody sets forward, by an hour each time it is asked.
struct SetForward(AtomicU64);

impl Clock for SetForward {
    fn now(&self) -> SystemTime {
        common::now() + Duration::from_secs(3600 * self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_clock_that_is_set_does_not_end_it() {
    let lost = || Step::Fail(TransportErrorKind::Io);
    let script = Script::new([lost(), lost(), lost()]);
    let client = script.builder().clock(SetForward(AtomicU64::new(0))).build().unwrap();
    let wait = Wait::<ActiveFailure>::new(&client, &Asked::new().activity_id("2016"));
    let wait = wait.each_call(Call::no_retry).deadline(Duration::from_secs(8));
    let WaitError::TimedOut { asked, .. } = wait.await.unwrap_err() else { panic!() };
    assert_eq!(asked, 3);
    assert_eq!(seconds(&script), [2.0, 3.0, 3.0]);
}

#[tokio::test]
async fn a_failed_ask_is_made_again() {
    let lost = || Step::Fail(TransportErrorKind::Io);
    let of_anybody = || Step::Response(unsigned(200, "application/json", ACTIVE));
    let old = || Step::Response(signed_at("1", 200, ACTIVE));
    let cut = || Step::Response(signed(200, "{"));
    let steps = [lost(), lost(), lost(), of_anybody(), old(), cut(), says(ACTIVE)];
    let script = Script::new(steps);
    let active = wait(&script).interval(Duration::from_secs(1)).await.unwrap();
    assert_eq!(active.attempts(), 1);
    assert_eq!(script.seen().len(), 7);
    // The first call is repeated twice by itself.
    assert_eq!(seconds(&script), [0.2, 0.4, 1.0, 1.5, 2.25, 3.375]);
}

#[tokio::test]
async fn the_server_may_ask_for_a_longer_pause() {
    let mut busy = signed(429, r#"{"code":"app-call-limited"}"#);
    busy.headers_mut().insert("retry-after", "7".parse().unwrap());
    let script = Script::new([Step::Response(busy), says(ACTIVE)]);
    wait(&script).each_call(Call::no_retry).await.unwrap();
    assert_eq!(seconds(&script), [7.0]);
}

#[tokio::test]
async fn a_refusal_ends_it() {
    let refused = signed(400, r#"{"code":"INVALID_PARAMETER","message":"no such activity"}"#);
    let script = Script::new([says(INIT), Step::Response(refused)]);
    let error = wait(&script).await.unwrap_err();
    assert_snapshot!(error, @"alipay.marketing.activity.look: refused (HTTP 400): INVALID_PARAMETER, no such activity [trace id 0b43c93517672256004561234e0a1b]; nothing was done");
    let WaitError::Call(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), ErrorKind::Api);

    let wrong = wait(&Script::new([])).each_call(|call| call.app_auth_token("a b\n"));
    let WaitError::Call(error) = wrong.await.unwrap_err() else { panic!() };
    assert_eq!(error.kind(), ErrorKind::Request);
}

#[tokio::test]
async fn a_deadline_without_any_response_says_what_went_wrong() {
    let script =
        Script::new((0..4).map(|_| Step::Response(signed(500, r#"{"code":"unknow-error"}"#))));
    let wait = wait(&script).each_call(Call::no_retry).deadline(Duration::from_secs(12));
    let error = wait.await.unwrap_err();
    assert_snapshot!(error, @"alipay.marketing.activity.look: not active within 12s and 4 asks: there was no response; the last ask failed: alipay.marketing.activity.look: failed (HTTP 500): unknow-error [trace id 0b43c93517672256004561234e0a1b]; nothing was changed");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn options_hold_for_each_call() {
    let script = script([INIT, ACTIVE]);
    let wait = wait(&script).each_call(|call| call.app_auth_token("of-a-merchant"));
    wait.each_call(Call::no_retry).await.unwrap();
    assert!(
        script.seen().iter().all(|seen| seen.header("alipay-app-auth-token") == "of-a-merchant")
    );
    let ids: Vec<_> =
        script.seen().iter().map(|seen| seen.header("alipay-request-id").to_owned()).collect();
    assert_eq!(ids.len(), 2);
}

/// The pause of 8 seconds does not end in the tests.
fn until_told(script: &Script) -> (Wait<ActiveFailure>, WaitSignal) {
    let wait = wait(script).interval(Duration::from_secs(8));
    let signal = wait.signal();
    (wait, signal)
}

#[tokio::test]
async fn a_message_ends_it_early() {
    let script = script([INIT, INIT]);
    let (wait, signal) = until_told(&script);
    let waiting = tokio::spawn(wait.into_future());
    while script.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    for other in [
        created(r#"{"activity_id":"2017"}"#),
        created(r#"{"activity_id":["2016"]}"#),
        created("{}"),
        message("alipay.marketing.activity.message.stopped", r#"{"activity_id":"2016"}"#),
    ] {
        assert!(!signal.message(&other));
    }
    assert!(signal.clone().message(&created(r#"{"activity_id":"2016"}"#)));
    // The query lags behind the message, which is verified.
    let found = waiting.await.unwrap().unwrap();
    assert_eq!(Activity::status(&found).map(String::as_str), Some("INIT"));
    assert_eq!(script.seen().len(), 2);
    // It may come again.
    assert!(signal.message(&created(r#"{"activity_id":"2016"}"#)));
}

#[tokio::test]
async fn a_message_may_come_before_the_first_ask() {
    let script = script([INIT]);
    let (wait, signal) = until_told(&script);
    assert!(signal.message(&created(r#"{"activity_id":2016}"#)));
    wait.await.unwrap();
    assert_eq!((script.seen().len(), script.pauses().len()), (1, 0));
}

#[tokio::test]
async fn a_failure_counts_although_the_message_came() {
    let (wait, signal) = until_told(&script([REJECTED]));
    assert!(signal.message(&created(r#"{"activity_id":"2016"}"#)));
    let WaitError::Failed { failure, .. } = wait.await.unwrap_err() else { panic!() };
    assert_eq!(failure, ActiveFailure::Rejected);
}

#[tokio::test]
async fn after_the_message_a_lost_response_is_asked_for_again_with_pauses() {
    let lost = || Step::Fail(TransportErrorKind::Io);
    let script = Script::new([lost(), lost(), says(INIT)]);
    let wait = wait(&script).each_call(Call::no_retry);
    assert!(wait.signal().message(&created(r#"{"activity_id":"2016"}"#)));
    wait.await.unwrap();
    assert_eq!(seconds(&script), [2.0, 3.0]);
}

#[tokio::test]
async fn without_a_message_or_an_id_no_message_is_meant() {
    let script = script([]);
    let stopped = Wait::<StoppedFailure>::new(&client(&script), &Asked::new().activity_id("2016"));
    let nameless = Wait::<ActiveFailure>::new(&client(&script), &Asked::new());
    let created = created(r#"{"activity_id":"2016"}"#);
    assert!(!stopped.signal().message(&created) && !nameless.signal().message(&created));
}

#[tokio::test]
async fn a_waiter_may_know_no_failure() {
    let script = script([REJECTED, r#"{"activity_status":"FINISHED"}"#]);
    let wait = Wait::<StoppedFailure>::new(&client(&script), &Asked::new());
    assert_eq!(wait.await.unwrap().activity_status.as_deref(), Some("FINISHED"));
}

/// Never responds, and takes the time of tokio.
struct Silent;

impl Transport for Silent {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(std::future::pending())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_an_ask_under_way() {
    let client = common::builder(credentials()).transport(Silent).jitter(Duration::MAX).build();
    let wait = Wait::<ActiveFailure>::new(&client.unwrap(), &Asked::new());
    let begun = tokio::time::Instant::now();
    let error = wait.deadline(Duration::from_secs(50)).await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 50);
    let WaitError::TimedOut { asked, last: None, error: Some(error), .. } = error else { panic!() };
    assert_eq!((asked, error.kind()), (2, ErrorKind::Timeout));
}

#[cfg(feature = "blocking")]
#[test]
fn it_blocks_where_that_is_wanted() {
    let script = script([INIT, ACTIVE]);
    let active = wait(&script).wait_blocking().unwrap();
    assert_eq!(Activity::status(&active).map(String::as_str), Some("ACTIVE"));
    assert_eq!(seconds(&script), [2.0]);
    let WaitError::Failed { failure, .. } =
        wait(&self::script([REJECTED])).wait_blocking().unwrap_err()
    else {
        panic!()
    };
    assert_eq!(failure, ActiveFailure::Rejected);
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn a_message_ends_a_blocking_wait() {
    let script = script([INIT, INIT]);
    let (wait, signal) = until_told(&script);
    let waiting = std::thread::spawn(move || wait.wait_blocking().unwrap());
    while script.seen().is_empty() {
        std::thread::yield_now();
    }
    assert!(signal.message(&created(r#"{"activity_id":"2016"}"#)));
    waiting.join().unwrap();
    assert_eq!(script.seen().len(), 2);
}

#[test]
fn what_is_shown_has_no_secret() {
    let wait = wait(&script([]));
    assert_eq!(
        format!("{wait:?} {:?}", wait.signal()),
        "Wait { operation: \"alipay.marketing.activity.look\", until: \"active\", interval: 2s, \
         deadline: 600s, .. } WaitSignal { until: \"active\", message: \
         Some(\"alipay.marketing.activity.message.created\"), told: false, .. }",
    );
}
