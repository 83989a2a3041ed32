//! Nothing that is secret or personal shows, whatever is printed: canaries stand in every such
//! place, everything is printed, and none of them may be found.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/output.rs"]
mod output;
use crate::support;

use std::{collections::BTreeMap, fmt::Debug, time::Duration};

use alipay_core::{
    RetryPolicy,
    encrypt::AesKey,
    keys::PrivateKey,
    model::{Field, Model, Ref, Slot, Value},
    operation::Method,
    transport::{Body, BoxFuture, Limits, Transport, TransportError},
};
use alipay_mock::{Fault, Gateway};
use alipay_voucher::{
    Client, Credentials, Error, VoucherApi,
    messages::*,
    models::*,
    notification::{Begun, MemoryReplayGuard, Notification, ReplayGuard, Verified},
};
use output::{Output, assert_free_of, capture_panics, capture_traces, capture_traces_of_thread};
use support::{MODE, create_request, form, key};

/// Stands for personal data.
const CANARY: &str = "canary-2088";
/// Stands for the token of another merchant.
const TOKEN: &str = "canary-token-202212BB";

// ---------------------------------------------------------------------------------------------
// Models: every one that a request, a response or a message holds, by its table.

/// A model with every field filled: the sensitive ones with the canary.
fn fill(model: &mut dyn Model, depth: usize) {
    for (index, field) in model.table().fields.iter().enumerate() {
        let name = model.table().name;
        let value = model.field_mut(index).unwrap();
        fill_value(value, field.sensitive, depth);
        let held = model.field(index).unwrap();
        if field.sensitive {
            // Else the canary proves nothing.
            let text = held.get().into_text();
            assert_eq!(text.as_deref(), Some(CANARY), "{name}.{}", field.name);
        } else if depth > 0 {
            assert!(!matches!(held.get(), Ref::Absent), "{name}.{} is not filled", field.name);
        }
    }
}

fn fill_value(value: &mut dyn Value, sensitive: bool, depth: usize) {
    match value.slot() {
        Slot::String(value) if sensitive => value.set_string(CANARY).unwrap(),
        Slot::String(value) => value.set_string("shown").unwrap(),
        Slot::JsonText(value) => fill_value(value, sensitive, depth),
        Slot::Decimal(value) => value.set_string("1.25").unwrap(),
        Slot::Time(value) => {
            let texts = ["2026-01-02 03:04:05", "2026-01-02", "03:04:05"];
            assert!(texts.into_iter().any(|text| value.set_string(text).is_ok()));
        }
        Slot::Integer(value) => *value = 7,
        Slot::Bool(value) => *value = true,
        // Models may hold each other.
        Slot::Model(model) if depth > 0 => fill(model, depth - 1),
        Slot::Model(_) => value.clear(),
        Slot::List(list) => list.push(&mut |item| {
            fill_value(item, sensitive, depth);
            true
        }),
        _ => {}
    }
}

/// The fields of a model and of all that it holds, by the name of the model.
fn collect(model: &dyn Model, found: &mut BTreeMap<&'static str, &'static [Field]>) {
    let table = model.table();
    found.insert(table.name, table.fields);
    for index in 0..table.fields.len() {
        collect_value(model.field(index).unwrap(), found);
    }
}

fn collect_value(value: &dyn Value, found: &mut BTreeMap<&'static str, &'static [Field]>) {
    match value.get() {
        Ref::Model(model) => collect(model, found),
        Ref::List(list) => {
            (0..list.len()).for_each(|at| collect_value(list.item(at).unwrap(), found));
        }
        Ref::JsonText(inner) => collect_value(inner, found),
        _ => {}
    }
}

/// How deep the models are nested, and a bit more.
const DEPTH: usize = 10;

fn filled<M: Model>() -> M {
    let mut model = M::blank();
    fill(&mut model, DEPTH);
    model
}

/// Prints a filled model; gives the fields of all models in it.
fn print<M: Model + Debug>(output: &Output, found: &mut BTreeMap<&'static str, &'static [Field]>) {
    let model: M = filled();
    output.debug(&model);
    collect(&model, found);
}

