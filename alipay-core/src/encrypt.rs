//! Content encryption: AES in CBC mode with PKCS#7 padding and an initialisation vector of zeros.
//!
//! The protocol requires this constant vector, so equal plaintexts give equal ciphertexts. Encryption
//! does not protect the content from being changed; the signature does.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    backend::{Aes, BLOCK, Failed},
    input::term,
    keys::{KeyError, read_aes_key},
};

/// Why content could not be encrypted or decrypted, or a key could not be read.
///
/// No message repeats any of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// What was given is no AES key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The content to decrypt is not base64 of whole blocks.
    #[error("the content is not base64 text of AES blocks")]
    NotCiphertext,
    /// The content was encrypted with another key, or damaged.
    #[error("the content does not decrypt with {}", term!(aes_key))]
    Mismatch,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Library,
}

/// An AES key of 16, 24 or 32 bytes for encrypting bodies.
#[derive(Clone)]
pub struct AesKey {
    key: Arc<Aes>,
}

impl AesKey {
    /// Reads a key: base64 of 16, 24 or 32 bytes, as the console shows it.
    pub fn parse(base64: &str) -> Result<Self, EncryptError> {
        let bytes = read_aes_key(base64)?;
        Ok(Self { key: Arc::new(Aes::new(&bytes)?) })
    }

    /// Encrypts; the result is standard base64 on one line.
    pub fn encrypt(&self, plain: &[u8]) -> Result<String, EncryptError> {
        Ok(STANDARD.encode(self.key.encrypt(plain)?))
    }

    /// Decrypts standard base64.
    ///
    /// # Errors
    ///
    /// When it is not base64 of whole blocks, or was encrypted with another key. Only the padding shows
    /// that a key is wrong, and about once in 256 times it does not: verify the signature first.
    pub fn decrypt(&self, base64: &[u8]) -> Result<Vec<u8>, EncryptError> {
        let cipher = STANDARD.decode(base64).map_err(|_| EncryptError::NotCiphertext)?;
        if cipher.is_empty() || cipher.len() % BLOCK != 0 {
            return Err(EncryptError::NotCiphertext);
        }
        self.key.decrypt(cipher).map_err(|_| EncryptError::Mismatch)
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey([redacted])")
    }
}

impl From<Failed> for EncryptError {
    fn from(_: Failed) -> Self {
        Self::Library
    }
}
