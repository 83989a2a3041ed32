//! The command, started as a program: a module per command.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod completions;
mod harness;
mod operations;
mod sign;
mod verify;
