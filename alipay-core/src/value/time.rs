//! Dates and times as Alipay writes them: Beijing time, without an offset.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use super::text::wire_text;
use crate::model::value::Malformed;

/// Beijing time is eight hours ahead of UTC, all year.
const OFFSET_SECONDS: i64 = 8 * 3600;
const DAY_SECONDS: i64 = 24 * 3600;

/// From 0001-01-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_162;

/// A date of the Gregorian calendar, years 1 to 9999. On the wire `yyyy-MM-dd`, for example
/// `2026-01-31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate {
    year: u16,
    month: u8,
    day: u8,
}

impl LocalDate {
    /// The first date, 0001-01-01.
    pub const MIN: Self = Self { year: 1, month: 1, day: 1 };
    /// The last date, 9999-12-31.
    pub const MAX: Self = Self { year: 9999, month: 12, day: 31 };

    const FORMAT: Malformed = Malformed::new("a date like 2026-01-31");

    /// A date; month and day count from 1. Fails if the calendar has no such day, or beyond the years 1 to
    /// 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, Malformed> {
        let is_year = Self::MIN.year <= year && year <= Self::MAX.year;
        if is_year && 1 <= day && day <= days_of_month(year, month) {
            Ok(Self { year, month, day })
        } else {
            Err(Self::FORMAT)
        }
    }

    /// The year, 1 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The date so many days later, or earlier if negative. It stops at the first and the last date.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let end = if days < 0 { Self::MIN } else { Self::MAX };
        self.checked_plus_days(days).unwrap_or(end)
    }

    /// The date so many days later, or earlier if negative; `None` beyond the years 1 to 9999.
    #[must_use]
    pub fn checked_plus_days(self, days: i64) -> Option<Self> {
        Self::from_day_number(self.day_number().checked_add(days)?)
    }

    /// Days since 0001-01-01.
    fn day_number(self) -> i64 {
        let months = (1..self.month).map(|month| i64::from(days_of_month(self.year, month)));
        days_before(self.year) + months.sum::<i64>() + i64::from(self.day) - 1
    }

    fn from_day_number(days: i64) -> Option<Self> {
        // Too late by the leap days at most, which are fewer than seven years.
        let mut year = u16::try_from(days / 365 + 1).ok().filter(|_| days >= 0)?;
        while days_before(year) > days {
            year -= 1;
        }
        let mut days = days - days_before(year);
        for month in 1..=12 {
            let length = i64::from(days_of_month(year, month));
            if days < length {
                return Self::new(year, month, u8::try_from(days + 1).ok()?).ok();
            }
            days -= length;
        }
        None
    }

    fn read(text: &str) -> Option<Self> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let year = u16::from(two_digits(y1, y2)?) * 100 + u16::from(two_digits(y3, y4)?);
        Self::new(year, two_digits(m1, m2)?, two_digits(d1, d2)?).ok()
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

wire_text!(LocalDate, Time, Self::MIN);

/// A time of day, Beijing time, to the second. On the wire `HH:mm:ss`, for example `08:30:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    hour: u8,
    minute: u8,
    second: u8,
}

impl LocalTime {
    /// The first second of a day.
    pub const MIDNIGHT: Self = Self { hour: 0, minute: 0, second: 0 };
    /// The last second of a day.
    pub const MAX: Self = Self { hour: 23, minute: 59, second: 59 };

    const FORMAT: Malformed = Malformed::new("a time of day like 08:30:00");

