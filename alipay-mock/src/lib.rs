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
pub mod description;
mod engine;
mod error;
mod fault;
mod gateway;
#[cfg_attr(
    not(feature = "program"),
    expect(unreachable_pub, reason = "`program` hands its types on")
)]
mod http_client;
mod ids;
mod inspect;
mod keys;
#[cfg(feature = "program")]
pub mod program;
mod protocol;
mod record;
mod redaction;
mod server;
mod template;
#[cfg(feature = "client")]
pub mod testing;
mod trade;
mod voucher;

pub use clock::Clock;
pub use contract::ContractError;
pub use delivery::{Delivery, DeliveryAttempt, DeliveryError, MessageError};
pub use error::{KeysError, KeysPart};
pub use fault::{Fault, FaultRule, FaultState, FaultStatus, ParseFaultError};
#[cfg(feature = "spec")]
pub use gateway::DescriptionError;
#[doc(hidden)]
pub use gateway::Offline;
#[cfg(feature = "client")]
pub use gateway::{CertificateModeError, ConnectError, client_from_env_or_gateway};
pub use gateway::{Gateway, GatewayBuilder, Message, StartError};
pub use keys::{Certificates, GatewayKeys};
pub use protocol::captured::{Captured, CapturedError};
pub use protocol::changes::unescape_html;
pub use protocol::diagnosis::{Diagnosis, Difference, hide_tokens};
pub use protocol::forms::Rule;
pub use protocol::message::Encryption;
pub use protocol::signers::Signers;
pub use record::RecordedRequest;
pub use redaction::hide_personal_data;
pub use trade::{OrderError, OrderState, TradeStatus};
pub use voucher::{
    ActivityState, ActivityStatus, Completion, ControlError, Review, VoucherState, VoucherStatus,
    WaitsFor,
};
