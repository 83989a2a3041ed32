//! The operations that make, change and issue vouchers. `around` has those that only look.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use super::activity::{Activity, Audit, Change, Modified, Pending};
use super::config::{self, Object, modified};
use super::idempotency::{KEY, Remembered};
use super::images::Images;
use super::issued::{Issued, State, Validity, Voucher, most_uses};
use super::operation::Operation;
use super::plan::{MAX_QUANTITY, Plan};
use super::rules;
use super::state::{ActivityStatus, Completion, Review, WaitsFor};
use crate::delivery::Outbox;
use crate::error::{Refusal, ensure, ensure_at, invalid_at};
use crate::ids::Ids;
use crate::protocol::message::{Notice, NoticeKind};

/// The beginning of the messages' names.
pub(crate) const MESSAGES: &str = "alipay.marketing.activity.message.";
/// Documented: a recharge link is valid for three days.
const LINK_MILLIS: i64 = 3 * 86_400 * 1000;

const ACTIVITY_ID: &str = "activity_id";
const QUANTITY: &str = "voucher_quantity";

/// The longest `out_biz_no`, in characters.
const LONGEST_KEY: usize = 64;
/// The longest id of a user, in bytes.
const LONGEST_USER: usize = 128;
/// The largest size of an activity after a modify, in bytes of JSON.
const LARGEST_CONFIG: usize = 1024 * 1024;
/// How many activities are kept, and their largest size together. The oldest are dropped first.
const MOST_ACTIVITIES: usize = 10_000;
const MOST_HELD: usize = 64 * 1024 * 1024;
/// To how many users all activities together may issue.
const MOST_RECIPIENTS: usize = 500_000;

#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "the switches are independent")]
pub(crate) struct Settings {
    pub(crate) completion: Completion,
    pub(crate) review: Review,
    pub(crate) auto_pay: bool,
    /// Whether query has the fields of the older style, too, for what was sent in the newer one.
    pub(crate) old_twins: bool,
    pub(crate) empty_acknowledgements: bool,
    pub(crate) cross_field_rules: bool,
    /// Whether the images of an activity have to be uploaded before.
    pub(crate) known_images: bool,
    /// Whether each operation has `out_biz_no`s of its own.
    pub(crate) numbers_per_operation: bool,
    /// Whether `received` names its user as a sample of 2021 does.
    pub(crate) sample_recipient_names: bool,
}

pub(crate) struct Service {
    pub(super) settings: Settings,
    pub(super) activities: HashMap<String, Activity>,
    /// The ids of the activities, oldest first.
    pub(super) by_age: VecDeque<String>,
    /// The size of all configurations in bytes of JSON, with those that are to replace others.
    held: usize,
    /// To how many users all activities have issued vouchers.
    recipients: usize,
    /// Activities whose change is due, by time in milliseconds and order of acceptance.
    pub(super) due: BTreeMap<(i64, u64), String>,
    accepted: u64,
    remembered: Remembered,
    pub(super) images: Images,
    pub(super) issued: Issued,
    pub(super) ids: Ids,
    pub(crate) outbox: Outbox,
}

/// Runs an operation with its request, its `out_biz_no` and the time in milliseconds.
type Run = fn(&mut Service, &Object, &str, i64) -> Result<String, Refusal>;

impl Service {
    pub(crate) fn new(settings: Settings) -> io::Result<Self> {
        Ok(Self {
            remembered: Remembered::new(settings.numbers_per_operation),
            settings,
            activities: HashMap::new(),
            by_age: VecDeque::new(),
            held: 0,
            recipients: 0,
            due: BTreeMap::new(),
            accepted: 0,
            images: Images::default(),
            issued: Issued::default(),
            ids: Ids::new()?,
            outbox: Outbox::default(),
        })
    }

