//! YAML to value: reads a description (or an overlay) as YAML or JSON, with positions.
//!
//! Two passes go over the text. The first walks the parser's events: it gives the
//! positions and refuses what a value cannot show any more (duplicate keys, several documents,
//! merge keys, tags, aliases that multiply). The second is `serde_yaml`, which gives the value. A plain
//! scalar that YAML would read as a number or a bool, but that is not written as JSON writes it, stays
//! a string: `0x00BFFF`, `107397_107223`, `NO`, `01` and `1e3` are what Alipay sends, not numbers.

mod events;
mod read;
mod spans;

use serde_json::Value;

pub(crate) use self::spans::Spans;
use crate::{
    diag::{Diagnostic, Location, Sink, describe, quote},
    pointer::Pointer,
};

/// A file: its text, and the name it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown in diagnostics, as a rule the path.
    pub name: String,
    /// The text: YAML, of which JSON is a part. A byte order mark and CRLF do not matter.
    pub text: String,
}

impl Source {
    /// A source from its name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// A value as it stands in its source, with positions.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The value; objects keep their order.
    pub value: Value,
    /// Where everything in it stands.
    pub(crate) spans: Spans,
}

impl Raw {
    /// The place of the key at `pointer` (of the item itself, in a list), or that of the nearest value
    /// above it.
    #[must_use]
    pub fn locate(&self, pointer: &Pointer) -> Location {
        self.spans.locate(pointer)
    }
}

/// Reads an OpenAPI 3.0 description.
///
/// Everything wrong with it goes to `sink`; `None` means there was an error.
pub fn load(source: &Source, sink: &mut Sink) -> Option<Raw> {
    let raw = parse(source, sink)?;
    match check_version(&raw) {
        None => Some(raw),
        Some(finding) => {
            sink.push(finding);
            None
        }
    }
}

/// Reads any YAML or JSON text whose root is a mapping.
///
/// Everything wrong with it goes to `sink`; `None` means there was an error.
pub fn parse(source: &Source, sink: &mut Sink) -> Option<Raw> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let scan = events::scan(&source.name, text, sink)?;
    let value = read::value(text, &scan).map_err(|finding| sink.push(*finding)).ok()?;
    let spans = scan.into_spans();
    if value.is_object() {
        return Some(Raw { value, spans });
    }
    let message = format!("the file holds {}, not a mapping of keys to values", describe(&value));
    sink.push(
        Diagnostic::error("not-a-mapping", message)
            .at(spans.locate(&Pointer::root()))
            .hint("check that this is the file you meant"),
    );
    None
}

/// What is wrong with the version the description claims, if anything.
fn check_version(raw: &Raw) -> Option<Diagnostic> {
    let found = |key: &str| raw.value.get(key);
    let at = |key: &str, finding: Diagnostic| {
        let pointer = Pointer::root().join(key);
        Some(finding.at(raw.locate(&pointer)).pointer(&pointer))
    };
    if let Some(version) = found("openapi") {
        let text = version.as_str().unwrap_or_default();
        let patch = text.strip_prefix("3.0.").unwrap_or_default();
        if !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (message, hint) = if text.starts_with("3.") {
            (
                format!("this is OpenAPI {}; only 3.0 is read", quote(text)),
                "convert it to OpenAPI 3.0.3 first, for example with `openapi-down-convert`; Alipay \
                 publishes its description as 3.0.3",
            )
        } else {
            let found = describe(version);
            (
                format!("`openapi` must be a string such as \"3.0.3\", found {found}"),
                "write `openapi: 3.0.3`",
            )
        };
        return at("openapi", Diagnostic::error("openapi-version", message).hint(hint));
    }
    if let Some(version) = found("swagger") {
        let version = describe(version);
        let message =
            format!("this is a Swagger description ({version}); only OpenAPI 3.0 is read");
        let hint = "convert it to OpenAPI 3.0.3 first, for example with `swagger2openapi`";
        return at("swagger", Diagnostic::error("swagger", message).hint(hint));
    }
    let hint = if found("overlay").is_some() {
        "this looks like an overlay; give the description here and the overlay beside it"
    } else {
        "a description starts with `openapi: 3.0.3`"
    };
    let message = "not an OpenAPI description: there is no `openapi` key";
    let finding = Diagnostic::error("not-a-description", message).hint(hint);
    Some(finding.at(raw.locate(&Pointer::root())))
}
