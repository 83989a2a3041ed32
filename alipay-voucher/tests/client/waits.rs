//! Waiting for an activity to become active or stopped, against the local gateway.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::time::Duration;

use alipay_mock::{Completion, Fault, FaultRule, Gateway};
use alipay_voucher::{
    Call, ErrorKind, VoucherApi, Wait, WaitError, models::*, value::LocalDateTime,
};
use support::{MODE, api, client, create_request, key};

const SHORT: Duration = Duration::from_millis(5);

async fn gateway() -> Gateway {
    Gateway::builder().completion(Completion::Manual).start().await.unwrap()
}

/// An activity that waits to become active.
async fn published(api: &VoucherApi) -> String {
    let created = api.create(create_request("c-1")).await.unwrap();
    let id = created.activity_id.clone().unwrap();
    api.publish(PublishRequest::new(&id, key("p-1"), MODE)).await.unwrap();
    id
}

fn active(api: &VoucherApi, id: &str) -> Wait<ActiveFailure> {
    api.wait_until_active(QueryRequest::new(id, MODE)).interval(SHORT)
}

/// Waits until the gateway was asked so often.
async fn asked(gateway: &Gateway, times: usize) {
    let asked = || gateway.requests().iter().filter(|one| one.path().ends_with("/query")).count();
    while asked() < times {
        tokio::time::sleep(SHORT).await;
    }
}

#[tokio::test]
async fn an_activity_becomes_active_and_is_stopped() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    let waiting = tokio::spawn(active(&api, &id).into_future());
    asked(&gateway, 2).await;
    assert!(!waiting.is_finished());
    gateway.complete_pending();
    let found = waiting.await.unwrap().unwrap();
    assert_eq!(QueryResponse::status(&found), Some(&ActivityStatus::Active));
    assert_eq!(found.status(), 200);

    api.stop(StopRequest::new(&id, key("t-1"), MODE)).await.unwrap();
    let stopped = api.wait_until_stopped(QueryRequest::new(&id, MODE)).interval(SHORT);
    let waiting = tokio::spawn(stopped.into_future());
    asked(&gateway, 5).await;
    gateway.complete_pending();
    let found = waiting.await.unwrap().unwrap();
    assert_eq!(QueryResponse::status(&found), Some(&ActivityStatus::Finished));

    // What was stopped does not become active.
    let error = active(&api, &id).await.unwrap_err();
    let WaitError::Failed { failure, reason, last, .. } = error else { panic!("{error}") };
    assert_eq!((failure, reason), (ActiveFailure::Stopped, None));
    assert_eq!(last.activity_id.as_deref(), Some(id.as_str()));
}

#[tokio::test]
async fn an_activity_ends_by_its_window() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let mut request = create_request("c-1");
    let rule = request.voucher_send_mode_info.voucher_send_rule_info.as_mut().unwrap();
    let end = rule.publish_start_time.unwrap().unix_seconds() + 120;
    rule.publish_end_time = Some(LocalDateTime::from_unix_seconds(end).unwrap());
    let created = api.create(request).await.unwrap();
    let id = created.activity_id.clone().unwrap();
    api.publish(PublishRequest::new(&id, key("p-1"), MODE)).await.unwrap();
    gateway.complete_pending();
    let stopped = api.wait_until_stopped(QueryRequest::new(&id, MODE)).interval(SHORT);
    let waiting = tokio::spawn(stopped.into_future());
    asked(&gateway, 2).await;
    assert!(!waiting.is_finished());
    // The client takes responses of a clock that is some minutes ahead.
    gateway.clock().advance(Duration::from_secs(125));
    let found = waiting.await.unwrap().unwrap();
    assert_eq!(QueryResponse::status(&found), Some(&ActivityStatus::Finished));
    let WaitError::Failed { failure, .. } = active(&api, &id).await.unwrap_err() else { panic!() };
    assert_eq!(failure, ActiveFailure::Stopped);
    // Nobody has stopped it, so no message says so.
    let messages = gateway.messages().unwrap();
    assert!(messages.iter().all(|message| message.name.ends_with(".created")), "{messages:?}");
}

