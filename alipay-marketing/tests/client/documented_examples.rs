//! The examples in the documentation of the operations are requests that the gateway accepts.

use std::collections::BTreeSet;

use alipay_marketing::{
    activity::{
        ActivityApi,
        app::AppApi,
        goods::GoodsApi,
        merchant::MerchantApi,
        models::QueryResponse,
        shop::ShopApi,
        user::{UserApi, models::QueryvoucherResponse},
    },
    material::image::ImageApi,
    meta,
    models::{ActivityStatus, VoucherStatus},
};

use crate::support;

// The same lines as in the documentation.
#[rustfmt::skip]
#[path = "../generated/examples/activity.rs"]
mod activity;
#[rustfmt::skip]
#[path = "../generated/examples/activity_app.rs"]
mod app;
#[rustfmt::skip]
#[path = "../generated/examples/activity_goods.rs"]
mod goods;
#[rustfmt::skip]
#[path = "../generated/examples/material_image.rs"]
mod image;
#[rustfmt::skip]
#[path = "../generated/examples/activity_merchant.rs"]
mod merchant;
#[rustfmt::skip]
#[path = "../generated/examples/activity_shop.rs"]
mod shop;
#[rustfmt::skip]
#[path = "../generated/examples/activity_user.rs"]
mod user;

#[tokio::test]
async fn documented_requests_are_accepted() {
    let (gateway, client) = support::gateway().await;
    let id = support::published(&client, support::create_request()).await;
    gateway.clear_requests();

    // The examples name an activity and a voucher that this gateway does not have, and a file beside the
    // program; the rest is sent as it is.
    std::env::set_current_dir(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write("photo.jpg", b"\xff\xd8\xff and more").unwrap();
    let upload = ImageApi::new(client.clone()).upload(image::upload().unwrap()).await;
    assert!(upload.unwrap().resource_id.is_some());

    let activity = ActivityApi::new(client.clone());
    let consulted = activity.consult(activity::consult().unwrap()).await.unwrap();
    assert_eq!(consulted.consult_result_info_list.as_ref().unwrap().len(), 1);
    let listed = activity.batchquery(activity::batchquery().unwrap()).await.unwrap();
    assert_eq!(listed.total_size.as_deref(), Some("1"));
    let mut query = activity::query().unwrap();
    query.activity_id.clone_from(&id);
    let queried = activity.query(query).await.unwrap();
    assert_eq!(queried.activity_id.as_ref(), Some(&id));
    assert_eq!(QueryResponse::status(&queried), Some(&ActivityStatus::Active));

    let user = UserApi::new(client.clone());
    let list = user::batchqueryvoucher().unwrap();
    let recipient = list.user_id.clone().unwrap();
    let voucher_id = support::sent(&client, &id, "user_id", &recipient).await;
    assert_eq!(user.batchqueryvoucher(list).await.unwrap().total_size, Some(1));
    let mut query = user::queryvoucher().unwrap();
    query.voucher_id = Some(voucher_id);
    let voucher = user.queryvoucher(query).await.unwrap();
    assert_eq!(QueryvoucherResponse::status(&voucher), Some(&VoucherStatus::Sended));

    macro_rules! scope {
        ($api:ident, $module:ident) => {
            let mut list = $module::batchquery().unwrap();
            list.activity_id.clone_from(&id);
            let page = $api::new(client.clone()).batchquery(list).await.unwrap();
            assert_eq!(page.activity_id.as_ref(), Some(&id));
            assert!(page.unreadable().is_empty());
        };
    }
    scope!(MerchantApi, merchant);
    scope!(ShopApi, shop);
    scope!(AppApi, app);
    scope!(GoodsApi, goods);

    let called = gateway.requests().into_iter().filter_map(|request| request.operation);
    let called: BTreeSet<_> = called.filter(|id| !id.contains(".voucher.")).collect();
    let all = meta::OPERATIONS.iter().map(|operation| operation.id.to_owned());
    assert_eq!(called, all.collect());
}
