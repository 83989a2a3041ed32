//! The smallest create requests that pass, to start from.
//!
//! Payment vouchers (支付券) take a fixed amount off, and users receive them for free. They differ in who provides
//! the money: nobody in advance ([`no_cash`]) or a merchant's balance ([`recharge`]). Either can be limited to
//! goods ([`for_goods`]), or be created by a service provider for a merchant ([`for_merchant`]).
//!
//! ```
//! use alipay_voucher::{
//!     models::*,
//!     smallest,
//!     value::{LocalDateTime, Yuan},
//! };
//!
//! let now = LocalDateTime::try_from(std::time::SystemTime::now())?;
//! let request = smallest::no_cash(smallest::Parts {
//!     out_biz_no: "create-0001".parse()?,
//!     merchant_id: "2088102111111111",
//!     amount: Yuan::from_fen(1_00),
//!     floor_amount: Yuan::from_fen(10_00),
//!     quantity: 100,
//!     publish_start_time: now,
//!     publish_end_time: now.plus_days(30),
//!     valid_end_time: now.plus_days(60),
//! });
//! assert_eq!(request.activity_base_info.activity_name.as_deref(), Some("满10减1"));
//!
//! // Everything in it can be changed. A group that is set replaces the one before.
//! let request = request.voucher_display_pattern_info(
//!     VoucherDisplayPatternInfo::new().brand_name("山茶咖啡").voucher_description("每桌限用一张"),
//! );
//! # let _ = request;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Before real use
//!
//! The requests hold what is required, as far as that is known, and these choices:
//!
//! | field | set to | change it when |
//! | --- | --- | --- |
//! | `activity_base_info.activity_name` | both amounts, such as 满10减1 | you have a name of your own; users never see it |
//! | `voucher_send_rule_info.quantity_limit_per_user` | 1 | a user may have several |
//! | `voucher_available_account_info.available_pids` | the merchant | other merchants take the voucher, too, or only shops or apps of yours |
//! | `absolute_period_info.valid_begin_time` | the start of issue | the voucher is valid from another day, or for some days after its receipt |
//! | `voucher_use_guide_info.use_guide_mode` | `CAN_USE` | users shall be led to a mini-program or to their payment code |
//! | `voucher_display_pattern_info` | the name 商家优惠, which Alipay shows without one, and the amounts | always: users see it; `brand_logo` and `voucher_image` are images that you upload before |
//!
//! Alipay creates payment vouchers for merchants that have signed up for the product only.

use std::{error::Error, fmt};

use crate::{
    models::{
        ActivityBaseInfo, BelongMerchantInfo, BudgetType, CreateRequest, CreateRequestParts,
        FixVoucherInfo, MerchantAccessMode, MerchantIdType, RechargeType, UseGuideMode,
        ValidPeriodType, VoucherAbsolutePeriodInfo, VoucherAvailableAccountInfo,
        VoucherAvailableGoodsInfo, VoucherAvailableScopeInfo, VoucherBalanceRechargeInfo,
        VoucherBudgetSupplyInfo, VoucherCustomerGuideInfo, VoucherDeductInfo,
        VoucherDisplayPatternInfo, VoucherRechargeInfo, VoucherSendMode, VoucherSendModeInfo,
        VoucherSendRuleInfo, VoucherType, VoucherUseGuideInfo, VoucherUseRuleInfo,
        VoucherUseTimeInfo,
    },
    value::{IdempotencyKey, LocalDateTime, Yuan},
};

/// What only the caller can decide. The fields have the names of those they are sent as.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "made by callers, with all fields")]
pub struct Parts<'a> {
    /// The idempotency key, unique among all your requests (外部业务单号).
    pub out_biz_no: IdempotencyKey,
    /// The PID of the merchant at whom the voucher can be redeemed.
    pub merchant_id: &'a str,
    /// What the voucher takes off: 0.10 to 3000 yuan.
    pub amount: Yuan,
    /// From which amount of an order on it can be used (门槛金额): 0.10 to 50000 yuan.
    pub floor_amount: Yuan,
    /// How many vouchers there are: 1 to 99999999. What all of them take off is the most that the activity costs.
    pub quantity: u32,
    /// From when on vouchers are issued. They are valid from then on, too.
    pub publish_start_time: LocalDateTime,
    /// Until when vouchers are issued: at most 180 days after the start.
    pub publish_end_time: LocalDateTime,
    /// Until when they can be used. It is after the end of issue.
    pub valid_end_time: LocalDateTime,
}

impl<'a> Parts<'a> {
    /// Made-up figures for a first try: 1 yuan off from 10 yuan on, 100 vouchers, issued for 30 days and valid for 60.
    #[must_use]
    pub fn sample(out_biz_no: IdempotencyKey, merchant_id: &'a str, now: LocalDateTime) -> Self {
        Self {
            out_biz_no,
            merchant_id,
            amount: Yuan::from_fen(1_00),
            floor_amount: Yuan::from_fen(10_00),
            quantity: 100,
            publish_start_time: now,
            publish_end_time: now.plus_days(30),
            valid_end_time: now.plus_days(60),
        }
    }
}

