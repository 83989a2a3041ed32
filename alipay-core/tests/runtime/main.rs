//! The runtime through its public interface.
//!
//! One binary, since each would link all dependencies again.

#[path = "../common/mod.rs"]
mod common;
#[path = "../issuing/mod.rs"]
mod issuing;
#[path = "../shop/mod.rs"]
mod shop;

mod blocking;
mod calls;
mod calls_signer;
mod certificate_chain;
mod charsets;
mod contents;
mod determinism;
mod errors;
mod gateway_address;
mod interop;
mod keys;
mod keys_doctor;
mod keys_forms;
mod lenient;
mod models;
mod multipart;
mod notifications;
mod orders;
mod outcomes;
mod personal;
mod raw;
mod raw_field;
mod replay;
mod request_headers;
mod retry;
mod retry_faults;
mod returns;
mod runtimes;
mod settings;
mod values;
mod vectors;
mod verification;
mod verification_once;
mod verification_trust;
mod waits;
