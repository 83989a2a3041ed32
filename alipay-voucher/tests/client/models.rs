//! Models of the generated crate, as their users meet them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use alipay_voucher::{models::*, value::UnknownValue};

#[test]
fn unknown_values_survive_a_round_trip() {
    let json = r#"{"activity_status":"BRAND_NEW","brand_new_field":{"a":[1]},"voucher_type":"X"}"#;
    let response: QueryResponse = serde_json::from_str(json).unwrap();
    let status = response.activity_status.clone().unwrap();
    assert!(!status.is_known());
    assert!(
        matches!(&status, ActivityStatus::Unknown(value) if UnknownValue::as_str(value) == "BRAND_NEW")
    );
    assert_eq!(
        serde_json::to_string(&response).unwrap(),
        r#"{"activity_status":"BRAND_NEW","voucher_type":"X"}"#
    );
}

#[test]
#[expect(deprecated, reason = "the old style is what is tested")]
fn old_style_fields_are_deprecated_and_sent() {
    let rule = PaymentVoucherUseRuleModify::new()
        .available_app_ids(["2021000000000002".to_owned()])
        .voucher_valid_period(PaymentVoucherValidPeriodModify::new().valid_days_after_receive(3));
    assert_eq!(
        serde_json::to_string(&rule).unwrap(),
        r#"{"available_app_ids":"[\"2021000000000002\"]","voucher_valid_period":{"valid_days_after_receive":3}}"#
    );
}
