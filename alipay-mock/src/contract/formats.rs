//! Formats of strings that OpenAPI knows: which strings are right, and strings that are.

use std::net::{Ipv4Addr, Ipv6Addr};

use alipay_core::value::{LocalDate, LocalTime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Whether a string is of a format; any is, if the format is not known.
pub(super) fn is_right(format: &str, text: &str) -> bool {
    match format {
        "date-time" => is_time(text).unwrap_or(false),
        "byte" => STANDARD.decode(text).is_ok(),
        "email" => is_email(text),
        "hostname" => is_host(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" => is_uri(text),
        "uuid" => is_uuid(text),
        _ => true,
    }
}

/// What a string of a format is, for people.
pub(super) fn wanted(format: &str) -> &'static str {
    match format {
        "date-time" => "a time like 2026-01-31T08:30:00+08:00 (RFC 3339)",
        "byte" => "Base64",
        "email" => "an e-mail address",
        "hostname" => "a host name",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "uri" => "a URI, with its scheme",
        "uuid" => "a UUID",
        _ => "of its format",
    }
}

/// A string of a format, of at least so many characters if that can be; another one for each number. `None` if the
/// format is not known.
pub(super) fn sample(format: &str, least: usize, number: usize) -> Option<String> {
    let digits = |others: usize| {
        let least = least.saturating_sub(others).min(10_000);
        if number == 0 && least == 0 { String::new() } else { format!("{number:0>least$}") }
    };
    Some(match format {
        "date-time" => {
            let [hour, minute, second] = time_of_day(number);
            format!("2026-01-01T{hour:02}:{minute:02}:{second:02}+08:00")
        }
        "byte" => STANDARD.encode(format!("{number:0>least$}", least = least.min(10_000))),
        "email" => format!("a{}@b.cn", digits("a@b.cn".len())),
        "hostname" => format!("a{}.cn", digits("a.cn".len())),
        "ipv4" => format!("192.0.2.{}", number % 256),
        "ipv6" => format!("2001:db8::{:x}", number % 0x1_0000),
        "uri" => format!("https://a.cn/{}", digits("https://a.cn/".len())),
        "uuid" => format!("00000000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff),
        _ => return None,
    })
}

/// Hour, minute and second of a number of seconds.
pub(super) fn time_of_day(seconds: usize) -> [usize; 3] {
    [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
}

/// A time as RFC 3339 has it; `None` when a part is missing.
fn is_time(text: &str) -> Option<bool> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let mark = matches!(text.get(10..11)?, "T" | "t");
    // Some minutes have 61 seconds.
    let time =
        if time.ends_with(":60") { format!("{}:59", time.get(..5)?) } else { time.to_owned() };
    let rest = text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|one: char| one.is_ascii_digit());
            if zone.len() == fraction.len() {
                return None;
            }
            zone
        }
        None => rest,
    };
    let zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => offset.len() == 5 && format!("{offset}:00").parse::<LocalTime>().is_ok(),
        None => matches!(zone, "Z" | "z"),
    };
    let is_day = date.parse::<LocalDate>().is_ok() && time.parse::<LocalTime>().is_ok();
    Some(mark && zone && is_day)
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_plain = |one: char| one.is_ascii_graphic() && !"@()<>[],;:\\\"".contains(one);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (1..=64).contains(&local.len()) && local.chars().all(is_plain) && !dots && is_host(host)
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let scheme =
        scheme.starts_with(|one: char| one.is_ascii_alphabetic()) && scheme.bytes().all(is_part);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    scheme && !rest.is_empty() && rest.bytes().all(is_plain) && is_encoded(rest)
}

/// Whether each percent sign begins a byte.
pub(super) fn is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        rest.get(..2).is_some_and(|byte| byte.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn each_format_knows_right_from_wrong() {
        for (format, right, wrong) in [
            (
                "date-time",
                &[
                    "2026-01-31T08:30:00+08:00",
                    "2026-01-31t23:59:60.5Z",
                    "2024-02-29T00:00:00-00:00",
                ][..],
                &[
                    "yesterday",
                    "2026-01-31 08:30:00",
                    "2026-02-30T00:00:00Z",
                    "2026-01-31T08:30:00",
                    "2026-01-31T24:00:00Z",
                    "2026-01-31T08:30:00.Z",
                    "2026-01-31T08:30:00+25:00",
                    "二〇二六年一月三十一日",
                    "",
                ][..],
            ),
            ("byte", &["", "AQID", "AQ=="], &["A", "AQ", "a b", "\u{1f512}"]),
            (
                "email",
                &["a@b.cn", "a.b+c@localhost"],
                &["nobody", "@b.cn", "a@", "a b@c.cn", "a@b@c", "a..b@c.cn", "a@-b.cn"],
            ),
            (
                "hostname",
                &["b.cn", "localhost", "a-b.c"],
                &["", "-a", "a_b", "a..b", "a b", &"a".repeat(64)],
            ),
            ("ipv4", &["192.0.2.1"], &["192.0.2", "192.0.2.256", "::1"]),
            ("ipv6", &["::1", "2001:db8::1"], &["192.0.2.1", ":::"]),
            (
                "uri",
                &["https://a.cn/b?c=%20#d", "alipays://platformapi/startapp", "urn:a"],
                &[
                    "a.cn",
                    "/b",
                    "https://a b",
                    "https://a/%zz",
                    "https://a/%2",
                    "1a:b",
                    "a:",
                    "https://红楼",
                ],
            ),
            (
                "uuid",
                &["123e4567-E89B-12d3-a456-426614174000"],
                &[
                    "123e4567",
                    "123e4567-e89b-12d3-a456-42661417400g",
                    "123e4567e89b12d3a456426614174000",
                ],
            ),
            ("of-our-own", &["", "anything"], &[]),
        ] {
            for text in right {
                assert!(is_right(format, text), "{format} {text}");
            }
            for text in wrong {
                assert!(!is_right(format, text), "{format} {text}");
            }
            let sample = |least, number| sample(format, least, number);
            if let Some(first) = sample(0, 0) {
                assert!(is_right(format, &first), "{format} {first}");
                assert!(is_right(format, &sample(20, 0).unwrap()), "{format}");
                assert_ne!(Some(first), sample(0, 1));
            }
        }
    }
}
