//! The commands. None of them uses another.

pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod control;
pub(crate) mod describe;
pub(crate) mod doctor;
mod embedded;
pub(crate) mod gateway;
pub(crate) mod keys;
pub(crate) mod listen;
pub(crate) mod operations;
pub(crate) mod order;
pub(crate) mod sign;
pub(crate) mod trigger;
pub(crate) mod verify;
