//! The gateway as its users see it.

mod builder;
#[cfg(feature = "client")]
mod client;
mod handle;

pub use builder::{GatewayBuilder, StartError};
pub use handle::{Gateway, Message};
