//! The code that is generated for every construct in `openapi/CONSTRUCTS.md`.
//!
//! `INSTA_UPDATE=always cargo test -p alipay-codegen --test cases` writes `src/generated` and
//! `tests/generated`.

#[rustfmt::skip]
mod generated;

pub use alipay_core::{Client, Credentials, Error, value};
pub use generated::*;
