//! The examples in the documentation of the operations are requests that the gateway accepts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use alipay_mock::{Clock, Completion, Gateway};
use alipay_voucher::{
    VoucherApi, meta,
    models::{ActivityStatus, CreateRequest},
    value::LocalDateTime,
};

// The same lines as in the documentation.
#[rustfmt::skip]
#[path = "../generated/examples/voucher.rs"]
mod documented;

/// When the example begins to issue vouchers.
fn start(create: &CreateRequest) -> LocalDateTime {
    let mode = create.voucher_send_mode_info.voucher_send_rule_info.as_ref();
    mode.unwrap().publish_start_time.unwrap()
}

#[tokio::test]
async fn documented_requests_are_accepted() {
    let create = documented::create().unwrap();
    // Both clocks stand at a time at which vouchers are issued.
    let clock = Clock::fixed(start(&create).plus_days(10).unix_seconds() * 1000);
    let gateway =
        Gateway::builder().clock(clock).completion(Completion::Manual).start().await.unwrap();
    let api = VoucherApi::new(gateway.client().unwrap());

    let created = api.create(create).await.unwrap();
    let id = created.activity_id.clone().unwrap();

    // The examples name an activity that this gateway does not have; the rest is sent as it is.
    let mut publish = documented::publish().unwrap();
    publish.activity_id.clone_from(&id);
    api.publish(publish).await.unwrap();
    gateway.complete_pending();

    let mut append = documented::append().unwrap();
    append.activity_id.clone_from(&id);
    let quantity = append.voucher_quantity;
    api.append(append).await.unwrap();
    gateway.complete_pending();

    let mut modify = documented::modify().unwrap();
    modify.activity_base_info.activity_id = Some(id.clone());
    let name = modify.activity_base_info.activity_name.clone();
    api.modify(modify).await.unwrap();
    gateway.complete_pending();

    let mut send = documented::send().unwrap();
    send.activity_id = id.clone();
    assert!(api.send(send).await.unwrap().voucher_id.is_some());

    let mut query = documented::query().unwrap();
    query.activity_id.clone_from(&id);
    let activity = api.query(&query).await.unwrap();
    assert_eq!(activity.activity_status, Some(ActivityStatus::Active));
    assert!(name.is_some());
    assert_eq!(activity.activity_base_info.as_ref().unwrap().activity_name, name);
    let mode = activity.voucher_send_mode_info.as_ref().unwrap();
    assert_eq!(mode.voucher_send_rule_info.as_ref().unwrap().quantity, Some(quantity));

    let mut stop = documented::stop().unwrap();
    stop.activity_id.clone_from(&id);
    api.stop(stop).await.unwrap();
    gateway.complete_pending();
    let activity = api.query(&query).await.unwrap();
    assert_eq!(activity.activity_status, Some(ActivityStatus::Finished));

    let called: BTreeSet<_> =
        gateway.requests().into_iter().filter_map(|request| request.operation).collect();
    let all = meta::OPERATIONS.iter().map(|operation| operation.id.to_owned());
    assert_eq!(called, all.collect());
}
