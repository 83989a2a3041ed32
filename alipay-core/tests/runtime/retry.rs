//! Which calls are repeated, what repeats send, and what is said of the outcome.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::common;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Call, Client, Error, ErrorKind, Outcome, Response, RetryBudget, RetryPolicy,
    clock::Clock,
    nonce::{NoRandomness, NonceSource},
    operation,
    transport::TransportErrorKind,
};
use common::{
    Create, CreateRequest, Nothing, Query, Stop, create_request, query_request,
    script::{Script, Step},
    signed, unsigned,
};
use insta::assert_snapshot;

const DONE: &str = r#"{"activity_id":"1"}"#;

fn response(status: u16, body: &str) -> Step {
    Step::Response(signed(status, body))
}

fn code(status: u16, code: &str) -> Step {
    response(status, &format!(r#"{{"code":"{code}"}}"#))
}

fn unsigned_code(status: u16, code: &str) -> Step {
    Step::Response(unsigned(status, "application/json", &format!(r#"{{"code":"{code}"}}"#)))
}

fn html(status: u16) -> Step {
    Step::Response(unsigned(status, "text/html", "<html>"))
}

fn fail(kind: TransportErrorKind) -> Step {
    Step::Fail(kind)
}

/// How often each of three calls is made that gets this response once and then a good one: one with
/// its idempotency key, one that reads, one that is unsafe to repeat.
async fn attempts(step: impl Fn() -> Step) -> [usize; 3] {
    let script = || Script::new([step(), response(200, DONE)]);
    let (keyed, read, unsafe_) = (script(), script(), script());
    let _ = Call::<Create>::new(&keyed.builder().build().unwrap(), &create_request()).await;
    let _ = Call::<Query>::new(&read.builder().build().unwrap(), &query_request()).await;
    let _ = Call::<Stop>::new(&unsafe_.builder().build().unwrap(), &Nothing {}).await;
    [keyed.seen().len(), read.seen().len(), unsafe_.seen().len()]
}

#[tokio::test]
async fn each_request_can_be_inspected_before_it_is_sent() {
    let script = Script::new([html(503), response(200, DONE)]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let client = script.builder().build().unwrap();
    let call = Call::<Query>::new(&client, &query_request()).inspect(move |prepared| {
        let signed = String::from_utf8(prepared.string_to_sign()).unwrap();
        let authorization = prepared.request().headers()["authorization"].clone();
        noted.lock().unwrap().push((signed, authorization));
    });
    call.await.unwrap();
    let (noted, sent) = (seen.lock().unwrap(), script.seen());
    assert_eq!((noted.len(), sent.len()), (2, 2));
    for ((signed, authorization), sent) in noted.iter().zip(sent.iter()) {
        assert_eq!(authorization, sent.header("authorization"));
        assert!(authorization.to_str().unwrap().contains(signed.lines().next().unwrap()));
    }
}

#[tokio::test]
async fn what_is_repeated() {
    use TransportErrorKind::{BodyTooLarge, Connect, Io, Timeout, Unsendable};
    type Row = (&'static str, fn() -> Step, [usize; 3]);
    let rows: &[Row] = &[
        ("not connected", || fail(Connect), [2, 2, 2]),
        ("broken", || fail(Io), [2, 2, 1]),
        ("late", || fail(Timeout), [2, 2, 1]),
        ("unsendable", || fail(Unsendable), [1, 1, 1]),
        ("too large", || fail(BodyTooLarge), [1, 1, 1]),
        ("accepted", || response(202, ""), [2, 2, 1]),
        ("500", || code(500, "unknow-error"), [2, 2, 1]),
        ("502 of a proxy", || html(502), [2, 2, 1]),
        ("503", || html(503), [2, 2, 1]),
        ("504", || html(504), [2, 2, 1]),
        ("501", || html(501), [1, 1, 1]),
        ("SYSTEM_ERROR", || code(400, "SYSTEM_ERROR"), [2, 2, 1]),
        ("unknow-error", || code(400, "unknow-error"), [2, 2, 1]),
        ("unsigned SYSTEM_ERROR", || unsigned_code(400, "SYSTEM_ERROR"), [2, 2, 1]),
        ("limited", || code(429, "app-call-limited"), [2, 2, 2]),
        ("limited by code", || code(400, "method-call-limited"), [2, 2, 2]),
        ("limited, says who?", || unsigned_code(429, "app-call-limited"), [2, 2, 1]),
        ("limited, says a proxy", || html(429), [2, 2, 1]),
        ("refused", || code(400, "INVALID_PARAMETER"), [1, 1, 1]),
        ("to wait for an audit", || code(400, "MATERIAL_AUDIT_WAITING"), [1, 1, 1]),
        ("not allowed", || code(401, "invalid-auth-token"), [1, 1, 1]),
        ("not found", || html(404), [1, 1, 1]),
        ("redirected", || html(302), [1, 1, 1]),
        ("not signed", || Step::Response(unsigned(200, "application/json", DONE)), [1, 1, 1]),
        ("not readable", || response(200, "{"), [1, 1, 1]),
        ("fine", || response(200, DONE), [1, 1, 1]),
    ];
    for (name, step, expected) in rows {
        assert_eq!(attempts(step).await, *expected, "{name}");
    }
}

operation! {
    /// A POST of which it is inferred that it only reads.
    pub enum Search {
        id: "alipay.marketing.activity.batchquery",
        http: Post "/v3/alipay/marketing/activity/batchquery",
        request: Nothing,
        reply: Response<Nothing>,
        safety: Idempotent,
    }
}

#[tokio::test]
async fn an_inferred_read_is_repeated_and_its_failure_proves_nothing() {
    let lost = || fail(TransportErrorKind::Io);
    let script = Script::new([lost(), response(200, "{}")]);
    let client = script.builder().build().unwrap();
    let found = Call::<Search>::new(&client, &Nothing {}).await.unwrap();
    assert_eq!(found.attempts(), 2);

    let script = Script::new([lost(), code(400, "INVALID_PARAMETER")]);
    let client = script.builder().build().unwrap();
    let error = Call::<Search>::new(&client, &Nothing {}).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (2, Outcome::Unknown));

    let script = Script::new([unsigned_code(400, "INVALID_PARAMETER")]);
    let client = script.builder().build().unwrap();
    let error = Call::<Search>::new(&client, &Nothing {}).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let text = error.to_string();
    assert!(text.ends_with("; the outcome is unknown: repeat it unchanged"), "{text}");
}

#[tokio::test]
async fn without_its_key_a_call_is_not_repeated() {
    let script = Script::new([fail(TransportErrorKind::Io)]);
    let client = script.builder().build().unwrap();
    for out_biz_no in [None, Some(" ".to_owned())] {
        script.push(fail(TransportErrorKind::Io));
        let request = CreateRequest { out_biz_no, ..create_request() };
        let error = Call::<Create>::new(&client, &request).await.unwrap_err();
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown));
    }
}

/// Nonces that count up.
struct Counter(AtomicU64);

impl NonceSource for Counter {
    fn next(&self) -> Result<[u8; 16], NoRandomness> {
        Ok(u128::from(self.0.fetch_add(1, Ordering::SeqCst)).to_be_bytes())
    }
}

/// A clock that is a second further each time it is looked at.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_767_225_600 + self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[tokio::test]
async fn repeats_are_signed_anew_over_the_same_bytes() {
    for encrypted in [false, true] {
        let script = Script::new((0..3).map(|_| fail(TransportErrorKind::Io)));
        let client = script
            .builder()
            .nonces(Counter(AtomicU64::new(1)))
            .clock(Ticking(AtomicU64::new(0)))
            .encrypted(encrypted)
            .build()
            .unwrap();
        let call = Call::<Create>::new(&client, &create_request()).request_id("mine");
        let error = call.await.unwrap_err();
        assert_eq!(error.attempts(), 3);
        let seen = script.seen();
        let [first, second, third] = &seen[..] else { unreachable!("three attempts") };
        assert_eq!(first.body, second.body);
        assert_eq!(first.body, third.body);
        assert_eq!(first.line, third.line);
        assert_eq!(first.header("alipay-request-id"), "mine");
        let mut distinct = std::collections::HashSet::new();
        for request in &seen {
            assert!(distinct.insert(request.nonce()));
            assert!(distinct.insert(request.header("alipay-request-id").to_owned()));
            let auth = request.header("authorization").to_owned();
            let timestamp = auth.split("timestamp=").nth(1).unwrap().split(',').next().unwrap();
            assert!(distinct.insert(timestamp.to_owned()));
            assert!(distinct.insert(auth.split("sign=").nth(1).unwrap().to_owned()));
        }
        assert_eq!(error.request_id(), Some(third.header("alipay-request-id")));
    }
}

#[tokio::test]
async fn how_often_it_was_tried_is_told() {
    let script =
        Script::new([fail(TransportErrorKind::Io), code(500, "SYSTEM_ERROR"), response(200, DONE)]);
    let client = script.builder().build().unwrap();
    let created = Call::<Create>::new(&client, &create_request()).await.unwrap();
    assert_eq!(created.attempts(), 3);

    let script = Script::new((0..3).map(|_| code(500, "SYSTEM_ERROR")));
    let client = script.builder().build().unwrap();
    let error = Call::<Create>::new(&client, &create_request()).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (3, Outcome::Unknown));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: failed (HTTP 500): SYSTEM_ERROR [trace id 0b43c93517672256004561234e0a1b] after 3 attempts; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[tokio::test]
async fn policies_of_the_client_and_of_the_call() {
    let tried = async |builder: alipay_core::ClientBuilder, script: &Script, policy: Option<_>| {
        (0..9).for_each(|_| script.push(fail(TransportErrorKind::Io)));
        let client = builder.build().unwrap();
        let call = Call::<Create>::new(&client, &create_request());
        let call = match policy {
            Some(policy) => call.retry(policy),
            None => call,
        };
        call.await.unwrap_err().attempts()
    };
    let script = Script::default();
    assert_eq!(tried(script.builder(), &script, None).await, 3);
    assert_eq!(tried(script.builder().no_retry(), &script, None).await, 1);
    let five = RetryPolicy::default().max_attempts(5);
    assert_eq!(tried(script.builder().retry(five), &script, None).await, 5);
    assert_eq!(tried(script.builder().no_retry(), &script, Some(five)).await, 5);
    assert_eq!(tried(script.builder().retry(five), &script, Some(RetryPolicy::none())).await, 1);
    let zero = RetryPolicy::default().max_attempts(0);
    assert_eq!(tried(script.builder(), &script, Some(zero)).await, 1);
}

#[tokio::test]
async fn pauses_grow_and_obey_the_server() {
    let ms = Duration::from_millis;
    let script = Script::new((0..6).map(|_| fail(TransportErrorKind::Io)));
    let policy = RetryPolicy::default().max_attempts(6).pauses(ms(100), ms(500));
    let client = script.builder().retry(policy).build().unwrap();
    let call = Call::<Query>::new(&client, &query_request());
    call.attempt_timeout(Duration::from_secs(20)).await.unwrap_err();
    assert_eq!(script.pauses(), [100, 200, 400, 500, 500].map(ms));

    let wait = |header: &str| {
        let mut response = signed(429, r#"{"code":"app-call-limited"}"#);
        response.headers_mut().insert("retry-after", header.parse().unwrap());
        Step::Response(response)
    };
    // The second stands seven seconds after the clock of these tests.
    let script =
        Script::new([wait("3"), wait("Thu, 01 Jan 2026 00:00:07 GMT"), response(200, DONE)]);
    let client = script.builder().build().unwrap();
    let call = Call::<Create>::new(&client, &create_request());
    call.attempt_timeout(Duration::from_secs(20)).await.unwrap();
    assert_eq!(script.pauses(), [ms(3000), ms(6877)]);

    // A pause that would take all that is left of the call's time, or more, is not begun.
    for pause in ["30", "31"] {
        let script = Script::new([wait(pause), response(200, DONE)]);
        let client = script.builder().build().unwrap();
        let error = Call::<Create>::new(&client, &create_request()).await.unwrap_err();
        assert_eq!((error.attempts(), error.status().unwrap().as_u16()), (1, 429));
        assert!(script.pauses().is_empty());
    }
}

#[tokio::test]
async fn the_budget_ends_repeats_and_successes_refill_it() {
    let script = Script::default();
    let client = script.builder().retry_budget(RetryBudget::repeats(3)).build().unwrap();
    let failing = async || {
        (0..3).for_each(|_| script.push(fail(TransportErrorKind::Connect)));
        let attempts = Call::<Query>::new(&client, &query_request()).await.unwrap_err().attempts();
        (attempts..3).for_each(|_| drop(script.take()));
        attempts
    };
    assert_eq!([failing().await, failing().await, failing().await], [3, 2, 1]);
    for _ in 0..10 {
        script.push(response(200, "{}"));
        Call::<Query>::new(&client, &query_request()).await.unwrap();
    }
    assert_eq!([failing().await, failing().await], [2, 1]);
}

/// What the last attempt says is not all that is known: an earlier one may have been carried out.
#[tokio::test]
async fn an_earlier_attempt_counts_for_the_outcome() {
    let outcome = async |steps: Vec<Step>| -> Error {
        let script = Script::new(steps);
        let client = script.builder().build().unwrap();
        Call::<Create>::new(&client, &create_request()).await.unwrap_err()
    };
    let refused = || code(400, "BUDGET_NOT_ENOUGH");
    let error = outcome(vec![fail(TransportErrorKind::Timeout), refused()]).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Api, Outcome::Unknown));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: refused (HTTP 400): BUDGET_NOT_ENOUGH [trace id 0b43c93517672256004561234e0a1b] after 2 attempts; an earlier attempt may have been carried out: repeat with the same `out_biz_no` (2026010100001), or query");

    let connect = || fail(TransportErrorKind::Connect);
    let error = outcome(vec![fail(TransportErrorKind::Io), connect(), connect()]).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::Unknown));

    let error = outcome(vec![connect(), connect(), connect()]).await;
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: cannot connect to https://openapi.alipay.com after 3 attempts; nothing was sent");
    let error = outcome(vec![connect(), code(429, "app-call-limited"), refused()]).await;
    assert_eq!((error.attempts(), error.outcome()), (3, Outcome::Rejected));

    // What reads has nothing to be unsure about.
    let script = Script::new([fail(TransportErrorKind::Io), refused()]);
    let client = script.builder().build().unwrap();
    let error = Call::<Query>::new(&client, &query_request()).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (2, Outcome::Rejected));
}

