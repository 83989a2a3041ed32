//! The crate as its users see it.

mod operations;
mod shared_types;
