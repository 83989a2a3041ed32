//! The events. Each says all that it is about, since a filter may let it pass and leave out the span that it
//! is in. Fields are read and formatted only for a subscriber that wants the event.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use tracing::{Level, event, field, level_filters::LevelFilter};

use super::values::{TARGET, code, error_type, is_name, name, outcome_name, trace_id};
use crate::{
    error::{Error, ErrorKind, Outcome},
    model::Unreadable,
    operation::{RequestInfo, Safety},
    redact::{OneLine, Personal},
};

/// How far a call has come.
pub(super) struct Course {
    /// The attempts so far.
    pub(super) attempts: u32,
    /// The id of the present attempt, or the last one.
    pub(super) request_id: Option<Arc<str>>,
    /// The status of its response.
    pub(super) status: Option<u16>,
    /// The trace id of its response, as sent.
    pub(super) trace_id: Option<HeaderValue>,
    /// What is known of the attempts, should the call end now.
    pub(super) outcome: Outcome,
}

impl Course {
    /// The trace id, if it may be recorded.
    pub(super) fn trace_id(&self, personal: &Personal) -> Option<&str> {
        name(self.trace_id.as_ref()?.to_str().ok(), personal)
    }
}

/// How a call has ended.
#[derive(Clone, Copy)]
pub(super) enum End<'a> {
    Success,
    Error(&'a Error),
    /// Nobody waits for it any more.
    Dropped,
}

/// The end of a call. It is a warning if the call may have changed something and nobody knows.
pub(super) fn finished(
    request: &RequestInfo,
    course: &Course,
    end: End<'_>,
    duration: Option<Duration>,
) {
    // An outcome costs a look into the tables of codes.
    if LevelFilter::current() < Level::WARN {
        return;
    }
    let (error, outcome) = match end {
        End::Success => (None, None),
        End::Error(error) => (Some(error), Some(error.outcome())),
        End::Dropped => (None, Some(course.outcome)),
    };
    let is_unclear = outcome == Some(Outcome::Unknown) && request.repeat != Safety::ReadOnly;
    macro_rules! finished {
        ($level:expr, $text:literal) => {
            event!(
                name: "alipay.call.finished",
                target: TARGET,
                $level,
                {
                    "alipay.operation" = &*request.operation,
                    "alipay.outcome" = outcome_name(outcome),
                    "alipay.attempts" = error.map_or(course.attempts, Error::attempts),
                    "alipay.duration_ms" = duration.map(milliseconds),
                    "alipay.request_id" = course.request_id.as_deref(),
                    "alipay.trace_id" = course.trace_id(&request.personal),
                    "alipay.code" = error.and_then(code),
                    // What to query by, or to repeat with.
                    "alipay.idempotency_key" =
                        request.key.as_deref().filter(|_| is_unclear).map(|key| {
                            field::display(OneLine::new(key, 64).without(&request.personal))
                        }),
                    "http.response.status_code" = course.status,
                    "error.type" = match end {
                        End::Success => None,
                        End::Error(error) => Some(error_type(error)),
                        End::Dropped => Some(DROPPED.into()),
                    }
                    .as_deref(),
                },
                $text
            )
        };
    }
    if is_unclear {
        finished!(Level::WARN, "the call has ended, and its outcome is unknown");
    } else {
        finished!(Level::DEBUG, "the call has ended");
    }
}

/// Stands where the kind of an error stands when a call was dropped.
pub(super) const DROPPED: &str = "dropped";

/// Servers may ask for any pause. A longer one says no more, and could be an echo such as a phone number.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// A call has failed and is made again, after a pause.
pub(crate) fn repeated(error: &Error, pause: Duration) {
    event!(
        name: "alipay.call.repeated",
        target: TARGET,
        Level::WARN,
        {
            "alipay.operation" = error.operation(),
            "alipay.attempt" = error.attempts(),
            "alipay.pause_ms" = milliseconds(pause.min(LONGEST_PAUSE)),
            "alipay.outcome" = outcome_name(Some(error.outcome())),
            "alipay.request_id" = error.request_id(),
            "alipay.trace_id" = trace_id(error),
            "alipay.code" = code(error),
            "http.response.status_code" = error.status().map(|status| status.as_u16()),
            "error.type" = &*error_type(error),
        },
        "the call failed and is made again after a pause"
    );
}

