//! The body of an error response. It is read leniently: whatever it holds, there is an error to report.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value, value::RawValue};

use crate::value::looks_like_json;

#[derive(Clone, Default)]
pub(crate) struct ErrorBody {
    pub(crate) code: String,
    pub(crate) message: Option<String>,
    pub(crate) links: Vec<Link>,
    pub(crate) details: Vec<Detail>,
}

/// A page that explains an error.
///
/// Its members are as sent and may repeat parts of the request. `Debug` shows only which of them are
/// present.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Its address.
    pub link: String,
    /// What it is about, for example `解决方案`.
    pub desc: Option<String>,
}

/// What is wrong with one parameter.
///
/// Its members are as sent, and any of them may be absent. They may repeat parts of the request.
/// `Debug` shows only which of them are present.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detail {
    /// The parameter's name.
    pub field: Option<String>,
    /// The value that was refused.
    pub value: Option<String>,
    /// Where it stood: body, query, path, header.
    pub location: Option<String>,
    /// The problem, as a code.
    pub issue: Option<String>,
    /// The problem, in words.
    pub description: Option<String>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("link", &format_args!("[redacted]"))
            .field("desc", &redacted(self.desc.as_ref()))
            .finish()
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detail")
            .field("field", &redacted(self.field.as_ref()))
            .field("value", &redacted(self.value.as_ref()))
            .field("location", &redacted(self.location.as_ref()))
            .field("issue", &redacted(self.issue.as_ref()))
            .field("description", &redacted(self.description.as_ref()))
            .finish()
    }
}

/// Shows that there is a string, but nothing of it.
fn redacted(text: Option<&String>) -> Option<fmt::Arguments<'static>> {
    text.map(|_| format_args!("[redacted]"))
}

impl ErrorBody {
    /// Reads a body. `None` when it is not a JSON object with a code.
    ///
    /// `links` and `details` are described as strings but sent as arrays of objects, and other
    /// forms were seen. None of them makes the error unreadable.
    pub(crate) fn parse(body: &str) -> Option<Self> {
        Self::of(&members(body)?)
    }

    /// Reads the JSON of a successful response to a raw call as an error. `None` when it may be
    /// something else: an error has a code and a message, both strings, and no members but its own.
    pub(crate) fn alone(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let is_text = |name| members.get(name).is_some_and(Value::is_string);
        let known = |name: &String| MEMBERS.contains(&&**name);
        let is_error = is_text("code") && is_text("message") && members.keys().all(known);
        if is_error { Self::of(members) } else { None }
    }

    fn of(members: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            code: code(members)?,
            message: text(members, "message"),
            links: list(members, "links").iter().filter_map(link).collect(),
            details: list(members, "details").iter().filter_map(detail).collect(),
        })
    }
}

/// Whether JSON has a code.
pub(crate) enum Code {
    Absent,
    /// It is blank, or neither a string nor a number.
    Unreadable,
    Readable,
}

impl Code {
    pub(crate) fn of(body: &str) -> Self {
        let Some(members) = members(body) else { return Self::Absent };
        match (members.get("code"), code(&members)) {
            (_, Some(_)) => Self::Readable,
            (Some(_), None) => Self::Unreadable,
            (None, None) => Self::Absent,
        }
    }
}

const MEMBERS: [&str; 4] = ["code", "message", "details", "links"];

/// The members of an object that an error has. Whatever else is in it may be odd, and one of them that
/// cannot be read is `null`.
fn members(body: &str) -> Option<Map<String, Value>> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(body).ok()?;
    let known = members.into_iter().filter(|(name, _)| MEMBERS.contains(&&**name));
    Some(known.map(|(name, json)| (name, value(json.get()))).collect())
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// A code with characters that are not as they were sent is none.
fn code(members: &Map<String, Value>) -> Option<String> {
    let is_whole = |code: &String| !code.contains(char::REPLACEMENT_CHARACTER);
    text(members, "code").filter(|code| !code.trim().is_empty()).filter(is_whole)
}

/// One or many, as JSON or as a string that holds it.
fn list(members: &Map<String, Value>, name: &str) -> Vec<Value> {
    let inside = match members.get(name) {
        Some(Value::String(text)) if looks_like_json(text.as_bytes()) => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    };
    match inside.or_else(|| members.get(name).cloned()) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(single) => vec![single],
    }
}

fn link(value: &Value) -> Option<Link> {
    match value {
        Value::String(link) if !link.is_empty() => Some(Link { link: link.clone(), desc: None }),
        Value::Object(members) => {
            Some(Link { link: text(members, "link")?, desc: text(members, "desc") })
        }
        _ => None,
    }
}

fn detail(value: &Value) -> Option<Detail> {
    match value {
        Value::String(words) if !words.is_empty() => {
            Some(Detail { description: Some(words.clone()), ..Detail::default() })
        }
        Value::Object(members) => Some(Detail {
            field: text(members, "field"),
            value: text(members, "value"),
            location: text(members, "location"),
            issue: text(members, "issue"),
            description: text(members, "description"),
        }),
        _ => None,
    }
}

/// A member as a string; numbers and bools are converted.
fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    match members.get(name)? {
        Value::String(text) => Some(text.clone()),
        number @ (Value::Number(_) | Value::Bool(_)) => Some(number.to_string()),
        _ => None,
    }
}
