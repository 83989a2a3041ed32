//! An activity's configuration as it was sent, in either style or both.

use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;
type Path = &'static [&'static str];

/// A setting that both styles have, by its path in each. If both are sent, the newer counts.
pub(crate) struct Setting {
    pub(crate) new: Path,
    pub(crate) old: Path,
}

const fn setting(new: Path, old: Path) -> Setting {
    Setting { new, old }
}

// Groups of both styles.
pub(super) const SEND: &str = "voucher_send_mode_info";
pub(super) const SEND_RULE: &str = "voucher_send_rule_info";
pub(super) const OLD_SEND: &str = "voucher_send_rule";
pub(super) const USE: &str = "voucher_use_rule_info";
pub(super) const USE_TIME: &str = "voucher_use_time_info";
pub(super) const OLD_USE: &str = "voucher_use_rule";
pub(super) const OLD_PERIOD: &str = "voucher_valid_period";
pub(super) const SCOPE: &str = "voucher_available_scope_info";
pub(super) const GOODS: &str = "voucher_available_goods_info";
pub(super) const DISPLAY: &str = "voucher_display_pattern_info";
const OLD_DISPLAY: &str = "voucher_display_info";
const BASE: &str = "activity_base_info";
const OWNED: &str = "belong_merchant_info";
const BUDGET: &str = "voucher_budget_supply_info";
const OLD_BUDGET: &str = "voucher_budget_info";
const GUIDE: &str = "voucher_customer_guide_info";
pub(super) const USE_GUIDE: Path = &[GUIDE, "voucher_use_guide_info"];

/// The total number of vouchers.
pub(crate) const QUANTITY: Setting =
    setting(&[SEND, SEND_RULE, "quantity"], &[OLD_SEND, "voucher_quantity"]);
pub(crate) const START: Setting =
    setting(&[SEND, SEND_RULE, "publish_start_time"], &["publish_start_time"]);
pub(crate) const END: Setting =
    setting(&[SEND, SEND_RULE, "publish_end_time"], &["publish_end_time"]);
pub(crate) const USER_LIMIT: Setting = setting(
    &[SEND, SEND_RULE, "quantity_limit_per_user"],
    &[OLD_SEND, "voucher_quantity_limit_per_user"],
);
pub(crate) const USER_LIMIT_PERIOD: Setting = setting(
    &[SEND, SEND_RULE, "quantity_limit_per_user_period_type"],
    &[OLD_SEND, "voucher_quantity_limit_per_user_period_type"],
);
pub(crate) const DAY_MAXIMUM: Setting =
    setting(&[SEND, SEND_RULE, "max_quantity_by_day"], &[OLD_SEND, "max_quantity_by_day"]);
pub(crate) const NATURAL_PERSON: Setting =
    setting(&[SEND, SEND_RULE, "natural_person_limit"], &[OLD_SEND, "natural_person_limit"]);
pub(crate) const PHONE_NUMBER: Setting =
    setting(&[SEND, SEND_RULE, "phone_number_limit"], &[OLD_SEND, "phone_number_limit"]);
pub(crate) const BUDGET_TYPE: Setting =
    setting(&[BUDGET, "budget_type"], &[OLD_BUDGET, "budget_type"]);
pub(crate) const RECHARGE_AMOUNT: Setting = setting(
    &[BUDGET, "voucher_recharge_info", "voucher_balance_recharge_info", "amount"],
    &[OLD_BUDGET, "amount"],
);
pub(crate) const AMOUNT: Setting = setting(
    &["voucher_deduct_info", "fix_voucher_info", "amount"],
    &[OLD_USE, "fix_voucher", "amount"],
);
pub(crate) const FLOOR_AMOUNT: Setting = setting(
    &["voucher_deduct_info", "fix_voucher_info", "floor_amount"],
    &[OLD_USE, "fix_voucher", "floor_amount"],
);
pub(crate) const VALIDITY_TYPE: Setting =
    setting(&[USE, USE_TIME, "period_type"], &[OLD_USE, OLD_PERIOD, "type"]);
pub(crate) const VALID_BEGIN: Setting = setting(
    &[USE, USE_TIME, "absolute_period_info", "valid_begin_time"],
    &[OLD_USE, OLD_PERIOD, "valid_begin_time"],
);
pub(crate) const VALID_END: Setting = setting(
    &[USE, USE_TIME, "absolute_period_info", "valid_end_time"],
    &[OLD_USE, OLD_PERIOD, "valid_end_time"],
);
pub(crate) const VALID_DAYS: Setting = setting(
    &[USE, USE_TIME, "relative_period_info", "valid_days_after_receive"],
    &[OLD_USE, OLD_PERIOD, "valid_days_after_receive"],
);
pub(crate) const WAIT_DAYS: Setting = setting(
    &[USE, USE_TIME, "relative_period_info", "wait_days_after_receive"],
    &[OLD_USE, OLD_PERIOD, "wait_days_after_receive"],
);
pub(crate) const USE_LIMIT: Setting =
    setting(&[USE, "quantity_limit_per_user"], &[OLD_USE, "voucher_quantity_limit_per_user"]);
