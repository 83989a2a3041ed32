//! Groups, operations and messages.

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
    text,
};
use crate::public_api::http_method;
use alipay_openapi::{
    ir::{Message, Operation, Safety},
    pointer::Pointer,
};

/// An operation with its group's number and its own in it.
struct Placed<'a> {
    group: usize,
    number: usize,
    item: &'a Operation,
}

const BOTH: Sides = Sides { request: true, response: true };

impl<'a> Comparison<'a> {
    pub(super) fn operations(&mut self) {
        self.groups();
        let old = placed(&self.old);
        let new = placed(&self.new);
        let counterpart = |this: &Self, operation: &Operation| {
            let id = this.pairs.operations.get(&operation.id).unwrap_or(&operation.id).clone();
            new.iter().position(|other| other.item.id == id)
        };
        let mut met = vec![false; new.len()];
        for before in &old {
            match counterpart(self, before.item).and_then(|at| Some((at, new.get(at)?))) {
                Some((at, after)) => {
                    if let Some(met) = met.get_mut(at) {
                        *met = true;
                    }
                    self.operation(before, after);
                }
                None => {
                    let item = Item {
                        subject: before.item.id.clone(),
                        rust: method_path(&self.old, before),
                        sides: BOTH,
                        old: Some(&before.item.origin),
                        new: None,
                    };
                    let message = format!("operation removed ({})", line(before.item));
                    self.note("operation-removed", Rating::Breaking, &item, message, "");
                }
            }
        }
        for (after, _) in new.iter().zip(met).filter(|(_, met)| !met) {
            let item = Item {
                subject: after.item.id.clone(),
                rust: method_path(&self.new, after),
                sides: BOTH,
                old: None,
                new: Some(&after.item.origin),
            };
            let message = format!("new operation ({})", line(after.item));
            self.note("operation-added", Rating::Additive, &item, message, "");
        }
    }

    /// The struct with a group's calls.
    fn groups(&mut self) {
        let (old, new) = (self.old.api(), self.new.api());
        let tags = Pointer::root().join("paths");
        for (number, group) in old.groups.iter().enumerate() {
            let before = self.old.surface.api_path(number);
            let after = new.groups.iter().position(|other| other.tag == group.tag);
            let mut item = Item {
                subject: group.tag.clone(),
                rust: before.clone(),
                sides: BOTH,
                old: Some(&tags),
                new: None,
            };
            match after {
                Some(after) => {
                    item.rust = self.new.surface.api_path(after);
                    item.new = Some(&tags);
                    self.rust_name(&item, &before);
                }
                None => {
                    let message = "group removed, with all its operations".to_owned();
                    self.note("group-removed", Rating::Breaking, &item, message, "");
                }
            }
        }
        for (number, group) in new.groups.iter().enumerate() {
            if old.groups.iter().all(|other| other.tag != group.tag) {
                let item = Item {
                    subject: group.tag.clone(),
                    rust: self.new.surface.api_path(number),
                    sides: BOTH,
                    old: None,
                    new: Some(&tags),
                };
                self.note("group-added", Rating::Additive, &item, "new group".to_owned(), "");
            }
        }
    }

    fn operation(&mut self, before: &Placed<'a>, after: &Placed<'a>) {
        let (a, b) = (before.item, after.item);
        let item = Item {
            subject: b.id.clone(),
            rust: method_path(&self.new, after),
            sides: BOTH,
            old: Some(&a.origin),
            new: Some(&b.origin),
        };
        if a.id == b.id {
            self.rust_name(&item, &method_path(&self.old, before));
        } else {
            let message = format!("renamed: was `{}`", a.id);
            self.note("operation-renamed", Rating::Breaking, &item, message, &a.id);
        }
        if (a.method, &a.path) != (b.method, &b.path) {
            let message = format!("moved from `{}` to `{}`", line(a), line(b));
            self.note("operation-moved", Rating::Breaking, &item, message, &line(b));
        }
        self.conduct(&item, a, b);
        self.kept(
            "operation-deprecated",
            &item,
            a.removed_in.as_ref(),
            b.removed_in.as_ref(),
            None,
        );
        let aspects = text::docs(&a.docs, &b.docs);
        self.documentation(&item, &aspects);
        let names = |view: &super::view::View<'a>, placed: &Placed<'_>| {
            let group = view.surface.names.groups.get(placed.group)?;
            let names = group.operations.get(placed.number)?;
            let path = view.surface.in_group(placed.group, &["models", &names.codes.name]);
            Some((path, names.codes.variants.clone()))
        };
        let old_names = names(&self.old, before).unwrap_or_default();
        let new_names = names(&self.new, after).unwrap_or_default();
        self.codes((&a.codes, &old_names), (&b.codes, &new_names), &b.id);
    }

