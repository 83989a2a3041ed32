//! Cuts the groups asked for out of Alipay's whole description.
//!
//! The outcome is a description of its own: the operations of the tags, everything they reach, in the
//! order of the source. Prose is left out unless asked for: names, types, values and examples are facts
//! of the wire, the texts are Alipay's.

mod cut;
mod emit;
mod groups;
mod prose;

use serde_json::Value;

pub use self::{
    emit::to_yaml,
    groups::{TagSummary, tags},
};
use crate::{
    diag::{Diagnostic, Sink, did_you_mean, quote},
    load::{Raw, Source, load},
    pointer::Pointer,
};

/// How to cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Keep summaries, descriptions and links.
    pub with_prose: bool,
}

/// A description cut out of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The description, as YAML that reads back as exactly the values cut out.
    pub yaml: String,
    /// The number of its operations.
    pub operations: usize,
    /// The number of its schemas.
    pub schemas: usize,
    /// The number of properties of its schemas.
    pub properties: usize,
}

/// Cuts the operations of `tags` (all, when there are none) and everything they reach out of `source`.
///
/// Everything wrong goes to `sink`; `None` means there was an error.
pub fn import(
    source: &Source,
    tags: &[String],
    options: ImportOptions,
    sink: &mut Sink,
) -> Option<Imported> {
    let raw = load(source, sink)?;
    if !check_tags(&raw, tags, sink) {
        return None;
    }
    let mut value = cut::cut(&raw.value, tags);
    if !options.with_prose {
        prose::remove(&mut value);
    }
    let yaml = format!("{}{}", header(&value, options), to_yaml(&value));
    let schemas = value.pointer("/components/schemas").and_then(Value::as_object);
    Some(Imported {
        yaml,
        operations: groups::operations(&value).count(),
        schemas: schemas.map_or(0, serde_json::Map::len),
        properties: schemas
            .into_iter()
            .flat_map(|schemas| schemas.values())
            .map(groups::properties)
            .sum(),
    })
}

fn header(value: &Value, options: ImportOptions) -> String {
    let version = value.pointer("/info/version").and_then(Value::as_str).unwrap_or("unknown");
    // The version is a text of the source: it must not end the comment.
    let version: String = version.chars().take(60).flat_map(char::escape_default).collect();
    let contents = if options.with_prose {
        "With Alipay's texts."
    } else {
        "Wire facts only; texts are in overlay.yaml."
    };
    format!("# Made by `cargo xtask import` from Alipay's description {version}. {contents}\n")
}

fn check_tags(raw: &Raw, tags: &[String], sink: &mut Sink) -> bool {
    let known: Vec<_> = groups::tag_names(&raw.value);
    let mut good = true;
    for tag in tags.iter().filter(|tag| !known.contains(&tag.as_str())) {
        good = false;
        let similar: Vec<_> =
            known.iter().copied().filter(|known| known.contains(tag.as_str())).take(5).collect();
        let hint = match did_you_mean(tag, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if !similar.is_empty() => {
                format!("did you mean one of `{}`?", similar.join("`, `"))
            }
            None => "`cargo xtask tags FILE` lists the tags".to_owned(),
        };
        let paths = Pointer::root().join("paths");
        sink.push(
            Diagnostic::error("unknown-tag", format!("no operation has the tag {}", quote(tag)))
                .at(Some(raw.locate(&paths)))
                .pointer(&paths)
                .hint(hint),
        );
    }
    good
}
