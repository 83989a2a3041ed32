//! Fields: their types, their parameters, their comments.

use super::Builder;
use crate::print::docs::{Doc, clean, with_confidence};
use alipay_openapi::ir::{Confidence, Field, Limit, ListStyle, Place, Presence, Sourced, Ty};

/// The type of a field.
pub(super) fn field_type(file: &mut Builder<'_>, field: &Field) -> String {
    let ty = present_type(file, field);
    if field.is_required() { ty } else { format!("Option<{ty}>") }
}

/// The type of a field that is there.
pub(super) fn present_type(file: &mut Builder<'_>, field: &Field) -> String {
    if field.is_key {
        file.core("value::IdempotencyKey");
        return "IdempotencyKey".to_owned();
    }
    rust_type(file, &field.ty)
}

/// The type of the parameter that takes a field.
pub(super) fn parameter_of(file: &mut Builder<'_>, field: &Field) -> String {
    if field.is_key { present_type(file, field) } else { parameter(file, &field.ty) }
}

/// The Rust type of a value, and the import it needs.
fn rust_type(file: &mut Builder<'_>, ty: &Ty) -> String {
    let mut core = |name: &str| {
        file.core(&format!("value::{name}"));
        name.to_owned()
    };
    match ty {
        Ty::Text => "String".to_owned(),
        Ty::File => core("File"),
        Ty::Boolean => "bool".to_owned(),
        Ty::Integer => "i64".to_owned(),
        Ty::Float => "f64".to_owned(),
        Ty::Json => core("Json"),
        Ty::Yuan => core("Yuan"),
        Ty::Decimal => core("Decimal"),
        Ty::LocalDateTime => core("LocalDateTime"),
        Ty::LocalDate => core("LocalDate"),
        Ty::LocalTime => core("LocalTime"),
        Ty::JsonText(inner) => {
            let outer = core("JsonText");
            format!("{outer}<{}>", rust_type(file, inner))
        }
        Ty::List(item) => format!("Vec<{}>", rust_type(file, item)),
        Ty::Map(value) => {
            file.imports.add("std::collections::BTreeMap");
            format!("BTreeMap<String, {}>", rust_type(file, value))
        }
        Ty::Enum(id) => match file.context.open_enum(id) {
            Some(found) => file.local(found.home, &found.names.name),
            None => "String".to_owned(),
        },
        Ty::Struct { id, boxed } => match file.context.structure(id) {
            Some(found) => {
                let name = file.local(found.home, &found.names.name);
                if *boxed { format!("Box<{name}>") } else { name }
            }
            None => "String".to_owned(),
        },
    }
}

/// The type of the parameter that takes a value.
fn parameter(file: &mut Builder<'_>, ty: &Ty) -> String {
    match ty {
        Ty::Text => "impl Into<String>".to_owned(),
        Ty::List(item) => format!("impl IntoIterator<Item = {}>", parameter(file, item)),
        Ty::Map(value) => {
            let value = parameter(file, value);
            format!("impl IntoIterator<Item = (impl Into<String>, {value})>")
        }
        Ty::JsonText(inner) => parameter(file, inner),
        Ty::Struct { boxed: true, id } => {
            rust_type(file, &Ty::Struct { boxed: false, id: id.clone() })
        }
        ty => rust_type(file, ty),
    }
}

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
    if field.place == Place::Path {
        // It is always required.
    } else if let Presence::Required(confidence) = field.presence {
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
    match field.legacy.as_ref().map(|legacy| legacy.successor.as_deref().and_then(clean::code_span))
    {
        Some(Some(successor)) => say(format!("Old style; the new field is {successor}.")),
        Some(None) => say("Old style.".to_owned()),
        None => {}
    }
    if field.deprecated {
        say("Alipay marks it as deprecated.".to_owned());
    }
    if field.sensitive {
        say("Personal data: `Debug` does not show it.".to_owned());
    }
    if let Some(default) = field.default.as_ref().and_then(example_text) {
        say(format!("Default, which Alipay fills in: {default}"));
    }
    if let Some(example) = field.example.as_ref().and_then(example_text) {
        say(format!("Example: {example}"));
    }
    doc
}

/// What the type does not say by its name, and the unit.
fn format_of(ty: &Ty, unit: Option<&str>) -> Option<String> {
    let unit = unit.filter(|unit| *unit != "yuan").map(clean::inline);
    let in_unit = |what: &str| unit.as_ref().map(|unit| format!("{what} {unit}."));
    match ty {
        Ty::Yuan => Some("In yuan, with at most two decimals.".to_owned()),
        Ty::Decimal => in_unit("Exact decimal, in").or_else(|| Some("Exact decimal.".to_owned())),
        Ty::LocalDateTime => Some("`yyyy-MM-dd HH:mm:ss`, Beijing time.".to_owned()),
        Ty::LocalDate => Some("`yyyy-MM-dd`.".to_owned()),
        Ty::LocalTime => Some("`HH:mm:ss`, Beijing time.".to_owned()),
        Ty::JsonText(_) => Some("On the wire a text that holds JSON.".to_owned()),
        Ty::Json => Some("Any JSON.".to_owned()),
        Ty::List(item) | Ty::Map(item) => format_of(item, unit.as_deref()),
        _ => in_unit("In"),
    }
}

/// How a list stands in the query, where it is not the usual way.
fn list_style(style: ListStyle) -> Option<&'static str> {
    match style {
        ListStyle::Repeated => None,
        ListStyle::Commas => Some("In the query the items are separated by commas."),
        ListStyle::Spaces => {
            Some("In the query the items are separated by spaces, and cannot hold any.")
        }
        ListStyle::Pipes => {
            Some("In the query the items are separated by `|`, and cannot hold it.")
        }
    }
}

fn limit_text(limit: &Sourced<Limit>) -> String {
    let amount = |bound: &str, n: u64, one: &str, many: &str| {
        format!("At {bound} {n} {}.", if n == 1 { one } else { many })
    };
    let sentence = match &limit.value {
        Limit::MinLength(n) => amount("least", *n, "character", "characters"),
        Limit::MaxLength(n) => amount("most", *n, "character", "characters"),
        Limit::MinItems(n) => amount("least", *n, "item", "items"),
        Limit::MaxItems(n) => amount("most", *n, "item", "items"),
        Limit::Minimum(number) => format!("At least {}.", clean::inline(number)),
        Limit::Maximum(number) => format!("At most {}.", clean::inline(number)),
        Limit::Rule(rule) => clean::inline(rule),
    };
    with_confidence(&sentence, limit.confidence)
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