    /// Runs an operation. The result is the response's body.
    pub(crate) fn call(
        &mut self,
        operation: Operation,
        request: &Object,
        now_millis: i64,
    ) -> Result<String, Refusal> {
        self.settle(now_millis);
        // Secondary for six operations, and inferred for send. The description says it of the others.
        if operation.has_styles() {
            required(request, "merchant_access_mode")?;
        }
        let run: Run = match operation {
            Operation::Query => return self.query(request, now_millis),
            Operation::Create => |service, request, _, now| service.create(request, now),
            Operation::Publish => Self::publish,
            Operation::Send => |service, request, _, now| service.send(request, now),
            Operation::Append => Self::append,
            Operation::Modify => Self::modify,
            Operation::Stop => Self::stop,
            looking => return self.look(looking, request, now_millis),
        };
        let key = required(request, KEY)?.to_owned();
        let length = key.chars().count();
        if length > LONGEST_KEY {
            let message =
                format!("`out_biz_no` has {length} characters, at most {LONGEST_KEY} allowed");
            return invalid_at(KEY, message);
        }
        if let Some(response) = self.remembered.find(operation, &key, request)? {
            return Ok(response);
        }
        let response = run(self, request, &key, now_millis)?;
        self.remembered.keep(operation, &key, request, &response);
        Ok(response)
    }

    /// Completes the changes that are due, and has the vouchers expire whose validity is over, in the order of time:
    /// a modify may extend a validity before it ends.
    pub(crate) fn settle(&mut self, now_millis: i64) {
        let is_due = |at: &i64| *at <= now_millis;
        loop {
            let change = self.due.keys().next().map(|(at, _)| *at).filter(is_due);
            let expiry = self.issued.next_expiry().map(|at| at.saturating_mul(1000)).filter(is_due);
            match (change, expiry) {
                (Some(at), expiry) if expiry.is_none_or(|expiry| at <= expiry) => {
                    let Some((_, id)) = self.due.pop_first() else { return };
                    self.finish(&id, at);
                }
                (_, Some(at)) => self.expire_next(at),
                (_, None) => return,
            }
        }
    }

    /// A message with this name and content.
    pub(crate) fn notice(&mut self, name: String, mut content: Object, now_millis: i64) -> Notice {
        let short = name.rsplit('.').next().unwrap_or(&name).to_uppercase();
        let id = self.ids.event(&short, now_millis / 1000);
        content.entry("id").or_insert_with(|| id.into());
        content.entry("event_time").or_insert_with(|| now_millis.to_string().into());
        let notify_id = self.ids.notification(now_millis / 1000);
        let content = Value::Object(content);
        Notice { name, notify_id, utc_millis: now_millis, content, kind: NoticeKind::Message }
    }

    fn create(&mut self, request: &Object, now_millis: i64) -> Result<String, Refusal> {
        let plan = Plan::read(request)?;
        if self.settings.cross_field_rules {
            rules::create(request, &plan)?;
            ensure_at(
                config::END.path(request),
                plan.end >= now_millis / 1000,
                "`publish_end_time` has passed, so no voucher could be sent (that Alipay refuses it is inferred)",
            )?;
        }
        if self.settings.known_images {
            self.images.check(request)?;
        }
        let mut config = request.clone();
        config.retain(|name, _| !matches!(name.as_str(), "out_biz_no" | "merchant_access_mode"));
        let id = self.ids.activity(now_millis / 1000);
        self.insert(&id, Activity::new(config, plan, now_millis / 1000));
        Ok(json!({"activity_id": id}).to_string())
    }

    fn publish(&mut self, request: &Object, key: &str, now_millis: i64) -> Result<String, Refusal> {
        let cross_field_rules = self.settings.cross_field_rules;
        let (id, activity) = self.activity(request, now_millis)?;
        let over = cross_field_rules && activity.plan.end < now_millis / 1000;
        // Inferred: no other code of publish fits a wrong state.
        let refused = |message| Err(Refusal::business("BIZ_ERROR", message).at(ACTIVITY_ID));
        if activity.pending.is_some() {
            return refused("another operation of the activity is running");
        }
        match activity.status(now_millis / 1000) {
            ActivityStatus::Init if over => refused(
                "`publish_end_time` has passed, so no voucher could be sent; modify it first (that Alipay refuses it \
                 is inferred)",
            ),
            ActivityStatus::Init => {
                let is_reviewed = self.settings.review != Review::Off;
                if let Some(activity) = self.activities.get_mut(&id) {
                    activity.audit = is_reviewed.then_some(Audit::Running);
                }
                Ok(self.accept(&id, Change::Activate, key, now_millis))
            }
            ActivityStatus::Active => refused("the activity is active already"),
            ActivityStatus::Pause => refused("the activity is paused; it was activated before"),
            ActivityStatus::Finished => refused("the activity has ended"),
        }
    }

