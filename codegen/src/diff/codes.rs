//! Known values and error codes.

use alipay_openapi::{
    ir::{Code, CodeSet, Confidence, EnumValue, Retry},
    pointer::Pointer,
};

use super::{
    change::{Kind, Scope, Sides},
    compare::{Comparison, Item},
    kinds,
    texts::{Of, Reworded},
};
use crate::named::{NamedApi, NamedEnum, NamedOperation, last};

/// One member of a set, with its Rust path.
struct Member<'m> {
    wire: &'m str,
    rust: String,
    removed_in: &'m Option<String>,
    text: String,
    /// What an error code says of the outcome, where that is known.
    outcome: Option<&'static str>,
    confidence: Confidence,
}

/// A set and where it stands.
struct Set<'m> {
    members: Vec<Member<'m>>,
    pointer: &'m Pointer,
}

/// What members are called, and the kinds of change.
struct Words {
    what: &'static str,
    added: Kind,
    removed: Kind,
    renamed: Kind,
    deprecated: Kind,
}

const VALUE: Words = Words {
    what: "value",
    added: kinds::VALUE_ADDED,
    removed: kinds::VALUE_REMOVED,
    renamed: kinds::VALUE_RENAMED,
    deprecated: kinds::VALUE_DEPRECATED,
};
const CODE: Words = Words {
    what: "error code",
    added: kinds::CODE_ADDED,
    removed: kinds::CODE_REMOVED,
    renamed: kinds::CODE_RENAMED,
    deprecated: kinds::CODE_DEPRECATED,
};

