//! An activity that passes, for the examples.

use std::env::{self, VarError};

use alipay_voucher::{
    models::*,
    value::{LocalDateTime, Yuan},
};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The smallest activity: one yuan off from ten, free to receive, paid by the merchant.
pub(crate) fn create_request(run: &str) -> Result<CreateRequest, Failure> {
    let now = LocalDateTime::from_unix_seconds(unix_seconds())?;
    let end_of_issue = now.plus_days(30);
    let end_of_use = now.plus_days(60);
    Ok(CreateRequest::new(CreateRequestParts {
        out_biz_no: format!("create-{run}").parse()?,
        merchant_access_mode: MerchantAccessMode::SelfMode,
        activity_base_info: ActivityBaseInfo::new().activity_name("满10减1"),
        voucher_send_mode_info: VoucherSendModeInfo::new()
            .voucher_send_mode(VoucherSendMode::DirectSendMode)
            .voucher_send_rule_info(
                VoucherSendRuleInfo::new()
                    .quantity(100)
                    .quantity_limit_per_user(1)
                    .publish_start_time(now)
                    .publish_end_time(end_of_issue),
            ),
        voucher_deduct_info: VoucherDeductInfo::new()
            .voucher_type(VoucherType::FixVoucher)
            .fix_voucher_info(
                FixVoucherInfo::new()
                    .amount(Yuan::from_fen(1_00))
                    .floor_amount(Yuan::from_fen(10_00)),
            ),
        voucher_available_scope_info: VoucherAvailableScopeInfo::new()
            .voucher_available_account_info(
                VoucherAvailableAccountInfo::new().available_pids([merchant_id()?]),
            ),
        voucher_use_rule_info: VoucherUseRuleInfo::new().voucher_use_time_info(
            VoucherUseTimeInfo::new().period_type(ValidPeriodType::Absolute).absolute_period_info(
                VoucherAbsolutePeriodInfo::new().valid_begin_time(now).valid_end_time(end_of_use),
            ),
        ),
        voucher_customer_guide_info: VoucherCustomerGuideInfo::new().voucher_use_guide_info(
            VoucherUseGuideInfo::new().use_guide_mode([UseGuideMode::CanUse]),
        ),
        voucher_display_pattern_info: VoucherDisplayPatternInfo::new()
            .brand_name("商家优惠")
            .voucher_description("One yuan off from ten yuan on."),
        voucher_budget_supply_info: VoucherBudgetSupplyInfo::new().budget_type(BudgetType::NoCash),
    }))
}

/// The merchant whose voucher it is, and where it can be redeemed.
pub(crate) fn merchant_id() -> Result<String, Failure> {
    setting("ALIPAY_MERCHANT_ID", "2088102111111111")
}

/// A variable of the environment, or the value otherwise.
pub(crate) fn setting(name: &str, otherwise: &str) -> Result<String, Failure> {
    match env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(value),
        Ok(_) | Err(VarError::NotPresent) => Ok(otherwise.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8").into()),
    }
}

/// A number of this run, so that its `out_biz_no`s are its own.
pub(crate) fn run_number() -> String {
    format!("{}-{}", unix_seconds(), std::process::id())
}

pub(crate) fn unix_seconds() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}
