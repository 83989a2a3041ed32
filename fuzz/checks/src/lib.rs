//! What each fuzz target checks, and the seeds it begins with.
//!
//! `fuzz/fuzz_targets` gives these functions what libFuzzer makes up, on nightly Rust. `tests/smoke.rs` gives them
//! the seeds and some changes of each, on stable Rust. A check fails by panicking.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a check fails by panicking"
)]

mod alipay;
mod captured;
mod certificates;
/// Of the command `alipay`, which is no library.
#[allow(dead_code, unused_imports, reason = "the command uses the rest")]
#[path = "../../../alipay-cli/src"]
mod cli {
    pub(crate) mod captured;
}
mod description;
mod errors;
mod fixtures;
mod form;
mod gateway;
mod keys;
mod lock;
mod message;
mod model;
mod notification;
mod order;
mod overlay;
mod page;
mod response;
mod returned;
mod seeds;
mod values;

pub use captured::captured;
pub use certificates::certificates;
pub use description::description;
pub use gateway::gateway;
pub use keys::keys;
pub use lock::lock;
pub use model::model;
pub use notification::notification;
pub use order::order;
pub use overlay::overlay;
pub use response::response;
pub use returned::returned;
pub use seeds::seeds;
pub use values::values;

/// A check, by the name of its target. It says whether the input was accepted, whatever it is.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// All of them; `fuzz/fuzz_targets` has a file for each.
pub const TARGETS: &[Target] = &[
    ("captured", captured),
    ("certificates", certificates),
    ("description", description),
    ("gateway", gateway),
    ("keys", keys),
    ("lock", lock),
    ("model", model),
    ("notification", notification),
    ("order", order),
    ("overlay", overlay),
    ("response", response),
    ("returned", returned),
    ("values", values),
];
