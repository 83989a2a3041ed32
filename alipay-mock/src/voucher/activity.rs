//! One activity: its configuration, its state, and the vouchers that were issued.

use std::collections::{BTreeMap, HashMap};

use alipay_core::value::LocalDate;
use serde_json::{Value, json};

use super::config::{self, Object};
use super::images;
use super::plan::Plan;
use crate::calendar;
use crate::error::Refusal;

/// The members of the old-style use rule that query returns. The others have operations of their own.
const QUERIED_USE_RULE: [&str; 6] = [
    "fix_voucher",
    "use_mode",
    "use_url",
    "voucher_quantity_limit_per_user",
    "voucher_quantity_limit_per_user_period_type",
    "voucher_valid_period",
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    Init,
    Active,
    Stopped,
}

/// `activity_status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Init,
    Active,
    Finished,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Active => "ACTIVE",
            Self::Finished => "FINISHED",
        }
    }
}

/// The effect of an asynchronous operation.
pub(crate) enum Change {
    Activate,
    Append(u64),
    Modify(Box<Modified>),
    Stop,
}

/// An activity after a modify.
pub(crate) struct Modified {
    pub(crate) config: Object,
    pub(crate) plan: Plan,
    /// Bytes of the configuration's JSON.
    pub(crate) size: usize,
}

impl Change {
    /// The last part of its message's name.
    pub(crate) fn event(&self) -> &'static str {
        match self {
            Self::Activate => "created",
            Self::Append(_) => "appended",
            Self::Modify(_) => "modified",
            Self::Stop => "stopped",
        }
    }

    /// Whether a prepaid budget has to be paid first.
    pub(crate) fn needs_payment(&self) -> bool {
        matches!(self, Self::Activate | Self::Append(_))
    }

    /// `activity_operation_status`. Alipay spells the last one this way.
    fn status(&self) -> &'static str {
        match self {
            Self::Activate => "CREATING",
            Self::Append(_) => "APPENDING",
            Self::Modify(_) => "MODIFYING",
            Self::Stop => "FINISHEING",
        }
    }
}

/// The condition for a change to happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    /// The payment of its budget, until this time in milliseconds.
    Payment { until: i64 },
    /// Its time, in the service's queue.
    Time,
    /// `complete_pending`.
    Command,
}

/// A change that was accepted and has not happened yet.
pub(crate) struct Pending {
    pub(crate) change: Change,
    pub(crate) out_biz_no: String,
    pub(crate) wait: Wait,
}

pub(crate) struct Activity {
    pub(crate) config: Object,
    pub(crate) plan: Plan,
    pub(crate) pending: Option<Pending>,
    /// When it was created, in seconds since 1970.
    pub(crate) created: i64,
    /// Bytes of the configuration's JSON when it was created or last modified.
    size: usize,
    stage: Stage,
    /// Why the review rejected the last publish.
    pub(crate) rejected: Option<String>,
    issued: u64,
    /// Vouchers that were used.
    pub(crate) used: u64,
    /// Vouchers issued by Beijing date.
    by_day: HashMap<LocalDate, u64>,
    /// Vouchers issued to a user by Beijing date.
    by_user: HashMap<String, BTreeMap<LocalDate, u64>>,
}

impl Activity {
    pub(crate) fn new(config: Object, plan: Plan, created: i64) -> Self {
        Self {
            size: config::size(&config),
            config,
            plan,
            pending: None,
            created,
            stage: Stage::Init,
            rejected: None,
            issued: 0,
            used: 0,
            by_day: HashMap::new(),
            by_user: HashMap::new(),
        }
    }

    /// Bytes of the configuration's JSON, and of the one that is to replace it.
    pub(crate) fn size(&self) -> usize {
        match &self.pending {
            Some(Pending { change: Change::Modify(next), .. }) => self.size + next.size,
            _ => self.size,
        }
    }

    /// How many users have received vouchers.
    pub(crate) fn recipients(&self) -> usize {
        self.by_user.len()
    }

    pub(crate) fn knows(&self, user: &str) -> bool {
        self.by_user.contains_key(user)
    }

