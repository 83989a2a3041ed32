//! Misbehaviour on demand, for testing clients.

mod kind;
mod parse;
mod rules;

pub use kind::Fault;
pub(crate) use kind::LONGEST;
pub use parse::ParseFaultError;
pub use rules::FaultRule;
pub(crate) use rules::Faults;
