//! What a new base lacks that the old one had.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::pieces::Piece;
use crate::{
    import::operations,
    pointer::{Pointer, each_reference, schema_name, target},
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
    /// Fields of requests that were dropped and cannot be retained, each with its operation.
    pub lost: Vec<(String, String)>,
}

/// Compares two bases. `before` is what was retained already. `tags` are the tags of the new base: Alipay did
/// not drop what is missing because its tag is no longer asked for.
#[must_use]
pub fn collect(old: &Value, before: &[Piece], new: &Value, tags: &[String]) -> Outcome {
    let version = new.pointer("/info/version").and_then(Value::as_str).unwrap_or("unknown");
    let mut collector = Collector {
        state: new.clone(),
        version,
        outcome: Outcome::default(),
        in_the_query: BTreeMap::new(),
    };
    let places: BTreeMap<&str, Pointer> = operations(new)
        .filter_map(|(path, method, op)| Some((id(op)?, place(path, method))))
        .collect();
    let moves: BTreeMap<Pointer, &Pointer> = operations(old)
        .filter_map(|(path, method, op)| Some((place(path, method), places.get(id(op)?)?)))
        .collect();
    let is_back = |operation: &Value| id(operation).is_some_and(|id| places.contains_key(id));
    for piece in before.iter().filter(|piece| !piece.operations().any(is_back)) {
        collector.put_back(piece, &moves);
    }
    collector.operations(old, &places, tags);
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
    /// The parameters of the operation whose body has this schema: a property of such a name was not dropped.
    in_the_query: BTreeMap<Pointer, BTreeSet<String>>,
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

    /// Puts back what was retained before: of an operation, at the place where that is now.
    fn put_back(&mut self, piece: &Piece, moves: &BTreeMap<Pointer, &Pointer>) {
        let mut piece = piece.clone();
        if let Some(before) = operation_of(&piece.container) {
            let now = moves.get(&before).copied().unwrap_or(&before);
            let names = self.request(now).names();
            let is_back = |value: &Value| name_of(value).is_some_and(|name| names.contains(name));
            let fits = match piece.key.as_deref() {
                Some("requestBody") => may_have_body(now),
                Some(_) => !piece.value.as_array().into_iter().flatten().any(is_back),
                None => !is_back(&piece.value),
            };
            if !fits {
                return;
            }
            let below = piece.container.as_str().strip_prefix(before.as_str()).unwrap_or_default();
            piece.container = now.below(below);
        }
        if piece.put_into(&mut self.state).is_ok() {
            self.outcome.pieces.push(piece);
        }
    }

    fn operations(&mut self, old: &Value, places: &BTreeMap<&str, Pointer>, tags: &[String]) {
        let root = Pointer::root().join("paths");
        for (path, method, operation) in operations(old) {
            let at = root.join(path);
            let asked = |tag: &Value| tags.iter().any(|asked| Some(asked.as_str()) == tag.as_str());
            let own = operation.get("tags").and_then(Value::as_array);
            let wanted = tags.is_empty() || own.is_some_and(|own| own.iter().all(asked));
            let known = self.state.pointer(at.as_str()).map(|item| item.get(method).is_some());
            let moved = id(operation).and_then(|id| places.get(id));
            match (known, moved) {
                (_, Some(now)) => self.fields(old, operation, now),
                (Some(true), None) => self.fields(old, operation, &at.join(method)),
                _ if !wanted => {}
                (Some(false), None) => self.retain(at, Some(method), operation),
                (None, None) => {
                    let item = Map::from_iter([(method.to_owned(), operation.clone())]);
                    self.retain(root.clone(), Some(path), &Value::Object(item));
                }
            }
        }
    }

    /// The request of an operation, as far as it is known by now.
    fn request(&self, at: &Pointer) -> Request<'_> {
        Request::of(&self.state, self.state.pointer(at.as_str()).unwrap_or(&Value::Null), at)
    }

    /// Compares the fields of a request, wherever they are sent, with those of the operation that is at `at` now.
    fn fields(&mut self, root: &Value, operation: &Value, at: &Pointer) {
        let old = Request::of(root, operation, at);
        self.parameters(&old, at);
        self.body(&old, operation, at);
    }

    /// Compares query parameters; those of the path are part of the path.
    fn parameters(&mut self, old: &Request<'_>, at: &Pointer) {
        let list = at.join("parameters");
        let is_query =
            |parameter: &&&Value| parameter.get("in").and_then(Value::as_str) == Some("query");
        for parameter in old.parameters.iter().filter(is_query) {
            let name = name_of(parameter).unwrap_or_default();
            let now: Vec<String> =
                self.request(at).names().into_iter().map(str::to_owned).collect();
            if now.iter().any(|now| now == name) {
                continue;
            }
            if self.state.pointer(list.as_str()).is_none() {
                let all = Value::Array(vec![(*parameter).clone()]);
                self.retain(at.clone(), Some("parameters"), &all);
            } else {
                let before = old.names().into_iter();
                self.retain_named((list.clone(), None, parameter), name, before, &now);
            }
        }
    }

    /// Compares what is sent in the body. A body that has gone is retained as one, unless the operation cannot have
    /// one any more, or a part of it is sent in the query now.
    fn body(&mut self, old: &Request<'_>, operation: &Value, at: &Pointer) {
        let Some((schema_at, schema)) = &old.body else { return };
        let now = self.request(at);
        let names: BTreeSet<String> = now.names().into_iter().map(str::to_owned).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let gone: Vec<&String> = properties
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !names.contains(*name))
            .collect();
        match now.body.map(|(at, _)| at) {
            // That of the same name is compared with all schemas.
            Some(now) if now == *schema_at => {
                self.in_the_query.entry(now).or_default().extend(names);
            }
            Some(now) => self.properties(schema, &now, &names),
            None if gone.is_empty() => {}
            None if may_have_body(at) && properties.is_some_and(|all| all.len() == gone.len()) => {
                let body = operation.get("requestBody").unwrap_or(&Value::Null);
                self.retain(at.clone(), Some("requestBody"), body);
            }
            None => {
                let id = id(operation).unwrap_or_default();
                let gone = gone.into_iter().map(|name| (name.clone(), id.to_owned()));
                self.outcome.lost.extend(gone);
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
            let elsewhere = self.in_the_query.remove(&at).unwrap_or_default();
            self.properties(schema, &at, &elsewhere);
        }
    }

    /// Compares the properties of a schema with those of the one at `at`, but for those that are `elsewhere` now.
    fn properties(&mut self, old: &Value, at: &Pointer, elsewhere: &BTreeSet<String>) {
        let all = at.join("properties");
        let properties = old.get("properties").and_then(Value::as_object);
        for (key, property) in properties.into_iter().flatten() {
            let at_property = all.join(key);
            let is_there = self.state.pointer(at_property.as_str()).is_some();
            if !is_there && elsewhere.contains(key) {
                continue;
            }
            if is_there {
                self.values(property, &at_property);
                let items = property.get("items");
                self.values(items.unwrap_or(&Value::Null), &at_property.join("items"));
            } else if self.state.pointer(all.as_str()).is_none() {
                let only = Map::from_iter([(key.clone(), property.clone())]);
                self.retain(at.clone(), Some("properties"), &Value::Object(only));
            } else {
                let now = self.state.pointer(all.as_str()).and_then(Value::as_object);
                let now: Vec<String> = now.into_iter().flat_map(Map::keys).cloned().collect();
                let before = properties.into_iter().flat_map(Map::keys).map(String::as_str);
                self.retain_named((all.clone(), Some(key), property), key, before, &now);
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

/// What a request sends: its parameters, and the schema whose properties are in its body.
struct Request<'v> {
    parameters: Vec<&'v Value>,
    body: Option<(Pointer, &'v Value)>,
    /// The schema of an upload, whose properties are its parts.
    parts: Option<&'v Value>,
}

impl<'v> Request<'v> {
    /// The request of an operation of the description `root`, which is at `at`.
    fn of(root: &'v Value, operation: &'v Value, at: &Pointer) -> Self {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let parameters = parameters.into_iter().flatten();
        let parameters = parameters.map(|it| follow(root, it, Pointer::root()).1).collect();
        let Some((kind, at, schema)) = body_of(root, operation, at) else {
            return Self { parameters, body: None, parts: None };
        };
        let parts = kind.starts_with("multipart/").then_some(schema);
        let body = match parts.and_then(|parts| parts.pointer("/properties/data")) {
            Some(data) => follow(root, data, at.join("properties").join("data")),
            None => (at, schema),
        };
        Self { parameters, body: Some(body), parts }
    }

    /// The names of its fields, wherever they are sent.
    fn names(&self) -> BTreeSet<&'v str> {
        let schemas = self.body.iter().map(|(_, schema)| *schema).chain(self.parts);
        let properties = schemas.filter_map(|schema| schema.get("properties")?.as_object());
        let names = properties.flat_map(Map::keys).map(String::as_str);
        names.chain(self.parameters.iter().filter_map(|parameter| name_of(parameter))).collect()
    }
}

/// The media type of an operation's body, and its schema with its place.
fn body_of<'v>(
    root: &'v Value,
    operation: &'v Value,
    at: &Pointer,
) -> Option<(&'v str, Pointer, &'v Value)> {
    let at = at.join("requestBody");
    let (at, body) = follow(root, operation.get("requestBody")?, at);
    let (kind, media) = body.get("content")?.as_object()?.iter().next()?;
    let at = at.join("content").join(kind).join("schema");
    let (at, schema) = follow(root, media.get("schema")?, at);
    Some((kind, at, schema))
}

/// A value, or what it refers to.
fn follow<'v>(root: &'v Value, value: &'v Value, at: Pointer) -> (Pointer, &'v Value) {
    let reference = value.get("$ref").and_then(Value::as_str).and_then(target);
    match reference.and_then(|to| Some((root.pointer(to.as_str())?, to))) {
        Some((value, to)) => (to, value),
        None => (at, value),
    }
}

fn place(path: &str, method: &str) -> Pointer {
    Pointer::root().join("paths").join(path).join(method)
}

/// The operation that this is, or is a part of.
fn operation_of(at: &Pointer) -> Option<Pointer> {
    let mut segments = at.segments();
    let is_path = segments.next()? == "paths";
    let (path, method) = (segments.next()?, segments.next()?);
    is_path.then(|| place(&path, &method))
}

/// Whether the method of an operation is one whose requests have bodies.
fn may_have_body(operation: &Pointer) -> bool {
    !matches!(operation.last().as_deref(), Some("get" | "delete"))
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
