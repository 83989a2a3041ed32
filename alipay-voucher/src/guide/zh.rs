//! 使用指南：第一次调用之后的各种用法。
//!
//! [English]: super
//! [完整流程]: https://docs.rs/alipay-marketing/latest/alipay_marketing/journey/
//! [`keys`]: crate::keys
//! [`codes`]: crate::codes
//! [`retry`]: crate::retry
//! [`catalogue`]: crate::catalogue
//!
#![cfg_attr(any(not(doctest), feature = "blocking"), doc = include_str!("../../docs/guide.zh-CN.md"))]
