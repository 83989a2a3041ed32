//! What the rules look at: the values of a description that have a text, and where an overlay would say more
//! of them.

use std::rc::Rc;

use heck::ToSnakeCase;
use serde_json::Value;

use super::text::plain;
use crate::{
    import::{self, Component},
    ir::{Ty, fit::misfit},
    path::{Step, path_of},
};

/// A property or a parameter.
pub(super) struct Subject<'a> {
    /// Its name on the wire.
    pub(super) wire: &'a str,
    /// Its type; of a list, that of its items.
    pub(super) kind: &'a str,
    /// Whether the description says more of its type already.
    pub(super) is_typed: bool,
    /// Whether the description marks it as deprecated.
    pub(super) is_deprecated: bool,
    /// What Alipay says of it, without HTML.
    pub(super) text: String,
    /// What Alipay says of it and of what stands beside it.
    pub(super) beside: Rc<str>,
    /// Its example.
    pub(super) example: Option<&'a Value>,
    /// The example of the other end of a period that it is one end of.
    pub(super) other_end: Option<&'a Value>,
    /// The schema or, as a component of its own, the path that it stands in.
    pub(super) part: Component,
    /// Whether another time of its domain is said to be in UTC.
    pub(super) is_near_utc: bool,
    /// In how many lists its values stand.
    pub(super) lists: usize,
    /// Where an overlay says something of it.
    pub(super) spot: Spot,
    /// Where an overlay says something of its schema; of a parameter that is not the same.
    pub(super) schema: Spot,
}

/// Where an overlay says something of a property or a parameter: the target of an action and, where that has all
/// properties of a schema, the name of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    pub(super) target: String,
    pub(super) property: Option<String>,
}

impl Subject<'_> {
    /// The words of its name.
    pub(super) fn words(&self) -> Vec<String> {
        self.wire.to_snake_case().split('_').map(str::to_owned).collect()
    }

    /// Whether one of these is a word of its name.
    pub(super) fn is_called(&self, words: &[&str]) -> bool {
        self.words().iter().any(|word| words.contains(&word.as_str()))
    }

    /// Its examples: an example of a list may be one of an item.
    pub(super) fn examples(&self) -> impl Iterator<Item = &Value> {
        let items = self.example.and_then(Value::as_array).filter(|_| self.lists > 0);
        let one = self.example.filter(|example| items.is_none() && !example.is_null());
        items.into_iter().flatten().chain(one)
    }

    /// Whether it has an example.
    pub(super) fn has_example(&self) -> bool {
        self.examples().next().is_some()
    }

    /// Whether all its examples are values of a type.
    pub(super) fn examples_are(&self, ty: &Ty) -> bool {
        self.examples().all(|example| is_value_of(example, ty))
    }
}

/// Whether an example is a value of a type.
pub(super) fn is_value_of(example: &Value, ty: &Ty) -> bool {
    misfit(&|_| None, ty, example).is_none()
}

/// The subjects of a description, in its order.
pub(super) fn subjects(root: &Value) -> Vec<Subject<'_>> {
    let mut found = Walk { found: Vec::new(), part: Component::default() };
    for (path, method, operation) in import::operations(root) {
        found.part = part_of_path(path);
        found.operation(operation, &with(&[], ["paths", path, method]));
    }
    for (schema, value) in members(root.pointer("/components/schemas")) {
        found.part = ("schemas".to_owned(), schema.to_owned());
        found.object(value, &with(&[], ["components", "schemas", schema]));
    }
    found.found
}

/// The part of a description that a path is.
pub(super) fn part_of_path(path: &str) -> Component {
    ("paths".to_owned(), path.to_owned())
}

/// The members of an object.
pub(super) fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members.map(|(key, value)| (key.as_str(), value))
}

/// What is said of a parameter beside its schema.
#[derive(Default)]
struct Said<'a> {
    texts: Vec<String>,
    example: Option<&'a Value>,
    other_end: Option<&'a Value>,
}

