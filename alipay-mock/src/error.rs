//! Why the gateway refuses a request, and why an operation fails.

use std::fmt;

use serde_json::{Value, json};

/// The longest excerpt of foreign text in a message, in characters.
const LONGEST_EXCERPT: usize = 64;

/// An excerpt of foreign text for a message.
pub(crate) fn excerpt(text: &str) -> String {
    printable(text, LONGEST_EXCERPT)
}

/// Foreign text made safe for one line: control characters escaped, and cut to `most` characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut printable: String = text.chars().take(most).flat_map(char::escape_debug).collect();
    if text.chars().nth(most).is_some() {
        printable.push('…');
    }
    printable
}

/// Why a request has no result.
pub(crate) enum Error {
    Gateway(Refusal),
    Business(Failure),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Gateway(refusal)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Business(failure)
    }
}

/// An error of the gateway itself: the response's status, code and message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// The gateway itself fails.
    pub(crate) fn internal(what: &str, source: impl fmt::Display) -> Self {
        Self::new(500, "unknow-error", format!("{what}: {source}"))
    }
}

/// An error of an operation: a business code and a message without personal data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The fields at fault, if there are any.
    pub(crate) details: Vec<Detail>,
}

/// One field at fault, as the `details` of an error body name it. The value is left out: it may
/// be personal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Detail {
    /// The field's path, such as `fix_voucher_info.amount`.
    pub(crate) field: String,
    /// `body`, `query`, `path` or `header`.
    pub(crate) location: &'static str,
    /// What is wrong, in capitals: `UNKNOWN_FIELD`, `MISSING_REQUIRED`, …
    pub(crate) issue: &'static str,
    /// What is wrong, as a sentence.
    pub(crate) description: String,
}

impl Detail {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "field": self.field,
            "location": self.location,
            "issue": self.issue,
            "description": self.description,
        })
    }
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("INVALID_PARAMETER", message)
    }

    /// A required field is absent or empty.
    pub(crate) fn missing(path: &str) -> Self {
        let description = format!("`{path}` is required");
        Self::fields(vec![Detail {
            field: path.to_owned(),
            location: "body",
            issue: "MISSING_REQUIRED",
            description,
        }])
    }

    /// Fields are not as they should be.
    pub(crate) fn fields(details: Vec<Detail>) -> Self {
        let mut message = match details.first() {
            Some(detail) => detail.description.clone(),
            None => "the parameters are not valid".to_owned(),
        };
        if details.len() > 1 {
            message = format!("{message} (and {} more)", details.len() - 1);
        }
        Self { details, ..Self::invalid(message) }
    }
}

/// A key or certificate that cannot be used or made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{which}: {reason}")]
pub struct KeysError {
    which: &'static str,
    reason: String,
}

impl KeysError {
    pub(crate) fn new(which: &'static str, reason: impl fmt::Display) -> Self {
        Self { which, reason: reason.to_string() }
    }
}
