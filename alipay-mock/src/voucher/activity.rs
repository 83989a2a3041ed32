//! One activity: its configuration, its state, and the vouchers that were issued.

use std::collections::{BTreeMap, HashMap};

use alipay_core::value::LocalDate;
use serde_json::{Value, json};

use super::config::{self, Object};
use super::images;
use super::plan::{Plan, UserLimits};
use super::state::{ActivityStatus, Completion, WaitsFor};
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
    Paused,
    Stopped,
}

/// What the review of images and texts has said of the last publish. Documented: the values, and that a rejection has a
/// reason. Inferred: when there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Audit {
    Running,
    Passed,
    Rejected(String),
}

impl Audit {
    /// `audit_result`.
    pub(crate) fn result(&self) -> &'static str {
        match self {
            Self::Running => "SUBMIT",
            Self::Passed => "APPROVE",
            Self::Rejected(_) => "REJECT",
        }
    }

    fn describe(&self) -> Value {
        let mut audit = Object::new();
        audit.insert("audit_type".to_owned(), "UNIFY_ACCESS_CHECK".into());
        audit.insert("audit_result".to_owned(), self.result().into());
        if let Self::Rejected(reason) = self {
            audit.insert("audit_reason".to_owned(), reason.as_str().into());
        }
        audit.into()
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
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Activate => "CREATING",
            Self::Append(_) => "APPENDING",
            Self::Modify(_) => "MODIFYING",
            Self::Stop => "FINISHEING",
        }
    }
}

/// A change that was accepted and has not happened yet.
pub(crate) struct Pending {
    pub(crate) change: Change,
    pub(crate) out_biz_no: String,
    pub(crate) wait: WaitsFor,
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
    /// What the review says of the last publish.
    pub(crate) audit: Option<Audit>,
    /// Whether the last link to pay its budget has expired.
    pub(crate) unpaid: bool,
    /// When its accepted changes take effect, if it has a time of its own.
    pub(crate) completion: Option<Completion>,
    issued: u64,
    /// How often vouchers were used.
    used: u64,
    /// Vouchers issued by Beijing date.
    by_day: HashMap<LocalDate, u64>,
    /// Vouchers issued to a user by Beijing date.
    by_user: HashMap<String, ByDate>,
    /// How often a user has used vouchers, by Beijing date.
    uses_by_user: HashMap<String, ByDate>,
}

type ByDate = BTreeMap<LocalDate, u64>;

impl Activity {
    pub(crate) fn new(config: Object, plan: Plan, created: i64) -> Self {
        Self {
            size: config::size(&config),
            config,
            plan,
            pending: None,
            created,
            stage: Stage::Init,
            audit: None,
            unpaid: false,
            completion: None,
            issued: 0,
            used: 0,
            by_day: HashMap::new(),
            by_user: HashMap::new(),
            uses_by_user: HashMap::new(),
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

    pub(crate) fn status(&self, now_seconds: i64) -> ActivityStatus {
        let is_over = now_seconds > self.plan.end;
        match self.stage {
            Stage::Init => ActivityStatus::Init,
            // Inferred: what is paused ends as well.
            Stage::Active | Stage::Paused if is_over => ActivityStatus::Finished,
            Stage::Active => ActivityStatus::Active,
            Stage::Paused => ActivityStatus::Pause,
            Stage::Stopped => ActivityStatus::Finished,
        }
    }

    /// How many vouchers there are, how many were issued, and how often vouchers were used.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.plan.quantity, self.issued, self.used)
    }

    pub(crate) fn pause(&mut self, paused: bool) {
        self.stage = if paused { Stage::Paused } else { Stage::Active };
    }

    /// As if others had received all vouchers that are left.
    pub(crate) fn exhaust(&mut self) {
        self.issued = self.issued.max(self.plan.quantity);
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
            self.audit = Some(Audit::Rejected(reason.to_owned()));
        }
        is_pending
    }

    /// Drops a change whose payment link has expired, so that it can be requested again.
    pub(crate) fn expire_payment(&mut self, now_millis: i64) {
        if let Some(Pending { wait: WaitsFor::Payment { until_millis }, .. }) = self.pending
            && until_millis < now_millis
        {
            // What has had no effect was not reviewed to its end either.
            if self.audit == Some(Audit::Running) {
                self.audit = None;
            }
            self.pending = None;
            self.unpaid = true;
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
            Stage::Active | Stage::Paused if now_seconds > self.plan.end => {
                ("ACTIVITY_IS_END", "publish_end_time has passed")
            }
            Stage::Paused => (
                "ACTIVITY_NOT_ACTIVE",
                "the activity is paused (that this is the code for it is inferred)",
            ),
            Stage::Active if now_seconds < self.plan.start => {
                ("ACTIVITY_NOT_START", "publish_start_time has not come yet")
            }
            Stage::Active => return Ok(()),
        };
        Err(Refusal::business(code, message).at("activity_id"))
    }

    fn check_user(&self, user: &str, today: LocalDate) -> Result<(), Refusal> {
        let Some(received) = self.by_user.get(user) else { return Ok(()) };
        match exceeded(self.plan.per_user, received, today) {
            Some(period) => {
                let message = format!("the user has received all vouchers allowed {period}");
                // A user is called by the field that names them, and their id.
                let field = user.split(' ').next().unwrap_or_default();
                Err(Refusal::business("COUNT_OVER_LIMIT", message).at(field))
            }
            None => Ok(()),
        }
    }

    /// The period in which a user has used vouchers as often as is allowed.
    pub(crate) fn uses_exceeded(&self, user: &str, now_seconds: i64) -> Option<&'static str> {
        let counts = self.uses_by_user.get(user)?;
        exceeded(self.plan.uses_per_user, counts, calendar::date_of(now_seconds))
    }

    /// Counts that a user has used a voucher.
    pub(crate) fn count_use(&mut self, user: &str, now_seconds: i64) {
        let today = calendar::date_of(now_seconds);
        self.used += 1;
        *self.uses_by_user.entry(user.to_owned()).or_default().entry(today).or_default() += 1;
    }

    /// The response of query: the configuration in the newer style, then state and counts. Secondary: the official
    /// page has the newer style only. What was sent in the older style is returned in that one, too (inferred), and with
    /// `old_twins` all that the older style has.
    pub(crate) fn describe(&self, id: &str, now_seconds: i64, old_twins: bool) -> Value {
        let status = self.status(now_seconds).as_str();
        let mut response = config::in_new_style(&self.config);
        if old_twins {
            config::add_old_twins(&mut response);
        }
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
        if let Some(audit) = &self.audit {
            response.insert("audit_result_info".to_owned(), audit.describe());
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

/// The period whose limit these counts have reached.
fn exceeded(limits: UserLimits, counts: &ByDate, today: LocalDate) -> Option<&'static str> {
    let since = |day: LocalDate| counts.range(day..).map(|(_, count)| count).sum::<u64>();
    let periods = [
        (limits.day, today, "today"),
        (limits.week, calendar::week_start(today), "this week"),
        (limits.month, calendar::month_start(today), "this month"),
        (limits.whole, LocalDate::MIN, "of this activity"),
    ];
    let reached =
        |limit: Option<u64>, first_day| limit.is_some_and(|limit| since(first_day) >= limit);
    periods
        .into_iter()
        .find(|(limit, first_day, _)| reached(*limit, *first_day))
        .map(|(.., period)| period)
}
