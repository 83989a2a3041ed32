//! Cuts the groups asked for out of Alipay's whole description.
//!
//! The outcome is a description of its own: the operations of the tags, everything they reach, in the
//! order of the source. Prose is left out unless asked for: names, types, values and examples are facts
//! of the wire, the prose is Alipay's. A [fingerprint](crate::texts) stays of each text that is no name.

mod cut;
mod yaml;

use std::collections::HashSet;

use serde_json::Value;

pub(crate) use self::cut::{Component, cut, cut_to, operations, reached, tags_of};
pub use self::{
    cut::{TagSummary, count, tags},
    yaml::to_yaml,
};
use crate::{
    diag::{Diagnostic, Location, Sink, nearest, quote},
    ir::fit::is_date,
    load::{Raw, Source},
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

/// Cuts the operations of `tags` (all, when there are none) and everything they reach out of a description.
///
/// Everything wrong goes to `sink`; `None` means there was an error.
pub fn import(
    raw: &Raw,
    tags: &[String],
    options: ImportOptions,
    sink: &mut Sink,
) -> Option<Imported> {
    if !check_tags(&raw.value, tags, &|pointer| raw.locate(pointer), sink) {
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
    format!("{MADE_BY}{FROM}{version}. {contents}\n")
}

/// Warns of a base that is older than the one that it replaces. Alipay's versions are dates.
pub fn check_age(old: &Source, new: &Source, sink: &mut Sink) {
    if let (Some(before), Some(now)) = (date(old), date(new))
        && now < before
    {
        let message = format!(
            "the description is of {now}, and the base that it replaces of {before}: what has come since counts \
             as dropped"
        );
        let hint = format!("unless you mean it, import that of {before} again, or a newer one");
        sink.push(Diagnostic::warning("older-description", message).hint(hint));
    }
}

/// The date that a base is of.
fn date(base: &Source) -> Option<&str> {
    let header = base.text.lines().next()?.strip_prefix(MADE_BY)?.strip_prefix(FROM)?;
    header.split(". ").next().filter(|version| is_date(version))
}

const MADE_BY: &str = "# Made by `cargo xtask import`";
const FROM: &str = " from Alipay's description ";
const WIRE_FACTS: &str = "Wire facts and names; none of Alipay's texts.";
/// The same before there were fingerprints and names.
const WITHOUT_FINGERPRINTS: &str = "Wire facts only; texts are in overlay.yaml.";

/// Whether a base was made before there were fingerprints: then nothing is known of its texts.
pub(crate) fn lacks_fingerprints(base: &Source, texts: &Texts) -> bool {
    let header = base.text.lines().next().unwrap_or_default();
    texts.is_empty() && header.starts_with(MADE_BY) && header.ends_with(WITHOUT_FINGERPRINTS)
}

/// Whether each of the tags is that of an operation. Notes those that are not.
pub(crate) fn check_tags(
    root: &Value,
    tags: &[String],
    locate: &dyn Fn(&Pointer) -> Location,
    sink: &mut Sink,
) -> bool {
    let known: Vec<_> = cut::tag_names(root);
    let mut good = true;
    for tag in tags.iter().filter(|tag| !known.contains(&tag.as_str())) {
        good = false;
        let paths = Pointer::root().join("paths");
        sink.push(
            Diagnostic::error("unknown-tag", format!("no operation has the tag {}", quote(tag)))
                .at(locate(&paths))
                .pointer(&paths)
                .hint(tag_hint(tag, &known)),
        );
    }
    good
}

/// What may have been meant by a tag that no operation has: the tags below it, those like it, or those that have
/// it as a part.
fn tag_hint(tag: &str, known: &[&str]) -> String {
    let asked = tag.trim_end_matches(['.', '*']);
    let with = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        known.iter().copied().filter(|known| !asked.is_empty() && wanted(known)).collect()
    };
    let mut below = with(&|known| {
        known.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    if below.len() > 1 {
        below.sort_unstable();
        return format!("give those you want of the tags below it: {}", some(&below));
    }
    let mut parts = with(&|known| known.contains(asked));
    let has_segment = |known: &str| known.split('.').any(|segment| segment == asked);
    parts.sort_by_key(|known| (!known.starts_with(asked), !has_segment(known)));
    let mut found = nearest(tag, known.iter().copied());
    found.extend(parts);
    let mut seen = HashSet::new();
    found.retain(|known| seen.insert(*known));
    match found.as_slice() {
        [] => "`cargo xtask tags [FILE]` lists the tags".to_owned(),
        [one] => format!("did you mean `{one}`?"),
        found => format!("did you mean one of these? {}", some(found)),
    }
}

/// The first of some tags, and how many there are besides.
fn some(tags: &[&str]) -> String {
    const SHOWN: usize = 8;
    let (shown, more) = tags.split_at(tags.len().min(SHOWN));
    let shown = format!("`{}`", shown.join("`, `"));
    if more.is_empty() {
        return shown;
    }
    format!("{shown} and {} more; `cargo xtask tags [FILE]` lists all", more.len())
}
