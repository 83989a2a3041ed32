//! Open enums: fields with a list of known values.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use heck::ToUpperCamelCase;
use openapiv3::{Schema, StringType};
use serde_json::Value;

use super::{
    annotations::{removed_values, string},
    context::{COMPONENTS, Lowering, NamedBy},
    schemas::Site,
};
use crate::{
    diag::{did_you_mean_or, quote},
    ir::{Docs, EnumValue, OpenEnum, Role, Struct, Ty, TypeId},
    pointer::Pointer,
};

/// The names of values in Rust, where their own make none or the same.
pub(super) const NAMES: &str = "x-enum-names";

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
        self.listed_twice(&at, &wires);
        let meanings = self.notes(schema, "x-enum-descriptions", &wires, pointer);
        let names = self.notes(schema, NAMES, &wires, pointer);
        let removed = removed_values(extensions);
        let values: Vec<EnumValue> = wires
            .into_iter()
            .map(|wire| EnumValue {
                meaning: meanings.get(wire.as_str()).map(|meaning| (*meaning).to_owned()),
                removed_in: removed.get(wire.as_str()).map(|version| (*version).to_owned()),
                pinned_name: names.get(wire.as_str()).map(|name| (*name).to_owned()),
                wire,
            })
            .collect();
        let pinned = string(extensions, "x-rust-name");
        let base = || site.component.unwrap_or(wire).to_upper_camel_case();
        let name = pinned.clone().unwrap_or_else(base);
        let confidence = self.confidence(&at);
        let longer = format!("{} {name}", site.owner.name).to_upper_camel_case();
        let mut known = self.enums.iter_mut();
        let known = known.find(|(known, _)| known.name == name && is_same(known, &values));
        if let Some((known, by)) = known {
            if let NamedBy::Fields(fields) = by {
                fields.push((pointer.clone(), longer));
            }
            for (known, value) in known.values.iter_mut().zip(values) {
                // A value is dropped only when all fields of this type have lost it.
                known.removed_in = known.removed_in.take().filter(|_| value.removed_in.is_some());
                known.pinned_name = known.pinned_name.take().or(value.pinned_name);
            }
            known.used_by.push(wire.to_owned());
            known.confidence = known.confidence.min(confidence);
            return Some(Ty::Enum(known.id.clone()));
        }
        let by = match (&pinned, site.component) {
            (Some(_), _) => NamedBy::Overlay,
            (None, Some(_)) => NamedBy::Component,
            (None, None) => NamedBy::Fields(vec![(pointer.clone(), longer)]),
        };
        let (id, used_by, docs) = (pointer.clone(), vec![wire.to_owned()], Docs::default());
        let pinned = pinned.is_some();
        let item = OpenEnum { id, name, pinned, values, confidence, used_by, docs };
        self.enums.push((item, by));
        Some(Ty::Enum(pointer.clone()))
    }

    /// The enums, each with a name of its own. Of several with one name, the overlay's keeps it, else that of
    /// a component, else the first of the description; the others are called after a struct and its field. So
    /// is one whose name another item has.
    pub(super) fn named_enums(&mut self, structs: &[Struct]) -> Vec<OpenEnum> {
        let others: HashSet<String> = structs.iter().filter_map(name_of_other).collect();
        let mut enums = std::mem::take(&mut self.enums);
        let mut of_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, (item, _)) in enums.iter().enumerate() {
            of_name.entry(item.name.clone()).or_default().push(number);
        }
        let mut taken: BTreeMap<String, Pointer> = BTreeMap::new();
        for mut numbers in of_name.into_values() {
            if numbers.len() > 1 {
                numbers.sort_by_cached_key(|number| {
                    enums.get(*number).map(|(item, by)| match by {
                        NamedBy::Overlay => (0, None),
                        NamedBy::Component => (1, Some(self.place(&item.id))),
                        NamedBy::Fields(fields) => {
                            (2, fields.iter().map(|(at, _)| self.place(at)).min())
                        }
                    })
                });
            }
            for (rank, number) in numbers.into_iter().enumerate() {
                let Some((item, by)) = enums.get_mut(number) else { continue };
                let is_second = rank > 0 || others.contains(&item.name);
                if let (true, NamedBy::Fields(fields)) = (is_second, by) {
                    let first = fields.iter().min_by_key(|(at, _)| self.place(at));
                    item.name = first.map_or(&item.name, |(_, longer)| longer).clone();
                }
                match taken.get(&item.name) {
                    None => _ = taken.insert(item.name.clone(), item.id.clone()),
                    Some(other) => self.enum_conflict(item, other),
                }
            }
        }
        enums.into_iter().map(|(item, _)| item).collect()
    }

    fn enum_conflict(&mut self, item: &OpenEnum, other: &Pointer) {
        let message = format!("the values of `{}` differ from those at {other}", item.name);
        let hint = "give one of them another name with `x-rust-name`";
        let keys = self.raw(&item.id);
        let key = ["x-extensible-enum", "enum"]
            .into_iter()
            .find(|key| keys.is_some_and(|keys| keys.contains_key(*key)));
        let at = key.map_or_else(|| item.id.clone(), |key| item.id.join(key));
        self.error("enum-conflict", &at, message, hint);
    }

    /// Where something stands in the description: what is written in paths comes first.
    fn place<'p>(&self, at: &'p Pointer) -> (usize, usize, &'p Pointer) {
        let mut names = at.segments();
        let (section, list, name) = match (names.next().as_deref(), names.next(), names.next()) {
            (Some("paths"), Some(path), _) => (0, "/paths", path),
            (Some("components"), _, Some(name)) => (2, COMPONENTS, name),
            _ => return (1, 0, at),
        };
        let list = self.raw(&Pointer::parse(list));
        let number = list.and_then(|list| list.keys().position(|key| *key == name));
        (section, number.unwrap_or(0), at)
    }

    /// Reports values that are listed more than once.
    pub(super) fn listed_twice(&mut self, list: &Pointer, wires: &[String]) {
        let mut seen = BTreeSet::new();
        for (index, wire) in wires.iter().enumerate() {
            if !seen.insert(wire) {
                let message = format!("the value {} is listed twice", quote(wire));
                self.error("duplicate-value", &list.join(index), message, "remove one of them");
            }
        }
    }

    /// What a key says of each listed value.
    pub(super) fn notes<'s>(
        &mut self,
        schema: &'s Schema,
        key: &str,
        wires: &[String],
        at: &Pointer,
    ) -> BTreeMap<&'s str, &'s str> {
        let notes = schema.schema_data.extensions.get(key).and_then(Value::as_object);
        let notes = notes.into_iter().flatten();
        let known: HashSet<&str> = wires.iter().map(String::as_str).collect();
        for (stray, _) in notes.clone().filter(|(value, _)| !known.contains(value.as_str())) {
            let (what, drop) = match key {
                NAMES => ("name", "drop the name"),
                _ => ("meaning", "drop its meaning"),
            };
            let message = format!("{} has a {what}, but it is not among the values", quote(stray));
            let hint = did_you_mean_or(stray, wires.iter().map(String::as_str), || {
                format!("add the value to the list, or {drop}")
            });
            self.error("unknown-enum-value", &at.join(key).join(stray), message, &hint);
        }
        notes.filter_map(|(value, note)| Some((value.as_str(), note.as_str()?))).collect()
    }
}

/// The name that a shared type has, or an operation: it is called after its verb.
fn name_of_other(item: &Struct) -> Option<String> {
    match &item.role {
        Role::Shared { .. } => Some(item.upstream_name.to_upper_camel_case()),
        Role::Request(id) => Some(id.rsplit('.').next()?.to_upper_camel_case()),
        Role::Response(_) | Role::Message(_) => None,
    }
}

/// Whether an enum has these values, and nothing else is said of them.
fn is_same(known: &OpenEnum, values: &[EnumValue]) -> bool {
    let fits = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    let same = |(a, b): (&EnumValue, &EnumValue)| {
        a.wire == b.wire && a.meaning == b.meaning && fits(&a.pinned_name, &b.pinned_name)
    };
    known.values.len() == values.len() && known.values.iter().zip(values).all(same)
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
