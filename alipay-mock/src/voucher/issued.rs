//! The vouchers that users have.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::{Value, json};

use super::config::{self, Object};
use super::state::{ControlError, VoucherState, VoucherStatus};
use crate::calendar;

/// How many vouchers are kept. The oldest are forgotten first.
const CAPACITY: usize = 100_000;
/// Documented: a voucher that has expired is known for six months, which are 183 days here.
const KNOWN_AFTER_EXPIRY: i64 = 183 * 86_400;

/// What has become of a voucher.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Sent,
    Used,
    Expired,
}

/// A voucher that a user has.
#[derive(Clone)]
pub(crate) struct Voucher {
    pub(crate) id: String,
    pub(crate) activity_id: String,
    /// The kind of the user's id, a blank, and the id.
    pub(crate) user: String,
    /// When it was received, in seconds since 1970.
    pub(crate) received: i64,
    pub(crate) validity: Validity,
    pub(crate) state: State,
    /// How often it was used.
    pub(crate) used: u64,
    /// How often it can be used.
    pub(crate) most: u64,
}

/// All vouchers that were sent.
#[derive(Default)]
pub(crate) struct Issued {
    vouchers: HashMap<String, Voucher>,
    by_age: VecDeque<String>,
    /// The vouchers that can expire, by the end of their validity and their id.
    by_end: BTreeSet<(i64, String)>,
}

impl Issued {
    pub(crate) fn keep(&mut self, voucher: Voucher) {
        if self.vouchers.len() >= CAPACITY
            && let Some(oldest) = self.by_age.pop_front()
            && let Some(Voucher { id, validity: Validity { end: Some(end), .. }, .. }) =
                self.vouchers.remove(&oldest)
        {
            self.by_end.remove(&(end, id));
        }
        self.by_age.push_back(voucher.id.clone());
        self.by_end.extend(voucher.validity.end.map(|end| (end, voucher.id.clone())));
        self.vouchers.insert(voucher.id.clone(), voucher);
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Voucher> {
        self.vouchers.get(id)
    }

    /// All vouchers, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Voucher> {
        self.by_age.iter().rev().filter_map(|id| self.vouchers.get(id))
    }

    /// The vouchers of a user, newest first.
    pub(crate) fn of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a Voucher> {
        self.newest().filter(move |voucher| voucher.user == user)
    }

    /// The vouchers of an activity, oldest first.
    pub(crate) fn of_activity<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Voucher> {
        let oldest = self.by_age.iter().filter_map(|id| self.vouchers.get(id));
        oldest.filter(move |voucher| voucher.activity_id == id)
    }

    /// Counts a use of a voucher that can be used, and returns it.
    pub(crate) fn redeem(&mut self, id: &str) -> Option<Voucher> {
        let voucher = self.vouchers.get_mut(id)?;
        voucher.used += 1;
        if voucher.used >= voucher.most {
            voucher.state = State::Used;
            if let Some(end) = voucher.validity.end {
                self.by_end.remove(&(end, voucher.id.clone()));
            }
        }
        Some(voucher.clone())
    }

    /// When the next voucher expires, in seconds since 1970: the first second after its validity.
    pub(crate) fn next_expiry(&self) -> Option<i64> {
        self.by_end.first().map(|(end, _)| end.saturating_add(1))
    }

    /// Marks the next voucher as expired, and returns it.
    pub(crate) fn expire_next(&mut self) -> Option<Voucher> {
        let (_, id) = self.by_end.pop_first()?;
        let voucher = self.vouchers.get_mut(&id)?;
        voucher.state = State::Expired;
        Some(voucher.clone())
    }

    /// Inferred: what a modify extends is extended for the vouchers that were sent before, too, unless they have
    /// expired.
    pub(crate) fn revise(&mut self, activity_id: &str, config: &Object) {
        for voucher in self.vouchers.values_mut() {
            if voucher.activity_id != activity_id || voucher.state != State::Sent {
                continue;
            }
            voucher.most = most_uses(config);
            let before =
                std::mem::replace(&mut voucher.validity, Validity::of(config, voucher.received));
            if let Some(end) = before.end {
                self.by_end.remove(&(end, voucher.id.clone()));
            }
            self.by_end.extend(voucher.validity.end.map(|end| (end, voucher.id.clone())));
        }
    }
}

/// When a voucher can be used, in seconds since 1970. `None` is without end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Validity {
    pub(crate) begin: i64,
    pub(crate) end: Option<i64>,
}

