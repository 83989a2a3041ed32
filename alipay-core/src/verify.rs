//! Verifying what Alipay sends, and verifiers of your own.
//!
//! Usually you give Alipay's public key or certificates to [`Credentials`]. Implement [`Verifier`] if
//! Alipay's key is kept elsewhere or you have rules of your own; see [`Credentials::verifier`].
//!
//! Nothing can be read that was not verified. The body of a response reaches the decoder in a private
//! type that only verification makes:
//!
//! ```compile_fail,E0603
//! use alipay_core::verify::VerifiedBody;
//! ```
//!
//! The types that say something was verified cannot be made by hand, neither a [`Response`] nor a
//! [`Verified<Notification>`]:
//!
//! ```compile_fail,E0451
//! let forged = alipay_core::Response { body: String::new(), facts: todo!() };
//! ```
//!
//! ```compile_fail,E0624
//! let forged = alipay_core::Response::<String>::new(String::new(), todo!());
//! ```
//!
//! ```compile_fail,E0451
//! fn forge(notification: alipay_core::notification::Notification) {
//!     let forged = alipay_core::notification::Verified { value: notification };
//! }
//! ```
//!
//! A notification cannot be read before it is verified either, because only
//! [`Client::verify_notification`] reads one.
//!
//! ```compile_fail,E0603
//! let unverified = alipay_core::notification::form::parse(b"notify_id=1&sign=");
//! ```
//!
//! # What the signature of a response proves, and what not
//!
//! It covers the time, the nonce and the body of the response: Alipay sent this body at this time.
//! It does **not** cover which request, operation, merchant or app the response is for, nor the HTTP
//! status or other headers such as `alipay-trace-id`. For these you depend on the connection, which is
//! TLS to Alipay's host. Whatever stands within it, such as a proxy or load balancer that decrypts
//! it, can pass a genuine response to another request than its own. A client notices two such cases:
//!
//! - a response that was used already: [each is used once](crate::ClientBuilder::remembered_responses);
//! - a response that was signed before its request, by more than
//!   [the clocks may differ](crate::ClientBuilder::timestamp_tolerance).
//!
//! It does not notice a genuine, new response that belongs to another request: one that was swapped
//! with the response to a request at the same time, or that nobody asked for. Where that matters,
//! compare what the response repeats of the request (`out_biz_no`, an amount), or query.
//!
//! [`Response`]: crate::Response
//! [`Verified<Notification>`]: crate::notification::Verified
//! [`Client::verify_notification`]: crate::Client::verify_notification

mod used;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName};

pub use crate::trust::Verifier;
use crate::{
    charset, clock,
    credentials::Credentials,
    encrypt::{AesKey, EncryptError},
    error::{Error, ErrorKind},
    input::term,
    model::{Model, Unreadable, decode_json, decode_text},
    redact::Personal,
    trust::TrustError,
};
pub(crate) use used::Used;

const SIGNATURE: HeaderName = HeaderName::from_static("alipay-signature");
const TIMESTAMP: HeaderName = HeaderName::from_static("alipay-timestamp");
const NONCE: HeaderName = HeaderName::from_static("alipay-nonce");
const SERIAL: HeaderName = HeaderName::from_static("alipay-sn");

/// A body whose signature was checked.
///
/// Only this module makes one, and models are decoded from nothing else. So a response cannot be used
/// before it is verified.
#[derive(Clone)]
pub(crate) struct VerifiedBody {
    bytes: Bytes,
}

impl VerifiedBody {
    /// The body as it was received, and still encrypted if it was sent so.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn decrypt(self, key: &AesKey) -> Result<Self, EncryptError> {
        Ok(Self { bytes: Bytes::from(key.decrypt(&self.bytes)?) })
    }

    /// Reads the body into a blank model, and gives what could not be read. An empty body leaves it
    /// blank.
    pub(crate) fn decode(
        &self,
        content_type: Option<&str>,
        model: &mut dyn Model,
    ) -> Result<Vec<Unreadable>, serde_json::Error> {
        // Nearly all bodies are UTF-8, and all that is in them can be read.
        if charset::declared(content_type).is_none() && decode_json(model, &self.bytes).is_ok() {
            return Ok(Vec::new());
        }
        match charset::decode(&self.bytes, content_type) {
            decoded if decoded.text.trim().is_empty() => Ok(Vec::new()),
            decoded => decode_text(model, &decoded.text, decoded.damaged),
        }
    }

    /// Reads the body as any JSON. An empty body is `null`.
    pub(crate) fn decode_json(
        &self,
        content_type: Option<&str>,
    ) -> Result<serde_json::Value, serde_json::Error> {
        match (charset::declared(content_type), serde_json::from_slice(&self.bytes)) {
            (None, Ok(value)) => Ok(value),
            (_, strict) => match charset::decode(&self.bytes, content_type) {
                decoded if decoded.text.trim().is_empty() => Ok(serde_json::Value::Null),
                decoded if decoded.damaged => strict,
                decoded => serde_json::from_str(&decoded.text),
            },
        }
    }
}

