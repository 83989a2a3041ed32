//! What the programs in `examples/` share, and the tests of the code in the pages of this repository.

#[cfg(unix)]
pub mod postgres_server;
mod program;
pub mod replay_postgres;
pub mod replay_sqlite;

pub use program::{Failure, exit_code, say};

/// The repository's README, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
