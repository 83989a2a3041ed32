//! The seven operations as a user of the crate meets them, against the local gateway.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use alipay_mock::{Completion, Fault, Gateway};
use alipay_voucher::{
    ErrorKind, Outcome, messages::VoucherMessage, models::*, recipient::Recipient,
};
use support::{MODE, USER, active_activity, api, client, create_request, key, send_request};

#[tokio::test]
async fn an_activity_lives() {
    let gateway = Gateway::builder().completion(Completion::Manual).start().await.unwrap();
    let api = api(&gateway);

    let created = api.create(create_request("c-1")).await.unwrap();
    let id = created.activity_id.clone().unwrap();
    assert_eq!(created.status(), 200);
    assert!(created.trace_id().is_some());
    let status = |response: &QueryResponse| response.activity_status.clone();
    let query = QueryRequest::new(&id, MODE);
    assert_eq!(status(&api.query(&query).await.unwrap()), Some(ActivityStatus::Init));

    let published = api.publish(PublishRequest::new(&id, key("p-1"), MODE)).await.unwrap();
    assert_eq!(published.completed_by(), "alipay.marketing.activity.message.created");
    // Accepted is not done.
    assert_eq!(status(&api.query(&query).await.unwrap()), Some(ActivityStatus::Init));
    gateway.complete_pending();
    assert_eq!(status(&api.query(&query).await.unwrap()), Some(ActivityStatus::Active));

    let sent = api.send(send_request(&id, "s-1")).await.unwrap();
    assert!(sent.voucher_id.is_some());

    api.append(AppendRequest::new(&id, key("a-1"), MODE, 5)).await.unwrap();
    gateway.complete_pending();
    let response = api.query(&query).await.unwrap();
    assert_eq!(response.voucher_inventory_info.as_ref().unwrap().send_count, Some(1));
    let rule = response.voucher_send_mode_info.as_ref().unwrap().voucher_send_rule_info.as_ref();
    assert_eq!(rule.unwrap().quantity, Some(5));

    let renamed = ActivityBaseInfo::new().activity_id(&id).activity_name("renamed");
    api.modify(ModifyRequest::new(key("m-1"), MODE, renamed)).await.unwrap();
    gateway.complete_pending();
    let response = api.query(&query).await.unwrap();
    let name = response.activity_base_info.as_ref().unwrap().activity_name.as_deref();
    assert_eq!(name, Some("renamed"));

    api.stop(StopRequest::new(&id, key("t-1"), MODE)).await.unwrap();
    gateway.complete_pending();
    assert_eq!(status(&api.query(&query).await.unwrap()), Some(ActivityStatus::Finished));

    let client = client(&gateway);
    let names: Vec<_> = gateway
        .take_messages()
        .unwrap()
        .iter()
        .map(|message| {
            let verified = client.verify_notification(message.form_body.as_bytes()).unwrap();
            match VoucherMessage::from_notification(&verified).unwrap() {
                VoucherMessage::Created(_) => "created",
                VoucherMessage::Received(received) => {
                    assert_eq!(Recipient::of(&received), Some(Recipient::UserId(USER)));
                    "received"
                }
                VoucherMessage::Appended(_) => "appended",
                VoucherMessage::Modified(_) => "modified",
                VoucherMessage::Stopped(_) => "stopped",
                _ => "other",
            }
        })
        .collect();
    assert_eq!(names, ["created", "received", "appended", "modified", "stopped"]);
}

#[tokio::test]
async fn the_query_is_signed_as_it_is_sent() {
    let gateway = Gateway::start().await.unwrap();
    let odd = "a b/ä&=?#%+~*'()";
    let error = api(&gateway).query(QueryRequest::new(odd, MODE)).await.unwrap_err();
    // The gateway takes the signature over the target as received, so it got past that.
    assert_eq!(error.code(), Some(QueryErrorCode::InvalidParameter), "{error}");
    let requests = gateway.requests();
    let target = &requests.last().unwrap().target;
    assert_eq!(
        target,
        "/v3/alipay/marketing/activity/voucher/query?activity_id=a%20b%2F%C3%A4%26%3D%3F%23%25%2B~%2A%27%28%29&merchant_access_mode=SELF_MODE"
    );
}

