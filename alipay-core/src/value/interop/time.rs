//! Dates and times of `time`.

use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

use crate::{
    model::value::Malformed,
    value::time::{LocalDate, LocalDateTime, LocalTime},
};

impl From<LocalDate> for Date {
    fn from(date: LocalDate) -> Self {
        PrimitiveDateTime::from(LocalDateTime::of(date, LocalTime::MIDNIGHT)).date()
    }
}

/// Fails beyond the years 1 to 9999.
impl TryFrom<Date> for LocalDate {
    type Error = Malformed;

    fn try_from(date: Date) -> Result<Self, Malformed> {
        // There is no year 0.
        let year = u16::try_from(date.year()).unwrap_or(0);
        Self::new(year, date.month().into(), date.day())
    }
}

impl From<LocalTime> for Time {
    fn from(time: LocalTime) -> Self {
        Self::MIDNIGHT + Duration::seconds(time.second_of_day())
    }
}

/// Cuts off fractions of a second.
impl TryFrom<Time> for LocalTime {
    type Error = Malformed;

    fn try_from(time: Time) -> Result<Self, Malformed> {
        Self::new(time.hour(), time.minute(), time.second())
    }
}

/// Date and time of day as they are, in Beijing time.
impl From<LocalDateTime> for PrimitiveDateTime {
    fn from(at: LocalDateTime) -> Self {
        let epoch = OffsetDateTime::UNIX_EPOCH;
        Self::new(epoch.date(), epoch.time()) + Duration::seconds(at.beijing_seconds())
    }
}

/// Takes it for Beijing time, and cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl TryFrom<PrimitiveDateTime> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: PrimitiveDateTime) -> Result<Self, Malformed> {
        Ok(Self::of(at.date().try_into()?, at.time().try_into()?))
    }
}

/// The instant, in UTC.
impl From<LocalDateTime> for OffsetDateTime {
    fn from(at: LocalDateTime) -> Self {
        Self::UNIX_EPOCH + Duration::seconds(at.unix_seconds())
    }
}

/// Beijing time at this instant. Cuts off fractions of a second. Fails beyond the years 1 to 9999.
impl TryFrom<OffsetDateTime> for LocalDateTime {
    type Error = Malformed;

    fn try_from(at: OffsetDateTime) -> Result<Self, Malformed> {
        Self::from_unix_seconds(at.unix_timestamp())
    }
}
