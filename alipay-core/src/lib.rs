//! The runtime that all generated clients for Alipay's OpenAPI v3 share.
//!
//! It has the protocol (signing, verification, encryption, errors) and the wire formats. The API groups
//! are generated crates such as `alipay-voucher`.
//!
//! # How sure a statement is
//!
//! Alipay's descriptions leave out much: what is required, which values there are, how long a string may be.
//! Where the documentation of a generated crate says more than Alipay's current description, it says in
//! parentheses how sure that is. What is only inferred obliges a caller where it says "Required (inferred)", and
//! nowhere else.
//!
//! | word | who says it |
//! | --- | --- |
//! | none | Alipay, in the current description or on an official page |
//! | documented-older | Alipay, in an older official text that nothing contradicts |
//! | secondary | a third-party client that follows the official page |
//! | inferred | nobody: it is derived from texts, examples, names and related operations |
//!
//! A wrong one stops no call: [`Call::raw_field`] sends what the type of a field does not allow, and a value of a response
//! that is not of its type costs nothing but itself; [`Response::unreadable`] names it.
//!
//! # The cryptographic library
//!
//! One of two features chooses it. Both give the same bytes; if both are on, the first is used.
//!
//! - `aws-lc-rs` (default): constant-time and fast; needs a C compiler to build.
//! - `rsa`: pure Rust, for builds without a C compiler. Signing takes several times as long, and
//!   the crate `rsa` is not constant-time (RUSTSEC-2023-0071); signatures are blinded, and nothing
//!   is decrypted with the private key. RSA keys may have up to 4096 bits instead of 8192.
//!
//! The default transport (feature `reqwest`) has aws-lc-rs in its TLS, and so needs the C compiler
//! anyway. `default-features = false, features = ["rsa"]` is for programs that use a
//! [transport](transport::Transport) of their own, or [prepare](Call::prepare) and
//! [finish](Client::finish) calls without one.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod backend;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
pub mod catalogue;
mod certificates;
mod charset;
mod client;
pub mod clock;
pub mod codes;
pub mod contents;
mod credentials;
mod der;
pub mod encrypt;
mod error;
mod finish;
mod future;
mod headers;
mod input;
pub mod keys;
#[doc(hidden)]
pub mod macros;
pub mod model;
mod multipart;
pub mod nonce;
pub mod notification;
mod observe;
pub mod operation;
pub mod order;
pub mod prepare;
mod raw;
mod redact;
mod response;
pub mod retry;
pub mod settings;
pub mod sign;
pub mod transport;
mod trust;
pub mod value;
pub mod verify;
pub mod wait;

// What stands here stands in every generated crate, too: they re-export all of it.
pub use bytes;
pub use call::{Call, CallFuture, Callable};
pub use certificates::{CertificateChain, CertificateInfo, CertificateOwner, ChainGap};
pub use client::{Client, ClientBuilder, Environment};
pub use credentials::Credentials;
pub use error::{Detail, Error, ErrorKind, Link, Outcome};
pub use http;
pub use model::{Model, Unreadable};
pub use operation::Method;
pub use prepare::Prepared;
pub use raw::Raw;
pub use response::{Accepted, Response};
pub use retry::{RetryBudget, RetryPolicy};
pub use serde_json;
pub use trust::TrustStore;
pub use wait::{Wait, WaitError, WaitSignal};

/// The README, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
