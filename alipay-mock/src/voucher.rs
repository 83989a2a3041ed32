//! The payment vouchers (`alipay.marketing.activity.voucher`) and what stands around them: operations and state.

mod activity;
mod around;
mod config;
mod idempotency;
mod ids;
mod images;
mod issued;
mod listing;
mod operation;
mod outbox;
mod plan;
mod rules;
mod service;

pub use issued::RedeemError;
pub(crate) use operation::Operation;
pub use service::{Completion, PayError, RejectError};
pub(crate) use service::{MESSAGES, Service, Settings};