    fn append(&mut self, request: &Object, key: &str, now_millis: i64) -> Result<String, Refusal> {
        let quantity = request
            .get(QUANTITY)
            .and_then(Value::as_u64)
            .ok_or_else(|| Refusal::missing(QUANTITY))?;
        let (id, activity) = self.activity(request, now_millis)?;
        idle(activity)?;
        match activity.status(now_millis / 1000) {
            // Inferred: what is paused was activated.
            ActivityStatus::Active | ActivityStatus::Pause => {}
            ActivityStatus::Init => {
                return invalid_at(ACTIVITY_ID, "the activity is not activated; publish it");
            }
            ActivityStatus::Finished => {
                return invalid_at(ACTIVITY_ID, "the activity has ended");
            }
        }
        if quantity > MAX_QUANTITY {
            let message = format!("`voucher_quantity` must be at most {MAX_QUANTITY}");
            return invalid_at(QUANTITY, message);
        }
        let present = activity.plan.quantity;
        if quantity <= present {
            let message = format!(
                "`voucher_quantity` is the new total and must be larger than the present one, {present}"
            );
            return invalid_at(QUANTITY, message);
        }
        Ok(self.accept(&id, Change::Append(quantity), key, now_millis))
    }

    fn modify(&mut self, request: &Object, key: &str, now_millis: i64) -> Result<String, Refusal> {
        let cross_field_rules = self.settings.cross_field_rules;
        let (id, activity) = self.activity(request, now_millis)?;
        idle(activity)?;
        ensure_at(
            ACTIVITY_ID,
            activity.status(now_millis / 1000) != ActivityStatus::Finished,
            "the activity has ended; it cannot be modified",
        )?;
        let mut change = request.clone();
        change.retain(|name, _| {
            !matches!(name.as_str(), "out_biz_no" | "merchant_access_mode" | "activity_id")
        });
        let config = modified(&activity.config, &change);
        let size = config::size(&config);
        ensure(size <= LARGEST_CONFIG, "the activity would be larger than this gateway keeps")?;
        let plan = Plan::read(&config)?;
        if cross_field_rules {
            rules::modify((&activity.config, &activity.plan), (&config, &plan))?;
        }
        let next = Box::new(Modified { config, plan, size });
        self.accept(&id, Change::Modify(next), key, now_millis);
        Ok(self.acknowledgement())
    }

    fn stop(&mut self, request: &Object, key: &str, now_millis: i64) -> Result<String, Refusal> {
        let (id, activity) = self.activity(request, now_millis)?;
        idle(activity)?;
        // Inferred: to stop an activity that has ended has no effect, and sends no message.
        if activity.status(now_millis / 1000) != ActivityStatus::Finished {
            self.accept(&id, Change::Stop, key, now_millis);
        }
        Ok(self.acknowledgement())
    }

    fn query(&mut self, request: &Object, now_millis: i64) -> Result<String, Refusal> {
        let old_twins = self.settings.old_twins;
        let (id, activity) = self.activity(request, now_millis)?;
        Ok(activity.describe(&id, now_millis / 1000, old_twins).to_string())
    }

    fn send(&mut self, request: &Object, now_millis: i64) -> Result<String, Refusal> {
        let now_seconds = now_millis / 1000;
        let (kind, recipient) = recipient(request)?;
        let user = format!("{kind} {recipient}");
        let full = self.recipients >= MOST_RECIPIENTS;
        let (id, activity) = self.activity(request, now_millis)?;
        if full && !activity.knows(&user) {
            return Err(Refusal::business(
                "SYSTEM_ERROR",
                "this gateway keeps no more users; start a new one",
            ));
        }
        let known = activity.recipients();
        let validity = Validity::of(&activity.config, now_seconds);
        let most = most_uses(&activity.config);
        activity.issue(&user, now_seconds)?;
        let added = activity.recipients() - known;
        self.recipients += added;
        let voucher_id = self.ids.voucher(now_seconds);
        let voucher = Voucher {
            id: voucher_id.clone(),
            activity_id: id.clone(),
            user,
            received: now_seconds,
            validity,
            state: State::Sent,
            used: 0,
            most,
        };
        self.issued.keep(voucher);
        // No page documents the content. `user_id` and `open_id` are the names of the documented message about
        // expired vouchers; a sample of 2021 has `receive_user_id`, and `receive_open_id` is a guess by analogy.
        let prefix = if self.settings.sample_recipient_names { "receive_" } else { "" };
        let field = format!("{prefix}{kind}");
        let content =
            [("activity_id", id.as_str()), ("voucher_id", &voucher_id), (&field, recipient)];
        self.send_message("received", content, now_millis);
        Ok(json!({"voucher_id": voucher_id}).to_string())
    }

