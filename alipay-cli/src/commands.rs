//! The commands. None of them uses another.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod operations;