/// Why a response is not proven to be from Alipay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error("the response has more than one {0} header")]
    Twice(HeaderName),
    #[error("the response's {0} header is missing or not readable")]
    Unreadable(HeaderName),
    #[error("the response {0}")]
    Untrusted(TrustError),
    #[error("the response's {}: {}", term!(signature_is_wrong), term!(why_it_is_wrong))]
    Mismatch,
    #[error("the response's alipay-timestamp is not a time in milliseconds")]
    NotATime,
    #[error(
        "the response was signed {seconds} s before its request, by this computer's clock: the clock \
         is wrong, or the response is an old one"
    )]
    BeforeRequest { seconds: u64 },
    #[error(
        "the response was signed {seconds} s after it came, by this computer's clock: the clock is wrong"
    )]
    AfterReceipt { seconds: u64 },
    #[error("the response is a copy of one that was used before")]
    Used,
}

impl VerifyError {
    /// The same without these personal values.
    pub(crate) fn without(self, personal: &Personal) -> Self {
        match self {
            Self::Untrusted(problem) => Self::Untrusted(problem.without(personal)),
            other => other,
        }
    }
}

/// When a response can have been signed: between its request and its receipt, give or take the
/// difference of the clocks.
pub(crate) struct Window {
    /// When the request was signed, by this computer's clock.
    pub(crate) requested: SystemTime,
    pub(crate) now: SystemTime,
    /// How far the clocks may be apart; `None` for any.
    pub(crate) tolerance: Option<Duration>,
}

impl Window {
    fn check(&self, signed: SystemTime) -> Result<(), VerifyError> {
        let Some(tolerance) = self.tolerance else { return Ok(()) };
        let beyond = |early: SystemTime, late: SystemTime| {
            late.duration_since(early).ok().filter(|apart| *apart > tolerance)
        };
        if let Some(apart) = beyond(signed, self.requested) {
            return Err(VerifyError::BeforeRequest { seconds: apart.as_secs() });
        }
        match beyond(self.now, signed) {
            Some(apart) => Err(VerifyError::AfterReceipt { seconds: apart.as_secs() }),
            None => Ok(()),
        }
    }
}

impl Credentials {
    /// Checks the signature, and nothing else, of a response that was captured, such as one in a log: over its headers
    /// and the bytes of its body.
    ///
    /// It says that Alipay signed this body once, and nothing of when, and for which request: a copy passes, too. So a
    /// program that makes calls gives a response to [`Client::finish`](crate::Client::finish). In certificate mode,
    /// Alipay's certificate must be valid at the time `at`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Verification`] when it is not signed, or not proven to be from Alipay.
    pub fn check_response_signature(
        &self,
        response: &http::Response<Bytes>,
        at: SystemTime,
    ) -> Result<(), Error> {
        let window = Window { requested: at, now: at, tolerance: None };
        let unproven = |problem: String| Error::new(ErrorKind::Verification, problem).not_sent();
        match check(self, response.headers(), response.body(), &window, &Used::new(0)) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(unproven("the response is not signed".to_owned())),
            Err(problem) => Err(unproven(problem.to_string())),
        }
    }
}

/// Checks a response: its signature, its time, and that it is used for the first time. `None` if it
/// has no signature, or a signature header that is blank or `null`.
pub(crate) fn check(
    credentials: &Credentials,
    headers: &HeaderMap,
    body: &Bytes,
    window: &Window,
    used: &Used,
) -> Result<Option<VerifiedBody>, VerifyError> {
    let Some(signature) = once(headers, &SIGNATURE)? else {
        return Ok(None);
    };
    let timestamp = once(headers, &TIMESTAMP)?.ok_or(VerifyError::Unreadable(TIMESTAMP))?;
    let nonce = once(headers, &NONCE)?.ok_or(VerifyError::Unreadable(NONCE))?;
    // In key mode there is one key, and serials mean nothing.
    let serial = match credentials.app_certificate_serial() {
        Some(_) => once(headers, &SERIAL)?,
        None => None,
    };
    let keys = credentials.alipay_keys(serial, window.now).map_err(VerifyError::Untrusted)?;
    let signed: [&[u8]; 6] = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"];
    if !keys.verify(&signed, signature) {
        return Err(VerifyError::Mismatch);
    }
    window.check(clock::from_unix_millis(timestamp).ok_or(VerifyError::NotATime)?)?;
    // This is last, so that only what Alipay signed takes up memory.
    if !used.note(timestamp, nonce, body) {
        return Err(VerifyError::Used);
    }
    Ok(Some(VerifiedBody { bytes: body.clone() }))
}

/// The value of a header that may occur once. Blank and `null` count as absent.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, VerifyError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(VerifyError::Twice(name.clone()));
    }
    let text = value.to_str().map_err(|_| VerifyError::Unreadable(name.clone()))?;
    Ok(Some(text).filter(|text| !matches!(text.trim(), "" | "null")))
}
