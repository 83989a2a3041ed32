//! The payment vouchers (`alipay.marketing.activity.voucher`): their operations and their state.

mod activity;
mod config;
mod idempotency;
mod ids;
mod operation;
mod outbox;
mod plan;
mod rules;
mod service;

pub(crate) use operation::Operation;
pub use service::{Completion, PayError, RejectError};
pub(crate) use service::{MESSAGES, Service, Settings};
