//! Business failures.

use serde_json::{Value, json};

/// Why an operation did not happen: a business code and a message without personal data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The fields at fault, where there are such.
    pub(crate) details: Vec<Detail>,
}

/// One field at fault, as the `details` of an error body name it. The value is left out: it may
/// be personal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Detail {
    /// The field's path, such as `fix_voucher_info.amount`.
    pub(crate) field: String,
    /// `body`, `query` or `path`.
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

    /// A required field that is absent or empty.
    pub(crate) fn missing(path: &str) -> Self {
        let description = format!("`{path}` is required");
        Self::fields(vec![Detail {
            field: path.to_owned(),
            location: "body",
            issue: "MISSING_REQUIRED",
            description,
        }])
    }

    /// Fields that are not as they should be.
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
