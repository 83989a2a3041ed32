//! The cryptographic library, behind one small interface.
//!
//! `aws-lc-rs` is the usual one; the pure-Rust crates replace it where there is no C compiler. Both
//! give the same bytes. Nothing here knows about strings, base64 or the protocol.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(all(feature = "rsa", any(test, not(feature = "aws-lc-rs"))))]
mod pure;
#[cfg(all(test, feature = "aws-lc-rs", feature = "rsa"))]
mod tests;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::{Aes, MAX_BITS, RsaPrivate, RsaPublic, random};
#[cfg(all(feature = "rsa", not(feature = "aws-lc-rs")))]
pub(crate) use pure::{Aes, MAX_BITS, RsaPrivate, RsaPublic, random};

#[cfg(not(any(feature = "aws-lc-rs", feature = "rsa")))]
compile_error!(
    "alipay-core needs a cryptographic library: switch the feature `aws-lc-rs` on (the default), \
     or `rsa`, which is pure Rust and needs no C compiler"
);

/// The bytes of one AES block.
pub(crate) const BLOCK: usize = 16;

/// The hash that the signature of a certificate is made over. The protocol itself uses SHA-256 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// The library refused or failed; it gives no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;
