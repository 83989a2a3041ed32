//! One thing that was dropped: how it is written down, and how it is put back.

use serde_json::{Map, Value, json};

use crate::{
    audit::shapes::METHODS,
    diag::{Diagnostic, Sink, quote},
    import::to_yaml,
    load::{MAX_DEPTH, Raw},
    path::{Step, path_of, pointer_of},
    pointer::{Pointer, height},
};

/// The mark of a piece: the version of the description that dropped it.
pub(crate) const REMOVED_IN: &str = "x-alipay-removed-in";
/// The mark of listed values: value to version.
pub(crate) const REMOVED_VALUES: &str = "x-alipay-removed-values";

/// Something that was dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The version of the description that dropped it.
    pub version: String,
    /// The object or list it was in.
    pub container: Pointer,
    /// Its key when it was in an object.
    pub key: Option<String>,
    /// What it was.
    pub value: Value,
    /// Where it stands in the record.
    pub(super) written: Pointer,
}

impl Piece {
    /// Where it is put back; for entries of lists, the list.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        self.key.as_ref().map_or_else(|| self.container.clone(), |key| self.container.join(key))
    }

    /// Whether it is a schema. Schemas are retained only when something else refers to them.
    #[must_use]
    pub fn is_schema(&self) -> bool {
        self.container.as_str() == "/components/schemas"
    }

    /// The operations, if it is one, or a path with some.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Value> {
        let item = self.value.as_object().filter(|_| self.container.as_str() == "/paths");
        let all = item.into_iter().flatten().filter(|(key, _)| METHODS.contains(&key.as_str()));
        let is_one = self.container.as_str().starts_with("/paths/") && self.container.depth() == 2;
        all.map(|(_, operation)| operation).chain(is_one.then_some(&self.value))
    }

    /// What it is, for people: `property \`note\` of \`PayModel\``.
    #[must_use]
    pub fn describe(&self) -> String {
        self.known().unwrap_or_else(|| self.pointer().to_string())
    }

    fn known(&self) -> Option<String> {
        let segments: Vec<String> = self.container.segments().collect();
        let name = |index: usize| segments.get(index);
        Some(match (&self.key, segments.first()?.as_str(), segments.last()?.as_str()) {
            (Some(key), "components", "schemas") => format!("the schema `{key}`"),
            (Some(key), "components", "properties") => format!("`{key}` of `{}`", name(2)?),
            (Some(_), "components", _) => format!("all properties of `{}`", name(2)?),
            (None, "components", _) => {
                format!("the value `{}` of `{}` of `{}`", self.value.as_str()?, name(4)?, name(2)?)
            }
            (Some(key), "paths", "paths") => {
                let methods = self.value.as_object()?.keys().map(|method| method.to_uppercase());
                format!("the operation {} {key}", methods.collect::<Vec<_>>().join(", "))
            }
            (Some(key), "paths", _) if METHODS.contains(&key.as_str()) => {
                format!("the operation {} {}", key.to_uppercase(), name(1)?)
            }
            (Some(key), "paths", method) => {
                let what = if key == "requestBody" { "the body" } else { "all parameters" };
                format!("{what} of {} {}", method.to_uppercase(), name(1)?)
            }
            (None, "paths", _) => {
                let parameter = self.value.get("name")?.as_str()?;
                format!("the parameter `{parameter}` of {} {}", name(2)?.to_uppercase(), name(1)?)
            }
            _ => return None,
        })
    }

    /// Puts it back, marked. Gives where it stands now, and where it stands in the record.
    ///
    /// # Errors
    ///
    /// Why it cannot be put back: its container is gone, or the base has it again.
    pub(super) fn put_into(&self, root: &mut Value) -> Result<(Pointer, Pointer), String> {
        let gone = || format!("{} is gone too", self.container);
        let update = self.written.join("update");
        if self.pointer().depth() + height(&self.value) > MAX_DEPTH {
            return Err(format!("values would be nested more than {MAX_DEPTH} levels deep"));
        }
        if self.is_schema() {
            make_schemas(root);
        }
        let container = root.pointer_mut(self.container.as_str()).ok_or_else(gone)?;
        match &self.key {
            Some(key) => {
                let map = container.as_object_mut().ok_or_else(gone)?;
                if map.contains_key(key) {
                    return Err(format!("{} is there again", self.pointer()));
                }
                map.insert(key.clone(), self.marked());
                Ok((self.pointer(), update.join(key)))
            }
            None => {
                let list = container.as_array_mut().ok_or_else(gone)?;
                if list.iter().any(|item| same_item(item, &self.value)) {
                    return Err(format!("the entry of {} is there again", self.container));
                }
                let at = self.container.join(list.len());
                list.push(self.marked());
                if let (Value::String(text), Some(schema)) = (&self.value, self.container.parent())
                    && let Some(Value::Object(schema)) = root.pointer_mut(schema.as_str())
                {
                    let marks = schema.entry(REMOVED_VALUES).or_insert_with(|| json!({}));
                    if let Value::Object(marks) = marks {
                        marks.insert(text.clone(), json!(self.version));
                    }
                }
                Ok((at, update))
            }
        }
    }

    /// The value, with the mark at the right place for what it is.
    fn marked(&self) -> Value {
        let mut value = self.value.clone();
        let container = self.container.last();
        match (container.as_deref(), &self.key) {
            (Some("schemas"), _) => {}
            (Some("paths"), Some(_)) => {
                for (key, operation) in value.as_object_mut().into_iter().flatten() {
                    if METHODS.contains(&key.as_str()) {
                        self.mark(operation);
                    }
                }
            }
            (_, Some(key)) if key == "properties" => {
                for (_, property) in value.as_object_mut().into_iter().flatten() {
                    self.mark_property(property);
                }
            }
            (Some("properties"), _) => self.mark_property(&mut value),
            (_, Some(key)) if key == "parameters" => {
                for parameter in value.as_array_mut().into_iter().flatten() {
                    self.mark(parameter);
                }
            }
            _ => self.mark(&mut value),
        }
        value
    }

    /// A reference has no room for a mark: it is written as `allOf`, as OpenAPI 3.0 has it.
    fn mark_property(&self, property: &mut Value) {
        if property.get("$ref").is_some() {
            *property = json!({ "allOf": [property.take()] });
        }
        self.mark(property);
    }

    fn mark(&self, value: &mut Value) {
        if let Value::Object(map) = value {
            map.insert(REMOVED_IN.to_owned(), json!(self.version));
        }
    }
}