impl Comparison<'_> {
    pub(super) fn values(
        &mut self,
        scope: &Scope,
        a: NamedEnum<'_>,
        b: NamedEnum<'_>,
        sides: Sides,
    ) {
        let old = values(a, &self.old.enum_path(a));
        let new = values(b, &self.new.enum_path(b));
        self.sets(scope, &old, &new, &b.item.name, sides, &VALUE);
    }

    pub(super) fn codes(&mut self, scope: &Scope, a: NamedOperation<'_>, b: NamedOperation<'_>) {
        let set = |operation: NamedOperation<'_>| -> (String, Vec<String>) {
            (operation.codes_path(), operation.names.codes.variants.clone())
        };
        let ((old_path, old_names), (new_path, new_names)) = (set(a), set(b));
        let old = codes(&a.item.codes, &old_path, &old_names);
        let new = codes(&b.item.codes, &new_path, &new_names);
        self.sets(scope, &old, &new, &b.item.id, Sides::RESPONSE, &CODE);
    }

    pub(super) fn common_codes(&mut self) {
        const PATH: &str = "models::CommonErrorCode";
        const SUBJECT: &str = "the gateway";
        fn set<'a>(api: &NamedApi<'a>) -> Option<Set<'a>> {
            let set = api.api.common_codes.as_ref()?;
            Some(codes(set, PATH, &api.names.common_codes))
        }
        let (scope, rust) = (Scope::gateway(), PATH.to_owned());
        match (set(&self.old.api), set(&self.new.api)) {
            (Some(old), Some(new)) => {
                self.sets(&scope, &old, &new, SUBJECT, Sides::RESPONSE, &CODE);
            }
            (Some(old), None) => {
                let item = Item::new(&scope, SUBJECT, rust, Sides::RESPONSE, old.pointer, None);
                let message = "the gateway's common error codes are gone";
                self.note(kinds::CODES_REMOVED, &item, message, "");
            }
            (None, Some(new)) => {
                let item = Item::new(&scope, SUBJECT, rust, Sides::RESPONSE, None, new.pointer);
                let message = "the gateway's common error codes are new";
                self.note(kinds::CODES_ADDED, &item, message, "");
            }
            (None, None) => {}
        }
    }

    fn sets(
        &mut self,
        scope: &Scope,
        a: &Set<'_>,
        b: &Set<'_>,
        subject: &str,
        sides: Sides,
        words: &Words,
    ) {
        let Words { what, .. } = words;
        let of = |member: &Member<'_>| format!("{subject}: {}", member.wire);
        let among = |members: &[Member<'_>], wire| members.iter().any(|member| member.wire == wire);
        let mut described = Vec::new();
        let mut resourced = Vec::new();
        let mut renamed = Vec::new();
        for member in &a.members {
            let same = b.members.iter().find(|other| other.wire == member.wire);
            // A string that is gone, and one that is new under its Rust name.
            let named = || {
                let mut new = b.members.iter().filter(|other| !among(&a.members, other.wire));
                new.find(|other| last(&other.rust) == last(&member.rust))
            };
            let Some(other) = same.or_else(named) else {
                let (rust, at) = (member.rust.clone(), a.pointer);
                let item = Item::new(scope, of(member), rust, sides, at, None);
                self.note(words.removed, &item, format!("{what} removed"), "");
                continue;
            };
            let (rust, pointers) = (other.rust.clone(), (a.pointer, b.pointer));
            let item = Item::new(scope, of(other), rust, sides, pointers.0, pointers.1);
            if member.wire != other.wire {
                let message = format!("{what} renamed: was `{}`", member.wire);
                self.note(words.renamed, &item, message, member.wire);
                renamed.push(other.wire);
            } else if last(&member.rust) != last(&other.rust) {
                self.rust_name(&item, &member.rust);
            }
            self.retained(words.deprecated, &item, [member.removed_in, other.removed_in], None);
            if member.outcome != other.outcome {
                let kind = match (member.outcome, other.outcome) {
                    (Some(_), Some(_)) => kinds::CODE_OUTCOME_CHANGED,
                    // The runtime judges it by its words, perhaps with the same result.
                    _ => kinds::CODE_OUTCOME_STATED,
                };
                let now = other.outcome.unwrap_or("is no longer classified");
                self.note(kind, &item, format!("the {what} {now}"), now);
            }
            if member.text != other.text {
                described.push(member.wire);
            } else if member.confidence != other.confidence {
                resourced.push(member.wire);
            }
        }
        for member in &b.members {
            if !among(&a.members, member.wire) && !renamed.contains(&member.wire) {
                let (rust, at) = (member.rust.clone(), b.pointer);
                let item = Item::new(scope, of(member), rust, sides, None, at);
                self.note(words.added, &item, format!("new {what}"), "");
            }
        }
        let mut reworded = Reworded::default();
        let mut texts = Vec::new();
        for member in a.members.iter().filter(|member| among(&b.members, member.wire)) {
            let at = |set: &Set<'_>| set.pointer.join("x-error-codes").join(member.wire);
            let found = self.reworded(Of::Itself, &at(a), &at(b));
            if !found.aspects.is_empty() {
                texts.push(member.wire);
                reworded.wording.extend(found.wording);
                reworded.detail.push_str(&found.detail);
            }
        }
        let item = Item::new(scope, subject, String::new(), sides, a.pointer, b.pointer);
        if !texts.is_empty() {
            reworded.aspects.push(format!("texts of {what}s changed: {}", texts.join(", ")));
            self.described(&item, Vec::new(), reworded);
        }
        for (what_of, wires) in [("descriptions", described), ("evidence", resourced)] {
            if !wires.is_empty() {
                let message = format!("{what_of} of {what}s changed: {}", wires.join(", "));
                self.described(&item, vec![message], Reworded::default());
            }
        }
    }
}

fn values<'m>(item: NamedEnum<'m>, path: &str) -> Set<'m> {
    let pairs = item.item.values.iter().zip(&item.names.variants);
    let members = pairs.map(|(value, name)| {
        let EnumValue { wire, meaning, pinned_name: _, removed_in } = value;
        Member {
            wire,
            rust: format!("{path}::{name}"),
            removed_in,
            text: meaning.clone().unwrap_or_default(),
            outcome: None,
            confidence: Confidence::Documented,
        }
    });
    Set { members: members.collect(), pointer: &item.item.id }
}

fn codes<'m>(set: &'m CodeSet, path: &str, names: &[String]) -> Set<'m> {
    let CodeSet { codes, origin } = set;
    let members = codes.iter().zip(names).map(|(code, name)| {
        let Code { wire, meaning, action, retry, confidence, pinned_name: _, removed_in } = code;
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        Member {
            wire,
            rust: format!("{path}::{name}"),
            removed_in,
            text: format!("{}|{}|{retry:?}", part(meaning), part(action)),
            outcome: retry.map(|retry| match retry {
                Retry::SameRequest => "leaves the outcome open",
                Retry::Later | Retry::Never => "proves that the request was refused",
            }),
            confidence: *confidence,
        }
    });
    Set { members: members.collect(), pointer: origin }
}
