//! The gateway's side of the protocol: checking requests, sealing answers and messages.

pub(crate) mod answer;
pub(crate) mod authorization;
pub(crate) mod canonical;
pub(crate) mod diagnose;
pub(crate) mod message;
pub(crate) mod nonces;
pub(crate) mod request;
pub(crate) mod upload;
pub(crate) mod verify;
