//! The body of an error response. It is read leniently: whatever it holds, there is an error to report.

use std::fmt;

use serde_json::{Map, Value};

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
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::of(&members),
            _ => None,
        }
    }

    /// Reads the JSON of a successful response to a raw call as an error. `None` when it may be
    /// something else: an error has a code and a message, both strings, and no members but its own.
    pub(crate) fn alone(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let is_text = |name| members.get(name).is_some_and(Value::is_string);
        let known = |name: &String| ["code", "message", "details", "links"].contains(&&**name);
        let is_error = is_text("code") && is_text("message") && members.keys().all(known);
        if is_error { Self::of(members) } else { None }
    }

    fn of(members: &Map<String, Value>) -> Option<Self> {
        let code = text(members, "code").filter(|code| !code.trim().is_empty())?;
        Some(Self {
            code,
            message: text(members, "message"),
            links: members.get("links").map(list).unwrap_or_default().filter_map(link).collect(),
            details: members
                .get("details")
                .map(list)
                .unwrap_or_default()
                .filter_map(detail)
                .collect(),
        })
    }
}

/// One or many.
fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(items) => items.iter(),
        Value::Null => [].iter(),
        single => std::slice::from_ref(single).iter(),
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