#[tokio::test]
async fn a_repeat_with_the_same_key_has_no_further_effect() {
    let gateway = Gateway::start().await.unwrap();
    let id = active_activity(&gateway).await;
    let api = api(&gateway);
    let request = send_request(&id, "same-key");

    // The response is lost after the voucher was issued.
    gateway.fail_next(Fault::CloseAfterProcessing);
    let lost = api.send(&request).no_retry().await.unwrap_err();
    assert_eq!(lost.outcome(), Outcome::Unknown, "{lost}");

    let first = api.send(&request).await.unwrap();
    let second = api.send(&request).await.unwrap();
    assert_eq!(first.voucher_id, second.voucher_id);
    let response = api.query(QueryRequest::new(&id, MODE)).await.unwrap();
    assert_eq!(response.voucher_inventory_info.as_ref().unwrap().send_count, Some(1));
}

#[tokio::test]
async fn business_errors_have_typed_codes() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let created = api.create(create_request("c-1")).await.unwrap();
    let id = created.activity_id.clone().unwrap();

    let error = api.send(send_request(&id, "s-1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.code(), Some(SendErrorCode::ActivityNotActive));
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert!(error.authenticated());
    let line = error.to_string();
    assert!(line.contains("alipay.marketing.activity.voucher.send"), "{line}");
    assert!(line.contains("ACTIVITY_NOT_ACTIVE"), "{line}");
    assert!(line.contains(error.trace_id().unwrap()), "{line}");
    assert!(!line.contains('\n'), "{line}");

    let id = active_activity(&gateway).await;
    api.send(send_request(&id, "s-2")).await.unwrap();
    let error = api.send(send_request(&id, "s-3")).await.unwrap_err();
    assert_eq!(error.code(), Some(SendErrorCode::CountOverLimit));
    api.send(send_request(&id, "s-4").user_id("2088000000000002")).await.unwrap();
    let error = api.send(send_request(&id, "s-5").user_id("2088000000000003")).await.unwrap_err();
    assert_eq!(error.code(), Some(SendErrorCode::BudgetNotEnough));
    api.stop(StopRequest::new(&id, key("t-1"), MODE)).await.unwrap();
    gateway.complete_pending();
    let error = api.send(send_request(&id, "s-6").user_id("2088000000000004")).await.unwrap_err();
    assert_eq!(error.code(), Some(SendErrorCode::ActivityIsStoped));
}

#[tokio::test]
async fn gateway_errors_are_common_codes() {
    let gateway = Gateway::start().await.unwrap();
    let keys = alipay_mock::GatewayKeys::generate().unwrap();
    let other = Gateway::builder().keys(keys).start().await.unwrap();
    // Keys of one gateway, address of another.
    let client = alipay_voucher::Client::builder(support::credentials(&other))
        .base_url(gateway.base_url())
        .build()
        .unwrap();
    let api = alipay_voucher::VoucherApi::new(client);
    let error = api.stop(StopRequest::new("1", key("t"), MODE)).await.unwrap_err();
    let expected = StopErrorCode::Common(CommonErrorCode::InvalidSignature);
    assert_eq!(error.code(), Some(expected), "{error}");
    // Nobody signed that refusal, so it proves nothing.
    assert!(!error.authenticated());
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn modify_and_stop_take_an_empty_body_for_a_response() {
    let gateway = Gateway::builder().empty_acknowledgements(true).start().await.unwrap();
    let id = active_activity(&gateway).await;
    let api = api(&gateway);
    let base = ActivityBaseInfo::new().activity_id(&id).activity_name("renamed");
    let modified = api.modify(ModifyRequest::new(key("m-1"), MODE, base)).await.unwrap();
    assert!(modified.raw_body().is_empty());
    let stopped = api.stop(StopRequest::new(&id, key("t-1"), MODE)).await.unwrap();
    assert_eq!(stopped.completed_by(), "alipay.marketing.activity.message.stopped");
}

#[tokio::test]
async fn calls_can_be_encrypted_one_by_one() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let created = api.create(create_request("c-1")).encrypted().await.unwrap();
    let id = created.activity_id.clone().unwrap();
    let response = api.query(QueryRequest::new(&id, MODE)).encrypted().await.unwrap();
    assert_eq!(response.activity_id.as_deref(), Some(id.as_str()));
    let requests = gateway.requests();
    assert!(requests.iter().all(|request| request.header("alipay-encrypt-type") == Some("AES")));
    // What was verified and decrypted is readable.
    assert!(response.raw_body().starts_with(b"{"));

    gateway.fail_next(Fault::PlaintextForCiphertext);
    let error = api.query(QueryRequest::new(&id, MODE)).encrypted().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decryption, "{error}");
}

