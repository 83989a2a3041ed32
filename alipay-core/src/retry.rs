//! Retries: which calls are repeated, how often, and after how long.
//!
//! A call is repeated when that may help and cannot do harm. [`Outcome`](crate::Outcome) has the table
//! of what is repeated. Any call is, if there was no connection to send it over, or if Alipay refused it
//! for having been called too often and signed that. After other failures that may pass, calls are
//! repeated only if they only read, or carry their idempotency key.
//!
//! Each attempt sends the same body to the byte, with a new nonce, time, request id and signature.
//! Between attempts there is a pause of random length ([full jitter](Jitter)), or as long as the
//! server asks for (`Retry-After`). The [call's timeout](crate::ClientBuilder::timeout) is for all
//! attempts together: a pause that would outlast it is not begun. A [budget](RetryBudget) keeps a
//! client from repeating every call when nothing works.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, header::RETRY_AFTER};

use crate::{
    nonce::{NonceSource, RandomNonces},
    value::is_decimal,
};

/// How often a call is repeated, and after how long. See the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

/// Three attempts in all, with pauses of up to 200 ms and up to 400 ms.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// No repeats.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// How often a call is tried in all, the first time included; at least once.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest pause after the first attempt, and the longest of all. The longest pause doubles
    /// with each attempt. [`Jitter`] chooses the pause.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    fn longest_after(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(30);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }

    pub(crate) fn pause(
        &self,
        attempts: u32,
        jitter: &dyn Jitter,
        server: Option<Duration>,
    ) -> Duration {
        let longest = self.longest_after(attempts);
        jitter.pause(longest).min(longest).max(server.unwrap_or_default())
    }
}

/// Chooses how long pauses are. Replace it to make runs reproducible.
pub trait Jitter: Send + Sync + 'static {
    /// A pause from zero to `longest`, both included; a longer one is cut.
    fn pause(&self, longest: Duration) -> Duration;
}

/// Any pause from zero to the longest with the same chance, so that clients that failed together do
/// not come back together.
#[derive(Clone, Copy, Debug, Default)]
pub struct FullJitter;

impl Jitter for FullJitter {
    fn pause(&self, longest: Duration) -> Duration {
        // Without randomness there are no nonces either: the call is about to fail.
        let [a, b, c, d, ..] = RandomNonces.next().unwrap_or_default();
        let share = f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX);
        longest.mul_f64(share)
    }
}

/// A pause of fixed length.
impl Jitter for Duration {
    fn pause(&self, _: Duration) -> Duration {
        *self
    }
}

/// How many repeats all calls of a client may make together.
///
/// Each repeat withdraws one from it. Each call that succeeds deposits a tenth of one. When the budget
/// is spent, calls are not repeated and fail at once with what went wrong. So when nothing works, a
/// client soon makes one attempt per call instead of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryBudget {
    repeats: Option<u32>,
}

/// 100 repeats.
impl Default for RetryBudget {
    fn default() -> Self {
        Self::repeats(100)
    }
}

impl RetryBudget {
    /// This many repeats, to begin with and at the most.
    pub const fn repeats(repeats: u32) -> Self {
        Self { repeats: Some(repeats) }
    }

    /// No limit.
    pub const fn unlimited() -> Self {
        Self { repeats: None }
    }
}

/// A repeat, in the parts that a success deposits.
const REPEAT: u32 = 10;

/// What a client has left of its budget.
#[derive(Debug)]
pub(crate) struct Balance {
    /// The most there can be, in parts; `None` for no limit.
    most: Option<u32>,
    parts: AtomicU32,
}

impl Balance {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let most = budget.repeats.map(|repeats| repeats.saturating_mul(REPEAT));
        Self { most, parts: AtomicU32::new(most.unwrap_or_default()) }
    }

    /// Withdraws a repeat, if one is left.
    pub(crate) fn withdraw(&self) -> bool {
        let repeat = |parts: u32| parts.checked_sub(REPEAT);
        self.most.is_none()
            || self.parts.fetch_update(Ordering::Relaxed, Ordering::Relaxed, repeat).is_ok()
    }

    /// Deposits a part of a repeat, for a call that succeeded.
    pub(crate) fn deposit(&self) {
        if let Some(most) = self.most {
            // Fails when nothing was withdrawn, which is the rule and then costs no write.
            let _ = self.parts.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |parts| {
                (parts < most).then(|| parts + 1)
            });
        }
    }
}

/// How long the server asks to wait: `Retry-After` as seconds or as an HTTP date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if is_decimal(text) {
        // More than fits is longer than any call waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let time = httpdate::parse_http_date(text).ok()?;
    // What is past asks for no wait.
    Some(time.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let longest: Vec<_> =
            (1..9).map(|attempts| policy.longest_after(attempts).as_millis()).collect();
        assert_eq!(longest, [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
        assert_eq!(policy.longest_after(u32::MAX).as_secs(), 5);
        let wide = policy.pauses(Duration::MAX, Duration::MAX);
        assert_eq!(wide.longest_after(9), Duration::MAX);
    }

    #[test]
    fn a_pause_is_never_shorter_than_the_server_asks_for() {
        let policy = RetryPolicy::default();
        let ms = Duration::from_millis;
        assert_eq!(policy.pause(1, &ms(50), None), ms(50));
        assert_eq!(policy.pause(1, &ms(500), None), ms(200));
        assert_eq!(policy.pause(1, &ms(50), Some(ms(3000))), ms(3000));
        assert_eq!(policy.pause(1, &ms(50), Some(ms(10))), ms(50));
    }

    #[test]
    fn full_jitter_uses_the_whole_range() {
        let longest = Duration::from_millis(200);
        let pauses: Vec<_> = (0..200).map(|_| FullJitter.pause(longest)).collect();
        assert!(pauses.iter().all(|pause| *pause <= longest));
        assert!(pauses.iter().any(|pause| pause.as_millis() < 50));
        assert!(pauses.iter().any(|pause| pause.as_millis() > 150));
    }

    #[test]
    fn a_balance_empties_and_fills() {
        let balance = Balance::new(RetryBudget::repeats(2));
        assert!(balance.withdraw() && balance.withdraw() && !balance.withdraw());
        (0..9).for_each(|_| balance.deposit());
        assert!(!balance.withdraw());
        balance.deposit();
        assert!(balance.withdraw() && !balance.withdraw());
        (0..100).for_each(|_| balance.deposit());
        assert!(balance.withdraw() && balance.withdraw() && !balance.withdraw());
        // Of the hundred deposits nothing was kept beyond the most.
        (0..9).for_each(|_| balance.deposit());
        assert!(!balance.withdraw());
        assert!(!Balance::new(RetryBudget::repeats(0)).withdraw());
        let unlimited = Balance::new(RetryBudget::unlimited());
        assert!((0..1000).all(|_| unlimited.withdraw()));
    }

    #[test]
    fn what_the_server_asks_for() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked(" 0 "), Some(0));
        assert_eq!(asked("99999999999999999999999"), Some(u64::from(u32::MAX)));
        // The three forms of RFC 9110; what is past asks for no wait.
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(asked("Sunday, 06-Nov-94 08:49:37 GMT"), Some(7));
        assert_eq!(asked("Sun Nov  6 08:49:37 1994"), Some(7));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        for bad in [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sat, 31 Feb 2026 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "Fri, 01 Jan 1960 00:00:00 GMT",
        ] {
            assert_eq!(asked(bad), None, "{bad}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(text in "[ -~]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            let _ = retry_after(&headers, UNIX_EPOCH);
        }
    }
}