impl Validity {
    /// That of a voucher of an activity, by the time at which it was received.
    pub(crate) fn of(config: &Object, received: i64) -> Self {
        let time =
            |setting: &config::Setting| setting.string(config).and_then(calendar::parse_date_time);
        if config::VALIDITY_TYPE.string(config) != Some("RELATIVE") {
            let begin = time(&config::VALID_BEGIN).unwrap_or(received);
            return Self { begin, end: time(&config::VALID_END) };
        }
        let days = |setting: &config::Setting| {
            setting.number(config).map_or(0, |days| i64::try_from(days).unwrap_or(i64::MAX))
        };
        let wait = days(&config::WAIT_DAYS);
        // Documented for a sibling: a voucher that waits becomes effective when a day begins.
        let first = calendar::date_of(received).plus_days(wait);
        let begin = match wait {
            0 => received,
            _ => calendar::end_of(first.plus_days(-1)) + 1,
        };
        // Documented: the first day counts, or the next is the first. The latter is the default of a sibling.
        let rounding = config::at(config, config::ROUNDING).and_then(Value::as_str);
        let more = days(&config::VALID_DAYS) - i64::from(rounding == Some("ROUND_FORWARD"));
        Self { begin, end: Some(calendar::end_of(first.plus_days(more))) }
    }
}

/// How often a voucher can be used. Inferred: once, unless the activity says more.
pub(crate) fn most_uses(config: &Object) -> u64 {
    config::at(config, config::MOST_USES).and_then(Value::as_u64).unwrap_or(1).max(1)
}

impl Voucher {
    /// Whether it can be used now.
    pub(crate) fn check(&self, now: i64) -> Result<(), ControlError> {
        match self.state {
            State::Used => Err(ControlError::Used),
            State::Expired => Err(ControlError::Expired),
            State::Sent if now < self.validity.begin => Err(ControlError::NotYetValid),
            State::Sent => Ok(()),
        }
    }

    /// `voucher_status`; `None` when it expired so long ago that Alipay does not know it any more.
    pub(crate) fn status(&self, now: i64) -> Option<VoucherStatus> {
        match (self.state, self.validity.end) {
            (State::Expired, Some(end)) if end + KNOWN_AFTER_EXPIRY < now => None,
            (State::Expired, _) => Some(VoucherStatus::Expired),
            // Documented: one that can be used once more is not used.
            (State::Used, _) => Some(VoucherStatus::Used),
            (State::Sent, _) => Some(VoucherStatus::Sended),
        }
    }

    /// The same, with how often it can be used and was.
    pub(crate) fn state(&self, now: i64) -> Option<VoucherState> {
        let time = |seconds: i64| calendar::date_time(seconds).to_string();
        Some(VoucherState {
            voucher_id: self.id.clone(),
            activity_id: self.activity_id.clone(),
            status: self.status(now)?,
            used_times: self.used,
            max_use_times: self.most,
            valid_begin_time: time(self.validity.begin),
            valid_end_time: self.validity.end.map(time),
        })
    }

    /// The fields about the voucher itself: those of the older style, and the group of the newer one.
    pub(crate) fn describe(&self, config: &Object, status: &str) -> Object {
        let validity = self.validity;
        let time = |seconds: i64| Value::from(calendar::date_time(seconds).to_string());
        let end = validity.end.map(time);
        let owner = config::OWNER.string(config);
        let name = config::at(config, &["voucher_display_pattern_info", "voucher_name"]);
        let base = json!({
            "voucher_id": self.id,
            "voucher_status": status,
            "voucher_name": name,
            "belong_merchant_id": owner,
            "create_time": time(self.received),
            "valid_begin_time": time(validity.begin),
            "valid_end_time": end,
            "voucher_max_use_times": self.most,
            "voucher_used_times": self.used,
        });
        let all = json!({
            "activity_id": self.activity_id,
            "available_begin_time": time(validity.begin),
            "available_end_time": end,
            "belong_merchant_id": owner,
            "create_time": time(self.received),
            "user_voucher_base_info": base,
            "voucher_id": self.id,
            "voucher_name": name,
            "voucher_status": status,
        });
        let Value::Object(all) = without_nulls(all) else { return Object::new() };
        all
    }
}

/// Members that are `null` are left out.
fn without_nulls(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let present = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(present.map(|(name, value)| (name, without_nulls(value))).collect())
}