#[tokio::test]
async fn a_review_that_rejects_ends_it_with_its_reason() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    let waiting = tokio::spawn(active(&api, &id).into_future());
    asked(&gateway, 1).await;
    gateway.reject(&id, "图片不合规").unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    let shown = error.to_string();
    let begins = "alipay.marketing.activity.voucher.query: will not be active: rejected, 图片不合规 (status INIT)";
    assert!(shown.starts_with(begins), "{shown}");
    let WaitError::Failed { failure, reason, .. } = error else { panic!("{error}") };
    assert_eq!((failure, reason.as_deref()), (ActiveFailure::Rejected, Some("图片不合规")));
}

#[tokio::test]
async fn the_message_ends_it_early() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    let wait = active(&api, &id).interval(Duration::from_secs(60));
    let signal = wait.signal();
    let waiting = tokio::spawn(wait.into_future());
    asked(&gateway, 1).await;
    gateway.complete_pending();
    let messages = gateway.take_messages().unwrap();
    let message = client(&gateway).verify_notification(messages[0].form_body.as_bytes()).unwrap();
    assert!(signal.message(&message));
    let found = waiting.await.unwrap().unwrap();
    assert_eq!(QueryResponse::status(&found), Some(&ActivityStatus::Active));

    // Another activity's message is another matter.
    let other = active(&api, "7").signal();
    assert!(!other.message(&message));
}

#[tokio::test]
async fn the_deadline_says_what_was_last_seen() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    let error = active(&api, &id).deadline(Duration::from_millis(300)).await.unwrap_err();
    let WaitError::TimedOut { asked, status, last, error: None, .. } = error else { panic!() };
    assert!(asked > 1 && last.is_some(), "{asked}");
    assert_eq!(status.as_deref(), Some("INIT"));
}

#[tokio::test]
async fn failures_in_between_are_passed_over_and_a_refusal_is_not() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    gateway.complete_pending();
    let faults = [
        Fault::CloseBeforeResponse,
        Fault::Status(503),
        Fault::Html502,
        Fault::WrongSignature,
        Fault::HalfBody,
        Fault::SignedError { status: 400, code: "SYSTEM_ERROR".to_owned() },
    ];
    let count = faults.len();
    for fault in faults {
        gateway.fail(FaultRule::new(fault).path("/query"));
    }
    let before = gateway.requests().len();
    active(&api, &id).each_call(Call::no_retry).await.unwrap();
    assert_eq!(gateway.requests().len() - before, count + 1);

    let WaitError::Call(error) = active(&api, "7").await.unwrap_err() else { panic!() };
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Api, Some(QueryErrorCode::InvalidParameter))
    );
}

#[tokio::test]
async fn each_call_is_as_it_is_set() {
    let gateway = gateway().await;
    let api = api(&gateway);
    let id = published(&api).await;
    let waiting = active(&api, &id).each_call(|call| call.app_auth_token("token").encrypted());
    let waiting = tokio::spawn(waiting.into_future());
    asked(&gateway, 1).await;
    gateway.complete_pending();
    waiting.await.unwrap().unwrap();
    let requests = gateway.requests();
    let mut asks = requests.iter().filter(|one| one.path().ends_with("/query"));
    assert!(asks.all(|one| one.header("alipay-app-auth-token") == Some("token")));
}

#[cfg(feature = "blocking")]
#[test]
fn it_blocks_where_that_is_wanted() {
    let gateway = Gateway::builder().completion(Completion::Manual).start_blocking().unwrap();
    let api = api(&gateway);
    let created = api.create(create_request("c-1")).send_blocking().unwrap();
    let id = created.activity_id.clone().unwrap();
    api.publish(PublishRequest::new(&id, key("p-1"), MODE)).send_blocking().unwrap();
    let wait = active(&api, &id);
    let waiting = std::thread::spawn(move || wait.wait_blocking());
    std::thread::sleep(SHORT);
    gateway.complete_pending();
    let found = waiting.join().unwrap().unwrap();
    assert_eq!(QueryResponse::status(&found), Some(&ActivityStatus::Active));
}
