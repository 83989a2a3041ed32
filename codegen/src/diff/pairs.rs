//! Which struct and which enum of the old description is which of the new one.
//!
//! Most have kept their names. A rename is taken for one only when it is evident: a field that stayed
//! leads from one to the other, and at least half of what is in them is the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use alipay_openapi::ir::{Struct, Ty};

use super::view::key_of;
use crate::named::NamedApi;

/// Numbers of old items with those of the new ones.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Operations that only changed their id: old to new.
    pub(super) operations: BTreeMap<String, String>,
    pub(super) structs: BTreeMap<usize, usize>,
    pub(super) enums: BTreeMap<usize, usize>,
}

impl Pairs {
    pub(super) fn of(old: &NamedApi<'_>, new: &NamedApi<'_>) -> Self {
        let mut pairs = Self { operations: renamed_operations(old, new), ..Self::default() };
        let mut by_key: HashMap<String, usize> =
            new.api.structs.iter().enumerate().map(|(n, item)| (key_of(item), n)).collect();
        for (number, item) in old.api.structs.iter().enumerate() {
            let key = key_of(item);
            let found = by_key.remove(&key).or_else(|| {
                let (what, operation) = key.split_once(' ')?;
                by_key.remove(&format!("{what} {}", pairs.operations.get(operation)?))
            });
            pairs.structs.extend(found.map(|found| (number, found)));
        }
        let new_enums: HashMap<&str, usize> =
            new.api.enums.iter().enumerate().map(|(n, item)| (item.name.as_str(), n)).collect();
        for (number, item) in old.api.enums.iter().enumerate() {
            pairs.enums.extend(new_enums.get(item.name.as_str()).map(|found| (number, *found)));
        }
        while pairs.follow_fields(old, new) {}
        pairs
    }

    /// Looks for fields that stayed and lead to something without a counterpart. Says whether a rename
    /// was found.
    fn follow_fields(&mut self, old: &NamedApi<'_>, new: &NamedApi<'_>) -> bool {
        let mut met = Vec::new();
        for (a, b) in &self.structs {
            let (Some(a), Some(b)) = (old.api.structs.get(*a), new.api.structs.get(*b)) else {
                continue;
            };
            for (from, to) in same_fields(a, b) {
                if let (Some(from), Some(to)) = (a.fields.get(from), b.fields.get(to)) {
                    met.push((from.ty.innermost(), to.ty.innermost()));
                }
            }
        }
        let mut found = false;
        for types in met {
            found |= match types {
                (Ty::Struct { id: a, .. }, Ty::Struct { id: b, .. }) => {
                    let pair = old.layout.struct_number(a).zip(new.layout.struct_number(b));
                    let wires = |api: &NamedApi<'_>, number| -> Option<BTreeSet<String>> {
                        let fields = api.api.structs.get::<usize>(number)?.fields.iter();
                        Some(fields.map(|field| field.wire.clone()).collect())
                    };
                    link(&mut self.structs, pair, |a, b| alike(wires(old, a), wires(new, b)))
                }
                (Ty::Enum(a), Ty::Enum(b)) => {
                    let pair = old.layout.enum_number(a).zip(new.layout.enum_number(b));
                    let wires = |api: &NamedApi<'_>, number| -> Option<BTreeSet<String>> {
                        let values = api.api.enums.get::<usize>(number)?.values.iter();
                        Some(values.map(|value| value.wire.clone()).collect())
                    };
                    link(&mut self.enums, pair, |a, b| alike(wires(old, a), wires(new, b)))
                }
                _ => false,
            };
        }
        found
    }

    /// Whether two types are the same, names aside.
    pub(super) fn same_type(&self, old: &NamedApi<'_>, new: &NamedApi<'_>, a: &Ty, b: &Ty) -> bool {
        let same = |pairs: &BTreeMap<usize, usize>, a: Option<usize>, b: Option<usize>| {
            b.is_some() && a.and_then(|a| pairs.get(&a).copied()) == b
        };
        match (a, b) {
            (Ty::Enum(a), Ty::Enum(b)) => {
                same(&self.enums, old.layout.enum_number(a), new.layout.enum_number(b))
            }
            (Ty::Struct { id: a, boxed: a_boxed }, Ty::Struct { id: b, boxed: b_boxed }) => {
                let (a, b) = (old.layout.struct_number(a), new.layout.struct_number(b));
                a_boxed == b_boxed && same(&self.structs, a, b)
            }
            (Ty::List(a), Ty::List(b))
            | (Ty::Map(a), Ty::Map(b))
            | (Ty::JsonText(a), Ty::JsonText(b)) => self.same_type(old, new, a, b),
            (
                Ty::Text
                | Ty::Boolean
                | Ty::Integer
                | Ty::Float
                | Ty::Json
                | Ty::Yuan
                | Ty::Decimal
                | Ty::LocalDateTime
                | Ty::LocalDate
                | Ty::LocalTime
                | Ty::File
                | Ty::Enum(_)
                | Ty::Struct { .. }
                | Ty::List(_)
                | Ty::Map(_)
                | Ty::JsonText(_),
                b,
            ) => a == b,
        }
    }
}

/// The numbers of the fields that kept their names, old to new. Of several with one name, each is the one at
/// its place; what is left has moved.
pub(super) fn same_fields(a: &Struct, b: &Struct) -> BTreeMap<usize, usize> {
    let mut left: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, field) in b.fields.iter().enumerate() {
        left.entry(&field.wire).or_default().push(number);
    }
    let mut pairs = BTreeMap::new();
    for may_move in [false, true] {
        for (number, field) in a.fields.iter().enumerate() {
            let Some(left) = left.get_mut(field.wire.as_str()) else { continue };
            if pairs.contains_key(&number) {
                continue;
            }
            let stayed = |to: &usize| b.fields.get(*to).is_some_and(|to| to.place == field.place);
            if let Some(at) = left.iter().position(|to| may_move || stayed(to)) {
                pairs.insert(number, left.remove(at));
            }
        }
    }
    pairs
}

/// Makes a pair of two items that have no counterpart yet and are alike. Says whether it did.
fn link(
    pairs: &mut BTreeMap<usize, usize>,
    pair: Option<(usize, usize)>,
    alike: impl Fn(usize, usize) -> bool,
) -> bool {
    let Some((a, b)) = pair else { return false };
    let free = !pairs.contains_key(&a) && !pairs.values().any(|number| *number == b);
    let linked = free && alike(a, b);
    if linked {
        pairs.insert(a, b);
    }
    linked
}

/// Whether two sets of names share at least half.
fn alike(a: Option<BTreeSet<String>>, b: Option<BTreeSet<String>>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let shared = a.intersection(&b).count();
    shared > 0 && shared * 2 >= a.len().max(b.len())
}

/// Operations of another id with the same method and path.
fn renamed_operations(old: &NamedApi<'_>, new: &NamedApi<'_>) -> BTreeMap<String, String> {
    let before: Vec<_> = old.all_operations().map(|operation| operation.item).collect();
    let ids: BTreeSet<&str> = before.iter().map(|operation| operation.id.as_str()).collect();
    let after = new.all_operations().map(|operation| operation.item);
    after
        .filter(|to| !ids.contains(to.id.as_str()))
        .filter_map(|to| {
            let from =
                before.iter().find(|from| from.method == to.method && from.path == to.path)?;
            Some((from.id.clone(), to.id.clone()))
        })
        .collect()
}
