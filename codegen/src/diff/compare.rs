//! A comparison: the two sides, and the changes noted so far.

use std::cmp::Reverse;

use alipay_openapi::{pointer::Pointer, texts::Texts};

use super::{
    change::{Change, Kind, Scope, Sides},
    kinds,
    pairs::Pairs,
    scopes::Scopes,
    texts::{self, Of, Reworded},
    view::View,
};
use crate::digest::digest;

pub(super) struct Comparison<'a> {
    pub(super) old: View<'a>,
    pub(super) new: View<'a>,
    pub(super) pairs: Pairs,
    pub(super) old_scopes: Scopes,
    pub(super) new_scopes: Scopes,
    /// None when one side says nothing of texts.
    pub(super) texts: Option<texts::Compared<'a>>,
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
    pub(super) fn new(old: View<'a>, new: View<'a>, texts: Option<[&'a Texts; 2]>) -> Self {
        Self {
            old,
            new,
            pairs: Pairs::of(&old.api, &new.api),
            old_scopes: Scopes::of(&old.api),
            new_scopes: Scopes::of(&new.api),
            texts: texts.map(texts::Compared::new),
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
            new_text: None,
            accepted: None,
        });
    }

    /// Notes that only the documentation changed, if it did: what the overlay says of an item, and Alipay's texts.
    pub(super) fn described(
        &mut self,
        item: &Item<'_>,
        mut aspects: Vec<String>,
        reworded: Reworded,
    ) {
        aspects.extend(reworded.aspects);
        if aspects.is_empty() {
            return;
        }
        let message = aspects.join("; ");
        let detail = format!("{message}{}", reworded.detail);
        self.note(kinds::DOCUMENTATION, item, message, &detail);
        if let Some(change) = self.changes.last_mut()
            && !reworded.wording.is_empty()
        {
            change.new_text = Some(reworded.wording.join(" / "));
        }
    }

    /// What became of the texts of an item that both sides have.
    pub(super) fn reworded(&mut self, of: Of, old: &Pointer, new: &Pointer) -> Reworded {
        self.texts.as_mut().map(|texts| texts.of(of, old, new)).unwrap_or_default()
    }

    /// What the bases call an item that both sides have.
    pub(super) fn names(&self, old: &Pointer, new: &Pointer) -> [Option<&'a str>; 2] {
        self.texts.as_ref().map_or([None; 2], |texts| texts.names(old, new))
    }

    /// Texts that belong to no item of the API: of the description, of a path, of shared responses.
    pub(super) fn other_texts(&mut self) {
        let Some(texts) = &self.texts else { return };
        for at in texts.rest() {
            let reworded = self.reworded(Of::Itself, &at, &at);
            let is_root = at == Pointer::root();
            let subject = if is_root { "the description".to_owned() } else { at.to_string() };
            let item = Item::new(&Scope::gateway(), subject, String::new(), Sides::BOTH, &at, &at);
            self.described(&item, Vec::new(), reworded);
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