    fn insert(&mut self, id: &str, activity: Activity) {
        self.held += activity.size();
        self.activities.insert(id.to_owned(), activity);
        self.by_age.push_back(id.to_owned());
        self.forget_oldest();
    }

    /// Forgets the oldest activities when there are too many, or they are too large.
    fn forget_oldest(&mut self) {
        while self.by_age.len() > 1
            && (self.by_age.len() > MOST_ACTIVITIES || self.held > MOST_HELD)
        {
            let Some(oldest) = self.by_age.pop_front() else { return };
            let Some(gone) = self.activities.remove(&oldest) else { continue };
            self.held = self.held.saturating_sub(gone.size());
            self.recipients = self.recipients.saturating_sub(gone.recipients());
        }
    }

    /// All activities as query describes them at this time, newest first, at most `most`.
    pub(crate) fn describe(&mut self, most: usize, now_millis: i64) -> Vec<Value> {
        self.settle(now_millis);
        let old_twins = self.settings.old_twins;
        let activities = &mut self.activities;
        let newest = self.by_age.iter().rev().take(most);
        let describe = |id: &String| {
            let activity = activities.get_mut(id)?;
            activity.expire_payment(now_millis);
            Some(activity.describe(id, now_millis / 1000, old_twins))
        };
        newest.filter_map(describe).collect()
    }

    /// One activity as query describes it at this time.
    pub(crate) fn describe_one(&mut self, id: &str, now_millis: i64) -> Option<Value> {
        self.settle(now_millis);
        let activity = self.activities.get_mut(id)?;
        activity.expire_payment(now_millis);
        Some(activity.describe(id, now_millis / 1000, self.settings.old_twins))
    }

    pub(crate) fn len(&self) -> usize {
        self.activities.len()
    }

    /// The activity a request names.
    pub(super) fn activity(
        &mut self,
        request: &Object,
        now_millis: i64,
    ) -> Result<(String, &mut Activity), Refusal> {
        let id = activity_id(request)?;
        let activity = self
            .activities
            .get_mut(id)
            .ok_or_else(|| {
                Refusal::invalid(
                    "`activity_id`: no activity has this id; known are those that were created here since the \
                     gateway was started",
                )
                .at(ACTIVITY_ID)
            })?;
        activity.expire_payment(now_millis);
        Ok((id.to_owned(), activity))
    }

    /// Accepts a change. The response has a recharge link if the budget is to be paid first.
    fn accept(&mut self, id: &str, change: Change, key: &str, now_millis: i64) -> String {
        let activity = self.activities.get_mut(id);
        let recharge = activity.is_some_and(|activity| {
            activity.unpaid = false;
            activity.plan.recharge
        });
        if !(recharge && change.needs_payment()) {
            self.schedule(id, change, key, now_millis);
            return json!({}).to_string();
        }
        if self.settings.auto_pay {
            self.schedule(id, change, key, now_millis);
        } else {
            let until_millis = now_millis.saturating_add(LINK_MILLIS);
            let wait = WaitsFor::Payment { until_millis };
            self.put(id, Pending { change, out_biz_no: key.to_owned(), wait });
        }
        let link = format!("https://alipay-mock.invalid/recharge?activity_id={id}");
        json!({"recharge_url": link}).to_string()
    }

