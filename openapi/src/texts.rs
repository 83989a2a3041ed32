//! What a base has of Alipay's texts: names, and fingerprints of all others.
//!
//! A base has none of Alipay's prose. A text that is only a [name](is_name) is a fact and stays, as the title of a
//! schema or the summary of an operation. So that a comparison still notices when Alipay rewords another text, withdraws
//! it or adds one, `import` writes a fingerprint in its place: `x-text`, beside what the text belongs to. Nothing but the
//! comparison reads it; it is taken out before a description is audited.

mod name;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use self::name::is_name;
use crate::{
    audit::shapes::{Fate, Holds, ObjectKind},
    pointer::Pointer,
};

/// The key of a fingerprint.
const KEY: &str = "x-text";
/// The keys of texts; other prose is names and addresses.
const TEXTS: &[&str] = &["title", "summary", "description", "meaning", "action"];

/// The texts of a description or of a part of it, by where they belong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    said: BTreeMap<Pointer, Text>,
    names: BTreeMap<Pointer, String>,
    part: Value,
}

/// What an object of a description says of itself in prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// 8 hexadecimal digits. White space makes no difference, so that a text may be laid out anew.
    pub fingerprint: String,
    /// The text, where the description has it.
    pub wording: Option<String>,
}

impl Texts {
    /// The text that belongs to the object at `pointer`.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Option<&Text> {
        self.said.get(pointer)
    }

    /// What the base calls the object at `pointer`.
    #[must_use]
    pub fn name(&self, pointer: &Pointer) -> Option<&str> {
        self.names.get(pointer).map(String::as_str)
    }

    /// The texts of the object at `pointer` and of what is in it, with the rest of their pointers.
    pub fn below<'t>(&'t self, pointer: &'t Pointer) -> impl Iterator<Item = (&'t str, &'t Text)> {
        let all = self.said.range(pointer.clone()..);
        let all =
            all.map_while(|(at, text)| Some((at.as_str().strip_prefix(pointer.as_str())?, text)));
        all.filter(|(rest, _)| rest.is_empty() || rest.starts_with('/'))
    }

    /// The texts of a part of the description.
    pub(crate) fn within(mut self, part: Value) -> Self {
        self.said.retain(|at, _| part.pointer(at.as_str()).is_some());
        self.names.retain(|at, _| part.pointer(at.as_str()).is_some());
        Self { part, ..self }
    }

    /// Whether the part has an object at `pointer`, with a text or without.
    #[must_use]
    pub fn has_place(&self, pointer: &Pointer) -> bool {
        self.part.pointer(pointer.as_str()).is_some()
    }

    /// All texts.
    pub fn iter(&self) -> impl Iterator<Item = (&Pointer, &Text)> {
        self.said.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }
}

/// Leaves names, and puts fingerprints in the place of all other prose. A fingerprint that is there already is that of
/// all that Alipay says, and stays. Responses must have a description: theirs becomes empty if it is no name.
pub(crate) fn replace(root: &mut Value) {
    each(root, &mut |kind, map, _| {
        lower_name(kind, map);
        let name = name_of(kind, map);
        let known = fingerprint_of(map);
        let text = remove_prose(kind, map, name.as_ref()).map(|text| text.fingerprint);
        // Where the name is all that Alipay says, it is its own fingerprint.
        let own =
            name.map(|name| fingerprint(&[(hashed_key(kind, name.key).to_owned(), name.text)]));
        if let Some(text) = known.or(text.filter(|text| own.as_ref() != Some(text))) {
            map.insert(KEY.to_owned(), Value::String(text));
        }
    });
}

/// Whether a description has fingerprints in the place of texts.
pub(crate) fn are_left_out(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key(KEY) || map.values().any(are_left_out),
        Value::Array(items) => items.iter().any(are_left_out),
        _ => false,
    }
}

/// Takes the fingerprints out.
pub(crate) fn discard(root: &mut Value) {
    each(root, &mut |_, map, _| _ = fingerprint_of(map));
}

/// Takes out all prose, names included, and all fingerprints.
pub(crate) fn take(root: &mut Value) -> Texts {
    let mut texts = Texts::default();
    each(root, &mut |kind, map, at| {
        raise_name(kind, map);
        let name = match kind {
            ObjectKind::Parameter => name_of_parameter(map),
            _ => name_of(kind, map).map(|name| name.text),
        };
        if let Some(name) = name {
            texts.names.insert(at.clone(), name);
        }
        let known = fingerprint_of(map).map(|fingerprint| Text { fingerprint, wording: None });
        let text = remove_prose(kind, map, None);
        if let Some(text) = known.or(text) {
            texts.said.insert(at.clone(), text);
        }
    });
    texts
}

/// What an object is called.
struct Name {
    /// The key under which Alipay says it.
    found: &'static str,
    /// The key under which a base says it.
    key: &'static str,
    text: String,
}

