//! The comments of fields.

use crate::print::docs::{Doc, clean, with_confidence};
use alipay_openapi::ir::{Confidence, Field, Limit, ListStyle, Place, Presence, Ty};

/// The comment of a field.
pub(super) fn doc(field: &Field, rust_name: &str) -> Doc {
    let wire = clean::code_span(&field.wire).unwrap_or_else(|| format!("`{rust_name}`"));
    let mut doc = Doc::about(&field.docs, &format!("The field {wire}."));
    let mut say = |sentence: String| {
        doc = std::mem::take(&mut doc).item(sentence);
    };
    if let Some(format) = format_of(&field.ty, field.unit.as_deref()) {
        say(with_confidence(&format, field.ty_confidence));
    }
    if field.place == Place::Path {
        say("Part of the path.".to_owned());
    } else if field.place == Place::Header {
        say(format!("Sent as the header {wire}, which is not signed."));
    }
    // What is part of the path is always required.
    if let (Presence::Required(confidence), false) = (field.presence, field.place == Place::Path) {
        say(match confidence {
            Confidence::Secondary => "Required, according to a third-party client.".to_owned(),
            _ => with_confidence("Required.", confidence),
        });
    }
    if let Some(when) = &field.required_when {
        say(with_confidence(&clean::inline(&when.value), when.confidence));
    }
    if let Some(style) = field.list_style.and_then(list_style) {
        say(style.to_owned());
    }
    for limit in &field.limits {
        say(with_confidence(&limit_text(&limit.value, &field.ty), limit.confidence));
    }
    if let Some(legacy) = &field.legacy {
        say(match legacy.successor.as_deref().and_then(clean::code_span) {
            Some(successor) => format!("Old style; replaced by {successor}."),
            None => "Old style.".to_owned(),
        });
    }
    if field.deprecated {
        say("Alipay marks it as deprecated.".to_owned());
    }
    if field.sensitive {
        say("Personal data: `Debug` does not show it.".to_owned());
    }
    if let Some(default) = field.default.as_ref().and_then(example_text) {
        say(format!("Alipay's default: {default}"));
    }
    if let Some(example) = field.example.as_ref().and_then(example_text) {
        say(format!("Example: {example}"));
    }
    doc
}

/// The format and the unit, where the name of the type does not tell them.
fn format_of(ty: &Ty, unit: Option<&str>) -> Option<String> {
    let unit = unit.filter(|unit| *unit != "yuan").map(clean::inline);
    let in_unit = |what: &str| unit.as_ref().map(|unit| format!("{what} {unit}."));
    match ty {
        Ty::Yuan => Some("In yuan, with at most two decimals.".to_owned()),
        Ty::Decimal => in_unit("Exact decimal, in").or_else(|| Some("Exact decimal.".to_owned())),
        Ty::LocalDateTime => Some("`yyyy-MM-dd HH:mm:ss`, Beijing time.".to_owned()),
        Ty::LocalDate => Some("`yyyy-MM-dd`.".to_owned()),
        Ty::LocalTime => Some("`HH:mm:ss`, Beijing time.".to_owned()),
        Ty::JsonText(_) => Some("On the wire, a string that holds JSON.".to_owned()),
        Ty::Json => Some("Any JSON.".to_owned()),
        Ty::List(item) | Ty::Map(item) => format_of(item, unit.as_deref()),
        _ => in_unit("In"),
    }
}

/// How the query separates the items of a list, unless the parameter is repeated.
fn list_style(style: ListStyle) -> Option<&'static str> {
    match style {
        ListStyle::Repeated => None,
        ListStyle::Commas => Some("In the query, commas separate the items."),
        ListStyle::Spaces => {
            Some("In the query, spaces separate the items, so no item may contain one.")
        }
        ListStyle::Pipes => {
            Some("In the query, `|` separates the items, so no item may contain it.")
        }
    }
}

/// A limit as a sentence.
pub(super) fn limit_text(limit: &Limit, ty: &Ty) -> String {
    let amount = |bound: &str, n: u64, one: &str, many: &str| {
        format!("At {bound} {n} {}.", if n == 1 { one } else { many })
    };
    match limit {
        Limit::MinLength(n) => amount("least", *n, "character", "characters"),
        Limit::MaxLength(n) => amount("most", *n, "character", "characters"),
        Limit::MinItems(n) => amount("least", *n, "item", "items"),
        Limit::MaxItems(n) => amount("most", *n, "item", "items"),
        Limit::Minimum(number) => format!("At least {}.", clean::inline(number)),
        Limit::Maximum(number) => format!("At most {}.", clean::inline(number)),
        Limit::Rule(rule) => clean::inline(rule),
        Limit::Each(limit) => {
            let part = if matches!(ty, Ty::Map(_)) { "value" } else { "item" };
            format!("Each {part}: {}", limit_text(limit, ty.inner().unwrap_or(ty)))
        }
    }
}

/// An example as code; none when it is too long to be of help.
fn example_text(example: &serde_json::Value) -> Option<String> {
    let text = match example {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => return None,
        other => other.to_string(),
    };
    clean::code_span(&text).filter(|span| span.len() <= 240)
}
