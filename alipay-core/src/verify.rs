//! Verifying what is from Alipay: the proof, and verifiers of one's own.
//!
//! Mostly Alipay's public key or certificates are given to [`Credentials`], and verified with here.
//! Who holds Alipay's key elsewhere, or has rules of their own, implements [`Verifier`]; see
//! [`Credentials::verifier`].
//!
//! Nothing can be read that was not verified. The bytes of an answer reach the decoder in a type
//! that only verification makes, which is private:
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
//! Nor can a notification be read before it is verified: reading it is what
//! [`Client::verify_notification`] does.
//!
//! ```compile_fail,E0603
//! let unverified = alipay_core::notification::form::parse(b"notify_id=1&sign=");
//! ```
//!
//! # What the signature of an answer proves, and what not
//!
//! It covers the answer's time, its nonce and its body. So the body is what Alipay sent, at that time.
//! It does **not** cover which request, operation, merchant or app the answer is for, nor the HTTP
//! status or other headers, such as `alipay-trace-id`. These are as good as the connection: TLS to
//! Alipay's host. Whoever stands within it, such as a proxy that opens it or a load balancer, can
//! hand a genuine answer to another request than it was for. Of that, a client notices:
//!
//! - an answer that was used already: [each is used once](crate::ClientBuilder::remembered_answers);
//! - an answer that was signed before its request, by more than
//!   [the clocks may differ](crate::ClientBuilder::timestamp_tolerance).
//!
//! It does not notice an answer that is genuine, new, and another's: one that was swapped with that of
//! a request under way at the same time, or that was not asked for. Where that matters, compare what
//! the answer repeats of the request (`out_biz_no`, an amount), or query.
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
    clock,
    credentials::Credentials,
    encrypt::{AesKey, EncryptError},
    error::Personal,
    model::{Model, decode_json},
    trust::TrustError,
};
pub(crate) use used::Used;

const SIGNATURE: HeaderName = HeaderName::from_static("alipay-signature");
const TIMESTAMP: HeaderName = HeaderName::from_static("alipay-timestamp");
const NONCE: HeaderName = HeaderName::from_static("alipay-nonce");
const SERIAL: HeaderName = HeaderName::from_static("alipay-sn");

/// A body whose signature was checked.
///
/// Only this module makes one, and models are decoded from nothing else: an answer cannot be used
/// without having been verified.
#[derive(Clone)]
pub(crate) struct VerifiedBody {
    bytes: Bytes,
}

impl VerifiedBody {
    /// The body as it was received and signed; still encrypted where it was sent so.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The content of an encrypted body.
    pub(crate) fn decrypt(self, key: &AesKey) -> Result<Self, EncryptError> {
        Ok(Self { bytes: Bytes::from(key.decrypt(&self.bytes)?) })
    }

    /// Fills a blank model. An empty body leaves it blank.
    pub(crate) fn decode(&self, model: &mut dyn Model) -> Result<(), serde_json::Error> {
        if self.bytes.trim_ascii().is_empty() { Ok(()) } else { decode_json(model, &self.bytes) }
    }
}

/// Why an answer is not proven to be from Alipay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error("the answer has more than one {0} header")]
    Twice(HeaderName),
    #[error("the answer's {0} header is missing or not readable")]
    Unreadable(HeaderName),
    #[error("the answer {0}")]
    Untrusted(TrustError),
    #[error(
        "the answer's signature is wrong: it was changed on the way, or the key given as Alipay's \
         is not Alipay's"
    )]
    Mismatch,
    #[error("the answer's alipay-timestamp is not a time in milliseconds")]
    NotATime,
    #[error(
        "the answer was signed {seconds} s before its request, by this computer's clock: the clock \
         is wrong, or the answer is an old one"
    )]
    BeforeRequest {
        /// How long before.
        seconds: u64,
    },
    #[error(
        "the answer was signed {seconds} s after it came, by this computer's clock: the clock is wrong"
    )]
    AfterReceipt {
        /// How long after.
        seconds: u64,
    },
    #[error("the answer is a copy of one that was used before")]
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

/// When an answer can have been signed: after its request and before it came, but for what the
/// clocks differ.
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

/// Checks an answer's signature, its time, and that it is used for the first time. `None` when it has
/// no signature.
///
/// A signature header that is blank or says `null` counts as none.
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
    // In key mode there is one key, and nothing for a serial to say.
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
    // Last: only what Alipay signed takes up memory.
    if !used.note(timestamp, nonce, body) {
        return Err(VerifyError::Used);
    }
    Ok(Some(VerifiedBody { bytes: body.clone() }))
}

/// The value of a header that may be there once. Blank and `null` count as absent.
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
