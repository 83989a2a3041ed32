//! The fields of two structs that are the same thing.

use std::collections::BTreeMap;

use alipay_openapi::{
    diag::did_you_mean,
    ir::{Field, Struct},
};

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
    documentation,
    view::sides_of,
};
use crate::named::{NamedApi, NamedStruct, last};

impl Comparison<'_> {
    /// Compares the fields. Gives the renamed ones: old wire name to new.
    pub(super) fn fields(
        &mut self,
        before: NamedStruct<'_>,
        after: NamedStruct<'_>,
    ) -> BTreeMap<String, String> {
        let (a, b) = (before.item, after.item);
        let (old_path, new_path) = (self.old.struct_path(before), self.new.struct_path(after));
        let sides = sides_of(&b.role);
        let renamed = self.renamed(a, b);
        for (field, name) in a.fields.iter().zip(&before.names.fields) {
            let rust_before = format!("{old_path}::{name}");
            let wire = renamed.get(&field.wire).unwrap_or(&field.wire);
            let mut pairs = b.fields.iter().zip(&after.names.fields);
            let Some((other, name)) = pairs.find(|(other, _)| other.wire == *wire) else {
                let subject = format!("{}.{}", b.upstream_name, field.wire);
                let item = Item::new(subject, rust_before, sides_of(&a.role), &field.origin, None);
                let message = format!("{}field removed", direction(item.sides));
                self.breaking("field-removed", &item, message);
                continue;
            };
            let subject = format!("{}.{}", b.upstream_name, other.wire);
            let rust = format!("{new_path}::{name}");
            let item = Item::new(subject, rust, sides, &field.origin, &other.origin);
            let same_name = last(&rust_before) == last(&item.rust);
            if field.wire != other.wire {
                let rating = if same_name { Rating::Documentation } else { Rating::Breaking };
                let message = format!(
                    "{}field renamed: was `{}` (`{rust_before}`)",
                    direction(sides),
                    field.wire
                );
                self.note("field-renamed", rating, &item, message, &field.wire);
            } else if !same_name {
                self.rust_name(&item, &rust_before);
            }
            let successor = self.successor(a, b, other);
            let versions = [&field.removed_in, &other.removed_in];
            self.retained("field-deprecated", &item, versions, successor.as_deref());
            self.field(&item, field, other);
        }
        for (field, name) in b.fields.iter().zip(&after.names.fields) {
            let known = a.fields.iter().any(|other| other.wire == field.wire)
                || renamed.values().any(|wire| *wire == field.wire);
            if known {
                continue;
            }
            let subject = format!("{}.{}", b.upstream_name, field.wire);
            let item =
                Item::new(subject, format!("{new_path}::{name}"), sides, None, &field.origin);
            let ty = type_of(&self.new.api, field);
            if field.is_required() && b.role.takes_input() {
                let message =
                    format!("new required field (`{ty}`): `new` takes one more parameter");
                self.breaking("required-field-added", &item, message);
            } else {
                let message = format!("new optional {}field (`{ty}`)", direction(sides));
                self.additive("field-added", &item, message);
            }
        }
        renamed
    }

    fn field(&mut self, item: &Item<'_>, a: &Field, b: &Field) {
        let same = a.is_key == b.is_key
            && self.pairs.same_type(&self.old.api, &self.new.api, &a.ty, &b.ty);
        if !same {
            let (was, is) = (type_of(&self.old.api, a), type_of(&self.new.api, b));
            let message = format!("type changed from `{was}` to `{is}`");
            self.note("type-changed", Rating::Breaking, item, message, &format!("{was} {is}"));
        }
        match (a.is_required(), b.is_required()) {
            (false, true) => {
                let message = "now required: `new` takes one more parameter";
                self.breaking("now-required", item, message);
            }
            (true, false) => {
                let message =
                    "no longer required: `new` takes one parameter less, the field is an `Option`";
                self.breaking("no-longer-required", item, message);
            }
            _ => {}
        }
        self.documentation(item, &documentation::field(a, b));
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
                && self.pairs.same_type(&self.old.api, &self.new.api, &field.ty, &other.ty)
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

    /// The new name of a field that was dropped and is retained.
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

fn type_of(api: &NamedApi<'_>, field: &Field) -> String {
    api.present_type(field, &mut |name| api.spell(name))
}
