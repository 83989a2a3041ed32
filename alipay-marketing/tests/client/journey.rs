//! The whole journey of a voucher with both crates and one client: the gateway keeps one state.

use std::time::Duration;

use alipay_marketing::{
    activity::{
        ActivityApi,
        merchant::{MerchantApi, models::BatchqueryRequest},
        models::{ConsultRequest, QueryRequest},
        user::{
            UserApi,
            models::{
                BatchqueryvoucherRequest, QueryvoucherErrorCode, QueryvoucherRequest,
                QueryvoucherResponse,
            },
        },
    },
    material::image::{
        ImageApi,
        models::{FileKey, UploadErrorCode, UploadRequest},
    },
    models::{ConsultActivityInfo, ConsultResultCode, MerchantAccessMode, VoucherStatus},
    value::File,
};
use alipay_voucher::VoucherApi;

use crate::support;

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
const USER: &str = "010ReaderOfBooksInTheMiniProgramOfBaiyunShudian";

async fn consulted(api: &ActivityApi, id: &str) -> ConsultResultCode {
    let ask = [ConsultActivityInfo::default().activity_id(id)];
    let response = api.consult(ConsultRequest::new(ask, MODE).open_id(USER)).await.unwrap();
    assert_eq!(response.open_id.as_deref(), Some(USER));
    let results = response.into_inner().consult_result_info_list.unwrap();
    results.into_iter().next().unwrap().consult_result_code.unwrap()
}

#[tokio::test]
async fn from_the_image_to_the_redeemed_voucher() {
    let (gateway, client) = support::gateway().await;

    let images = ImageApi::new(client.clone());
    let logo = File::bytes("logo.png", &b"\x89PNG\r\n\x1a\n and more"[..]);
    let uploaded = images.upload(UploadRequest::new(FileKey::PromoBrandLogo, logo)).await.unwrap();
    let logo = uploaded.resource_id.clone().unwrap();

    let mut create = support::create_request();
    create.voucher_display_pattern_info =
        create.voucher_display_pattern_info.brand_logo(logo.as_str());
    let deduct = create.voucher_deduct_info.clone();
    let id = support::published(&client, create).await;
    let query = alipay_voucher::models::QueryRequest::new(&id, MODE);
    VoucherApi::new(client.clone()).wait_until_active(query).await.unwrap();

    let activities = ActivityApi::new(client.clone());
    assert_eq!(consulted(&activities, &id).await, ConsultResultCode::Success);
    let voucher_id = support::sent(&client, &id, "open_id", USER).await;
    // The activity allows one voucher per user.
    assert_eq!(consulted(&activities, &id).await, ConsultResultCode::CountOverLimit);

    let queried = activities.query(QueryRequest::new(id.as_str(), MODE)).await.unwrap();
    assert_eq!(queried.unreadable(), []);
    let display = queried.voucher_display_pattern_info.as_ref().unwrap();
    assert_eq!(display.brand_logo.as_deref(), Some(logo.as_str()));
    assert!(display.brand_logo_url.is_some());
    // A value of one crate is a value of the other.
    assert_eq!(queried.voucher_deduct_info.as_ref(), Some(&deduct));

    let users = UserApi::new(client.clone());
    let query = QueryvoucherRequest::default().open_id(USER).voucher_id(voucher_id.as_str());
    let before = users.queryvoucher(&query).await.unwrap();
    assert_eq!(before.unreadable(), []);
    let status = |base: &Option<alipay_marketing::models::UserVoucherBaseInfo>| {
        base.as_ref().unwrap().voucher_status.clone().unwrap()
    };
    assert_eq!(status(&before.user_voucher_base_info), VoucherStatus::Sended);
    gateway.redeem(&voucher_id).unwrap();
    let after = users.queryvoucher(&query).await.unwrap();
    assert_eq!(status(&after.user_voucher_base_info), VoucherStatus::Used);
    assert_eq!(after.user_voucher_base_info.as_ref().unwrap().voucher_used_times, Some(1));

    let listed = |page, size| {
        BatchqueryvoucherRequest::new(page, MODE, size)
            .activity_id(id.as_str())
            .sender_merchant_id("2088000000000001")
            .open_id(USER)
    };
    let page = users.batchqueryvoucher(listed(1, 1)).await.unwrap();
    assert_eq!((page.total_size, page.unreadable()), (Some(1), &[][..]));
    let vouchers = page.user_voucher_infos.as_deref().unwrap();
    let bases: Vec<_> = vouchers.iter().map(|voucher| &voucher.user_voucher_base_info).collect();
    assert_eq!(bases, [&after.user_voucher_base_info]);
    let rest = users.batchqueryvoucher(listed(2, 1)).await.unwrap();
    assert_eq!(rest.user_voucher_infos.as_deref(), Some(&[][..]));

    let merchants = MerchantApi::new(client);
    let page = merchants.batchquery(BatchqueryRequest::new(id.as_str(), 1, 20)).await.unwrap();
    assert_eq!(page.total_size, Some(1));
}

#[tokio::test]
async fn a_client_of_the_gateway_follows_its_clock() {
    let (gateway, client) = support::gateway().await;
    let id = support::published(&client, support::create_request()).await;
    let voucher_id = support::sent(&client, &id, "open_id", USER).await;
    gateway.clock().advance(Duration::from_secs(100 * 86_400));
    let query = QueryvoucherRequest::new().open_id(USER).voucher_id(voucher_id);
    let voucher = UserApi::new(client).queryvoucher(query).await.unwrap();
    assert_eq!(QueryvoucherResponse::status(&voucher), Some(&VoucherStatus::Expired));
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let (_gateway, client) = support::gateway().await;
    let text = File::bytes("logo.png", &b"not an image"[..]);
    let images = ImageApi::new(client.clone());
    let error = images.upload(UploadRequest::new(FileKey::PromoBrandLogo, text)).await.unwrap_err();
    assert_eq!(error.code(), Some(UploadErrorCode::FileTypeError));
    // In the signed part of an upload stands what the caller has put there.
    let logo = File::bytes("logo.png", &b"\x89PNG\r\n\x1a\n and more"[..]);
    let upload = || images.upload(UploadRequest::new(FileKey::PromoBrandLogo, logo.clone()));
    let error = upload().raw_field("/file_key", 7).await.unwrap_err();
    assert!(error.authenticated() && error.to_string().contains("file_key"), "{error}");
    upload().raw_field("/file_key", "PROMO_BRAND_LOGO").await.unwrap();
    let query =
        QueryvoucherRequest::default().open_id(USER).voucher_id("2021072900073002214009F8QHR3");
    let error = UserApi::new(client).queryvoucher(query).await.unwrap_err();
    assert_eq!(error.code(), Some(QueryvoucherErrorCode::VoucherNotExist));
    // Neither the id of the user nor that of the voucher is shown.
    assert!(!format!("{error} {error:?}").contains(USER));
}
