//! Which operation is meant.

use alipay_core::catalogue::{self, Entry};
use alipay_core::operation::{Method, Safety};
use alipay_mock::description::{Operation, Operations};

use crate::outcome::Failure;

/// Methods of Alipay's that are looked for among the operations, and are orders.
const ORDERS: [&str; 3] = ["alipay.trade.app.pay", "alipay.trade.page.pay", "alipay.trade.wap.pay"];

/// The operations, as the gateway knows them.
pub(crate) fn operations() -> Result<Operations, Failure> {
    Operations::of_alipay().map_err(Failure::unusable)
}

/// The operation with an id, or a method and path.
pub(crate) fn find<'a>(operations: &'a Operations, name: &str) -> Result<Operation<'a>, Failure> {
    operations.find(name).ok_or_else(|| {
        if ORDERS.contains(&name.trim()) {
            let problem = format!(
                "`{}` is no call, but an order that a browser or an app takes to Alipay: \
                 `alipay order` makes one",
                name.trim()
            );
            return Failure::Unusable(problem);
        }
        let near = nearest(name);
        let advice = if near.is_empty() {
            "`alipay operations WORD` finds one".to_owned()
        } else {
            format!("did you mean `{}`?", near.join("`, `"))
        };
        Failure::Unusable(format!("Alipay's v3 has no operation `{name}`: {advice}"))
    })
}

/// The ids that may be meant by an id, a method and path, or words.
pub(crate) fn nearest(name: &str) -> Vec<&'static str> {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [_, path] if path.starts_with('/') => catalogue::similar(path),
        words => catalogue::similar(&words.join(".")),
    }
}

/// Whether an operation only reads, as far as its method and name tell.
pub(crate) fn safety(operation: &Operation<'_>) -> Safety {
    catalogue::find(operation.id()).map_or(Safety::Unsafe, |Entry { safety, .. }| *safety)
}

/// The method of HTTP with this name, if operations have it.
pub(crate) fn method(name: &str) -> Option<Method> {
    let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    all.into_iter().find(|method| method.as_str() == name)
}
