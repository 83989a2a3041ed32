//! The commands of the program `alipay-mock`, for other programs that have them, too.
//!
//! Each command is a struct of options, which [`clap`] reads, and a function that does it and prints to standard output:
//! [`Serve`] and [`serve`], [`Trigger`] and [`trigger`], [`Control`] and [`control`], and [`print_keys`]. [`Names`] says how
//! the program at hand calls them.

mod arguments;
mod control;
mod failure;
mod key_files;
mod key_variables;
mod output;
mod runtime;
mod serve;
mod trigger;

pub use arguments::{Control, Names, Serve, Trigger};
pub use control::control;
pub use failure::Failure;
pub use runtime::stop_signal;
pub use serve::{print_keys, serve};
pub use trigger::trigger;

pub use crate::http_client::{Target, is_accepted};
