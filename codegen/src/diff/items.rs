//! Structs and enums as wholes.

use std::collections::{BTreeSet, HashSet};

use alipay_openapi::ir::{Field, OpenEnum, Role, Struct, TypeId};

use super::{
    change::{Scope, Sides},
    compare::{Comparison, Item},
    documentation, kinds,
    texts::{Of, Reworded},
    view::sides_of,
};
use crate::named::{NamedApi, NamedEnum, NamedStruct};

impl Comparison<'_> {
    pub(super) fn structs(&mut self) {
        let (old, new) = (self.old, self.new);
        let met: BTreeSet<usize> = self.pairs.structs.values().copied().collect();
        // What belongs to an operation or a message comes and goes with it.
        let shared = |item: NamedStruct<'_>| matches!(item.item.role, Role::Shared { .. });
        for (number, a) in old.api.structs().enumerate() {
            let pair = self.pairs.structs.get(&number).copied();
            let pair = pair
                .and_then(|at| Some((scope(&self.new_scopes.structs, at), new.api.struct_at(at)?)));
            if let Some((scope, b)) = pair {
                self.structure(&scope, a, b);
            } else if shared(a) {
                let (name, sides) = (&a.item.upstream_name, sides_of(&a.item.role));
                let scope = scope(&self.old_scopes.structs, number);
                let item = Item::new(&scope, name, old.struct_path(a), sides, &a.item.id, None);
                self.note(kinds::TYPE_REMOVED, &item, "type removed", "");
            }
        }
        for (number, b) in new.api.structs().enumerate() {
            if !met.contains(&number) && shared(b) {
                let (name, sides) = (&b.item.upstream_name, sides_of(&b.item.role));
                let scope = scope(&self.new_scopes.structs, number);
                let item = Item::new(&scope, name, new.struct_path(b), sides, None, &b.item.id);
                let message = format!("new type with {}", count(b.item.fields.len(), "field"));
                self.note(kinds::TYPE_ADDED, &item, message, "");
            }
        }
    }

    fn structure(&mut self, scope: &Scope, before: NamedStruct<'_>, after: NamedStruct<'_>) {
        let (a, b) = (before.item, after.item);
        // Each has a rating below, or a reason for having none.
        let Struct {
            id,
            upstream_name,
            role,
            fields: _,
            required: _,
            // Both show in the path.
            module: _,
            pinned_name: _,
            example: _,
            docs,
        } = b;
        let rust = self.new.struct_path(after);
        let item = Item::new(scope, upstream_name, rust, sides_of(role), &a.id, id);
        let rust_before = self.old.struct_path(before);
        let shared = matches!(role, Role::Shared { .. });
        if shared && a.upstream_name != *upstream_name {
            let same_path = rust_before == item.rust;
            let kind = if same_path { kinds::SCHEMA_RENAMED } else { kinds::TYPE_RENAMED };
            let message = format!("renamed: was `{}` (`{rust_before}`)", a.upstream_name);
            self.note(kind, &item, message, &a.upstream_name);
        } else {
            self.rust_name(&item, &rust_before);
        }
        // That a type is now returned, too, shows in its fields: they are required no longer.
        match (a.role.takes_input(), role.takes_input()) {
            (true, false) => {
                let message = "is no longer sent: its constructor and setters are gone";
                self.note(kinds::NO_LONGER_SENT, &item, message, "");
            }
            (false, true) => {
                let message = "is now sent too: it gets a constructor and setters";
                self.note(kinds::NOW_SENT, &item, message, "");
            }
            _ => {}
        }
        let pairs = self.fields(scope, before, after);
        let (mut was, mut is) = (a.required_fields(), b.required_fields());
        let current = |(number, _): &(usize, &Field)| pairs.get(number).copied();
        let stayed: HashSet<usize> = was.iter().filter_map(current).collect();
        is.retain(|(number, _)| stayed.contains(number));
        let both: HashSet<usize> = is.iter().map(|(number, _)| *number).collect();
        was.retain(|field| current(field).is_some_and(|number| both.contains(&number)));
        let other_order = was.iter().filter_map(current).ne(is.iter().map(|(number, _)| *number));
        if other_order && role.takes_input() {
            let is: Vec<&str> = is.iter().map(|(_, field)| field.wire.as_str()).collect();
            let message = format!("`new` takes its parameters in another order: {}", is.join(", "));
            self.note(kinds::CONSTRUCTOR_ORDER, &item, message, &is.join(","));
        }
        // The request of an operation without a body is called as the operation is, and has no text of its own.
        let operation_of = |api: &NamedApi<'_>, id: &TypeId| {
            let operation = id.parent().filter(|at| at.join("parameters") == *id)?;
            let mut all = api.all_operations();
            all.any(|one| one.item.origin == operation).then_some(operation)
        };
        let (was_of, is_of) = match role {
            Role::Request(_) => {
                (operation_of(&self.old.api, &a.id), operation_of(&self.new.api, id))
            }
            _ => (None, None),
        };
        let names = self.names(was_of.as_ref().unwrap_or(&a.id), is_of.as_ref().unwrap_or(id));
        let mut aspects = documentation::docs(&a.docs, docs, names);
        let example = |item: &Struct| item.example.as_ref().map(|example| example.value.clone());
        if example(a) != example(b) {
            aspects.push("example changed".to_owned());
        }
        let reworded = if was_of.is_some() || is_of.is_some() {
            Reworded::default()
        } else {
            self.reworded(Of::Type, &a.id, id)
        };
        self.described(&item, aspects, reworded);
    }

    pub(super) fn enums(&mut self) {
        let (old, new) = (self.old, self.new);
        let met: BTreeSet<usize> = self.pairs.enums.values().copied().collect();
        let (old_sides, new_sides) = (old.enum_sides(), new.enum_sides());
        for (number, a) in old.api.enums().enumerate() {
            let rust_before = old.enum_path(a);
            let pair = self.pairs.enums.get(&number).copied();
            let Some((at, b)) = pair.and_then(|at| Some((at, new.api.enum_at(at)?))) else {
                let sides = old_sides.get(&number).copied().unwrap_or_default();
                let scope = scope(&self.old_scopes.enums, number);
                let item = Item::new(&scope, &a.item.name, rust_before, sides, &a.item.id, None);
                self.note(kinds::ENUM_REMOVED, &item, "set of values removed", "");
                continue;
            };
            let scope = scope(&self.new_scopes.enums, at);
            let sides = new_sides.get(&at).copied().unwrap_or_default();
            self.open_enum(&scope, sides, a, b);
        }
        for (number, b) in new.api.enums().enumerate() {
            if !met.contains(&number) {
                let scope = scope(&self.new_scopes.enums, number);
                let sides = new_sides.get(&number).copied().unwrap_or_default();
                let rust = new.enum_path(b);
                let item = Item::new(&scope, &b.item.name, rust, sides, None, &b.item.id);
                let message = format!("new set of {}", count(b.item.values.len(), "value"));
                self.note(kinds::ENUM_ADDED, &item, message, "");
            }
        }
    }

    fn open_enum(&mut self, scope: &Scope, sides: Sides, a: NamedEnum<'_>, b: NamedEnum<'_>) {
        let OpenEnum {
            id,
            name,
            // It decides the name.
            pinned: _,
            values: _,
            confidence,
            // Both come from the fields that have these values, and are compared there.
            used_by: _,
            docs: _,
        } = b.item;
        let rust_before = self.old.enum_path(a);
        let item = Item::new(scope, name, self.new.enum_path(b), sides, &a.item.id, id);
        if a.item.name == *name {
            self.rust_name(&item, &rust_before);
        } else {
            let message = format!("renamed: was `{rust_before}`");
            self.note(kinds::ENUM_RENAMED, &item, message, &rust_before);
        }
        if a.item.confidence != *confidence {
            self.described(&item, vec!["evidence changed".to_owned()], Reworded::default());
        }
        self.values(scope, a, b, sides);
    }
}

fn scope(scopes: &[Scope], number: usize) -> Scope {
    scopes.get(number).cloned().unwrap_or_else(Scope::gateway)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
