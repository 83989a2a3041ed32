//! Repeats against the gateway: whatever happens to the first response, there is one change of state.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::time::Duration;

use alipay_mock::{Fault, Gateway, RecordedRequest};
use alipay_voucher::{Client, Error, Outcome, VoucherApi, models::*};
use support::{MODE, create_request, credentials, key, send_request};

/// A client with short pauses.
fn api(gateway: &Gateway) -> VoucherApi {
    let client = Client::builder(credentials(gateway))
        .base_url(gateway.base_url())
        .jitter(Duration::from_millis(5))
        .build();
    VoucherApi::new(client.unwrap())
}

/// Faults after which a repeat is worth it. In the first two the operation has happened.
fn faults() -> Vec<Fault> {
    vec![
        Fault::CloseAfterProcessing,
        Fault::Delay(Duration::from_secs(60)),
        Fault::CloseBeforeResponse,
        Fault::Html502,
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(202),
        Fault::Status(429),
        Fault::UnsignedError { status: 500, code: "unknow-error".to_owned() },
        Fault::SignedError { status: 400, code: "SYSTEM_ERROR".to_owned() },
        Fault::SignedError { status: 429, code: "app-call-limited".to_owned() },
        Fault::UnsignedError { status: 400, code: "method-call-limited".to_owned() },
    ]
}

/// The requests for an operation since `before`: the same call, twice, and both taken for genuine.
/// The gateway refuses a nonce it has seen.
fn assert_repeated(gateway: &Gateway, before: usize, operation: &str, what: &str) {
    let requests = || -> Vec<RecordedRequest> {
        let requests = gateway.requests().into_iter().skip(before);
        requests.filter(|request| request.path().ends_with(operation)).collect()
    };
    // The gateway notes a request when it has responded to it.
    for _ in 0..300 {
        if requests().len() >= 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let requests = requests();
    let [first, second] = &requests[..] else { panic!("{what}: {} requests", requests.len()) };
    let call = |request: &RecordedRequest| {
        (request.method.clone(), request.target.clone(), request.body.clone())
    };
    assert_eq!(call(first), call(second), "{what}");
    let id = |request: &RecordedRequest| request.header("alipay-request-id").unwrap().to_owned();
    assert_ne!(id(first), id(second), "{what}");
    assert!(first.verified && second.verified, "{what}: {requests:?}");
}

#[tokio::test]
async fn one_voucher_per_out_biz_no() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    for (index, fault) in faults().into_iter().enumerate() {
        let id = active_activity(&gateway, index).await;
        let what = format!("{fault:?}");
        let before = gateway.requests().len();
        gateway.fail_next(fault);
        let call = api.send(send_request(&id, &format!("send-{index}")));
        // Short of the delay, and long enough for a busy machine.
        let sent = call.attempt_timeout(Duration::from_secs(4)).await.unwrap();
        assert_eq!(sent.attempts(), 2, "{what}");
        assert!(sent.voucher_id.is_some(), "{what}");
        assert_repeated(&gateway, before, "/send", &what);
        let found = api.query(QueryRequest::new(&id, MODE)).await.unwrap();
        let inventory = found.voucher_inventory_info.as_ref().unwrap();
        assert_eq!(inventory.send_count, Some(1), "{what}");
    }
}

/// An activity of its own for each row.
async fn active_activity(gateway: &Gateway, index: usize) -> String {
    let api = api(gateway);
    let created = api.create(create_request(&format!("setup-{index}"))).await.unwrap();
    let id = created.activity_id.clone().unwrap();
    api.publish(PublishRequest::new(&id, key(&format!("publish-{index}")), MODE)).await.unwrap();
    gateway.complete_pending();
    id
}

