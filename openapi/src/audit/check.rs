//! The ledger at work: walks a description along the [shapes](super::shapes) and reports what is in
//! none of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Findings,
    path::Path,
    shapes::{Fate, Holds, Kind, Row, TYPES},
};
use crate::{
    diag::{describe, did_you_mean, quote},
    pointer::Pointer,
};

/// How deep a value may be that is not looked into here. The typed model takes twice as long for each
/// level above a value it refuses.
const SHALLOW: usize = 16;

/// How deep schemas may be written one inside the other. The typed model needs a good deal of stack
/// for each.
const SCHEMAS_DEEP: usize = 16;

/// Checks every key and value of a description.
pub(super) fn check(root: &Value, findings: &mut Findings<'_>) {
    let mut walk = Walk { findings, strangers: BTreeMap::new(), schemas: 0, in_all_of: false };
    walk.object(Kind::Root, root, &Path::ROOT);
    walk.report_strangers();
}

/// Keys in no table, by shape: the kind of object they stand in, the first place and the number of
/// places.
struct Stranger {
    kind: Kind,
    key: String,
    first: Pointer,
    places: usize,
}

struct Walk<'a, 'f> {
    findings: &'a mut Findings<'f>,
    strangers: BTreeMap<String, Stranger>,
    /// How many schemas are around the object.
    schemas: usize,
    /// Whether the object is a part of an `allOf`.
    in_all_of: bool,
}

impl Walk<'_, '_> {
    fn object(&mut self, kind: Kind, value: &Value, path: &Path<'_>) {
        let Value::Object(map) = value else {
            self.wrong(path, &format!("{} must be a mapping", kind.name()), value);
            return;
        };
        if kind.referable() && map.contains_key("$ref") {
            self.reference(map, path);
            return;
        }
        let is_part = std::mem::take(&mut self.in_all_of);
        let around = self.schemas;
        self.schemas += usize::from(kind == Kind::Schema);
        if self.schemas > SCHEMAS_DEEP {
            let message = format!("schemas are nested more than {SCHEMAS_DEEP} levels deep here");
            let hint = "give the inner ones names in `components.schemas`";
            self.findings.error("too-deep", &path.pointer(), message, hint);
            self.schemas = around;
            return;
        }
        for (key, value) in map {
            let path = path.key(key);
            match kind.row(key) {
                Some(row) => self.value(row, value, &path),
                None => self.stranger(kind, key, &path),
            }
        }
        self.schemas = around;
        for wanted in kind.required() {
            if !wanted.split('|').any(|key| map.contains_key(key)) {
                let keys = wanted.replace('|', "` or `");
                let message = format!("{} needs the key `{keys}`", kind.name());
                self.findings.error(
                    "missing-key",
                    &path.pointer(),
                    message,
                    format!("add `{keys}`"),
                );
            }
        }
        // A part of an `allOf` may require what another part has.
        if kind == Kind::Schema && !is_part {
            self.required_fields(map, path);
        }
    }

    fn reference(&mut self, map: &Map<String, Value>, path: &Path<'_>) {
        for (key, value) in map {
            let path = path.key(key);
            if key != "$ref" {
                let message =
                    format!("{} beside a `$ref`: readers of OpenAPI 3.0 drop it", quote(key));
                let hint = "remove it, or put it into an overlay if it describes a schema";
                self.findings.error("ref-sibling", &path.pointer(), message, hint);
            } else if !value.is_string() {
                self.wrong(&path, "`$ref` must be a text", value);
            }
        }
    }

