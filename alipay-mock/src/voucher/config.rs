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
pub(crate) const BUDGET_TYPE: Setting = setting(
    &["voucher_budget_supply_info", "budget_type"],
    &["voucher_budget_info", "budget_type"],
);
pub(crate) const VOUCHER_TYPE: Setting =
    setting(&["voucher_deduct_info", "voucher_type"], &["voucher_type"]);
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

/// Settings a modify of one style changes in the other style as well.
const SHARED: [&Setting; 3] = [&END, &VALID_END, &VALID_DAYS];

impl Setting {
    /// The value and its path.
    pub(crate) fn find<'a>(&self, config: &'a Object) -> Option<(&'a Value, String)> {
        [self.new, self.old].into_iter().find_map(|path| Some((at(config, path)?, path.join("."))))
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
    for setting in SHARED {
        if let Some((value, _)) = setting.find(change) {
            setting.replace(&mut result, value);
        }
    }
    let mut change = change.clone();
    for list in ["available_app_ids", "available_store_ids"] {
        unpack(&mut change, list);
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

fn merge(into: &mut Object, from: &Object) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
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
