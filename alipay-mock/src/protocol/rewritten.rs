//! JSON as other libraries write it: what signed bytes become when a program reads and writes them again.

use std::fmt::Write as _;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// The longest body for which other serializations are tried, in bytes.
pub(super) const LONGEST_BODY: usize = 64 * 1024;
/// The longest of these serializations, in bytes: with its indents, what is deeply nested is many times as long.
const LONGEST_RENDERED: usize = 4 * LONGEST_BODY;
/// The longest JSON, and the most members of one of its objects, for which all orders of the members are tried.
const LONGEST_ORDERED: usize = 2 * 1024;
const MOST_MEMBERS: usize = 6;
/// The most orders that are tried.
const MOST_ORDERS: usize = 1024;

/// JSON as other libraries write it, each in other bytes than the ones given.
pub(super) fn rendered(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let mut texts = vec![text.replace("\\/", "/")];
    if let Ok(mut value) = serde_json::from_str::<Value>(text) {
        for _ in ["as sent", "sorted"] {
            texts.extend([value.to_string(), spaced(&value)]);
            let indented = ["  ", "    ", "\t"].into_iter().map(|indent| pretty(&value, indent));
            texts.extend(indented.filter(|text| text.len() <= LONGEST_RENDERED));
            value.sort_all_objects();
        }
    } else {
        texts.push(text.to_owned());
    }
    let variants = texts.into_iter().flat_map(|text| {
        let slashes = text.replace('/', "\\/");
        let ascii = ascii_only(&text);
        let html = text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        let gson = html.replace('=', "\\u003d").replace('\'', "\\u0027");
        [
            ascii_only(&slashes),
            capital_escapes(&ascii),
            ascii,
            slashes,
            html,
            gson,
            text.replace('\n', "\r\n"),
            text,
        ]
    });
    let mut variants: Vec<Vec<u8>> = variants.map(String::into_bytes).collect();
    variants.sort_unstable();
    variants.dedup();
    variants.retain(|variant| variant != body);
    variants
}

fn pretty(value: &Value, indent: &str) -> String {
    let mut text = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    // Writing to memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut text, formatter));
    String::from_utf8(text).unwrap_or_default()
}

/// JSON with characters outside ASCII as `\uXXXX`, as some libraries write it.
fn ascii_only(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// The same with capitals in `\uXXXX`.
fn capital_escapes(json: &str) -> String {
    let mut parts = json.split("\\u");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(4).unwrap_or((part, ""));
        text.push_str("\\u");
        text.push_str(&digits.to_ascii_uppercase());
        text.push_str(rest);
    }
    text
}

/// JSON with a space after each comma and colon, as some libraries write it.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), spaced(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// An object with its members in other orders, and those of the objects in it, unless there are too many.
pub(super) fn reordered(body: &[u8]) -> Vec<Vec<u8>> {
    let value = match serde_json::from_slice::<Value>(body) {
        Ok(value @ Value::Object(_)) if body.len() <= LONGEST_ORDERED => value,
        _ => return Vec::new(),
    };
    let texts = arranged(&value).unwrap_or_default().into_iter();
    texts
        .flat_map(|value| {
            let text = value.to_string();
            [text.replace('/', "\\/"), text].map(String::into_bytes)
        })
        .collect()
}

/// The value with the members of its objects in each order; `None` if these are too many.
fn arranged(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => {
            let items = items.iter().map(arranged).collect::<Option<Vec<_>>>()?;
            Some(combined(items)?.into_iter().map(Value::Array).collect())
        }
        Value::Object(members) if members.len() > MOST_MEMBERS => None,
        Value::Object(members) => {
            let names: Vec<&String> = members.keys().collect();
            let values = members.values().map(arranged).collect::<Option<Vec<_>>>()?;
            let mut all = Vec::new();
            for values in combined(values)? {
                let pairs: Vec<(&String, Value)> = names.iter().copied().zip(values).collect();
                let places: Vec<usize> = (0..pairs.len()).collect();
                for order in orders(&places) {
                    let pairs = order.into_iter().filter_map(|at| pairs.get(at).cloned());
                    all.push(Value::Object(
                        pairs.map(|(name, value)| (name.clone(), value)).collect(),
                    ));
                    if all.len() > MOST_ORDERS {
                        return None;
                    }
                }
            }
            Some(all)
        }
        scalar => Some(vec![scalar.clone()]),
    }
}

/// One of each list, in all combinations; `None` if these are too many.
fn combined(lists: Vec<Vec<Value>>) -> Option<Vec<Vec<Value>>> {
    lists.into_iter().try_fold(vec![Vec::new()], |all: Vec<Vec<Value>>, list| {
        if all.len() * list.len() > MOST_ORDERS {
            return None;
        }
        let longer = all.iter().flat_map(|begun| {
            list.iter().map(move |last| [begun.as_slice(), std::slice::from_ref(last)].concat())
        });
        Some(longer.collect())
    })
}

/// All orders of some items.
pub(super) fn orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else { return vec![Vec::new()] };
    let insert = |order: Vec<T>| {
        (0..=order.len()).map(move |at| {
            let (before, after) = order.split_at(at);
            [before, &[*first], after].concat()
        })
    };
    orders(rest).into_iter().flat_map(insert).collect()
}
