//! Parts of the group's first style (2021), named after the `PaymentVoucher…` schemas.

use super::Kind::{Amount, Boolean, Count, DateTime, JsonTexts, Object, OneOf, Text, Texts};
use super::{ANY, BUDGET_TYPES, LIMIT_PERIODS, Shape, VALIDITY_TYPES};

pub(super) static PAYMENT_FIX_VOUCHER: Shape =
    Shape(&[("amount", Amount), ("floor_amount", Amount)]);

pub(super) static PAYMENT_VOUCHER_ALIPAY_BALANCE_RECHARGE_INFO: Shape =
    Shape(&[("logon_id", Text(ANY)), ("user_id", Text(32))]);

pub(super) static PAYMENT_VOUCHER_AVAILABLE_GOODS: Shape =
    Shape(&[("goods_description", Text(ANY)), ("goods_ids", Texts), ("goods_name", Text(ANY))]);

pub(super) static PAYMENT_VOUCHER_AVAILABLE_GOODS_MODIFY: Shape = Shape(&[("goods_ids", Texts)]);

pub(super) static PAYMENT_VOUCHER_AVAILABLE_MERCHANT: Shape =
    Shape(&[("available_pids", Texts), ("available_smids", Texts)]);

pub(super) static PAYMENT_VOUCHER_AVAILABLE_MERCHANT_MODIFY: Shape =
    Shape(&[("available_pids", Texts), ("available_smids", Texts)]);

pub(super) static PAYMENT_VOUCHER_BELONG_MERCHANT_INFO: Shape =
    Shape(&[("merchant_id", Text(ANY)), ("merchant_id_type", Text(ANY))]);

pub(super) static PAYMENT_VOUCHER_BUDGET_INFO: Shape = Shape(&[
    ("amount", Amount),
    ("budget_type", OneOf(BUDGET_TYPES)),
    ("recharge_info", Object(&PAYMENT_VOUCHER_RECHARGE_INFO)),
]);

pub(super) static PAYMENT_VOUCHER_DISPLAY_INFO: Shape = Shape(&[
    ("brand_name", Text(ANY)),
    ("customer_service_mobile", Text(ANY)),
    ("voucher_description", Text(ANY)),
    ("voucher_detail_images", Texts),
    ("voucher_image", Text(ANY)),
]);

pub(super) static PAYMENT_VOUCHER_RECHARGE_INFO: Shape = Shape(&[
    ("alipay_balance_recharge_info", Object(&PAYMENT_VOUCHER_ALIPAY_BALANCE_RECHARGE_INFO)),
    ("recharge_type", Text(ANY)),
]);

pub(super) static PAYMENT_VOUCHER_SEND_RULE: Shape = Shape(&[
    ("max_quantity_by_day", Count),
    ("natural_person_limit", Boolean),
    ("phone_number_limit", Boolean),
    ("real_name_limit", Boolean),
    ("voucher_quantity", Count),
    ("voucher_quantity_limit_per_user", Count),
    ("voucher_quantity_limit_per_user_period_type", OneOf(LIMIT_PERIODS)),
]);

pub(super) static PAYMENT_VOUCHER_USE_RULE: Shape = Shape(&[
    ("available_app_ids", Texts),
    ("available_goods", Object(&PAYMENT_VOUCHER_AVAILABLE_GOODS)),
    ("available_merchant", Object(&PAYMENT_VOUCHER_AVAILABLE_MERCHANT)),
    ("available_store_ids", Texts),
    ("fix_voucher", Object(&PAYMENT_FIX_VOUCHER)),
    ("unavailable_goods_ids", Texts),
    ("use_mode", Text(ANY)),
    ("use_url", Text(ANY)),
    ("voucher_quantity_limit_per_user", Count),
    ("voucher_quantity_limit_per_user_period_type", OneOf(LIMIT_PERIODS)),
    ("voucher_valid_period", Object(&PAYMENT_VOUCHER_VALID_PERIOD)),
]);

pub(super) static PAYMENT_VOUCHER_USE_RULE_MODIFY: Shape = Shape(&[
    ("available_app_ids", JsonTexts),
    ("available_goods", Object(&PAYMENT_VOUCHER_AVAILABLE_GOODS_MODIFY)),
    ("available_merchant", Object(&PAYMENT_VOUCHER_AVAILABLE_MERCHANT_MODIFY)),
    ("available_store_ids", JsonTexts),
    ("voucher_valid_period", Object(&PAYMENT_VOUCHER_VALID_PERIOD_MODIFY)),
]);

pub(super) static PAYMENT_VOUCHER_VALID_PERIOD: Shape = Shape(&[
    ("type", OneOf(VALIDITY_TYPES)),
    ("valid_begin_time", DateTime),
    ("valid_days_after_receive", Count),
    ("valid_end_time", DateTime),
    ("wait_days_after_receive", Count),
]);

pub(super) static PAYMENT_VOUCHER_VALID_PERIOD_MODIFY: Shape =
    Shape(&[("valid_days_after_receive", Count), ("valid_end_time", DateTime)]);
