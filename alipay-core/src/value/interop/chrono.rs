//! Dates and times of `chrono`.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Timelike as _, Utc,
};

use crate::{
    model::value::Malformed,
    value::time::{LocalDate, LocalDateTime, LocalTime},
};

impl From<LocalDate> for NaiveDate {
    fn from(date: LocalDate) -> Self {
        NaiveDateTime::from(LocalDateTime::of(date, LocalTime::MIDNIGHT)).date()
    }
}

/// Fails beyond the years 1 to 9999.
impl TryFrom<NaiveDate> for LocalDate {
    type Error = Malformed;

    fn try_from(date: NaiveDate) -> Result<Self, Malformed> {
        // There is no year 0.
        let year = u16::try_from(date.year()).unwrap_or(0);
        Self::new(year, part(date.month()), part(date.day()))
    }
}

impl From<LocalTime> for NaiveTime {
    fn from(time: LocalTime) -> Self {
        Self::MIN + TimeDelta::seconds(time.second_of_day())
    }
}

/// Cuts off fractions of a second. A leap second becomes the second before it.
impl TryFrom<NaiveTime> for LocalTime {
    type Error = Malformed;

    fn try_from(time: NaiveTime) -> Result<Self, Malformed> {
        Self::new(part(time.hour()), part(time.minute()), part(time.second()))
    }
}

/// Date and time of day as they are, in Beijing time.
impl From<LocalDateTime> for NaiveDateTime {
    fn from(at: LocalDateTime) -> Self {
        DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::seconds(at.beijing_seconds())
    }
}

/// Takes it for Beijing time, and cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl TryFrom<NaiveDateTime> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: NaiveDateTime) -> Result<Self, Malformed> {
        Ok(Self::of(at.date().try_into()?, at.time().try_into()?))
    }
}

/// The instant.
impl From<LocalDateTime> for DateTime<Utc> {
    fn from(at: LocalDateTime) -> Self {
        Self::UNIX_EPOCH + TimeDelta::seconds(at.unix_seconds())
    }
}

/// Beijing time at this instant. Cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl<Zone: TimeZone> TryFrom<DateTime<Zone>> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: DateTime<Zone>) -> Result<Self, Malformed> {
        Self::from_unix_seconds(at.timestamp())
    }
}

/// A part of a date or time; none is as large as that.
fn part(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
