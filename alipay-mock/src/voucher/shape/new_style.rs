//! Parts of the group's second style (2022), which it shares with the merchant vouchers.

use super::Kind::{
    Amount, Boolean, Count, Date, DateTime, Object, Objects, OneOf, Rate, Text, Texts, TimeOfDay,
};
use super::{ANY, BUDGET_TYPES, LIMIT_PERIODS, Shape, VALIDITY_TYPES};

pub(super) static ACTIVITY_BASE_INFO: Shape = Shape(&[
    ("activity_delivery_ext_info", Object(&ACTIVITY_DELIVERY_EXT_INFO)),
    ("activity_id", Text(128)),
    ("activity_name", Text(20)),
    ("activity_operation_status", Text(ANY)),
    ("activity_product_type", Text(ANY)),
    ("activity_status", Text(ANY)),
    ("belong_merchant_info", Object(&BELONG_MERCHANT_INFO)),
    ("code_mode", Text(ANY)),
    ("out_activity_id", Text(ANY)),
]);

pub(super) static ACTIVITY_DELIVERY_EXT_INFO: Shape =
    Shape(&[("auto_delivery", Boolean), ("channel_list", Texts)]);

pub(super) static BELONG_MERCHANT_INFO: Shape = Shape(&[
    ("business_type", Text(ANY)),
    ("merchant_id", Text(ANY)),
    ("merchant_id_type", Text(ANY)),
]);

pub(super) static BIZFUND_SETTLE_INFO: Shape =
    Shape(&[("settle_mode", Text(ANY)), ("settle_target_type", Text(ANY))]);

pub(super) static CUSTOMER_DEFINE_DEDUCT_RULE: Shape =
    Shape(&[("customer_define_deduct_rule_desc", Text(ANY))]);

pub(super) static CUSTOMER_DEFINE_VOUCHER_INFO: Shape =
    Shape(&[("deduct_info", Object(&DEDUCT_INFO))]);

pub(super) static DATE_RANGE_INFO: Shape = Shape(&[("begin_date", Date), ("end_date", Date)]);

pub(super) static DATE_RULE_INFO: Shape = Shape(&[
    ("date_range_info", Object(&DATE_RANGE_INFO)),
    ("time_range_info", Object(&TIME_RANGE_INFO)),
]);

pub(super) static DEDUCT_INFO: Shape =
    Shape(&[("customer_define_deduct_rule", Object(&CUSTOMER_DEFINE_DEDUCT_RULE))]);

pub(super) static DISCOUNT_VOUCHER_INFO: Shape = Shape(&[
    ("ceiling_amount", Amount),
    ("discount", Rate),
    ("floor_amount", Amount),
    ("voucher_deduct_threshold_info", Object(&VOUCHER_DEDUCT_THRESHOLD_INFO)),
]);

pub(super) static END_TIME_INFO: Shape =
    Shape(&[("end_time", TimeOfDay), ("end_time_type", Text(ANY))]);

pub(super) static EXCHANGE_VOUCHER_INFO: Shape = Shape(&[
    ("amount", Amount),
    ("biz_type", Text(ANY)),
    ("exchange_goods_info", Object(&VOUCHER_EXCHANGE_GOODS_INFO)),
    ("floor_amount", Amount),
    ("voucher_deduct_threshold_info", Object(&VOUCHER_DEDUCT_THRESHOLD_INFO)),
]);

pub(super) static FIX_VOUCHER_INFO: Shape = Shape(&[
    ("amount", Amount),
    ("floor_amount", Amount),
    ("voucher_deduct_threshold_info", Object(&VOUCHER_DEDUCT_THRESHOLD_INFO)),
]);

pub(super) static HOLIDAY_RULE_INFO: Shape =
    Shape(&[("time_range_info", Object(&TIME_RANGE_INFO))]);

pub(super) static SPECIAL_VOUCHER_INFO: Shape = Shape(&[
    ("floor_amount", Amount),
    ("special_amount", Amount),
    ("voucher_deduct_threshold_info", Object(&VOUCHER_DEDUCT_THRESHOLD_INFO)),
]);

