//! Open enums: fields with a list of known values.

use std::collections::{BTreeMap, HashSet};

use heck::ToUpperCamelCase;
use openapiv3::{Schema, StringType};
use serde_json::Value;

use super::{
    annotations::{removed_values, string},
    context::Lowering,
    schemas::Site,
};
use crate::{
    ir::{Docs, EnumValue, OpenEnum, Struct, Ty, TypeId},
    pointer::Pointer,
};

impl Lowering<'_> {
    /// The enum type of a string with known values: called after its component or its field. Fields of
    /// one name and with the same values share one type.
    pub(super) fn open_enum(
        &mut self,
        site: Site<'_>,
        schema: &Schema,
        text: &StringType,
        pointer: &Pointer,
    ) -> Option<Ty> {
        let wire = site.wire;
        let extensions = &schema.schema_data.extensions;
        let (key, wires) = match extensions.get("x-extensible-enum") {
            Some(list) => ("x-extensible-enum", texts(list)),
            // `null` in the list only says that the value may be null.
            None if schema.schema_data.nullable => {
                ("enum", Some(text.enumeration.iter().flatten().cloned().collect()))
            }
            None => ("enum", text.enumeration.iter().cloned().collect()),
        };
        let at = pointer.join(key);
        let Some(wires) = wires.filter(|wires: &Vec<String>| !wires.is_empty()) else {
            self.malformed(&at, key, "a list of strings that is not empty");
            return None;
        };
        let meanings = self.meanings(schema, &wires, pointer);
        let pinned = string(extensions, "x-rust-name");
        let derived = || site.component.unwrap_or(wire).to_upper_camel_case();
        let (name, pinned) = (pinned.clone().unwrap_or_else(derived), pinned.is_some());
        let removed = removed_values(extensions);
        let values: Vec<EnumValue> = wires
            .into_iter()
            .map(|wire| EnumValue {
                meaning: meanings.get(wire.as_str()).map(|meaning| (*meaning).to_owned()),
                removed_in: removed.get(wire.as_str()).map(|version| (*version).to_owned()),
                wire,
            })
            .collect();
        let confidence = self.confidence(&at);
        if let Some(known) = self.enums.get_mut(&name) {
            let same =
                |(a, b): (&EnumValue, &EnumValue)| a.wire == b.wire && a.meaning == b.meaning;
            if known.values.len() == values.len() && known.values.iter().zip(&values).all(same) {
                // A value is dropped only when all fields of this type have lost it.
                for (known, value) in known.values.iter_mut().zip(&values) {
                    known.removed_in =
                        known.removed_in.take().filter(|_| value.removed_in.is_some());
                }
                known.used_by.push(wire.to_owned());
                known.confidence = known.confidence.min(confidence);
                return Some(Ty::Enum(known.id.clone()));
            }
            let message = format!("the values of `{name}` differ from those at {}", known.id);
            let hint = "give one of them another name with `x-rust-name`";
            self.error("enum-conflict", &at, message, hint);
            return None;
        }
        let (id, used_by, docs) = (pointer.clone(), vec![wire.to_owned()], Docs::default());
        let item = OpenEnum { id, name: name.clone(), pinned, values, confidence, used_by, docs };
        self.enums.insert(name, item);
        Some(Ty::Enum(pointer.clone()))
    }

    fn meanings<'s>(
        &mut self,
        schema: &'s Schema,
        wires: &[String],
        at: &Pointer,
    ) -> BTreeMap<&'s str, &'s str> {
        const KEY: &str = "x-enum-descriptions";
        let meanings = schema.schema_data.extensions.get(KEY).and_then(Value::as_object);
        let meanings = meanings.into_iter().flatten();
        let known: HashSet<&str> = wires.iter().map(String::as_str).collect();
        let stray = meanings.clone().find(|(value, _)| !known.contains(value.as_str()));
        if let Some((stray, _)) = stray {
            let message = format!("`{stray}` has a meaning, but it is not among the values");
            let hint = "add the value to the list, or drop its meaning";
            self.error("unknown-enum-value", &at.join(KEY).join(stray), message, hint);
        }
        meanings.filter_map(|(value, meaning)| Some((value.as_str(), meaning.as_str()?))).collect()
    }
}

/// Describes each enum as the first field that has it, in the order of the description.
pub(super) fn describe(enums: &mut [OpenEnum], structs: &[Struct]) {
    let mut first: BTreeMap<&TypeId, &Docs> = BTreeMap::new();
    for field in structs.iter().flat_map(|item| &item.fields) {
        let said = field.docs.description.is_some() || field.docs.title.is_some();
        if let Some(id) = field.ty.innermost_enum().filter(|_| said) {
            first.entry(id).or_insert(&field.docs);
        }
    }
    for item in enums {
        if let Some(docs) = first.get(&item.id) {
            item.docs = (*docs).clone();
        }
    }
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}
