//! The guide: how to do what goes beyond the first call.
//!
// What the page calls so is found here: of two definitions the first holds, and those of the page lead to files.
//! [中文]: zh
//! [the journey]: https://docs.rs/alipay-marketing/latest/alipay_marketing/journey/
//! [`keys`]: crate::keys
//! [`codes`]: crate::codes
//! [`retry`]: crate::retry
//! [`catalogue`]: crate::catalogue
//!
// Without `blocking` one of its programs does not compile.
#![cfg_attr(any(not(doctest), feature = "blocking"), doc = include_str!("../docs/guide.md"))]

pub mod zh;