    pub(crate) fn status(&self, now_seconds: i64) -> Status {
        match self.stage {
            Stage::Init => Status::Init,
            Stage::Active if now_seconds <= self.plan.end => Status::Active,
            Stage::Active | Stage::Stopped => Status::Finished,
        }
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Activate => self.stage = Stage::Active,
            Change::Stop => self.stage = Stage::Stopped,
            Change::Append(quantity) => {
                self.plan.quantity = quantity;
                config::QUANTITY.replace(&mut self.config, &quantity.into());
            }
            Change::Modify(next) => {
                let Modified { config, plan, size } = *next;
                self.config = config;
                self.plan = plan;
                self.size = size;
            }
        }
    }

    /// Has the review reject the activation that is pending. `false` when none is.
    pub(crate) fn reject(&mut self, reason: &str) -> bool {
        let is_pending =
            self.pending.as_ref().is_some_and(|pending| matches!(pending.change, Change::Activate));
        if is_pending {
            self.pending = None;
            self.rejected = Some(reason.to_owned());
        }
        is_pending
    }

    /// Drops a change whose payment link has expired, so that it can be requested again.
    pub(crate) fn expire_payment(&mut self, now_millis: i64) {
        if let Some(Pending { wait: Wait::Payment { until }, .. }) = self.pending
            && until < now_millis
        {
            self.pending = None;
        }
    }

    /// Issues one voucher to a user, if the activity's state and limits allow it.
    pub(crate) fn issue(&mut self, user: &str, now_seconds: i64) -> Result<(), Refusal> {
        self.check(user, now_seconds)?;
        let today = calendar::date_of(now_seconds);
        self.issued += 1;
        *self.by_day.entry(today).or_default() += 1;
        *self.by_user.entry(user.to_owned()).or_default().entry(today).or_default() += 1;
        Ok(())
    }

    /// Whether the activity's state and limits allow to issue one voucher to a user.
    pub(crate) fn check(&self, user: &str, now_seconds: i64) -> Result<(), Refusal> {
        self.check_open(now_seconds)?;
        let today = calendar::date_of(now_seconds);
        let issued_today = self.by_day.get(&today).copied().unwrap_or_default();
        let exhausted =
            |message| Err(Refusal::business("BUDGET_NOT_ENOUGH", message).at("activity_id"));
        if self.issued >= self.plan.quantity {
            return exhausted("all vouchers of the activity are issued");
        }
        // Inferred: no other code fits the daily maximum.
        if self.plan.per_day.is_some_and(|maximum| issued_today >= maximum) {
            return exhausted("all vouchers of the day are issued");
        }
        self.check_user(user, today)
    }

    /// Which code belongs to which state is inferred from the names.
    fn check_open(&self, now_seconds: i64) -> Result<(), Refusal> {
        let (code, message) = match self.stage {
            Stage::Init => ("ACTIVITY_NOT_ACTIVE", "the activity is not activated; publish it"),
            Stage::Stopped => ("ACTIVITY_IS_STOPED", "the activity was stopped"),
            Stage::Active if now_seconds < self.plan.start => {
                ("ACTIVITY_NOT_START", "publish_start_time has not come yet")
            }
            Stage::Active if now_seconds > self.plan.end => {
                ("ACTIVITY_IS_END", "publish_end_time has passed")
            }
            Stage::Active => return Ok(()),
        };
        Err(Refusal::business(code, message).at("activity_id"))
    }

    fn check_user(&self, user: &str, today: LocalDate) -> Result<(), Refusal> {
        let Some(received) = self.by_user.get(user) else { return Ok(()) };
        let since = |day: LocalDate| received.range(day..).map(|(_, count)| count).sum::<u64>();
        let limits = self.plan.per_user;
        let periods = [
            (limits.day, today, "today"),
            (limits.week, calendar::week_start(today), "this week"),
            (limits.month, calendar::month_start(today), "this month"),
            (limits.whole, LocalDate::MIN, "of this activity"),
        ];
        for (limit, first_day, period) in periods {
            if limit.is_some_and(|limit| since(first_day) >= limit) {
                let message = format!("the user has received all vouchers allowed {period}");
                // A user is called by the field that names them, and their id.
                let field = user.split(' ').next().unwrap_or_default();
                return Err(Refusal::business("COUNT_OVER_LIMIT", message).at(field));
            }
        }
        Ok(())
    }

    /// The response of query: the configuration in the newer style, then state and counts. Secondary: the official
    /// page has the newer style only. What was sent in the older style is returned in that one, too (inferred).
    pub(crate) fn describe(&self, id: &str, now_seconds: i64) -> Value {
        let status = self.status(now_seconds).as_str();
        let mut response = config::in_new_style(&self.config);
        images::show(&mut response);
        let base = response.entry("activity_base_info").or_insert_with(|| json!({}));
        if let Value::Object(base) = base {
            base.insert("activity_id".to_owned(), id.into());
            base.insert("activity_status".to_owned(), status.into());
            base.remove("activity_operation_status");
            if let Some(pending) = &self.pending {
                let running = pending.change.status();
                base.insert("activity_operation_status".to_owned(), running.into());
            }
        }
        if let Some(reason) = &self.rejected {
            let audit = json!({"audit_result": "REJECT", "audit_reason": reason});
            response.insert("audit_result_info".to_owned(), audit);
        }
        if let Some(Value::Object(rule)) = response.get_mut("voucher_use_rule") {
            rule.retain(|name, _| QUERIED_USE_RULE.contains(&name.as_str()));
        }
        response.insert("activity_id".to_owned(), id.into());
        response.insert("activity_status".to_owned(), status.into());
        let summary = json!({"publish_count": self.issued, "used_count": self.used});
        response.insert("summary".to_owned(), summary);
        let inventory = json!({"send_count": self.issued, "use_count": self.used});
        response.insert("voucher_inventory_info".to_owned(), inventory);
        Value::Object(response)
    }
}
