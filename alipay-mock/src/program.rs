//! The commands of the program `alipay-mock`, for other programs that have them, too.
//!
//! Each command is a struct of options, which [`clap`] reads, and a function that does it and prints to standard output:
//! [`Serve`] and [`serve`], [`Trigger`] and [`trigger`], [`Control`] and [`control`], and [`print_keys`]. [`Names`] says how
//! the program at hand calls them.
//!
//! What they write of keys is for the owner only: [`create_private_file`] and [`create_private_folder`].

mod arguments;
mod control;
mod failure;
mod key_files;
mod key_variables;
mod output;
mod private;
mod runtime;
mod serve;
mod trigger;

pub use arguments::{Control, Names, Serve, Trigger};
pub use control::control;
pub use failure::Failure;
pub use private::{create_private_file, create_private_folder};
pub use runtime::stop_signal;
pub use serve::{print_keys, serve};
pub use trigger::trigger;

pub use crate::http_client::{Target, is_accepted};