struct Walk<'a> {
    found: Vec<Subject<'a>>,
    /// Where the walk is.
    part: Component,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a Value, at: &[Step]) {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let parameters = parameters.into_iter().flatten();
        let texts = parameters.clone().map(all_texts).collect::<Vec<_>>().join("\n");
        let beside: Rc<str> = texts.into();
        for (index, parameter) in parameters.clone().enumerate() {
            let (Some(wire), Some(schema)) =
                (parameter.get("name").and_then(Value::as_str), parameter.get("schema"))
            else {
                continue;
            };
            let at = place_of_parameter(at, index);
            let spot = |at: &[Step]| Spot { target: path_of(at), property: None };
            let of_schema = spot(&with(&at, ["schema"]));
            let other_end = parameters.clone().find(|other| {
                let name = other.get("name").and_then(Value::as_str);
                name.is_some_and(|name| is_other_end(wire, name))
            });
            let said = Said {
                texts: vec![own_text(parameter)],
                example: parameter.get("example"),
                other_end: other_end.and_then(example_of),
            };
            self.value(wire, schema, said, &beside, (spot(&at), of_schema));
        }
        let content = |body: Option<&'a Value>| members(body.and_then(|body| body.get("content")));
        for (media, body) in content(operation.get("requestBody")) {
            let at = with(at, ["requestBody", "content", media, "schema"]);
            self.object(body.get("schema").unwrap_or(&Value::Null), &at);
        }
        for (status, response) in members(operation.get("responses")) {
            for (media, body) in content(Some(response)) {
                let at = with(at, ["responses", status, "content", media, "schema"]);
                self.object(body.get("schema").unwrap_or(&Value::Null), &at);
            }
        }
    }

    fn object(&mut self, schema: &'a Value, at: &[Step]) {
        let properties = schema.get("properties");
        let texts = members(properties).map(|(_, property)| all_texts(property));
        let beside: Rc<str> = texts.collect::<Vec<_>>().join("\n").into();
        let at = with(at, ["properties"]);
        for (wire, property) in members(properties) {
            let spot = Spot { target: path_of(&at), property: Some(wire.to_owned()) };
            let other_end = members(properties).find(|(name, _)| is_other_end(wire, name));
            let other_end = other_end.and_then(|(_, other)| example_of(other));
            let said = Said { other_end, ..Said::default() };
            self.value(wire, property, said, &beside, (spot.clone(), spot));
            let mut inner = property;
            let mut at = with(&at, [wire]);
            while let Some(items) = inner.get("items") {
                inner = items;
                at = with(&at, ["items"]);
            }
            self.object(inner, &at);
        }
    }

    fn value(
        &mut self,
        wire: &'a str,
        schema: &'a Value,
        Said { mut texts, mut example, other_end }: Said<'a>,
        beside: &Rc<str>,
        (spot, of_schema): (Spot, Spot),
    ) {
        let mut inner = schema;
        let mut lists = 0;
        loop {
            texts.push(own_text(inner));
            example = example.or_else(|| inner.get("example"));
            let Some(items) = inner.get("items") else { break };
            lists += 1;
            inner = items;
        }
        let says = |key: &str| inner.get(key).is_some();
        self.found.push(Subject {
            wire,
            kind: inner.get("type").and_then(Value::as_str).unwrap_or_default(),
            is_typed: says("format") || says("enum") || says("x-extensible-enum"),
            is_deprecated: schema.get("deprecated") == Some(&Value::Bool(true)),
            text: plain(texts.join("\n").trim()),
            beside: Rc::clone(beside),
            example,
            other_end,
            part: self.part.clone(),
            is_near_utc: false,
            lists,
            spot,
            schema: of_schema,
        });
    }
}

/// Some steps, and more by their names.
pub(super) fn with<const N: usize>(at: &[Step], names: [&str; N]) -> Vec<Step> {
    at.iter().cloned().chain(names.map(|name| Step::Name(name.to_owned()))).collect()
}

/// The steps to a parameter of the operation at `at`.
pub(super) fn place_of_parameter(at: &[Step], index: usize) -> Vec<Step> {
    let mut at = with(at, ["parameters"]);
    at.push(Step::Index(index));
    at
}

/// Whether two names are those of the two ends of a period, such as `start_time` and `end_time`.
fn is_other_end(name: &str, other: &str) -> bool {
    let ends = [("start", "end"), ("begin", "end")];
    ends.iter().any(|(first, last)| {
        (name.contains(first) && name.replace(first, last) == other)
            || (other.contains(first) && other.replace(first, last) == name)
    })
}

/// The example of a property or a parameter.
fn example_of(value: &Value) -> Option<&Value> {
    value.get("example").or_else(|| value.get("schema")?.get("example"))
}

/// The text that belongs to an object.
fn own_text(value: &Value) -> String {
    let texts = ["title", "description"].map(|key| value.get(key).and_then(Value::as_str));
    texts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The texts of a property, its items, or a parameter.
fn all_texts(value: &Value) -> String {
    let inner = value.get("items").or_else(|| value.get("schema"));
    [Some(value), inner].into_iter().flatten().map(own_text).collect::<Vec<_>>().join("\n")
}
