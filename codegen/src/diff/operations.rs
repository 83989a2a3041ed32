//! Groups, operations and messages.

use alipay_openapi::{
    ir::{Confidence, Message, Operation, Safety},
    pointer::Pointer,
};

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
    documentation,
};
use crate::named::{NamedApi, NamedOperation, http_line};

impl Comparison<'_> {
    pub(super) fn operations(&mut self) {
        self.groups();
        let old: Vec<_> = self.old.api.all_operations().collect();
        let mut new: Vec<_> = self.new.api.all_operations().collect();
        for a in old {
            let id = self.pairs.operations.get(&a.item.id).unwrap_or(&a.item.id);
            match new.iter().position(|b| b.item.id == *id) {
                Some(at) => {
                    let b = new.remove(at);
                    self.operation(a, b);
                }
                None => {
                    let rust = a.method_path();
                    let item = Item::new(&a.item.id, rust, Sides::BOTH, &a.item.origin, None);
                    let message = format!("operation removed ({})", http_line(a.item));
                    self.breaking("operation-removed", &item, message);
                }
            }
        }
        for b in new {
            let item = Item::new(&b.item.id, b.method_path(), Sides::BOTH, None, &b.item.origin);
            let message = format!("new operation ({})", http_line(b.item));
            self.additive("operation-added", &item, message);
        }
    }

    /// The struct with a group's calls.
    fn groups(&mut self) {
        let (old, new) = (self.old.api, self.new.api);
        let paths = Pointer::root().join("paths");
        for (number, group) in old.api.groups.iter().enumerate() {
            let before = old.api_path(number);
            match new.api.groups.iter().position(|other| other.tag == group.tag) {
                Some(after) => {
                    let rust = new.api_path(after);
                    let item = Item::new(&group.tag, rust, Sides::BOTH, &paths, &paths);
                    self.rust_name(&item, &before);
                }
                None => {
                    let item = Item::new(&group.tag, before, Sides::BOTH, &paths, None);
                    let message = "group removed, with all its operations";
                    self.breaking("group-removed", &item, message);
                }
            }
        }
        for (number, group) in new.api.groups.iter().enumerate() {
            if old.api.groups.iter().all(|other| other.tag != group.tag) {
                let item = Item::new(&group.tag, new.api_path(number), Sides::BOTH, None, &paths);
                self.additive("group-added", &item, "new group");
            }
        }
    }

    fn operation(&mut self, before: NamedOperation<'_>, after: NamedOperation<'_>) {
        let (a, b) = (before.item, after.item);
        let item = Item::new(&b.id, after.method_path(), Sides::BOTH, &a.origin, &b.origin);
        if a.id == b.id {
            self.rust_name(&item, &before.method_path());
        } else {
            let message = format!("renamed: was `{}`", a.id);
            self.note("operation-renamed", Rating::Breaking, &item, message, &a.id);
        }
        let (was, is) = (http_line(a), http_line(b));
        if was != is {
            let message = format!("moved from `{was}` to `{is}`");
            self.note("operation-moved", Rating::Breaking, &item, message, &is);
        }
        self.conduct(&item, before, after);
        self.retained("operation-deprecated", &item, [&a.removed_in, &b.removed_in], None);
        self.documentation(&item, &documentation::docs(&a.docs, &b.docs));
        self.codes(before, after);
    }

    /// What a repeat does, where no field makes it idempotent.
    fn safety(&mut self, item: &Item<'_>, before: &Operation, after: &Operation) {
        let says = |safety: &Safety| match safety {
            Safety::IdempotentBy(_) => None,
            Safety::Unknown => Some((false, "whether a repeat is safe is not known")),
            Safety::Unsafe(_) => Some((false, "a repeat may act twice")),
            Safety::ReadOnly(Confidence::Inferred) => {
                Some((true, "it is inferred that it only reads"))
            }
            Safety::ReadOnly(_) => Some((true, "it only reads")),
        };
        let (Some((was, old)), Some((is, new))) = (says(&before.safety), says(&after.safety))
        else {
            return;
        };
        let (kind, rating) = match (was, is) {
            (false, true) => ("repeat-gained", Rating::Additive),
            (true, false) => ("repeat-lost", Rating::Breaking),
            _ if old == new => return,
            _ => ("safety-changed", Rating::Documentation),
        };
        self.note(kind, rating, item, format!("{new}; until now {old}"), new);
    }

    /// What a repeat does, and what completes the operation.
    fn conduct(&mut self, item: &Item<'_>, before: NamedOperation<'_>, after: NamedOperation<'_>) {
        let (a, b) = (before.item, after.item);
        match (before.key(), after.key()) {
            (before, after) if before == after => {}
            (None, Some(key)) => {
                let message = format!("may now be repeated with the same `{key}`");
                self.note("idempotency-gained", Rating::Additive, item, message, key);
            }
            (Some(before), after) => {
                let message = match &after {
                    Some(after) => format!("is idempotent by `{after}`, no longer by `{before}`"),
                    None => {
                        format!("no longer idempotent by `{before}`: it is not repeated any more")
                    }
                };
                self.note("idempotency-lost", Rating::Breaking, item, message, before);
            }
            (None, None) => {}
        }
        self.safety(item, a, b);
        if a.no_content != b.no_content {
            let message = if b.no_content {
                "an unsigned response of status 204 is now a success"
            } else {
                "an unsigned response of status 204 is no longer a success"
            };
            self.note("no-content-changed", Rating::Documentation, item, message, "");
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
                    "the response is now `Accepted`: a message says when the operation is done"
                } else {
                    "the response is now the result itself, no longer `Accepted`"
                };
                let detail = before.unwrap_or_default();
                self.note("completion-changed", Rating::Breaking, item, message, &detail);
            }
        }
    }

    pub(super) fn messages(&mut self) {
        let (old, new) = (self.old.api, self.new.api);
        let path = |api: &NamedApi<'_>, number: usize| {
            let variant = api.names.messages.get(number).map_or("", String::as_str);
            format!("{}::{variant}", api.messages_path())
        };
        let find = |messages: &[Message], name: &str| {
            messages.iter().position(|message| message.name == name)
        };
        for (number, a) in old.api.messages.iter().enumerate() {
            let before = path(&old, number);
            let after = find(&new.api.messages, &a.name);
            match after.and_then(|at| Some((at, new.api.messages.get(at)?))) {
                Some((at, b)) => {
                    let rust = path(&new, at);
                    let item = Item::new(&a.name, rust, Sides::RESPONSE, &a.origin, &b.origin);
                    self.rust_name(&item, &before);
                    self.documentation(&item, &documentation::docs(&a.docs, &b.docs));
                }
                None => {
                    let item = Item::new(&a.name, before, Sides::RESPONSE, &a.origin, None);
                    self.breaking("message-removed", &item, "message removed");
                }
            }
        }
        for (number, b) in new.api.messages.iter().enumerate() {
            if find(&old.api.messages, &b.name).is_none() {
                let item = Item::new(&b.name, path(&new, number), Sides::RESPONSE, None, &b.origin);
                self.additive("message-added", &item, "new message");
            }
        }
    }
}
