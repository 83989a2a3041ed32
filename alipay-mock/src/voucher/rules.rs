//! How the fields of create and modify depend on each other.
//!
//! Each rule names its evidence: documented (now or in older official texts), secondary (a
//! third-party client that follows the official page enforces it), or inferred.

mod growth;
mod scope;

use alipay_core::value::Yuan;
use serde_json::Value;

use super::config::{self, OLD_USE, Object, at, items};
use super::plan::Plan;
use crate::calendar;
use crate::error::{Refusal, ensure_at, excerpt, invalid_at};

/// Documented: the window of issue is at most 180 days.
const LONGEST_WINDOW_SECONDS: i64 = 180 * 86_400;

/// The groups of the newer style. Secondary: all of them are required.
const NEW_STYLE: [&str; 8] = [
    "activity_base_info",
    "voucher_send_mode_info",
    "voucher_deduct_info",
    "voucher_available_scope_info",
    "voucher_use_rule_info",
    "voucher_customer_guide_info",
    "voucher_display_pattern_info",
    "voucher_budget_supply_info",
];

type Rule = fn(&Object, &Plan) -> Result<(), Refusal>;

pub(crate) fn create(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    let rules: [Rule; 13] = [
        groups,
        kind,
        window,
        validity,
        scope::check,
        guide,
        use_link,
        images,
        amounts,
        funding,
        daily,
        counting,
        owner,
    ];
    rules.iter().try_for_each(|rule| rule(config, plan))
}

/// Checks an activity's configuration after a change against the one before.
pub(crate) fn modify(before: (&Object, &Plan), after: (&Object, &Plan)) -> Result<(), Refusal> {
    let ((old, old_plan), (new, new_plan)) = (before, after);
    let unchanged: [Rule; 3] = [window, validity, scope::check];
    unchanged.iter().try_for_each(|rule| rule(new, new_plan))?;
    // Documented (older).
    ensure_at(
        config::END.path(new),
        new_plan.end >= old_plan.end,
        "`publish_end_time` can only be moved later",
    )?;
    // Inferred: the total has an operation of its own.
    ensure_at(
        config::QUANTITY.path(new),
        new_plan.quantity == old_plan.quantity,
        "modify does not change the quantity; use append",
    )?;
    let fixed = "the start of issue and the budget type cannot be modified";
    ensure_at(config::START.path(new), new_plan.start == old_plan.start, fixed)?;
    ensure_at(config::BUDGET_TYPE.path(new), new_plan.recharge == old_plan.recharge, fixed)?;
    validity_grows(old, new)?;
    growth::check(old, new)
}

/// Documented: validity can only be extended, by the end time or by the days.
fn validity_grows(old: &Object, new: &Object) -> Result<(), Refusal> {
    let absolute = config::VALIDITY_TYPE.string(old) == Some("ABSOLUTE");
    ensure_at(
        config::VALIDITY_TYPE.path(new),
        config::VALIDITY_TYPE.string(new) == config::VALIDITY_TYPE.string(old),
        "the kind of validity cannot be modified",
    )?;
    let end = |config| config::VALID_END.string(config).and_then(calendar::parse_date_time);
    let days = |config| config::VALID_DAYS.number(config);
    let (end_path, days_path) = (config::VALID_END.path(new), config::VALID_DAYS.path(new));
    ensure_at(
        &*days_path,
        !absolute || days(new) == days(old),
        "`valid_days_after_receive` is for RELATIVE validity; this activity's is ABSOLUTE",
    )?;
    ensure_at(
        &*end_path,
        absolute || end(new) == end(old),
        "`valid_end_time` is for ABSOLUTE validity; this activity's is RELATIVE",
    )?;
    ensure_at(end_path, end(new) >= end(old), "`valid_end_time` can only be moved later")?;
    let otherwise = "`valid_days_after_receive` can only be increased";
    ensure_at(days_path, days(new) >= days(old), otherwise)
}

/// Secondary: a request of the newer style has all its groups. The older style has its own.
fn groups(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let sent = |group: &&str| config.contains_key(*group);
    if !NEW_STYLE.iter().any(sent) {
        return Ok(());
    }
    match NEW_STYLE.iter().find(|group| !sent(group)) {
        Some(group) => Err(Refusal::missing(group)),
        None => Ok(()),
    }
}

/// Documented, in the description of campaign sign-up: the payment vouchers are those of a fixed amount, for
/// everything or for certain goods. Documented (older): the kind selects its details. Inferred: both the kind and
/// the amount are required.
fn kind(config: &Object, _: &Plan) -> Result<(), Refusal> {
    match config::KIND.find(config) {
        None => required(&config::KIND, config),
        Some((Value::String(kind), path)) if kind != "FIX_VOUCHER" => {
            let message = format!(
                "`{path}` is {}: payment vouchers (支付券) are FIX_VOUCHER; the other kinds are merchant \
                 vouchers (商家券)",
                excerpt(kind),
            );
            invalid_at(path, message)
        }
        Some(_) if config::AMOUNT.find(config).is_none() => required(&config::AMOUNT, config),
        Some(_) => Ok(()),
    }
}

