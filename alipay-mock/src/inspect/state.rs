//! Activities, messages and faults, as the page shows them.

use std::collections::HashMap;

use serde_json::Value;

use super::calls::pretty;
use crate::calendar;
use crate::delivery::{DeliveryAttempt, Sender};
use crate::engine::Engine;
use crate::fault::{self, Fault, FaultStatus, Needs};
use crate::voucher::{ActivityState, ActivityStatus, VoucherState, WaitsFor};

/// How many vouchers, of all activities, are shown.
const VOUCHERS: usize = 200;
/// How many used faults are shown.
const USED: usize = 10;

pub(super) struct Activity {
    pub(super) state: ActivityState,
    pub(super) name: String,
    pub(super) waits: Option<String>,
    /// What can be done with it below `/_mock/`.
    pub(super) actions: Vec<&'static str>,
    pub(super) vouchers: Vec<VoucherState>,
    /// As query describes it.
    pub(super) details: String,
}

/// The newest activities, and how many there are.
pub(super) fn activities(engine: &Engine, most: usize) -> (usize, Vec<Activity>) {
    let now_millis = engine.clock.now_millis();
    let mut service = engine.service();
    let mut vouchers: HashMap<String, Vec<VoucherState>> = HashMap::new();
    for voucher in service.newest_vouchers(VOUCHERS, now_millis) {
        vouchers.entry(voucher.activity_id.clone()).or_default().push(voucher);
    }
    let described = service.describe(most, now_millis);
    let activities = described.into_iter().filter_map(|described| {
        let string = |pointer: &str| described.pointer(pointer).and_then(Value::as_str);
        let name = string("/activity_base_info/activity_name").or(string("/activity_name"));
        let name = name.unwrap_or_default().to_owned();
        let state = service.state(string("/activity_id")?, now_millis).ok()?;
        Some(Activity {
            name,
            waits: state.waits_for.map(waits),
            actions: actions(&state),
            vouchers: vouchers.remove(&state.activity_id).unwrap_or_default(),
            details: pretty(Some(&engine.redaction.value(described))),
            state,
        })
    });
    let activities = activities.collect();
    (service.len(), activities)
}

fn waits(waits_for: WaitsFor) -> String {
    let time = |millis: i64| calendar::date_time(millis / 1000);
    match waits_for {
        WaitsFor::Payment { until_millis } => format!("to be paid until {}", time(until_millis)),
        WaitsFor::Time { at_millis } => format!("takes effect at {}", time(at_millis)),
        WaitsFor::Command => "takes effect when it is completed".to_owned(),
    }
}

/// What the state allows, as the table in the README says.
fn actions(state: &ActivityState) -> Vec<&'static str> {
    let is_publish = state.operation == Some("CREATING");
    let is_paid_for = state.waits_for.is_some_and(|wait| !matches!(wait, WaitsFor::Payment { .. }));
    let all = [
        ("pay", matches!(state.waits_for, Some(WaitsFor::Payment { .. }))),
        ("complete", is_paid_for),
        ("reject", is_publish),
        ("pause", state.status == ActivityStatus::Active),
        ("resume", state.status == ActivityStatus::Pause),
        ("exhaust", true),
    ];
    all.into_iter().filter(|(_, is_possible)| *is_possible).map(|(name, _)| name).collect()
}

pub(super) struct Message {
    /// The end of its name.
    pub(super) short: String,
    pub(super) name: String,
    pub(super) notify_id: String,
    pub(super) time: Option<String>,
    pub(super) content: String,
    /// Its deliveries, oldest first.
    pub(super) attempts: Vec<DeliveryAttempt>,
}

/// The newest messages, newest first: those of the state, and those that were posted on demand.
pub(super) fn messages(engine: &Engine, sender: &Sender, most: usize) -> Vec<Message> {
    let mut attempts: HashMap<String, Vec<DeliveryAttempt>> = HashMap::new();
    let mut on_demand = Vec::new();
    for mut attempt in sender.attempts() {
        attempt.url = engine.redaction.target(&attempt.url);
        let of_message = attempts.entry(attempt.notify_id.clone()).or_default();
        if of_message.is_empty() {
            on_demand.push((attempt.message.clone(), attempt.notify_id.clone()));
        }
        of_message.push(attempt);
    }
    let mut messages = Vec::new();
    for notice in engine.newest_notices(most) {
        let time = calendar::date_time(notice.utc_millis / 1000).time().to_string();
        messages.push(Message {
            short: end(&notice.name),
            attempts: attempts.remove(&notice.notify_id).unwrap_or_default(),
            name: notice.name,
            notify_id: notice.notify_id,
            time: Some(time),
            content: pretty(Some(&engine.redaction.value(notice.content))),
        });
    }
    for (name, notify_id) in on_demand.into_iter().rev() {
        let Some(attempts) = attempts.remove(&notify_id) else { continue };
        let (short, content) = (end(&name), String::new());
        messages.push(Message { short, name, notify_id, time: None, content, attempts });
    }
    messages.truncate(most);
    messages
}

fn end(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// The faults to come, and the last ones that were used.
pub(super) fn faults(engine: &Engine, most: usize) -> Vec<FaultStatus> {
    let all = engine.faults().all();
    let is_used = |status: &FaultStatus| status.state == fault::FaultState::Used;
    let (used, to_come): (Vec<_>, Vec<_>) = all.into_iter().partition(is_used);
    to_come.into_iter().take(most).chain(used.into_iter().take(USED)).collect()
}

/// The faults that can be set: those of the next success, and those of the next request.
pub(super) fn known_faults() -> (Vec<Fault>, Vec<Fault>) {
    fault::examples().partition(|fault| fault.needs() != Needs::Request)
}
