//! Messages on their way to the application gateway URL.

mod custom;
mod outbox;
mod post;
mod sender;
mod settings;

pub use custom::MessageError;
pub(crate) use custom::custom_message;
pub(crate) use outbox::Outbox;
pub(crate) use post::Target;
pub(crate) use sender::Sender;
pub use settings::{Delivery, DeliveryAttempt, DeliveryError};
