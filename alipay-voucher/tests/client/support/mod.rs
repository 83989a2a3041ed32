//! A client of a gateway, and requests that pass.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, sync::LazyLock};

use alipay_core::keys::PrivateKey;
use alipay_mock::Gateway;
use alipay_voucher::{
    Client, Credentials, VoucherApi,
    models::*,
    value::{IdempotencyKey, LocalDateTime, Yuan},
};

pub const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
pub const USER: &str = "2088102146225135";

pub fn credentials(gateway: &Gateway) -> Credentials {
    Credentials::keys(gateway.app_id(), gateway.app_private_key(), gateway.alipay_public_key())
        .unwrap()
        .encrypt_key(gateway.encrypt_key())
        .unwrap()
}

pub fn client(gateway: &Gateway) -> Client {
    Client::builder(credentials(gateway)).base_url(gateway.base_url()).build().unwrap()
}

pub fn api(gateway: &Gateway) -> VoucherApi {
    VoucherApi::new(client(gateway))
}

/// An idempotency key.
pub fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

/// The same for the whole run: a request that is made again for its `out_biz_no` must be the same, or the
/// gateway refuses it.
static START: LazyLock<LocalDateTime> =
    LazyLock::new(|| LocalDateTime::try_from(std::time::SystemTime::now()).unwrap());

/// An activity that may issue vouchers from now on for thirty days.
pub fn create_request(out_biz_no: &str) -> CreateRequest {
    let now = *START;
    CreateRequest::new(CreateRequestParts {
        out_biz_no: key(out_biz_no),
        merchant_access_mode: MODE,
        activity_base_info: ActivityBaseInfo::new().activity_name("满10减1"),
        voucher_send_mode_info: VoucherSendModeInfo::new()
            .voucher_send_mode(VoucherSendMode::DirectSendMode)
            .voucher_send_rule_info(
                VoucherSendRuleInfo::new()
                    .quantity(2)
                    .quantity_limit_per_user(1)
                    .publish_start_time(now)
                    .publish_end_time(now.plus_days(30)),
            ),
        voucher_deduct_info: VoucherDeductInfo::new()
            .voucher_type(VoucherType::FixVoucher)
            .fix_voucher_info(
                FixVoucherInfo::new()
                    .amount(Yuan::from_fen(100))
                    .floor_amount(Yuan::from_fen(1000)),
            ),
        voucher_available_scope_info: VoucherAvailableScopeInfo::new()
            .voucher_available_account_info(
                VoucherAvailableAccountInfo::new().available_pids(["2088102111111111"]),
            ),
        voucher_use_rule_info: VoucherUseRuleInfo::new().voucher_use_time_info(
            VoucherUseTimeInfo::new().period_type(ValidPeriodType::Absolute).absolute_period_info(
                VoucherAbsolutePeriodInfo::new()
                    .valid_begin_time(now)
                    .valid_end_time(now.plus_days(60)),
            ),
        ),
        voucher_customer_guide_info: VoucherCustomerGuideInfo::new().voucher_use_guide_info(
            VoucherUseGuideInfo::new().use_guide_mode([UseGuideMode::CanUse]),
        ),
        voucher_display_pattern_info: VoucherDisplayPatternInfo::new().brand_name("商家优惠"),
        voucher_budget_supply_info: VoucherBudgetSupplyInfo::new().budget_type(BudgetType::NoCash),
    })
}

/// Creates and activates an activity; gives its id.
pub async fn active_activity(gateway: &Gateway) -> String {
    let api = api(gateway);
    let created = api.create(create_request("setup-create")).await.unwrap();
    let id = created.activity_id.clone().unwrap();
    api.publish(PublishRequest::new(&id, key("setup-publish"), MODE)).await.unwrap();
    gateway.complete_pending();
    id
}

pub fn send_request(id: &str, out_biz_no: &str) -> SendRequest {
    SendRequest::new(id, key(out_biz_no), MODE).user_id(USER)
}

/// A notification as Alipay posts it, with one parameter more, signed with the gateway's key.
pub fn form(gateway: &Gateway, method: &str, content: &str, more: (&str, &str)) -> String {
    let parameters = BTreeMap::from([
        ("app_id", gateway.app_id()),
        ("biz_content", content),
        ("msg_method", method),
        ("notify_id", "n1"),
        more,
    ]);
    let join = |encode: fn(&str) -> String| {
        let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    };
    let key = PrivateKey::parse(gateway.keys().alipay_private_key()).unwrap();
    let sign = key.sign(join(str::to_owned).as_bytes()).unwrap();
    format!("{}&sign_type=RSA2&sign={}", join(encoded), encoded(&sign))
}

fn encoded(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}
