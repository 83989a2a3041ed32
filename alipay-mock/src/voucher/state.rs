//! What a program can know of activities and vouchers, and why it cannot change them from outside.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// The longest reason of a review, in characters.
pub(super) const LONGEST_REASON: usize = 500;

/// When an accepted publish, append, modify or stop takes effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Completion {
    /// After this time by the gateway's clock. With zero the next request finds it done.
    After(Duration),
    /// When [`Gateway::complete`](crate::Gateway::complete) or
    /// [`Gateway::complete_pending`](crate::Gateway::complete_pending) is called.
    Manual,
}

/// What the review of images and texts does with each publish when it takes effect. That every publish is reviewed, and then,
/// is inferred; the values in `audit_result_info` are documented.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Review {
    /// There is none: query has no `audit_result_info`, unless [`Gateway::reject`](crate::Gateway::reject) rejects a publish.
    Off,
    /// It passes: query says `SUBMIT`, then `APPROVE`.
    Approve,
    /// It is rejected for this reason: query says `SUBMIT`, then `REJECT`, and the activity stays `INIT`. No message says
    /// so.
    Reject(String),
}

/// `activity_status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ActivityStatus {
    /// Created, and not activated.
    Init,
    /// Activated. Vouchers are sent from `publish_start_time` to `publish_end_time`.
    Active,
    /// Activated, and paused by the merchant.
    Pause,
    /// Stopped, or past `publish_end_time`.
    Finished,
}

impl ActivityStatus {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Active => "ACTIVE",
            Self::Pause => "PAUSE",
            Self::Finished => "FINISHED",
        }
    }
}

impl fmt::Display for ActivityStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an accepted change of an activity waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WaitsFor {
    /// The payment of its budget, until the link expires.
    Payment {
        /// In milliseconds since 1970 (UTC), by the gateway's clock.
        until_millis: i64,
    },
    /// Its time.
    Time {
        /// In milliseconds since 1970 (UTC), by the gateway's clock.
        at_millis: i64,
    },
    /// [`Gateway::complete`](crate::Gateway::complete).
    Command,
}

/// An activity, as far as its life goes. [`Gateway::activity`](crate::Gateway::activity) has all of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActivityState {
    /// Its id.
    pub activity_id: String,
    /// `activity_status`.
    pub status: ActivityStatus,
    /// `activity_operation_status`, such as `CREATING`; `None` when no accepted operation is running.
    pub operation: Option<&'static str>,
    /// What this operation waits for.
    pub waits_for: Option<WaitsFor>,
    /// `audit_result`; `None` when there was no review.
    pub audit_result: Option<&'static str>,
    /// How many vouchers there are.
    pub quantity: u64,
    /// How many were sent: `send_count`.
    pub sent: u64,
    /// How often vouchers were redeemed: `use_count`. That each use of a voucher counts is inferred.
    pub used: u64,
}

/// `voucher_status` of a voucher that a user has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum VoucherStatus {
    /// It can be used, once or more. Alipay's spelling.
    Sended,
    /// It was used as often as it can be.
    Used,
    /// Its validity is over.
    Expired,
}

impl VoucherStatus {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sended => "SENDED",
            Self::Used => "USED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// A voucher that a user has. Who has it is left out.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VoucherState {
    /// Its id.
    pub voucher_id: String,
    /// The id of its activity.
    pub activity_id: String,
    /// `voucher_status`.
    pub status: VoucherStatus,
    /// How often it was used.
    pub used_times: u64,
    /// How often it can be used: the activity's `voucher_max_use_times`, or once (inferred).
    pub max_use_times: u64,
    /// From when it can be used, `yyyy-MM-dd HH:mm:ss` in Beijing.
    pub valid_begin_time: String,
    /// Until when; `None` if it does not end.
    pub valid_end_time: Option<String>,
}

/// Why an activity or a voucher cannot be changed from outside.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No activity has this id.
    #[error(
        "no activity has the id `{0}`; known are those that were created here since the gateway was started"
    )]
    UnknownActivity(String),
    /// No voucher has this id.
    #[error(
        "no voucher has the id `{0}`; known are those that were sent here since the gateway was started"
    )]
    UnknownVoucher(String),
    /// No publish or append of the activity waits for a payment.
    #[error(
        "no operation of the activity waits for a payment; only publish and append with a RECHARGE \
         budget do, for three days"
    )]
    NothingToPay,
    /// The link to pay the budget has expired.
    #[error(
        "the recharge link has expired, three days after its request, and the request has had no effect; send it again with \
         another `out_biz_no`"
    )]
    LinkExpired,
    /// No publish of the activity is pending.
    #[error(
        "no publish of the activity is pending; let accepted operations take effect later or by \
         command"
    )]
    NothingToReject,
    /// The reason is too long to be kept.
    #[error("the reason has more than {LONGEST_REASON} characters")]
    ReasonTooLong,
    /// No accepted operation of the activity is running.
    #[error("no accepted operation of the activity is running")]
    NothingToComplete,
    /// The operation waits for a payment.
    #[error("the operation waits for the payment of its budget; pay it first")]
    WaitsForPayment,
    /// Only an activity that is active can be paused.
    #[error("only an ACTIVE activity can be paused; this one is {0}")]
    NotActive(ActivityStatus),
    /// Only an activity that is paused can be resumed.
    #[error("only an activity with the status PAUSE can be resumed; this one is {0}")]
    NotPaused(ActivityStatus),
    /// The voucher was used before, as often as it can be.
    #[error("the voucher was used before, as often as it can be")]
    Used,
    /// The voucher cannot be used yet.
    #[error("the voucher is not valid yet by the gateway's clock")]
    NotYetValid,
    /// The voucher cannot be used any more.
    #[error("the voucher has expired by the gateway's clock")]
    Expired,
    /// The user has used vouchers of the activity as often as it allows in a period.
    #[error("the user has used vouchers as often as is allowed {0}")]
    UserLimit(&'static str),
}

impl ControlError {
    /// Whether nothing has the id.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::UnknownActivity(_) | Self::UnknownVoucher(_))
    }
}