/// Inferred.
fn required(setting: &config::Setting, config: &Object) -> Result<(), Refusal> {
    let message = format!("{} is required (inferred)", setting.names());
    Err(Refusal::invalid(message).lacks(setting.path(config)))
}

/// Documented: at most 180 days. Inferred: the end comes after the start.
fn window(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    let path = config::END.path(config);
    let otherwise = "`publish_end_time` must be after `publish_start_time`";
    ensure_at(&*path, plan.end > plan.start, otherwise)?;
    ensure_at(
        path,
        plan.end - plan.start <= LONGEST_WINDOW_SECONDS,
        "`publish_end_time` must be at most 180 days after `publish_start_time`",
    )
}

/// Documented: ABSOLUTE validity has a begin and an end, which is after the window of issue.
/// RELATIVE has days.
fn validity(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    let time =
        |setting: &config::Setting| setting.string(config).and_then(calendar::parse_date_time);
    match config::VALIDITY_TYPE.string(config) {
        Some("ABSOLUTE") => {
            let (begin, end) = (time(&config::VALID_BEGIN), time(&config::VALID_END));
            let path = config::VALID_END.path(config);
            let (Some(begin), Some(end)) = (begin, end) else {
                let lost = if begin.is_none() { &config::VALID_BEGIN } else { &config::VALID_END };
                let message = "ABSOLUTE validity needs `valid_begin_time` and `valid_end_time`";
                return Err(Refusal::invalid(message).lacks(lost.path(config)));
            };
            let otherwise = "`valid_end_time` must be after `publish_end_time`";
            ensure_at(&*path, end > plan.end, otherwise)?;
            ensure_at(path, end > begin, "`valid_end_time` must be after `valid_begin_time`")
        }
        None => required(&config::VALIDITY_TYPE, config),
        Some("RELATIVE") if config::VALID_DAYS.number(config).unwrap_or_default() == 0 => {
            let message = "RELATIVE validity needs `valid_days_after_receive`, at least 1";
            Err(Refusal::invalid(message).lacks(config::VALID_DAYS.path(config)))
        }
        _ => Ok(()),
    }
}

/// Documented (older): a mini-program is named by exactly one of a service code and a link.
fn guide(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let Some(Value::Object(guide)) = at(config, config::USE_GUIDE) else { return Ok(()) };
    let modes = items(guide, &["use_guide_mode"]).map_or(&[][..], Vec::as_slice);
    let app = guide.get("mini_app_use_guide_info").and_then(Value::as_object);
    if app.is_none() && !modes.iter().any(|mode| mode == "MINI_APP") {
        return Ok(());
    }
    let code = app.and_then(|app| items(app, &["mini_app_service_codes"]));
    let url = app.and_then(|app| app.get("mini_app_url")).filter(|url| *url != "");
    if code.is_some_and(|code| !code.is_empty()) == url.is_some() {
        let path = format!("{}.mini_app_use_guide_info", config::USE_GUIDE.join("."));
        let message =
            format!("`{path}` needs exactly one of `mini_app_service_codes` and `mini_app_url`");
        return invalid_at(path, message);
    }
    Ok(())
}

/// Documented: images of details go with a cover.
fn images(config: &Object, _: &Plan) -> Result<(), Refusal> {
    if !config::DETAIL_IMAGES.items(config).is_empty() && config::IMAGE.find(config).is_none() {
        let message = format!("images of details need a cover, {}", config::IMAGE.names());
        return Err(Refusal::invalid(message).lacks(config::IMAGE.path(config)));
    }
    Ok(())
}

/// Documented: SELF_LINK needs a link to a mini-program.
fn use_link(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let text = |name| at(config, &[OLD_USE, name]).and_then(Value::as_str);
    if text("use_mode") == Some("SELF_LINK")
        && !text("use_url").is_some_and(|url| url.starts_with("alipays://"))
    {
        return invalid_at(
            format!("{OLD_USE}.use_url"),
            "`use_mode` SELF_LINK needs `use_url`, a mini-program link that starts with alipays://",
        );
    }
    Ok(())
}

/// Documented: 0.1 to 3000 yuan off, from 0.1 to 50000 yuan on.
fn amounts(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let limits = [(config::AMOUNT, 300_000, "3000"), (config::FLOOR_AMOUNT, 5_000_000, "50000")];
    for (setting, most, shown) in limits {
        let Some((Value::String(amount), path)) = setting.find(config) else { continue };
        if !fen(amount).is_some_and(|amount| (10..=most).contains(&amount)) {
            let message = format!("`{path}` must be 0.1 to {shown}");
            return invalid_at(path, message);
        }
    }
    Ok(())
}

