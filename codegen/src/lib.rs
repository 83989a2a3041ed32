//! Turns an OpenAPI description of an Alipay API group into the source files of a Rust client
//! crate.
//!
//! The generator is a pure function, [`generate()`]: text in, text out. It reads no file, clock or
//! environment; whoever calls it (the `xtask` command line) does all input and output. Each stage
//! is a plain function with its own input and output types, and collects *all* its
//! [diagnostics](diag) before the run stops:
//!
//! ```text
//! bytes -> load -> audit -> overlay -> lower -> lint -> name -> plan -> emit -> print
//! ```
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`load`] | YAML or JSON text | a value with positions |
//! | [`audit`] | that value | the certainty that nothing in it goes unnoticed |
//! | [`overlay`] | base and overlay | one effective [`Document`](document::Document) with evidence |
//! | [`lower`] | the document | the [`ir`], which knows nothing of OpenAPI |
//! | [`names`] | the IR | a Rust name for each item, compared with `names.lock` |
//! | [`plan`], [`emit`], [`mod@print`] | IR and names | files |
//!
//! Beside the line stand [`import`], which cuts a base out of Alipay's file, [`removed`], which keeps what
//! a newer file has dropped, [`mod@diff`], which compares two descriptions, [`listing`], the public API as
//! text, and [`mod@facade`], which turns a crate into a re-export of the crate of its domain.
//!
//! What becomes of each of OpenAPI's constructs is in [`constructs`].

pub mod audit;
pub mod codes;
#[doc = include_str!("../CONSTRUCTS.md")]
pub mod constructs {}
pub mod diag;
#[cfg(feature = "emit")]
pub mod diff;
#[cfg(feature = "emit")]
pub mod docs;
pub mod document;
#[cfg(feature = "emit")]
pub mod emit;
#[cfg(feature = "emit")]
pub mod facade;
mod fit;
#[cfg(feature = "emit")]
pub mod generate;
pub mod import;
pub mod ir;
pub mod lint;
#[cfg(feature = "emit")]
pub mod listing;
pub mod load;
pub mod lower;
#[cfg(feature = "emit")]
pub mod names;
mod nearest;
pub mod overlay;
mod pipeline;
#[cfg(feature = "emit")]
pub mod plan;
pub mod pointer;
#[cfg(feature = "emit")]
pub mod print;
pub mod removed;
#[cfg(feature = "emit")]
pub mod text;

#[cfg(feature = "emit")]
pub use generate::Frame;
pub use pipeline::{Inputs, api};
#[cfg(feature = "emit")]
pub use pipeline::{Output, check, generate, generate_with_frame};
