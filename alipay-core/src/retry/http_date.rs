//! Dates of HTTP headers, in the three forms RFC 9110 names.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::value::{LocalDate, LocalDateTime, LocalTime};

/// Beijing is so far ahead of the time HTTP uses.
const BEIJING: u64 = 8 * 3600;

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
/// `Sun Nov  6 08:49:37 1994`.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let ([_, day, month, year, time, "GMT"] | [_, month, day, time, year]) = *words.as_slice()
    else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let date =
        LocalDate::new(full_year(year)?, u8::try_from(month + 1).ok()?, number(day)?).ok()?;
    let mut parts = time.split(':');
    let mut part = || number(parts.next()?);
    let (hour, minute, second) = (part()?, part()?, part()?);
    if parts.next().is_some() {
        return None;
    }
    // A leap second counts as the second before it.
    let time = LocalTime::new(hour, minute, second.min(59)).ok()?;
    let seconds = LocalDateTime::of(date, time).unix_seconds();
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?.checked_add(BEIJING)?))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// One or two digits.
fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (1..=2).contains(&text.len()) { text.parse().ok() } else { None }
}

/// Four digits, or two of this or the last century.
fn full_year(text: &str) -> Option<u16> {
    match text.len() {
        4 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        2 => number(text).map(|year| u16::from(year) + if year < 70 { 2000 } else { 1900 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms() {
        let expected = UNIX_EPOCH.checked_add(Duration::from_secs(784_111_777));
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert!(parse("Wed, 30 Dec 2099 23:59:60 GMT").is_some());
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 31 Feb 2026 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:01 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Thu, 01 Jan 1960 00:00:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
