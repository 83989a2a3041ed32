//! Whether a JSON value is one of a type, and can stand in examples.

use serde_json::Value;

use crate::ir::{Api, Ty};

/// The digits a decimal number of the runtime may have.
const MOST_DIGITS: usize = 18;
/// The characters an idempotency key of the runtime may have.
const LONGEST_KEY: usize = 64;

/// Whether a text can be an idempotency key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Why a value is none of the type.
#[must_use]
pub fn misfit(api: &Api, ty: &Ty, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let unless = |good: bool, what: &str| (!good).then(|| format!("it has to be {what}"));
    match ty {
        Ty::Text => unless(value.is_string(), "a text"),
        Ty::Boolean => unless(matches!(text.as_str(), "true" | "false"), "`true` or `false`"),
        Ty::Integer => unless(text.parse::<i64>().is_ok(), "an integer of up to 64 bits"),
        Ty::Float => unless(text.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
        Ty::Yuan => unless(is_decimal(&text, 2), "an amount with at most two decimals"),
        Ty::Decimal => unless(is_decimal(&text, usize::MAX), "a decimal number"),
        Ty::LocalDateTime => {
            let parts = text.split_once(' ');
            let good = parts.is_some_and(|(date, time)| is_date(date) && is_time(time));
            unless(good, "a time as `yyyy-MM-dd HH:mm:ss`")
        }
        Ty::LocalDate => unless(is_date(&text), "a date as `yyyy-MM-dd`"),
        Ty::LocalTime => unless(is_time(&text), "a time of day as `HH:mm:ss`"),
        Ty::Enum(id) => {
            let known = api.enums.iter().find(|item| item.id == *id)?;
            let good = known.values.iter().any(|value| value.wire == text);
            unless(good, &format!("one of the known values of `{}`", known.name))
        }
        // Where the example of a list is no list it is that of an item.
        Ty::List(item) => match value {
            Value::Array(values) => values.iter().find_map(|value| misfit(api, item, value)),
            value => misfit(api, item, value),
        },
        Ty::Map(inner) => match value {
            Value::Object(entries) => entries.values().find_map(|value| misfit(api, inner, value)),
            _ => unless(false, "an object"),
        },
        Ty::JsonText(inner) => match value {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(value) => misfit(api, inner, &value),
                Err(_) => unless(false, "a text that holds JSON"),
            },
            _ => unless(false, "a text that holds JSON"),
        },
        Ty::File | Ty::Json | Ty::Struct { .. } => None,
    }
}

fn is_decimal(text: &str, decimals: usize) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() <= MOST_DIGITS
        && (!number.contains('.') || fraction.len() <= decimals)
}

fn is_date(text: &str) -> bool {
    let numbers = numbers(text, '-', &[4, 2, 2]);
    let Some([year, month, day]) = numbers.as_deref() else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(day)
}

fn is_time(text: &str) -> bool {
    let numbers = numbers(text, ':', &[2, 2, 2]);
    matches!(numbers.as_deref(), Some([hour, minute, second]) if *hour < 24 && *minute < 60 && *second < 60)
}

/// The numbers between separators, when there are as many and as long as wanted.
fn numbers(text: &str, separator: char, lengths: &[usize]) -> Option<Vec<u32>> {
    let parts: Vec<&str> = text.split(separator).collect();
    let fits = parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| part.len() == *length);
    parts
        .iter()
        .filter(|_| fits)
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<_>>>()
        .filter(|_| fits)
}
