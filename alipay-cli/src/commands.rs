//! The commands. None of them uses another.

pub(crate) mod completions;
pub(crate) mod operations;
pub(crate) mod sign;
pub(crate) mod verify;