/// A call has failed and is not made again, although that would be safe and may help.
pub(crate) fn not_repeated(error: &Error, pause: Duration, budget_is_spent: bool) {
    event!(
        name: "alipay.call.not_repeated",
        target: TARGET,
        Level::WARN,
        {
            "alipay.operation" = error.operation(),
            "alipay.attempt" = error.attempts(),
            "alipay.pause_ms" = milliseconds(pause.min(LONGEST_PAUSE)),
            "alipay.reason" = if budget_is_spent { "budget" } else { "time" },
            "alipay.request_id" = error.request_id(),
            "error.type" = &*error_type(error),
        },
        "the call failed and is not made again"
    );
}

/// A response that is not proven to be from Alipay. Nothing else is told of.
pub(crate) fn refused(error: &Error) {
    if error.kind() != ErrorKind::Verification {
        return;
    }
    event!(
        name: "alipay.response.refused",
        target: TARGET,
        Level::ERROR,
        {
            "alipay.operation" = error.operation(),
            "alipay.request_id" = error.request_id(),
            "alipay.trace_id" = trace_id(error),
            "http.response.status_code" = error.status().map(|status| status.as_u16()),
            "error.type" = &*error_type(error),
            "exception.message" = field::display(error),
        },
        "a response is not proven to be from Alipay"
    );
}

/// A notification that was refused.
pub(crate) fn notification_refused(error: &Error) {
    event!(
        name: "alipay.notification.refused",
        target: TARGET,
        Level::WARN,
        {
            "error.type" = &*error_type(error),
            "exception.message" = field::display(error),
        },
        "a notification was refused"
    );
}

/// Something of a response or message could not be read, told once for all of it. Only places are
/// recorded.
pub(crate) fn unreadable(source: &str, request_id: Option<&str>, unreadable: &[Unreadable]) {
    /// Enough to see what they have in common.
    const SHOWN: usize = 20;
    if unreadable.is_empty() {
        return;
    }
    let pointers = || unreadable.iter().take(SHOWN).map(Unreadable::pointer).collect::<Vec<_>>();
    event!(
        name: "alipay.values.unreadable",
        target: TARGET,
        Level::WARN,
        {
            // Messages have no request.
            "alipay.operation" = request_id.map(|_| source),
            "alipay.message" = if request_id.is_none() { Some(source) } else { None },
            "alipay.request_id" = request_id,
            "alipay.unreadable" = pointers().join(" "),
            "alipay.unreadable_count" = unreadable.len(),
        },
        "values that are not of their types were left out"
    );
}

/// A wait has asked, and goes on: what it waits for has not happened, or the ask failed.
pub(crate) fn waiting(
    operation: &str,
    state: &str,
    asked: u32,
    status: impl Fn() -> Option<String>,
    failed: Option<&Error>,
) {
    macro_rules! waiting {
        ($level:expr, $text:literal) => {
            event!(
                name: "alipay.wait.goes_on",
                target: TARGET,
                $level,
                {
                    "alipay.operation" = operation,
                    "alipay.wait.state" = state,
                    "alipay.wait.asked" = asked,
                    "alipay.wait.status" = status().filter(|status| is_name(status)),
                    "alipay.request_id" = failed.and_then(Error::request_id),
                    "error.type" = failed.map(error_type).as_deref(),
                },
                $text
            )
        };
    }
    match failed {
        Some(_) => waiting!(Level::WARN, "an ask failed, and the wait goes on"),
        None => waiting!(Level::DEBUG, "it has not happened yet, and the wait goes on"),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