    pub(super) fn schedule(&mut self, id: &str, change: Change, key: &str, now_millis: i64) {
        let own = self.activities.get(id).and_then(|activity| activity.completion);
        let wait = match own.unwrap_or(self.settings.completion) {
            Completion::Manual => WaitsFor::Command,
            Completion::After(delay) => {
                self.accepted += 1;
                let at_millis = now_millis.saturating_add(millis(delay));
                self.due.insert((at_millis, self.accepted), id.to_owned());
                WaitsFor::Time { at_millis }
            }
        };
        self.put(id, Pending { change, out_biz_no: key.to_owned(), wait });
    }

    fn put(&mut self, id: &str, pending: Pending) {
        if let Some(activity) = self.activities.get_mut(id) {
            self.held = self.held.saturating_sub(activity.size());
            activity.pending = Some(pending);
            self.held += activity.size();
            self.forget_oldest();
        }
    }

    /// Ends the pending change of an activity: it happens, and its message is sent, unless the review rejects it.
    pub(super) fn finish(&mut self, id: &str, at_millis: i64) {
        let Some(activity) = self.activities.get_mut(id) else { return };
        let is_activation =
            matches!(&activity.pending, Some(Pending { change: Change::Activate, .. }));
        match &self.settings.review {
            // No message says that a publish was rejected.
            Review::Reject(reason) if activity.reject(reason) => return,
            Review::Approve if is_activation => activity.audit = Some(Audit::Passed),
            // The review was switched off meanwhile.
            Review::Off if activity.audit == Some(Audit::Running) && is_activation => {
                activity.audit = Some(Audit::Passed);
            }
            _ => {}
        }
        let size = activity.size();
        let Some(Pending { change, out_biz_no, .. }) = activity.pending.take() else { return };
        let event = change.event();
        let is_modified = matches!(change, Change::Modify(_));
        activity.apply(change);
        if is_modified {
            self.issued.revise(id, &activity.config);
        }
        self.held = self.held.saturating_sub(size) + activity.size();
        let content = [("activity_id", id), ("out_biz_no", &out_biz_no)];
        self.send_message(event, content, at_millis);
    }

    pub(super) fn send_message<const N: usize>(
        &mut self,
        event: &str,
        content: [(&str, &str); N],
        at: i64,
    ) {
        let content = content.map(|(name, value)| (name.to_owned(), value.into()));
        let notice = self.notice(format!("{MESSAGES}{event}"), content.into_iter().collect(), at);
        self.outbox.push(&notice);
    }

    /// The response of modify and stop.
    fn acknowledgement(&self) -> String {
        if self.settings.empty_acknowledgements { String::new() } else { "{}".to_owned() }
    }
}

/// A string that must be present and not empty.
pub(super) fn required<'a>(request: &'a Object, name: &str) -> Result<&'a str, Refusal> {
    optional(request, name).ok_or_else(|| Refusal::missing(name))
}

pub(super) fn optional<'a>(request: &'a Object, name: &str) -> Option<&'a str> {
    request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The activity's id. Modify has it in one of two places.
fn activity_id(request: &Object) -> Result<&str, Refusal> {
    let outer = optional(request, ACTIVITY_ID);
    let inner = request
        .get("activity_base_info")
        .and_then(Value::as_object)
        .and_then(|base| optional(base, ACTIVITY_ID));
    match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => {
            let message =
                "`activity_id` and `activity_base_info.activity_id` name different activities";
            invalid_at(ACTIVITY_ID, message)
        }
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(Refusal::missing(ACTIVITY_ID)),
    }
}

/// The recipient's id, and which of the two it is. Inferred: a request has exactly one of them.
pub(super) fn recipient(request: &Object) -> Result<(&'static str, &str), Refusal> {
    let (kind, id) = match (optional(request, "user_id"), optional(request, "open_id")) {
        (Some(id), None) => ("user_id", id),
        (None, Some(id)) => ("open_id", id),
        _ => return invalid_at("user_id", "exactly one of `user_id` and `open_id` is required"),
    };
    ensure_at(kind, id.len() <= LONGEST_USER, "the id of the user is too long")?;
    Ok((kind, id))
}

/// Inferred: one change of an activity at a time.
fn idle(activity: &Activity) -> Result<(), Refusal> {
    let otherwise = "another operation of the activity is running";
    ensure_at(ACTIVITY_ID, activity.pending.is_none(), otherwise)
}

fn millis(delay: Duration) -> i64 {
    i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
