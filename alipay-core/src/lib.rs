//! The runtime that all generated clients for Alipay's OpenAPI v3 share.
//!
//! It knows the protocol (signing, verification, encryption, errors) and the wire formats, and
//! nothing of any API group: those are generated crates such as `alipay-voucher`.

mod call;
mod client;
pub mod clock;
mod credentials;
mod der;
pub mod encrypt;
mod error;
pub mod keys;
pub mod model;
pub mod nonce;
pub mod notification;
pub mod operation;
pub mod prepare;
pub mod response;
mod sign;
pub mod transport;
pub mod value;
mod verify;

pub use call::{Call, CallFuture};
pub use client::{Client, ClientBuilder, Environment};
pub use credentials::Credentials;
pub use error::{Detail, Error, ErrorKind, Link, Outcome};
pub use prepare::Prepared;
pub use response::{Accepted, Reply, Response};