pub(super) static TIME_RANGE_INFO: Shape =
    Shape(&[("begin_time", TimeOfDay), ("end_time_info", Object(&END_TIME_INFO))]);

pub(super) static TIME_RESTRICT_INFO: Shape = Shape(&[
    ("disable_period_info", Objects(&VOUCHER_USE_TIME_RULE_INFO)),
    ("usable_period_info", Objects(&VOUCHER_USE_TIME_RULE_INFO)),
]);

pub(super) static VOUCHER_ABSOLUTE_PERIOD_INFO: Shape = Shape(&[
    ("time_restrict_info", Object(&TIME_RESTRICT_INFO)),
    ("valid_begin_time", DateTime),
    ("valid_end_time", DateTime),
]);

pub(super) static VOUCHER_AVAILABLE_ACCOUNT_INFO: Shape =
    Shape(&[("available_pids", Texts), ("available_smids", Texts)]);

pub(super) static VOUCHER_AVAILABLE_APP_INFO: Shape = Shape(&[("available_app_ids", Texts)]);

pub(super) static VOUCHER_AVAILABLE_GEOGRAPHY_ALL_SHOP_INFO: Shape = Shape(&[
    ("available_brand_id", Text(ANY)),
    ("exclude_shop_ids", Texts),
    ("merchant_ids", Texts),
]);

pub(super) static VOUCHER_AVAILABLE_GEOGRAPHY_CITY_INFO: Shape =
    Shape(&[("all_city", Boolean), ("available_city_codes", Texts)]);

pub(super) static VOUCHER_AVAILABLE_GEOGRAPHY_SCOPE_INFO: Shape = Shape(&[
    ("available_geography_city_info", Object(&VOUCHER_AVAILABLE_GEOGRAPHY_CITY_INFO)),
    ("available_geography_scope_type", Text(ANY)),
    ("available_geography_shop_info", Object(&VOUCHER_AVAILABLE_GEOGRAPHY_SHOP_INFO)),
]);

pub(super) static VOUCHER_AVAILABLE_GEOGRAPHY_SHOP_INFO: Shape = Shape(&[
    ("available_geography_all_shop", Object(&VOUCHER_AVAILABLE_GEOGRAPHY_ALL_SHOP_INFO)),
    ("available_real_shop_ids", Texts),
    ("available_shop_ids", Texts),
]);

pub(super) static VOUCHER_AVAILABLE_GOODS_INFO: Shape = Shape(&[
    ("available_goods_sku_ids", Texts),
    ("exclude_goods_sku_ids", Texts),
    ("goods_description", Text(ANY)),
    ("goods_detail", Text(ANY)),
    ("goods_detail_images", Texts),
    ("goods_detail_rich_description", Text(ANY)),
    ("goods_name", Text(ANY)),
    ("origin_amount", Amount),
]);

pub(super) static VOUCHER_AVAILABLE_ITEM_INFO: Shape =
    Shape(&[("item_id", Text(ANY)), ("out_item_info", Objects(&VOUCHER_AVAILABLE_OUT_ITEM_INFO))]);

pub(super) static VOUCHER_AVAILABLE_OUT_ITEM_INFO: Shape =
    Shape(&[("item_app_id", Text(ANY)), ("out_item_id", Text(ANY))]);

pub(super) static VOUCHER_AVAILABLE_SCOPE_INFO: Shape = Shape(&[
    ("voucher_available_account_info", Object(&VOUCHER_AVAILABLE_ACCOUNT_INFO)),
    ("voucher_available_app_info", Object(&VOUCHER_AVAILABLE_APP_INFO)),
    ("voucher_available_geography_scope_info", Object(&VOUCHER_AVAILABLE_GEOGRAPHY_SCOPE_INFO)),
    ("voucher_available_goods_info", Object(&VOUCHER_AVAILABLE_GOODS_INFO)),
    ("voucher_available_item_info", Object(&VOUCHER_AVAILABLE_ITEM_INFO)),
]);

