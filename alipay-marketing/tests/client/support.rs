//! A gateway at the time of the documented examples, a client of it, and an activity.

use alipay_marketing::Client;
use alipay_mock::{Clock, Gateway};
use alipay_voucher::{
    VoucherApi,
    models::{CreateRequest, SendRequest},
};
use serde_json::json;

// The lines of the documentation of the other crate.
#[rustfmt::skip]
#[path = "../../../alipay-voucher/tests/generated/examples/voucher.rs"]
#[allow(dead_code, reason = "only some are sent here")]
mod vouchers;

/// A gateway and a client, whose clocks stand at a time at which the documented activity issues vouchers.
pub(crate) async fn gateway() -> (Gateway, Client) {
    let create = create_request();
    let rule = create.voucher_send_mode_info.voucher_send_rule_info.unwrap();
    let now = rule.publish_start_time.unwrap().plus_days(10).unix_seconds();
    let gateway = Gateway::builder().clock(Clock::fixed(now * 1000)).start().await.unwrap();
    let client = gateway.client().unwrap();
    (gateway, client)
}

pub(crate) fn create_request() -> CreateRequest {
    vouchers::create().unwrap()
}

/// Creates and publishes an activity.
pub(crate) async fn published(client: &Client, create: CreateRequest) -> String {
    let api = VoucherApi::new(client.clone());
    let id = api.create(create).await.unwrap().activity_id.clone().unwrap();
    let mut publish = vouchers::publish().unwrap();
    publish.activity_id.clone_from(&id);
    api.publish(publish).await.unwrap();
    id
}

/// Sends a voucher to a user, and gives its id.
pub(crate) async fn sent(client: &Client, activity_id: &str, kind: &str, user: &str) -> String {
    let request = json!({
        "activity_id": activity_id,
        "out_biz_no": format!("send-{kind}"),
        "merchant_access_mode": "SELF_MODE",
        kind: user,
    });
    let request: SendRequest = serde_json::from_value(request).unwrap();
    let api = VoucherApi::new(client.clone());
    api.send(request).await.unwrap().voucher_id.clone().unwrap()
}
