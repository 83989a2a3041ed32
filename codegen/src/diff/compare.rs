//! A comparison: the two sides, and the changes noted so far.

use std::cmp::Reverse;

use alipay_openapi::pointer::Pointer;

use super::{
    change::{Change, Kind, Scope, Sides},
    kinds,
    pairs::Pairs,
    scopes::Scopes,
    view::View,
};
use crate::digest::digest;

pub(super) struct Comparison<'a> {
    pub(super) old: View<'a>,
    pub(super) new: View<'a>,
    pub(super) pairs: Pairs,
    pub(super) old_scopes: Scopes,
    pub(super) new_scopes: Scopes,
    changes: Vec<Change>,
}

/// Something that stands in either description or in both.
pub(super) struct Item<'p> {
    pub(super) scope: Scope,
    pub(super) subject: String,
    pub(super) rust: String,
    pub(super) sides: Sides,
    old: Option<&'p Pointer>,
    new: Option<&'p Pointer>,
}

impl<'p> Item<'p> {
    /// Something that stands in these places of the old and of the new description.
    pub(super) fn new(
        scope: &Scope,
        subject: impl Into<String>,
        rust: String,
        sides: Sides,
        old: impl Into<Option<&'p Pointer>>,
        new: impl Into<Option<&'p Pointer>>,
    ) -> Self {
        Self {
            scope: scope.clone(),
            subject: subject.into(),
            rust,
            sides,
            old: old.into(),
            new: new.into(),
        }
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: View<'a>, new: View<'a>) -> Self {
        Self {
            old,
            new,
            pairs: Pairs::of(&old.api, &new.api),
            old_scopes: Scopes::of(&old.api),
            new_scopes: Scopes::of(&new.api),
            changes: Vec::new(),
        }
    }

    /// The changes: what breaks users first.
    pub(super) fn finish(mut self) -> Vec<Change> {
        self.changes.sort_by_key(|change| {
            let Change { subject, fingerprint, .. } = change;
            (Reverse(change.rating), subject.clone(), change.kind, fingerprint.clone())
        });
        self.changes.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        self.changes
    }

    /// Notes a change. `detail` is what makes it differ from others of the same kind and subject.
    pub(super) fn note(
        &mut self,
        kind: Kind,
        item: &Item<'_>,
        message: impl Into<String>,
        detail: &str,
    ) {
        let request = item.sides.request.then_some(kind.request);
        let response = item.sides.response.then_some(kind.response);
        self.changes.push(Change {
            kind: kind.name,
            rating: request.max(response).unwrap_or(kind.request.max(kind.response)),
            request,
            response,
            scope: item.scope.clone(),
            subject: item.subject.clone(),
            rust: item.rust.clone(),
            message: message.into(),
            old: item.old.map(|pointer| self.old.position(pointer)),
            new: item.new.map(|pointer| self.new.position(pointer)),
            fingerprint: digest([kind.name, &item.subject, detail]),
            accepted: None,
        });
    }

    /// Notes that only the documentation changed, if it did.
    pub(super) fn documentation(&mut self, item: &Item<'_>, aspects: &[String]) {
        if !aspects.is_empty() {
            let message = aspects.join("; ");
            self.note(kinds::DOCUMENTATION, item, message.clone(), &message);
        }
    }

    /// An item whose Rust path is another although the description calls it the same.
    pub(super) fn rust_name(&mut self, item: &Item<'_>, before: &str) {
        if item.rust != before {
            let message = format!("Rust name changed: `{before}` is now `{}`", item.rust);
            self.note(kinds::RUST_NAME_CHANGED, item, message, before);
        }
    }

    /// An item that Alipay has dropped and the description retains, or that has come back. `instead` is
    /// what looks like its new name.
    pub(super) fn retained(
        &mut self,
        kind: Kind,
        item: &Item<'_>,
        [before, after]: [&Option<String>; 2],
        instead: Option<&str>,
    ) {
        match (before, after) {
            (None, Some(version)) => {
                let instead = instead.map_or_else(String::new, |name| {
                    format!("; `{name}`, which is new, looks like its new name")
                });
                let message = format!(
                    "dropped by Alipay in {version}; stays, deprecated, until the next major version{instead}"
                );
                self.note(kind, item, message, version);
            }
            (Some(_), None) => {
                let message = "is back, and no longer deprecated";
                self.note(kinds::RESTORED, item, message, "");
            }
            _ => {}
        }
    }
}
