//! The runtime that all generated clients for Alipay's OpenAPI v3 share.
//!
//! It knows the protocol (signing, verification, encryption, errors) and the wire formats, and
//! nothing of any API group: those are generated crates such as `alipay-voucher`.

#[cfg(feature = "blocking")]
pub mod blocking;
mod backend;
mod call;
mod client;
pub mod clock;
mod credentials;
mod der;
pub mod encrypt;
mod error;
pub mod keys;
pub mod model;
mod multipart;
pub mod nonce;
pub mod notification;
mod observe;
pub mod operation;
pub mod prepare;
mod raw;
pub mod response;
pub mod retry;
pub mod sign;
pub mod transport;
mod trust;
pub mod value;
pub mod verify;

pub use call::{Call, CallFuture};
pub use client::{Client, ClientBuilder, Environment};
pub use credentials::Credentials;
pub use error::{Detail, Error, ErrorKind, Link, Outcome};
pub use prepare::Prepared;
pub use raw::{RawCall, RawCallFuture};
pub use response::{Accepted, Reply, Response};
pub use retry::{RetryBudget, RetryPolicy};
pub use trust::{CertificateInfo, CertificateOwner, TrustStore};
