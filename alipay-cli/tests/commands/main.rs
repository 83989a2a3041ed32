//! The command, started as a program: a module per command.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod call;
mod completions;
mod describe;
mod doctor;
mod harness;
mod keys;
mod operations;
mod sign;
mod verify;
