//! Proof that an answer is from Alipay.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName};

use crate::{
    clock,
    credentials::Credentials,
    encrypt::{AesKey, EncryptError},
    keys::PublicKey,
    model::{Model, decode_json},
};

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
pub(crate) enum Unproven {
    #[error("the answer has more than one {0} header")]
    Twice(HeaderName),
    #[error("the answer's {0} header is missing or not readable")]
    Unreadable(HeaderName),
    #[error(
        "the answer is signed with Alipay's certificate {0}, which is not among the given ones; \
         download the present one from the console"
    )]
    UnknownSerial(String),
    #[error(
        "the answer's signature is wrong: it was changed on the way, or the key given as Alipay's \
         is not Alipay's"
    )]
    Mismatch,
    #[error("the answer's alipay-timestamp is not a time in milliseconds")]
    NotATime,
    #[error(
        "the answer's alipay-timestamp is {seconds} s off this computer's clock: the clock is \
         wrong, or the answer is old"
    )]
    TooOld {
        /// How far off.
        seconds: u64,
    },
}

/// Checks an answer's signature. `None` when it has none.
///
/// A signature header that is blank or says `null` counts as none. With a `tolerance`, the signed
/// timestamp must not be further off `now`.
pub(crate) fn check(
    credentials: &Credentials,
    headers: &HeaderMap,
    body: &Bytes,
    now: SystemTime,
    tolerance: Option<Duration>,
) -> Result<Option<VerifiedBody>, Unproven> {
    let Some(signature) = once(headers, &SIGNATURE)? else {
        return Ok(None);
    };
    let timestamp = once(headers, &TIMESTAMP)?.ok_or(Unproven::Unreadable(TIMESTAMP))?;
    let nonce = once(headers, &NONCE)?.ok_or(Unproven::Unreadable(NONCE))?;
    // In key mode there is one key, and nothing for a serial to say.
    let serial = match credentials.app_certificate_serial() {
        Some(_) => once(headers, &SERIAL)?,
        None => None,
    };
    let keys = credentials
        .alipay_keys(serial)
        .map_err(|_| Unproven::UnknownSerial(shown(serial.unwrap_or_default())))?;
    let signed: [&[u8]; 6] = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"];
    if !verifies(&keys, &signed, signature) {
        return Err(Unproven::Mismatch);
    }
    let time = clock::from_unix_millis(timestamp).ok_or(Unproven::NotATime)?;
    let off = clock::distance(now, time);
    if tolerance.is_some_and(|tolerance| off > tolerance) {
        return Err(Unproven::TooOld { seconds: off.as_secs() });
    }
    Ok(Some(VerifiedBody { bytes: body.clone() }))
}

/// A serial fit to be shown, whatever was sent in its place.
fn shown(serial: &str) -> String {
    serial.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

/// Whether the signature was made with one of the keys.
pub(crate) fn verifies(keys: &[&PublicKey], message: &[&[u8]], signature: &str) -> bool {
    keys.iter().any(|key| key.verify_parts(message, signature).is_ok())
}

/// The value of a header that may be there once. Blank and `null` count as absent.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Unproven> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Unproven::Twice(name.clone()));
    }
    let text = value.to_str().map_err(|_| Unproven::Unreadable(name.clone()))?;
    Ok(Some(text).filter(|text| !matches!(text.trim(), "" | "null")))
}
