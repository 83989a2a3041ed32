//! The crate as its users see it, with the crate for vouchers beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod documented_examples;
mod journey;
mod operations;
mod shared_types;
mod support;
