//! Why a request is refused.

use std::fmt;

use serde::Serialize;

use crate::protocol::diagnosis::Diagnosis;

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

/// The known name that a wrong one was probably meant to be.
pub(crate) fn nearest<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // To compare takes the product of the lengths.
    let given = match given.char_indices().nth(LONGEST_EXCERPT) {
        Some((end, _)) => given.get(..end).unwrap_or_default(),
        None => given,
    };
    let slips = |name: &str| strsim::damerau_levenshtein(given, name);
    let (name, slips) =
        known.into_iter().map(|name| (name, slips(name))).min_by_key(|(_, slips)| *slips)?;
    (slips <= (given.len() / 3).max(1)).then_some(name)
}

/// Who refuses a request. Whether the response is signed depends on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// The gateway: codes like `invalid-signature`.
    Gateway,
    /// The operation: codes like `INVALID_PARAMETER`.
    Operation,
}

/// Why a request is refused: the response's status, code and message. The message has no personal data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) by: By,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The fields at fault, if there are any.
    pub(crate) details: Vec<Detail>,
    /// What was found out about a wrong signature.
    pub(crate) diagnosis: Option<Box<Diagnosis>>,
}

/// One field at fault, as the `details` of an error body name it. The value is left out: it may
/// be personal.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Detail {
    /// The field's path, such as `fix_voucher_info.amount`.
    pub(crate) field: String,
    /// `body`, `query`, `path` or `header`.
    pub(crate) location: &'static str,
    /// A JSON pointer to it, within its location; empty if that is not known.
    #[serde(skip)]
    pub(crate) pointer: String,
    /// What is wrong, in capitals: `UNKNOWN_FIELD`, `MISSING_REQUIRED`, …
    pub(crate) issue: &'static str,
    /// What is wrong, as a sentence.
    pub(crate) description: String,
}

impl Refusal {
    /// By the gateway.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { by: By::Gateway, status, code, message, details: Vec::new(), diagnosis: None }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// The gateway itself fails.
    pub(crate) fn internal(what: &str, source: impl fmt::Display) -> Self {
        Self::new(500, "unknow-error", format!("{what}: {source}"))
    }

    /// By the operation. Documented for a sibling: the status is 400.
    pub(crate) fn business(code: &'static str, message: impl Into<String>) -> Self {
        Self { by: By::Operation, ..Self::new(400, code, message) }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::business("INVALID_PARAMETER", message)
    }

    /// A required field is absent or empty.
    pub(crate) fn missing(path: &str) -> Self {
        Self::invalid(format!("`{path}` is required")).lacks(path)
    }

    /// The same, about the field at fault: one of the request, by its path.
    pub(crate) fn at(self, field: impl Into<String>) -> Self {
        self.because(field, "BREAKS_RULE")
    }

    /// The same, about a required field that is absent or empty.
    pub(crate) fn lacks(self, field: impl Into<String>) -> Self {
        self.because(field, "MISSING_REQUIRED")
    }

    fn because(self, field: impl Into<String>, issue: &'static str) -> Self {
        let (field, description) = (field.into(), self.message.clone());
        let (location, pointer) = ("body", String::new());
        Self { details: vec![Detail { field, location, pointer, issue, description }], ..self }
    }

    /// The same, with the place of each field.
    pub(crate) fn located(mut self, place: impl Fn(&str) -> &'static str) -> Self {
        for detail in &mut self.details {
            detail.location = place(&detail.field);
        }
        self
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

/// Refuses a request for the gateway, with status 400.
pub(crate) fn bad_request<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::bad_request(code, message))
}

/// Refuses a request for its operation.
pub(crate) fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::invalid(message))
}

/// Refuses a request for its operation, unless the condition holds.
pub(crate) fn ensure(condition: bool, otherwise: &str) -> Result<(), Refusal> {
    if condition { Ok(()) } else { invalid(otherwise) }
}

/// Refuses a request for its operation, because of a field.
pub(crate) fn invalid_at<T>(
    field: impl Into<String>,
    message: impl Into<String>,
) -> Result<T, Refusal> {
    Err(Refusal::invalid(message).at(field))
}

/// Refuses a request for its operation, because of a field, unless the condition holds.
pub(crate) fn ensure_at(
    field: impl Into<String>,
    condition: bool,
    otherwise: &str,
) -> Result<(), Refusal> {
    if condition { Ok(()) } else { invalid_at(field, otherwise) }
}

/// A key or certificate that cannot be used or made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{about}: {reason}")]
pub struct KeysError {
    about: KeysPart,
    reason: String,
}

impl KeysError {
    pub(crate) fn new(about: KeysPart, reason: impl fmt::Display) -> Self {
        Self { about, reason: reason.to_string() }
    }

    /// What cannot be used or made.
    #[must_use]
    pub fn about(&self) -> KeysPart {
        self.about
    }
}

/// A part of the keys of a gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysPart {
    /// The app's private key.
    #[error("app private key")]
    AppPrivateKey,
    /// The app's public key.
    #[error("app public key")]
    AppPublicKey,
    /// Alipay's private key, which the gateway signs with.
    #[error("Alipay private key")]
    AlipayPrivateKey,
    /// Alipay's public key.
    #[error("Alipay public key")]
    AlipayPublicKey,
    /// The AES key.
    #[error("encrypt key")]
    EncryptKey,
    /// The app's certificate.
    #[error("app certificate")]
    AppCertificate,
    /// Alipay's certificate.
    #[error("Alipay certificate")]
    AlipayCertificate,
    /// The root certificate.
    #[error("root certificate")]
    RootCertificate,
    /// The three certificates together.
    #[error("certificates")]
    Certificates,
    /// A new key, or a message that is made with the keys.
    #[error("{0}")]
    Made(&'static str),
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_the_beginning_of_a_long_name_is_compared() {
        let name = format!("x{}", "é".repeat(63));
        let given = format!("x{}", "é".repeat(1000));
        assert_eq!(nearest(&given, [name.as_str()]), Some(name.as_str()));
        assert_eq!(nearest("hagn", ["close", "hang"]), Some("hang"));
        assert_eq!(nearest("", []), None);
    }
}
