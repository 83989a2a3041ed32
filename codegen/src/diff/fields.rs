//! The fields of two structs that are the same thing.

use std::collections::{BTreeMap, HashMap, HashSet};

use alipay_openapi::{
    diag::did_you_mean,
    ir::{Field, ListStyle, Place, Struct},
};

use super::{
    change::{Scope, Sides},
    compare::{Comparison, Item},
    documentation, kinds,
    limits::{self, Moved},
    pairs::same_fields,
    texts::Of,
    view::sides_of,
};
use crate::named::{NamedApi, NamedStruct, last};

impl Comparison<'_> {
    /// Compares the fields. Gives the numbers of those that are the same, old to new.
    pub(super) fn fields(
        &mut self,
        scope: &Scope,
        before: NamedStruct<'_>,
        after: NamedStruct<'_>,
    ) -> BTreeMap<usize, usize> {
        let (a, b) = (before.item, after.item);
        let (old_path, new_path) = (self.old.struct_path(before), self.new.struct_path(after));
        let sides = sides_of(&b.role);
        let pairs = self.paired(before, after);
        let come = unpaired(b, pairs.values());
        let (old_keys, new_keys) = (a.keys(), b.keys());
        for (number, ((field, name), key)) in
            a.fields.iter().zip(&before.names.fields).zip(&old_keys).enumerate()
        {
            let rust_before = format!("{old_path}::{name}");
            let other = pairs.get(&number).and_then(|to| {
                Some((b.fields.get(*to)?, after.names.fields.get(*to)?, new_keys.get(*to)?))
            });
            let Some((other, name, new_key)) = other else {
                let subject = format!("{}.{key}", b.upstream_name);
                let sides = sides_of(&a.role);
                let item = Item::new(scope, subject, rust_before, sides, &field.origin, None);
                let message = format!("{}field removed", direction(item.sides));
                self.note(kinds::FIELD_REMOVED, &item, message, "");
                continue;
            };
            let subject = format!("{}.{new_key}", b.upstream_name);
            let rust = format!("{new_path}::{name}");
            let item = Item::new(scope, subject, rust, sides, &field.origin, &other.origin);
            if field.wire != other.wire {
                let message = format!(
                    "{}field renamed: was `{}` (`{rust_before}`)",
                    direction(sides),
                    field.wire
                );
                self.note(kinds::FIELD_RENAMED, &item, message, &field.wire);
            } else if last(&rust_before) != last(&item.rust) {
                self.rust_name(&item, &rust_before);
            }
            let successor = other.removed_in.as_ref().and_then(|_| self.successor(field, &come));
            let versions = [&field.removed_in, &other.removed_in];
            self.retained(kinds::FIELD_DEPRECATED, &item, versions, successor.as_deref());
            if field.removed_in.is_none() && other.removed_in.is_none() {
                match (a.is_old_style(field), b.is_old_style(other)) {
                    (false, true) => {
                        self.note(kinds::FIELD_DEPRECATED, &item, "old style now: deprecated", "");
                    }
                    (true, false) => {
                        let message = "no longer old style, and no longer deprecated";
                        self.note(kinds::RESTORED, &item, message, "");
                    }
                    _ => {}
                }
            }
            self.field(&item, field, other);
        }
        for (number, field) in come {
            let name = after.names.fields.get(number).map_or("", String::as_str);
            let key = new_keys.get(number).unwrap_or(&field.wire);
            let subject = format!("{}.{key}", b.upstream_name);
            let item = Item::new(
                scope,
                subject,
                format!("{new_path}::{name}"),
                sides,
                None,
                &field.origin,
            );
            let ty = type_of(&self.new.api, field);
            if field.is_required() && b.role.takes_input() {
                let message =
                    format!("new required field (`{ty}`): `new` takes one more parameter");
                self.note(kinds::REQUIRED_FIELD_ADDED, &item, message, "");
            } else {
                let message = format!("new optional {}field (`{ty}`)", direction(sides));
                self.note(kinds::FIELD_ADDED, &item, message, "");
            }
        }
        pairs
    }

    /// Limits that were tightened or widened.
    pub(super) fn moved(&mut self, item: &Item<'_>, Moved { tightened, widened }: Moved) {
        for (kind, word, limits) in [
            (kinds::LIMIT_TIGHTENED, "tightened", tightened),
            (kinds::LIMIT_WIDENED, "widened", widened),
        ] {
            if !limits.is_empty() {
                let limits = limits.join("; ");
                self.note(kind, item, format!("limit {word}: {limits}"), &limits);
            }
        }
    }

    fn field(&mut self, item: &Item<'_>, a: &Field, b: &Field) {
        // Each has a rating below, or a reason for having none.
        let Field {
            wire: _,
            place,
            ty,
            is_key,
            presence: _,
            sensitive,
            deprecated: _,
            removed_in: _,
            legacy: _,
            limits: _,
            unit,
            required_when: _,
            ty_confidence: _,
            list_style,
            default,
            example: _,
            // It shows in the path.
            pinned_name: _,
            docs: _,
            origin: _,
        } = b;
        let same =
            a.is_key == *is_key && self.pairs.same_type(&self.old.api, &self.new.api, &a.ty, ty);
        if !same {
            let (was, is) = (type_of(&self.old.api, a), type_of(&self.new.api, b));
            let message = format!("type changed from `{was}` to `{is}`");
            self.note(kinds::TYPE_CHANGED, item, message, &format!("{was} {is}"));
        }
        if a.place != *place {
            let (was, is) = (words_of(a.place), words_of(*place));
            let message = format!("travels {is}, no longer {was}");
            self.note(kinds::PLACE_CHANGED, item, message, &format!("{was} {is}"));
        }
        if let (Some(was), Some(is)) = (a.list_style, *list_style)
            && was != is
        {
            let (was, is) = (style_of(was), style_of(is));
            let message = format!("the query has the list {is}, no longer {was}");
            self.note(kinds::LIST_STYLE_CHANGED, item, message, &format!("{was} {is}"));
        }
        if let (Some(was), Some(is)) = (&a.unit, unit)
            && was != is
        {
            let message = format!("the unit is now {is}, no longer {was}");
            self.note(kinds::UNIT_CHANGED, item, message, &format!("{was} {is}"));
        }
        match (a.is_required(), b.is_required()) {
            (false, true) => {
                let message = "now required: `new` takes one more parameter";
                self.note(kinds::NOW_REQUIRED, item, message, "");
            }
            (true, false) => {
                let message =
                    "no longer required: `new` takes one parameter less, the field is an `Option`";
                self.note(kinds::NO_LONGER_REQUIRED, item, message, "");
            }
            _ => {}
        }
        self.moved(item, Moved::between(limits::of_field(a), limits::of_field(b)));
        if let Some(was) = &a.default
            && Some(was) != default.as_ref()
        {
            let is =
                default.as_ref().map_or_else(|| "not stated".to_owned(), |is| format!("`{is}`"));
            let message = format!("what counts when it is left out was `{was}`, and is {is}");
            self.note(kinds::DEFAULT_CHANGED, item, message, &format!("{was} {is}"));
        }
        // Only some types can be personal: a change of type was said already.
        match (a.sensitive, *sensitive) {
            _ if !same => {}
            (false, true) => {
                self.note(kinds::REDACTION_GAINED, item, "now redacted in `Debug`", "");
            }
            (true, false) => {
                self.note(kinds::REDACTION_LOST, item, "no longer redacted in `Debug`", "");
            }
            _ => {}
        }
        let reworded = self.reworded(Of::Field, &a.origin, &b.origin);
        let aspects = documentation::field(a, b, self.names(&a.origin, &b.origin));
        self.described(item, aspects, reworded);
    }

    /// The numbers of the fields that are the same, old to new: those that kept their names, and those that
    /// were evidently renamed, since they kept their Rust name, whatever else changed, or look like one that
    /// has come.
    fn paired(&self, before: NamedStruct<'_>, after: NamedStruct<'_>) -> BTreeMap<usize, usize> {
        let (a, b) = (before.item, after.item);
        let mut pairs = same_fields(a, b);
        let (gone, come) = (unpaired(a, pairs.keys()), unpaired(b, pairs.values()));
        let named = |(number, _): &Numbered<'_>| Some((after.names.fields.get(*number)?, *number));
        let by_name: HashMap<&String, usize> = come.iter().filter_map(named).collect();
        for (number, _) in &gone {
            let name = before.names.fields.get(*number);
            pairs.extend(name.and_then(|name| by_name.get(name)).map(|to| (*number, *to)));
        }
        let mut taken: HashSet<usize> = pairs.values().copied().collect();
        for (number, field) in gone {
            if !pairs.contains_key(&number)
                && let Some((to, _)) = self.like(field, &come)
                && taken.insert(to)
            {
                pairs.insert(number, to);
            }
        }
        pairs
    }

    /// The field among those that have come that looks like one that was there before.
    fn like<'f>(&self, field: &Field, come: &[Numbered<'f>]) -> Option<Numbered<'f>> {
        let fits = |(_, other): &&Numbered<'_>| {
            other.place == field.place
                && self.pairs.same_type(&self.old.api, &self.new.api, &field.ty, &other.ty)
        };
        let come: Vec<_> = come.iter().filter(fits).collect();
        let told = |(_, other): &&&Numbered<'_>| {
            let same_text = field.docs.title.is_some() && field.docs.title == other.docs.title
                || field.docs.description.is_some()
                    && field.docs.description == other.docs.description
                || self
                    .texts
                    .as_ref()
                    .is_some_and(|texts| texts.same(&field.origin, &other.origin));
            let same_example = field.example.is_some() && field.example == other.example;
            same_text || same_example
        };
        let mut told = come.iter().filter(told);
        if let (Some(only), None) = (told.next(), told.next()) {
            return Some(**only);
        }
        let near = did_you_mean(&field.wire, come.iter().map(|(_, other)| other.wire.as_str()))?;
        come.into_iter().find(|(_, other)| other.wire == near).copied()
    }

    /// The new name of a field that was dropped and is retained. Whatever the overlay says of the old field,
    /// it does not say yet of the new one.
    fn successor(&self, before: &Field, come: &[Numbered<'_>]) -> Option<String> {
        let like = self.like(before, come).map(|(_, other)| other.wire.clone());
        like.or_else(|| match come {
            [(_, only)] => did_you_mean(&before.wire, [only.wire.as_str()]).map(str::to_owned),
            _ => None,
        })
    }
}

/// A field with its number.
type Numbered<'f> = (usize, &'f Field);

/// The fields that no pair has.
fn unpaired<'f, 'n>(
    item: &'f Struct,
    paired: impl Iterator<Item = &'n usize>,
) -> Vec<Numbered<'f>> {
    let paired: HashSet<&usize> = paired.collect();
    item.fields.iter().enumerate().filter(|(number, _)| !paired.contains(number)).collect()
}

fn direction(sides: Sides) -> String {
    match sides.words() {
        "" => String::new(),
        words => format!("{words} "),
    }
}

fn words_of(place: Place) -> &'static str {
    match place {
        Place::Body => "in the body",
        Place::Query => "in the query",
        Place::Path => "in the path",
        Place::Header => "as a header",
        Place::File => "as a file",
    }
}

fn style_of(style: ListStyle) -> &'static str {
    match style {
        ListStyle::Repeated => "item by item",
        ListStyle::Commas => "joined by commas",
        ListStyle::Spaces => "joined by spaces",
        ListStyle::Pipes => "joined by bars",
    }
}

fn type_of(api: &NamedApi<'_>, field: &Field) -> String {
    api.present_type(field, &mut |name| api.spell(name))
}
