//! All operations of Alipay's description, for calls without a generated crate and for tools.
//!
//! [`Client::operation`](crate::Client::operation) makes a call of one. The table costs nothing when a
//! program starts, and is no part of a program that does not use it.
//!
//! ```
//! use alipay_core::catalogue;
//!
//! let query = catalogue::find("alipay.trade.query").unwrap();
//! assert_eq!((query.method.as_str(), query.path), ("POST", "/v3/alipay/trade/query"));
//! let refunds = catalogue::all().iter().filter(|entry| entry.title.is_some_and(|title| title.contains("退款")));
//! assert!(refunds.count() > 1);
//! ```

mod entry;
// As the generator has laid it out.
#[rustfmt::skip]
mod table;

pub use entry::Entry;

/// All operations, sorted by their ids.
#[must_use]
pub fn all() -> &'static [Entry] {
    table::OPERATIONS
}

/// The operation with this id, the `operationId` of Alipay's description.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    let index = all().binary_search_by(|entry| entry.id.cmp(id)).ok()?;
    all().get(index)
}

/// How many ids are suggested.
const SUGGESTED: usize = 3;
/// Longer than any id.
const LONGEST: usize = 100;

/// The ids that may have been meant, the nearest first. A path and the name of an official SDK's request
/// (`AlipayTradeQueryRequest`) are understood, too.
#[must_use]
pub fn similar(id: &str) -> Vec<&'static str> {
    let wanted = folded(id);
    let wanted = wanted.strip_prefix("v3").unwrap_or(&wanted);
    let wanted = wanted.strip_suffix("request").unwrap_or(wanted);
    let most = wanted.len() / 4;
    let mut near: Vec<_> = all()
        .iter()
        .filter_map(|entry| {
            let id = folded(entry.id);
            let away = strsim::levenshtein(wanted, &id);
            // Without its beginning it is understood as well: `trade.query`.
            let ends = wanted.len() > 4 && id.ends_with(wanted);
            (away <= most || ends).then_some((away, entry.id))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, id)| id).take(SUGGESTED).collect()
}

/// Letters and digits only, all of them small.
fn folded(id: &str) -> String {
    let letters = id.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).take(LONGEST).collect()
}
