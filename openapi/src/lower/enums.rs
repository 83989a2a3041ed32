//! Open enums: fields with a list of known values.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use openapiv3::{Schema, StringType};
use serde_json::Value;

use super::{context::Lowering, schemas::Site};
use crate::{
    ir::{Docs, EnumValue, OpenEnum, Struct, Ty, TypeId},
    pointer::Pointer,
};

impl Lowering<'_> {
    /// The enum type of a text with known values: called after its component or its field. Fields of
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
            // That a value may be `null` is no value.
            None if schema.schema_data.nullable => {
                ("enum", Some(text.enumeration.iter().flatten().cloned().collect()))
            }
            None => ("enum", text.enumeration.iter().cloned().collect()),
        };
        let at = pointer.join(key);
        let Some(wires) = wires.filter(|wires: &Vec<String>| !wires.is_empty()) else {
            self.malformed(&at, key, "a list of texts");
            return None;
        };
        let meanings = self.meanings(schema, &wires, pointer)?;
        let (name, pinned) = match self.text_extension(extensions, "x-rust-name", pointer) {
            Some(pinned) => (pinned.value, true),
            None => (site.component.unwrap_or(wire).to_upper_camel_case(), false),
        };
        let removed = Self::removed_values(extensions);
        let values: Vec<EnumValue> = wires
            .into_iter()
            .map(|wire| EnumValue {
                meaning: meanings.get(&wire).cloned(),
                removed_in: removed.get(wire.as_str()).map(|version| (*version).to_owned()),
                wire,
            })
            .collect();
        let confidence = self.confidence(&at);
        if let Some(&index) = self.enum_by_name.get(&name) {
            let known = self.enums.get_mut(index)?;
            let same =
                |(a, b): (&EnumValue, &EnumValue)| a.wire == b.wire && a.meaning == b.meaning;
            if known.values.len() == values.len() && known.values.iter().zip(&values).all(same) {
                // A value that only one of the fields has lost is not gone.
                for (known, value) in known.values.iter_mut().zip(&values) {
                    known.removed_in =
                        known.removed_in.take().filter(|_| value.removed_in.is_some());
                }
                known.used_by.push(wire.to_owned());
                known.confidence = known.confidence.min(confidence);
                return Some(Ty::Enum(known.id.clone()));
            }
            let message = format!("the values of `{name}` differ from those at {}", known.id);
            self.error(
                "enum-conflict",
                &at,
                message,
                "give one of them another name with `x-rust-name`",
            );
            return None;
        }
        self.enum_by_name.insert(name.clone(), self.enums.len());
        self.enums.push(OpenEnum {
            id: pointer.clone(),
            name,
            pinned,
            values,
            confidence,
            used_by: vec![wire.to_owned()],
            docs: Docs::default(),
        });
        Some(Ty::Enum(pointer.clone()))
    }

    fn meanings(
        &mut self,
        schema: &Schema,
        wires: &[String],
        at: &Pointer,
    ) -> Option<BTreeMap<String, String>> {
        const KEY: &str = "x-enum-descriptions";
        let pointer = at.join(KEY);
        let Some(value) = schema.schema_data.extensions.get(KEY) else {
            return Some(BTreeMap::new());
        };
        let Some(map) = value.as_object() else {
            self.malformed(&pointer, KEY, "a map from value to meaning");
            return None;
        };
        if let Some(stray) = map.keys().find(|key| !wires.contains(key)) {
            let message = format!("`{stray}` has a meaning, but it is not among the values");
            self.error(
                "unknown-enum-value",
                &pointer.join(stray),
                message,
                "add the value to the list, or drop its meaning",
            );
        }
        Some(
            map.iter()
                .filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())))
                .collect(),
        )
    }
}

/// Gives each enum the texts of the first field that has it, in the order of the description.
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
