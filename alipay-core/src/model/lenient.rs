//! Reads what Alipay has sent, although some of its values are not of their types.
//!
//! The strict reader goes first. Only what it refuses is read again here, value by value: what cannot be
//! read is left out and reported, with its place and never with the value.

use std::{collections::BTreeMap, fmt, iter, ops::ControlFlow};

use serde::{
    Deserializer as _,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Error, value::RawValue};

use super::{
    read::{Key, Path, Step, decode_json, is_needed, missing_field, read_text, read_tree},
    table::Table,
    value::{List, Map, Model, Ref, Slot, Value},
};

/// How deeply values can be nested.
const DEPTH: usize = 128;

/// A part of a response or message that is not of its type, and so was left out.
///
/// It names the place and the kind of value, and never the value, which may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pointer: String,
    reason: String,
}

impl Unreadable {
    /// Its place, as a JSON pointer: `/voucher_list/0/amount`.
    ///
    /// If the JSON of an object or list stands in a string, the pointer continues inside that string.
    /// It ends at an object whose keys are data: a key may be personal, too.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What was expected there and, in general terms, what was found.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "`{}`: ", self.pointer)?;
        }
        f.write_str(&self.reason)
    }
}

/// Fills a blank model from a JSON document, and gives what could not be read.
pub(crate) fn decode(model: &mut dyn Model, json: &str) -> Result<Vec<Unreadable>, Error> {
    match decode_json(model, json.as_bytes()) {
        Ok(()) => Ok(Vec::new()),
        Err(_) => decode_text(model, json, false),
    }
}

/// As [`decode`], for JSON that the strict reader has refused. In a *damaged* document, characters that
/// were not valid have been replaced by U+FFFD.
pub(crate) fn decode_text(
    model: &mut dyn Model,
    json: &str,
    damaged: bool,
) -> Result<Vec<Unreadable>, Error> {
    for index in 0..model.table().fields.len() {
        if let Some(value) = model.field_mut(index) {
            value.clear();
        }
    }
    let document = raw(json)?;
    let mut reader = Reader { damaged, unreadable: Vec::new() };
    let whole = match kind(document) {
        Kind::Object => reader.object(model, document, None),
        other => return Err(Error::custom(unfit(Slot::Model(model).expected(), other.name()))),
    };
    match whole {
        Ok(()) => Ok(reader.unreadable),
        Err(Lost) => Err(Error::custom(match reader.unreadable.pop() {
            Some(cause) => cause.to_string(),
            None => "it has no values that can be read".to_owned(),
        })),
    }
}

/// A value could not be read, which has been reported.
struct Lost;

struct Reader {
    damaged: bool,
    unreadable: Vec<Unreadable>,
}

impl Reader {
    /// Fills a blank value, or makes it absent. `false` when it was `null` or blank.
    fn value(
        &mut self,
        value: &mut dyn Value,
        json: &str,
        path: Option<&Path<'_>>,
    ) -> Result<bool, Lost> {
        let read = self.fill(value, json, path);
        if read.is_err() {
            value.clear();
        }
        read
    }

    fn fill(
        &mut self,
        value: &mut dyn Value,
        json: &str,
        path: Option<&Path<'_>>,
    ) -> Result<bool, Lost> {
        match (value.slot(), kind(json)) {
            (Slot::Model(_) | Slot::List(_) | Slot::Map(_), Kind::Object | Kind::List)
                if depth(path) > DEPTH =>
            {
                Err(self.lost(path, format!("it is nested more than {DEPTH} levels deep")))
            }
            (Slot::Model(model), Kind::Object) => self.object(model, json, path).map(|()| true),
            (Slot::Map(map), Kind::Object) => self.map(map, json, path).map(|()| true),
            (Slot::List(list), Kind::List) => self.list(list, json, path).map(|()| true),
            (Slot::JsonText(value), Kind::Object | Kind::List) => self.fill(value, json, path),
            (Slot::Model(_) | Slot::List(_) | Slot::Map(_) | Slot::JsonText(_), Kind::String) => {
                match inside(json) {
                    Some(text) => self.fill(value, &text, path),
                    None => self.leaf(value, json, path),
                }
            }
            _ => self.leaf(value, json, path),
        }
    }

    /// Reads a value that holds no others.
    fn leaf(
        &mut self,
        value: &mut dyn Value,
        json: &str,
        path: Option<&Path<'_>>,
    ) -> Result<bool, Lost> {
        let expected = value.slot().expected();
        if self.damaged && json.contains(char::REPLACEMENT_CHARACTER) {
            return Err(self.lost(path, unfit(expected, "characters that are not valid")));
        }
        let found = kind(json);
        let read = match value.slot() {
            // It keeps its text.
            Slot::Json(_) => read_text(value, json),
            _ if matches!(found, Kind::Object | Kind::List) => {
                Err(Error::custom(unfit(expected, found.name())))
            }
            _ => match serde_json::from_str(json) {
                Ok(tree) => read_tree(value, tree),
                Err(_) => Err(Error::custom(unfit(expected, found.beyond()))),
            },
        };
        read.map_err(|problem| self.lost(path, problem.to_string()))
    }

