//! Dates and times of `jiff`.

use jiff::{SignedDuration, Timestamp, civil};

use crate::{
    model::value::Malformed,
    value::time::{LocalDate, LocalDateTime, LocalTime},
};

impl From<LocalDate> for civil::Date {
    fn from(date: LocalDate) -> Self {
        civil::DateTime::from(LocalDateTime::of(date, LocalTime::MIDNIGHT)).date()
    }
}

/// Fails beyond the years 1 to 9999.
impl TryFrom<civil::Date> for LocalDate {
    type Error = Malformed;

    fn try_from(date: civil::Date) -> Result<Self, Malformed> {
        // There is no year 0.
        let year = u16::try_from(date.year()).unwrap_or(0);
        Self::new(year, part(date.month()), part(date.day()))
    }
}

impl From<LocalTime> for civil::Time {
    fn from(time: LocalTime) -> Self {
        Self::midnight() + SignedDuration::from_secs(time.second_of_day())
    }
}

/// Cuts off fractions of a second.
impl TryFrom<civil::Time> for LocalTime {
    type Error = Malformed;

    fn try_from(time: civil::Time) -> Result<Self, Malformed> {
        Self::new(part(time.hour()), part(time.minute()), part(time.second()))
    }
}

/// Date and time of day as they are, in Beijing time.
impl From<LocalDateTime> for civil::DateTime {
    fn from(at: LocalDateTime) -> Self {
        civil::date(1970, 1, 1).at(0, 0, 0, 0) + SignedDuration::from_secs(at.beijing_seconds())
    }
}

/// Takes it for Beijing time, and cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl TryFrom<civil::DateTime> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: civil::DateTime) -> Result<Self, Malformed> {
        Ok(Self::of(at.date().try_into()?, at.time().try_into()?))
    }
}

/// The instant. Fails in the last hours of the year 9999, which `jiff` does not have.
impl TryFrom<LocalDateTime> for Timestamp {
    type Error = jiff::Error;

    fn try_from(at: LocalDateTime) -> Result<Self, jiff::Error> {
        Self::from_second(at.unix_seconds())
    }
}

/// Beijing time at this instant, which a `Zoned` has, too (`Zoned::timestamp`). Cuts off fractions of a second. Fails
/// beyond the years 1 to 9999.
impl TryFrom<Timestamp> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: Timestamp) -> Result<Self, Malformed> {
        // `as_second` cuts off towards 1970, so a fraction before that belongs to the second before.
        Self::from_unix_seconds(at.as_second() - i64::from(at.subsec_nanosecond() < 0))
    }
}

/// A part of a date or time; none is negative.
fn part(number: i8) -> u8 {
    number.unsigned_abs()
}
