//! Bounds that the typed model cannot hold. It knows those of 64 bits and no others; `x-alipay-minimum`
//! and `x-alipay-maximum` are exact.

use serde_json::{Map, Number, Value};

use super::{shapes::ObjectKind, walk::each_object_mut};

/// The bounds, with how the same is said exactly and what makes it exclusive.
const BOUNDS: [(&str, &str, &str); 2] = [
    ("minimum", "x-alipay-minimum", "exclusiveMinimum"),
    ("maximum", "x-alipay-maximum", "exclusiveMaximum"),
];

/// Writes each bound of a description so that the typed model keeps it.
pub(super) fn keep(root: &mut Value) {
    within(ObjectKind::Root, root);
}

fn within(kind: ObjectKind, value: &mut Value) {
    let Value::Object(map) = value else { return };
    if kind == ObjectKind::Schema {
        bounds(map);
    }
    for (key, value) in map {
        if let Some(row) = kind.row(key) {
            each_object_mut(row.holds, value, &mut within);
        }
    }
}

fn bounds(schema: &mut Map<String, Value>) {
    let is_integer = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => true,
        Some("number") => false,
        _ => return,
    };
    for (key, exact, exclusive) in BOUNDS {
        let Some(bound) = schema.get(key) else { continue };
        if let Some(whole) =
            bound.as_f64().filter(|_| is_integer && !bound.is_u64()).and_then(whole)
        {
            schema.insert(key.to_owned(), Value::Number(whole));
            continue;
        }
        let is_exclusive = schema.get(exclusive) == Some(&Value::Bool(true));
        if is_exclusive || schema.contains_key(exact) {
            continue;
        }
        if let Some(text) = beyond(bound, is_integer) {
            schema.shift_remove(key);
            schema.insert(exact.to_owned(), Value::String(text));
        }
    }
}

/// A number that is whole though it is written with a fraction.
#[allow(clippy::cast_possible_truncation, reason = "only where it is exact")]
fn whole(bound: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (bound.fract() == 0.0 && bound.abs() < EXACT).then(|| Number::from(bound as i64))
}

/// A bound that the model cannot hold, in digits.
fn beyond(bound: &Value, is_integer: bool) -> Option<String> {
    match bound {
        Value::Number(number) => {
            let held = if is_integer {
                number.is_i64() || number.as_f64().is_some_and(|near| near.fract() != 0.0)
            } else {
                let exact = number.as_f64().map(|near| format!("{near:.0}"));
                number.is_f64() || exact == Some(number.to_string())
            };
            if held {
                return None;
            }
            Some(if number.is_f64() {
                format!("{:.0}", number.as_f64()?)
            } else {
                number.to_string()
            })
        }
        // What 64 bits do not hold was read as a string.
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_long = digits.len() > 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_long && text.parse::<i64>().is_err() && text.parse::<u64>().is_err())
                .then(|| text.clone())
        }
        _ => None,
    }
}
