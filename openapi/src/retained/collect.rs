//! What a new base lacks that the old one had.

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::pieces::{Piece, same_item};
use crate::{
    import::operations,
    pointer::{Pointer, each_reference, schema_name},
};

/// What is retained after a refresh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// All pieces: those that were retained before and still are, and the new ones.
    pub pieces: Vec<Piece>,
    /// The pieces that this base has dropped.
    pub new: Vec<Piece>,
    /// Pieces that are not retained, since what has come in their place has the same name in Rust, and the new
    /// name on the wire.
    pub renamed: Vec<(Piece, String)>,
}

/// Compares two bases. `before` is what was retained already. `tags` are the tags of the new base: Alipay did
/// not drop what is missing because its tag is no longer asked for.
#[must_use]
pub fn collect(old: &Value, before: &[Piece], new: &Value, tags: &[String]) -> Outcome {
    let version = new.pointer("/info/version").and_then(Value::as_str).unwrap_or("unknown");
    let mut collector = Collector { state: new.clone(), version, outcome: Outcome::default() };
    for piece in before {
        if piece.put_into(&mut collector.state).is_ok() {
            collector.outcome.pieces.push(piece.clone());
        }
    }
    collector.operations(old, new, tags);
    collector.schemas(old);
    collector.needed(old);
    collector.forget_unneeded();
    collector.outcome
}

struct Collector<'a> {
    /// The new base with everything retained so far.
    state: Value,
    version: &'a str,
    outcome: Outcome,
}

