//! Text to value: reads a description (or an overlay) as YAML or JSON, with positions.
//!
//! A text that is JSON is read as JSON. Over YAML go two passes. The first walks the parser's events: it gives the
//! positions and refuses what a value cannot show any more (duplicate keys, several documents,
//! merge keys, tags, aliases that multiply). The second is `serde_yaml`, which gives the value. A plain
//! scalar that YAML would read as a number or a bool, but that is not written as JSON writes it, stays
//! a string: `0x00BFFF`, `107397_107223`, `NO`, `01` and `1e3` are what Alipay sends, not numbers.

mod events;
mod json;
mod read;
mod spans;

use serde_json::Value;

pub(crate) use self::{events::MAX_DEPTH, spans::Spans};
use crate::{
    diag::{Diagnostic, Location, Sink, describe, quote},
    pointer::Pointer,
};

/// A file: its text, and the name it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown in diagnostics, as a rule the path.
    pub name: String,
    /// The text: YAML or JSON. A byte order mark and CRLF do not matter.
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
    let (value, spans) = either(&source.name, text, sink)?;
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

/// The value of a text that is YAML or JSON.
fn either(name: &str, text: &str, sink: &mut Sink) -> Option<(Value, Spans)> {
    if is_markup(text) {
        sink.push(
            Diagnostic::error(events::SYNTAX, "this is XML or HTML, and neither YAML nor JSON")
                .at(Spans::new(name).location(None))
                .hint("check that this is the file you meant; a page that asks to log in is a usual cause"),
        );
        return None;
    }
    if !json::may_be(text) {
        return yaml(name, text, sink);
    }
    let Some(problem) = json::problem(text) else { return json::read(name, text, sink) };
    let is_meant = json::is_meant(text);
    if is_meant && problem.is_comment {
        sink.push(problem.finding(name));
        return None;
    }
    // It may be a flow mapping of YAML, which begins in the same way.
    let mut own = Sink::new();
    let read = yaml(name, text, &mut own);
    let unreadable = own.codes().all(|code| matches!(code, events::SYNTAX | "ambiguous-yaml"));
    if read.is_none() && unreadable && is_meant {
        sink.push(problem.finding(name));
    } else {
        sink.append(own);
    }
    read
}

/// Whether a text begins with an element of XML or HTML.
fn is_markup(text: &str) -> bool {
    let first = text.trim_start().strip_prefix('<').and_then(|rest| rest.chars().next());
    first.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '!' | '?'))
}

fn yaml(name: &str, text: &str, sink: &mut Sink) -> Option<(Value, Spans)> {
    let scan = events::scan(name, text, sink)?;
    let value = read::value(text, &scan).map_err(|finding| sink.push(*finding)).ok()?;
    Some((value, scan.into_spans()))
}

/// What is wrong with the version the description claims, if anything.
fn check_version(raw: &Raw) -> Option<Diagnostic> {
    let Some(version) = raw.value.get("openapi") else {
        let (code, key, message, hint) = other_format(&raw.value);
        let pointer = key.map_or_else(Pointer::root, |key| Pointer::root().join(key));
        return Some(
            Diagnostic::error(code, message).at(raw.locate(&pointer)).pointer(&pointer).hint(hint),
        );
    };
    // Without quotes, YAML makes a number of `3.1`.
    let text = match version {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let mut parts = text.split('.');
    let numbers = [parts.next(), parts.next()].map(|part| part.and_then(|part| part.parse().ok()));
    let patch = text.strip_prefix("3.0.").unwrap_or_default();
    let (message, hint) = match numbers {
        [Some(3), Some(0)] if !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()) => {
            return None;
        }
        [Some(3), Some(0)] | [None, _] | [_, None] => (
            format!("`openapi` must be a string such as \"3.0.3\", found {}", describe(version)),
            "write `openapi: 3.0.3`",
        ),
        [Some(3), Some(1)] => (
            format!("this is OpenAPI {}; only 3.0 is read", quote(&text)),
            "convert it to OpenAPI 3.0.3 first, for example with `openapi-down-convert --allOf`; Alipay \
             publishes its description as 3.0.3",
        ),
        [Some::<u64>(_), Some(_)] => (
            format!("this is OpenAPI {}; only 3.0 is read", quote(&text)),
            "ask its publisher for OpenAPI 3.0, or write it as 3.0.3 by hand; Alipay publishes its \
             description as 3.0.3",
        ),
    };
    let pointer = Pointer::root().join("openapi");
    let finding = Diagnostic::error("openapi-version", message).hint(hint);
    Some(finding.at(raw.locate(&pointer)).pointer(&pointer))
}

/// What a file is that is no OpenAPI description: code, key that says so, message and hint.
fn other_format(value: &Value) -> (&'static str, Option<&'static str>, String, &'static str) {
    const OTHER: &str = "not-a-description";
    let version = |key: &str| match value.get(key) {
        Some(Value::String(text)) => quote(text).trim_matches('"').to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let has = |key: &str| value.get(key).is_some();
    let swagger = ["swagger", "swaggerVersion"].into_iter().find(|key| has(key));
    if let Some(key) = swagger {
        let message =
            format!("this is a Swagger {} description; only OpenAPI 3.0 is read", version(key));
        let hint = "convert it to OpenAPI 3.0.3 first, for example with `swagger2openapi`";
        return ("swagger", Some(key), message, hint);
    }
    if has("overlay") {
        let message = "this is an overlay, and no OpenAPI description".to_owned();
        return (
            OTHER,
            Some("overlay"),
            message,
            "give the description here and the overlay with `--overlay`",
        );
    }
    if has("asyncapi") {
        let message = format!(
            "this is an AsyncAPI {} description, of messages; only OpenAPI 3.0 is read",
            version("asyncapi")
        );
        return (
            OTHER,
            Some("asyncapi"),
            message,
            "give the OpenAPI description of its HTTP operations",
        );
    }
    if has("arazzo") {
        let message = "this is an Arazzo description, of workflows; only OpenAPI 3.0 is read";
        return (
            OTHER,
            Some("arazzo"),
            message.to_owned(),
            "give the OpenAPI description that it refers to",
        );
    }
    let of_info = |key: &str| value.pointer(&format!("/info/{key}")).and_then(Value::as_str);
    let postman = of_info("_postman_id").is_some()
        || of_info("schema").is_some_and(|schema| schema.contains("getpostman.com"));
    if postman {
        let message = "this is a Postman collection; only OpenAPI 3.0 is read".to_owned();
        return (
            OTHER,
            Some("info"),
            message,
            "convert it to OpenAPI 3.0.3 first, for example with `postman-to-openapi`",
        );
    }
    if has("$schema") {
        let message = "this is a JSON Schema; only OpenAPI 3.0 is read".to_owned();
        return (OTHER, Some("$schema"), message, "give the description of the operations");
    }
    let message = "not an OpenAPI description: there is no `openapi` key".to_owned();
    (OTHER, None, message, "a description starts with `openapi: 3.0.3`")
}
