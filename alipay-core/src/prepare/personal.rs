//! Collects the personal data of a request, so that it can be redacted where a server repeats it.

use std::{borrow::Cow, iter};

use bytes::Bytes;

use super::target;
use crate::{
    model::{Model, Place, Ref, items, present},
    redact::{Personal, PersonalStrings},
    value::looks_like_json,
};

/// The strings and numbers of sensitive fields, and the names of files.
pub(super) fn of_model(request: &dyn Model) -> PersonalStrings {
    let mut found = Found::default();
    for (field, value) in present(request) {
        found.in_target = matches!(field.place, Place::Path | Place::Query);
        found.value(&value, field.sensitive);
    }
    found.texts
}

/// Of a request that there is no model of, all values may be personal: those of path and query, those
/// in its JSON, and the names of its files.
pub(super) fn of_raw<'a>(
    values: impl Iterator<Item = &'a str>,
    json: Option<&Bytes>,
    files: impl Iterator<Item = &'a str>,
) -> PersonalStrings {
    let mut found = Found { in_target: true, ..Found::default() };
    values.for_each(|value| found.text(value));
    found.in_target = false;
    if let Some(json) = json {
        found.json(json);
    }
    files.for_each(|name| found.text(name));
    found.texts
}

/// Of an order, these values may be personal, and what is in those that are JSON.
pub(crate) fn personal_in<'a>(values: impl Iterator<Item = &'a str>) -> Personal {
    of_raw(values, None, iter::empty()).finish()
}

/// Adds the strings and numbers of a value that the caller has written as JSON.
pub(super) fn add_raw(texts: &mut PersonalStrings, json: &str, in_target: bool) {
    let mut found = Found { texts: std::mem::take(texts), in_target, depth: 0 };
    found.json(json.as_bytes());
    *texts = found.texts;
}

/// How many levels deep JSON is looked for in the strings of JSON.
const NESTED: u32 = 4;

#[derive(Default)]
struct Found {
    texts: PersonalStrings,
    /// Whether the present value stands in path or query.
    in_target: bool,
    /// How many strings of JSON the present value stands in.
    depth: u32,
}

impl Found {
    fn text(&mut self, text: &str) {
        self.texts.add(text);
        if self.in_target {
            if let Cow::Owned(encoded) = target::encoded(text) {
                self.texts.add(&encoded);
            }
        }
        // Some fields are strings that hold JSON: `"{\"name\":\"王小明\"}"`.
        if self.depth < NESTED && looks_like_json(text.as_bytes()) {
            self.depth += 1;
            self.json(text.as_bytes());
            self.depth -= 1;
        }
    }

    fn value(&mut self, value: &Ref<'_>, sensitive: bool) {
        match value {
            Ref::String(text) if sensitive => self.text(text),
            Ref::Integer(number) if sensitive => self.text(&number.to_string()),
            Ref::Float(number) if sensitive => {
                // A very long number is written differently in path and query than in JSON.
                self.text(&number.to_string());
                if let Some(number) = serde_json::Number::from_f64(*number) {
                    self.text(&number.to_string());
                }
            }
            Ref::Json(json) if sensitive => self.json(json.as_str().as_bytes()),
            Ref::File(file) => self.text(file.name()),
            Ref::JsonText(value) => self.value(&value.get(), sensitive),
            Ref::Model(model) => {
                for (field, value) in present(*model) {
                    self.value(&value, sensitive || field.sensitive);
                }
            }
            Ref::Map(map) => map.each(&mut |key, value| {
                if sensitive {
                    self.text(key);
                }
                self.value(&value.get(), sensitive);
            }),
            Ref::List(list) => {
                for item in items(*list) {
                    self.value(&item, sensitive);
                }
            }
            Ref::Absent
            | Ref::String(_)
            | Ref::Integer(_)
            | Ref::Float(_)
            | Ref::Bool(_)
            | Ref::Json(_) => {}
        }
    }

    /// The strings and numbers of some JSON, and its keys except those that are names of fields.
    ///
    /// It is read token by token. A tree would lose the digits of long numbers, and refuse JSON that is
    /// nested very deep.
    fn json(&mut self, json: &[u8]) {
        let mut rest = json;
        while let Some(first) = rest.first() {
            let (length, is_text) = match first {
                b'"' => (length_of_text(rest), true),
                b'-' | b'0'..=b'9' => (length_of_number(rest), false),
                _ => (0, false),
            };
            let Some((word, after)) = rest.split_at_checked(length.max(1)) else { return };
            rest = after;
            let is_key = is_text && after.trim_ascii_start().first() == Some(&b':');
            if length > 0 && !(is_key && is_name(word)) {
                match serde_json::from_slice::<String>(word) {
                    Ok(text) => self.text(&text),
                    Err(_) => self.text(&String::from_utf8_lossy(word)),
                }
            }
        }
    }
}

/// How long the string is with which some JSON begins, with its quotes.
fn length_of_text(json: &[u8]) -> usize {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let ends = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        ends
    });
    end.map_or(json.len(), |end| end + 2)
}

fn length_of_number(json: &[u8]) -> usize {
    let of_number = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    json.iter().take_while(of_number).count()
}

/// Whether a key, in quotes, looks like the name of a field and not like data.
fn is_name(key: &[u8]) -> bool {
    let [b'"', first, others @ .., b'"'] = key else { return false };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    (first.is_ascii_alphabetic() || *first == b'_') && others.iter().all(fits)
}