/// Whether two entries of a list are the same thing: the same value, or parameters of one name.
pub(super) fn same_item(a: &Value, b: &Value) -> bool {
    let identity = |item: &Value| Some((item.get("name")?.clone(), item.get("in")?.clone()));
    a == b || identity(a).is_some_and(|identity_a| Some(identity_a) == identity(b))
}

/// The record as YAML.
#[must_use]
pub fn render(pieces: &[Piece]) -> String {
    let latest = pieces.iter().map(|piece| piece.version.as_str()).max().unwrap_or_default();
    let actions: Vec<Value> = pieces
        .iter()
        .map(|piece| {
            let update = match &piece.key {
                Some(key) => {
                    let members = [(key.clone(), piece.value.clone())];
                    Value::Object(members.into_iter().collect::<Map<_, _>>())
                }
                None => piece.value.clone(),
            };
            let steps: Vec<Step> = piece.container.segments().map(Step::Name).collect();
            json!({
                "target": path_of(&steps),
                "x-removed-in": piece.version,
                "x-adds": true,
                "update": update,
            })
        })
        .collect();
    let document = json!({
        "overlay": "1.0.0",
        "info": {
            "title": "What Alipay has dropped, retained as deprecated until the next major version",
            "version": latest,
        },
        "actions": actions,
    });
    format!(
        "# Written by `cargo xtask import`. Delete the file when a major version is released.\n{}",
        to_yaml(&document)
    )
}

/// Reads a record. Whatever is not written as [`render`] writes it is an error.
pub fn read(record: &Raw, sink: &mut Sink) -> Option<Vec<Piece>> {
    let list = Pointer::root().join("actions");
    let mut pieces = Vec::new();
    let mut failed = false;
    let mut fail = |at: &Pointer, what: &str| {
        failed = true;
        sink.push(
            Diagnostic::error("bad-removal", format!("this is not a retained piece: {what}"))
                .at(record.locate(at))
                .pointer(at)
                .hint("an action has `target`, `x-removed-in`, `x-adds: true` and `update`"),
        );
    };
    let Some(actions) = record.value.get("actions").and_then(Value::as_array) else {
        fail(&list, "there is no list `actions`");
        return None;
    };
    for (index, action) in actions.iter().enumerate() {
        let at = list.join(index);
        let text = |key: &str| action.get(key).and_then(Value::as_str);
        let (Some(target), Some(version), Some(update)) =
            (text("target"), text("x-removed-in"), action.get("update"))
        else {
            fail(&at, "a key is missing");
            continue;
        };
        let Some(container) = pointer_of(target) else {
            let what = format!("the target {} is not a plain path of names", quote(target));
            fail(&at.join("target"), &what);
            continue;
        };
        let piece = |key: Option<String>, value: &Value| Piece {
            version: version.to_owned(),
            container: container.clone(),
            key,
            value: value.clone(),
            written: at.clone(),
        };
        match update {
            Value::Object(map) if container.last().as_deref() != Some("parameters") => {
                pieces.extend(map.iter().map(|(key, value)| piece(Some(key.clone()), value)));
            }
            entry => pieces.push(piece(None, entry)),
        }
    }
    (!failed).then_some(pieces)
}

/// A base whose last schema was dropped has no place for one.
fn make_schemas(root: &mut Value) {
    let mut at = root;
    for key in ["components", "schemas"] {
        let Value::Object(map) = at else { return };
        at = map.entry(key).or_insert_with(|| json!({}));
    }
}
