//! Turns a description of an Alipay API group into the source files of a Rust client crate.
//!
//! The generator is a pure function, [`generate()`]: text in, text out. It reads no file, clock or
//! environment; whoever calls it (the `xtask` command line) does all input and output. Descriptions are read
//! by [`alipay_openapi`], whose IR this crate turns into Rust:
//!
//! ```text
//! IR -> layout -> names -> files -> emit -> print
//! ```
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`layout`] | the IR | which items share a file, and so a scope |
//! | [`names`] | IR and layout | a Rust name for each item, compared with `names.lock` |
//! | [`files`] | layout and names | the files with their paths |
//! | [`emit`] | one file of them | its parts |
//! | [`mod@print`] | the parts | its text |
//!
//! Beside the line stand [`scaffold`], the hand-written files a new crate begins with; [`public_api`], a
//! crate's public API as text; [`re_export`], which turns a crate into a re-export of the crate of its domain;
//! and [`mod@diff`], which compares two descriptions.

pub mod diff;
pub mod digest;
mod emit;
mod files;
pub mod generate;
pub mod layout;
mod named;
pub mod names;
pub mod print;
pub mod public_api;
pub mod re_export;
pub mod scaffold;

pub use generate::{Options, Output, check, generate};
pub use named::NamedApi;
pub use scaffold::Scaffold;
