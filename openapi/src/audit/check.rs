//! The ledger at work: walks a description along its [tables](super::shapes) and reports what is in
//! none of them.

use std::{collections::BTreeMap, iter};

use serde_json::{Map, Value};

use super::{
    shapes::{Fate, Holds, ObjectKind, Row, TYPES},
    walk::{Findings, Path, each_object},
};
use crate::{
    diag::{Diagnostic, Severity, describe, did_you_mean_or, quote},
    pointer::Pointer,
    scope::Scope,
};

/// How deep a value may be that is not checked here. The typed model takes twice as long for each level
/// above a value that it refuses.
const SHALLOW: usize = 16;

/// How deep schemas may be nested. The typed model needs a good deal of stack for each level.
const SCHEMAS_DEEP: usize = 16;

/// What unknown keys that begin with this are: our own vocabulary. Others are for other programs.
const OURS: [&str; 2] = ["x-alipay-", "x-rust-"];

/// Checks every key and value of a description. Gives the places of ignored values that are too deep for
/// the typed model.
pub(super) fn check(root: &Value, scope: &Scope, findings: &mut Findings<'_>) -> Vec<Pointer> {
    let mut walk = Walk {
        findings,
        scope,
        strangers: BTreeMap::new(),
        deep: Vec::new(),
        schemas: 0,
        in_all_of: false,
    };
    walk.object(ObjectKind::Root, root, &Path::ROOT);
    walk.report_strangers();
    walk.deep
}

/// Keys in no table, by shape: the kind of object they stand in, and their places.
struct Stranger {
    kind: ObjectKind,
    key: String,
    /// Whether a value stands at none of the places.
    is_empty: bool,
    first: Pointer,
    more: Vec<Pointer>,
}

