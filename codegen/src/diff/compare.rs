//! The comparison as a whole.

use std::cmp::Reverse;

use super::{
    change::{Change, Draft, Rating, Sides},
    pairs::Pairs,
    view::View,
};
use alipay_openapi::pointer::Pointer;

pub(super) struct Comparison<'a> {
    pub(super) old: View<'a>,
    pub(super) new: View<'a>,
    pub(super) pairs: Pairs,
    changes: Vec<Change>,
}

/// Something that stands in either description or in both.
pub(super) struct Item<'p> {
    pub(super) subject: String,
    pub(super) rust: String,
    pub(super) sides: Sides,
    pub(super) old: Option<&'p Pointer>,
    pub(super) new: Option<&'p Pointer>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: View<'a>, new: View<'a>) -> Self {
        let pairs = Pairs::of(&old, &new);
        Self { old, new, pairs, changes: Vec::new() }
    }

    pub(super) fn run(mut self) -> Vec<Change> {
        self.operations();
        self.structs();
        self.enums();
        self.common_codes();
        self.messages();
        let mut changes = self.changes;
        changes.sort_by_key(|change| {
            (
                Reverse(change.rating),
                change.subject.clone(),
                change.kind,
                change.fingerprint.clone(),
            )
        });
        changes.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        changes
    }

    pub(super) fn note(
        &mut self,
        kind: &'static str,
        rating: Rating,
        item: &Item<'_>,
        message: String,
        detail: &str,
    ) {
        let draft = Draft {
            kind,
            rating,
            sides: item.sides,
            subject: item.subject.clone(),
            rust: item.rust.clone(),
            message,
            detail,
            old: item.old.map(|pointer| self.old.spot(pointer)),
            new: item.new.map(|pointer| self.new.spot(pointer)),
        };
        self.changes.push(draft.into());
    }

    /// An item whose Rust path is another although the description calls it the same.
    pub(super) fn rust_name(&mut self, item: &Item<'_>, before: &str) {
        if item.rust != before {
            let message = format!("Rust name changed: `{before}` is now `{}`", item.rust);
            self.note("rust-name-changed", Rating::Breaking, item, message, before);
        }
    }

    /// An item that is only kept for those who use it, or that has come back.
    pub(super) fn kept(
        &mut self,
        kind: &'static str,
        item: &Item<'_>,
        before: Option<&String>,
        after: Option<&String>,
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
                self.note(kind, Rating::Additive, item, message, version);
            }
            (Some(_), None) => {
                let message = "is back, and no longer deprecated".to_owned();
                self.note("restored", Rating::Documentation, item, message, "");
            }
            _ => {}
        }
    }
}
