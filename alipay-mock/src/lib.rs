#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "client"), doc = "A local gateway for Alipay's OpenAPI v3, for tests.")]

mod catalogue;
mod certificates;
mod civil;
#[cfg(feature = "client")]
mod client;
mod clock;
mod courier;
#[cfg(feature = "spec")]
mod description;
mod engine;
mod failure;
mod fault;
mod gateway;
mod input;
mod inspect;
mod keys;
mod messages;
mod post;
mod protocol;
mod random;
mod record;
mod redaction;
mod server;
#[cfg(all(feature = "client", feature = "spec"))]
pub mod testing;
mod text;
mod voucher;

pub use certificates::Certificates;
pub use clock::Clock;
pub use courier::{Delivery, DeliveryAttempt, DeliveryError};
#[cfg(feature = "spec")]
pub use description::DescriptionError;
pub use fault::{Fault, FaultRule, ParseFaultError};
pub use gateway::{Completion, Gateway, GatewayBuilder, Message, StartError};
pub use keys::{GatewayKeys, KeysError};
pub use messages::UnknownMessage;
pub use record::RecordedRequest;
pub use voucher::PayError;