#[tokio::test]
async fn operations_are_called_by_their_ids_as_well() {
    let gateway = Gateway::start().await.unwrap();
    let id = active_activity(&gateway).await;
    let client = client(&gateway);
    let operation =
        |verb: &str| client.operation(&format!("alipay.marketing.activity.voucher.{verb}"));
    let query = || operation("query").query("activity_id", &id);
    // It only reads, so it is repeated.
    gateway.fail_next(Fault::CloseAfterProcessing);
    let found = query().query("merchant_access_mode", "SELF_MODE").await.unwrap();
    assert_eq!((found.attempts(), found["activity_id"].as_str()), (2, Some(id.as_str())));
    let issue = || operation("send").json(&send_request(&id, "s-1"));
    let sent = issue().encrypted().await.unwrap();
    assert!(sent["voucher_id"].is_string());
    // The same key again, which the caller may promise.
    gateway.fail_next(Fault::CloseAfterProcessing);
    let again = issue().idempotent().await.unwrap();
    assert_eq!((again.attempts(), &again["voucher_id"]), (2, &sent["voucher_id"]));
    let error = operation("stop").json(&serde_json::json!({})).await.unwrap_err();
    assert_eq!(error.operation(), Some("alipay.marketing.activity.voucher.stop"));
    assert_eq!((error.outcome(), error.authenticated()), (Outcome::Rejected, true), "{error}");
}

#[tokio::test]
async fn a_token_of_another_merchant_is_sent_and_signed() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    api.create(create_request("c-1")).app_auth_token("202212BBtoken").await.unwrap();
    let requests = gateway.requests();
    assert!(requests.last().unwrap().header("alipay-app-auth-token").is_some());
}

/// What the client makes of each way a response can be wrong.
#[tokio::test]
async fn faults() {
    use std::time::Duration;
    let rows = [
        (Fault::NoSignature, ErrorKind::Verification, Outcome::Unknown),
        (Fault::NullSignature, ErrorKind::Verification, Outcome::Unknown),
        (Fault::WrongSignature, ErrorKind::Verification, Outcome::Unknown),
        (Fault::GarbageSignature, ErrorKind::Verification, Outcome::Unknown),
        (Fault::TamperedBody, ErrorKind::Verification, Outcome::Unknown),
        (Fault::StaleTimestamp, ErrorKind::Verification, Outcome::Unknown),
        (Fault::TruncatedJson, ErrorKind::Decode, Outcome::Unknown),
        (Fault::Html502, ErrorKind::Status, Outcome::Unknown),
        (Fault::Status(500), ErrorKind::Status, Outcome::Unknown),
        (Fault::Status(302), ErrorKind::Status, Outcome::Unknown),
        (Fault::CloseBeforeResponse, ErrorKind::Transport, Outcome::Unknown),
        (Fault::CloseAfterProcessing, ErrorKind::Transport, Outcome::Unknown),
        (Fault::Delay(Duration::from_secs(20)), ErrorKind::Timeout, Outcome::Unknown),
        (
            Fault::SignedError { status: 400, code: "BRAND_NEW_CODE".to_owned() },
            ErrorKind::Api,
            Outcome::Unknown,
        ),
        (
            Fault::SignedError { status: 400, code: "BRAND_NEW_CODE_IS_INVALID".to_owned() },
            ErrorKind::Api,
            Outcome::Rejected,
        ),
        (
            Fault::UnsignedError { status: 400, code: "INVALID_PARAMETER".to_owned() },
            ErrorKind::Api,
            Outcome::Unknown,
        ),
    ];
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    for (index, (fault, kind, outcome)) in rows.into_iter().enumerate() {
        let what = format!("{fault:?}");
        gateway.fail_next(fault);
        let request = create_request(&format!("fault-{index}"));
        let error = api
            .create(request)
            .timeout(Duration::from_millis(1500))
            .no_retry()
            .await
            .expect_err(&what);
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{what}: {error}");
        assert!(!error.to_string().contains('\n'), "{what}: {error}");
    }
}

#[tokio::test]
async fn a_code_newer_than_this_crate_survives() {
    let gateway = Gateway::start().await.unwrap();
    gateway.fail_next(Fault::SignedError { status: 400, code: "BRAND_NEW_CODE".to_owned() });
    let error = api(&gateway).create(create_request("c-1")).await.unwrap_err();
    let code: CreateErrorCode = error.code().unwrap();
    assert!(!code.is_known());
    assert_eq!(code.as_str(), "BRAND_NEW_CODE");
}
