//! The spans of calls, and events.

#![cfg(feature = "tracing")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Waker},
    time::Duration,
};

use alipay_core::{
    Call, Client, Credentials, Raw, Response, RetryBudget, RetryPolicy, Wait, model, operation,
    operation::{Method, Operation},
    sign::{SignError, Signer},
    transport::{BoxFuture, TransportErrorKind},
    waiter,
};
use common::{
    ALIPAY, Create, Query, Send, create_request, credentials, key, query_request,
    recorder::{Fields, Recorded, Recorder, Told},
    script::{Script, Step},
    send_request, signed, unsigned,
};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;

/// The spans of what is done.
fn spans(work: impl AsyncFnOnce(Client), steps: impl IntoIterator<Item = Step>) -> Vec<Recorded> {
    let recorder = Recorder::default();
    let client = Script::new(steps).builder().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(recorder.clone(), || runtime.block_on(work(client)));
    std::mem::take(&mut *recorder.spans.lock().unwrap())
}

/// One line per span.
fn shown(spans: &[Recorded]) -> String {
    let mut text = String::new();
    for span in spans {
        assert!(span.entered > 0 || span.fields.contains_key("error.type"), "{span:?}");
        let fields: Vec<_> =
            span.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let parent = span.parent.map(|id| format!(" in {id}")).unwrap_or_default();
        text.extend([span.name, &parent, ": ", &fields.join(" "), "\n"]);
    }
    text
}

