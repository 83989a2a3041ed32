//! What is wrong with a key or a signature.

use crate::{
    backend::{Failed, MAX_BITS},
    der::DerError,
};

/// The smallest key the protocol (RSA2) allows, in bits.
pub const MIN_BITS: usize = 2048;

/// Why a string is not the key that belongs there.
///
/// The messages complete a line such as "the app's private key: …". None repeats any of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The string is empty or blank.
    #[error("the text is empty")]
    Empty,
    /// The string is neither PEM nor base64.
    #[error(
        "the text is neither PEM nor base64; give the content of the file, not its path, and \
         nothing else"
    )]
    NotBase64,
    /// The string has a PEM header but not the matching end.
    #[error("the PEM text has no end line; part of it is missing")]
    PemWithoutEnd,
    /// The string ends before the key does.
    #[error("the key ends early; part of its base64 text is missing")]
    Truncated,
    /// The string is base64, but not of a key.
    #[error("the data is not an RSA key in PKCS#1, PKCS#8 or X.509 form; was a part of it lost?")]
    NotAKey,
    /// A public key was given where a private one belongs.
    #[error("this is a public key; the app's private key belongs here")]
    PublicForPrivate,
    /// A private key was given where a public one belongs.
    #[error(
        "this is a private key; Alipay's public key belongs here, copied from the console \
         (支付宝公钥)"
    )]
    PrivateForPublic,
    /// A certificate was given where a key belongs.
    #[error(
        "this is a certificate, not a key; certificates belong to certificate mode \
         (Credentials::certificates)"
    )]
    Certificate,
    /// A certificate request was given where a key belongs.
    #[error("this is a certificate signing request, not a key")]
    CertificateRequest,
    /// The private key is protected by a password.
    #[error("the private key is encrypted with a password; give it decrypted")]
    Encrypted,
    /// A key of another algorithm, such as SM2 or EC.
    #[error("this is not an RSA key; Alipay's RSA2 signatures need one")]
    NotRsa,
    /// The key is too short.
    #[error("the key has {bits} bits; RSA2 needs at least {MIN_BITS}")]
    TooShort {
        /// Its size.
        bits: usize,
    },
    /// The key is too long to be used.
    #[error("the key has {bits} bits; at most {MAX_BITS} are supported")]
    TooLong {
        /// Its size.
        bits: usize,
    },
    /// The key's numbers do not fit together.
    #[error("the key's numbers do not belong together; it was damaged")]
    Inconsistent,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Library,
}

impl From<Failed> for KeyError {
    fn from(_: Failed) -> Self {
        Self::Library
    }
}

impl From<DerError> for KeyError {
    fn from(_: DerError) -> Self {
        Self::NotAKey
    }
}

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is not base64.
    #[error("the signature is not base64")]
    NotBase64,
    /// The signature belongs to another message or another key.
    #[error("the signature does not match")]
    Mismatch,
}
