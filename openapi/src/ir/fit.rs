//! Whether a JSON value fits a type, so that it can be an example.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::ir::{OpenEnum, Ty, TypeId};

// `known_twice.rs` among the tests of alipay-mock compares what is said here with the runtime.
/// The most decimals of a decimal number.
const MOST_DECIMALS: usize = 18;
/// The most characters of an idempotency key.
const LONGEST_KEY: usize = 64;

/// Whether a string can be an idempotency key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Why a value does not fit a type; `None` when it fits. `find` knows the enums.
#[must_use]
pub fn misfit<'e>(
    find: &dyn Fn(&TypeId) -> Option<&'e OpenEnum>,
    ty: &Ty,
    value: &Value,
) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let unless = |good: bool, what: &str| (!good).then(|| format!("it has to be {what}"));
    match ty {
        Ty::Text => unless(value.is_string(), "a string"),
        Ty::Boolean => unless(matches!(text.as_str(), "true" | "false"), "`true` or `false`"),
        Ty::Integer => unless(text.parse::<i64>().is_ok(), "an integer of up to 64 bits"),
        Ty::Float => unless(text.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
        Ty::Yuan => unless(is_decimal(&text, 2..=2), "an amount with at most two decimals"),
        Ty::Decimal => unless(is_decimal(&text, 0..=MOST_DECIMALS), "a decimal number"),
        Ty::LocalDateTime => {
            let parts = text.split_once(' ');
            let good = parts.is_some_and(|(date, time)| is_date(date) && is_time(time));
            unless(good, "a time as `yyyy-MM-dd HH:mm:ss`")
        }
        Ty::LocalDate => unless(is_date(&text), "a date as `yyyy-MM-dd`"),
        Ty::LocalTime => unless(is_time(&text), "a time of day as `HH:mm:ss`"),
        Ty::Enum(id) => {
            let known = find(id)?;
            let good = known.values.iter().any(|value| value.wire == text);
            unless(good, &format!("one of the known values of `{}`", known.name))
        }
        // An example of a list that is no list is an example of an item.
        Ty::List(item) => match value {
            Value::Array(values) => values.iter().find_map(|value| misfit(find, item, value)),
            value => misfit(find, item, value),
        },
        Ty::Map(inner) => match value {
            Value::Object(entries) => entries.values().find_map(|value| misfit(find, inner, value)),
            _ => unless(false, "an object"),
        },
        Ty::JsonText(inner) => {
            match value.as_str().and_then(|text| serde_json::from_str(text).ok()) {
                Some(value) => misfit(find, inner, &value),
                None => unless(false, "a string that holds JSON"),
            }
        }
        Ty::File | Ty::Json | Ty::Struct { .. } => None,
    }
}

/// Whether a string is a number that 64 bits hold, counted in its last decimal.
fn is_decimal(text: &str, decimals: RangeInclusive<usize>) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return false,
        Some(parts) => parts,
        None => (number, ""),
    };
    let units = format!("{whole}{fraction:0<least$}", least = *decimals.start());
    is_digits(&units)
        && !whole.is_empty()
        && fraction.len() <= *decimals.end()
        && units.parse::<i64>().is_ok()
}

/// Whether a string is a date as `yyyy-MM-dd`.
pub(crate) fn is_date(text: &str) -> bool {
    let Some([year @ (1..), month, day]) = numbers(text, '-', [4, 2, 2]) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

fn is_time(text: &str) -> bool {
    matches!(numbers(text, ':', [2, 2, 2]), Some([..=23, ..=59, ..=59]))
}

/// The three numbers between separators, when they are as long as wanted.
fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.splitn(3, separator);
    let mut next =
        |length| parts.next().filter(|part| part.len() == length && is_digits(part))?.parse().ok();
    let [a, b, c] = lengths;
    Some([next(a)?, next(b)?, next(c)?])
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
