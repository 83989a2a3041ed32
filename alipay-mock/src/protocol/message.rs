//! From-Ant messages: what the gateway posts when something has happened to an activity.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::canonical;
use crate::keys::GatewayKeys;

/// Left as they are in a form; everything else is percent-encoded.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A message that is not signed yet. Not `Debug`: its content may name a user.
#[derive(Clone)]
pub(crate) struct Notice {
    /// `msg_method`.
    pub(crate) name: String,
    pub(crate) notify_id: String,
    pub(crate) utc_millis: i64,
    /// `biz_content`, JSON.
    pub(crate) content: String,
}

impl Notice {
    /// The signed form post (rule v1, `RSA2`). When encrypted, the content is, and what is signed
    /// is the ciphertext.
    pub(crate) fn form_body(&self, app_id: &str, keys: &GatewayKeys, encrypted: bool) -> String {
        let utc_timestamp = self.utc_millis.to_string();
        // Encryption fails for no text.
        let sealed = if encrypted { keys.aes.encrypt(self.content.as_bytes()).ok() } else { None };
        let mut fields = vec![
            ("notify_id", self.notify_id.as_str()),
            ("utc_timestamp", &utc_timestamp),
            ("msg_method", &self.name),
            ("app_id", app_id),
            ("version", "1.1"),
            ("biz_content", sealed.as_deref().unwrap_or(&self.content)),
            ("sign_type", "RSA2"),
            ("charset", "UTF-8"),
        ];
        if sealed.is_some() {
            fields.push(("encrypt_type", "AES"));
        }
        // Signing fails only without memory; the message then goes out unsigned, to be refused.
        let sign = keys.alipay.sign(canonical::message(&fields).as_bytes()).unwrap_or_default();
        fields.push(("sign", &sign));
        let pairs: Vec<String> = fields
            .into_iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, FORM)))
            .collect();
        pairs.join("&")
    }
}