struct Walk<'a, 'f> {
    findings: &'a mut Findings<'f>,
    scope: &'a Scope,
    /// Ignored values that are too deep for the typed model.
    deep: Vec<Pointer>,
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
                Some(row) => self.value(kind, row, value, &path),
                None => self.stranger(kind, key, value, &path),
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
        if kind == ObjectKind::Schema {
            self.listed_values(map, path);
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

    fn value(&mut self, of: ObjectKind, row: &Row, value: &Value, path: &Path<'_>) {
        let key = row.key;
        // Names of these two are paths and status codes, so that there is room for extensions.
        let extensible =
            matches!((of, key), (ObjectKind::Root, "paths") | (ObjectKind::Operation, "responses"));
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
                    if extensible && path.is_extension() {
                        let name = path.pointer().last().unwrap_or_default();
                        return self.stranger(of, &name, member, path);
                    }
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
        if !matches!(row.fate, Fate::Refused | Fate::Ignored(_)) || is_shallow(value, SHALLOW) {
            return;
        }
        if matches!(row.fate, Fate::Ignored(_)) {
            self.deep.push(path.pointer());
            return;
        }
        let key = row.key;
        let message = format!("what is in `{key}` is nested more than {SHALLOW} levels deep");
        let hint = "remove it: the generator has no use for it";
        self.findings.error("too-deep", &path.pointer(), message, hint);
    }

    /// Every value in `enum` must be one of the schema's type.
    fn listed_values(&mut self, schema: &Map<String, Value>, path: &Path<'_>) {
        let (Some(Value::Array(listed)), Some(Value::String(of))) =
            (schema.get("enum"), schema.get("type"))
        else {
            return;
        };
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        let list = path.key("enum");
        for (index, value) in listed.iter().enumerate() {
            let fits = match (of.as_str(), value) {
                (_, Value::Null) => nullable,
                ("string", _) => value.is_string(),
                ("integer", _) => value.is_i64(),
                ("number", _) => value.is_number(),
                ("boolean", _) => value.is_boolean(),
                // Lowering refuses lists of values of other types.
                _ => true,
            };
            if !fits {
                self.misfit(&list.item(index), of, value);
            }
        }
    }

    fn misfit(&mut self, path: &Path<'_>, of: &str, value: &Value) {
        let shown = match value {
            Value::Array(_) | Value::Object(_) => "this".to_owned(),
            Value::String(text) => quote(text),
            plain => format!("`{plain}`"),
        };
        let is = match value {
            Value::Number(_) if of == "integer" => "no integer of 64 bits",
            _ => kind_of(value),
        };
        let advice = match (of, value) {
            (_, Value::Null) => "remove it, or say `nullable: true`",
            ("string", Value::Bool(_) | Value::Number(_)) => "quote it",
            (_, Value::String(text)) if reads_as(of, text) => "remove the quotes",
            _ => "correct it",
        };
        let message = format!("{shown} is {is}; {advice}");
        let hint = format!("all values in this `enum` are of `type: {of}`");
        self.findings.error("wrong-type", &path.pointer(), message, hint);
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
                text if must.contains("number") && is_numeric(text) => {
                    "write it without quotes and in full, as JSON writes numbers; 64 bits have to hold it"
                        .to_owned()
                }
                _ => "correct the value".to_owned(),
            },
            Value::Number(_) | Value::Bool(_)
                if ["a string", "strings"].iter().any(|end| must.ends_with(end)) =>
            {
                format!("quote it: \"{found}\"")
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

    fn stranger(&mut self, kind: ObjectKind, key: &str, value: &Value, path: &Path<'_>) {
        if key.starts_with("x-") && self.scope.ignored_extensions.iter().any(|known| known == key) {
            return;
        }
        let is_empty = value.is_null();
        self.strangers
            .entry(path.shape())
            .and_modify(|stranger| {
                stranger.more.push(path.pointer());
                stranger.is_empty &= is_empty;
            })
            .or_insert_with(|| Stranger {
                kind,
                key: key.to_owned(),
                is_empty,
                first: path.pointer(),
                more: Vec::new(),
            });
    }

    fn report_strangers(&mut self) {
        for (shape, stranger) in std::mem::take(&mut self.strangers) {
            let Stranger { kind, key, is_empty, first, more } = stranger;
            // Who leaves out what fails has to know all places.
            let (places, count) = if self.scope.left_out.is_some() {
                (more, String::new())
            } else {
                let count = more.len() + 1;
                (Vec::new(), if count > 1 { format!(" ({count} places)") } else { String::new() })
            };
            let known = || kind.rows().iter().map(|row| row.key);
            let finding = if key.starts_with("x-") {
                let shape = if shape.starts_with(key.as_str()) || shape.contains(&format!(".{key}"))
                {
                    shape
                } else {
                    format!("{shape}: {key}")
                };
                let message = format!(
                    "nothing is known of {} (`{}`){count}",
                    quote(&key),
                    shape.escape_debug()
                );
                let hint = did_you_mean_or(&key, known(), || {
                    format!(
                        "`--ignore-extension {key}` (or `ignored-extensions` in spec/crates.toml) ignores it; \
                         if it matters, maintainers say in openapi/src/audit/shapes.rs what becomes of it"
                    )
                });
                let code = "unknown-shape";
                if OURS.iter().any(|ours| key.starts_with(ours)) {
                    Diagnostic::error(code, message).hint(hint)
                } else {
                    Diagnostic::warning(code, message).hint(hint)
                }
            } else {
                let message = format!(
                    "{} is not a key of {}{count}; readers drop it silently",
                    quote(&key),
                    kind.name()
                );
                let hint = did_you_mean_or(&key, known(), || {
                    match key.as_str() {
                    "const" => "OpenAPI 3.0 says it with an `enum` of one value".to_owned(),
                    _ if is_empty => {
                        "if it is a part of the value before it, quote that value: within `{}` a comma ends it"
                            .to_owned()
                    }
                    _ => "remove it, here or in an overlay: OpenAPI 3.0 does not have it there".to_owned(),
                }
                });
                Diagnostic::error("unknown-key", message).hint(hint)
            };
            self.findings.failed |= finding.severity == Severity::Error;
            for place in iter::once(first).chain(places) {
                self.findings.push(finding.clone(), &place);
            }
        }
    }
}

/// What kind of value it is, in words.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// Whether a string is a value of this type in quotes.
fn reads_as(of: &str, text: &str) -> bool {
    match of {
        "integer" => text.parse::<i64>().is_ok(),
        "number" => is_numeric(text),
        "boolean" => matches!(text, "true" | "false"),
        _ => false,
    }
}

fn is_numeric(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE_".contains(&byte))
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