#[test]
fn no_model_shows_personal_data() {
    let output = Output::default();
    let mut found = BTreeMap::new();
    print::<CreateRequest>(&output, &mut found);
    print::<CreateResponse>(&output, &mut found);
    print::<PublishRequest>(&output, &mut found);
    print::<PublishResponse>(&output, &mut found);
    print::<QueryRequest>(&output, &mut found);
    print::<QueryResponse>(&output, &mut found);
    print::<SendRequest>(&output, &mut found);
    print::<SendResponse>(&output, &mut found);
    print::<AppendRequest>(&output, &mut found);
    print::<AppendResponse>(&output, &mut found);
    print::<ModifyRequest>(&output, &mut found);
    print::<ModifyResponse>(&output, &mut found);
    print::<StopRequest>(&output, &mut found);
    print::<StopResponse>(&output, &mut found);
    let messages = [
        VoucherMessage::Created(filled()),
        VoucherMessage::Modified(filled()),
        VoucherMessage::Appended(filled()),
        VoucherMessage::Stopped(filled()),
        VoucherMessage::Expired(filled()),
        VoucherMessage::Received(filled()),
        VoucherMessage::Used(filled()),
        VoucherMessage::Refunded(filled()),
    ];
    for message in &messages {
        output.debug(message);
    }
    print::<CreatedMessage>(&output, &mut found);
    print::<ModifiedMessage>(&output, &mut found);
    print::<AppendedMessage>(&output, &mut found);
    print::<StoppedMessage>(&output, &mut found);
    print::<ExpiredMessage>(&output, &mut found);
    print::<ReceivedMessage>(&output, &mut found);
    print::<UsedMessage>(&output, &mut found);
    print::<RefundMessage>(&output, &mut found);

    let text = output.take();
    assert_free_of(&text, &[CANARY]);
    // What is not personal shows, or `Debug` would be of no use.
    assert!(text.contains("[redacted]") && text.contains("shown") && text.contains("1.25"));
    // The walk has come everywhere: the generated files hold no further model.
    assert!(generated_models().count() > 50);
    for model in generated_models() {
        assert!(found.contains_key(model), "{model} was not reached");
    }
    let personal = ["user_id", "open_id", "logon_id", "mobile", "phone", "email", "real_name"];
    for (name, fields) in found {
        for field in fields {
            let named_so = personal.iter().any(|part| field.name.contains(part))
                // Rules about users, not data of one.
                && !field.name.ends_with("_limit");
            assert!(
                field.sensitive || !named_so,
                "{name}.{} is not marked as personal",
                field.name
            );
        }
    }
}

/// The names of all generated models, from the text of the public API.
fn generated_models() -> impl Iterator<Item = &'static str> {
    let structs = include_str!("../../public-api.txt").lines().filter_map(|line| {
        let path = line.strip_prefix("struct ")?;
        path.strip_prefix("models::").or_else(|| path.strip_prefix("messages::"))
    });
    // The parts of a model print themselves as the model.
    structs.filter(|name| !name.ends_with("Parts"))
}

// ---------------------------------------------------------------------------------------------
// Calls: all operations, in success and in failure.

/// Calls all operations with canaries in them, and prints all there is to print.
async fn walk(api: &VoucherApi, run: &str, output: &Output) -> String {
    let created = outcome(output, api.create(create(run)), false).await;
    let id = created.and_then(|created| created.activity_id.clone()).unwrap_or("1".to_owned());
    let number = |operation: &str| format!("{operation}-{run}");
    let publish = PublishRequest::new(&id, key(&number("publish")), MODE);
    outcome(output, api.publish(publish), false).await;
    outcome(output, api.query(QueryRequest::new(&id, MODE)).app_auth_token(TOKEN), true).await;
    let send = SendRequest::new(&id, key(&number("send")), MODE);
    let send = send.merchant_access_mode(MODE).user_id(CANARY);
    output.debug(&send);
    outcome(output, api.send(&send).app_auth_token(TOKEN), true).await;
    outcome(output, api.append(AppendRequest::new(&id, key(&number("append")), MODE, 5)), false)
        .await;
    let base = ActivityBaseInfo::new().activity_id(&id).activity_name("renamed");
    outcome(output, api.modify(ModifyRequest::new(key(&number("modify")), MODE, base)), false)
        .await;
    outcome(output, api.stop(StopRequest::new(&id, key(&number("stop")), MODE)), false).await;
    id
}

