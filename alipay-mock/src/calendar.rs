//! Beijing dates: days, weeks and months of issue.

use alipay_core::value::{LocalDate, LocalDateTime, LocalTime};

const DAY_SECONDS: i64 = 86_400;

/// A moment in Beijing time; the first or last there is, if it is beyond the years 1 to 9999.
pub(crate) fn date_time(unix_seconds: i64) -> LocalDateTime {
    let end = if unix_seconds < 0 { LocalDateTime::MIN } else { LocalDateTime::MAX };
    LocalDateTime::from_unix_seconds(unix_seconds).unwrap_or(end)
}

/// Seconds since 1970 of a Beijing time in the form `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn parse_date_time(string: &str) -> Option<i64> {
    string.parse().ok().map(LocalDateTime::unix_seconds)
}

pub(crate) fn date_of(unix_seconds: i64) -> LocalDate {
    date_time(unix_seconds).date()
}

/// How many Beijing dates there are from one moment to another, with both ends.
pub(crate) fn dates_between(start_seconds: i64, end_seconds: i64) -> i64 {
    day_number(date_of(end_seconds)) - day_number(date_of(start_seconds)) + 1
}

/// The Monday of the date's week.
pub(crate) fn week_start(date: LocalDate) -> LocalDate {
    // Day 0 was a Thursday.
    date.plus_days(-(day_number(date) + 3).rem_euclid(7))
}

pub(crate) fn month_start(date: LocalDate) -> LocalDate {
    date.plus_days(1 - i64::from(date.day()))
}

/// The last second of a date, in seconds since 1970.
pub(crate) fn end_of(date: LocalDate) -> i64 {
    LocalDateTime::of(date, LocalTime::MAX).unix_seconds()
}

/// Days since some Thursday.
fn day_number(date: LocalDate) -> i64 {
    end_of(date).div_euclid(DAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        let date = |text: &str| text.parse::<LocalDate>().unwrap();
        let sunday = date("2026-11-22");
        assert_eq!(week_start(sunday), date("2026-11-16"));
        assert_eq!(week_start(date("2026-11-23")), date("2026-11-23"));
        assert_eq!(week_start(date("1969-12-31")), date("1969-12-29"));
        assert_eq!(month_start(sunday), date("2026-11-01"));
    }

    #[test]
    fn dates_are_those_of_beijing() {
        let start = parse_date_time("2026-01-31 23:59:59").unwrap();
        assert_eq!(dates_between(start, start), 1);
        assert_eq!(dates_between(start, start + 1), 2);
        assert_eq!(date_time(0).to_string(), "1970-01-01 08:00:00");
        assert_eq!(date_of(i64::MAX), LocalDate::MAX);
        assert_eq!(date_of(i64::MIN), LocalDate::MIN);
    }
}
