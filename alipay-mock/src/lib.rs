#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "client"), doc = "A local gateway for Alipay's OpenAPI v3, for tests.")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests fail by panicking"
    )
)]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod calendar;
mod catalogue;
mod clock;
mod contract;
mod delivery;
mod engine;
mod error;
mod fault;
mod gateway;
mod inspect;
mod keys;
mod protocol;
mod record;
mod redaction;
mod server;
mod template;
#[cfg(feature = "client")]
pub mod testing;
mod voucher;

pub use clock::Clock;
pub use contract::ContractError;
pub use delivery::{Delivery, DeliveryAttempt, DeliveryError, MessageError};
pub use error::KeysError;
pub use fault::{Fault, FaultRule, FaultState, FaultStatus, ParseFaultError};
#[cfg(feature = "spec")]
pub use gateway::DescriptionError;
#[doc(hidden)]
pub use gateway::Offline;
#[cfg(feature = "client")]
pub use gateway::{CertificateModeError, ConnectError, client_from_env_or_gateway};
pub use gateway::{Gateway, GatewayBuilder, Message, StartError};
pub use keys::{Certificates, GatewayKeys};
pub use protocol::diagnosis::{Diagnosis, Difference};
pub use protocol::message::Encryption;
pub use record::RecordedRequest;
pub use voucher::{
    ActivityState, ActivityStatus, Completion, ControlError, Review, VoucherState, VoucherStatus,
    WaitsFor,
};