/// A voucher without a budget (免充值, `NO_CASH`): the merchant receives less for the order.
#[must_use]
pub fn no_cash(parts: Parts<'_>) -> CreateRequest {
    with_budget(parts, VoucherBudgetSupplyInfo::new().budget_type(BudgetType::NoCash))
}

/// A voucher whose budget is paid in first (预充值, `RECHARGE`), from the Alipay balance of the merchant with this PID.
///
/// The budget is the amount times the quantity. The response to publish has a `recharge_url`, a page on which the
/// merchant pays within three days; the activity becomes active after that.
///
/// # Errors
///
/// The budget is beyond what [`Yuan`] can hold.
pub fn recharge(parts: Parts<'_>, partner_id: &str) -> Result<CreateRequest, BudgetTooLarge> {
    let budget = parts.amount.checked_mul(parts.quantity.into()).ok_or(BudgetTooLarge)?;
    let from_balance = VoucherBalanceRechargeInfo::new().amount(budget).partner_id(partner_id);
    let details = VoucherRechargeInfo::new()
        .recharge_type(RechargeType::AlipayBalance)
        .voucher_balance_recharge_info(from_balance);
    let supply = VoucherBudgetSupplyInfo::new()
        .budget_type(BudgetType::Recharge)
        .voucher_recharge_info(details);
    Ok(with_budget(parts, supply))
}

/// The same voucher, for certain goods only (单品满减): orders with one of the merchant's own codes, as the
/// payment has them in `goods_detail[].goods_id`. The least amount counts for these goods only. An older text of Alipay's
/// demands `voucher_image` then; whether that holds here is not published.
#[must_use]
pub fn for_goods<C: Into<String>>(
    mut request: CreateRequest,
    goods: impl IntoIterator<Item = C>,
) -> CreateRequest {
    let goods = VoucherAvailableGoodsInfo::new().available_goods_sku_ids(goods);
    request.voucher_available_scope_info =
        request.voucher_available_scope_info.voucher_available_goods_info(goods);
    request
}

/// The same voucher, created by a service provider (服务商, `AGENCY_MODE`) for the merchant with this PID, who owns it.
///
/// The merchant has authorised the provider to operate for it (代运营授权). All calls about the activity have
/// `AGENCY_MODE`, and the merchant's [token](crate::Call::app_auth_token) (应用授权令牌).
#[must_use]
pub fn for_merchant(mut request: CreateRequest, owner: &str) -> CreateRequest {
    let owner = BelongMerchantInfo::new().merchant_id(owner).merchant_id_type(MerchantIdType::Pid);
    request.activity_base_info = request.activity_base_info.belong_merchant_info(owner);
    request.merchant_access_mode = MerchantAccessMode::AgencyMode;
    request
}

/// The budget of a [`recharge`] is beyond what [`Yuan`] can hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BudgetTooLarge;

impl fmt::Display for BudgetTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the budget, which is `amount` times `quantity`, is too large for an amount in yuan",
        )
    }
}

impl Error for BudgetTooLarge {}

fn with_budget(parts: Parts<'_>, supply: VoucherBudgetSupplyInfo) -> CreateRequest {
    let text = format!("满{}减{}", short(parts.floor_amount), short(parts.amount));
    let rule = VoucherSendRuleInfo::new()
        .quantity(parts.quantity.into())
        .quantity_limit_per_user(1)
        .publish_start_time(parts.publish_start_time)
        .publish_end_time(parts.publish_end_time);
    let off = FixVoucherInfo::new().amount(parts.amount).floor_amount(parts.floor_amount);
    let accounts = VoucherAvailableAccountInfo::new().available_pids([parts.merchant_id]);
    let period = VoucherAbsolutePeriodInfo::new()
        .valid_begin_time(parts.publish_start_time)
        .valid_end_time(parts.valid_end_time);
    let time = VoucherUseTimeInfo::new()
        .period_type(ValidPeriodType::Absolute)
        .absolute_period_info(period);
    let guide = VoucherUseGuideInfo::new().use_guide_mode([UseGuideMode::CanUse]);
    CreateRequest::new(CreateRequestParts {
        out_biz_no: parts.out_biz_no,
        merchant_access_mode: MerchantAccessMode::SelfMode,
        activity_base_info: ActivityBaseInfo::new().activity_name(&text),
        voucher_send_mode_info: VoucherSendModeInfo::new()
            .voucher_send_mode(VoucherSendMode::DirectSendMode)
            .voucher_send_rule_info(rule),
        voucher_deduct_info: VoucherDeductInfo::new()
            .voucher_type(VoucherType::FixVoucher)
            .fix_voucher_info(off),
        voucher_available_scope_info: VoucherAvailableScopeInfo::new()
            .voucher_available_account_info(accounts),
        voucher_use_rule_info: VoucherUseRuleInfo::new().voucher_use_time_info(time),
        voucher_customer_guide_info: VoucherCustomerGuideInfo::new().voucher_use_guide_info(guide),
        voucher_display_pattern_info: VoucherDisplayPatternInfo::new()
            .brand_name("商家优惠")
            .voucher_description(text),
        voucher_budget_supply_info: supply,
    })
}

/// An amount without decimals that are zero: `10`, `0.5`.
fn short(amount: Yuan) -> String {
    amount.to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}
