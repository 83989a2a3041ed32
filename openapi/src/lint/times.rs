//! Times have a format.

use super::{Warn, has_word};
use crate::ir::{Field, Ty};

const WORDS: &[&str] = &["time", "date", "gmt"];
const OTHER: &[&str] = &["type", "info", "zone", "unit", "rule", "limit", "times"];

pub(super) fn check(field: &Field, warn: &mut Warn<'_>) {
    let looks_like_one = has_word(&field.wire, WORDS) && !has_word(&field.wire, OTHER);
    // A stated unit (milliseconds, say) is as good as a format.
    if looks_like_one && field.ty == Ty::Text && field.unit.is_none() {
        warn(
            "time-without-format",
            &field.origin,
            format!("`{}` looks like a time, but is any text", field.wire),
            "refine it to `format: local-date-time`, `local-date` or `local-time`, or state its `x-alipay-unit`",
        );
    }
}
