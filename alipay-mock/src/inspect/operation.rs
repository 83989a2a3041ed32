//! Operations, as the page shows them: what is found, and one with its fields.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::calls::{pretty, short};
use super::guide;
use crate::catalogue::Endpoint;
use crate::contract::{ContractError, Operation};
use crate::description::{self, Field, Required};
use crate::engine::Engine;
use crate::voucher;

/// How many rows a table of fields has at most.
const MOST_ROWS: usize = 400;
/// How many values of an enum are shown.
const MOST_VALUES: usize = 12;
/// Everything else is percent-encoded in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What was looked for.
pub(super) struct Search<'a> {
    /// As it was given, in small letters.
    pub(super) words: String,
    pub(super) found: Vec<Listed<'a>>,
    pub(super) count: usize,
    /// How many operations there are.
    pub(super) all: usize,
}

impl Search<'_> {
    /// As the value of a parameter.
    pub(super) fn words_in_url(&self) -> String {
        utf8_percent_encode(&self.words, QUERY).to_string()
    }
}

/// An operation in a list.
pub(super) struct Listed<'a> {
    pub(super) operation: &'a Operation,
    pub(super) short: &'a str,
    pub(super) has_state: bool,
}

impl<'a> From<&'a Endpoint> for Listed<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        Self {
            operation: &endpoint.operation,
            short: short(&endpoint.operation.id),
            has_state: endpoint.keeps_state(),
        }
    }
}

/// The operations that have each of the words. Without any, those that are described best.
pub(super) fn search(
    engine: &Engine,
    words: String,
    most: usize,
) -> Result<Search<'_>, ContractError> {
    let (first, others) = (engine.catalogue.endpoints(), engine.catalogue.others()?);
    let others = if words.is_empty() { &[] } else { others };
    let found = first.iter().chain(others).filter(|endpoint| endpoint.is_about(&words));
    let found: Vec<Listed<'_>> = found.map(Listed::from).collect();
    Ok(Search {
        count: found.len(),
        all: first.len() + engine.catalogue.others()?.len(),
        found: found.into_iter().take(most).collect(),
        words,
    })
}

/// An operation with its fields.
pub(super) struct Described<'a> {
    pub(super) listed: Listed<'a>,
    /// Commands that are accepted, where the fields exclude each other.
    pub(super) works: Option<&'static str>,
    pub(super) command: String,
    pub(super) response: String,
    pub(super) request_fields: Vec<Row>,
    pub(super) response_fields: Vec<Row>,
    pub(super) codes: &'a [String],
}

/// A field in a table.
pub(super) struct Row {
    pub(super) name: String,
    /// How far it is within others.
    pub(super) depth: usize,
    /// Its short name; may be empty.
    pub(super) title: String,
    /// Where it is, if not in the body.
    pub(super) place: Option<&'static str>,
    pub(super) ty: String,
    pub(super) required: bool,
    pub(super) limits: String,
    pub(super) example: String,
}

/// The operation with this id.
pub(super) fn describe<'a>(
    engine: &'a Engine,
    id: &str,
) -> Result<Option<Described<'a>>, ContractError> {
    let Some((endpoint, contract)) = engine.catalogue.named(id)? else { return Ok(None) };
    let operation = description::Operation::new(endpoint, contract);
    let response = Value::Object(operation.response_example());
    Ok(Some(Described {
        listed: Listed::from(endpoint),
        works: (endpoint.voucher == Some(voucher::Operation::Create)).then(guide::create),
        command: command(&operation),
        response: pretty(Some(&response)),
        request_fields: rows(&operation.request_fields()),
        response_fields: rows(&operation.response_fields()),
        codes: operation.codes(),
    }))
}

/// A call with every field, as the README's function for a shell makes it.
fn command(operation: &description::Operation<'_>) -> String {
    let example = operation.example();
    let mut target = operation.path().to_owned();
    for (name, value) in &example.path {
        target = target.replace(&format!("{{{name}}}"), &in_url(value));
    }
    let query = example.query.iter().map(|(name, value)| format!("{name}={}", in_url(value)));
    let query = query.collect::<Vec<_>>().join("&");
    if !query.is_empty() {
        target = format!("{target}?{query}");
    }
    let (method, body) = (operation.method(), Value::Object(example.body.unwrap_or_default()));
    if !example.files.is_empty() {
        let parts = "multipart/form-data, of which the part `data` is signed";
        return format!("# {method} {target}\n# {parts}: it is this JSON\n{body:#}");
    }
    let call = format!("call {method} {}", quoted(&target));
    if body.as_object().is_none_or(Map::is_empty) {
        return call;
    }
    format!("{call} {}", quoted(&format!("{body:#}")))
}

/// An argument of a command in a shell. A quote ends the string, so it stands outside.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn in_url(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

fn rows(fields: &[Field<'_>]) -> Vec<Row> {
    fields.iter().take(MOST_ROWS).map(Row::from).collect()
}

impl From<&Field<'_>> for Row {
    fn from(field: &Field<'_>) -> Self {
        Self {
            name: field.name().to_owned(),
            title: field.title().to_owned(),
            depth: field.depth(),
            place: Some(field.place()).filter(|place| !matches!(*place, "body" | "file")),
            ty: field.type_name(),
            required: field.required() == Required::Yes,
            limits: limits(field),
            example: match field.example() {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            },
        }
    }
}

fn limits(field: &Field<'_>) -> String {
    let mut limits = field.limits();
    let values = field.values();
    if !values.is_empty() {
        let mut shown = values.iter().take(MOST_VALUES).cloned().collect::<Vec<_>>().join(" ");
        if values.len() > MOST_VALUES {
            shown.push_str(" …");
        }
        limits.push(shown);
    }
    limits.join("; ")
}
