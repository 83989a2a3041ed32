//! Money is exact: a decimal with a unit, or an integer whose unit is stated.

use super::{Warn, has_word};
use crate::ir::{Field, Ty};

const WORDS: &[&str] = &["amount", "amt", "price", "fee", "balance"];
/// Names with a money word that are not amounts.
const OTHER: &[&str] =
    &["type", "name", "desc", "info", "id", "no", "mode", "status", "list", "rule", "unit"];

pub(super) fn check(field: &Field, warn: &mut Warn<'_>) {
    if !has_word(&field.wire, WORDS) || has_word(&field.wire, OTHER) {
        return;
    }
    match field.ty {
        Ty::Text => warn(
            "money-not-decimal",
            &field.origin,
            format!("`{}` looks like an amount of money, but is any text", field.wire),
            "refine it to `format: decimal` with `x-alipay-unit: yuan`",
        ),
        Ty::Float => warn(
            "money-not-decimal",
            &field.origin,
            format!("`{}` looks like an amount of money, but is a binary fraction", field.wire),
            "amounts are exact: if it is a text on the wire, refine it to `type: string` and \
             `format: decimal`",
        ),
        Ty::Integer if field.unit.is_none() => warn(
            "money-without-unit",
            &field.origin,
            format!("`{}` looks like an amount of money, but its unit is not stated", field.wire),
            "state it with `x-alipay-unit`",
        ),
        _ => {}
    }
}