/// The first text of an object that is a name, where a base has a place for one.
fn name_of(kind: ObjectKind, map: &Map<String, Value>) -> Option<Name> {
    let (keys, key): (&[&'static str], _) = match kind {
        ObjectKind::Schema => (&["title", "description"], "title"),
        ObjectKind::Operation => (&["summary", "description"], "summary"),
        ObjectKind::Response => (&["description"], "description"),
        ObjectKind::ErrorCode => (&["meaning"], "meaning"),
        _ => return None,
    };
    keys.iter().find_map(|found| {
        let text = map.get(*found)?.as_str()?.trim();
        is_name(text).then(|| Name { found, key, text: text.to_owned() })
    })
}

/// What Alipay calls a parameter.
fn name_of_parameter(map: &Map<String, Value>) -> Option<String> {
    let name = map.get("description")?.as_str()?.trim();
    is_name(name).then(|| name.to_owned())
}

/// The name of a parameter is the title of its schema, since a parameter can have none.
fn lower_name(kind: ObjectKind, map: &mut Map<String, Value>) {
    let name = name_of_parameter(map).filter(|_| kind == ObjectKind::Parameter);
    let Some(name) = name.map(Value::String) else { return };
    if let Some(Value::Object(schema)) = map.get_mut("schema")
        && !["$ref", "title", "description", KEY].iter().any(|key| schema.contains_key(*key))
    {
        schema.shift_insert(0, "title".to_owned(), name);
        map.shift_remove("description");
    }
}

/// The reverse: Alipay says it of the parameter.
fn raise_name(kind: ObjectKind, map: &mut Map<String, Value>) {
    if kind != ObjectKind::Parameter || map.contains_key("description") || map.contains_key(KEY) {
        return;
    }
    if let Some(Value::Object(schema)) = map.get_mut("schema")
        && !schema.contains_key("description")
        && !schema.contains_key(KEY)
        && let Some(name) = schema.shift_remove("title")
    {
        map.insert("description".to_owned(), name);
    }
}

/// Takes a fingerprint out of an object. What is none is left for the audit.
fn fingerprint_of(map: &mut Map<String, Value>) -> Option<String> {
    let is_one = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let text = map.get(KEY)?.as_str().filter(|text| is_one(text))?.to_ascii_lowercase();
    map.shift_remove(KEY);
    Some(text)
}

/// Removes every key of an object whose [fate](Fate) is documentation, but for its name. A property, schema or
/// parameter that is merely *called* `description` stays.
fn remove_prose(
    kind: ObjectKind,
    map: &mut Map<String, Value>,
    name: Option<&Name>,
) -> Option<Text> {
    let mut texts = Vec::new();
    for (key, value) in std::mem::take(map) {
        let prose = kind.row(&key).is_some_and(|row| row.fate == Fate::Documentation);
        if !prose {
            map.insert(key, value);
            continue;
        }
        collect(hashed_key(kind, &key), &value, &mut texts);
        if let Some(name) = name.filter(|name| name.found == key) {
            map.insert(name.key.to_owned(), Value::String(name.text.clone()));
        } else if kind.required().contains(&key.as_str()) {
            map.insert(key, Value::String(String::new()));
        }
    }
    if texts.is_empty() {
        return None;
    }
    // The order of keys is no part of a text.
    texts.sort();
    let wording: Vec<String> = texts.iter().map(|(_, text)| one_line(text)).collect();
    Some(Text { fingerprint: fingerprint(&texts), wording: Some(wording.join(" / ")) })
}

/// The key that counts for a fingerprint. What Alipay calls a schema in its description is the title in a base.
fn hashed_key(kind: ObjectKind, key: &str) -> &str {
    if kind == ObjectKind::Schema && key == "title" { "description" } else { key }
}

fn collect(key: &str, value: &Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if TEXTS.contains(&key) && !text.trim().is_empty() => {
            texts.push((key.to_owned(), text.clone()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(key, item, texts)),
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(key, value, texts)),
        _ => {}
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The 32-bit FNV-1a hash of texts and their keys. All white space is left out, not only that at the ends of
/// lines: Chinese has no blanks where a line may end.
fn fingerprint(texts: &[(String, String)]) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    let mut add = |byte: u8| hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    for text in texts.iter().flat_map(|(key, text)| [key, text]) {
        let visible = text.chars().filter(|c| !c.is_whitespace());
        visible.collect::<String>().bytes().for_each(&mut add);
        // A byte that UTF-8 does not have keeps the strings apart.
        add(0xFF);
    }
    format!("{hash:08x}")
}

/// What is done with an object of a description.
type Visit<'v> = dyn FnMut(ObjectKind, &mut Map<String, Value>, &Pointer) + 'v;

/// Visits each object that the [ledger](crate::audit::shapes) has a kind for.
fn each(root: &mut Value, visit: &mut Visit<'_>) {
    each_in(ObjectKind::Root, root, &Pointer::root(), visit);
}

fn each_in(kind: ObjectKind, value: &mut Value, at: &Pointer, visit: &mut Visit<'_>) {
    let Value::Object(map) = value else { return };
    if kind.referable() && map.contains_key("$ref") {
        return;
    }
    visit(kind, map, at);
    for (key, value) in map {
        match (kind.row(key).map(|row| row.holds), value) {
            (Some(Holds::One(kind) | Holds::BoolOr(kind)), value) => {
                each_in(kind, value, &at.join(key), visit);
            }
            (Some(Holds::List(kind)), Value::Array(items)) => {
                let at = at.join(key);
                for (index, item) in items.iter_mut().enumerate() {
                    each_in(kind, item, &at.join(index), visit);
                }
            }
            (Some(Holds::Map(kind)), Value::Object(members)) => {
                let at = at.join(key);
                for (name, member) in members {
                    each_in(kind, member, &at.join(name), visit);
                }
            }
            _ => {}
        }
    }
}
