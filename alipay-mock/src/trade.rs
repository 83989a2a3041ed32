//! Orders for pages and apps, and the operations that know them: state, notifications and what the buyer is sent back with.

mod content;
mod notification;
mod operation;
mod order;
mod orders;
mod refusal;
mod state;

pub(crate) use operation::Operation;
pub(crate) use orders::Orders;
pub(crate) use refusal::page as refusal_page;
pub use state::{OrderError, OrderState, TradeStatus};
