//! What is known of an operation without a crate for it.

use crate::operation::{Method, Safety};

/// An operation of Alipay's description.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The `operationId`, for example `alipay.trade.query`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, for example `/v3/alipay/marketing/activity/{activity_id}`.
    pub path: &'static str,
    /// Whether a repeat is safe, as method and name tell. It is never
    /// [`IdempotentBy`](Safety::IdempotentBy): who makes a request without a model knows its key.
    pub safety: Safety,
    /// Alipay's name for it, for example 统一收单交易查询; none where the description has a sentence instead.
    pub title: Option<&'static str>,
}
