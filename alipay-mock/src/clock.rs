//! The gateway's clock, beside that of the computer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The latest time, in milliseconds: 9999-12-31 23:59:59.999 in Beijing, the last that a field can have.
pub(crate) const LATEST: i64 = 253_402_271_999_999;

/// A clock that runs with the system's or stands still. Tests may move it.
///
/// Clones show the same time: keep a clone to move the clock of a gateway. It decides what happens: which
/// activities are over, which vouchers have expired, and the times in bodies and messages.
///
/// Whether a request is fresh is another question, because most clients take the time from their own computer.
/// A request passes if its timestamp is within ten minutes of this clock or of the computer's, and
/// `alipay-timestamp` of the response is by that of the two that the request is nearer to. So a moved clock
/// stops neither the clients that the gateway makes, which share it, nor any other.
///
/// The time stays between the years 1970 and 9999.
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
        Self { runs: false, millis: Arc::new(AtomicI64::new(unix_millis.clamp(0, LATEST))) }
    }

    /// Now, in milliseconds since 1970 (UTC).
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        self.read().gateway
    }

    pub(crate) fn runs(&self) -> bool {
        self.runs
    }

    /// What this clock and the computer's show.
    pub(crate) fn read(&self) -> Times {
        let computer = system_millis();
        let gateway = self.base(computer).saturating_add(self.millis.load(Ordering::SeqCst));
        Times { gateway: gateway.clamp(0, LATEST), computer }
    }

    /// Moves the clock forward, at most to the end of the year 9999.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let base = self.base(system_millis());
        // The closure always returns a value, so the update cannot fail.
        let _ = self.millis.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |millis| {
            let to = base.saturating_add(millis).saturating_add(by);
            Some(to.clamp(0, LATEST) - base)
        });
    }

    /// Sets the time, in milliseconds since 1970 (UTC). A running clock continues from there.
    ///
    /// It may go back. That does not undo what has happened.
    pub fn set(&self, unix_millis: i64) {
        let value = unix_millis.clamp(0, LATEST) - self.base(system_millis());
        self.millis.store(value, Ordering::SeqCst);
    }

    /// What `millis` is the difference to.
    fn base(&self, computer: i64) -> i64 {
        if self.runs { computer } else { 0 }
    }
}

/// One moment by both clocks, in milliseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) gateway: i64,
    pub(crate) computer: i64,
}

impl Times {
    /// The time by the clock that a request goes by: the one that its timestamp is nearer to.
    pub(crate) fn of(self, timestamp: i64) -> i64 {
        if self.is_by_gateway(timestamp) { self.gateway } else { self.computer }
    }

    /// Whether that is the gateway's clock.
    pub(crate) fn is_by_gateway(self, timestamp: i64) -> bool {
        self.gateway.abs_diff(timestamp) <= self.computer.abs_diff(timestamp)
    }

    pub(crate) fn earlier(self) -> i64 {
        self.gateway.min(self.computer)
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
