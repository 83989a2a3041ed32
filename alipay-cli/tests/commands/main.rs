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
mod gateway;
mod harness;
mod keys;
mod listen;
mod operations;
mod order;
mod sign;
mod verify;
