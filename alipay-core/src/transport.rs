//! The way to the server, behind a trait.

mod body;
#[cfg(feature = "reqwest")]
mod http_client;
#[cfg(feature = "reqwest")]
mod runtimes;
mod send;

pub use crate::future::BoxFuture;
pub use body::Body;
pub(crate) use body::Piece;
#[cfg(feature = "reqwest")]
pub use http_client::ReqwestTransport;
#[cfg(feature = "reqwest")]
pub(crate) use http_client::{Configure, Settings};
pub use send::{Limits, Transport, TransportError, TransportErrorKind};
// Crates whose types stand in this interface, in the versions it means.
#[cfg(feature = "reqwest")]
pub use reqwest;
pub use {bytes, http, http_body};