#[test]
fn a_span_per_call_and_one_per_attempt() {
    let steps = [
        Step::Fail(TransportErrorKind::Io),
        Step::Response(signed(500, r#"{"code":"SYSTEM_ERROR"}"#)),
        Step::Response(signed(200, r#"{"activity_id":"1"}"#)),
    ];
    let spans = spans(
        async |client| drop(Call::<Create>::new(&client, &create_request()).await.unwrap()),
        steps,
    );
    insta::assert_snapshot!(shown(&spans), @"
    alipay.call: alipay.attempts=3 alipay.operation=alipay.marketing.activity.voucher.create http.request.method=POST otel.kind=internal server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    alipay.attempt in 1: alipay.operation=alipay.marketing.activity.voucher.create alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131 error.type=transport http.request.method=POST otel.kind=client otel.status_code=ERROR server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    alipay.attempt in 1: alipay.code=SYSTEM_ERROR alipay.operation=alipay.marketing.activity.voucher.create alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131 alipay.trace_id=0b43c93517672256004561234e0a1b error.type=500 http.request.method=POST http.request.resend_count=1 http.response.status_code=500 otel.kind=client otel.status_code=ERROR server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    alipay.attempt in 1: alipay.operation=alipay.marketing.activity.voucher.create alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131 alipay.trace_id=0b43c93517672256004561234e0a1b http.request.method=POST http.request.resend_count=2 http.response.status_code=200 otel.kind=client server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    ");
}

#[test]
fn a_call_that_fails() {
    let steps = [Step::Response(signed(400, r#"{"code":"BUDGET_NOT_ENOUGH"}"#))];
    let spans = spans(
        async |client| drop(Call::<Create>::new(&client, &create_request()).await.unwrap_err()),
        steps,
    );
    insta::assert_snapshot!(shown(&spans), @"
    alipay.call: alipay.attempts=1 alipay.operation=alipay.marketing.activity.voucher.create alipay.outcome=Rejected error.type=400 http.request.method=POST otel.kind=internal otel.status_code=ERROR server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    alipay.attempt in 1: alipay.code=BUDGET_NOT_ENOUGH alipay.operation=alipay.marketing.activity.voucher.create alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131 alipay.trace_id=0b43c93517672256004561234e0a1b error.type=400 http.request.method=POST http.response.status_code=400 otel.kind=client otel.status_code=ERROR server.address=openapi.alipay.com server.port=443 url.template=/v3/alipay/marketing/activity/voucher/create
    ");
}

/// A blocking call belongs to the span it is made in, though it is done elsewhere.
#[cfg(feature = "blocking")]
#[test]
fn blocking_calls_have_spans_too() {
    let recorder = Recorder::default();
    let script = Script::new([Step::Response(signed(200, "{}"))]);
    let client = script.builder().build().unwrap();
    tracing::subscriber::with_default(recorder.clone(), || {
        let _entered = tracing::info_span!(target: "alipay_test", "outer").entered();
        Call::<Create>::new(&client, &create_request()).send_blocking().unwrap();
    });
    let spans = recorder.spans.lock().unwrap();
    let names: Vec<_> = spans.iter().map(|span| (span.name, span.parent)).collect();
    assert_eq!(names, [("outer", None), ("alipay.call", Some(1)), ("alipay.attempt", Some(2))]);
}

#[test]
fn nothing_sensitive() {
    let echo = r#"{"code":"2088102146225135 is not known","message":"2088102146225135 s3cret"}"#;
    let steps = || {
        let mut odd = signed(400, echo);
        odd.headers_mut().insert("alipay-trace-id", "2088102146225135 trace".parse().unwrap());
        [Step::Response(signed(400, echo)), Step::Response(odd)]
    };
    let spans = spans(
        async |client| {
            let call = Call::<Send>::new(&client, &send_request()).app_auth_token("s3cret");
            call.await.unwrap_err();
            let call = client.raw(Method::Get, "/v3/user/{id}").path("id", "2088102146225135");
            call.query("token", "s3cret").await.unwrap_err();
            let call = client.operation("alipay.marketing.activity.query");
            call.path("activity_id", "2088102146225135").await.unwrap_err();
        },
        steps().into_iter().chain([Step::Response(signed(400, echo))]),
    );
    let text = shown(&spans);
    assert_eq!(spans.len(), 6);
    for secret in ["2088102146225135", "s3cret", "sign="] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("url.template=/v3/user/{id}"), "{text}");
    assert!(text.contains("alipay.operation=alipay.marketing.activity.query"), "{text}");
    let template = "url.template=/v3/alipay/marketing/activity/{activity_id}";
    assert!(text.contains(template), "{text}");
}

/// What the attempts of these calls have recorded as code and trace id; each gets this response.
fn codes_and_trace_ids(
    responses: impl IntoIterator<Item = http::Response<bytes::Bytes>>,
) -> Vec<[bool; 2]> {
    let spans = spans(
        async |client| {
            while let Err(error) = Call::<Send>::new(&client, &send_request()).no_retry().await {
                assert!(error.code_text().is_some() && error.trace_id().is_some());
            }
        },
        responses.into_iter().chain([signed(200, "{}")]).map(Step::Response),
    );
    let attempts = spans.iter().filter(|span| span.fields.contains_key("alipay.outcome"));
    assert_eq!(attempts.count() * 2 + 2, spans.len());
    spans
        .iter()
        .filter(|span| span.name == "alipay.attempt" && span.fields.contains_key("error.type"))
        .map(|span| ["alipay.code", "alipay.trace_id"].map(|name| span.fields.contains_key(name)))
        .collect()
}

/// Who is not known to be Alipay could write anything where a code is due.
#[test]
fn codes_are_recorded_if_they_are_signed() {
    let body = r#"{"code":"BUDGET_NOT_ENOUGH"}"#;
    let responses = [signed(400, body), unsigned(400, "application/json", body)];
    assert_eq!(codes_and_trace_ids(responses), [[true, true], [false, true]]);
}

/// A user's id alone looks like any other.
#[test]
fn an_echo_is_no_code_and_no_trace_id() {
    let response = |code: &str, trace_id: &str| {
        let mut response = signed(400, &format!(r#"{{"code":"{code}"}}"#));
        response.headers_mut().insert("alipay-trace-id", trace_id.parse().unwrap());
        response
    };
    let responses = [
        response("BUDGET_NOT_ENOUGH", "0b43"),
        response("2088102146225135", "0b43"),
        response("NO_2088102146225135", "0b43"),
        response("BUDGET_NOT_ENOUGH", "2088102146225135"),
        response("BUDGET_NOT_ENOUGH", "t-2088-1021-4622-5135-0"),
    ];
    let both = [true, true];
    assert_eq!(
        codes_and_trace_ids(responses),
        [both, [false, true], [false, true], [true, false], [true, false]]
    );
}

/// One warning for a response, with places and nothing else that is in it.
#[test]
fn values_that_are_left_out_are_warned_of_once() {
    let user = "2088102146225135";
    let recorder = Recorder::default();
    let odd = format!(r#"{{"voucher_id":["{user}"],"user_id":{{"{user}":1}}}}"#);
    let steps =
        [Step::Response(signed(200, r#"{"voucher_id":7}"#)), Step::Response(signed(200, &odd))];
    let client = Script::new(steps).builder().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(recorder.clone(), || {
        for unreadable in [0, 2] {
            let sent =
                runtime.block_on(async { Call::<Send>::new(&client, &send_request()).await });
            assert_eq!(sent.unwrap().unreadable().len(), unreadable);
        }
    });
    let events = but_ends(recorder.take_events());
    insta::assert_snapshot!(shown_events(&events), @"
    WARN alipay.values.unreadable in alipay.call
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.unreadable=/voucher_id /user_id
      alipay.unreadable_count=2
      message=values that are not of their types were left out
    ");
}

// ---------------------------------------------------------------------------------------------
// Events.

/// What is told while something is done.
fn events<T>(work: impl FnOnce() -> T) -> Vec<Told> {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), work);
    recorder.take_events()
}

fn shown_events(events: &[Told]) -> String {
    events.iter().map(Told::shown).collect::<Vec<_>>().join("\n\n")
}

/// Without the ends of calls.
fn but_ends(mut events: Vec<Told>) -> Vec<Told> {
    events.retain(|event| event.metadata.name() != "alipay.call.finished");
    events
}

fn block_on<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn client(steps: impl IntoIterator<Item = Step>) -> Client {
    Script::new(steps).builder().build().unwrap()
}

/// A call that changes something and gets these responses.
fn send(client: &Client) -> Vec<Told> {
    events(|| block_on(Call::<Send>::new(client, &send_request()).into_future()).is_ok())
}

/// A call that only reads.
fn query(client: &Client) -> Vec<Told> {
    events(|| block_on(Call::<Query>::new(client, &query_request()).into_future()).is_ok())
}

fn broken() -> Step {
    Step::Fail(TransportErrorKind::Io)
}

/// A response of somebody else.
fn forged() -> http::Response<bytes::Bytes> {
    let mut response = signed(200, r#"{"voucher_id":"1"}"#);
    *response.body_mut() = r#"{"voucher_id":"2"}"#.into();
    response
}

#[test]
fn repeats_and_the_end_are_told() {
    let events = send(&client([
        broken(),
        Step::Response(signed(500, r#"{"code":"SYSTEM_ERROR"}"#)),
        Step::Response(signed(200, "{}")),
    ]));
    insta::assert_snapshot!(shown_events(&events), @"
    WARN alipay.call.repeated in alipay.call
      alipay.attempt=1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.pause_ms=200
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      error.type=transport
      message=the call failed and is made again after a pause

    WARN alipay.call.repeated in alipay.call
      alipay.attempt=2
      alipay.code=SYSTEM_ERROR
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.pause_ms=400
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=500
      http.response.status_code=500
      message=the call failed and is made again after a pause

    DEBUG alipay.call.finished in alipay.call
      alipay.attempts=3
      alipay.duration_ms
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Success
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      http.response.status_code=200
      message=the call has ended
    ");
}

/// Refusals are the program's business; an outcome that nobody knows is not.
#[test]
fn the_level_of_the_end_follows_from_the_outcome() {
    let end = |events: Vec<Told>| {
        let last = events.last().unwrap();
        assert_eq!(last.metadata.name(), "alipay.call.finished");
        format!("{} {}", last.metadata.level(), last.fields["alipay.outcome"])
    };
    let refused = || client([Step::Response(signed(400, r#"{"code":"INVALID_PARAMETER"}"#))]);
    let unclear = || client([Step::Response(signed(400, r#"{"code":"WHO_KNOWS"}"#))]);
    let lost = || client((0..3).map(|_| broken()));
    let nowhere = || client((0..3).map(|_| Step::Fail(TransportErrorKind::Connect)));
    assert_eq!(end(send(&client([Step::Response(signed(200, "{}"))]))), "DEBUG Success");
    assert_eq!(end(send(&refused())), "DEBUG Rejected");
    assert_eq!(end(send(&nowhere())), "DEBUG NotSent");
    assert_eq!(end(send(&unclear())), "WARN Unknown");
    assert_eq!(end(send(&lost())), "WARN Unknown");
    assert_eq!(end(query(&lost())), "DEBUG Unknown");
    insta::assert_snapshot!(shown_events(&send(&unclear())), @"
    WARN alipay.call.finished in alipay.call
      alipay.attempts=1
      alipay.code=WHO_KNOWS
      alipay.duration_ms
      alipay.idempotency_key=s-1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=400
      http.response.status_code=400
      message=the call has ended, and its outcome is unknown
    ");
}

/// A response that is no object ends a call as much as a broken connection does.
#[test]
fn a_call_ends_when_its_response_is_read() {
    let recorder = Recorder::default();
    let client = client([Step::Response(signed(200, "[]"))]);
    tracing::subscriber::with_default(recorder.clone(), || {
        block_on(Call::<Send>::new(&client, &send_request()).into_future()).unwrap_err()
    });
    insta::assert_snapshot!(shown_events(&recorder.take_events()), @"
    WARN alipay.call.finished in alipay.call
      alipay.attempts=1
      alipay.duration_ms
      alipay.idempotency_key=s-1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=decode
      http.response.status_code=200
      message=the call has ended, and its outcome is unknown
    ");
    let spans = recorder.spans.lock().unwrap();
    let call = spans.first().unwrap();
    assert_eq!(call.fields["error.type"], "decode");
    assert_eq!(call.fields["alipay.outcome"], "Unknown");
}

#[test]
fn what_forbids_a_repeat_is_told() {
    let mut busy = signed(503, r#"{"code":"SYSTEM_ERROR"}"#);
    busy.headers_mut().insert("retry-after", "3600".parse().unwrap());
    let poor = Script::new([broken()]).builder().retry_budget(RetryBudget::repeats(0));
    let mut all = send(&poor.build().unwrap());
    all.extend(send(&client([Step::Response(busy)])));
    // Nobody has to be told that a policy was kept to.
    all.extend(send(&Script::new([broken()]).builder().no_retry().build().unwrap()));
    insta::assert_snapshot!(shown_events(&but_ends(all)), @"
    WARN alipay.call.not_repeated in alipay.call
      alipay.attempt=1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.pause_ms=200
      alipay.reason=budget
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      error.type=transport
      message=the call failed and is not made again

    WARN alipay.call.not_repeated in alipay.call
      alipay.attempt=1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.pause_ms=3600000
      alipay.reason=time
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      error.type=503
      message=the call failed and is not made again
    ");
}

/// Never signs.
struct Sealed;

impl Signer for Sealed {
    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(std::future::pending())
    }
}

/// What is told of a call that is dropped after it was polled so often.
fn dropped<O: Operation>(client: &Client, request: &O::Request, polls: usize) -> String {
    let mut call = Call::<O>::new(client, request).send();
    let events = events(|| {
        for _ in 0..polls {
            let poll = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
            assert!(poll.is_pending());
        }
        drop(call);
    });
    shown_events(&events)
}

/// Nobody else would tell that something may have been paid.
#[test]
fn a_call_that_is_dropped_is_told() {
    let sent = dropped::<Send>(&client([Step::Hang]), &send_request(), 1);
    insta::assert_snapshot!(sent, @"
    WARN alipay.call.finished in alipay.call
      alipay.attempts=1
      alipay.duration_ms
      alipay.idempotency_key=s-1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      error.type=dropped
      message=the call has ended, and its outcome is unknown
    ");
    // Its request was not sent.
    let sealed = Credentials::keys_with_signer(key("app_id"), Sealed, key("alipay_public"));
    let sealed = Script::default().with(sealed.unwrap()).build().unwrap();
    insta::assert_snapshot!(dropped::<Send>(&sealed, &send_request(), 1), @"
    DEBUG alipay.call.finished in alipay.call
      alipay.attempts=1
      alipay.duration_ms
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=NotSent
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      error.type=dropped
      message=the call has ended
    ");
    // It changes nothing.
    let read = dropped::<Query>(&client([Step::Hang]), &query_request(), 1);
    assert!(read.starts_with("DEBUG alipay.call.finished"), "{read}");
    // It was not even begun.
    assert_eq!(dropped::<Send>(&client([]), &send_request(), 0), "");
}

/// Between two attempts, what the earlier one may have done counts.
#[test]
fn a_call_that_is_dropped_in_a_pause_is_told() {
    let pause = Duration::from_secs(9);
    let policy = RetryPolicy::default().pauses(pause, pause);
    let client = Script::new([broken()]).builder().retry(policy).timeout(pause * 9);
    let told = dropped::<Send>(&client.build().unwrap(), &send_request(), 1);
    assert!(told.starts_with("WARN alipay.call.repeated"), "{told}");
    assert!(told.contains("\n\nWARN alipay.call.finished"), "{told}");
    assert!(told.contains("\n  alipay.outcome=Unknown\n"), "{told}");
}

#[test]
fn a_refused_response_is_an_error() {
    insta::assert_snapshot!(shown_events(&send(&client([Step::Response(forged())]))), @"
    ERROR alipay.response.refused in alipay.attempt
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=verification
      exception.message=alipay.marketing.activity.voucher.send: the response's signature is wrong (验签失败): it was changed on the way, or what was given as Alipay's public key (支付宝公钥) or Alipay's certificate (支付宝公钥证书) is not Alipay's (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (s-1), or query
      http.response.status_code=200
      message=a response is not proven to be from Alipay

    WARN alipay.call.finished in alipay.call
      alipay.attempts=1
      alipay.duration_ms
      alipay.idempotency_key=s-1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=verification
      http.response.status_code=200
      message=the call has ended, and its outcome is unknown
    ");
}

/// Whoever has an HTTP stack of their own hears of it, too.
#[test]
fn the_end_of_a_prepared_call_is_told() {
    let client = client([]);
    let finish = |response| {
        let prepared = Call::<Send>::new(&client, &send_request()).prepare().unwrap();
        events(|| client.finish::<Send>(prepared.context(), response).is_ok())
    };
    let mut all = finish(signed(200, "{}"));
    all.extend(finish(forged()));
    let raw = client.raw(Method::Get, "/v3/x").prepare().unwrap();
    all.extend(events(|| client.finish::<Raw>(raw.context(), signed(200, "{}")).unwrap()));
    insta::assert_snapshot!(shown_events(&all), @"
    DEBUG alipay.call.finished
      alipay.attempts=1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Success
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      http.response.status_code=200
      message=the call has ended

    ERROR alipay.response.refused
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=verification
      exception.message=alipay.marketing.activity.voucher.send: the response's signature is wrong (验签失败): it was changed on the way, or what was given as Alipay's public key (支付宝公钥) or Alipay's certificate (支付宝公钥证书) is not Alipay's (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (s-1), or query
      http.response.status_code=200
      message=a response is not proven to be from Alipay

    WARN alipay.call.finished
      alipay.attempts=1
      alipay.idempotency_key=s-1
      alipay.operation=alipay.marketing.activity.voucher.send
      alipay.outcome=Unknown
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      error.type=verification
      http.response.status_code=200
      message=the call has ended, and its outcome is unknown

    DEBUG alipay.call.finished
      alipay.attempts=1
      alipay.operation=GET /v3/x
      alipay.outcome=Success
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.trace_id=0b43c93517672256004561234e0a1b
      http.response.status_code=200
      message=the call has ended
    ");
}

#[cfg(feature = "blocking")]
#[test]
fn blocking_calls_tell_of_their_end() {
    let good = client([Step::Response(signed(200, "{}"))]);
    let lost = Script::new([Step::Hang]).builder().no_retry();
    let lost = lost.timeout(Duration::from_secs(7)).build().unwrap();
    let all = events(|| {
        Call::<Send>::new(&good, &send_request()).send_blocking().unwrap();
        Call::<Send>::new(&lost, &send_request()).send_blocking().unwrap_err();
    });
    let all: Vec<_> = all.iter().map(|told| (told.metadata.level(), told.within)).collect();
    assert_eq!(all, [(&Level::DEBUG, Some("alipay.call")), (&Level::WARN, Some("alipay.call"))]);
}

#[test]
fn a_refused_notification_is_a_warning() {
    let bodies: [&[u8]; 2] = [b"", b"sign_type=RSA2&app_id=1&sign=AAAA"];
    let client = client([]);
    let mut all = events(|| {
        for body in bodies {
            client.verify_notification(body).unwrap_err();
        }
    });
    all.extend(events(|| credentials().verify_notification(b"a=b").unwrap_err()));
    insta::assert_snapshot!(shown_events(&all), @"
    WARN alipay.notification.refused
      error.type=notification
      exception.message=the notification is empty, perhaps since it was read before; give the body of the POST as received
      message=a notification was refused

    WARN alipay.notification.refused
      error.type=verification
      exception.message=the notification's signature is wrong (验签失败): it was changed on the way, or what was given as Alipay's public key (支付宝公钥) or Alipay's certificate (支付宝公钥证书) is not Alipay's
      message=a notification was refused

    WARN alipay.notification.refused
      error.type=verification
      exception.message=the notification's sign_type is not RSA2
      message=a notification was refused
    ");
}

model! {
    /// Which activity.
    pub struct Asked: optional input {
        pub activity_id: Option<String> = query("activity_id").sensitive(),
    }
}
model! {
    /// An activity.
    pub struct Activity: optional {
        pub activity_status: Option<String> = body("activity_status"),
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
waiter! {
    /// Nothing says that it fails.
    pub enum ActiveFailure {}

    asks: Look,
    until: "active",
    status: ["activity_status"],
    success: [is ["ACTIVE"]],
}

fn says(status: &str) -> Step {
    Step::Response(signed(200, &format!(r#"{{"activity_status":"{status}"}}"#)))
}

fn wait(steps: impl IntoIterator<Item = Step>) {
    let client = Script::new(steps).builder().no_retry().build().unwrap();
    let asked = Asked { activity_id: Some("2088102146225135".to_owned()) };
    block_on(Wait::<ActiveFailure>::new(&client, &asked).into_future()).unwrap();
}

#[test]
fn a_wait_tells_why_it_goes_on() {
    let all = events(|| {
        wait([says("INIT"), broken(), says("of 2088-1021-4622-5135"), says("ACTIVE")]);
    });
    assert_eq!(all.len(), 7);
    insta::assert_snapshot!(shown_events(&but_ends(all)), @"
    DEBUG alipay.wait.goes_on
      alipay.operation=alipay.marketing.activity.look
      alipay.wait.asked=1
      alipay.wait.state=active
      alipay.wait.status=INIT
      message=it has not happened yet, and the wait goes on

    WARN alipay.wait.goes_on
      alipay.operation=alipay.marketing.activity.look
      alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
      alipay.wait.asked=2
      alipay.wait.state=active
      error.type=transport
      message=an ask failed, and the wait goes on

    DEBUG alipay.wait.goes_on
      alipay.operation=alipay.marketing.activity.look
      alipay.wait.asked=3
      alipay.wait.state=active
      message=it has not happened yet, and the wait goes on
    ");
}

// ---------------------------------------------------------------------------------------------
// The table of the guide, and filters.

/// A verified message whose content is not of its type.
fn odd_message() {
    let signed = "app_id=2021000000000001&biz_content={\"activity_status\":[]}&msg_method=alipay.x";
    let sign = ALIPAY.sign(signed.as_bytes()).unwrap();
    let sign = sign.replace('+', "%2B");
    let body = signed.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let body = format!("{body}&sign_type=RSA2&sign={sign}");
    let message = credentials().verify_notification(body.as_bytes()).unwrap();
    message.decode::<Activity>().unwrap();
}

/// All that can be told, with all its fields.
fn everything() {
    let busy = || Step::Response(signed(500, r#"{"code":"SYSTEM_ERROR"}"#));
    let odd = || Step::Response(signed(200, r#"{"voucher_id":["1"]}"#));
    let call = |client: &Client| {
        drop(block_on(Call::<Send>::new(client, &send_request()).into_future()));
    };
    call(&client([broken(), busy(), odd()]));
    call(&client([busy(), busy(), busy()]));
    call(&client([Step::Response(forged())]));
    call(&Script::new([broken()]).builder().retry_budget(RetryBudget::repeats(0)).build().unwrap());
    wait([says("INIT"), broken(), says("ACTIVE")]);
    client([]).verify_notification(b"").unwrap_err();
    odd_message();
}

/// What a table says, or the code does, of a span or an event.
#[derive(Debug, Default, PartialEq)]
struct Row {
    kind: &'static str,
    levels: BTreeSet<String>,
    fields: BTreeSet<String>,
}

type Table = BTreeMap<String, Row>;

/// What is recorded: the names in the code, each of which is also recorded.
fn recorded() -> Table {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), everything);
    let mut table = Table::new();
    let mut note = |metadata: &'static Metadata<'static>, kind, fields: &Fields| {
        assert_eq!(metadata.target(), "alipay");
        let row = table.entry(metadata.name().to_owned()).or_default();
        row.kind = kind;
        row.levels.insert(metadata.level().to_string());
        let declared: BTreeSet<_> = metadata.fields().iter().map(|field| field.name()).collect();
        assert!(fields.keys().all(|name| declared.contains(name)), "{fields:?}");
        row.fields.extend(fields.keys().map(|name| (*name).to_owned()));
    };
    for span in recorder.spans.lock().unwrap().iter() {
        note(span.metadata, "span", &span.fields);
    }
    let events = recorder.take_events();
    for event in &events {
        note(event.metadata, "event", &event.fields);
    }
    for event in events {
        let row = table.get_mut(event.metadata.name()).unwrap();
        // A field that is never recorded is a name without a meaning.
        for field in event.metadata.fields() {
            assert!(row.fields.contains(field.name()), "{}: {field}", event.metadata.name());
        }
    }
    for row in table.values_mut() {
        assert_eq!(row.fields.remove("message"), row.kind == "event");
    }
    table
}

/// The names between backticks.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The tables of a page: of spans and events, and of fields.
fn told_by(page: &str) -> (Table, BTreeSet<String>) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let page = fs::read_to_string(page).unwrap();
    let logging = page.split("<a id=\"logging\">").nth(1).unwrap();
    let logging = logging.split("<a id=").next().unwrap();
    let (mut table, mut fields) = (Table::new(), BTreeSet::new());
    for line in logging.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        match *cells {
            [name, kind, level, _, of_row] => {
                let is_level = |word: &&str| word.parse::<Level>().is_ok();
                let words = level.split(|letter: char| !letter.is_ascii_alphabetic());
                let row = Row {
                    kind: if kind == "span" { "span" } else { "event" },
                    levels: words.filter(is_level).map(str::to_owned).collect(),
                    fields: names(of_row).collect(),
                };
                table.insert(names(name).next().unwrap(), row);
            }
            [name, _] => assert!(fields.insert(names(name).next().unwrap()), "{name} twice"),
            _ => panic!("{line}"),
        }
    }
    (table, fields)
}

#[test]
fn the_guide_has_all_spans_events_and_fields() {
    let recorded = recorded();
    let all: BTreeSet<_> = recorded.values().flat_map(|row| row.fields.clone()).collect();
    for page in ["guide.md", "guide.zh-CN.md"] {
        let (table, fields) = told_by(page);
        for (name, row) in &recorded {
            assert_eq!(table.get(name), Some(row), "{page}: {name}");
        }
        assert_eq!(table.len(), recorded.len(), "{page}");
        assert_eq!(fields, all, "{page}");
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the usual subscriber prints with this `RUST_LOG`, within a span of the program's own.
fn printed(filter: &str, work: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("shop=info,{filter}")))
        .with_writer(move || writer.clone())
        .without_time()
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!(target: "shop", "order").in_scope(work);
    });
    String::from_utf8(std::mem::take(&mut *lines.0.lock().unwrap())).unwrap()
}

#[test]
fn the_usual_filter_shows_what_happened() {
    let work = || {
        let client = client([broken(), Step::Response(signed(400, r#"{"code":"WHO_KNOWS"}"#))]);
        drop(block_on(Call::<Send>::new(&client, &send_request()).into_future()));
    };
    let good = || {
        let client = client([Step::Response(signed(200, "{}"))]);
        block_on(Call::<Send>::new(&client, &send_request()).into_future()).unwrap();
    };
    let hidden = |text: String| {
        let durations = text.split("alipay.duration_ms=").enumerate();
        let durations = durations.map(|(at, text)| match at {
            0 => text,
            _ => text.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        });
        durations.collect::<Vec<_>>().join("alipay.duration_ms=")
    };
    insta::assert_snapshot!(hidden(printed("alipay=debug", good)), @r#"DEBUG order:alipay.call{otel.kind="internal" alipay.operation="alipay.marketing.activity.voucher.send" http.request.method="POST" url.template="/v3/alipay/marketing/activity/voucher/send" server.address="openapi.alipay.com" server.port=443 alipay.attempts=1}: alipay: the call has ended alipay.operation="alipay.marketing.activity.voucher.send" alipay.outcome="Success" alipay.attempts=1 alipay.duration_ms= alipay.request_id="5f9fba93bbb240f0b32804d5ead3e131" alipay.trace_id="0b43c93517672256004561234e0a1b" http.response.status_code=200"#);
    assert_eq!(printed("alipay=info", good), "");
    assert_eq!(printed("alipay_core=debug", good), "");
    // Without spans of calls, each line says all, and stays within the program's own span.
    insta::assert_snapshot!(hidden(printed("alipay=warn", work)), @r#"
    WARN order: alipay: the call failed and is made again after a pause alipay.operation="alipay.marketing.activity.voucher.send" alipay.attempt=1 alipay.pause_ms=200 alipay.outcome="Unknown" alipay.request_id="5f9fba93bbb240f0b32804d5ead3e131" error.type="transport"
    WARN order: alipay: the call has ended, and its outcome is unknown alipay.operation="alipay.marketing.activity.voucher.send" alipay.outcome="Unknown" alipay.attempts=2 alipay.duration_ms= alipay.request_id="5f9fba93bbb240f0b32804d5ead3e131" alipay.trace_id="0b43c93517672256004561234e0a1b" alipay.code="WHO_KNOWS" alipay.idempotency_key=s-1 http.response.status_code=400 error.type="400"
    "#);
}
