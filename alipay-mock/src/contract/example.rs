//! Responses and messages made of the description's examples.

use std::str::FromStr;

use alipay_core::value::{Decimal, LocalDate, LocalDateTime, LocalTime, Yuan};
use serde_json::{Map, Value, json};

use super::types::{Contract, Ty};

/// How deep examples go.
const DEEPEST: usize = 8;
/// How many values an example has at most: types that name each other many times would make more
/// of them than anybody reads.
const MOST_VALUES: usize = 10_000;

/// An object with every field of the struct; an empty one if the struct is not described.
pub(crate) fn example(contract: &Contract, id: &str) -> Map<String, Value> {
    Maker { contract, path: Vec::new(), left: MOST_VALUES }.object(id)
}

struct Maker<'a> {
    contract: &'a Contract,
    /// The structs around the present value.
    path: Vec<&'a str>,
    /// How many more values there may be.
    left: usize,
}

impl<'a> Maker<'a> {
    fn object(&mut self, id: &str) -> Map<String, Value> {
        let mut members = Map::new();
        let Some((id, fields)) = self.contract.structs.get_key_value(id) else { return members };
        self.path.push(id);
        for field in fields {
            if let Some(value) = self.of_type(&field.ty, field.example.as_ref(), 0) {
                members.insert(field.name.clone(), value);
            }
        }
        self.path.pop();
        members
    }

    /// A value of the type, within `depth` lists. The example is used only if it has that type.
    fn of_type(&mut self, ty: &'a Ty, example: Option<&Value>, depth: usize) -> Option<Value> {
        if self.path.len() + depth > DEEPEST + 1 {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let text = example.and_then(Value::as_str);
        Some(match ty {
            Ty::String | Ty::File => match example {
                Some(Value::String(text)) => json!(text),
                // An unquoted number in the description stands for a string.
                Some(Value::Number(number)) => json!(number.to_string()),
                _ => json!("example"),
            },
            Ty::Boolean => json!(match text {
                Some(text) => text == "true",
                None => example.and_then(Value::as_bool).unwrap_or(true),
            }),
            Ty::Integer => json!(
                example
                    .and_then(Value::as_i64)
                    .or_else(|| text.and_then(|text| text.parse().ok()))
                    .unwrap_or(1)
            ),
            Ty::Number => json!(
                example
                    .and_then(Value::as_f64)
                    .or_else(|| text.and_then(|text| text.parse().ok()))
                    .unwrap_or(1.5)
            ),
            Ty::Any => example.cloned().unwrap_or_else(|| json!({})),
            Ty::Map(inner) => {
                let entries: Vec<(&str, Option<&Value>)> = match example.and_then(Value::as_object)
                {
                    Some(entries) => entries.iter().map(|(k, v)| (k.as_str(), Some(v))).collect(),
                    None => vec![("key", None)],
                };
                let mut map = Map::new();
                for (key, value) in entries {
                    let value = self.of_type(inner, value, depth + 1);
                    map.extend(value.map(|value| (key.to_owned(), value)));
                }
                Value::Object(map)
            }
            Ty::Yuan => {
                let amount = number_text(example).and_then(|text| text.parse::<Yuan>().ok());
                json!(amount.map_or_else(|| "1.00".to_owned(), |amount| amount.to_string()))
            }
            Ty::Decimal => {
                json!(number_text(example).unwrap_or_else(|| "1.00".to_owned()))
            }
            Ty::DateTime => {
                json!(valid::<LocalDateTime>(text, "2026-01-01 00:00:00"))
            }
            Ty::Date => json!(valid::<LocalDate>(text, "2026-01-01")),
            Ty::Time => json!(valid::<LocalTime>(text, "00:00:00")),
            Ty::Enum(id) => {
                let first = self.contract.enums.get(id).and_then(|item| item.values.first());
                json!(text.or(first.map(String::as_str)).unwrap_or("EXAMPLE"))
            }
            // A type within itself would never end.
            Ty::Struct(id) if self.path.contains(&id.as_str()) => return None,
            Ty::Struct(id) => Value::Object(self.object(id)),
            Ty::List(inner) => {
                let first = match example {
                    Some(Value::Array(items)) => items.first(),
                    other => other,
                };
                Value::Array(self.of_type(inner, first, depth + 1).into_iter().collect())
            }
            Ty::JsonString(inner) => match text {
                Some(text) if serde_json::from_str::<Value>(text).is_ok() => json!(text),
                _ => json!(self.of_type(inner, None, depth + 1)?.to_string()),
            },
        })
    }
}

fn number_text(example: Option<&Value>) -> Option<String> {
    let text = match example? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    text.parse::<Decimal>().is_ok().then_some(text)
}

fn valid<'a, T: FromStr>(text: Option<&'a str>, other: &'a str) -> &'a str {
    text.filter(|text| text.parse::<T>().is_ok()).unwrap_or(other)
}