fn create(run: &str) -> CreateRequest {
    let mut request = create_request(&format!("create-{run}"));
    request.voucher_display_pattern_info.customer_service_mobile = Some(CANARY.to_owned());
    request
}

async fn outcome<O>(
    output: &Output,
    call: alipay_voucher::Call<O>,
    encrypted: bool,
) -> Option<O::Reply>
where
    O: alipay_core::operation::Operation,
    O::Reply: Debug,
{
    let call = call.timeout(Duration::from_secs(2));
    let call = if encrypted { call.encrypted() } else { call };
    output.debug(&call);
    let under_way = call.send();
    output.debug(&under_way);
    match under_way.await {
        Ok(reply) => {
            output.debug(&reply);
            Some(reply)
        }
        Err(error) => {
            output.error(&error);
            None
        }
    }
}

fn in_certificate_mode(gateway: &Gateway, output: &Output) -> VoucherApi {
    let certificates = gateway.certificates().unwrap();
    let credentials = Credentials::certificates(
        gateway.app_id(),
        gateway.app_private_key(),
        &certificates.app,
        [certificates.alipay.as_str()],
        &certificates.root,
    );
    let credentials = credentials.unwrap().encrypt_key(gateway.encrypt_key()).unwrap();
    output.debug(&credentials);
    output.debug(credentials.trust());
    output.debug(&credentials.trust().certificates());
    let client = Client::builder(credentials).base_url(gateway.base_url()).no_retry();
    VoucherApi::new(client.build().unwrap())
}

/// Calls without a model, of which nobody knows what is personal.
async fn raw_calls(client: &Client, output: &Output) {
    let send = client
        .raw(Method::Post, "/v3/alipay/marketing/activity/voucher/send")
        .json(&serde_json::json!({"user_id": CANARY, "open_id": [CANARY]}));
    let lookup = client
        .raw(Method::Get, "/v3/alipay/user/{user_id}/vouchers")
        .path("user_id", CANARY)
        .query("phone", CANARY);
    let unsendable = client.raw(Method::Get, "/v3/alipay/user/{user_id}").path("id", CANARY);
    for call in [send, lookup, unsendable] {
        output.debug(&call);
        output.error(&call.app_auth_token(TOKEN).await.unwrap_err());
    }
}