    /// What a repeat does, and what completes the operation.
    fn conduct(&mut self, item: &Item<'_>, a: &Operation, b: &Operation) {
        let key = |operation: &Operation| match &operation.safety {
            Safety::IdempotentBy(key) => Some(key.value.clone()),
            Safety::ReadOnly | Safety::Unsafe => None,
        };
        match (key(a), key(b)) {
            (before, after) if before == after => {}
            (None, Some(key)) => {
                let message = format!("may now be repeated with the same `{key}`");
                self.note("idempotency-gained", Rating::Additive, item, message, &key);
            }
            (Some(before), after) => {
                let message = match &after {
                    Some(after) => format!("is idempotent by `{after}`, no longer by `{before}`"),
                    None => format!("a repeat may act twice: no longer idempotent by `{before}`"),
                };
                self.note("idempotency-lost", Rating::Breaking, item, message, &before);
            }
            (None, None) => {}
        }
        if a.no_content != b.no_content {
            let message = if b.no_content {
                "an unsigned answer of status 204 is now a success"
            } else {
                "an unsigned answer of status 204 is no success any more"
            };
            self.note("no-content-changed", Rating::Documentation, item, message.to_owned(), "");
        }
        let message = |operation: &Operation| {
            operation.completed_by.as_ref().map(|message| message.value.clone())
        };
        match (message(a), message(b)) {
            (before, after) if before == after => {}
            (Some(before), Some(after)) => {
                let message =
                    format!("completed by the message `{after}`, no longer by `{before}`");
                self.note("completion-changed", Rating::Documentation, item, message, &after);
            }
            (before, _) => {
                let message = if before.is_none() {
                    "the answer is now `Accepted`: a message says that it is done"
                } else {
                    "the answer is now the result itself, no longer `Accepted`"
                };
                let detail = before.unwrap_or_default();
                self.note(
                    "completion-changed",
                    Rating::Breaking,
                    item,
                    message.to_owned(),
                    &detail,
                );
            }
        }
    }

    pub(super) fn messages(&mut self) {
        let (old, new) = (self.old.api(), self.new.api());
        let path = |names: &crate::names::Names, number: usize| {
            let variant = names.messages.get(number).map_or("", String::as_str);
            format!("messages::{}::{variant}", names.message_enum)
        };
        let find = |messages: &'a [Message], name: &str| {
            messages.iter().position(|message| message.name == name)
        };
        for (number, message) in old.messages.iter().enumerate() {
            let before = path(self.old.surface.names, number);
            let after = find(&new.messages, &message.name);
            let counterpart = after.and_then(|after| new.messages.get(after));
            let item = Item {
                subject: message.name.clone(),
                rust: after.map_or(before.clone(), |after| path(self.new.surface.names, after)),
                sides: Sides::RESPONSE,
                old: Some(&message.origin),
                new: counterpart.map(|other| &other.origin),
            };
            match counterpart {
                Some(other) => {
                    self.rust_name(&item, &before);
                    let aspects = text::docs(&message.docs, &other.docs);
                    self.documentation(&item, &aspects);
                }
                None => {
                    let message = "message removed".to_owned();
                    self.note("message-removed", Rating::Breaking, &item, message, "");
                }
            }
        }
        for (number, message) in new.messages.iter().enumerate() {
            if find(&old.messages, &message.name).is_none() {
                let item = Item {
                    subject: message.name.clone(),
                    rust: path(self.new.surface.names, number),
                    sides: Sides::RESPONSE,
                    old: None,
                    new: Some(&message.origin),
                };
                self.note("message-added", Rating::Additive, &item, "new message".to_owned(), "");
            }
        }
    }

    /// Notes that only texts changed.
    pub(super) fn documentation(&mut self, item: &Item<'_>, aspects: &[String]) {
        if !aspects.is_empty() {
            let message = aspects.join("; ");
            self.note("documentation", Rating::Documentation, item, message.clone(), &message);
        }
    }
}

fn placed<'a>(view: &super::view::View<'a>) -> Vec<Placed<'a>> {
    let groups = view.api().groups.iter().enumerate();
    groups
        .flat_map(|(group, item)| {
            let operations = item.operations.iter().enumerate();
            operations.map(move |(number, item)| Placed { group, number, item })
        })
        .collect()
}

fn method_path(view: &super::view::View<'_>, placed: &Placed<'_>) -> String {
    let names = view.surface.names.groups.get(placed.group);
    let names = names.and_then(|group| group.operations.get(placed.number));
    let method = names.map_or("", |names| names.method.as_str());
    format!("{}::{method}", view.surface.api_path(placed.group))
}

fn line(operation: &Operation) -> String {
    format!("{} {}", http_method(operation.method), operation.path)
}
