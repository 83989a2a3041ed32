//! The key that makes a repeat of a request harmless.

use std::fmt;

use super::text::wire_text;
use crate::{
    model::value::Malformed,
    nonce::{NoRandomness, NonceSource as _, RandomNonces, hex},
};

/// The idempotency key of a request, mostly `out_biz_no` (外部业务单号): a number of the caller's by which
/// Alipay tells a repeat from a second order.
///
/// It has 1 to 64 visible ASCII characters. Store it with the order before the call is made: after an error
/// of unknown outcome, the same request with the same key is safe to send again. It is not a secret; errors
/// of unknown outcome show it.
///
/// ```
/// use alipay_core::value::IdempotencyKey;
///
/// let of_the_order: IdempotencyKey = "20260131-0001".parse()?;
/// assert!("with spaces".parse::<IdempotencyKey>().is_err());
/// let random = IdempotencyKey::random()?;
/// assert_eq!(random.as_str().len(), 32);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

const LONGEST: usize = 64;

impl IdempotencyKey {
    const FORMAT: Malformed = Malformed::new("a key of 1 to 64 visible ASCII characters");

    /// A key.
    pub fn new(key: impl Into<String>) -> Result<Self, Malformed> {
        let key = key.into();
        let fits = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(key)) } else { Err(Self::FORMAT) }
    }

    /// A random key: 32 hexadecimal digits. Keep it until the outcome is known.
    pub fn random() -> Result<Self, NoRandomness> {
        RandomNonces.next().map(|random| Self(hex(&random)))
    }

    /// The key as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        Self::new(text).ok()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for IdempotencyKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

wire_text!(IdempotencyKey, String, IdempotencyKey(String::new()));