pub(crate) const USE_LIMIT_PERIOD: Setting = setting(
    &[USE, "quantity_limit_per_user_period_type"],
    &[OLD_USE, "voucher_quantity_limit_per_user_period_type"],
);
/// How often one voucher can be used. Only the newer style has it.
pub(super) const MOST_USES: Path = &[USE, "voucher_max_use_times"];
pub(crate) const NAME: Setting = setting(&[BASE, "activity_name"], &["activity_name"]);
pub(crate) const OWNER: Setting = setting(&[BASE, OWNED, "merchant_id"], &[OWNED, "merchant_id"]);
pub(crate) const KIND: Setting =
    setting(&["voucher_deduct_info", "voucher_type"], &["voucher_type"]);
pub(crate) const LOGO: Setting = setting(&[DISPLAY, "brand_logo"], &[OLD_DISPLAY, "brand_logo"]);
pub(crate) const IMAGE: Setting =
    setting(&[DISPLAY, "voucher_image"], &[OLD_DISPLAY, "voucher_image"]);
pub(crate) const DETAIL_IMAGES: Setting =
    setting(&[DISPLAY, "voucher_detail_images"], &[OLD_DISPLAY, "voucher_detail_images"]);
const MERCHANT: &str = "available_merchant";
pub(crate) const PIDS: Setting = setting(
    &[SCOPE, "voucher_available_account_info", "available_pids"],
    &[OLD_USE, MERCHANT, "available_pids"],
);
pub(crate) const SMIDS: Setting = setting(
    &[SCOPE, "voucher_available_account_info", "available_smids"],
    &[OLD_USE, MERCHANT, "available_smids"],
);
pub(crate) const APPS: Setting = setting(
    &[SCOPE, "voucher_available_app_info", "available_app_ids"],
    &[OLD_USE, "available_app_ids"],
);
pub(super) const GEOGRAPHY: &str = "voucher_available_geography_scope_info";
pub(super) const GEOGRAPHY_SHOPS: &str = "available_geography_shop_info";
pub(super) const GEOGRAPHY_CITIES: &str = "available_geography_city_info";
pub(crate) const SHOPS: Setting = setting(
    &[SCOPE, GEOGRAPHY, GEOGRAPHY_SHOPS, "available_shop_ids"],
    &[OLD_USE, "available_store_ids"],
);
pub(crate) const GOODS_CODES: Setting =
    setting(&[SCOPE, GOODS, "available_goods_sku_ids"], &[OLD_USE, "available_goods", "goods_ids"]);
pub(crate) const OTHER_GOODS: Setting =
    setting(&[SCOPE, GOODS, "exclude_goods_sku_ids"], &[OLD_USE, "unavailable_goods_ids"]);

/// Shops that only the newer style has, and goods of mini-programs.
pub(super) const REAL_SHOPS: Path = &[SCOPE, GEOGRAPHY, GEOGRAPHY_SHOPS, "available_real_shop_ids"];
pub(super) const GEOGRAPHY_KIND: Path = &[SCOPE, GEOGRAPHY, "available_geography_scope_type"];
pub(super) const ROUNDING: Path =
    &[USE, USE_TIME, "relative_period_info", "valid_days_relative_type"];
pub(super) const ITEMS: Path = &[SCOPE, "voucher_available_item_info"];

/// The settings that both styles have. Inferred from their names and descriptions.
const TWINS: [Setting; 35] = [
    QUANTITY,
    START,
    END,
    USER_LIMIT,
    USER_LIMIT_PERIOD,
    DAY_MAXIMUM,
    NATURAL_PERSON,
    PHONE_NUMBER,
    setting(&[SEND, SEND_RULE, "real_name_limit"], &[OLD_SEND, "real_name_limit"]),
    BUDGET_TYPE,
    KIND,
    AMOUNT,
    FLOOR_AMOUNT,
    VALIDITY_TYPE,
    VALID_BEGIN,
    VALID_END,
    VALID_DAYS,
    WAIT_DAYS,
    USE_LIMIT,
    USE_LIMIT_PERIOD,
    NAME,
    OWNER,
    setting(&[BASE, OWNED, "merchant_id_type"], &[OWNED, "merchant_id_type"]),
    setting(&[DISPLAY, "brand_name"], &[OLD_DISPLAY, "brand_name"]),
    setting(&[DISPLAY, "voucher_description"], &[OLD_DISPLAY, "voucher_description"]),
    setting(&[DISPLAY, "customer_service_mobile"], &[OLD_DISPLAY, "customer_service_mobile"]),
    LOGO,
    IMAGE,
    DETAIL_IMAGES,
    PIDS,
    SMIDS,
    APPS,
    SHOPS,
    GOODS_CODES,
    OTHER_GOODS,
];

