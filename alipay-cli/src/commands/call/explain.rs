//! What is sent, and what of it is signed.

use alipay_core::prepare::Prepared;
use alipay_openapi::diag::inline;
use serde_json::{Value, json};

use crate::output::Line;

/// The header with the token of a merchant, which is a secret.
const APP_AUTH_TOKEN: &str = "alipay-app-auth-token";
const REDACTED: &str = "[redacted]";

/// A signed request, without secrets.
pub(super) struct Explained {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    /// The string that is signed; a token is replaced.
    signed: String,
}

impl Explained {
    pub(super) fn new(prepared: &Prepared) -> Self {
        let request = prepared.request();
        let token = request.headers().get(APP_AUTH_TOKEN).and_then(|value| value.to_str().ok());
        let signed = String::from_utf8_lossy(&prepared.string_to_sign()).into_owned();
        // The token is the last line.
        let signed = match token.and_then(|token| signed.strip_suffix(&format!("{token}\n"))) {
            Some(before) => format!("{before}{REDACTED}\n"),
            None => signed,
        };
        let headers = request.headers().iter().map(|(name, value)| {
            let shown = match name.as_str() {
                APP_AUTH_TOKEN => REDACTED.into(),
                _ => String::from_utf8_lossy(value.as_bytes()),
            };
            (name.to_string(), shown.into_owned())
        });
        Self {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: headers.collect(),
            signed,
        }
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let request = Line::new().strong(&self.method).plain(" ").plain(inline(&self.url));
        let mut lines = vec![request];
        for (name, value) in &self.headers {
            lines.push(Line::new().strong(name).plain(": ").plain(inline(value)));
        }
        lines.push(Line::new());
        let count = self.signed.matches('\n').count();
        let heading = format!("String to sign ({count} line feeds, one at the end of each line)");
        lines.push(Line::new().strong(heading));
        let signed = self.signed.strip_suffix('\n').unwrap_or(&self.signed);
        lines.extend(signed.split('\n').map(|line| Line::new().plain(inline(line))));
        lines
    }

    pub(super) fn document(&self) -> Value {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), json!(value)));
        json!({
            "method": self.method,
            "url": self.url,
            "headers": Value::Object(headers.collect()),
            "string_to_sign": self.signed,
        })
    }
}
