//! What is said of keys and certificates, by more than one command.

use std::time::SystemTime;

use alipay_core::keys::Form;
use alipay_core::value::LocalDateTime;

/// The form of a key, as programs and Alipay's key tool call it.
pub(crate) fn form(form: Form) -> &'static str {
    match form {
        Form::Pkcs1Private | Form::Pkcs1Public => "PKCS#1",
        Form::Pkcs8Private => "PKCS#8",
        Form::PublicKeyInfo => "X.509",
    }
}

/// How a key is written. Other forms than the first two are read here, and not by every program.
pub(crate) fn written(text: &str) -> &'static str {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    if text.trim().starts_with("-----BEGIN ") {
        "PEM"
    } else if text.trim().chars().all(is_base64) {
        "bare base64"
    } else {
        "with other text around it, or in base64 of several lines"
    }
}

/// A time as Alipay's console shows it.
pub(crate) fn time(time: SystemTime) -> String {
    match LocalDateTime::try_from(time) {
        Ok(time) => format!("{time} Beijing time"),
        Err(_) => "a time beyond the calendar".to_owned(),
    }
}