/// What a type does not allow is signed, encrypted and repeated like the rest: the gateway refuses the
/// amount, and nothing before it.
#[tokio::test]
async fn a_raw_field_is_repeated_to_the_byte() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let amount = "/voucher_deduct_info/fix_voucher_info/amount";
    for (index, encrypted) in [false, true].into_iter().enumerate() {
        let before = gateway.requests().len();
        gateway.fail_next(Fault::CloseBeforeResponse);
        let request = create_request(&format!("c-{index}"));
        let call = api.create(&request).raw_field(amount, "12.345");
        let call = if encrypted { call.encrypted() } else { call };
        let error = call.await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        assert_eq!((error.authenticated(), error.attempts()), (true, 2), "{error}");
        assert!(error.to_string().contains("fix_voucher_info.amount"), "{error}");
        assert!(!error.to_string().contains("12.345"), "{error}");
        assert_repeated(&gateway, before, "/create", "create");
        // The amount that was there before is fine.
        let call = api.create(&request).raw_field(amount, "1.00");
        let call = if encrypted { call.encrypted() } else { call };
        call.await.unwrap();
    }
    let id = active_activity(&gateway, 0).await;
    let before = gateway.requests().len();
    gateway.fail_next(Fault::CloseAfterProcessing);
    let query = QueryRequest::new("x", MODE);
    let found = api.query(&query).raw_field("/activity_id", &id).await.unwrap();
    assert_eq!(found.activity_id.as_deref(), Some(id.as_str()));
    assert_repeated(&gateway, before, "/query", "query");
}

/// Each of the seven loses its first response after it has happened.
#[tokio::test]
async fn every_operation_is_repeated_and_happens_once() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let lose = || {
        gateway.fail_next(Fault::CloseAfterProcessing);
        gateway.requests().len()
    };

    let before = lose();
    let request = create_request("c-1");
    let created = api.create(&request).await.unwrap();
    assert_repeated(&gateway, before, "/create", "create");
    let id = created.activity_id.clone().unwrap();
    // The key names one activity.
    assert_eq!(api.create(&request).await.unwrap().activity_id.as_deref(), Some(id.as_str()));

    let before = lose();
    api.publish(PublishRequest::new(&id, key("p-1"), MODE)).await.unwrap();
    assert_repeated(&gateway, before, "/publish", "publish");
    gateway.complete_pending();

    let before = lose();
    api.query(QueryRequest::new(&id, MODE)).await.unwrap();
    assert_repeated(&gateway, before, "/query", "query");

    let before = lose();
    api.send(send_request(&id, "s-1")).await.unwrap();
    assert_repeated(&gateway, before, "/send", "send");

    let before = lose();
    api.append(AppendRequest::new(&id, key("a-1"), MODE, 5)).await.unwrap();
    assert_repeated(&gateway, before, "/append", "append");
    gateway.complete_pending();

    let before = lose();
    let renamed = ActivityBaseInfo::new().activity_id(&id).activity_name("renamed");
    api.modify(ModifyRequest::new(key("m-1"), MODE, renamed)).await.unwrap();
    assert_repeated(&gateway, before, "/modify", "modify");
    gateway.complete_pending();

    let before = lose();
    let stopped = api.stop(StopRequest::new(&id, key("x-1"), MODE)).await.unwrap();
    assert_eq!(stopped.attempts(), 2);
    assert_repeated(&gateway, before, "/stop", "stop");
    gateway.complete_pending();

    let messages = gateway.take_messages().unwrap();
    let names: Vec<_> =
        messages.iter().map(|message| message.name.rsplit('.').next().unwrap()).collect();
    assert_eq!(names, ["created", "received", "appended", "modified", "stopped"]);
}

#[tokio::test]
async fn what_is_refused_is_not_repeated() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let attempts = |error: Error| (error.attempts(), error.outcome());
    for fault in [
        Fault::SignedError { status: 400, code: "BUDGET_NOT_ENOUGH".to_owned() },
        Fault::SignedError { status: 400, code: "MATERIAL_AUDIT_WAITING".to_owned() },
    ] {
        gateway.fail_next(fault);
        let error = api.create(create_request("c-1")).await.unwrap_err();
        assert_eq!(attempts(error), (1, Outcome::Rejected));
    }
    for fault in [Fault::WrongSignature, Fault::NoSignature, Fault::TruncatedJson] {
        let what = format!("{fault:?}");
        gateway.fail_next(fault);
        let error = api.create(create_request("c-2")).await.unwrap_err();
        assert_eq!(attempts(error), (1, Outcome::Unknown), "{what}");
    }
    assert_eq!(gateway.requests().len(), 5);
}

#[tokio::test]
async fn a_gateway_that_stays_broken() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    (0..3).for_each(|_| gateway.fail_next(Fault::Html502));
    let error = api.create(create_request("c-1")).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (3, Outcome::Unknown));
    let line = error.to_string();
    assert!(line.contains("after 3 attempts"), "{line}");
    assert!(line.contains("`out_biz_no`"), "{line}");
    assert!(error.is_retryable());
    // The advice holds: with the same key it works, and happens once.
    api.create(create_request("c-1")).await.unwrap();
}
