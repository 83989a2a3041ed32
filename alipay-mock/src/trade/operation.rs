//! The operations that know the orders, and their paths.

/// Where the paths begin.
const FOLDER: &str = "/v3/alipay/trade/";

/// An operation that knows the orders.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Query,
    Close,
    Cancel,
    Refund,
    RefundQuery,
}

impl Operation {
    /// The operation with this method and path.
    pub(crate) fn find(method: &str, path: &str) -> Option<Self> {
        Some(match (method, path.strip_prefix(FOLDER)?) {
            ("POST", "query") => Self::Query,
            ("POST", "close") => Self::Close,
            ("POST", "cancel") => Self::Cancel,
            ("POST", "refund") => Self::Refund,
            ("POST", "fastpay/refund/query") => Self::RefundQuery,
            _ => return None,
        })
    }
}
