//! Turns an OpenAPI description of an Alipay API group into the source files of a Rust client
//! crate.
//!
//! The generator is a pure function, [`generate`]: text in, text out. It reads no file, clock or
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
//! | [`plan`], [`emit`], [`print`] | IR and names | files |

pub mod audit;
pub mod codes;
pub mod diag;
pub mod docs;
pub mod document;
pub mod emit;
pub mod generate;
pub mod import;
pub mod ir;
pub mod lint;
pub mod load;
pub mod lower;
pub mod names;
mod nearest;
pub mod overlay;
mod pipeline;
pub mod plan;
pub mod pointer;
pub mod print;
pub mod text;

pub use pipeline::{Inputs, Output, api, check, generate, scaffold};
