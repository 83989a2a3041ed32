//! How much of a description the generator accounts for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    path::Path,
    shapes::{Fate, Holds, Kind},
};
use crate::load::Raw;

/// The keys of a description, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// All keys of all mappings, names of schemas, properties and paths among them.
    pub keys: usize,
    /// Keys that decide something of the generated code.
    pub modelled: usize,
    /// Keys whose text ends in its documentation.
    pub documentation: usize,
    /// Keys that change nothing, for a stated reason.
    pub ignored: usize,
    /// Keys that lowering refuses.
    pub refused: usize,
    /// Keys nothing is known of.
    pub unknown: usize,
    /// Each shape of key, as in `paths.*.{method}.parameters[].schema.type`, in alphabetical order.
    pub shapes: BTreeMap<String, Tally>,
}

/// One shape of key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// What becomes of it; `None` when nothing is known of it.
    pub fate: Option<Fate>,
    /// How many keys have this shape.
    pub keys: usize,
}

/// Counts the keys of a description by shape and fate.
#[must_use]
pub fn coverage(raw: &Raw) -> Coverage {
    let mut coverage = Coverage::default();
    object(Kind::Root, &raw.value, &Path::ROOT, &mut coverage);
    coverage
}

fn object(kind: Kind, value: &Value, path: &Path<'_>, coverage: &mut Coverage) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let path = path.key(key);
        let Some(row) = kind.row(key) else {
            coverage.count(&path, None, 1 + keys_in(value));
            continue;
        };
        coverage.count(&path, Some(row.fate), 1);
        match (row.holds, value) {
            (Holds::One(kind) | Holds::FlagOr(kind), _) => object(kind, value, &path, coverage),
            (Holds::List(kind), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    object(kind, item, &path.item(index), coverage);
                }
            }
            (Holds::Map(kind), Value::Object(map)) => {
                for (name, member) in map {
                    let path = path.name(name);
                    coverage.count(&path, Some(row.fate), 1);
                    object(kind, member, &path, coverage);
                }
            }
            _ => {
                let below = keys_in(value);
                if below > 0 {
                    coverage.count(&path.name("*"), Some(row.fate), below);
                }
            }
        }
    }
}

fn keys_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(keys_in).sum(),
        Value::Object(map) => map.len() + map.values().map(keys_in).sum::<usize>(),
        _ => 0,
    }
}

impl Coverage {
    fn count(&mut self, path: &Path<'_>, fate: Option<Fate>, keys: usize) {
        self.keys += keys;
        match fate {
            Some(Fate::Modelled(_)) => self.modelled += keys,
            Some(Fate::Documentation) => self.documentation += keys,
            Some(Fate::Ignored(_)) => self.ignored += keys,
            Some(Fate::Refused) => self.refused += keys,
            None => self.unknown += keys,
        }
        self.shapes.entry(path.shape()).or_insert(Tally { fate, keys: 0 }).keys += keys;
    }
}
