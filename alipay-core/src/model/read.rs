//! Reads models from serde's data model.
//!
//! One visitor serves all models. Unknown fields are skipped, `null` counts as absent, and an error names
//! the path of its field but never a value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    table::{Field, Place, Table},
    value::{Malformed, Model, Ref, SetString, Slot, Value},
};
use crate::value::Json;

/// Fills a blank model from a map.
///
/// # Errors
///
/// When the input is not a map, a value does not fit its field, or a required field is missing. The
/// error names the field and never a value. The model is then incomplete and must not be used.
pub fn deserialize<'de, D: Deserializer<'de>>(
    model: &mut dyn Model,
    deserializer: D,
) -> Result<(), D::Error> {
    // With `deserialize_map` the format would report a wrong type, and show the value.
    let reader = Reader { slot: Slot::Model(&mut *model), path: None };
    let present = deserializer.deserialize_any(reader)?;
    if present { Ok(()) } else { Err(unfit(None, Slot::Model(model).expected(), "nothing")) }
}

/// Fills a blank model from a JSON document. Not generic, so that it is compiled once.
pub(crate) fn decode_json(model: &mut dyn Model, json: &[u8]) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserialize(model, &mut deserializer)?;
    deserializer.end()
}

/// Fills a blank value from a JSON document. `false` when it was `null` or blank.
pub(super) fn read_text(value: &mut dyn Value, json: &str) -> Result<bool, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let present = Seed { value, path: None }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(present)
}

/// Fills a blank value from a tree of JSON values. `false` when it was `null` or blank.
pub(super) fn read_tree(
    value: &mut dyn Value,
    json: serde_json::Value,
) -> Result<bool, serde_json::Error> {
    Seed { value, path: None }.deserialize(json)
}

/// Fills a blank value that must be there.
pub(crate) fn read_value<'de, D: Deserializer<'de>>(
    value: &mut dyn Value,
    deserializer: D,
) -> Result<(), D::Error> {
    let present = Seed { value: &mut *value, path: None }.deserialize(deserializer)?;
    if present { Ok(()) } else { Err(unfit(None, value.slot().expected(), "nothing")) }
}

/// The path from the root to the present value. It is used by errors only.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) parent: Option<&'a Path<'a>>,
    pub(super) step: Step,
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Field(&'static str),
    Item(usize),
    /// An entry of a map, by its position: keys are data, which errors do not show.
    Entry(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.parent.is_none() => f.write_str(name),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Item(index) | Step::Entry(index) => write!(f, "[{index}]"),
        }
    }
}

/// Adds the path to an error.
fn at(path: Option<&Path<'_>>, problem: impl fmt::Display) -> String {
    match path {
        Some(path) => format!("`{path}`: {problem}"),
        None => problem.to_string(),
    }
}

/// An error with what was expected and what kind of value was found, but not the value.
fn unfit<E: Error>(path: Option<&Path<'_>>, expected: &str, found: &str) -> E {
    E::custom(at(path, format_args!("expected {expected}, found {found}")))
}

fn read_fields<'de, A: MapAccess<'de>>(
    model: &mut dyn Model,
    path: Option<&Path<'_>>,
    mut map: A,
) -> Result<(), A::Error> {
    let table = model.table();
    let mut seen = vec![false; if has_required(table) { table.fields.len() } else { 0 }];
    // Fields mostly come in the table's order, so the search starts after the last one found.
    let mut next = 0;
    while let Some(found) = map.next_key_seed(Key { table, next })? {
        let Some((index, field)) = found else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        next = index + 1;
        let Some(value) = model.field_mut(index) else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        let path = Path { parent: path, step: Step::Field(field.name) };
        // If a key comes twice, the last value counts.
        value.clear();
        let present = map.next_value_seed(Seed { value, path: Some(&path) })?;
        if let Some(seen) = seen.get_mut(index) {
            *seen = present;
        }
    }
    let missing = table.fields.iter().zip(&seen).find(|(field, seen)| is_needed(field) && !**seen);
    match missing {
        Some((field, _)) => Err(A::Error::custom(at(path, missing_field(field)))),
        None => Ok(()),
    }
}

