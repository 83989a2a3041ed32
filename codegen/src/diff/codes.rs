//! Known values and error codes.

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
};
use alipay_openapi::{
    ir::{Code, CodeSet, OpenEnum, Retry},
    pointer::Pointer,
};

/// The path of a set's enum, and the names of its variants.
pub(super) type SetNames = (String, Vec<String>);

/// One member of a set, with its Rust path.
struct Member<'m> {
    wire: &'m str,
    rust: String,
    removed_in: Option<&'m String>,
    text: String,
    /// What an error code says of the outcome, if anybody knows.
    outcome: Option<&'static str>,
}

/// The words for the members of a set.
struct Words {
    added: &'static str,
    removed: &'static str,
    deprecated: &'static str,
    what: &'static str,
}

const VALUE: Words = Words {
    added: "value-added",
    removed: "value-removed",
    deprecated: "value-deprecated",
    what: "value",
};
const CODE: Words = Words {
    added: "code-added",
    removed: "code-removed",
    deprecated: "code-deprecated",
    what: "error code",
};

/// A set and where it stands.
struct Set<'m> {
    members: Vec<Member<'m>>,
    pointer: &'m Pointer,
}

impl Comparison<'_> {
    pub(super) fn values(
        &mut self,
        before: (usize, &OpenEnum),
        after: (usize, &OpenEnum),
        sides: Sides,
    ) {
        let set = |view: &super::view::View<'_>, number: usize, item: &OpenEnum| -> Vec<String> {
            (0..item.values.len()).map(|value| view.variant_path(number, value)).collect()
        };
        let ((old, a), (new, b)) = (before, after);
        let old_paths = set(&self.old, old, a);
        let new_paths = set(&self.new, new, b);
        let subject = b.name.clone();
        self.sets(
            &Set { members: value_members(a, old_paths), pointer: &a.id },
            &Set { members: value_members(b, new_paths), pointer: &b.id },
            &subject,
            sides,
            &VALUE,
        );
    }

    pub(super) fn common_codes(&mut self) {
        const PATH: &str = "models::CommonErrorCode";
        let names = |view: &super::view::View<'_>| -> SetNames {
            (PATH.to_owned(), view.surface.names.common_codes.clone())
        };
        let (old_names, new_names) = (names(&self.old), names(&self.new));
        let (old, new) = (&self.old.api().common_codes, &self.new.api().common_codes);
        match (old, new) {
            (Some(old), Some(new)) => {
                self.codes((old, &old_names), (new, &new_names), "the gateway");
            }
            (None, None) => {}
            (old, new) => {
                let item = Item {
                    subject: "the gateway".to_owned(),
                    rust: PATH.to_owned(),
                    sides: Sides::RESPONSE,
                    old: old.as_ref().map(|set| &set.origin),
                    new: new.as_ref().map(|set| &set.origin),
                };
                if old.is_some() {
                    let message = "the gateway's common error codes are gone".to_owned();
                    self.note("codes-removed", Rating::Breaking, &item, message, "");
                } else {
                    let message = "the gateway's common error codes are new".to_owned();
                    self.note("codes-added", Rating::Additive, &item, message, "");
                }
            }
        }
    }

    pub(super) fn codes(
        &mut self,
        before: (&CodeSet, &SetNames),
        after: (&CodeSet, &SetNames),
        subject: &str,
    ) {
        let ((a, old_names), (b, new_names)) = (before, after);
        self.sets(
            &Set { members: code_members(a, old_names), pointer: &a.origin },
            &Set { members: code_members(b, new_names), pointer: &b.origin },
            subject,
            Sides::RESPONSE,
            &CODE,
        );
    }

    fn sets(&mut self, a: &Set<'_>, b: &Set<'_>, subject: &str, sides: Sides, words: &Words) {
        let what = words.what;
        let mut explained = Vec::new();
        for member in &a.members {
            let other = b.members.iter().find(|other| other.wire == member.wire);
            let item = Item {
                subject: format!("{subject}: {}", member.wire),
                rust: other.map_or(&member.rust, |other| &other.rust).clone(),
                sides,
                old: Some(a.pointer),
                new: other.map(|_| b.pointer),
            };
            let Some(other) = other else {
                let message = format!("{what} removed");
                self.note(words.removed, Rating::Breaking, &item, message, "");
                continue;
            };
            let last = |path: &str| path.rsplit("::").next().map(str::to_owned);
            if last(&member.rust) != last(&other.rust) {
                self.rust_name(&item, &member.rust);
            }
            self.kept(words.deprecated, &item, member.removed_in, other.removed_in, None);
            if member.outcome != other.outcome {
                let now = other.outcome.unwrap_or("is no longer classified");
                let message = format!("the {what} {now}");
                self.note("code-outcome-changed", Rating::Documentation, &item, message, now);
            }
            if member.text != other.text {
                explained.push(member.wire);
            }
        }
        for member in &b.members {
            if a.members.iter().all(|other| other.wire != member.wire) {
                let item = Item {
                    subject: format!("{subject}: {}", member.wire),
                    rust: member.rust.clone(),
                    sides,
                    old: None,
                    new: Some(b.pointer),
                };
                self.note(words.added, Rating::Additive, &item, format!("new {what}"), "");
            }
        }
        if !explained.is_empty() {
            let item = Item {
                subject: subject.to_owned(),
                rust: String::new(),
                sides,
                old: Some(a.pointer),
                new: Some(b.pointer),
            };
            let message = format!("{what}s explained anew: {}", explained.join(", "));
            self.documentation(&item, &[message]);
        }
    }
}

fn value_members(item: &OpenEnum, paths: Vec<String>) -> Vec<Member<'_>> {
    let pairs = item.values.iter().zip(paths);
    pairs
        .map(|(value, rust)| Member {
            wire: &value.wire,
            rust,
            removed_in: value.removed_in.as_ref(),
            text: value.meaning.clone().unwrap_or_default(),
            outcome: None,
        })
        .collect()
}

fn code_members<'m>(set: &'m CodeSet, (path, variants): &SetNames) -> Vec<Member<'m>> {
    let pairs = set.codes.iter().zip(variants);
    pairs
        .map(|(code, variant)| Member {
            wire: &code.wire,
            rust: format!("{path}::{variant}"),
            removed_in: code.removed_in.as_ref(),
            text: text(code),
            outcome: code.retry.map(|retry| match retry {
                Retry::SameRequest => "leaves the outcome open",
                Retry::Later | Retry::Never => "proves that the request was refused",
            }),
        })
        .collect()
}

/// Everything said of a code.
fn text(code: &Code) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}|{}|{:?}", part(&code.meaning), part(&code.action), code.retry)
}
