//! Turns a description of an Alipay API group into the source files of a Rust client crate.
//!
//! [`generate()`] is a pure function: strings in, strings out. It reads no file, clock or environment; the
//! `xtask` command line does all input and output. [`alipay_openapi`] reads descriptions, and this crate
//! turns their IR into Rust:
//!
//! ```text
//! IR -> layout -> names -> files -> emit -> print
//! ```
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`layout`] | the IR | which items share a file, and so a scope |
//! | [`names`] | IR and layout | a Rust name for each item, compared with `names.lock` |
//! | `files` | layout and names | the files with their paths |
//! | `emit` | one of these files | its parts |
//! | [`mod@print`] | the parts | its text |
//!
//! After `names`, an API and its names travel together as [`NamedApi`]. It also feeds the tools beside the
//! line: `scaffold` writes the hand-written files that a new crate begins with, [`public_api`] lists a
//! crate's public API, and [`mod@diff`] compares two descriptions. [`re_export`] turns a crate into
//! a re-export of the crate of its domain. [`catalogue()`] writes the table of all operations in `alipay-core`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod diff;
pub use alipay_openapi::digest;
pub mod elsewhere;
mod emit;
mod files;
pub mod generate;
pub mod layout;
mod named;
pub mod names;
pub mod print;
pub mod public_api;
pub mod re_export;
mod scaffold;

pub use emit::catalogue;
pub use generate::{Options, Output, check, generate};
pub use named::NamedApi;
pub use scaffold::{Alone, Scaffold};
