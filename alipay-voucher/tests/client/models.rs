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
