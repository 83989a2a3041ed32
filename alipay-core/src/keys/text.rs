//! Texts that may hold a key.

use std::{fmt, ops::Deref};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The text of a key or of certificates, as [`read_file`](crate::keys::read_file) reads it and
/// [`PrivateKey`](crate::keys::PrivateKey) writes it.
///
/// It dereferences to `str`, so `&text` is what [`Credentials`](crate::Credentials) take. It is wiped from
/// memory when it is dropped, and `Debug` does not show it.
#[derive(Clone)]
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text of a file with these bytes, as [`read_file`](crate::keys::read_file) gives it: text as it is,
    /// binary data (DER) as bare base64.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => STANDARD.encode(bytes),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for KeyText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for KeyText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText([redacted])")
    }
}
