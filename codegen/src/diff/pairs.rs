//! Which struct and which enum of the old description is which of the new one.
//!
//! Most have kept their names. A rename is taken for one only when it is evident: a field that stayed
//! leads from one to the other, and at least half of what is in them is the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::view::{View, key_of};
use alipay_openapi::ir::{Struct, Ty};

/// Numbers of old items with those of the new ones.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Operations that only changed their id: old to new.
    pub(super) operations: BTreeMap<String, String>,
    pub(super) structs: BTreeMap<usize, usize>,
    pub(super) enums: BTreeMap<usize, usize>,
}

impl Pairs {
    pub(super) fn of(old: &View<'_>, new: &View<'_>) -> Self {
        let mut pairs = Self { operations: renamed_operations(old, new), ..Self::default() };
        let mut by_key: HashMap<String, usize> =
            new.api().structs.iter().enumerate().map(|(n, item)| (key_of(item), n)).collect();
        for (number, item) in old.api().structs.iter().enumerate() {
            let key = key_of(item);
            let found = by_key.remove(&key).or_else(|| {
                let (what, operation) = key.split_once(' ')?;
                by_key.remove(&format!("{what} {}", pairs.operations.get(operation)?))
            });
            pairs.structs.extend(found.map(|found| (number, found)));
        }
        let new_enums: HashMap<&str, usize> =
            new.api().enums.iter().enumerate().map(|(n, item)| (item.name.as_str(), n)).collect();
        for (number, item) in old.api().enums.iter().enumerate() {
            pairs.enums.extend(new_enums.get(item.name.as_str()).map(|found| (number, *found)));
        }
        while pairs.follow_fields(old, new) {}
        pairs
    }

    /// Looks for fields that stayed and lead to something without a counterpart. Says whether a rename
    /// was found.
    fn follow_fields(&mut self, old: &View<'_>, new: &View<'_>) -> bool {
        let mut structs = Vec::new();
        let mut enums = Vec::new();
        for (&old_number, &new_number) in &self.structs {
            let (Some(before), Some(after)) =
                (old.structure(old_number), new.structure(new_number))
            else {
                continue;
            };
            for field in &before.fields {
                let Some(other) = after.fields.iter().find(|other| other.wire == field.wire) else {
                    continue;
                };
                match (leads_to(&field.ty), leads_to(&other.ty)) {
                    (Some(Ty::Struct { id: a, .. }), Some(Ty::Struct { id: b, .. })) => {
                        let numbers = old
                            .surface
                            .layout
                            .struct_number(a)
                            .zip(new.surface.layout.struct_number(b));
                        structs.extend(numbers);
                    }
                    (Some(Ty::Enum(a)), Some(Ty::Enum(b))) => {
                        let numbers = old
                            .surface
                            .layout
                            .enum_number(a)
                            .zip(new.surface.layout.enum_number(b));
                        enums.extend(numbers);
                    }
                    _ => {}
                }
            }
        }
        let mut found = false;
        for (a, b) in structs {
            let free = !self.structs.contains_key(&a) && !self.structs.values().any(|n| *n == b);
            let alike = old.structure(a).zip(new.structure(b)).is_some_and(|(a, b)| {
                let wires = |item: &Struct| item.fields.iter().map(|f| f.wire.clone()).collect();
                alike(&wires(a), &wires(b))
            });
            if free && alike {
                self.structs.insert(a, b);
                found = true;
            }
        }
        for (a, b) in enums {
            let free = !self.enums.contains_key(&a) && !self.enums.values().any(|n| *n == b);
            let alike = old.api().enums.get(a).zip(new.api().enums.get(b)).is_some_and(|(a, b)| {
                let wires = |values: &[alipay_openapi::ir::EnumValue]| {
                    values.iter().map(|value| value.wire.clone()).collect()
                };
                alike(&wires(&a.values), &wires(&b.values))
            });
            if free && alike {
                self.enums.insert(a, b);
                found = true;
            }
        }
        found
    }

    /// Whether two types are the same, names aside.
    pub(super) fn same_type(&self, old: &View<'_>, new: &View<'_>, a: &Ty, b: &Ty) -> bool {
        match (a, b) {
            (Ty::Enum(a), Ty::Enum(b)) => {
                let (a, b) = (old.surface.layout.enum_number(a), new.surface.layout.enum_number(b));
                a.and_then(|a| self.enums.get(&a).copied()) == b && b.is_some()
            }
            (Ty::Struct { id: a, boxed: a_boxed }, Ty::Struct { id: b, boxed: b_boxed }) => {
                let (a, b) =
                    (old.surface.layout.struct_number(a), new.surface.layout.struct_number(b));
                a_boxed == b_boxed
                    && b.is_some()
                    && a.and_then(|a| self.structs.get(&a).copied()) == b
            }
            (Ty::List(a), Ty::List(b))
            | (Ty::Map(a), Ty::Map(b))
            | (Ty::JsonText(a), Ty::JsonText(b)) => self.same_type(old, new, a, b),
            (a, b) => a == b,
        }
    }
}

/// Operations of another id with the same method and path.
fn renamed_operations(old: &View<'_>, new: &View<'_>) -> BTreeMap<String, String> {
    let operations = |view: &View<'_>| -> Vec<_> {
        let operations = view.api().groups.iter().flat_map(|group| group.operations.clone());
        operations.collect()
    };
    let (before, after) = (operations(old), operations(new));
    let ids: BTreeSet<&str> = before.iter().map(|operation| operation.id.as_str()).collect();
    let renamed = after.iter().filter(|operation| !ids.contains(operation.id.as_str()));
    renamed
        .filter_map(|to| {
            let from =
                before.iter().find(|from| from.method == to.method && from.path == to.path)?;
            Some((from.id.clone(), to.id.clone()))
        })
        .collect()
}

fn leads_to(ty: &Ty) -> Option<&Ty> {
    Some(ty.innermost()).filter(|ty| matches!(ty, Ty::Struct { .. } | Ty::Enum(_)))
}

/// Whether two sets of names share at least half.
fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let shared = a.intersection(b).count();
    shared > 0 && shared * 2 >= a.len().max(b.len())
}
