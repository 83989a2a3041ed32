//! What the programs in `examples/` share, and the tests of the code in the pages of this repository.

pub mod activity;
#[cfg(unix)]
pub mod postgres_server;
pub mod program;
pub mod replay_postgres;
pub mod replay_sqlite;

/// The repository's README, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The same in Chinese.
#[cfg(doctest)]
#[doc = include_str!("../../README.zh-CN.md")]
mod readme_zh {}
