//! What all messages have in common: an id and a time, inside their content.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::model::{Field, Model, Table, Value, decode_json};

/// Numbers below are seconds, others milliseconds: as milliseconds it is a day in 1973, as seconds
/// one in the year 5138.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// Reads the `event_time` of a message: digits only, milliseconds since 1970 or, as in Alipay's
/// own sample, seconds. `None` when the text is neither.
///
/// ```
/// use alipay_core::notification::event_time;
///
/// assert_eq!(event_time("1767225600000"), event_time("1767225600"));
/// assert_eq!(event_time("2026-01-01 08:00:00"), None);
/// ```
#[must_use]
pub fn event_time(text: &str) -> Option<SystemTime> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = text.parse().ok()?;
    let since_1970 = if number < FIRST_MILLISECONDS {
        Duration::from_secs(number)
    } else {
        Duration::from_millis(number)
    };
    UNIX_EPOCH.checked_add(since_1970)
}

/// The members that all messages have, whatever else is in their content.
#[derive(Clone, Default)]
pub(super) struct Event {
    id: Option<String>,
    time: Option<String>,
}

impl Event {
    /// Content that is no JSON object, or has other things in the two members, has neither.
    pub(super) fn of(content: &str) -> Self {
        let mut event = Self::default();
        match decode_json(&mut event, content.as_bytes()) {
            Ok(()) => event,
            Err(_) => Self::default(),
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    pub(super) fn time(&self) -> Option<SystemTime> {
        event_time(self.time.as_deref()?)
    }
}

impl Model for Event {
    fn table(&self) -> &'static Table {
        const TABLE: &Table = &Table::new("Event", &[Field::body("id"), Field::body("event_time")]);
        TABLE
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        match index {
            0 => Some(&self.id),
            1 => Some(&self.time),
            _ => None,
        }
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        match index {
            0 => Some(&mut self.id),
            1 => Some(&mut self.time),
            _ => None,
        }
    }

    fn blank() -> Self {
        Self::default()
    }
}
