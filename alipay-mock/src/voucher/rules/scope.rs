//! What a voucher can be used for: merchants, goods, places.

use serde_json::Value;

use crate::error::{Refusal, invalid_at};
use crate::voucher::config::{
    self, GEOGRAPHY, GEOGRAPHY_CITIES, GEOGRAPHY_KIND, GEOGRAPHY_SHOPS, GOODS, OLD_USE, Object,
    SCOPE, at, items,
};
use crate::voucher::plan::Plan;

pub(super) fn check(config: &Object, _: &Plan) -> Result<(), Refusal> {
    merchants(config)?;
    goods(config)?;
    places(config)
}

/// Documented: a voucher is redeemed by at least one merchant.
fn merchants(config: &Object) -> Result<(), Refusal> {
    let named = |setting: &config::Setting| setting.items(config).iter().any(|id| id != "");
    if named(&config::PIDS) || named(&config::SMIDS) {
        return Ok(());
    }
    let message = format!(
        "at least one merchant must redeem the voucher; give {} or `available_smids` beside it",
        config::PIDS.names(),
    );
    Err(Refusal::invalid(message).lacks(config::PIDS.path(config)))
}

/// Documented: goods are either allowed or excluded.
fn goods(config: &Object) -> Result<(), Refusal> {
    let styles: [(&[&str], &[&str]); 2] = [
        (&[SCOPE, GOODS, "available_goods_sku_ids"], &[SCOPE, GOODS, "exclude_goods_sku_ids"]),
        (&[OLD_USE, "available_goods", "goods_ids"], &[OLD_USE, "unavailable_goods_ids"]),
    ];
    for (allowed, excluded) in styles {
        if [allowed, excluded].iter().all(|path| is_listed(config, path)) {
            let excluded = excluded.join(".");
            let message = format!("`{}` and `{excluded}` exclude each other", allowed.join("."));
            return invalid_at(excluded, message);
        }
    }
    Ok(())
}

/// Documented: all cities or some. Documented (older): shops are given in exactly one of three ways.
fn places(config: &Object) -> Result<(), Refusal> {
    let Some(Value::Object(place)) = at(config, &[SCOPE, GEOGRAPHY]) else { return Ok(()) };
    let right = match at(config, GEOGRAPHY_KIND).and_then(Value::as_str) {
        Some("SHOP") => {
            let lists = ["available_shop_ids", "available_real_shop_ids"];
            let lists = lists.iter().filter(|list| is_listed(place, &[GEOGRAPHY_SHOPS, list]));
            let all = at(place, &[GEOGRAPHY_SHOPS, "available_geography_all_shop"]);
            lists.count() + usize::from(all.is_some()) == 1
        }
        Some("CITY_CODE") => {
            at(place, &[GEOGRAPHY_CITIES, "all_city"]) == Some(&Value::Bool(true))
                || is_listed(place, &[GEOGRAPHY_CITIES, "available_city_codes"])
        }
        _ => false,
    };
    if right {
        return Ok(());
    }
    let kind = GEOGRAPHY_KIND.join(".");
    let message = format!(
        "`{kind}` is SHOP, with `{GEOGRAPHY_SHOPS}` that has exactly one of `available_shop_ids`, \
         `available_real_shop_ids` and `available_geography_all_shop`, or CITY_CODE, with \
         `{GEOGRAPHY_CITIES}` that has `available_city_codes`, or `all_city` true"
    );
    invalid_at(kind, message)
}

fn is_listed(object: &Object, path: &[&str]) -> bool {
    items(object, path).is_some_and(|items| !items.is_empty())
}
