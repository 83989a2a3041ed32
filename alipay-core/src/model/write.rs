//! Writes models to serde's data model.

use std::borrow::Cow;

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeSeq},
};

use super::{
    table::Place,
    value::{Model, Ref, Value, items, present},
};

/// Writes a model as a map of its fields; absent ones are left out. [`Field::key`](super::Field::key) says what
/// they are called there.
pub fn serialize<S: Serializer>(model: &dyn Model, serializer: S) -> Result<S::Ok, S::Error> {
    write_fields(model, None, serializer)
}

/// The fields of a model that travel in one place, as a map.
pub struct Placed<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// The place.
    pub place: Place,
}

impl Serialize for Placed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_fields(self.model, Some(self.place), serializer)
    }
}

/// The fields that travel in one place, as a JSON object. Not generic, so that it is compiled once.
pub(crate) fn encode_json(model: &dyn Model, place: Place) -> Result<Vec<u8>, serde_json::Error> {
    // Enough for most bodies, which then are not moved while they grow.
    let mut json = Vec::with_capacity(512);
    serde_json::to_writer(&mut json, &Placed { model, place })?;
    Ok(json)
}

/// A value as compact JSON.
pub(crate) fn write_text(value: &dyn Value) -> Result<String, serde_json::Error> {
    serde_json::to_string(&value.get())
}

fn write_fields<S: Serializer>(
    model: &dyn Model,
    place: Option<Place>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (field, value) in present(model) {
        match place {
            None => map.serialize_entry(&field.key(model.table().fields), &value)?,
            Some(place) if place == field.place => map.serialize_entry(field.name, &value)?,
            Some(_) => {}
        }
    }
    map.end()
}

impl<'a> Ref<'a> {
    /// The value as a plain string, for a path or a query. `None` when it is absent, an object, a list,
    /// a file, any JSON or not a finite number.
    #[must_use]
    pub fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::String(text) => Some(text),
            Self::Integer(number) => Some(number.to_string().into()),
            Self::Float(number) => number.is_finite().then(|| number.to_string().into()),
            Self::Bool(truth) => Some(if truth { "true" } else { "false" }.into()),
            Self::JsonText(value) => write_text(value).ok().map(Cow::Owned),
            Self::Absent
            | Self::Model(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Json(_)
            | Self::File(_) => None,
        }
    }
}

impl Serialize for Ref<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::String(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(_) => Err(S::Error::custom("a number that is not finite has no JSON form")),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Model(model) => serialize(*model, serializer),
            Self::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for item in items(*list) {
                    seq.serialize_element(&item)?;
                }
                seq.end()
            }
            Self::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                let mut written = Ok(());
                map.each(&mut |key, value| {
                    if written.is_ok() {
                        written = out.serialize_entry(key, &value.get());
                    }
                });
                written?;
                out.end()
            }
            Self::Json(json) => json.serialize(serializer),
            Self::File(_) => Err(S::Error::custom("a file has no JSON form")),
            Self::JsonText(value) => {
                serializer.serialize_str(&write_text(*value).map_err(S::Error::custom)?)
            }
        }
    }
}
