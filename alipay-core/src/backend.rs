//! The cryptographic library, behind one small interface.
//!
//! `aws-lc-rs` is the usual one; the pure-Rust crates replace it where there is no C compiler. Both
//! give the same bytes. Nothing here knows about strings, base64 or the protocol.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(all(feature = "rsa", any(test, not(feature = "aws-lc-rs"))))]
mod pure;
mod shared;
#[cfg(all(test, feature = "aws-lc-rs", feature = "rsa"))]
mod tests;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::{Aes, MAX_BITS, RsaPrivate, RsaPublic, random, sha256};
#[cfg(all(feature = "rsa", not(feature = "aws-lc-rs")))]
pub(crate) use pure::{Aes, MAX_BITS, RsaPrivate, RsaPublic, random, sha256};
pub use shared::KeySize;
pub(crate) use shared::{BLOCK, Failed, Hash};

#[cfg(not(any(feature = "aws-lc-rs", feature = "rsa")))]
compile_error!(
    "alipay-core needs a cryptographic library: switch the feature `aws-lc-rs` on (the default), \
     or `rsa`, which is pure Rust and needs no C compiler"
);
