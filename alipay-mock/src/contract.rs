//! The contract of an API: its description as plain data, and the checks and examples made of it.

mod check;
mod example;
mod input;
mod types;

pub(crate) use check::check;
pub(crate) use example::example;
pub(crate) use input::Input;
pub use types::ContractError;
pub(crate) use types::{Contract, Operation};

pub(crate) const VOUCHERS: &str = include_str!("contract/alipay-voucher.json");
