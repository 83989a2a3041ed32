//! Notifications (From-Ant messages): what Alipay posts to the app's gateway address.
//!
//! Pass the body of the POST, as it was received, to
//! [`Client::verify_notification`](crate::Client::verify_notification) or
//! [`Credentials::verify_notification`](crate::Credentials::verify_notification). Only a verified
//! notification can be read.
//!
//! Respond with status 200 and the body [`SUCCESS`]. After anything else, such as [`FAIL`], Alipay
//! posts it again. Notifications may also come twice or out of order: a [`ReplayGuard`] recognises
//! repeats by the [event's id](Notification::event_id), and the
//! [event's time](Notification::event_time) gives the order.
//!
//! ```no_run
//! use alipay_core::{
//!     Client,
//!     notification::{FAIL, MemoryReplayGuard, Notification, ReplayGuard},
//! };
//!
//! fn on_post(client: &Client, guard: &MemoryReplayGuard, body: &[u8]) -> &'static str {
//!     // Log the error: it says what is wrong, and contains nothing of the notification.
//!     let Ok(notification) = client.verify_notification(body) else { return FAIL };
//!     let Some(id) = notification.event_id() else { return FAIL };
//!     match guard.once(id, || store(&notification)) {
//!         Ok(handled) => handled.reply(),
//!         Err(_) => FAIL,
//!     }
//! }
//!
//! fn store(notification: &Notification) -> std::io::Result<()> {
//!     println!("{} {:?}", notification.method(), notification.event_time());
//!     Ok(())
//! }
//! ```

mod damage;
mod form;
mod memory;
mod message;
mod readings;
mod replay;
mod returned;
mod verify;

pub(crate) use form::join;
pub use memory::MemoryReplayGuard;
pub use message::{Notification, event_time};
pub use replay::{
    AsyncReplayGuard, Begun, Claim, FAIL, Handled, OnceError, ReplayError, ReplayGuard, SUCCESS,
};
pub use returned::Returned;
pub use verify::Verified;