/// A client over a transport that hangs, in real time.
fn hanging(steps: usize) -> (Client, Hanging) {
    let script = Script::new((0..steps).map(|_| Step::Hang));
    let hanging = Hanging(script);
    (hanging.0.builder().transport(hanging.clone()).build().unwrap(), hanging)
}

/// Like [`Script`], but time takes its time.
#[derive(Clone)]
struct Hanging(Script);

impl alipay_core::transport::Transport for Hanging {
    fn send(
        &self,
        request: http::Request<alipay_core::transport::Body>,
        limits: alipay_core::transport::Limits,
    ) -> alipay_core::transport::BoxFuture<
        '_,
        Result<http::Response<bytes::Bytes>, alipay_core::transport::TransportError>,
    > {
        self.0.send(request, limits)
    }

    fn sleep(&self, duration: Duration) -> alipay_core::transport::BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn deadlines() {
    // Unsafe to repeat: all the time is for the one attempt.
    let start = tokio::time::Instant::now();
    let (client, _) = hanging(1);
    let error = Call::<Stop>::new(&client, &Nothing {}).await.unwrap_err();
    assert_eq!((start.elapsed().as_secs(), error.attempts()), (30, 1));
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));

    // Safe to repeat: the time is shared out. The clock of these tests stands still, so the shares
    // are of what the pauses left.
    let start = tokio::time::Instant::now();
    let (client, hung) = hanging(3);
    let error = Call::<Create>::new(&client, &create_request()).await.unwrap_err();
    assert_eq!((start.elapsed().as_secs(), error.attempts()), (30, 3));
    assert_eq!(hung.0.seen().len(), 3);
    assert_eq!(error.kind(), ErrorKind::Timeout);

    // As set.
    let start = tokio::time::Instant::now();
    let (client, _) = hanging(3);
    let call = Call::<Create>::new(&client, &create_request());
    let error = call.attempt_timeout(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!((start.elapsed().as_millis(), error.attempts()), (3600, 3));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: no response within 1s after 3 attempts; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");

    // The call's time is up during a pause: the last error stands.
    let (client, hung) = hanging(1);
    let call = Call::<Create>::new(&client, &create_request())
        .attempt_timeout(Duration::from_millis(950))
        .timeout(Duration::from_secs(1));
    let start = tokio::time::Instant::now();
    let error = call.await.unwrap_err();
    assert_eq!((error.attempts(), hung.0.seen().len()), (1, 1));
    assert_eq!(start.elapsed().as_millis(), 1000);
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

/// A transport that never responses, and whose time is up at once after so long; as an `async` block
/// is, its deadlines are over once they came.
struct Late {
    after: Duration,
}

impl alipay_core::transport::Transport for Late {
    fn send(
        &self,
        _: http::Request<alipay_core::transport::Body>,
        _: alipay_core::transport::Limits,
    ) -> alipay_core::transport::BoxFuture<
        '_,
        Result<http::Response<bytes::Bytes>, alipay_core::transport::TransportError>,
    > {
        Box::pin(std::future::pending())
    }

    fn sleep(&self, duration: Duration) -> alipay_core::transport::BoxFuture<'_, ()> {
        let over = duration == self.after;
        Box::pin(async move {
            if !over {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// The clock of these tests stands still, so by it there is time left.
#[tokio::test]
async fn a_deadline_that_came_is_not_waited_for_again() {
    let second = Duration::from_secs(1);
    let client = common::builder(common::credentials())
        .transport(Late { after: second })
        .jitter(Duration::ZERO)
        .build()
        .unwrap();
    for limit in [2 * second, 60 * second] {
        let call = Call::<Create>::new(&client, &create_request());
        let error = call.timeout(second).attempt_timeout(limit).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
        assert_eq!(error.attempts(), 1);
        assert!(error.to_string().contains("no response within 1s"), "{error}");
    }
}
