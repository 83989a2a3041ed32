//! The commands. None of them uses another.

pub(crate) mod completions;
pub(crate) mod operations;