pub(super) static VOUCHER_BALANCE_RECHARGE_INFO: Shape =
    Shape(&[("amount", Amount), ("logon_id", Text(ANY)), ("partner_id", Text(ANY))]);

pub(super) static VOUCHER_BUDGET_SUPPLY_INFO: Shape = Shape(&[
    ("budget_type", OneOf(BUDGET_TYPES)),
    ("voucher_recharge_info", Object(&VOUCHER_RECHARGE_INFO)),
]);

pub(super) static VOUCHER_CUSTOMER_GUIDE_INFO: Shape = Shape(&[
    ("voucher_send_guide_info", Object(&VOUCHER_SEND_GUIDE_INFO)),
    ("voucher_use_guide_info", Object(&VOUCHER_USE_GUIDE_INFO)),
]);

pub(super) static VOUCHER_DEDUCT_INFO: Shape = Shape(&[
    ("customer_define_voucher_info", Object(&CUSTOMER_DEFINE_VOUCHER_INFO)),
    ("discount_voucher_info", Object(&DISCOUNT_VOUCHER_INFO)),
    ("exchange_voucher_info", Object(&EXCHANGE_VOUCHER_INFO)),
    ("fix_voucher_info", Object(&FIX_VOUCHER_INFO)),
    ("special_voucher_info", Object(&SPECIAL_VOUCHER_INFO)),
    ("voucher_type", Text(ANY)),
]);

pub(super) static VOUCHER_DEDUCT_THRESHOLD_INFO: Shape = Shape(&[
    ("customer_define_voucher_threshold_desc", Text(ANY)),
    ("voucher_express_info", Object(&VOUCHER_EXPRESS_INFO)),
    (
        "voucher_goods_quantity_specification_info",
        Object(&VOUCHER_GOODS_QUANTITY_SPECIFICATION_INFO),
    ),
]);

pub(super) static VOUCHER_DISPLAY_PATTERN_INFO: Shape = Shape(&[
    ("brand_logo", Text(ANY)),
    ("brand_logo_url", Text(ANY)),
    ("brand_name", Text(ANY)),
    ("customer_service_mobile", Text(ANY)),
    ("customer_service_url", Text(ANY)),
    ("voucher_description", Text(ANY)),
    ("voucher_detail_image_urls", Texts),
    ("voucher_detail_images", Texts),
    ("voucher_image", Text(ANY)),
    ("voucher_image_url", Text(ANY)),
    ("voucher_name", Text(ANY)),
]);

pub(super) static VOUCHER_EXCHANGE_GOODS_INFO: Shape = Shape(&[("exchange_goods_name", Text(ANY))]);

pub(super) static VOUCHER_EXPRESS_INFO: Shape = Shape(&[("pay_express", Text(ANY))]);

pub(super) static VOUCHER_GOODS_QUANTITY_SPECIFICATION_INFO: Shape = Shape(&[
    ("directional_type", Text(ANY)),
    ("specification_quantity", Count),
    ("specification_unit", Text(ANY)),
]);

pub(super) static VOUCHER_MINI_APP_SEND_GUIDE_INFO: Shape = Shape(&[("mini_app_url", Text(ANY))]);

pub(super) static VOUCHER_MINI_APP_USE_GUIDE_INFO: Shape =
    Shape(&[("mini_app_service_codes", Texts), ("mini_app_url", Text(ANY))]);

pub(super) static VOUCHER_PACKAGE_MODE_INFO: Shape = Shape(&[("voucher_package_id", Text(ANY))]);

pub(super) static VOUCHER_RECHARGE_INFO: Shape = Shape(&[
    ("recharge_type", Text(ANY)),
    ("voucher_balance_recharge_info", Object(&VOUCHER_BALANCE_RECHARGE_INFO)),
]);