    fn object(
        &mut self,
        model: &mut dyn Model,
        json: &str,
        path: Option<&Path<'_>>,
    ) -> Result<(), Lost> {
        let table = model.table();
        let members = members(table, json)
            .map_err(|_| self.lost(path, "a name in it is not valid".to_owned()))?;
        for (index, (field, member)) in table.fields.iter().zip(members).enumerate() {
            let Some(value) = model.field_mut(index) else { continue };
            let path_of_field = Path { parent: path, step: Step::Field(field.name) };
            let read = match member {
                Some(member) => self.value(value, member, Some(&path_of_field)),
                None => Ok(false),
            };
            match read {
                Ok(present) if present || !is_needed(field) => {}
                Ok(_) => return Err(self.lost(path, missing_field(field))),
                // A blank value in its place would be a lie.
                Err(Lost) if is_needed(field) || !matches!(value.get(), Ref::Absent) => {
                    return Err(Lost);
                }
                Err(Lost) => {}
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        list: &mut dyn List,
        json: &str,
        path: Option<&Path<'_>>,
    ) -> Result<(), Lost> {
        let items: Vec<&RawValue> = serde_json::from_str(json)
            .map_err(|_| self.lost(path, "it is not a list".to_owned()))?;
        let mut any_lost = false;
        for (index, item) in items.into_iter().enumerate() {
            let path = Path { parent: path, step: Step::Item(index) };
            list.push(&mut |value| {
                let read = self.value(value, item.get(), Some(&path));
                any_lost |= read.is_err();
                matches!(read, Ok(true))
            });
        }
        // An empty list would say that there are none.
        if any_lost && list.is_empty() { Err(Lost) } else { Ok(()) }
    }

    fn map(&mut self, map: &mut dyn Map, json: &str, path: Option<&Path<'_>>) -> Result<(), Lost> {
        let entries: BTreeMap<String, &RawValue> = serde_json::from_str(json)
            .map_err(|_| self.lost(path, "a name in it is not valid".to_owned()))?;
        let mut any_lost = false;
        for (index, (key, entry)) in entries.into_iter().enumerate() {
            let path = Path { parent: path, step: Step::Entry(index) };
            if self.damaged && key.contains(char::REPLACEMENT_CHARACTER) {
                self.lost(Some(&path), "its name is not valid".to_owned());
                any_lost = true;
                continue;
            }
            map.put(key, &mut |value| {
                let read = self.value(value, entry.get(), Some(&path));
                any_lost |= read.is_err();
                matches!(read, Ok(true))
            });
        }
        if any_lost && map.is_empty() { Err(Lost) } else { Ok(()) }
    }

    /// Reports a value that cannot be read.
    fn lost(&mut self, path: Option<&Path<'_>>, reason: String) -> Lost {
        let mut pointer = String::new();
        let reason = match path.map(|path| write_pointer(path, &mut pointer)) {
            Some(ControlFlow::Break(())) => format!("in an entry: {reason}"),
            _ => reason,
        };
        self.unreadable.push(Unreadable { pointer, reason });
        Lost
    }
}

/// Appends the JSON pointer of a path. It breaks off at an object whose keys are data.
fn write_pointer(path: &Path<'_>, pointer: &mut String) -> ControlFlow<()> {
    if let Some(parent) = path.parent {
        write_pointer(parent, pointer)?;
    }
    match path.step {
        Step::Field(name) => {
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        }
        Step::Item(index) => {
            pointer.push('/');
            pointer.push_str(&index.to_string());
        }
        Step::Entry(_) => return ControlFlow::Break(()),
    }
    ControlFlow::Continue(())
}

fn depth(path: Option<&Path<'_>>) -> usize {
    iter::successors(path, |path| path.parent).count()
}

fn unfit(expected: &str, found: &str) -> String {
    format!("expected {expected}, found {found}")
}

/// A kind of JSON value.
#[derive(Clone, Copy)]
enum Kind {
    Object,
    List,
    String,
    Number,
    Bool,
    Null,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "nothing",
        }
    }

    /// What a value is that is JSON of this kind, and yet cannot be read.
    fn beyond(self) -> &'static str {
        match self {
            Self::String => "a string with half a character",
            _ => "a number out of range",
        }
    }
}

/// The kind of a JSON value without white space around it.
fn kind(json: &str) -> Kind {
    match json.as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// The JSON value of a document, without white space around it.
fn raw(json: &str) -> Result<&str, Error> {
    serde_json::from_str(json).map(|value: &RawValue| value.get())
}

/// The JSON of an object or list that stands in a string.
fn inside(json: &str) -> Option<String> {
    let text: String = serde_json::from_str(json).ok()?;
    let value = raw(&text).ok()?;
    matches!(kind(value), Kind::Object | Kind::List).then(|| value.to_owned())
}

/// The JSON of each field, as far as it is there. If a key comes twice, the last value counts.
fn members<'j>(table: &'static Table, json: &'j str) -> Result<Vec<Option<&'j str>>, Error> {
    serde_json::Deserializer::from_str(json).deserialize_any(Members(table))
}

struct Members(&'static Table);

impl<'j> Visitor<'j> for Members {
    type Value = Vec<Option<&'j str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = vec![None; self.0.fields.len()];
        while let Some(found) = map.next_key_seed(Key { table: self.0, next: 0 })? {
            let value: &RawValue = map.next_value()?;
            if let Some(member) = found.and_then(|(index, _)| members.get_mut(index)) {
                *member = Some(value.get());
            }
        }
        Ok(members)
    }
}
