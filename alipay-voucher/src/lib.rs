#![doc = include_str!("../README.md")]
//!
//! # The operations
#![doc = include_str!("generated/OPERATIONS.md")]
//!
//! # Where things are
//!
//! - [`VoucherApi`]: the operations, one method each.
//! - [`models`]: requests, responses, their parts, and the error codes.
//! - [`mod@messages`]: the asynchronous messages that complete operations.
//! - [`smallest`]: create requests to start from.
//! - [`guide`]: keys and certificates, encryption, repeats, notifications, blocking use, and more.
//! - [`Client`], [`Call`], [`Response`], [`Error`] and whatever else is not about vouchers come from
//!   `alipay-core` and are the same types in every generated crate. This crate re-exports all of it.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod guide;

mod generated;
pub mod recipient;
pub mod smallest;

pub use alipay_core::*;
pub use generated::{VoucherApi, messages, meta, models, operations};
