//! What is said of keys and certificates, by more than one command.

use std::time::SystemTime;

use alipay_core::keys::Form;
use alipay_core::value::LocalDateTime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The form of a key, as programs and Alipay's key tool call it.
pub(crate) fn form(form: Form) -> &'static str {
    match form {
        Form::Pkcs1Private | Form::Pkcs1Public => "PKCS#1",
        Form::Pkcs8Private => "PKCS#8",
        Form::PublicKeyInfo => "X.509",
    }
}

/// How a key is written. Much of it is read here, and not by other programs: then it says so.
pub(crate) fn written(text: &str, form: Form) -> String {
    let text = text.trim();
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let strange = if let Some(pem) = text.strip_prefix("-----BEGIN ") {
        let label = pem.split("-----").next().unwrap_or_default();
        if pem.contains("\\n") {
            "PEM with `\\n` written out in place of line feeds".to_owned()
        } else if !pem.contains(['\n', '\r']) {
            "PEM in one line".to_owned()
        } else if label != label_of(form) && !pem.contains("-----BEGIN ") {
            format!("PEM with the wrong label: `{label}` instead of `{}`", label_of(form))
        } else {
            return "PEM".to_owned();
        }
    } else if text.chars().all(is_base64) {
        let inner = STANDARD.decode(text).ok().and_then(|inner| String::from_utf8(inner).ok());
        if inner.is_none() {
            return "bare base64".to_owned();
        }
        "in base64 twice".to_owned()
    } else if ["%2B", "%2F", "%2b", "%2f"].iter().any(|escape| text.contains(escape)) {
        "percent-encoded".to_owned()
    } else {
        "with other text around it, or in base64 of several lines".to_owned()
    };
    format!("{strange}; other programs may not read that, but what `alipay keys convert` writes")
}

/// The label of a key in PEM.
fn label_of(form: Form) -> &'static str {
    match form {
        Form::Pkcs1Private => "RSA PRIVATE KEY",
        Form::Pkcs8Private => "PRIVATE KEY",
        Form::Pkcs1Public => "RSA PUBLIC KEY",
        Form::PublicKeyInfo => "PUBLIC KEY",
    }
}

/// A time as Alipay's console shows it.
pub(crate) fn time(time: SystemTime) -> String {
    match LocalDateTime::try_from(time) {
        Ok(time) => format!("{time} Beijing time"),
        Err(_) => "a time beyond the calendar".to_owned(),
    }
}
