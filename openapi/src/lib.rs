//! Reads OpenAPI descriptions of Alipay's API groups, and says what they mean in plain data.
//!
//! YAML or JSON goes in, plain data comes out; the crate reads no file, clock or environment. Each stage is a plain
//! function with its own input and output types, and collects *all* its [diagnostics](diag) before the run
//! stops:
//!
//! ```text
//! YAML or JSON -> load -> overlay -> audit -> lower -> lint
//! ```
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`load`] | YAML or JSON | a value with positions |
//! | [`overlay`] | base and overlay | one value with evidence, of which the tags asked for are cut out |
//! | [`audit`] | that value | the certainty that nothing in it goes unnoticed: a [`Document`](overlay::Document) |
//! | [`lower`] | the document | the [`ir`], which knows nothing of OpenAPI |
//! | [`lint`] | the IR | warnings |
//!
//! Three tools stand beside the line: [`import`] cuts a base out of Alipay's file, [`infer`] makes an overlay of what its
//! texts say, and [`retained`] retains what a newer file has dropped.
//!
//! What becomes of each of OpenAPI's constructs is in [`constructs`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod audit;
#[doc = include_str!("../CONSTRUCTS.md")]
pub mod constructs {}
pub mod contract;
mod description;
pub mod diag;
pub mod digest;
pub mod import;
pub mod infer;
pub mod ir;
pub mod lint;
pub mod load;
pub mod lower;
pub mod overlay;
mod path;
mod personal;
pub mod pointer;
pub mod retained;
mod scope;
mod skip;
pub mod texts;

pub use description::{Description, Outline};
pub use diag::Strictness;
pub use scope::Scope;