/// Whether a model cannot be read without this field. Files are never read.
pub(super) fn is_needed(field: &Field) -> bool {
    field.required && field.place != Place::File
}

pub(super) fn missing_field(field: &Field) -> String {
    format!("missing field `{}`", field.name)
}

fn has_required(table: &Table) -> bool {
    table.fields.iter().any(|field| field.required)
}

/// Reads a key and finds its field.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) table: &'static Table,
    /// Where the search starts.
    pub(super) next: usize,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<(usize, &'static Field)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<(usize, &'static Field)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let fields = self.table.fields;
        let ahead = fields.iter().enumerate().skip(self.next);
        let behind = fields.iter().enumerate().take(self.next);
        let is_it = |field: &Field| match field.place {
            Place::Body => field.name == name,
            _ => field.key(fields) == name,
        };
        Ok(ahead.chain(behind).find(|(_, field)| is_it(field)))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        std::str::from_utf8(name).map_or(Ok(None), |name| self.visit_str(name))
    }

    // In other formats than JSON keys may be other than strings; they are unknown fields.

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads a value. `false` when it was `null` or blank.
struct Seed<'a> {
    value: &'a mut dyn Value,
    path: Option<&'a Path<'a>>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let Self { value, path } = self;
        let present = match value.slot() {
            Slot::Json(json) => {
                *json = <Json as serde::Deserialize>::deserialize(deserializer)
                    .map_err(|problem| D::Error::custom(at(path, problem)))?;
                *json != Json::default()
            }
            slot => deserializer.deserialize_any(Reader { slot, path })?,
        };
        if !present {
            value.clear();
            // For a field of any JSON, `null` is a value.
            return Ok(matches!(value.get(), Ref::Json(_)));
        }
        Ok(present)
    }
}

/// Fills a slot. `false` when the value was `null` or blank.
struct Reader<'a> {
    slot: Slot<'a>,
    path: Option<&'a Path<'a>>,
}

impl Reader<'_> {
    fn unfit<E: Error>(&self, found: &str) -> Result<bool, E> {
        Err(unfit(self.path, self.slot.expected(), found))
    }

    /// Reads a number as a string where a string is expected.
    fn number_as_text<E: Error>(mut self, number: Option<String>) -> Result<bool, E> {
        match (&mut self.slot, number) {
            // Alipay writes numbers in strings; one without quotes is accepted, too.
            (Slot::String(value) | Slot::Decimal(value), Some(text)) => {
                set_string(*value, &text, self.path)
            }
            (Slot::JsonText(value), Some(text)) => read_inside(*value, &text, self.path),
            (Slot::String(_) | Slot::Decimal(_) | Slot::JsonText(_), None) => {
                self.unfit("a number too long to be read exactly")
            }
            (Slot::Integer(_), _) => self.unfit("a fraction or a number beyond 64 bits"),
            _ => self.unfit("a number"),
        }
    }

    /// Reads a whole number, signed or unsigned, of 64 bits.
    #[expect(clippy::cast_precision_loss, reason = "what a description calls a number is one")]
    fn whole<E: Error>(self, number: i128) -> Result<bool, E> {
        match (self.slot, i64::try_from(number)) {
            (Slot::Integer(value), Ok(number)) => {
                *value = number;
                Ok(true)
            }
            (slot @ Slot::Float(_), _) => Reader { slot, ..self }.float(number as f64),
            (slot, _) => Reader { slot, ..self }.number_as_text(Some(number.to_string())),
        }
    }

    fn float<E: Error>(self, number: f64) -> Result<bool, E> {
        match self.slot {
            Slot::Float(value) if number.is_finite() => {
                *value = number;
                Ok(true)
            }
            _ => self.unfit("a number out of range"),
        }
    }
}

fn set_string<E: Error>(
    value: &mut dyn SetString,
    text: &str,
    path: Option<&Path<'_>>,
) -> Result<bool, E> {
    value.set_string(text).map_err(|problem| E::custom(at(path, problem)))?;
    Ok(true)
}

