//! The commands, which do not use each other.

pub(crate) mod ci;
pub(crate) mod diff;
pub(crate) mod full_scale;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod look;
pub(crate) mod package;
