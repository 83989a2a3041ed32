//! What is true of every error.

use alipay_core::Error;
use alipay_openapi::diag::is_command;

/// The longest error that a person would read.
const LONGEST: usize = 4000;

/// An error is one line, not too long, and shows none of these strings.
pub(crate) fn sound(error: &Error, secrets: &[&str]) {
    one_line(&error.to_string());
    let shown = format!("{error}{error:?}");
    for secret in secrets {
        assert!(!shown.contains(secret), "an error shows `{secret}`: {shown}");
    }
}

pub(crate) fn one_line(text: &str) {
    assert!(!text.is_empty(), "an error says nothing");
    assert!(!text.contains(is_command), "an error has a control character: {text:?}");
    assert!(text.len() <= LONGEST, "an error has {} bytes: {text}", text.len());
}
