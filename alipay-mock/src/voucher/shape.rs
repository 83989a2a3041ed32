//! The fields each request may carry, their JSON types and text formats.
//!
//! The tables are hand-written from the published description. They say nothing about what is
//! required or how fields depend on each other: that is [`super::rules`].

use serde_json::{Map, Value};

use super::failure::Failure;
use crate::civil;
use crate::text;

mod new_style;
mod old_style;
pub(crate) mod requests;

/// No published limit of length.
const ANY: usize = usize::MAX;

const ACCESS_MODES: &[&str] = &["SELF_MODE", "AGENCY_MODE"];
const BUDGET_TYPES: &[&str] = &["NO_CASH", "RECHARGE"];
const LIMIT_PERIODS: &[&str] = &["DAY", "WEEK", "MONTH", "LIFE_CYCLE"];
const VALIDITY_TYPES: &[&str] = &["ABSOLUTE", "RELATIVE"];

/// The fields of one JSON object: wire name and kind of value.
pub(crate) struct Shape(&'static [(&'static str, Kind)]);

/// What a field may hold.
enum Kind {
    /// A text of at most this many characters.
    Text(usize),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Yuan with at most two decimals, as text.
    Amount,
    /// A discount in tenths of the price, as text.
    Rate,
    /// `yyyy-MM-dd HH:mm:ss`, Beijing time.
    DateTime,
    /// `yyyy-MM-dd`.
    Date,
    /// `HH:mm:ss`.
    TimeOfDay,
    /// A whole number, never negative in this group.
    Count,
    /// `true` or `false`.
    Boolean,
    /// An array of texts.
    Texts,
    /// A text that holds a JSON array of texts (two fields of modify).
    JsonTexts,
    /// An object.
    Object(&'static Shape),
    /// An array of objects.
    Objects(&'static Shape),
}

impl Shape {
    /// Checks the names and values of `object`; the first mistake found is the failure.
    pub(crate) fn check(&self, object: &Map<String, Value>) -> Result<(), Failure> {
        self.check_at("", object)
    }

    fn check_at(&self, parent: &str, object: &Map<String, Value>) -> Result<(), Failure> {
        for (name, value) in object {
            let path = if parent.is_empty() {
                text::shown(name)
            } else {
                format!("{parent}.{}", text::shown(name))
            };
            let Some((_, kind)) = self.0.iter().find(|(known, _)| known == name) else {
                return Err(Failure::invalid(format!(
                    "unknown field `{path}`; check its spelling and the object it belongs to"
                )));
            };
            kind.check(&path, value)?;
        }
        Ok(())
    }
}

impl Kind {
    fn check(&self, path: &str, value: &Value) -> Result<(), Failure> {
        match (self, value) {
            (Self::Text(max), Value::String(given)) => {
                let length = given.chars().count();
                if length > *max {
                    return Err(Failure::invalid(format!(
                        "`{path}` has {length} characters, at most {max} are allowed"
                    )));
                }
                Ok(())
            }
            (Self::OneOf(allowed), Value::String(given)) => {
                if allowed.contains(&given.as_str()) {
                    return Ok(());
                }
                let allowed = allowed.join(", ");
                Err(Failure::invalid(format!("`{path}` must be one of {allowed}")))
            }
            (Self::Count, Value::Number(given)) if given.is_u64() => Ok(()),
            (Self::Boolean, Value::Bool(_)) => Ok(()),
            (Self::Amount | Self::Rate, Value::String(given)) => match cents(given) {
                Some(_) => Ok(()),
                None => Err(wrong(path, self)),
            },
            (Self::DateTime, Value::String(given)) => match civil::parse_date_time(given) {
                Some(_) => Ok(()),
                None => Err(wrong(path, self)),
            },
            (Self::Date, Value::String(given)) => match civil::parse_date(given) {
                Some(_) => Ok(()),
                None => Err(wrong(path, self)),
            },
            (Self::TimeOfDay, Value::String(given)) => match civil::parse_time(given) {
                Some(_) => Ok(()),
                None => Err(wrong(path, self)),
            },
            (Self::Texts, Value::Array(items)) if items.iter().all(Value::is_string) => Ok(()),
            (Self::JsonTexts, Value::String(given)) => match json_texts(given) {
                Some(_) => Ok(()),
                None => Err(wrong(path, self)),
            },
            (Self::Object(shape), Value::Object(members)) => shape.check_at(path, members),
            (Self::Objects(shape), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    let Value::Object(members) = item else {
                        return Err(Failure::invalid(format!("`{path}` must be an object")));
                    };
                    shape.check_at(&path, members)?;
                }
                Ok(())
            }
            _ => Err(wrong(path, self)),
        }
    }

    fn wanted(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::OneOf(_) => "a text",
            Self::Amount => "an amount in yuan as text with at most two decimals, like \"10.00\"",
            Self::Rate => "a rate as text with at most two decimals, like \"6.5\"",
            Self::DateTime => "a time as text in the form yyyy-MM-dd HH:mm:ss",
            Self::Date => "a date as text in the form yyyy-MM-dd",
            Self::TimeOfDay => "a time of day as text in the form HH:mm:ss",
            Self::Count => "a whole number that is not negative, without quotes",
            Self::Boolean => "true or false, without quotes",
            Self::Texts => "an array of texts",
            Self::JsonTexts => "a text that holds a JSON array of texts, like \"[\\\"1\\\"]\"",
            Self::Object(_) => "an object",
            Self::Objects(_) => "an array of objects",
        }
    }
}

fn wrong(path: &str, kind: &Kind) -> Failure {
    Failure::invalid(format!("`{path}` must be {}", kind.wanted()))
}

/// Reads an amount in yuan as fen; `None` when it is not one.
pub(crate) fn cents(amount: &str) -> Option<u64> {
    let (whole, part) = match amount.split_once('.') {
        Some((whole, part)) if (1..=2).contains(&part.len()) => (whole, part),
        Some(_) => return None,
        None => (amount, "0"),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 12 {
        return None;
    }
    let fraction: u64 = part.parse().ok()?;
    let fraction = if part.len() == 1 { fraction * 10 } else { fraction };
    Some(whole.parse::<u64>().ok()? * 100 + fraction)
}

/// Reads a text that holds a JSON array of texts.
pub(crate) fn json_texts(text: &str) -> Option<Vec<Value>> {
    let items: Vec<Value> = serde_json::from_str(text).ok()?;
    items.iter().all(Value::is_string).then_some(items)
}

#[cfg(test)]
mod tests {
    use super::cents;

    #[test]
    fn amounts_have_at_most_two_decimals() {
        assert_eq!(cents("1"), Some(100));
        assert_eq!(cents("0.1"), Some(10));
        assert_eq!(cents("10.05"), Some(1005));
        for wrong in ["", ".", "1.", ".5", "1.005", "-1", "1,0", "1e2", " 1", "9999999999999"] {
            assert_eq!(cents(wrong), None, "{wrong}");
        }
    }
}