impl Collector<'_> {
    fn piece(&self, container: Pointer, key: Option<&str>, value: &Value) -> Piece {
        Piece {
            version: self.version.to_owned(),
            container,
            key: key.map(str::to_owned),
            value: value.clone(),
            written: Pointer::root(),
        }
    }

    /// Retains a piece of this name, unless one of those in its place has the same name in Rust, and is new.
    fn retain_named<'n>(
        &mut self,
        piece: (Pointer, Option<&str>, &Value),
        name: &str,
        old: impl Iterator<Item = &'n str>,
        now: &[String],
    ) {
        let (container, key, value) = piece;
        let old: BTreeSet<&str> = old.collect();
        let mut come = now.iter().filter(|other| !old.contains(other.as_str()));
        match come.find(|other| other.to_snake_case() == name.to_snake_case()) {
            Some(other) => {
                let piece = self.piece(container, key, value);
                self.outcome.renamed.push((piece, other.clone()));
            }
            None => self.retain(container, key, value),
        }
    }

    fn retain(&mut self, container: Pointer, key: Option<&str>, value: &Value) {
        let piece = self.piece(container, key, value);
        if piece.put_into(&mut self.state).is_ok() {
            self.outcome.pieces.push(piece.clone());
            self.outcome.new.push(piece);
        }
    }

    fn operations(&mut self, old: &Value, new: &Value, tags: &[String]) {
        let ids: BTreeSet<&str> = operations(new).filter_map(|(_, _, op)| id(op)).collect();
        let root = Pointer::root().join("paths");
        for (path, method, operation) in operations(old) {
            let at = root.join(path);
            let asked = |tag: &Value| tags.iter().any(|asked| Some(asked.as_str()) == tag.as_str());
            let own = operation.get("tags").and_then(Value::as_array);
            let wanted = tags.is_empty() || own.is_some_and(|own| own.iter().all(asked));
            match self.state.pointer(at.as_str()).map(|item| item.get(method).is_some()) {
                Some(true) => self.parameters(operation, &at.join(method)),
                _ if !wanted || id(operation).is_some_and(|id| ids.contains(id)) => {}
                Some(false) => self.retain(at, Some(method), operation),
                None => {
                    let item = Map::from_iter([(method.to_owned(), operation.clone())]);
                    self.retain(root.clone(), Some(path), &Value::Object(item));
                }
            }
        }
    }

    /// Compares query parameters; those of the path are part of the path.
    fn parameters(&mut self, old: &Value, at: &Pointer) {
        let list = at.join("parameters");
        let own = old.get("parameters").and_then(Value::as_array);
        let query = own
            .into_iter()
            .flatten()
            .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"));
        for parameter in query {
            let now = self.state.pointer(list.as_str()).map(Value::as_array);
            match now {
                None => {
                    let all = Value::Array(vec![parameter.clone()]);
                    self.retain(at.clone(), Some("parameters"), &all);
                }
                Some(Some(items)) if !items.iter().any(|item| same_item(item, parameter)) => {
                    let now: Vec<String> =
                        items.iter().filter_map(name_of).map(str::to_owned).collect();
                    let before = own.into_iter().flatten().filter_map(name_of);
                    let name = name_of(parameter).unwrap_or_default();
                    self.retain_named((list.clone(), None, parameter), name, before, &now);
                }
                Some(_) => {}
            }
        }
    }

    /// Compares properties and listed values of schemas that are still there.
    fn schemas(&mut self, old: &Value) {
        let root = Pointer::parse("/components/schemas");
        let schemas = old.pointer(root.as_str()).and_then(Value::as_object);
        for (name, schema) in schemas.into_iter().flatten() {
            let at = root.join(name);
            if self.state.pointer(at.as_str()).is_none() {
                continue;
            }
            let all = at.join("properties");
            let properties = schema.get("properties").and_then(Value::as_object);
            for (key, property) in properties.into_iter().flatten() {
                let at_property = all.join(key);
                if self.state.pointer(all.as_str()).is_none() {
                    let only = Map::from_iter([(key.clone(), property.clone())]);
                    self.retain(at.clone(), Some("properties"), &Value::Object(only));
                } else if self.state.pointer(at_property.as_str()).is_none() {
                    let now = self.state.pointer(all.as_str()).and_then(Value::as_object);
                    let now: Vec<String> = now.into_iter().flat_map(Map::keys).cloned().collect();
                    let before = properties.into_iter().flat_map(Map::keys).map(String::as_str);
                    self.retain_named((all.clone(), Some(key), property), key, before, &now);
                } else {
                    self.values(property, &at_property);
                    let items = property.get("items");
                    self.values(items.unwrap_or(&Value::Null), &at_property.join("items"));
                }
            }
        }
    }

    fn values(&mut self, old: &Value, at: &Pointer) {
        let list = at.join("enum");
        let values = old.get("enum").and_then(Value::as_array);
        for value in values.into_iter().flatten().filter(|value| value.is_string()) {
            let now = self.state.pointer(list.as_str()).and_then(Value::as_array);
            let Some(now) = now.filter(|now| !now.contains(value)) else { continue };
            let now: Vec<String> =
                now.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let before = values.into_iter().flatten().filter_map(Value::as_str);
            let name = value.as_str().unwrap_or_default();
            self.retain_named((list.clone(), None, value), name, before, &now);
        }
    }

    /// Retains the dropped schemas that a retained piece refers to.
    fn needed(&mut self, old: &Value) {
        let root = Pointer::parse("/components/schemas");
        loop {
            let mut missing = BTreeSet::new();
            for piece in &self.outcome.pieces {
                references(&piece.value, &mut missing);
            }
            missing.retain(|name| self.state.pointer(root.join(name).as_str()).is_none());
            let found: Vec<_> = missing
                .iter()
                .filter_map(|name| Some((name.clone(), old.pointer(root.join(name).as_str())?)))
                .collect();
            if found.is_empty() {
                return;
            }
            for (name, schema) in found {
                self.retain(root.clone(), Some(&name), schema);
            }
        }
    }

    /// Forgets schemas that no retained piece refers to any more.
    fn forget_unneeded(&mut self) {
        loop {
            let mut used = BTreeSet::new();
            references(self.state.get("paths").unwrap_or(&Value::Null), &mut used);
            let schemas = self.state.pointer("/components/schemas").and_then(Value::as_object);
            for (name, schema) in schemas.into_iter().flatten() {
                let mut below = BTreeSet::new();
                references(schema, &mut below);
                below.remove(name);
                used.append(&mut below);
            }
            let unneeded = |piece: &Piece| {
                piece.is_schema() && piece.key.as_ref().is_some_and(|key| !used.contains(key))
            };
            let before = self.outcome.pieces.len();
            let gone: Vec<_> =
                self.outcome.pieces.iter().filter(|piece| unneeded(piece)).cloned().collect();
            self.outcome.pieces.retain(|piece| !unneeded(piece));
            self.outcome.new.retain(|piece| !unneeded(piece));
            if self.outcome.pieces.len() == before {
                return;
            }
            if let Some(Value::Object(schemas)) = self.state.pointer_mut("/components/schemas") {
                schemas
                    .retain(|name, _| !gone.iter().any(|piece| piece.key.as_ref() == Some(name)));
            }
        }
    }
}

fn name_of(parameter: &Value) -> Option<&str> {
    parameter.get("name").and_then(Value::as_str)
}

fn id(operation: &Value) -> Option<&str> {
    operation.get("operationId").and_then(Value::as_str)
}

/// Adds the names of the schemas that a value refers to.
fn references(value: &Value, into: &mut BTreeSet<String>) {
    each_reference(value, &mut |reference| {
        into.extend(schema_name(reference));
    });
}
