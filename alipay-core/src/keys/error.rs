//! What is wrong with a key or a signature.

use super::given::{Given, Message, Wanted};
use crate::{
    backend::{Failed, MAX_BITS},
    der::DerError,
};

/// The smallest key the protocol (RSA2) allows, in bits.
pub const MIN_BITS: usize = 2048;

/// Why a string is not the key that belongs there.
///
/// The messages complete a line such as "the app's private key (应用私钥): …". None repeats any of the
/// input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Something else was given, or a form that is not read.
    #[error("{}", Message(*given, *wanted))]
    Unfit {
        /// What was given.
        given: Given,
        /// What belongs there.
        wanted: Wanted,
    },
    /// The text ends before the key does, or a part within is missing.
    #[error(
        "a part of the text is missing: {missing} characters of base64, by the length that the data \
         states; copy the whole text again (a `+` that became a blank is missing, too)"
    )]
    Truncated {
        /// How many characters of base64 are missing.
        missing: usize,
    },
    /// The text goes on after the key, or something was put in.
    #[error(
        "the text has {extra} characters of base64 too many, by the length that the data states; was \
         something pasted behind it, or typed into it?"
    )]
    Excess {
        /// How many characters of base64 are too many.
        extra: usize,
    },
    /// The AES key has another size than an AES key.
    #[error(
        "the key has {bytes} bytes; AES keys have 16, 24 or 32: copy it from the console, which shows it in \
         base64"
    )]
    AesKeySize {
        /// Its size.
        bytes: usize,
    },
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

impl KeyError {
    /// Whether it only says that another thing stands there.
    pub(crate) fn may_be_beside(self) -> bool {
        matches!(self, Self::Unfit { given, .. } if given.may_be_beside())
    }
}

impl From<Failed> for KeyError {
    fn from(_: Failed) -> Self {
        Self::Library
    }
}

impl From<DerError> for Given {
    fn from(_: DerError) -> Self {
        Self::Unknown
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
