//! Beijing civil times, as the vouchers' fields write them.

/// Beijing is eight hours ahead of UTC, without summer time.
const OFFSET_SECONDS: i64 = 8 * 3600;
const DAY_SECONDS: i64 = 86_400;

/// Seconds since 1970 of a Beijing time in the form `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn parse_date_time(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ')?;
    Some(parse_date(date)? * DAY_SECONDS + parse_time(time)? - OFFSET_SECONDS)
}

/// Days since 1970 of a date in the form `yyyy-MM-dd`.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let exists = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    exists.then(|| days(year, month, day))
}

/// Seconds since midnight of a time in the form `HH:mm:ss`.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let [hour, minute, second] = numbers(text, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second < 60).then(|| hour * 3600 + minute * 60 + second)
}

/// The Beijing date of a moment, as days since 1970.
pub(crate) fn day_of(unix_seconds: i64) -> i64 {
    (unix_seconds + OFFSET_SECONDS).div_euclid(DAY_SECONDS)
}

/// The first day of the week (a Monday) that holds this day.
pub(crate) fn week_start(day: i64) -> i64 {
    // Day 0 was a Thursday.
    day - (day + 3).rem_euclid(7)
}

/// The first day of the month that holds this day.
pub(crate) fn month_start(day: i64) -> i64 {
    let (year, month, _) = date(day);
    days(year, month, 1)
}

/// A moment as `yyyy-MM-dd HH:mm:ss`, Beijing time.
pub(crate) fn date_time(unix_seconds: i64) -> String {
    let (year, month, day) = date(day_of(unix_seconds));
    let second = (unix_seconds + OFFSET_SECONDS).rem_euclid(DAY_SECONDS);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}", second % 60)
}

/// A day as `yyyyMMdd`.
pub(crate) fn compact_date(day: i64) -> String {
    let (year, month, day) = date(day);
    format!("{year:04}{month:02}{day:02}")
}

fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 in the proleptic Gregorian calendar; years are counted from March, so that
/// the leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let in_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
        - 719_468
}

/// The date of a day, the inverse of [`days`].
fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let in_era = shifted.rem_euclid(146_097);
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_beijing_times() {
        assert_eq!(parse_date_time("1970-01-01 08:00:00"), Some(0));
        assert_eq!(parse_date_time("2026-01-01 08:00:00"), Some(1_767_225_600));
        for wrong in [
            "",
            "2026-01-01",
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-01-01T00:00:00",
            "2026-01-01 24:00:00",
            "2026-1-1 0:0:0",
            "2026-01-01 00:00:00 ",
            "+026-01-01 00:00:00",
        ] {
            assert_eq!(parse_date_time(wrong), None, "{wrong}");
        }
        assert!(parse_date_time("2028-02-29 23:59:59").is_some());
    }

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        let sunday = parse_date("2026-11-22").unwrap_or_default();
        assert_eq!(week_start(sunday), parse_date("2026-11-16").unwrap_or_default());
        assert_eq!(week_start(sunday + 1), sunday + 1);
        assert_eq!(compact_date(month_start(sunday)), "20261101");
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(day in -700_000_i64..3_000_000) {
            let (year, month, in_month) = date(day);
            prop_assert_eq!(days(year, month, in_month), day);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = parse_date_time(&text);
        }
    }
}
