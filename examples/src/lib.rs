//! What the programs in `examples/` share, and the tests of the code in the pages of this repository.

/// The repository's README, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

/// The same in Chinese.
#[cfg(doctest)]
#[doc = include_str!("../../README.zh-CN.md")]
mod readme_zh {}
