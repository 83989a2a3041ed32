//! From a request model to a signed HTTP request, without input or output.

mod context;
mod encode;
mod personal;
mod raw_field;
mod target;
mod wire;

pub use context::{Context, Prepared};
pub(crate) use encode::{Encoded, Payload};
pub(crate) use personal::personal_in;
pub(crate) use raw_field::put_into_json;
pub(crate) use target::RESERVED;
pub(crate) use wire::{
    Sender, WireRequest, check_app_auth_token, check_request_id, check_trust, no_aes_key, random,
};