/// Those of a budget that is paid. A budget of the older style may have an amount without being paid.
const RECHARGE_TWINS: [Setting; 4] = [
    RECHARGE_AMOUNT,
    setting(
        &[BUDGET, "voucher_recharge_info", "recharge_type"],
        &[OLD_BUDGET, "recharge_info", "recharge_type"],
    ),
    setting(
        &[BUDGET, "voucher_recharge_info", "voucher_balance_recharge_info", "logon_id"],
        &[OLD_BUDGET, "recharge_info", "alipay_balance_recharge_info", "logon_id"],
    ),
    setting(
        &[BUDGET, "voucher_recharge_info", "voucher_balance_recharge_info", "partner_id"],
        &[OLD_BUDGET, "recharge_info", "alipay_balance_recharge_info", "user_id"],
    ),
];

impl Setting {
    /// The value and its path. An empty string counts as absent.
    pub(crate) fn find<'a>(&self, config: &'a Object) -> Option<(&'a Value, String)> {
        [self.new, self.old].into_iter().find_map(|path| {
            let value = at(config, path).filter(|value| *value != "")?;
            Some((value, path.join(".")))
        })
    }

    pub(crate) fn items<'a>(&self, config: &'a Object) -> &'a [Value] {
        self.find(config).and_then(|(value, _)| value.as_array()).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn string<'a>(&self, config: &'a Object) -> Option<&'a str> {
        self.find(config)?.0.as_str()
    }

    pub(crate) fn number(&self, config: &Object) -> Option<u64> {
        self.find(config)?.0.as_u64()
    }

    /// Whether it is switched on.
    pub(crate) fn is_on(&self, config: &Object) -> bool {
        self.find(config).is_some_and(|(value, _)| value == &Value::Bool(true))
    }

    /// The path at which it is given; where it is not, that of the newer style.
    pub(crate) fn path(&self, config: &Object) -> String {
        self.find(config).map_or_else(|| self.new.join("."), |(_, path)| path)
    }

    /// Both paths, for a message.
    pub(crate) fn names(&self) -> String {
        format!("`{}` (old style: `{}`)", self.new.join("."), self.old.join("."))
    }

    /// Replaces the value wherever the configuration has one.
    pub(crate) fn replace(&self, config: &mut Object, value: &Value) {
        for path in [self.new, self.old] {
            if let Some(present) = at_mut(config, path) {
                present.clone_from(value);
            }
        }
    }
}

/// A configuration in the newer style, whatever the style it was sent in. What was sent in the older style
/// stays beside it.
pub(crate) fn in_new_style(config: &Object) -> Object {
    let mut result = config.clone();
    let is_paid = BUDGET_TYPE.string(config) == Some("RECHARGE");
    let of_payment = RECHARGE_TWINS.iter().filter(|_| is_paid);
    for setting in TWINS.iter().chain(of_payment) {
        // An empty list limits nothing, and neither do its parents.
        if let Some(value) = at(config, setting.old).filter(|value| !is_empty(value)) {
            put_missing(&mut result, setting.new, value.clone());
        }
    }
    if at(config, SHOPS.old).is_some_and(|shops| !is_empty(shops)) {
        put_missing(&mut result, GEOGRAPHY_KIND, "SHOP".into());
    }
    if config.contains_key(OLD_SEND) {
        // Inferred: the older style has no other way.
        put_missing(&mut result, &[SEND, "voucher_send_mode"], "DIRECT_SEND_MODE".into());
    }
    if let Some(Value::Object(rule)) = config.get(OLD_USE)
        && !config.contains_key(GUIDE)
    {
        guide(&mut result, rule);
    }
    result
}

