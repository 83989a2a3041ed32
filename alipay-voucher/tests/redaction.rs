//! Personal data never shows, whatever is printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use alipay_mock::Gateway;
use alipay_voucher::{models::*, value::UnknownValue};

const CANARY: &str = "canary-2088";

#[test]
fn requests_and_their_parts() {
    let send = SendRequest::new().user_id(CANARY).open_id(CANARY).activity_id("shown");
    let balance = VoucherBalanceRechargeInfo::new().logon_id(CANARY).partner_id("2088-pid");
    let budget = VoucherBudgetSupplyInfo::new().voucher_recharge_info(
        VoucherRechargeInfo::new().voucher_balance_recharge_info(balance.clone()),
    );
    let old_account =
        PaymentVoucherAlipayBalanceRechargeInfo::new().logon_id(CANARY).user_id(CANARY);
    let display = VoucherDisplayPatternInfo::new().customer_service_mobile(CANARY);
    let old_display = PaymentVoucherDisplayInfo::new().customer_service_mobile(CANARY);
    let printed = [
        format!("{send:?}{send:#?}"),
        format!("{balance:?}"),
        format!("{budget:#?}"),
        format!("{old_account:?}"),
        format!("{display:?}{old_display:?}"),
    ];
    for text in &printed {
        assert!(!text.contains(CANARY), "{text}");
        assert!(text.contains("redacted"), "{text}");
    }
    // What is not personal shows, or `Debug` would be of no use.
    assert!(printed[0].contains("shown"));
    assert!(printed[2].contains("2088-pid"));
}

#[tokio::test]
async fn calls_clients_and_errors() {
    let gateway = Gateway::start().await.unwrap();
    let client = support::client(&gateway);
    let api = support::api(&gateway);
    let request = SendRequest::new().activity_id("1").out_biz_no("2").user_id(CANARY);
    let call = api.send(&request).app_auth_token("canary-token");
    let mut printed = format!("{call:?}{client:?}{api:?}{:?}", support::credentials(&gateway));
    let error = call.await.unwrap_err();
    printed += &format!("{error}{error:?}{error:#?}");
    printed += &format!("{:?}", gateway.requests());
    for secret in [
        CANARY,
        "canary-token",
        gateway.app_private_key().get(30..60).unwrap(),
        gateway.encrypt_key(),
    ] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn unknown_values_survive_a_round_trip() {
    let json = r#"{"activity_status":"BRAND_NEW","brand_new_field":{"a":[1]},"voucher_type":"X"}"#;
    let answer: QueryResponse = serde_json::from_str(json).unwrap();
    let status = answer.activity_status.clone().unwrap();
    assert!(!status.is_known());
    assert!(
        matches!(&status, ActivityStatus::Unknown(value) if UnknownValue::as_str(value) == "BRAND_NEW")
    );
    assert_eq!(
        serde_json::to_string(&answer).unwrap(),
        r#"{"activity_status":"BRAND_NEW","voucher_type":"X"}"#
    );
}