    /// A time of day: an hour below 24, and a minute and a second below 60.
    pub const fn new(hour: u8, minute: u8, second: u8) -> Result<Self, Malformed> {
        if hour < 24 && minute < 60 && second < 60 {
            Ok(Self { hour, minute, second })
        } else {
            Err(Self::FORMAT)
        }
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub const fn second(self) -> u8 {
        self.second
    }

    pub(super) fn second_of_day(self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    fn from_second_of_day(seconds: i64) -> Option<Self> {
        let part = |number: i64| u8::try_from(number).ok();
        let (minutes, second) = (seconds / 60, seconds % 60);
        Self::new(part(minutes / 60)?, part(minutes % 60)?, part(second)?).ok()
    }

    fn read(text: &str) -> Option<Self> {
        let &[h1, h2, b':', m1, m2, b':', s1, s2] = text.as_bytes() else {
            return None;
        };
        Self::new(two_digits(h1, h2)?, two_digits(m1, m2)?, two_digits(s1, s2)?).ok()
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

wire_text!(LocalTime, Time, Self::MIDNIGHT);

/// A date and a time of day, Beijing time, to the second. On the wire `yyyy-MM-dd HH:mm:ss`, for
/// example `2026-01-31 08:30:00`.
///
/// Conversions to and from Unix time always use UTC+8, whatever the zone of the machine. With the features
/// `chrono`, `jiff` and `time` there are conversions to and from the types of these crates: date and time of day as
/// they are, and instants.
///
/// ```
/// use alipay_core::value::LocalDateTime;
///
/// let start: LocalDateTime = "2026-01-31 08:30:00".parse()?;
/// assert_eq!(start.unix_seconds(), 1_769_819_400);
/// assert_eq!(start.plus_days(30).to_string(), "2026-03-02 08:30:00");
/// # Ok::<(), alipay_core::value::Malformed>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    date: LocalDate,
    time: LocalTime,
}

impl LocalDateTime {
    /// The first second, 0001-01-01 00:00:00.
    pub const MIN: Self = Self::of(LocalDate::MIN, LocalTime::MIDNIGHT);
    /// The last second, 9999-12-31 23:59:59.
    pub const MAX: Self = Self::of(LocalDate::MAX, LocalTime::MAX);

    const FORMAT: Malformed = Malformed::new("a time like 2026-01-31 08:30:00");
    const RANGE: Malformed = Malformed::new("a time in the years 1 to 9999");

    /// A date and time of day; as for [`LocalDate::new`] and [`LocalTime::new`].
    pub const fn new(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Result<Self, Malformed> {
        match (LocalDate::new(year, month, day), LocalTime::new(hour, minute, second)) {
            (Ok(date), Ok(time)) => Ok(Self { date, time }),
            (Err(problem), _) | (_, Err(problem)) => Err(problem),
        }
    }

    /// That time of day on that date.
    #[must_use]
    pub const fn of(date: LocalDate, time: LocalTime) -> Self {
        Self { date, time }
    }

    /// The Beijing time so many seconds after 1970-01-01 00:00:00 UTC, or before if negative. Fails beyond the
    /// years 1 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, Malformed> {
        Self::shifted(seconds).ok_or(Self::RANGE)
    }

    fn shifted(seconds: i64) -> Option<Self> {
        let seconds = seconds.checked_add(OFFSET_SECONDS)?;
        let date = LocalDate::from_day_number(seconds.div_euclid(DAY_SECONDS) + EPOCH_DAYS)?;
        let time = LocalTime::from_second_of_day(seconds.rem_euclid(DAY_SECONDS))?;
        Some(Self { date, time })
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.beijing_seconds() - OFFSET_SECONDS
    }

    /// Seconds since 1970-01-01 00:00:00 in Beijing.
    pub(super) fn beijing_seconds(self) -> i64 {
        let days = self.date.day_number() - EPOCH_DAYS;
        days * DAY_SECONDS + self.time.second_of_day()
    }

    /// The date.
    #[must_use]
    pub const fn date(self) -> LocalDate {
        self.date
    }

    /// The time of day.
    #[must_use]
    pub const fn time(self) -> LocalTime {
        self.time
    }

    /// The same time of day so many days later, or earlier if negative. It stops at the first and the
    /// last date.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self { date: self.date.plus_days(days), ..self }
    }

    /// The same time of day so many days later, or earlier if negative; `None` beyond the years 1 to
    /// 9999.
    #[must_use]
    pub fn checked_plus_days(self, days: i64) -> Option<Self> {
        Some(Self { date: self.date.checked_plus_days(days)?, ..self })
    }

    /// The time so many seconds later, or earlier if negative; `None` beyond the years 1 to 9999.
    #[must_use]
    pub fn checked_plus_seconds(self, seconds: i64) -> Option<Self> {
        Self::shifted(self.unix_seconds().checked_add(seconds)?)
    }

    fn read(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ')?;
        Some(Self { date: LocalDate::read(date)?, time: LocalTime::read(time)? })
    }
}

/// Cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl TryFrom<SystemTime> for LocalDateTime {
    type Error = Malformed;

    fn try_from(time: SystemTime) -> Result<Self, Malformed> {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok(),
            Err(before) => {
                let before = before.duration();
                let started = u64::from(before.subsec_nanos() > 0);
                before
                    .as_secs()
                    .checked_add(started)
                    .and_then(|seconds| 0_i64.checked_sub_unsigned(seconds))
            }
        };
        seconds.and_then(Self::shifted).ok_or(Self::RANGE)
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date, self.time)
    }
}

wire_text!(LocalDateTime, Time, Self::MIN);

/// Days from 0001-01-01 to the first day of a year.
fn days_before(year: u16) -> i64 {
    let years = i64::from(year) - 1;
    years * 365 + years / 4 - years / 100 + years / 400
}

/// The length of a month; 0 for a month that does not exist.
const fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}
