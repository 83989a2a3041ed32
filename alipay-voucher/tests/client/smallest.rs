//! The smallest create requests pass at the gateway, as they are.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::support;

use alipay_mock::Gateway;
use alipay_voucher::{
    models::*,
    smallest::{self, BudgetTooLarge, Parts},
    value::{LocalDateTime, Yuan},
};
use support::{USER, api, key};

const MERCHANT: &str = "2088102111111111";

fn parts() -> Parts<'static> {
    let now = LocalDateTime::try_from(std::time::SystemTime::now()).unwrap();
    Parts {
        out_biz_no: key("create-1"),
        merchant_id: MERCHANT,
        amount: Yuan::from_fen(1_00),
        floor_amount: Yuan::from_fen(10_50),
        quantity: 3,
        publish_start_time: now,
        publish_end_time: now.plus_days(180),
        valid_end_time: now.plus_days(181),
    }
}

/// Create, publish, pay if that is asked for, wait until it is active, send.
async fn walk(request: CreateRequest) {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let mode = request.merchant_access_mode.clone();
    let pre_funded = request.voucher_budget_supply_info.budget_type == Some(BudgetType::Recharge);
    let created = api.create(&request).await.unwrap();
    let id = created.activity_id.as_deref().unwrap();

    let publish = PublishRequest::new(id, key("publish-1"), mode.clone());
    let published = api.publish(publish).await.unwrap();
    assert_eq!(published.recharge_url.is_some(), pre_funded);
    if pre_funded {
        gateway.complete_pending();
        let query = api.query(QueryRequest::new(id, mode.clone())).await.unwrap();
        assert_ne!(QueryResponse::status(&query), Some(&ActivityStatus::Active));
        gateway.pay(id).unwrap();
    }

    let active = api.wait_until_active(QueryRequest::new(id, mode.clone())).await.unwrap();
    assert_eq!(QueryResponse::status(&active), Some(&ActivityStatus::Active));
    let sent = api.send(SendRequest::new(id, key("send-1"), mode).user_id(USER)).await.unwrap();
    assert!(sent.voucher_id.is_some());
}

#[tokio::test]
async fn a_voucher_without_a_budget() {
    walk(smallest::no_cash(parts())).await;
}

#[tokio::test]
async fn a_voucher_with_a_budget() {
    let request = smallest::recharge(parts(), MERCHANT).unwrap();
    let recharge = request.voucher_budget_supply_info.voucher_recharge_info.as_ref().unwrap();
    let details = recharge.voucher_balance_recharge_info.as_ref().unwrap();
    assert_eq!(details.amount, Some(Yuan::from_fen(3_00)));
    walk(request).await;
}

#[tokio::test]
async fn a_voucher_for_goods() {
    walk(smallest::for_goods(smallest::no_cash(parts()), ["sku-1", "sku-2"])).await;
}

#[tokio::test]
async fn vouchers_that_a_service_provider_creates() {
    let owner = "2088102122222222";
    walk(smallest::for_merchant(smallest::no_cash(parts()), owner)).await;
    walk(smallest::for_merchant(smallest::recharge(parts(), owner).unwrap(), owner)).await;
}

#[test]
fn the_amounts_name_the_voucher() {
    let request = smallest::no_cash(parts());
    assert_eq!(request.activity_base_info.activity_name.as_deref(), Some("满10.5减1"));
    let longest = Parts {
        amount: Yuan::from_fen(299_999),
        floor_amount: Yuan::from_fen(4_999_999),
        ..parts()
    };
    let name = smallest::no_cash(longest).activity_base_info.activity_name.unwrap();
    assert!(name.chars().count() <= 20, "{name}");
    let even = Parts { amount: Yuan::from_fen(10_000), ..parts() };
    let name = smallest::no_cash(even).activity_base_info.activity_name;
    assert_eq!(name.as_deref(), Some("满10.5减100"));
}

#[test]
fn a_budget_that_cannot_be_said_is_refused() {
    let parts = Parts { amount: Yuan::from_fen(i64::MAX), ..parts() };
    assert_eq!(smallest::recharge(parts, MERCHANT).unwrap_err(), BudgetTooLarge);
}
