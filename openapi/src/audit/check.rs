//! The ledger at work: walks a description along its [tables](super::shapes) and reports what is in
//! none of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    shapes::{Fate, Holds, ObjectKind, Row, TYPES},
    walk::{Findings, Path, each_object},
};
use crate::{
    diag::{describe, did_you_mean_or, quote},
    pointer::Pointer,
};

/// How deep a value may be that is not checked here. The typed model takes twice as long for each level
/// above a value that it refuses.
const SHALLOW: usize = 16;

/// How deep schemas may be nested. The typed model needs a good deal of stack for each level.
const SCHEMAS_DEEP: usize = 16;

/// Checks every key and value of a description.
pub(super) fn check(root: &Value, findings: &mut Findings<'_>) {
    let mut walk = Walk { findings, strangers: BTreeMap::new(), schemas: 0, in_all_of: false };
    walk.object(ObjectKind::Root, root, &Path::ROOT);
    walk.report_strangers();
}

/// Keys in no table, by shape: the kind of object they stand in, the first place and the number of
/// places.
struct Stranger {
    kind: ObjectKind,
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
    fn object(&mut self, kind: ObjectKind, value: &Value, path: &Path<'_>) {
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
        self.schemas += usize::from(kind == ObjectKind::Schema);
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
        if kind == ObjectKind::Schema && !is_part {
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
                self.wrong(&path, "`$ref` must be a string", value);
            }
        }
    }

    fn value(&mut self, row: &Row, value: &Value, path: &Path<'_>) {
        let key = row.key;
        let must = match row.holds {
            Holds::Any => return self.unread(row, value, path),
            Holds::OneOf(words) => return self.word(key, words, value, path),
            Holds::Values if value.is_array() => return,
            Holds::String if value.is_string() => return,
            Holds::Bool | Holds::BoolOr(_) if value.is_boolean() => return,
            Holds::Count if value.is_u64() => return,
            Holds::Number if value.is_number() => return,
            Holds::String => "be a string",
            Holds::Bool => "be `true` or `false`",
            Holds::Count => "be a whole number, 0 or more",
            Holds::Number => "be a number",
            Holds::Strings => match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate().filter(|(_, i)| !i.is_string()) {
                        self.wrong(&path.item(index), &format!("`{key}` must list strings"), item);
                    }
                    return;
                }
                _ => "be a list of strings",
            },
            Holds::StringMap => match value {
                Value::Object(map) => {
                    for (name, member) in map.iter().filter(|(_, member)| !member.is_string()) {
                        let must = format!("`{key}` must map to strings");
                        self.wrong(&path.name(name), &must, member);
                    }
                    return;
                }
                _ => "be a mapping to strings",
            },
            Holds::One(_) | Holds::BoolOr(_) | Holds::List(_) | Holds::Map(_) => {
                let is_right = each_object(row.holds, value, path, &mut |kind, member, path| {
                    self.in_all_of = key == "allOf";
                    self.object(kind, member, path);
                });
                self.in_all_of = false;
                match row.holds {
                    _ if is_right => return,
                    Holds::Map(_) => "be a mapping",
                    _ => "be a list",
                }
            }
            Holds::Values => "be a list",
        };
        self.wrong(path, &format!("`{key}` must {must}"), value);
    }

    /// Values that are refused or ignored are not checked, but they must not be too deep to be read.
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
            self.wrong(path, &format!("`{key}` must be a string"), value);
            return;
        };
        if words.contains(&word) {
            return;
        }
        let hint = did_you_mean_or(word, words.iter().copied(), || {
            format!("use one of `{}`", words.join("`, `"))
        });
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
            let hint = did_you_mean_or(name, known, || {
                "name a key of `properties` of the same schema".to_owned()
            });
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
            Value::Number(number) if must.ends_with("a string") => {
                format!("quote it: \"{number}\"")
            }
            _ => "correct the value".to_owned(),
        };
        self.findings.error(
            "wrong-type",
            &path.pointer(),
            format!("{must}, found {}", describe(found)),
            hint,
        );
    }

    fn stranger(&mut self, kind: ObjectKind, key: &str, path: &Path<'_>) {
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
            let hint = did_you_mean_or(&key, kind.rows().iter().map(|row| row.key), || {
                "add a row to openapi/src/audit/shapes.rs that says what becomes of it".to_owned()
            });
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
