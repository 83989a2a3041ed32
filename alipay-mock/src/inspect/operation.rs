//! Operations, as the page shows them: what is found, and one with its fields.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::calls::{pretty, short};
use super::guide;
use crate::catalogue::Endpoint;
use crate::contract::{self, Bound, Contract, ContractError, Field, Operation, Place, Ty};
use crate::engine::Engine;
use crate::voucher;

/// How many rows a table of fields has at most, and how deep it goes.
const MOST_ROWS: usize = 400;
const DEEPEST: usize = 6;
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
    /// Where it is, if not in the body.
    pub(super) place: &'static str,
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
    let operation = &endpoint.operation;
    let response = Value::Object(contract::example(contract, &operation.response));
    Ok(Some(Described {
        listed: Listed::from(endpoint),
        works: (endpoint.voucher == Some(voucher::Operation::Create)).then(guide::create),
        command: command(contract, operation),
        response: pretty(Some(&response)),
        request_fields: rows(contract, &operation.request),
        response_fields: rows(contract, &operation.response),
        codes: &operation.codes,
    }))
}

/// A call with every field, as the README's function for a shell makes it.
fn command(contract: &Contract, operation: &Operation) -> String {
    let example = contract::example(contract, &operation.request);
    let fields = contract.structs.get(&operation.request).map(Vec::as_slice).unwrap_or_default();
    let mut target = operation.path.clone();
    let mut query = Vec::new();
    let mut body = Map::new();
    let mut has_files = false;
    for field in fields {
        let Some(value) = example.get(&field.name) else { continue };
        match field.place {
            Place::Body => {
                body.insert(field.name.clone(), value.clone());
            }
            Place::Query => query.push(format!("{}={}", field.name, in_url(value))),
            Place::Path => {
                target = target.replace(&format!("{{{}}}", field.name), &in_url(value));
            }
            Place::File => has_files = true,
            Place::Header => {}
        }
    }
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    if has_files {
        let parts = "multipart/form-data, of which the part `data` is signed";
        return format!(
            "# {} {target}\n# {parts}: it is this JSON\n{:#}",
            operation.method,
            Value::Object(body)
        );
    }
    let call = format!("call {} {}", operation.method, quoted(&target));
    if body.is_empty() {
        return call;
    }
    format!("{call} {}", quoted(&format!("{:#}", Value::Object(body))))
}

/// An argument of a command in a shell. A quote ends the string, so it stands outside.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn in_url(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    utf8_percent_encode(&text, QUERY).to_string()
}

fn rows(contract: &Contract, id: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    add_rows(contract, id, &mut Vec::new(), &mut rows);
    rows
}

fn add_rows<'a>(contract: &'a Contract, id: &'a str, path: &mut Vec<&'a str>, rows: &mut Vec<Row>) {
    if path.len() >= DEEPEST || path.contains(&id) {
        return;
    }
    path.push(id);
    for field in contract.structs.get(id).into_iter().flatten() {
        if rows.len() >= MOST_ROWS {
            break;
        }
        rows.push(Row {
            name: field.name.clone(),
            depth: path.len() - 1,
            place: if field.place == Place::Body { "" } else { field.place.as_str() },
            ty: type_name(&field.ty),
            required: field.required,
            limits: limits(contract, field),
            example: match &field.example {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            },
        });
        if let Some(inner) = field.ty.in_struct() {
            add_rows(contract, inner, path, rows);
        }
    }
    path.pop();
}

fn type_name(ty: &Ty) -> String {
    match ty {
        Ty::String | Ty::Enum(_) => "string".to_owned(),
        Ty::Boolean => "boolean".to_owned(),
        Ty::Integer => "integer".to_owned(),
        Ty::Number => "number".to_owned(),
        Ty::Any => "any".to_owned(),
        Ty::Yuan => "decimal string, yuan".to_owned(),
        Ty::Decimal => "decimal string".to_owned(),
        Ty::DateTime => "yyyy-MM-dd HH:mm:ss".to_owned(),
        Ty::Date => "yyyy-MM-dd".to_owned(),
        Ty::Time => "HH:mm:ss".to_owned(),
        Ty::File => "file".to_owned(),
        Ty::Struct(_) => "object".to_owned(),
        Ty::List(inner) => format!("list of {}", type_name(inner)),
        Ty::Map(inner) => format!("map of {}", type_name(inner)),
        Ty::JsonString(inner) => format!("string of JSON: {}", type_name(inner)),
    }
}

fn limits(contract: &Contract, field: &Field) -> String {
    let bounds = field.limits.iter().filter_map(|limit| bound(&limit.bound));
    let values = field.ty.in_enum().and_then(|id| contract.enums.get(id)).map(|all| {
        let mut shown = all.values.iter().take(MOST_VALUES).cloned().collect::<Vec<_>>().join(" ");
        if all.values.len() > MOST_VALUES {
            shown.push_str(" …");
        }
        shown
    });
    bounds.chain(values).collect::<Vec<_>>().join("; ")
}

fn bound(bound: &Bound) -> Option<String> {
    Some(match bound {
        Bound::MinLength(least) => format!("at least {least} characters"),
        Bound::MaxLength(most) => format!("at most {most} characters"),
        Bound::MinItems(least) => format!("at least {least} items"),
        Bound::MaxItems(most) => format!("at most {most} items"),
        Bound::MinKeys(least) => format!("at least {least} members"),
        Bound::MaxKeys(most) => format!("at most {most} members"),
        Bound::Minimum(least) => format!("at least {least}"),
        Bound::Maximum(most) => format!("at most {most}"),
        Bound::MoreThan(least) => format!("more than {least}"),
        Bound::LessThan(most) => format!("less than {most}"),
        Bound::MultipleOf(unit) => format!("a multiple of {unit}"),
        Bound::OneOf(values) => values.join(" "),
        Bound::Pattern(pattern) => format!("pattern {}", pattern.text),
        Bound::Format(format) => format.clone(),
        Bound::UniqueItems => "no item twice".to_owned(),
        Bound::Nullable => "or null".to_owned(),
        Bound::ReadOnly | Bound::WriteOnly => return None,
        Bound::Each(inner) => format!("each: {}", self::bound(inner)?),
    })
}
