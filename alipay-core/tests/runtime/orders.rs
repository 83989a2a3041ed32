//! Orders for pages and apps.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use crate::common;

use std::{collections::BTreeMap, sync::LazyLock};

use alipay_core::order::PageOrder;
use common::client;
use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};

/// Orders of the official Node SDK.
static ORDERS: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/orders.json")).unwrap());

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
}

/// The parameters of a query.
fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .map(|part| part.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn content(product_code: &str) -> Json {
    json!({
        "out_trade_no": "20260101-0001",
        "total_amount": "88.88",
        "subject": "满10减1 \"A\"+b&c='d'",
        "product_code": product_code,
    })
}

fn page_order() -> PageOrder {
    client()
        .page_order("alipay.trade.page.pay")
        .notify_url("https://www.aaa.com/n?x=1")
        .return_url("https://www.bbb.com")
        .parameter("alipay_sdk", "alipay-sdk-nodejs-4.0.0")
        .biz_content(&content("FAST_INSTANT_TRADE_PAY"))
}

#[tokio::test]
async fn a_link_has_the_parameters_and_the_signature_of_the_official_sdk() {
    let expected = ORDERS["page_pay"].as_str().unwrap();
    let (address, query) = expected.split_once('?').unwrap();
    let url = page_order().sign().await.unwrap().url();
    let (own_address, own_query) = url.split_once('?').unwrap();
    assert_eq!(own_address, address);
    assert_eq!(parameters(own_query), parameters(query));
}

#[tokio::test]
async fn a_string_for_the_app_has_the_parameters_and_the_signature_of_the_official_sdk() {
    let order = client()
        .page_order("alipay.trade.app.pay")
        .notify_url("https://www.aaa.com/n?x=1")
        .biz_content(&content("QUICK_MSECURITY_PAY"))
        .sign()
        .await
        .unwrap();
    let expected = parameters(ORDERS["app_pay"].as_str().unwrap());
    assert_eq!(parameters(&order.order_string()), expected);
}
