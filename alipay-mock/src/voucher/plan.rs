//! What a configuration of either style says about issuing.

use super::config::{self, Object, Setting};
use crate::calendar;
use crate::error::{Refusal, invalid_at};

/// The largest total quantity.
pub(crate) const MAX_QUANTITY: u64 = 99_999_999;

/// How many vouchers one user may receive. `None` means without limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct UserLimits {
    pub(crate) day: Option<u64>,
    pub(crate) week: Option<u64>,
    pub(crate) month: Option<u64>,
    pub(crate) whole: Option<u64>,
}

/// When, how many and to whom vouchers are issued.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    pub(crate) quantity: u64,
    /// Seconds since 1970.
    pub(crate) start: i64,
    /// Seconds since 1970; the last second of issue.
    pub(crate) end: i64,
    /// Whether the budget is prepaid.
    pub(crate) recharge: bool,
    pub(crate) per_day: Option<u64>,
    pub(crate) per_user: UserLimits,
    /// How often a user may use vouchers.
    pub(crate) uses_per_user: UserLimits,
}

impl Plan {
    /// Reads the plan. What it needs is required in one of the styles.
    pub(crate) fn read(config: &Object) -> Result<Self, Refusal> {
        let required = |setting: &Setting| {
            let message = format!("{} is required", setting.names());
            Refusal::invalid(message).lacks(setting.path(config))
        };
        let time = |setting: &Setting| {
            setting
                .string(config)
                .and_then(calendar::parse_date_time)
                .ok_or_else(|| required(setting))
        };
        let quantity =
            config::QUANTITY.number(config).ok_or_else(|| required(&config::QUANTITY))?;
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            let message = format!("{} must be 1 to {MAX_QUANTITY}", config::QUANTITY.names());
            return invalid_at(config::QUANTITY.path(config), message);
        }
        let budget =
            config::BUDGET_TYPE.string(config).ok_or_else(|| required(&config::BUDGET_TYPE))?;
        Ok(Self {
            quantity,
            start: time(&config::START)?,
            end: time(&config::END)?,
            recharge: budget == "RECHARGE",
            per_day: limit(config::DAY_MAXIMUM.number(config)),
            per_user: user_limits(config),
            uses_per_user: use_limits(config),
        })
    }
}

fn user_limits(config: &Object) -> UserLimits {
    let rule = |name| {
        let path = [config::SEND, config::SEND_RULE, name];
        limit(config::at(config, &path).and_then(serde_json::Value::as_u64))
    };
    let mut limits = UserLimits {
        day: rule("quantity_day_limit_per_user"),
        week: rule("quantity_week_limit_per_user"),
        month: rule("quantity_month_limit_per_user"),
        whole: None,
    };
    limits.add(&config::USER_LIMIT, &config::USER_LIMIT_PERIOD, config);
    limits
}

fn use_limits(config: &Object) -> UserLimits {
    let mut limits = UserLimits::default();
    limits.add(&config::USE_LIMIT, &config::USE_LIMIT_PERIOD, config);
    limits
}

impl UserLimits {
    /// Adds a limit whose period is a setting of its own.
    fn add(&mut self, number: &Setting, period: &Setting, config: &Object) {
        let place = match period.string(config) {
            Some("DAY") => &mut self.day,
            Some("WEEK") => &mut self.week,
            Some("MONTH") => &mut self.month,
            // Documented: the whole activity is the default.
            _ => &mut self.whole,
        };
        *place = [*place, limit(number.number(config))].into_iter().flatten().min();
    }
}

/// Documented: 0 is the same as no limit.
fn limit(number: Option<u64>) -> Option<u64> {
    number.filter(|number| *number > 0)
}
