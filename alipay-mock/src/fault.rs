//! Misbehaviour on demand, for testing clients.

mod kind;
mod parse;
mod rules;

pub use kind::Fault;
pub(crate) use kind::{LONGEST, Needs};
pub use parse::ParseFaultError;
pub(crate) use parse::examples;
pub use rules::{FaultRule, FaultState, FaultStatus};
pub(crate) use rules::{Faults, Success};
