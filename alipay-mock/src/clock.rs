//! The gateway's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that runs with the system's or stands still. Tests may move it.
///
/// Clones show the same time: keep a clone to move the clock of a gateway.
#[derive(Clone, Debug)]
pub struct Clock {
    runs: bool,
    /// The difference to the system's time, or the time itself if the clock stands still.
    millis: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { runs: true, millis: Arc::default() }
    }

    /// A clock that shows this time, in milliseconds since 1970 (UTC), until it is moved.
    #[must_use]
    pub fn fixed(unix_millis: i64) -> Self {
        Self { runs: false, millis: Arc::new(AtomicI64::new(unix_millis)) }
    }

    /// Now, in milliseconds since 1970 (UTC).
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        let moved = self.millis.load(Ordering::SeqCst);
        if self.runs { system_millis().saturating_add(moved) } else { moved }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // The closure always returns a value, so the update cannot fail.
        let _ = self.millis.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |millis| {
            Some(millis.saturating_add(by))
        });
    }

    /// Sets the time, in milliseconds since 1970 (UTC). A running clock continues from there.
    ///
    /// Going back does not undo what has happened. Requests signed by another clock are refused
    /// once it is ten minutes off, and clients refuse the responses once it is five; the clients
    /// that the gateway makes take the time from this clock.
    pub fn set(&self, unix_millis: i64) {
        let value =
            if self.runs { unix_millis.saturating_sub(system_millis()) } else { unix_millis };
        self.millis.store(value, Ordering::SeqCst);
    }
}

impl alipay_core::clock::Clock for Clock {
    fn now(&self) -> SystemTime {
        let since = Duration::from_millis(u64::try_from(self.now_millis()).unwrap_or_default());
        UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

fn system_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
