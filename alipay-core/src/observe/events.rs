//! The events.

use crate::model::Unreadable;

/// Warns that something of a response or message could not be read, once for all of it. Only places are
/// recorded.
#[cfg(feature = "tracing")]
pub(crate) fn unreadable(source: &str, request_id: Option<&str>, unreadable: &[Unreadable]) {
    /// Enough to see what they have in common.
    const SHOWN: usize = 20;
    if unreadable.is_empty() {
        return;
    }
    // Messages have no request.
    let (operation, message) = match request_id {
        Some(_) => (Some(source), None),
        None => (None, Some(source)),
    };
    let pointers: Vec<_> = unreadable.iter().take(SHOWN).map(Unreadable::pointer).collect();
    tracing::warn!(
        "alipay.operation" = operation,
        "alipay.message" = message,
        "alipay.request_id" = request_id,
        "alipay.unreadable" = pointers.join(" "),
        "alipay.unreadable_count" = unreadable.len(),
        "values that are not of their types were left out"
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn unreadable(_: &str, _: Option<&str>, _: &[Unreadable]) {}
