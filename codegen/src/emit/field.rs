//! The comments of fields.

use super::builder::dropped;
use crate::{
    named::NamedApi,
    print::docs::{Doc, clean, with_confidence},
};
use alipay_openapi::ir::{
    Confidence, Field, Limit, ListStyle, Place, Presence, Sourced, Struct, Ty,
};

/// What is said of what the description says nothing of.
const UNDESCRIBED: &str = "No description.";

/// The item for a field in the list of a constructor's parameters.
pub(super) fn parameter(api: &NamedApi<'_>, field: &Field, rust_name: &str) -> String {
    match doc(api, field, rust_name).summary() {
        UNDESCRIBED => format!("`{rust_name}`"),
        summary => format!("`{rust_name}`: {summary}"),
    }
}

/// The comment of a field.
pub(super) fn doc(api: &NamedApi<'_>, field: &Field, rust_name: &str) -> Doc {
    let wire = clean::code_span(&field.wire).unwrap_or_else(|| format!("`{rust_name}`"));
    let mut doc = Doc::about(&field.docs, "");
    if doc.summary().is_empty() {
        doc = Doc::line(of_type(api, &field.ty));
    }
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
        say(limit_text(limit));
    }
    if let Some(legacy) = &field.legacy {
        say(match legacy.successor.as_deref().and_then(clean::code_span) {
            Some(successor) => format!("Old style; replaced by {successor}."),
            None => "Old style.".to_owned(),
        });
    }
    if field.deprecated {
        say("Alipay calls it deprecated.".to_owned());
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

/// Why not to use a field any more.
pub(super) fn deprecated(item: &Struct, field: &Field) -> Option<String> {
    if let Some(version) = &field.removed_in {
        return Some(dropped(version));
    }
    let legacy = field.legacy.as_ref().filter(|_| item.is_old_style(field))?;
    Some(match legacy.successor.as_deref().and_then(clean::code_span) {
        Some(successor) => format!("old style: use {successor}"),
        None => "old style".to_owned(),
    })
}

/// What the description says of a field's type, where it says nothing of the field.
fn of_type(api: &NamedApi<'_>, ty: &Ty) -> String {
    let docs = match ty.innermost() {
        Ty::Struct { id, .. } => api.structure(id).map(|found| &found.item.docs),
        Ty::Enum(id) => api.open_enum(id).map(|found| &found.item.docs),
        _ => None,
    };
    let summary = docs.map(|docs| Doc::about(docs, "").summary().to_owned());
    summary.filter(|summary| !summary.is_empty()).unwrap_or_else(|| UNDESCRIBED.to_owned())
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

pub(super) fn limit_text(limit: &Sourced<Limit>) -> String {
    with_confidence(&clean::inline(&limit.value.to_string()), limit.confidence)
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
