//! The messages that the gateway posts when an activity has changed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::canonical;
use crate::error::{KeysError, KeysPart};
use crate::keys::GatewayKeys;

/// Everything else is percent-encoded in a form.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Whether content is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encryption {
    /// It is plain JSON.
    Off,
    /// It is encrypted with the AES key.
    Aes,
}

impl Encryption {
    pub(crate) fn aes(encrypted: bool) -> Self {
        if encrypted { Self::Aes } else { Self::Off }
    }
}

/// A message that is not signed yet. Not `Debug`: its content may name a user.
#[derive(Clone)]
pub(crate) struct Notice {
    /// `msg_method`.
    pub(crate) name: String,
    pub(crate) notify_id: String,
    pub(crate) utc_millis: i64,
    /// `biz_content`.
    pub(crate) content: Value,
}

impl Notice {
    /// The signed form (rule v1, `RSA2`). If the content is encrypted, the ciphertext is signed.
    pub(crate) fn form_body(
        &self,
        app_id: &str,
        keys: &GatewayKeys,
        encryption: Encryption,
    ) -> Result<String, KeysError> {
        let utc_timestamp = self.utc_millis.to_string();
        let mut content = self.content.to_string();
        if encryption == Encryption::Aes {
            let encrypted = keys.aes.encrypt(content.as_bytes());
            content =
                encrypted.map_err(|e| KeysError::new(KeysPart::Made("message encryption"), e))?;
        }
        let mut fields = vec![
            ("notify_id", self.notify_id.as_str()),
            ("utc_timestamp", &utc_timestamp),
            ("msg_method", &self.name),
            ("app_id", app_id),
            ("version", "1.1"),
            ("biz_content", &content),
            ("sign_type", "RSA2"),
            ("charset", "UTF-8"),
        ];
        if encryption == Encryption::Aes {
            fields.push(("encrypt_type", "AES"));
        }
        let sign = keys.alipay.sign(canonical::message(&fields).as_bytes());
        let sign = sign.map_err(|e| KeysError::new(KeysPart::Made("message signature"), e))?;
        fields.push(("sign", &sign));
        let pairs: Vec<String> = fields
            .into_iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, FORM)))
            .collect();
        Ok(pairs.join("&"))
    }
}
