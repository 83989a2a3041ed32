//! The payment vouchers (`alipay.marketing.activity.voucher`) and what stands around them: operations and state.

mod activity;
mod around;
mod config;
mod control;
mod idempotency;
mod images;
mod issued;
mod listing;
mod operation;
mod plan;
mod rules;
mod service;
mod state;

pub(crate) use operation::Operation;
pub(crate) use service::{MESSAGES, Service, Settings};
pub use state::{
    ActivityState, ActivityStatus, Completion, ControlError, Review, VoucherState, VoucherStatus,
    WaitsFor,
};
