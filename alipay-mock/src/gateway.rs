//! The gateway as its users see it.

mod address;
mod builder;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "spec")]
mod description;
mod handle;

pub use builder::{GatewayBuilder, StartError};
#[cfg(feature = "client")]
pub use client::CertificateModeError;
#[cfg(feature = "spec")]
pub use description::DescriptionError;
pub use handle::{Gateway, Message};
