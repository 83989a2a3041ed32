//! Structs and enums as wholes.

use std::collections::BTreeSet;

use super::{
    change::Rating,
    compare::{Comparison, Item},
    text,
    view::sides_of,
};
use crate::public_api::{constructor_fields, has_setters};
use alipay_openapi::ir::{Role, Struct};

impl Comparison<'_> {
    pub(super) fn structs(&mut self) {
        let met: BTreeSet<usize> = self.pairs.structs.values().copied().collect();
        for (number, before) in self.old.api().structs.iter().enumerate() {
            match self.pairs.structs.get(&number).copied() {
                Some(other) => {
                    if let Some(after) = self.new.structure(other) {
                        self.structure((number, before), (other, after));
                    }
                }
                // What belongs to an operation or a message comes and goes with it.
                None if matches!(before.role, Role::Shared { .. }) => {
                    let item = Item {
                        subject: before.upstream_name.clone(),
                        rust: self.old.surface.struct_path(number),
                        sides: sides_of(&before.role),
                        old: Some(&before.id),
                        new: None,
                    };
                    self.note(
                        "type-removed",
                        Rating::Breaking,
                        &item,
                        "type removed".to_owned(),
                        "",
                    );
                }
                None => {}
            }
        }
        for (number, after) in self.new.api().structs.iter().enumerate() {
            if !met.contains(&number) && matches!(after.role, Role::Shared { .. }) {
                let item = Item {
                    subject: after.upstream_name.clone(),
                    rust: self.new.surface.struct_path(number),
                    sides: sides_of(&after.role),
                    old: None,
                    new: Some(&after.id),
                };
                let message = format!("new type with {}", count(after.fields.len(), "field"));
                self.note("type-added", Rating::Additive, &item, message, "");
            }
        }
    }

    fn structure(&mut self, before: (usize, &Struct), after: (usize, &Struct)) {
        let ((old, a), (new, b)) = (before, after);
        let item = Item {
            subject: b.upstream_name.clone(),
            rust: self.new.surface.struct_path(new),
            sides: sides_of(&b.role),
            old: Some(&a.id),
            new: Some(&b.id),
        };
        let rust_before = self.old.surface.struct_path(old);
        let shared = matches!(b.role, Role::Shared { .. });
        if shared && a.upstream_name != b.upstream_name {
            let rating =
                if rust_before == item.rust { Rating::Documentation } else { Rating::Breaking };
            let message = format!("renamed: was `{}` (`{rust_before}`)", a.upstream_name);
            self.note("type-renamed", rating, &item, message, &a.upstream_name);
        } else {
            self.rust_name(&item, &rust_before);
        }
        match (has_setters(&a.role), has_setters(&b.role)) {
            (true, false) => {
                let message = "is no longer sent: its constructor and setters are gone".to_owned();
                self.note("no-longer-sent", Rating::Breaking, &item, message, "");
            }
            (false, true) => {
                let message = "is now sent too: it gets a constructor and setters".to_owned();
                self.note("now-sent", Rating::Additive, &item, message, "");
            }
            _ => {}
        }
        let renamed = self.fields(before, after);
        let order = |item: &Struct| -> Vec<String> {
            constructor_fields(item).into_iter().map(|field| field.wire.clone()).collect()
        };
        let current = |wire: &String| renamed.get(wire).unwrap_or(wire).clone();
        let (first, second) = (order(a).iter().map(current).collect::<Vec<_>>(), order(b));
        let common = |from: &[String], other: &[String]| -> Vec<String> {
            from.iter().filter(|wire| other.contains(wire)).cloned().collect()
        };
        let (was, is) = (common(&first, &second), common(&second, &first));
        if was != is && has_setters(&b.role) {
            let message = format!("`new` takes its parameters in another order: {}", is.join(", "));
            self.note("constructor-order", Rating::Breaking, &item, message, &is.join(","));
        }
        let mut aspects = text::docs(&a.docs, &b.docs);
        let example = |item: &Struct| item.example.as_ref().map(|example| example.value.clone());
        if example(a) != example(b) {
            aspects.push("example changed".to_owned());
        }
        self.documentation(&item, &aspects);
    }

    pub(super) fn enums(&mut self) {
        let met: BTreeSet<usize> = self.pairs.enums.values().copied().collect();
        let (old_sides, new_sides) = (self.old.enum_sides(), self.new.enum_sides());
        for (number, before) in self.old.api().enums.iter().enumerate() {
            let other = self.pairs.enums.get(&number).copied();
            let counterpart = other.and_then(|other| self.new.api().enums.get(other));
            let (Some(other), Some(after)) = (other, counterpart) else {
                let item = Item {
                    subject: before.name.clone(),
                    rust: self.old.surface.enum_path(number),
                    sides: old_sides.get(&number).copied().unwrap_or_default(),
                    old: Some(&before.id),
                    new: None,
                };
                let message = "set of values removed".to_owned();
                self.note("enum-removed", Rating::Breaking, &item, message, "");
                continue;
            };
            let item = Item {
                subject: after.name.clone(),
                rust: self.new.surface.enum_path(other),
                sides: new_sides.get(&other).copied().unwrap_or_default(),
                old: Some(&before.id),
                new: Some(&after.id),
            };
            let rust_before = self.old.surface.enum_path(number);
            if before.name == after.name {
                self.rust_name(&item, &rust_before);
            } else {
                let message = format!("renamed: was `{rust_before}`");
                self.note("enum-renamed", Rating::Breaking, &item, message, &rust_before);
            }
            self.values((number, before), (other, after), item.sides);
        }
        for (number, after) in self.new.api().enums.iter().enumerate() {
            if !met.contains(&number) {
                let item = Item {
                    subject: after.name.clone(),
                    rust: self.new.surface.enum_path(number),
                    sides: new_sides.get(&number).copied().unwrap_or_default(),
                    old: None,
                    new: Some(&after.id),
                };
                let message = format!("new set of {}", count(after.values.len(), "value"));
                self.note("enum-added", Rating::Additive, &item, message, "");
            }
        }
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