/// Adds what the older style has for the same to a configuration in the newer one.
pub(crate) fn add_old_twins(config: &mut Object) {
    let was_old = config.contains_key(OLD_USE);
    let is_paid = BUDGET_TYPE.string(config) == Some("RECHARGE");
    let of_payment = RECHARGE_TWINS.iter().filter(|_| is_paid);
    for setting in TWINS.iter().chain(of_payment) {
        if let Some(value) = at(config, setting.new).filter(|value| !is_empty(value)).cloned() {
            put_missing(config, setting.old, value);
        }
    }
    if was_old {
        return;
    }
    let guide = at(config, USE_GUIDE).and_then(Value::as_object).cloned().unwrap_or_default();
    let modes = items(&guide, &["use_guide_mode"]).map_or(&[][..], Vec::as_slice);
    // The older style has one mode, and none for a code that is scanned offline.
    let mode = modes.iter().filter_map(Value::as_str).find_map(|mode| match mode {
        "MINI_APP" => Some("SELF_LINK"),
        "SCAN_CODE" | "CAN_USE" => Some(mode),
        _ => None,
    });
    if let Some(mode) = mode {
        put_missing(config, &[OLD_USE, "use_mode"], mode.into());
    }
    if let (Some("SELF_LINK"), Some(url)) =
        (mode, at(&guide, &["mini_app_use_guide_info", "mini_app_url"]))
    {
        put_missing(config, &[OLD_USE, "use_url"], url.clone());
    }
}

/// How users are led to the use of a voucher, by the use rule of the older style. Documented: the default.
fn guide(config: &mut Object, rule: &Object) {
    let mode = match rule.get("use_mode").and_then(Value::as_str) {
        Some("SELF_LINK") => "MINI_APP",
        None | Some("") => "CAN_USE",
        Some(mode) => mode,
    };
    let path = [USE_GUIDE, &["use_guide_mode"]].concat();
    put_missing(config, &path, Value::Array(vec![mode.into()]));
    if mode == "MINI_APP"
        && let Some(url) = rule.get("use_url")
    {
        let path = [USE_GUIDE, &["mini_app_use_guide_info", "mini_app_url"]].concat();
        put_missing(config, &path, url.clone());
    }
}

/// Puts a value at a path where there is none; objects on the way are made.
fn put_missing(object: &mut Object, path: &[&str], value: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut object = object;
    for parent in parents {
        let next = object.entry(*parent).or_insert_with(|| Value::Object(Object::new()));
        let Value::Object(next) = next else { return };
        object = next;
    }
    object.entry(*last).or_insert(value);
}

fn is_empty(value: &Value) -> bool {
    value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// Bytes of a configuration's JSON.
pub(crate) fn size(config: &Object) -> usize {
    // Cannot fail: the keys are strings.
    serde_json::to_string(config).unwrap_or_default().len()
}

/// The value at a path of member names.
pub(crate) fn at<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Value> {
    let (last, parents) = path.split_last()?;
    let mut object = object;
    for parent in parents {
        object = object.get(*parent)?.as_object()?;
    }
    object.get(*last)
}

pub(super) fn items<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Vec<Value>> {
    at(object, path)?.as_array()
}

fn at_mut<'a>(object: &'a mut Object, path: &[&str]) -> Option<&'a mut Value> {
    let (last, parents) = path.split_last()?;
    let mut object = object;
    for parent in parents {
        object = object.get_mut(*parent)?.as_object_mut()?;
    }
    object.get_mut(*last)
}

/// The configuration after a modify: objects are merged, everything else is replaced. Settings that
/// both styles have are changed in both.
pub(crate) fn modified(config: &Object, change: &Object) -> Object {
    let mut result = config.clone();
    let mut change = change.clone();
    for list in ["available_app_ids", "available_store_ids"] {
        unpack(&mut change, list);
    }
    for setting in &TWINS {
        if let Some((value, _)) = setting.find(&change) {
            setting.replace(&mut result, value);
        }
    }
    merge(&mut result, &change);
    result
}

/// Two lists of modify are strings that hold a JSON array. In create and query they are arrays.
fn unpack(change: &mut Object, list: &str) {
    if let Some(value) = at_mut(change, &[OLD_USE, list])
        && let Some(items) = value.as_str().and_then(json_strings)
    {
        *value = Value::Array(items);
    }
}

/// Documented for a sibling: what is empty does not change.
fn merge(into: &mut Object, from: &Object) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (_, Value::String(string)) if string.is_empty() => {}
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            (Some(old), _) => old.clone_from(value),
            (None, _) => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Reads a string that holds a JSON array of strings.
fn json_strings(text: &str) -> Option<Vec<Value>> {
    let items: Vec<Value> = serde_json::from_str(text).ok()?;
    items.iter().all(Value::is_string).then_some(items)
}
