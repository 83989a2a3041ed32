//! Which table a type belongs to.

use std::collections::BTreeSet;

use crate::named::NamedApi;
use alipay_openapi::ir::{Ty, TypeId};

/// The types of a table, by their numbers.
#[derive(Default)]
pub(super) struct Owned {
    pub(super) structs: BTreeSet<usize>,
    pub(super) enums: BTreeSet<usize>,
}

/// The types by their owners.
pub(super) struct Owners {
    /// Those of each group.
    pub(super) groups: Vec<Owned>,
    /// Those of messages.
    pub(super) rest: Owned,
}

/// Gives each type to the first group that reaches it: with the feature of that group, it is there.
/// What no group reaches is part of messages.
pub(super) fn of(api: &NamedApi<'_>) -> Owners {
    let mut walk = Walk { api, structs: BTreeSet::new(), enums: BTreeSet::new() };
    let mut groups = Vec::new();
    for group in &api.api.groups {
        let mut owned = Owned::default();
        for operation in &group.operations {
            walk.structure(&operation.request, &mut owned);
            walk.structure(&operation.response, &mut owned);
        }
        groups.push(owned);
    }
    let left = |all: usize, taken: &BTreeSet<usize>| {
        (0..all).filter(|number| !taken.contains(number)).collect()
    };
    let rest = Owned {
        structs: left(api.api.structs.len(), &walk.structs),
        enums: left(api.api.enums.len(), &walk.enums),
    };
    Owners { groups, rest }
}

struct Walk<'c, 'a> {
    api: &'c NamedApi<'a>,
    /// The structs that have an owner.
    structs: BTreeSet<usize>,
    /// The enums that have an owner.
    enums: BTreeSet<usize>,
}

impl Walk<'_, '_> {
    fn structure(&mut self, id: &TypeId, owned: &mut Owned) {
        let Some(number) = self.api.layout.struct_number(id) else { return };
        if !self.structs.insert(number) {
            return;
        }
        owned.structs.insert(number);
        let item = self.api.api.structs.get(number);
        for field in item.into_iter().flat_map(|item| &item.fields) {
            self.ty(&field.ty, owned);
        }
    }

    fn ty(&mut self, ty: &Ty, owned: &mut Owned) {
        match ty.innermost() {
            Ty::Struct { id, .. } => self.structure(id, owned),
            Ty::Enum(id) => {
                if let Some(number) = self.api.layout.enum_number(id)
                    && self.enums.insert(number)
                {
                    owned.enums.insert(number);
                }
            }
            _ => {}
        }
    }
}
