//! Request bodies of the group's operations.

use super::Kind::{Count, DateTime, Object, OneOf, Text};
use super::new_style::{
    ACTIVITY_BASE_INFO, VOUCHER_AVAILABLE_SCOPE_INFO, VOUCHER_BUDGET_SUPPLY_INFO,
    VOUCHER_CUSTOMER_GUIDE_INFO, VOUCHER_DEDUCT_INFO, VOUCHER_DISPLAY_PATTERN_INFO,
    VOUCHER_SEND_MODE_INFO, VOUCHER_USE_RULE_INFO,
};
use super::old_style::{
    PAYMENT_VOUCHER_BELONG_MERCHANT_INFO, PAYMENT_VOUCHER_BUDGET_INFO,
    PAYMENT_VOUCHER_DISPLAY_INFO, PAYMENT_VOUCHER_SEND_RULE, PAYMENT_VOUCHER_USE_RULE,
    PAYMENT_VOUCHER_USE_RULE_MODIFY,
};
use super::{ACCESS_MODES, ANY, Shape};

pub(crate) static APPEND: Shape = Shape(&[
    ("activity_id", Text(128)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("out_biz_no", Text(64)),
    ("voucher_quantity", Count),
]);

pub(crate) static CREATE: Shape = Shape(&[
    ("activity_base_info", Object(&ACTIVITY_BASE_INFO)),
    ("activity_name", Text(20)),
    ("belong_merchant_info", Object(&PAYMENT_VOUCHER_BELONG_MERCHANT_INFO)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("out_biz_no", Text(64)),
    ("publish_end_time", DateTime),
    ("publish_start_time", DateTime),
    ("voucher_available_scope_info", Object(&VOUCHER_AVAILABLE_SCOPE_INFO)),
    ("voucher_budget_info", Object(&PAYMENT_VOUCHER_BUDGET_INFO)),
    ("voucher_budget_supply_info", Object(&VOUCHER_BUDGET_SUPPLY_INFO)),
    ("voucher_customer_guide_info", Object(&VOUCHER_CUSTOMER_GUIDE_INFO)),
    ("voucher_deduct_info", Object(&VOUCHER_DEDUCT_INFO)),
    ("voucher_display_info", Object(&PAYMENT_VOUCHER_DISPLAY_INFO)),
    ("voucher_display_pattern_info", Object(&VOUCHER_DISPLAY_PATTERN_INFO)),
    ("voucher_send_mode_info", Object(&VOUCHER_SEND_MODE_INFO)),
    ("voucher_send_rule", Object(&PAYMENT_VOUCHER_SEND_RULE)),
    ("voucher_type", Text(ANY)),
    ("voucher_use_rule", Object(&PAYMENT_VOUCHER_USE_RULE)),
    ("voucher_use_rule_info", Object(&VOUCHER_USE_RULE_INFO)),
]);

pub(crate) static MODIFY: Shape = Shape(&[
    ("activity_base_info", Object(&ACTIVITY_BASE_INFO)),
    ("activity_id", Text(128)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("out_biz_no", Text(64)),
    ("publish_end_time", DateTime),
    ("voucher_available_scope_info", Object(&VOUCHER_AVAILABLE_SCOPE_INFO)),
    ("voucher_send_mode_info", Object(&VOUCHER_SEND_MODE_INFO)),
    ("voucher_use_rule", Object(&PAYMENT_VOUCHER_USE_RULE_MODIFY)),
    ("voucher_use_rule_info", Object(&VOUCHER_USE_RULE_INFO)),
]);

pub(crate) static PUBLISH: Shape = Shape(&[
    ("activity_id", Text(128)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("out_biz_no", Text(64)),
]);

pub(crate) static SEND: Shape = Shape(&[
    ("activity_id", Text(128)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("open_id", Text(ANY)),
    ("out_biz_no", Text(64)),
    ("user_id", Text(32)),
]);

pub(crate) static STOP: Shape = Shape(&[
    ("activity_id", Text(128)),
    ("merchant_access_mode", OneOf(ACCESS_MODES)),
    ("out_biz_no", Text(64)),
]);

/// The query parameters of query: all texts, and no others.
pub(crate) static QUERY: Shape =
    Shape(&[("activity_id", Text(128)), ("merchant_access_mode", OneOf(ACCESS_MODES))]);
