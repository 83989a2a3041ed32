//! Requests: whether one is as it should be, and examples.

use std::collections::HashSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::contract::{Contract, Input, Operation, Place, mistakes, request_example};
use crate::error::{Detail, Refusal};
use crate::protocol::upload::FilePart;

/// A request that is not sent yet, without its encryption.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub(super) path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    files: Vec<String>,
}

impl Request {
    /// A request with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a value for `{name}` of the path.
    #[must_use]
    pub fn path(mut self, name: &str, value: &str) -> Self {
        self.path.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a parameter of the query, which may be given several times if it is a list.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with this body, or of an upload the part `data`: the JSON before it is encrypted.
    #[must_use]
    pub fn body(mut self, json: impl Into<Vec<u8>>) -> Self {
        self.body = Some(json.into());
        self
    }

    /// The same with a file in the part of this name.
    #[must_use]
    pub fn file(mut self, part: &str) -> Self {
        self.files.push(part.to_owned());
        self
    }
}

/// What is wrong in a request. It shows no value: that may be personal.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Where: `body`, `query`, `path` or `header`.
    pub place: &'static str,
    /// A JSON pointer to what is wrong, within its place; of a value in a string of JSON, the string. It is empty if
    /// the place as a whole is wrong.
    pub pointer: String,
    /// What is wrong, for programs: `UNKNOWN_FIELD`, `MISSING_REQUIRED`, `WRONG_TYPE`, …
    pub issue: String,
    /// What is wrong, as a sentence.
    pub message: String,
}

/// An example of a request.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Example {
    /// The values in the path.
    pub path: Vec<(String, String)>,
    /// The parameters of the query.
    pub query: Vec<(String, String)>,
    /// The JSON body, or of an upload the part `data`; none if the operation has no body.
    pub body: Option<Map<String, Value>>,
    /// The parts that are files.
    pub files: Vec<String>,
}

/// All that is wrong in a request, which may be of an older style if there are several.
pub(super) fn check(
    contract: &Contract,
    operation: &Operation,
    has_styles: bool,
    request: &Request,
) -> Vec<Finding> {
    if let Some(name) = repeated(request.path.iter().map(|(name, _)| name)) {
        return vec![Finding {
            place: Place::Path.as_str(),
            pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            issue: "BREAKS_RULE".to_owned(),
            message: format!("`{name}` is given twice"),
        }];
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query = request.query.iter().map(|(name, value)| encoded(name) + "=" + &encoded(value));
    let query = query.collect::<Vec<_>>().join("&");
    let path = request.path.iter();
    let path = path.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let files = request.files.iter();
    let files = files.map(|part| FilePart { part: part.clone(), ..FilePart::default() }).collect();
    let input = Input::of_parts(contract, operation, path, &query, request.body.as_deref(), files);
    match input {
        Ok(input) => {
            let fields = contract.structs.get(&operation.request).into_iter().flatten();
            let mut older = fields.filter(|field| field.deprecated && !field.required);
            let is_older = has_styles && older.any(|field| input.body.contains_key(&field.name));
            let all = mistakes(contract, operation, &input, !is_older, usize::MAX);
            all.into_iter().map(Finding::from).collect()
        }
        Err(refusal) => vec![Finding::from(refusal)],
    }
}

/// A name that is there before.
fn repeated<'a>(names: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

/// A request with every field that is not deprecated.
pub(super) fn example(contract: &Contract, operation: &Operation) -> Example {
    let mut made = request_example(contract, &operation.request);
    let mut example = Example::default();
    if contract.has_body(operation) {
        example.body = Some(Map::new());
    }
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    for field in contract.structs.get(&operation.request).into_iter().flatten() {
        if field.place == Place::File {
            example.files.push(field.name.clone());
            continue;
        }
        // Of two fields of one name the first has it.
        let Some(value) = made.shift_remove(&field.name) else { continue };
        match field.place {
            Place::Path => example.path.push((field.name.clone(), text(value))),
            Place::Query => match value {
                Value::Array(items) => {
                    let items = items.into_iter().map(|item| (field.name.clone(), text(item)));
                    example.query.extend(items);
                }
                value => example.query.push((field.name.clone(), text(value))),
            },
            Place::Body => {
                let body = example.body.get_or_insert_default();
                body.insert(field.name.clone(), value);
            }
            Place::Header | Place::File => {}
        }
    }
    example
}

impl Example {
    /// The request itself, with empty files.
    #[must_use]
    pub fn to_request(&self) -> Request {
        Request {
            path: self.path.clone(),
            query: self.query.clone(),
            body: self.body.clone().map(|body| Value::Object(body).to_string().into_bytes()),
            files: self.files.clone(),
        }
    }
}

impl From<Detail> for Finding {
    fn from(detail: Detail) -> Self {
        let Detail { location, pointer, issue, description, .. } = detail;
        Self { place: location, pointer, issue: issue.to_owned(), message: description }
    }
}

impl From<Refusal> for Finding {
    fn from(refusal: Refusal) -> Self {
        match refusal.details.into_iter().next() {
            Some(detail) => detail.into(),
            None => Self {
                place: Place::Body.as_str(),
                pointer: String::new(),
                issue: refusal.code.to_owned(),
                message: refusal.message,
            },
        }
    }
}
