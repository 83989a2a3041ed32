//! The fields of two structs that are the same thing.

use std::collections::BTreeMap;

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
    text,
    view::sides_of,
};
use crate::public_api::has_setters;
use alipay_openapi::{
    diag::did_you_mean,
    ir::{Field, Struct},
};

impl Comparison<'_> {
    /// Compares the fields. Gives the renamed ones: old wire name to new.
    pub(super) fn fields(
        &mut self,
        before: (usize, &Struct),
        after: (usize, &Struct),
    ) -> BTreeMap<String, String> {
        let ((old, a), (new, b)) = (before, after);
        let sides = sides_of(&b.role);
        let renamed = self.renamed(a, b);
        for (number, field) in a.fields.iter().enumerate() {
            let rust_before = self.old.field_path(old, number);
            let wire = renamed.get(&field.wire).unwrap_or(&field.wire);
            let counterpart = b.fields.iter().position(|other| other.wire == *wire);
            let other = counterpart.and_then(|at| Some((at, b.fields.get(at)?)));
            let Some((at, other)) = other else {
                let item = Item {
                    subject: format!("{}.{}", b.upstream_name, field.wire),
                    rust: rust_before,
                    sides: sides_of(&a.role),
                    old: Some(&field.origin),
                    new: None,
                };
                let message = format!("{}field removed", direction(item.sides));
                self.note("field-removed", Rating::Breaking, &item, message, "");
                continue;
            };
            let item = Item {
                subject: format!("{}.{}", b.upstream_name, other.wire),
                rust: self.new.field_path(new, at),
                sides,
                old: Some(&field.origin),
                new: Some(&other.origin),
            };
            if field.wire != other.wire {
                let same = last(&rust_before) == last(&item.rust);
                let rating = if same { Rating::Documentation } else { Rating::Breaking };
                let message = format!(
                    "{}field renamed: was `{}` (`{rust_before}`)",
                    direction(sides),
                    field.wire
                );
                self.note("field-renamed", rating, &item, message, &field.wire);
            } else if last(&rust_before) != last(&item.rust) {
                self.rust_name(&item, &rust_before);
            }
            let successor = self.successor(a, b, other);
            self.kept(
                "field-deprecated",
                &item,
                field.removed_in.as_ref(),
                other.removed_in.as_ref(),
                successor.as_deref(),
            );
            self.field(&item, field, other);
        }
        self.added(after, a, &renamed);
        renamed
    }

    fn added(&mut self, after: (usize, &Struct), a: &Struct, renamed: &BTreeMap<String, String>) {
        let (new, b) = after;
        for (at, field) in b.fields.iter().enumerate() {
            let known = a.fields.iter().any(|other| other.wire == field.wire)
                || renamed.values().any(|wire| *wire == field.wire);
            if known {
                continue;
            }
            let item = Item {
                subject: format!("{}.{}", b.upstream_name, field.wire),
                rust: self.new.field_path(new, at),
                sides: sides_of(&b.role),
                old: None,
                new: Some(&field.origin),
            };
            let ty = self.new.surface.present_type(field);
            if field.is_required() && has_setters(&b.role) {
                let message =
                    format!("new required field (`{ty}`): `new` takes one more parameter");
                self.note("required-field-added", Rating::Breaking, &item, message, "");
            } else {
                let message = format!("new optional {}field (`{ty}`)", direction(item.sides));
                self.note("field-added", Rating::Additive, &item, message, "");
            }
        }
    }

    fn field(&mut self, item: &Item<'_>, a: &Field, b: &Field) {
        let same = a.is_key == b.is_key && self.pairs.same_type(&self.old, &self.new, &a.ty, &b.ty);
        if !same {
            let was = self.old.surface.present_type(a);
            let is = self.new.surface.present_type(b);
            let message = format!("type changed from `{was}` to `{is}`");
            self.note("type-changed", Rating::Breaking, item, message, &format!("{was} {is}"));
        }
        match (a.is_required(), b.is_required()) {
            (false, true) => {
                let message = "now required: `new` takes one more parameter".to_owned();
                self.note("now-required", Rating::Breaking, item, message, "");
            }
            (true, false) => {
                let message =
                    "no longer required: `new` takes one parameter less, the field is an `Option`";
                self.note("no-longer-required", Rating::Breaking, item, message.to_owned(), "");
            }
            _ => {}
        }
        let aspects = text::field(a, b);
        self.documentation(item, &aspects);
    }

    /// Fields that were evidently renamed: same type, and as many gone as come that are like them.
    fn renamed(&self, a: &Struct, b: &Struct) -> BTreeMap<String, String> {
        let gone = a.fields.iter().filter(|field| b.fields.iter().all(|f| f.wire != field.wire));
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for field in gone {
            if let Some(wire) = self.like(a, b, field)
                && !renamed.values().any(|taken| *taken == wire)
            {
                renamed.insert(field.wire.clone(), wire);
            }
        }
        renamed
    }

    /// The new field that looks like one that was there before.
    fn like(&self, a: &Struct, b: &Struct, field: &Field) -> Option<String> {
        let come = b.fields.iter().filter(|other| {
            a.fields.iter().all(|known| known.wire != other.wire)
                && other.place == field.place
                && self.pairs.same_type(&self.old, &self.new, &field.ty, &other.ty)
        });
        let come: Vec<&Field> = come.collect();
        let told = |other: &&&Field| {
            let same_text = field.docs.title.is_some() && field.docs.title == other.docs.title
                || field.docs.description.is_some()
                    && field.docs.description == other.docs.description;
            let same_example = field.example.is_some() && field.example == other.example;
            same_text || same_example
        };
        let mut told = come.iter().filter(told);
        match (told.next(), told.next()) {
            (Some(only), None) => return Some(only.wire.clone()),
            (Some(_), Some(_)) => return None,
            _ => {}
        }
        did_you_mean(&field.wire, come.iter().map(|other| other.wire.as_str())).map(str::to_owned)
    }

    /// The new name of a field that was dropped and is kept.
    fn successor(&self, a: &Struct, b: &Struct, kept: &Field) -> Option<String> {
        kept.removed_in.as_ref()?;
        let before = a.fields.iter().find(|field| field.wire == kept.wire)?;
        // Whatever the overlay says of the old field, it does not say yet of the new one.
        let come: Vec<&Field> = b
            .fields
            .iter()
            .filter(|other| a.fields.iter().all(|known| known.wire != other.wire))
            .collect();
        self.like(a, b, before).or_else(|| match come.as_slice() {
            [only] => {
                did_you_mean(&kept.wire, [only.wire.as_str()])?;
                Some(only.wire.clone())
            }
            _ => None,
        })
    }
}

fn direction(sides: Sides) -> String {
    match sides.words() {
        "" => String::new(),
        words => format!("{words} "),
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}
