//! Cuts the groups asked for out of Alipay's whole description.
//!
//! The outcome is a description of its own: the operations of the tags, everything they reach, in the
//! order of the source. Prose is left out unless asked for: names, types, values and examples are facts
//! of the wire, the prose is Alipay's. A [fingerprint](crate::texts) stays of each text.

mod cut;
mod yaml;

use serde_json::Value;

pub(crate) use self::cut::{Component, cut, cut_to, operations, reached, tags_of};
pub use self::{
    cut::{TagSummary, tags},
    yaml::to_yaml,
};
use crate::{
    diag::{Diagnostic, Sink, did_you_mean_or, quote},
    load::{Raw, Source, load},
    pointer::Pointer,
    texts::{self, Texts},
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
        texts::replace(&mut value);
    }
    let yaml = format!("{}{}", header(&value, options), to_yaml(&value));
    let schemas = value.pointer("/components/schemas").and_then(Value::as_object);
    Some(Imported {
        yaml,
        operations: operations(&value).count(),
        schemas: schemas.map_or(0, serde_json::Map::len),
        properties: schemas
            .into_iter()
            .flat_map(|schemas| schemas.values())
            .map(cut::properties)
            .sum(),
    })
}

fn header(value: &Value, options: ImportOptions) -> String {
    let version = value.pointer("/info/version").and_then(Value::as_str).unwrap_or("unknown");
    // The version is input: it must not end the comment.
    let version: String = version.chars().take(60).flat_map(char::escape_default).collect();
    let contents = if options.with_prose { "With Alipay's texts." } else { WIRE_FACTS };
    format!("{MADE_BY} from Alipay's description {version}. {contents}\n")
}

const MADE_BY: &str = "# Made by `cargo xtask import`";
const WIRE_FACTS: &str = "Wire facts only; texts are in overlay.yaml.";

/// Whether a base was made before there were fingerprints: then nothing is known of its texts.
pub(crate) fn lacks_fingerprints(base: &Source, texts: &Texts) -> bool {
    let header = base.text.lines().next().unwrap_or_default();
    texts.is_empty() && header.starts_with(MADE_BY) && header.ends_with(WIRE_FACTS)
}

fn check_tags(raw: &Raw, tags: &[String], sink: &mut Sink) -> bool {
    let known: Vec<_> = cut::tag_names(&raw.value);
    let mut good = true;
    for tag in tags.iter().filter(|tag| !known.contains(&tag.as_str())) {
        good = false;
        let similar: Vec<_> =
            known.iter().copied().filter(|known| known.contains(tag.as_str())).take(5).collect();
        let hint = did_you_mean_or(tag, known.iter().copied(), || match similar.as_slice() {
            [] => "`cargo xtask tags FILE` lists the tags".to_owned(),
            similar => format!("did you mean one of `{}`?", similar.join("`, `")),
        });
        let paths = Pointer::root().join("paths");
        sink.push(
            Diagnostic::error("unknown-tag", format!("no operation has the tag {}", quote(tag)))
                .at(raw.locate(&paths))
                .pointer(&paths)
                .hint(hint),
        );
    }
    good
}
