//! Times as people and the protocol write them.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alipay_core::value::LocalDateTime;

/// A moment, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    pub(crate) fn now() -> Self {
        Self::of(SystemTime::now())
    }

    /// One before 1970 counts as its beginning.
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    pub(crate) fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0).unwrap_or_default())
    }

    /// How far it is from another, in words.
    pub(crate) fn from(self, now: Self) -> String {
        let apart = now.0.saturating_sub(self.0);
        let seconds = apart.unsigned_abs() / 1000;
        let long = match seconds {
            0..120 => format!("{seconds} s"),
            120..7200 => format!("{} min", seconds / 60),
            7200..172_800 => format!("{} h", seconds / 3600),
            _ => format!("{} days", seconds / 86_400),
        };
        if apart < 0 { format!("{long} ahead") } else { format!("{long} ago") }
    }

    /// In the form `yyyy-MM-dd HH:mm:ss`, in Beijing time.
    pub(crate) fn of_beijing(text: &str) -> Option<Self> {
        let local: LocalDateTime = text.trim().parse().ok()?;
        Some(Self(local.unix_seconds().checked_mul(1000)?))
    }

    /// Milliseconds since 1970, in digits.
    pub(crate) fn of_millis(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok().map(Self) } else { None }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "expected a time such as `2026-01-01 08:00:00` (Beijing time), `2026-01-01T00:00:00Z` or \
                             `2026-01-01T08:00:00+08:00`, or milliseconds since 1970";
        let read = || {
            if let Some(millis) = Self::of_millis(text) {
                return Some(millis);
            }
            let plain = text.trim().replacen(['T', 't'], " ", 1);
            if let Some(local) = Self::of_beijing(&plain) {
                return Some(local);
            }
            // With an offset from UTC.
            let (local, offset) = match plain.strip_suffix(['Z', 'z']) {
                Some(local) => (local.to_owned(), 0),
                None => {
                    let at = plain.len().checked_sub(6)?;
                    let (local, offset) = (plain.get(..at)?, plain.get(at..)?);
                    let sign = match offset.get(..1)? {
                        "+" => 1,
                        "-" => -1,
                        _ => return None,
                    };
                    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
                    let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
                    (local.to_owned(), sign * minutes * 60)
                }
            };
            let local = local.split('.').next().unwrap_or(&local);
            let beijing = Self::of_beijing(local)?;
            Some(Self(beijing.0 + (8 * 3600 - offset) * 1000))
        };
        read().ok_or_else(|| FORMS.to_owned())
    }
}
