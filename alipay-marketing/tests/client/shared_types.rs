//! The types that `alipay-voucher` has as well are the same: what one crate reads can be given to the other.

use alipay_marketing::{activity::models::QueryResponse, models as marketing};
use alipay_voucher::models as voucher;

/// Compiles if the two types are one.
fn same<T>(value: T) -> T {
    value
}

#[test]
fn what_one_crate_reads_is_given_to_the_other() {
    let discount = marketing::FixVoucherInfo::default().floor_amount("50.00".parse().unwrap());
    let mut read = QueryResponse::default();
    read.voucher_deduct_info =
        Some(voucher::VoucherDeductInfo::default().fix_voucher_info(same(discount)));
    let deduct: Option<voucher::VoucherDeductInfo> = read.voucher_deduct_info;
    assert!(deduct.is_some_and(|deduct| deduct.fix_voucher_info.is_some()));
}

#[test]
fn sets_of_values_and_the_gateways_codes_are_shared_too() {
    let mode: voucher::MerchantAccessMode = same(marketing::MerchantAccessMode::SelfMode);
    assert_eq!(mode.as_str(), "SELF_MODE");
    let code: voucher::CommonErrorCode = same(marketing::CommonErrorCode::InvalidSignature);
    assert_eq!(code.as_str(), "invalid-signature");
    let status: voucher::ActivityStatus = same(marketing::ActivityStatus::Pause);
    assert_eq!(status.as_str(), "PAUSE");
}
