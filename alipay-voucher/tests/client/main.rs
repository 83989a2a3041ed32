//! The client of the voucher group against the local gateway.
//!
//! One binary, since each would link all dependencies again.

mod certificate_mode;
mod documented_examples;
mod error_codes;
mod gateway_faults;
mod models;
mod odd_values;
mod operations;
mod retries;
mod secrecy;
mod smallest;
mod support;
mod waits;
