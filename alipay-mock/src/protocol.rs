//! The gateway's side of the protocol: it checks requests and signs responses and messages.

pub(crate) mod canonical;
pub(crate) mod captured;
pub(crate) mod changes;
pub(crate) mod diagnose;
pub(crate) mod diagnosis;
pub(crate) mod forms;
pub(crate) mod message;
pub(crate) mod nonce;
mod opened;
pub(crate) mod order;
mod order_variants;
pub(crate) mod parameters;
pub(crate) mod request;
pub(crate) mod response;
mod rewritten;
pub(crate) mod signers;
pub(crate) mod upload;
mod variants;
pub(crate) mod verify;
