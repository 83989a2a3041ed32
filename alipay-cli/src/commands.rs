//! The commands. None of them uses another.

pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod describe;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod operations;
pub(crate) mod sign;
pub(crate) mod verify;