/// Calls that end in other ways than with a response that is waited for.
async fn odd_ends(api: &VoucherApi, gateway: &Gateway, output: &Output) {
    let send = SendRequest::new("1", key("dropped"), MODE).user_id(CANARY);
    let call = api.send(&send).app_auth_token(TOKEN);
    gateway.fail_next(Fault::Delay(Duration::from_secs(60)));
    let late = tokio::time::timeout(Duration::from_millis(300), call.send());
    assert!(late.await.is_err());
    // Its response is that of another stack.
    let prepared = api.send(&send).app_auth_token(TOKEN).prepare().unwrap();
    let forged = http::Response::builder()
        .header("alipay-trace-id", CANARY)
        .header("alipay-signature", "AAAA")
        .header("alipay-timestamp", CANARY)
        .header("alipay-nonce", CANARY)
        .body(format!(r#"{{"user_id":"{CANARY}"}}"#).into());
    let client = api.client();
    let refused = client
        .finish::<alipay_voucher::operations::SendOperation>(prepared.context(), forged.unwrap());
    output.error(&refused.unwrap_err());
    // Asks in vain, and again after a failure.
    for _ in 0..5 {
        gateway.fail_next(Fault::Status(500));
    }
    let query = QueryRequest::new("1", MODE);
    let wait = api.wait_until_active(&query).each_call(|call| call.app_auth_token(TOKEN));
    let wait = wait.interval(Duration::from_millis(10)).deadline(Duration::from_secs(2));
    output.error(&wait.await.unwrap_err());
}

#[cfg(not(feature = "blocking"))]
fn blocking_calls(_: &VoucherApi, _: &Output) {}

#[cfg(feature = "blocking")]
fn blocking_calls(api: &VoucherApi, output: &Output) {
    let send = SendRequest::new("1", key("blocking"), MODE).user_id(CANARY);
    let call = api.send(send.merchant_access_mode(MODE)).app_auth_token(TOKEN);
    output.error(&call.send_blocking().unwrap_err());
    let query = api.query(QueryRequest::new("1", MODE)).app_auth_token(TOKEN).encrypted();
    output.error(&query.send_blocking().unwrap_err());
}

/// The texts that must not be found after a run against a gateway.
fn secrets(gateway: &Gateway) -> Vec<String> {
    let mut secrets: Vec<String> =
        [CANARY, TOKEN, "canary", gateway.encrypt_key()].map(str::to_owned).into();
    // Any part of the key, as it stands in its text.
    let key = gateway.app_private_key();
    secrets.extend((0..key.len() - 24).step_by(8).map(|at| key[at..at + 24].to_owned()));
    // Whoever has the header may repeat the call for as long as it is fresh.
    secrets.push("ALIPAY-SHA256withRSA".to_owned());
    secrets
}

#[tokio::test]
async fn no_call_shows_secrets() {
    let output = Output::default();
    capture_traces(&output);
    capture_panics(&output);
    let gateway = Gateway::start().await.unwrap();
    let credentials = support::credentials(&gateway);
    output.debug(&credentials);
    output.debug(&PrivateKey::parse(gateway.app_private_key()).unwrap());
    output.debug(&AesKey::parse(gateway.encrypt_key()).unwrap());
    let builder = Client::builder(credentials.clone())
        .base_url(gateway.base_url())
        .app_auth_token(TOKEN)
        .user_agent("secrecy")
        .no_retry();
    output.debug(&builder);
    let client = builder.build().unwrap();
    let api = VoucherApi::new(client.clone());
    output.debug(&client);
    output.debug(&api);

    walk(&api, "good", &output).await;
    walk(&in_certificate_mode(&gateway, &output), "certified", &output).await;
    let text = output.take();
    assert!(text.contains("Response") && text.contains("Accepted"), "{text}");
    assert_eq!(text.contains("trace "), cfg!(feature = "tracing"), "{text}");

    let prepared =
        api.send(SendRequest::new("1", key("send"), MODE).user_id(CANARY)).prepare().unwrap();
    output.debug(&prepared);
    output.debug(prepared.context());
    odd_ends(&api, &gateway, &output).await;
    let faults = [
        Fault::NoSignature,
        Fault::WrongSignature,
        Fault::GarbageSignature,
        Fault::TamperedBody,
        Fault::StaleTimestamp,
        Fault::UnknownSerial,
        Fault::DuplicateHeaders,
        Fault::TruncatedJson,
        Fault::PlaintextForCiphertext,
        Fault::BadPadding,
        Fault::OversizedBody(9 * 1024 * 1024),
        Fault::Empty200,
        Fault::Html502,
        Fault::RateLimited { retry_after: Duration::ZERO },
        Fault::Redirect,
        Fault::Accepted,
        Fault::NoContent,
        Fault::HalfBody,
        Fault::ResetBeforeHeaders,
        Fault::ResetAfterHeaders,
        Fault::Status(500),
        Fault::CloseBeforeResponse,
        Fault::CloseAfterProcessing,
        Fault::SignedError { status: 400, code: "INVALID_PARAMETER".to_owned() },
        Fault::UnsignedError { status: 400, code: "INVALID_PARAMETER".to_owned() },
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        for _ in 0..7 {
            gateway.fail_next(fault.clone());
        }
        walk(&api, &format!("bad-{index}"), &output).await;
    }
    gateway.clear_faults();
    // Repeats are told of as well.
    let repeated = api.query(QueryRequest::new("1", MODE)).app_auth_token(TOKEN);
    gateway.fail_next(Fault::Status(500));
    gateway.fail_next(Fault::CloseBeforeResponse);
    outcome(&output, repeated.retry(RetryPolicy::default()), true).await;
    output.debug(&gateway);
    output.debug(&gateway.requests());
    output.debug(&gateway.take_messages().unwrap());
    raw_calls(&client, &output).await;
    blocking_calls(&api, &output);
    let slow =
        api.send(SendRequest::new("1", key("send"), MODE).user_id(CANARY)).timeout(Duration::ZERO);
    output.error(&slow.await.unwrap_err());
    let bad_token = format!("{TOKEN}\n");
    output.error(
        &api.send(SendRequest::new("1", key("send"), MODE))
            .app_auth_token(&bad_token)
            .await
            .unwrap_err(),
    );

    let nowhere =
        Client::builder(credentials).base_url("http://127.0.0.1:9").no_retry().build().unwrap();
    walk(&VoucherApi::new(nowhere), "nowhere", &output).await;

    let text = text + &output.take();
    for event in ["call.finished", "call.repeated", "response.refused", "wait.goes_on"] {
        let told = text.contains(&format!("\"alipay.{event}\""));
        assert_eq!(told, cfg!(feature = "tracing"), "{event}");
    }
    let secrets = secrets(&gateway);
    assert_free_of(&text, &secrets.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Responds to every request with all that was in it, as a careless server would, and with this code.
struct Echo(&'static str);

impl Transport for Echo {
    fn send(
        &self,
        request: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        Box::pin(async move {
            let headers = format!("{:?}", request.headers());
            let body = String::from_utf8_lossy(request.body().as_bytes().unwrap()).into_owned();
            let response = serde_json::json!({
                "code": self.0,
                "message": format!("{body} {} {headers}", request.uri()),
                "details": [{"field": "user_id", "value": CANARY, "issue": body}],
                "links": [{"link": format!("https://x/?u={CANARY}"), "desc": body}],
            });
            let response = http::Response::builder()
                .status(400)
                .header("x-echo", CANARY)
                .header("alipay-trace-id", CANARY)
                .body(response.to_string().into());
            Ok(response.unwrap())
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn no_error_repeats_what_a_server_echoes() {
    let output = Output::default();
    let _guard = capture_traces_of_thread(&output);
    let gateway = Gateway::start().await.unwrap();
    for code in ["INVALID_PARAMETER", "SYSTEM_ERROR", CANARY] {
        let client = Client::builder(support::credentials(&gateway)).transport(Echo(code));
        echoed(&VoucherApi::new(client.build().unwrap()), &output).await;
    }
    let text = output.take();
    assert_eq!(text.contains("alipay.call.repeated"), cfg!(feature = "tracing"), "{text}");
    assert_free_of(&text, &[CANARY, TOKEN, "canary", "ALIPAY-SHA256withRSA"]);
}

async fn echoed(api: &VoucherApi, output: &Output) {
    for (user, open) in [(Some(CANARY), None), (None, Some(CANARY))] {
        let mut send = SendRequest::new("1", key("send"), MODE);
        (send.user_id, send.open_id) = (user.map(str::to_owned), open.map(str::to_owned));
        let error = api.send(&send).app_auth_token(TOKEN).await.unwrap_err();
        // The program itself may read it.
        assert!(error.message().unwrap().contains(CANARY));
        output.error(&error);
    }
    output.error(&api.create(create("echo")).await.unwrap_err());
}

// ---------------------------------------------------------------------------------------------
// Keys that are refused, and notifications.

#[test]
fn no_refused_key_is_shown() {
    let output = Output::default();
    let gateway = Gateway::builder().start_blocking().unwrap();
    let key = gateway.app_private_key();
    let print = |made: Result<Credentials, Error>| output.error(&made.unwrap_err());
    print(Credentials::keys("2021", key, key));
    print(Credentials::keys("2021", &key[1..], gateway.alipay_public_key()));
    print(Credentials::keys("2021", &key[..key.len() / 2], gateway.alipay_public_key()));
    print(Credentials::keys("2021", CANARY, gateway.alipay_public_key()));
    print(Credentials::keys(key, key, gateway.alipay_public_key()));
    print(support::credentials(&gateway).encrypt_key(&format!("{}AAAA", gateway.encrypt_key())));
    print(support::credentials(&gateway).encrypt_key(CANARY));
    print(Credentials::certificates("2021", key, key, [key], key));
    let secrets = secrets(&gateway);
    assert_free_of(&output.take(), &secrets.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn no_notification_shows_its_content() {
    let output = Output::default();
    let _guard = capture_traces_of_thread(&output);
    let gateway = Gateway::builder().start_blocking().unwrap();
    let credentials = support::credentials(&gateway);
    let content = format!(
        r#"{{"id":"E_1","activity_id":"shown","voucher_id":"v","receive_user_id":"{CANARY}","user_id":"{CANARY}","open_id":"{CANARY}","unknown":"{CANARY}"}}"#
    );
    for method in ["received", "expired", "used", "created", "brand_new"] {
        let method = format!("alipay.marketing.activity.message.{method}");
        let body = form(&gateway, &method, &content, ("memo", CANARY));
        let notification: Verified<Notification> =
            credentials.verify_notification(body.as_bytes()).unwrap();
        assert!(notification.biz_content().contains(CANARY));
        output.debug(&notification);
        let message = VoucherMessage::from_notification(&notification).unwrap();
        output.debug(&message);
        output.debug(&notification.into_inner());
    }
    let received = "alipay.marketing.activity.message.received";
    for content in [
        CANARY.to_owned(),
        format!(r#"{{"receive_user_id":{{"{CANARY}":1}}}}"#),
        format!(r#"{{"{CANARY}":"#),
        format!(r#"["{CANARY}"]"#),
    ] {
        let body = form(&gateway, received, &content, ("memo", CANARY));
        match credentials.verify_notification(body.as_bytes()) {
            Ok(notification) => {
                output.debug(&notification);
                // What is odd is left out, and named without its value.
                output.debug(&VoucherMessage::from_notification(&notification).unwrap());
                let unreadable = VoucherMessage::unreadable(&notification).unwrap();
                assert_eq!(unreadable.len(), 1);
                output.debug(&unreadable);
                output.text(&unreadable[0]);
            }
            Err(error) => output.error(&error),
        }
    }
    let genuine = form(&gateway, received, &content, ("memo", CANARY));
    for broken in [
        genuine.replacen("sign=", "sign=A", 1),
        genuine.replacen("RSA2", CANARY, 1),
        format!("{genuine}&{CANARY}={CANARY}&{CANARY}={CANARY}"),
        format!("{genuine}&%zz{CANARY}"),
        format!("{genuine}&encrypt_type={CANARY}"),
        format!("{genuine}&charset={CANARY}"),
        genuine.replacen("app_id=", &format!("app_id={CANARY}"), 1),
        CANARY.to_owned(),
    ] {
        output.error(&credentials.verify_notification(broken.as_bytes()).unwrap_err());
    }
    let guard = MemoryReplayGuard::new(10, Duration::from_secs(1));
    let Begun::First(claim) = guard.begin("E_1").unwrap() else { panic!("it is new") };
    output.debug(&claim);
    output.debug(&guard);
    let text = output.take();
    assert!(text.contains("shown") && text.contains("E_1"), "{text}");
    for event in ["alipay.notification.refused", "alipay.values.unreadable"] {
        assert_eq!(text.contains(event), cfg!(feature = "tracing"), "{text}");
    }
    assert_free_of(&text, &[CANARY, "canary"]);
}
