//! Structs and enums as wholes.

use std::collections::BTreeSet;

use alipay_openapi::ir::{Role, Struct};

use super::{
    change::Rating,
    compare::{Comparison, Item},
    documentation,
    view::sides_of,
};
use crate::named::NamedStruct;

impl Comparison<'_> {
    pub(super) fn structs(&mut self) {
        let (old, new) = (self.old, self.new);
        let met: BTreeSet<usize> = self.pairs.structs.values().copied().collect();
        // What belongs to an operation or a message comes and goes with it.
        let shared = |item: NamedStruct<'_>| matches!(item.item.role, Role::Shared { .. });
        for (number, a) in old.api.structs().enumerate() {
            let pair = self.pairs.structs.get(&number);
            if let Some(b) = pair.and_then(|number| new.api.struct_at(*number)) {
                self.structure(a, b);
            } else if shared(a) {
                let (name, sides) = (&a.item.upstream_name, sides_of(&a.item.role));
                let item = Item::new(name, old.struct_path(a), sides, &a.item.id, None);
                self.breaking("type-removed", &item, "type removed");
            }
        }
        for (number, b) in new.api.structs().enumerate() {
            if !met.contains(&number) && shared(b) {
                let (name, sides) = (&b.item.upstream_name, sides_of(&b.item.role));
                let item = Item::new(name, new.struct_path(b), sides, None, &b.item.id);
                let message = format!("new type with {}", count(b.item.fields.len(), "field"));
                self.additive("type-added", &item, message);
            }
        }
    }

    fn structure(&mut self, before: NamedStruct<'_>, after: NamedStruct<'_>) {
        let (a, b) = (before.item, after.item);
        let rust = self.new.struct_path(after);
        let item = Item::new(&b.upstream_name, rust, sides_of(&b.role), &a.id, &b.id);
        let rust_before = self.old.struct_path(before);
        let shared = matches!(b.role, Role::Shared { .. });
        if shared && a.upstream_name != b.upstream_name {
            let rating =
                if rust_before == item.rust { Rating::Documentation } else { Rating::Breaking };
            let message = format!("renamed: was `{}` (`{rust_before}`)", a.upstream_name);
            self.note("type-renamed", rating, &item, message, &a.upstream_name);
        } else {
            self.rust_name(&item, &rust_before);
        }
        match (a.role.takes_input(), b.role.takes_input()) {
            (true, false) => {
                let message = "is no longer sent: its constructor and setters are gone";
                self.breaking("no-longer-sent", &item, message);
            }
            (false, true) => {
                let message = "is now sent too: it gets a constructor and setters";
                self.additive("now-sent", &item, message);
            }
            _ => {}
        }
        let renamed = self.fields(before, after);
        let order = |item: &Struct| -> Vec<String> {
            let fields = item.required_fields().into_iter();
            fields.map(|(_, field)| field.wire.clone()).collect()
        };
        let current = |wire: &String| renamed.get(wire).unwrap_or(wire).clone();
        let (mut was, mut is) = (order(a).iter().map(current).collect::<Vec<_>>(), order(b));
        let both: Vec<_> = was.iter().filter(|wire| is.contains(wire)).cloned().collect();
        was.retain(|wire| both.contains(wire));
        is.retain(|wire| both.contains(wire));
        if was != is && b.role.takes_input() {
            let message = format!("`new` takes its parameters in another order: {}", is.join(", "));
            self.note("constructor-order", Rating::Breaking, &item, message, &is.join(","));
        }
        let mut aspects = documentation::docs(&a.docs, &b.docs);
        let example = |item: &Struct| item.example.as_ref().map(|example| example.value.clone());
        if example(a) != example(b) {
            aspects.push("example changed".to_owned());
        }
        self.documentation(&item, &aspects);
    }

    pub(super) fn enums(&mut self) {
        let (old, new) = (self.old, self.new);
        let met: BTreeSet<usize> = self.pairs.enums.values().copied().collect();
        let (old_sides, new_sides) = (old.enum_sides(), new.enum_sides());
        for (number, a) in old.api.enums().enumerate() {
            let rust_before = old.enum_path(a);
            let pair = self.pairs.enums.get(&number).copied();
            let Some((number, b)) = pair.and_then(|at| Some((at, new.api.enum_at(at)?))) else {
                let sides = old_sides.get(&number).copied().unwrap_or_default();
                let item = Item::new(&a.item.name, rust_before, sides, &a.item.id, None);
                self.breaking("enum-removed", &item, "set of values removed");
                continue;
            };
            let sides = new_sides.get(&number).copied().unwrap_or_default();
            let item = Item::new(&b.item.name, new.enum_path(b), sides, &a.item.id, &b.item.id);
            if a.item.name == b.item.name {
                self.rust_name(&item, &rust_before);
            } else {
                let message = format!("renamed: was `{rust_before}`");
                self.note("enum-renamed", Rating::Breaking, &item, message, &rust_before);
            }
            self.values(a, b, sides);
        }
        for (number, b) in new.api.enums().enumerate() {
            if !met.contains(&number) {
                let sides = new_sides.get(&number).copied().unwrap_or_default();
                let item = Item::new(&b.item.name, new.enum_path(b), sides, None, &b.item.id);
                let message = format!("new set of {}", count(b.item.values.len(), "value"));
                self.additive("enum-added", &item, message);
            }
        }
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
