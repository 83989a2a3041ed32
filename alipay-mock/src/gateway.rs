//! The gateway as its users see it.

mod builder;
#[cfg(feature = "client")]
mod client;
mod handle;

pub use builder::{GatewayBuilder, StartError};
#[cfg(feature = "client")]
pub use client::CertificateModeError;
pub use handle::{Gateway, Message};
