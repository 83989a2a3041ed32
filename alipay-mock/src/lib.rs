#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "client"), doc = "A local gateway for Alipay's OpenAPI v3, for tests.")]

mod calendar;
mod catalogue;
#[cfg(feature = "client")]
mod client;
mod clock;
mod contract;
mod courier;
mod custom_message;
#[cfg(feature = "spec")]
mod description;
mod engine;
mod error;
mod fault;
mod gateway;
mod inspect;
mod keys;
mod post;
mod protocol;
mod random;
mod record;
mod redaction;
mod server;
#[cfg(all(feature = "client", feature = "spec"))]
pub mod testing;
mod voucher;

pub use clock::Clock;
pub use courier::{Delivery, DeliveryAttempt, DeliveryError};
pub use custom_message::UnknownMessage;
#[cfg(feature = "spec")]
pub use description::DescriptionError;
pub use error::KeysError;
pub use fault::{Fault, FaultRule, ParseFaultError};
pub use gateway::{Completion, Gateway, GatewayBuilder, Message, StartError};
pub use keys::{Certificates, GatewayKeys};
pub use record::RecordedRequest;
pub use voucher::PayError;
