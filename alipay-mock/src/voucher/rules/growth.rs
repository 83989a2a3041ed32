//! How a modify may change what a voucher can be used for.

use std::collections::HashSet;

use serde_json::Value;

use crate::error::{Refusal, invalid_at};
use crate::voucher::config::{
    GEOGRAPHY, GEOGRAPHY_CITIES, GEOGRAPHY_KIND, GEOGRAPHY_SHOPS, GOODS, OLD_USE, Object, SCOPE,
    at, items,
};

/// A list of what a voucher can be used for. If both styles have it, the newer path is first.
struct Allowed {
    paths: &'static [&'static [&'static str]],
    /// Whether an absent or empty list allows everything.
    all_if_absent: bool,
}

const ALLOWED: [Allowed; 9] = [
    Allowed {
        paths: &[
            &[SCOPE, "voucher_available_account_info", "available_pids"],
            &[OLD_USE, "available_merchant", "available_pids"],
        ],
        all_if_absent: false,
    },
    Allowed {
        paths: &[
            &[SCOPE, "voucher_available_account_info", "available_smids"],
            &[OLD_USE, "available_merchant", "available_smids"],
        ],
        all_if_absent: false,
    },
    Allowed {
        paths: &[
            &[SCOPE, "voucher_available_app_info", "available_app_ids"],
            &[OLD_USE, "available_app_ids"],
        ],
        all_if_absent: true,
    },
    Allowed {
        paths: &[
            &[SCOPE, GOODS, "available_goods_sku_ids"],
            &[OLD_USE, "available_goods", "goods_ids"],
        ],
        all_if_absent: true,
    },
    Allowed { paths: &[&[OLD_USE, "available_store_ids"]], all_if_absent: true },
    // Within a geography another kind of list adds to it.
    Allowed {
        paths: &[&[SCOPE, GEOGRAPHY, GEOGRAPHY_CITIES, "available_city_codes"]],
        all_if_absent: false,
    },
    Allowed {
        paths: &[&[SCOPE, GEOGRAPHY, GEOGRAPHY_SHOPS, "available_shop_ids"]],
        all_if_absent: false,
    },
    Allowed {
        paths: &[&[SCOPE, GEOGRAPHY, GEOGRAPHY_SHOPS, "available_real_shop_ids"]],
        all_if_absent: false,
    },
    Allowed {
        paths: &[&[
            SCOPE,
            GEOGRAPHY,
            GEOGRAPHY_SHOPS,
            "available_geography_all_shop",
            "merchant_ids",
        ]],
        all_if_absent: false,
    },
];

/// Lists of what a voucher cannot be used for.
const EXCLUDED: [&[&str]; 3] = [
    &[SCOPE, GOODS, "exclude_goods_sku_ids"],
    &[SCOPE, GEOGRAPHY, GEOGRAPHY_SHOPS, "available_geography_all_shop", "exclude_shop_ids"],
    &[OLD_USE, "unavailable_goods_ids"],
];

/// Groups that limit the use of a voucher by being present.
const WHOLE: [&[&str]; 2] = [&[SCOPE, GEOGRAPHY], &[SCOPE, "voucher_available_item_info"]];

/// Documented for the old style, inferred for the new: the lists of allowed uses may only grow.
/// Inferred for both: without a list everything is allowed, so that a first list narrows the use; and
/// the lists of excluded uses may only shrink.
pub(super) fn check(old: &Object, new: &Object) -> Result<(), Refusal> {
    for Allowed { paths, all_if_absent } in ALLOWED {
        let listed = |config| {
            let mut lists = paths.iter().filter_map(|path| Some((*path, items(config, path)?)));
            lists.find(|(_, items)| !items.is_empty())
        };
        match (listed(old), listed(new)) {
            (None, Some((path, _))) if all_if_absent => {
                return narrowed(path, "without a list it is not limited");
            }
            (Some((_, old)), Some((path, new))) if !contains(new, old) => {
                return narrowed(path, "some are missing");
            }
            _ => {}
        }
        for path in paths {
            let (Some(old), Some(new)) = (items(old, path), items(new, path)) else { continue };
            if !contains(new, old) {
                return narrowed(path, "some are missing");
            }
        }
    }
    for path in EXCLUDED {
        let Some(new) = items(new, path) else { continue };
        if !contains(items(old, path).map_or(&[], Vec::as_slice), new) {
            let path = path.join(".");
            let message = format!("`{path}` can only be shortened");
            return invalid_at(path, message);
        }
    }
    for group in WHOLE {
        if at(old, group).is_none() && at(new, group).is_some() {
            return narrowed(group, "without it the voucher is not limited");
        }
    }
    geography_grows(old, new)
}

/// Inferred: `all_city` stays true, and shops can only be replaced by all cities.
fn geography_grows(old: &Object, new: &Object) -> Result<(), Refusal> {
    let kind = GEOGRAPHY_KIND;
    let all_cities = [SCOPE, GEOGRAPHY, GEOGRAPHY_CITIES, "all_city"];
    let all = |config| at(config, &all_cities) == Some(&Value::Bool(true));
    if all(old) && !all(new) {
        return narrowed(&all_cities, "it is true already");
    }
    if at(old, kind).is_some_and(|old| at(new, kind) != Some(old)) && (all(old) || !all(new)) {
        return narrowed(kind, "only SHOP can become CITY_CODE, with `all_city` true");
    }
    Ok(())
}

fn narrowed(path: &[&str], why: &str) -> Result<(), Refusal> {
    let path = path.join(".");
    let message = format!("`{path}` can only be widened; {why}");
    invalid_at(path, message)
}

fn contains(all: &[Value], some: &[Value]) -> bool {
    let all: HashSet<&Value> = all.iter().collect();
    some.iter().all(|item| all.contains(item))
}