/// Reads the value inside a string that holds its JSON.
fn read_inside<E: Error>(
    value: &mut dyn Value,
    text: &str,
    path: Option<&Path<'_>>,
) -> Result<bool, E> {
    let malformed = || E::custom(at(path, Malformed::new(JSON_TEXT)));
    value.clear();
    let present = match text {
        "" => false,
        _ => read_text(&mut *value, text).map_err(|_| malformed())?,
    };
    // An empty string or `null` is an empty list; no other value can be empty.
    let present = present || matches!(value.slot(), Slot::List(_));
    if present { Ok(true) } else { Err(malformed()) }
}

const JSON_TEXT: &str = "a string that holds JSON of the field's type";

/// A number that was sent without quotes as a string, if that is certainly the string that was sent:
/// numbers of up to 15 digits are exact as floats, longer ones (such as ids) may not be.
fn exact_text(number: f64) -> Option<String> {
    const DIGITS: usize = 15;
    let text = number.to_string();
    let digits = text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    (number.is_finite() && digits <= DIGITS).then_some(text)
}

fn text_of(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slot.expected())
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_none<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<bool, E> {
        match self.slot {
            Slot::Bool(value) => {
                *value = truth;
                Ok(true)
            }
            Slot::String(value) => set_string(value, text_of(truth), self.path),
            Slot::JsonText(value) => read_inside(value, text_of(truth), self.path),
            _ => self.unfit("a boolean"),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<bool, E> {
        self.whole(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
        self.whole(number.into())
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<bool, E> {
        self.number_as_text(Some(number.to_string()))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<bool, E> {
        self.number_as_text(Some(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<bool, E> {
        if matches!(self.slot, Slot::Float(_)) {
            return self.float(number);
        }
        self.number_as_text(exact_text(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        let Self { slot, path } = self;
        let expected = slot.expected();
        let unfit = || unfit(path, expected, "a string");
        match slot {
            Slot::String(value) => return set_string(value, text, path),
            Slot::JsonText(value) => return read_inside(value, text, path),
            // Alipay writes "none" as an empty string where a number or a time is expected.
            _ if text.is_empty() => return Ok(false),
            Slot::Decimal(value) | Slot::Time(value) => return set_string(value, text, path),
            Slot::Integer(value) => *value = text.parse().map_err(|_| unfit())?,
            Slot::Bool(value) => *value = text.parse().map_err(|_| unfit())?,
            Slot::Float(_) => {
                let number = text.parse().map_err(|_| unfit())?;
                return Reader { slot, path }.float(number);
            }
            _ => return Err(unfit()),
        }
        Ok(true)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<bool, E> {
        self.unfit("bytes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { slot, path } = self;
        match slot {
            Slot::Model(model) => {
                read_fields(model, path, map)?;
                Ok(true)
            }
            Slot::Map(entries) => {
                let mut index = 0;
                while let Some(key) = map.next_key::<String>()? {
                    let entry = Path { parent: path, step: Step::Entry(index) };
                    let mut read = Ok(false);
                    entries.put(key, &mut |value| {
                        read = map.next_value_seed(Seed { value, path: Some(&entry) });
                        matches!(read, Ok(true))
                    });
                    read?;
                    index += 1;
                }
                Ok(true)
            }
            slot => Err(unfit(path, slot.expected(), "an object")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let Self { slot, path } = self;
        let Slot::List(list) = slot else {
            return Err(unfit(path, slot.expected(), "a list"));
        };
        let mut index = 0;
        loop {
            let item = Path { parent: path, step: Step::Item(index) };
            let mut read = Ok(None);
            list.push(&mut |value| {
                read = seq.next_element_seed(Seed { value, path: Some(&item) });
                // A `null` in a list is skipped.
                matches!(read, Ok(Some(true)))
            });
            if read?.is_none() {
                return Ok(true);
            }
            index += 1;
        }
    }
}