    fn value(&mut self, row: &Row, value: &Value, path: &Path<'_>) {
        let key = row.key;
        match row.holds {
            Holds::Any => self.unread(row, value, path),
            Holds::Values if value.is_array() => {}
            Holds::Values => self.wrong(path, &format!("`{key}` must be a list"), value),
            Holds::Text if value.is_string() => {}
            Holds::Text => self.wrong(path, &format!("`{key}` must be a text"), value),
            Holds::Flag | Holds::FlagOr(_) if value.is_boolean() => {}
            Holds::Flag => self.wrong(path, &format!("`{key}` must be `true` or `false`"), value),
            Holds::Count if value.is_u64() => {}
            Holds::Count => {
                self.wrong(path, &format!("`{key}` must be a whole number, 0 or more"), value);
            }
            Holds::Number if value.is_number() => {}
            Holds::Number => self.wrong(path, &format!("`{key}` must be a number"), value),
            Holds::OneOf(words) => self.word(key, words, value, path),
            Holds::Texts => match value {
                Value::Array(items) => {
                    for (index, item) in
                        items.iter().enumerate().filter(|(_, item)| !item.is_string())
                    {
                        self.wrong(&path.item(index), &format!("`{key}` must list texts"), item);
                    }
                }
                _ => self.wrong(path, &format!("`{key}` must be a list of texts"), value),
            },
            Holds::TextMap => match value {
                Value::Object(map) => {
                    for (name, text) in map.iter().filter(|(_, text)| !text.is_string()) {
                        self.wrong(&path.name(name), &format!("`{key}` must map to texts"), text);
                    }
                }
                _ => self.wrong(path, &format!("`{key}` must be a mapping to texts"), value),
            },
            Holds::One(kind) | Holds::FlagOr(kind) => self.object(kind, value, path),
            Holds::List(kind) => match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.in_all_of = key == "allOf";
                        self.object(kind, item, &path.item(index));
                    }
                    self.in_all_of = false;
                }
                _ => self.wrong(path, &format!("`{key}` must be a list"), value),
            },
            Holds::Map(kind) => match value {
                Value::Object(map) => {
                    for (name, member) in map {
                        self.object(kind, member, &path.name(name));
                    }
                }
                _ => self.wrong(path, &format!("`{key}` must be a mapping"), value),
            },
        }
    }

    /// What is refused or ignored is not looked into, but it has to be read.
    fn unread(&mut self, row: &Row, value: &Value, path: &Path<'_>) {
        if matches!(row.fate, Fate::Refused | Fate::Ignored(_)) && !is_shallow(value, SHALLOW) {
            let key = row.key;
            let message = format!("what is in `{key}` is nested more than {SHALLOW} levels deep");
            let hint = "remove it: the generator has no use for it";
            self.findings.error("too-deep", &path.pointer(), message, hint);
        }
    }

    fn word(&mut self, key: &str, words: &'static [&'static str], value: &Value, path: &Path<'_>) {
        let Some(word) = value.as_str() else {
            self.wrong(path, &format!("`{key}` must be a text"), value);
            return;
        };
        if words.contains(&word) {
            return;
        }
        let hint = match did_you_mean(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of `{}`", words.join("`, `")),
        };
        let code = if words == TYPES { "unknown-type" } else { "unknown-value" };
        let message = format!("`{key}` cannot be {}", quote(word));
        self.findings.error(code, &path.pointer(), message, hint);
    }

    /// Every name in `required` must be one of the schema's own properties.
    fn required_fields(&mut self, schema: &Map<String, Value>, path: &Path<'_>) {
        let Some(Value::Array(required)) = schema.get("required") else { return };
        if schema.contains_key("allOf") {
            return;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let list = path.key("required");
        for (index, name) in required.iter().enumerate() {
            let Some(name) = name.as_str() else { continue };
            if properties.is_some_and(|properties| properties.contains_key(name)) {
                continue;
            }
            let known = properties.into_iter().flat_map(Map::keys).map(String::as_str);
            let hint = match did_you_mean(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a key of `properties` of the same schema".to_owned(),
            };
            let message =
                format!("`required` names {}, which is not a property of this schema", quote(name));
            self.findings.error("required-unknown", &list.item(index).pointer(), message, hint);
        }
    }

    fn wrong(&mut self, path: &Path<'_>, must: &str, found: &Value) {
        let hint = match found {
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => "write `true`, without quotes".to_owned(),
                "false" | "no" | "off" => "write `false`, without quotes".to_owned(),
                _ => "correct the value".to_owned(),
            },
            Value::Number(number) if must.ends_with("a text") => format!("quote it: \"{number}\""),
            _ => "correct the value".to_owned(),
        };
        self.findings.error(
            "wrong-type",
            &path.pointer(),
            format!("{must}, found {}", describe(found)),
            hint,
        );
    }

    fn stranger(&mut self, kind: Kind, key: &str, path: &Path<'_>) {
        self.strangers
            .entry(path.shape())
            .and_modify(|stranger| stranger.places += 1)
            .or_insert_with(|| Stranger {
                kind,
                key: key.to_owned(),
                first: path.pointer(),
                places: 1,
            });
    }

    fn report_strangers(&mut self) {
        for (shape, Stranger { kind, key, first, places }) in std::mem::take(&mut self.strangers) {
            let more = if places > 1 { format!(" ({places} places)") } else { String::new() };
            let near = did_you_mean(&key, kind.rows().iter().map(|row| row.key));
            let (code, message) = if key.starts_with("x-") {
                (
                    "unknown-shape",
                    format!(
                        "nothing is known of {} (`{}`){more}",
                        quote(&key),
                        shape.escape_debug()
                    ),
                )
            } else {
                (
                    "unknown-key",
                    format!(
                        "{} is not a key of {}{more}; readers drop it silently",
                        quote(&key),
                        kind.name()
                    ),
                )
            };
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "add a row to openapi/src/audit/shapes/tables.rs that says what becomes of it"
                        .to_owned()
                }
            };
            self.findings.error(code, &first, message, hint);
        }
    }
}

/// Whether `value` is nested no deeper than `levels`.
fn is_shallow(value: &Value, levels: usize) -> bool {
    let below = |value| levels > 0 && is_shallow(value, levels - 1);
    match value {
        Value::Array(items) => items.iter().all(below),
        Value::Object(map) => map.values().all(below),
        _ => true,
    }
}
