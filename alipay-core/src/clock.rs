//! The time of day, for the timestamps of requests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::value::is_decimal;

/// Tells the time. Replace it to make runs reproducible.
pub trait Clock: Send + Sync + 'static {
    /// The present time.
    fn now(&self) -> SystemTime;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still.
impl Clock for SystemTime {
    fn now(&self) -> SystemTime {
        *self
    }
}

/// Milliseconds since 1970, the protocol's timestamps; `None` before 1970.
pub(crate) fn unix_millis(time: SystemTime) -> Option<u128> {
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_millis())
}

/// The time of a timestamp: digits only, milliseconds since 1970.
pub(crate) fn from_unix_millis(text: &str) -> Option<SystemTime> {
    if !is_decimal(text) {
        return None;
    }
    UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}
