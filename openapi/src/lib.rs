//! Reads OpenAPI descriptions of Alipay's API groups, and says what they mean in plain data.
//!
//! YAML goes in, plain data comes out; the crate reads no file, clock or environment. Each stage is a plain
//! function with its own input and output types, and collects *all* its [diagnostics](diag) before the run
//! stops:
//!
//! ```text
//! YAML -> load -> audit -> overlay -> lower -> lint
//! ```
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`load`] | YAML or JSON | a value with positions |
//! | [`audit`] | that value | the certainty that nothing in it goes unnoticed |
//! | [`overlay`] | base and overlay | one effective [`Document`](overlay::Document) with evidence |
//! | [`lower`] | the document | the [`ir`], which knows nothing of OpenAPI |
//! | [`lint`] | the IR | warnings |
//!
//! Two tools stand beside the line: [`import`] cuts a base out of Alipay's file, and [`retained`] retains what
//! a newer file has dropped.
//!
//! What becomes of each of OpenAPI's constructs is in [`constructs`].

pub mod audit;
#[doc = include_str!("../CONSTRUCTS.md")]
pub mod constructs {}
pub mod contract;
mod description;
pub mod diag;
pub mod import;
pub mod ir;
pub mod lint;
pub mod load;
pub mod lower;
pub mod overlay;
mod personal;
pub mod pointer;
pub mod retained;
pub mod texts;

pub use description::{Description, Outline};
pub use diag::Strictness;
