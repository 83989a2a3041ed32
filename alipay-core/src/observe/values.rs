//! What spans and events record alike.

use std::borrow::Cow;

use crate::{
    error::{Error, ErrorKind, Outcome},
    redact::Personal,
};

/// The target of all spans and events, wherever they are in the code.
pub(super) const TARGET: &str = "alipay";

/// A name or an id that a server sent, unless it repeats personal data of the request.
pub(super) fn name<'a>(text: Option<&'a str>, personal: &Personal) -> Option<&'a str> {
    text.filter(|text| is_name(text) && !personal.is_in(text))
}

/// The code of an error, if it is signed: an unsigned one could be anything.
pub(super) fn code(error: &Error) -> Option<&str> {
    let code = error.code_text().filter(|_| error.authenticated());
    name(code, &error.request_info()?.personal)
}

/// The trace id of the response that an error is about.
pub(super) fn trace_id(error: &Error) -> Option<&str> {
    name(error.trace_id(), &error.request_info()?.personal)
}

/// The status where that says what is wrong, otherwise the kind of the error.
pub(super) fn error_type(error: &Error) -> Cow<'static, str> {
    let kind = match error.kind() {
        ErrorKind::Api | ErrorKind::Processing | ErrorKind::Status => {
            return error
                .status()
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default()
                .into();
        }
        ErrorKind::Configuration => "configuration",
        ErrorKind::Request => "request",
        ErrorKind::Connect => "connect",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Transport => "transport",
        ErrorKind::BodyTooLarge => "body_too_large",
        ErrorKind::Verification => "verification",
        ErrorKind::Decryption => "decryption",
        ErrorKind::Decode => "decode",
        ErrorKind::Notification => "notification",
    };
    kind.into()
}

/// The name of an outcome, or of a success.
pub(super) fn outcome_name(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "Success",
        Some(Outcome::NotSent) => "NotSent",
        Some(Outcome::Rejected) => "Rejected",
        Some(Outcome::Unknown) => "Unknown",
    }
}

/// Whether a string looks like a name or an id, and not like a sentence.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}
