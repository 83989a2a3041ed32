//! The contract of an API: its description as plain data, and the checks and examples made of it.

mod check;
mod example;
mod formats;
mod input;
mod json;
mod number;
mod pattern;
mod types;

pub(crate) use check::{check, mistakes};
#[cfg(feature = "client")]
pub(crate) use example::fitted;
pub(crate) use example::{example, request_example, unmade};
pub(crate) use input::Input;
pub use types::ContractError;
pub(crate) use types::{Bound, Contract, Field, Limit, Message, Operation, Place, Ty};

/// The contracts of the client crates: the payment vouchers, and what stands around them.
pub(crate) static CURATED: [&str; 2] =
    [include_str!("contract/alipay-voucher.json"), include_str!("contract/alipay-marketing.json")];

/// The contract of all of Alipay's operations. That of a client crate knows more of its own.
pub(crate) static ALL: &str = include_str!("contract/alipay.json");
