// Without these features its program does not compile.
#![cfg_attr(
    any(not(doctest), all(feature = "activity", feature = "activity-user")),
    doc = include_str!("../README.md")
)]
//!
//! # The operations
#![doc = include_str!("generated/OPERATIONS.md")]
//!
//! # Where things are
//!
//! - [`journey`]: the whole journey of a voucher, step by step; what Alipay has for it and what this crate leaves out.
//! - [`activity`] and [`material`]: a module per group, with its `…Api`, `models` and `operations`.
//! - [`models`]: the types that several operations have, and those of `alipay-voucher`.
//! - [`Client`], [`Call`], [`Response`], [`Error`] and whatever else is not about activities come from `alipay-core`
//!   and are the same types in every generated crate. This crate re-exports all of it.
#![cfg_attr(
    not(all(
        feature = "activity",
        feature = "activity-app",
        feature = "activity-goods",
        feature = "activity-merchant",
        feature = "activity-shop",
        feature = "activity-user",
        feature = "material-image"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "some of the groups are left out")
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod generated;
pub mod journey;

pub use alipay_core::*;
pub use generated::*;
