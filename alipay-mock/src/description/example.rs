//! Answers made of the description's examples.

use codegen::ir::{Field, Ty, TypeId};
use serde_json::{Map, Value, json};

use super::Types;

/// How deep examples go; types may contain themselves.
const DEEPEST: usize = 8;

/// An object with every field of the struct.
pub(super) fn of_struct(types: &Types, id: &TypeId) -> Value {
    object(types, id, 0)
}

fn object(types: &Types, id: &TypeId, depth: usize) -> Value {
    let fields = types.get(id).map(|item| item.fields.as_slice()).unwrap_or_default();
    let members: Map<String, Value> = fields
        .iter()
        .filter_map(|field| Some((field.wire.clone(), of_field(types, field, depth)?)))
        .collect();
    Value::Object(members)
}

fn of_field(types: &Types, field: &Field, depth: usize) -> Option<Value> {
    of_type(types, &field.ty, field.example.as_ref(), depth)
}

/// A value of the type; the example counts only if it is of that type.
fn of_type(types: &Types, ty: &Ty, example: Option<&Value>, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let text = example.and_then(Value::as_str);
    Some(match ty {
        Ty::Text | Ty::File => match example {
            Some(Value::String(text)) => json!(text),
            // An unquoted number in the description stands for its text.
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
        Ty::Yuan | Ty::Decimal => json!(number_text(example).unwrap_or_else(|| "1.00".to_owned())),
        Ty::LocalDateTime => {
            json!(valid(text, crate::civil::parse_date_time, "2026-01-01 00:00:00"))
        }
        Ty::LocalDate => json!(valid(text, crate::civil::parse_date, "2026-01-01")),
        Ty::LocalTime => json!(valid(text, crate::civil::parse_time, "00:00:00")),
        Ty::Enum(id) => {
            let first = types.enums.get(id).and_then(|item| item.values.first());
            json!(text.or(first.map(|value| value.wire.as_str())).unwrap_or("EXAMPLE"))
        }
        Ty::Struct { id, .. } => object(types, id, depth + 1),
        Ty::List(inner) => {
            let first = match example {
                Some(Value::Array(items)) => items.first(),
                other => other,
            };
            Value::Array(of_type(types, inner, first, depth + 1).into_iter().collect())
        }
        Ty::JsonText(inner) => match text {
            Some(text) if serde_json::from_str::<Value>(text).is_ok() => json!(text),
            _ => json!(of_type(types, inner, None, depth + 1)?.to_string()),
        },
    })
}

fn number_text(example: Option<&Value>) -> Option<String> {
    let text = match example? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    (digits(whole) && digits(part)).then_some(text)
}

fn valid<'a>(text: Option<&'a str>, parse: fn(&str) -> Option<i64>, other: &'a str) -> &'a str {
    text.filter(|text| parse(text).is_some()).unwrap_or(other)
}
