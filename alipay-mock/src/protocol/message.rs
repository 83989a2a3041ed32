//! The messages that the gateway posts when an activity has changed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::canonical;
use crate::calendar;
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

/// What kind of notification a message is.
#[derive(Clone)]
pub(crate) enum NoticeKind {
    /// To the application gateway URL, with a `biz_content`.
    Message,
    /// Of a payment, to the `notify_url` of its order. The members of the content are its parameters.
    Payment { notify_url: String },
}

/// A message that is not signed yet. Not `Debug`: its content may name a user.
#[derive(Clone)]
pub(crate) struct Notice {
    /// `msg_method`; of a payment its `notify_type`.
    pub(crate) name: String,
    pub(crate) kind: NoticeKind,
    pub(crate) notify_id: String,
    pub(crate) utc_millis: i64,
    /// `biz_content`, or the parameters of a payment, which are strings.
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
        let NoticeKind::Message = self.kind else { return self.payment(app_id, keys) };
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
        signed_form(fields, keys)
    }

    /// The form of a payment. It is never encrypted.
    fn payment(&self, app_id: &str, keys: &GatewayKeys) -> Result<String, KeysError> {
        let notify_time = calendar::date_time(self.utc_millis / 1000).to_string();
        let mut fields = vec![
            ("notify_id", self.notify_id.as_str()),
            ("notify_time", &notify_time),
            ("notify_type", &self.name),
            ("app_id", app_id),
            ("auth_app_id", app_id),
            ("version", "1.0"),
            ("sign_type", "RSA2"),
            ("charset", "utf-8"),
        ];
        let members = self.content.as_object().into_iter().flatten();
        fields.extend(
            members.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())),
        );
        signed_form(fields, keys)
    }
}

/// A form, or a query, with its signature (rule v1, `RSA2`).
pub(crate) fn signed_form(
    fields: Vec<(&str, &str)>,
    keys: &GatewayKeys,
) -> Result<String, KeysError> {
    let sign = keys.alipay.sign(canonical::message(&fields).as_bytes());
    let sign = sign.map_err(|e| KeysError::new(KeysPart::Made("message signature"), e))?;
    let pairs: Vec<String> = fields
        .into_iter()
        .chain([("sign", sign.as_str())])
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, FORM)))
        .collect();
    Ok(pairs.join("&"))
}
