//! Enums: open sets of values, and error codes of operations and of the gateway.

use std::collections::BTreeSet;

use alipay_openapi::ir::{Code, CodeSet, OpenEnum, Retry};

use super::builder::{Builder, alias, dropped, literal};
use crate::{
    layout::Home,
    named::{NamedApi, NamedEnum, NamedOperation},
    print::SourceFile,
    print::docs::{Doc, clean, confidence_suffix, end_sentence},
};

/// The name of the enum of the gateway's codes.
pub(super) const COMMON: &str = "CommonErrorCode";

/// The file of the enums that several files use.
pub(super) fn file(api: &NamedApi<'_>) -> SourceFile {
    let mut file = Builder::new(api, Some(Home::Enums));
    for item in api.enums_of(&Home::Enums) {
        open_enum(&mut file, item);
    }
    file.finish(Doc::line("Open sets of values that several types use."))
}

/// An open set of values.
pub(super) fn open_enum(file: &mut Builder<'_>, item: NamedEnum<'_>) {
    let variants = item.item.values.iter().zip(&item.names.variants).map(|(value, name)| Variant {
        name,
        wire: &value.wire,
        doc: about(value.meaning.as_deref(), &value.wire, "A value without a description."),
        removed_in: value.removed_in.as_deref(),
        class: "",
    });
    item_of(file, "open_enum", doc(item.item), &item.names.name, variants);
}

/// The file of the gateway's codes.
pub(super) fn common_codes(api: &NamedApi<'_>) -> SourceFile {
    let mut file = Builder::new(api, None);
    if let Some(set) = &api.api.common_codes {
        let doc = Doc::line("Error codes of the gateway. Every operation may return them.");
        codes(&mut file, set, &api.names.common_codes, COMMON, doc);
    }
    file.finish(Doc::line("The gateway's error codes."))
}

/// The enum of an operation's codes.
pub(super) fn operation_codes(file: &mut Builder<'_>, operation: NamedOperation<'_>) {
    let id = clean::code_span(&operation.item.id).unwrap_or_default();
    let names = &operation.names.codes;
    let mut head = names.name.clone();
    if file.api.api.common_codes.is_some() {
        file.generated(&format!("models::{COMMON}"));
        head = format!("{head}: {COMMON}");
    }
    let doc = Doc::line(format!("Error codes of {id}."));
    codes(file, &operation.item.codes, &names.variants, &head, doc);
}

fn codes(file: &mut Builder<'_>, set: &CodeSet, names: &[String], head: &str, doc: Doc) {
    let variants = set.codes.iter().zip(names).map(|(code, name)| Variant {
        name,
        wire: &code.wire,
        doc: code_doc(code),
        removed_in: code.removed_in.as_deref(),
        class: match code.retry {
            None => "",
            Some(Retry::SameRequest) => " => Failed",
            Some(Retry::Later | Retry::Never) => " => Refused",
        },
    });
    item_of(file, "error_codes", doc, head, variants);
}

struct Variant<'v> {
    name: &'v str,
    wire: &'v str,
    doc: Doc,
    removed_in: Option<&'v str>,
    /// What an error code says of the outcome.
    class: &'static str,
}

fn item_of<'v>(
    file: &mut Builder<'_>,
    macro_name: &str,
    doc: Doc,
    head: &str,
    variants: impl Iterator<Item = Variant<'v>>,
) {
    let variants: Vec<_> = variants.collect();
    let doc = doc.explained(variants.iter().map(|variant| &variant.doc));
    let mut block = file.block(macro_name);
    block.doc(&doc, 4);
    block.line(4, &format!("pub enum {head} {{"));
    for Variant { name, wire, doc, removed_in, class } in variants {
        block.doc(&doc, 8);
        // rustdoc's search ignores case and underscores, and so finds most variants without an alias.
        let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let alias = alias(wire, name).filter(|wire| plain(wire) != plain(name));
        block.attributes(8, alias, removed_in.map(dropped));
        block.line(8, &format!("{name} = {}{class},", literal(wire)));
    }
    block.line(4, "}");
    file.push(block);
}

fn about(meaning: Option<&str>, wire: &str, fallback: &str) -> Doc {
    Doc::described(meaning, clean::code_span(wire).as_deref(), fallback)
}

/// The description of the field that has the values, and the names of all such fields.
fn doc(item: &OpenEnum) -> Doc {
    let fields: BTreeSet<_> = item.used_by.iter().collect();
    let fields: Vec<_> = fields.iter().filter_map(|field| clean::code_span(field)).collect();
    let values = if fields.is_empty() {
        "One of a set of values".to_owned()
    } else {
        format!("A value of {}", fields.join(" or "))
    };
    let values = format!("{values}{}.", confidence_suffix(item.confidence));
    match Doc::about(&item.docs, "").summary() {
        "" => Doc::line(values),
        summary => Doc::line(summary).paragraph(values).doubt(item.docs.confidence),
    }
}

fn code_doc(code: &Code) -> Doc {
    let mut doc = about(code.meaning.as_deref(), &code.wire, "A code without a description.");
    if let Some(action) = &code.action {
        doc = doc.item(format!("What to do: {}", end_sentence(&clean::inline(action))));
    }
    match code.retry {
        Some(Retry::SameRequest) => {
            doc = doc.item("Retry: send the same request again after a pause.");
        }
        Some(Retry::Later) => doc = doc.item("Retry: later, once the cause is gone."),
        Some(Retry::Never) => doc = doc.item("Retry: does not help."),
        None => {}
    }
    match confidence_suffix(code.confidence) {
        "" => doc,
        word => doc.item(format!("Confidence:{}.", word.replace(['(', ')'], ""))),
    }
}
