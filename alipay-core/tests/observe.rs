//! The spans of calls.

#![cfg(feature = "tracing")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use alipay_core::{Call, Client, operation::Method, transport::TransportErrorKind};
use common::{
    Create, Send, create_request,
    script::{Script, Step},
    send_request, signed, unsigned,
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_core::span::Current;

/// Remembers spans and what was recorded in them, and events.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Recorded>>>, Arc<Mutex<Vec<EventFields>>>);

/// Level and fields of an event.
type EventFields = (Level, BTreeMap<&'static str, String>);

#[derive(Debug)]
struct Recorded {
    metadata: &'static Metadata<'static>,
    name: &'static str,
    parent: Option<u64>,
    fields: BTreeMap<&'static str, String>,
    entered: usize,
    closed: bool,
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

thread_local! {
    /// The spans this thread is in.
    static ENTERED: RefCell<Vec<Id>> = const { RefCell::new(Vec::new()) };
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("alipay")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields));
        spans.push(Recorded {
            metadata: span.metadata(),
            name: span.metadata().name(),
            parent: match span.parent() {
                Some(parent) => Some(parent.into_u64()),
                None => ENTERED.with_borrow(|entered| entered.last().map(Id::into_u64)),
            },
            fields,
            entered: 0,
            closed: false,
        });
        Id::from_u64(u64::try_from(spans.len()).unwrap())
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.0.lock().unwrap();
        values.record(&mut Fields(&mut spans.get_mut(index(id)).unwrap().fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.1.lock().unwrap().push((*event.metadata().level(), fields));
    }

    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().get_mut(index(id)).unwrap().entered += 1;
        ENTERED.with_borrow_mut(|entered| entered.push(id.clone()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(Vec::pop);
    }

    fn current_span(&self) -> Current {
        let Some(id) = ENTERED.with_borrow(|entered| entered.last().cloned()) else {
            return Current::none();
        };
        let metadata = self.0.lock().unwrap().get(index(&id)).unwrap().metadata;
        Current::new(id, metadata)
    }

    fn try_close(&self, id: Id) -> bool {
        self.0.lock().unwrap().get_mut(index(&id)).unwrap().closed = true;
        true
    }
}

/// The spans of what is done.
fn spans(work: impl AsyncFnOnce(Client), steps: impl IntoIterator<Item = Step>) -> Vec<Recorded> {
    let recorder = Recorder::default();
    let client = Script::new(steps).builder().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(recorder.clone(), || runtime.block_on(work(client)));
    std::mem::take(&mut *recorder.0.lock().unwrap())
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
    let spans = recorder.0.lock().unwrap();
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
fn names(responses: impl IntoIterator<Item = http::Response<bytes::Bytes>>) -> Vec<[bool; 2]> {
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
    assert_eq!(names(responses), [[true, true], [false, true]]);
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
        names(responses),
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
    let events = recorder.1.lock().unwrap();
    let [(level, fields)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(*level, Level::WARN);
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    insta::assert_snapshot!(fields.join("\n"), @"
    alipay.operation=alipay.marketing.activity.voucher.send
    alipay.request_id=5f9fba93bbb240f0b32804d5ead3e131
    alipay.unreadable=/voucher_id /user_id
    alipay.unreadable_count=2
    message=values that are not of their types were left out
    ");
}