pub(super) static VOUCHER_RELATIVE_PERIOD_INFO: Shape = Shape(&[
    ("time_restrict_info", Object(&TIME_RESTRICT_INFO)),
    ("valid_days_after_receive", Count),
    ("valid_days_relative_type", Text(ANY)),
    ("wait_days_after_receive", Count),
]);

pub(super) static VOUCHER_SALE_MODE_INFO: Shape = Shape(&[
    ("fund_custody_mode", Text(ANY)),
    ("overdue_refundable", Boolean),
    ("overdue_refundable_need_confirm", Boolean),
    ("payee_pid", Text(ANY)),
    ("refundable", Boolean),
    ("refundable_need_confirm", Boolean),
    ("sale_amount", Amount),
    ("settle_info", Object(&BIZFUND_SETTLE_INFO)),
]);

pub(super) static VOUCHER_SEND_GUIDE_INFO: Shape = Shape(&[
    ("mini_app_send_guide_info", Object(&VOUCHER_MINI_APP_SEND_GUIDE_INFO)),
    ("send_guide_mode", Texts),
]);

pub(super) static VOUCHER_SEND_MODE_INFO: Shape = Shape(&[
    ("delivery_channel_list", Texts),
    ("voucher_package_mode_info", Object(&VOUCHER_PACKAGE_MODE_INFO)),
    ("voucher_sale_mode_info", Object(&VOUCHER_SALE_MODE_INFO)),
    ("voucher_send_mode", Text(ANY)),
    ("voucher_send_rule_info", Object(&VOUCHER_SEND_RULE_INFO)),
]);

pub(super) static VOUCHER_SEND_RULE_INFO: Shape = Shape(&[
    ("max_quantity_by_day", Count),
    ("natural_person_limit", Boolean),
    ("phone_number_limit", Boolean),
    ("phone_number_need_input_limit", Boolean),
    ("publish_end_time", DateTime),
    ("publish_start_time", DateTime),
    ("quantity", Count),
    ("quantity_day_limit_per_user", Count),
    ("quantity_limit_per_user", Count),
    ("quantity_limit_per_user_period_type", OneOf(LIMIT_PERIODS)),
    ("quantity_month_limit_per_user", Count),
    ("quantity_week_limit_per_user", Count),
    ("real_name_limit", Boolean),
]);

pub(super) static VOUCHER_USE_GUIDE_INFO: Shape = Shape(&[
    ("mini_app_use_guide_info", Object(&VOUCHER_MINI_APP_USE_GUIDE_INFO)),
    ("use_guide_mode", Texts),
    ("use_url", Text(ANY)),
]);

pub(super) static VOUCHER_USE_RULE_INFO: Shape = Shape(&[
    ("payment_restriction_list", Texts),
    ("quantity_limit_per_user", Count),
    ("quantity_limit_per_user_period_type", OneOf(LIMIT_PERIODS)),
    ("voucher_max_use_times", Count),
    ("voucher_use_ext_info", Text(ANY)),
    ("voucher_use_time_info", Object(&VOUCHER_USE_TIME_INFO)),
]);

pub(super) static VOUCHER_USE_TIME_INFO: Shape = Shape(&[
    ("absolute_period_info", Object(&VOUCHER_ABSOLUTE_PERIOD_INFO)),
    ("period_type", OneOf(VALIDITY_TYPES)),
    ("relative_period_info", Object(&VOUCHER_RELATIVE_PERIOD_INFO)),
]);

pub(super) static VOUCHER_USE_TIME_RULE_INFO: Shape = Shape(&[
    ("date_rule_info", Object(&DATE_RULE_INFO)),
    ("holiday_rule_info", Object(&HOLIDAY_RULE_INFO)),
    ("rule_type", Text(ANY)),
    ("week_rule_info", Object(&WEEK_RULE_INFO)),
]);

pub(super) static WEEK_RULE_INFO: Shape =
    Shape(&[("time_range_info", Object(&TIME_RANGE_INFO)), ("week_day", Text(ANY))]);
