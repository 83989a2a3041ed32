//! The contract of an API: its description as plain data, and the checks and examples made of it.

mod check;
mod example;
mod input;
mod types;

pub(crate) use check::{Required, check};
pub(crate) use example::example;
pub(crate) use input::Input;
#[cfg(feature = "spec")]
pub(crate) use types::{Bound, Enum, Field, Limit, ListStyle, Place, Ty};
pub(crate) use types::{Contract, Message, Operation};
