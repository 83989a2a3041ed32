//! The gateway as its users see it.

mod address;
mod builder;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "spec")]
mod description;
mod handle;
mod offline;

pub use builder::{GatewayBuilder, StartError};
#[cfg(feature = "client")]
pub use client::{CertificateModeError, ConnectError, client_from_env_or_gateway};
#[cfg(feature = "spec")]
pub use description::DescriptionError;
pub use handle::{Gateway, Message};
#[doc(hidden)]
pub use offline::Offline;
