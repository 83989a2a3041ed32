//! Business failures.

/// Why an operation did not happen: a business code and a message without personal data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("INVALID_PARAMETER", message)
    }

    /// A required field that is absent or empty.
    pub(crate) fn missing(path: &str) -> Self {
        Self::invalid(format!("`{path}` is required"))
    }
}