/// Documented: RECHARGE says how the budget is paid, from exactly one account. The amount is the
/// discount times the number of vouchers.
fn funding(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    if !plan.recharge {
        return Ok(());
    }
    let styles: [(&[&str], &str, [&str; 2]); 2] = [
        (
            &["voucher_budget_supply_info", "voucher_recharge_info"],
            "voucher_balance_recharge_info",
            ["logon_id", "partner_id"],
        ),
        (
            &["voucher_budget_info", "recharge_info"],
            "alipay_balance_recharge_info",
            ["logon_id", "user_id"],
        ),
    ];
    let mut found = false;
    for (path, details, accounts) in styles {
        let Some(Value::Object(recharge)) = at(config, path) else { continue };
        found = true;
        if recharge.get("recharge_type").and_then(Value::as_str) != Some("ALIPAY_BALANCE") {
            continue;
        }
        let path = format!("{}.{details}", path.join("."));
        let Some(Value::Object(details)) = recharge.get(details) else {
            return Err(Refusal::missing(&path));
        };
        let given = |name: &&&str| details.get(**name).is_some_and(|account| account != "");
        if accounts.iter().filter(given).count() != 1 {
            let accounts = accounts.join("` and `");
            let message = format!("the funding account is exactly one of `{accounts}`");
            return invalid_at(path, message);
        }
    }
    ensure_at(
        "voucher_budget_supply_info.voucher_recharge_info",
        found,
        "budget type RECHARGE needs `voucher_budget_supply_info.voucher_recharge_info` (old \
             style: `voucher_budget_info.recharge_info`)",
    )?;
    recharge_amount(config, plan)
}

fn recharge_amount(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    let total = config::RECHARGE_AMOUNT.string(config);
    let (Some(total), Some(each)) = (total.and_then(fen), config::AMOUNT.string(config)) else {
        return Ok(());
    };
    if fen(each).is_some_and(|each| each.saturating_mul(plan.quantity) != total) {
        return invalid_at(
            config::RECHARGE_AMOUNT.path(config),
            "the recharge amount must be the discount amount times the number of vouchers",
        );
    }
    Ok(())
}

/// Documented: the daily maximum over all days is at most the quantity. Inferred: a day is a
/// Beijing date that the window touches.
fn daily(config: &Object, plan: &Plan) -> Result<(), Refusal> {
    let days = calendar::dates_between(plan.start, plan.end);
    let days = u64::try_from(days).unwrap_or(1);
    match plan.per_day {
        Some(maximum) if maximum.saturating_mul(days) > plan.quantity => {
            let message =
                format!("`max_quantity_by_day` for {days} days is more than the quantity");
            invalid_at(config::DAY_MAXIMUM.path(config), message)
        }
        _ => Ok(()),
    }
}

/// Inferred from the merchant vouchers: counting by person or phone needs a limit.
fn counting(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let counted = config::NATURAL_PERSON.is_on(config) || config::PHONE_NUMBER.is_on(config);
    if counted && config::USER_LIMIT.number(config).unwrap_or_default() == 0 {
        let message = format!(
            "{} must be above 0 when it is counted by person or phone number",
            config::USER_LIMIT.names(),
        );
        return invalid_at(config::USER_LIMIT.path(config), message);
    }
    Ok(())
}

/// Documented (older), for the newer style: a service provider that operates for a merchant, which is what
/// counts when `business_type` is absent, names the owner and the kind of its id. Its own platform mode, ISV, is for
/// exchange vouchers.
fn owner(config: &Object, _: &Plan) -> Result<(), Refusal> {
    let owner = |name| {
        let value = at(config, &["activity_base_info", "belong_merchant_info", name]);
        value.and_then(Value::as_str).filter(|value| !value.is_empty())
    };
    match owner("business_type") {
        Some("ISV") => {
            return invalid_at(
                "activity_base_info.belong_merchant_info.business_type",
                "`activity_base_info.belong_merchant_info.business_type` ISV is for exchange vouchers, which are \
                 merchant vouchers (商家券); payment vouchers (支付券) take ISV_FOR_MERCHANT",
            );
        }
        None | Some("ISV_FOR_MERCHANT") => {}
        Some(_) => return Ok(()),
    }
    let agency = config.get("merchant_access_mode").and_then(Value::as_str) == Some("AGENCY_MODE");
    if !agency || !config.contains_key("activity_base_info") {
        return Ok(());
    }
    match ["merchant_id", "merchant_id_type"].into_iter().find(|name| owner(name).is_none()) {
        Some(name) => {
            let path = format!("activity_base_info.belong_merchant_info.{name}");
            let message = format!("AGENCY_MODE with ISV_FOR_MERCHANT needs the owner's `{path}`");
            Err(Refusal::invalid(message).lacks(path))
        }
        None => Ok(()),
    }
}

/// Reads an amount in yuan as fen; `None` if it is not an amount, or negative.
fn fen(amount: &str) -> Option<u64> {
    u64::try_from(amount.parse::<Yuan>().ok()?.fen()).ok()
}
