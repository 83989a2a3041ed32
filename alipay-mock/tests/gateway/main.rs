//! The gateway as programs see it: over HTTP, and as a library.
//!
//! One binary, since each would link all dependencies again.

mod all_of_alipay;
mod around;
#[cfg(unix)]
mod browser;
mod captured;
mod certificates;
mod contract;
#[cfg(feature = "spec")]
mod description;
mod faults;
mod hostile;
mod inspection;
#[cfg(all(feature = "client", feature = "spec"))]
mod known_twice;
mod lifecycle;
mod messages;
mod operations;
mod orders;
mod protocol;
mod rules;
mod states;
mod support;
#[cfg(feature = "client")]
mod testing;
mod time_travel;
