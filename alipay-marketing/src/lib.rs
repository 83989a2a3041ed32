//! 支付宝开放平台API: a client for Alipay's OpenAPI v3.
//!
//! The operations, models and messages are generated from Alipay's description and the overlay
//! on it; [`meta::DESCRIPTION_VERSION`] and [`meta::DESCRIPTION_DIGEST`] say which.
//!
//! # The operations
#![doc = include_str!("generated/OPERATIONS.md")]

mod generated;

pub use alipay_core::{
    Accepted, Call, Client, ClientBuilder, Credentials, Environment, Error, ErrorKind, Model,
    Outcome, Prepared, Raw, Response, RetryBudget, RetryPolicy, TrustStore, Unreadable, clock,
    codes, keys, nonce, notification, operation::Method, prepare, retry, sign, transport, value,
    verify,
};
pub use generated::*;
