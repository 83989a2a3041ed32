//! Known values and error codes.

use alipay_openapi::{
    ir::{Code, CodeSet, Retry},
    pointer::Pointer,
};

use super::{
    change::{Rating, Sides},
    compare::{Comparison, Item},
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
}

/// A set and where it stands.
struct Set<'m> {
    members: Vec<Member<'m>>,
    pointer: &'m Pointer,
}

/// What members are called, and the kinds of change: added, removed, deprecated.
struct Words {
    what: &'static str,
    kinds: [&'static str; 3],
}

const VALUE: Words =
    Words { what: "value", kinds: ["value-added", "value-removed", "value-deprecated"] };
const CODE: Words =
    Words { what: "error code", kinds: ["code-added", "code-removed", "code-deprecated"] };

impl Comparison<'_> {
    pub(super) fn values(&mut self, a: NamedEnum<'_>, b: NamedEnum<'_>, sides: Sides) {
        let old = values(a, &self.old.enum_path(a));
        let new = values(b, &self.new.enum_path(b));
        self.sets(&old, &new, &b.item.name, sides, &VALUE);
    }

    pub(super) fn codes(&mut self, a: NamedOperation<'_>, b: NamedOperation<'_>) {
        let set = |operation: NamedOperation<'_>| -> (String, Vec<String>) {
            (operation.codes_path(), operation.names.codes.variants.clone())
        };
        let ((old_path, old_names), (new_path, new_names)) = (set(a), set(b));
        let old = codes(&a.item.codes, &old_path, &old_names);
        let new = codes(&b.item.codes, &new_path, &new_names);
        self.sets(&old, &new, &b.item.id, Sides::RESPONSE, &CODE);
    }

    pub(super) fn common_codes(&mut self) {
        const PATH: &str = "models::CommonErrorCode";
        const SUBJECT: &str = "the gateway";
        fn set<'a>(api: &NamedApi<'a>) -> Option<Set<'a>> {
            let set = api.api.common_codes.as_ref()?;
            Some(codes(set, PATH, &api.names.common_codes))
        }
        let rust = PATH.to_owned();
        match (set(&self.old.api), set(&self.new.api)) {
            (Some(old), Some(new)) => self.sets(&old, &new, SUBJECT, Sides::RESPONSE, &CODE),
            (Some(old), None) => {
                let item = Item::new(SUBJECT, rust, Sides::RESPONSE, old.pointer, None);
                self.breaking("codes-removed", &item, "the gateway's common error codes are gone");
            }
            (None, Some(new)) => {
                let item = Item::new(SUBJECT, rust, Sides::RESPONSE, None, new.pointer);
                self.additive("codes-added", &item, "the gateway's common error codes are new");
            }
            (None, None) => {}
        }
    }

    fn sets(&mut self, a: &Set<'_>, b: &Set<'_>, subject: &str, sides: Sides, words: &Words) {
        let Words { what, kinds: [added, removed, deprecated] } = words;
        let mut described = Vec::new();
        for member in &a.members {
            let subject = format!("{subject}: {}", member.wire);
            let other = b.members.iter().find(|other| other.wire == member.wire);
            let Some(other) = other else {
                let item = Item::new(subject, member.rust.clone(), sides, a.pointer, None);
                self.breaking(removed, &item, format!("{what} removed"));
                continue;
            };
            let item = Item::new(subject, other.rust.clone(), sides, a.pointer, b.pointer);
            if last(&member.rust) != last(&other.rust) {
                self.rust_name(&item, &member.rust);
            }
            self.retained(deprecated, &item, [member.removed_in, other.removed_in], None);
            if member.outcome != other.outcome {
                let now = other.outcome.unwrap_or("is no longer classified");
                let message = format!("the {what} {now}");
                self.note("code-outcome-changed", Rating::Documentation, &item, message, now);
            }
            if member.text != other.text {
                described.push(member.wire);
            }
        }
        for member in &b.members {
            if a.members.iter().all(|other| other.wire != member.wire) {
                let subject = format!("{subject}: {}", member.wire);
                let item = Item::new(subject, member.rust.clone(), sides, None, b.pointer);
                self.additive(added, &item, format!("new {what}"));
            }
        }
        if !described.is_empty() {
            let item = Item::new(subject, String::new(), sides, a.pointer, b.pointer);
            let message = format!("descriptions of {what}s changed: {}", described.join(", "));
            self.documentation(&item, &[message]);
        }
    }
}

fn values<'m>(item: NamedEnum<'m>, path: &str) -> Set<'m> {
    let pairs = item.item.values.iter().zip(&item.names.variants);
    let members = pairs.map(|(value, name)| Member {
        wire: &value.wire,
        rust: format!("{path}::{name}"),
        removed_in: &value.removed_in,
        text: value.meaning.clone().unwrap_or_default(),
        outcome: None,
    });
    Set { members: members.collect(), pointer: &item.item.id }
}

fn codes<'m>(set: &'m CodeSet, path: &str, names: &[String]) -> Set<'m> {
    let members = set.codes.iter().zip(names).map(|(code, name)| Member {
        wire: &code.wire,
        rust: format!("{path}::{name}"),
        removed_in: &code.removed_in,
        text: text(code),
        outcome: code.retry.map(|retry| match retry {
            Retry::SameRequest => "leaves the outcome open",
            Retry::Later | Retry::Never => "proves that the request was refused",
        }),
    });
    Set { members: members.collect(), pointer: &set.origin }
}

/// All that the description says of a code.
fn text(code: &Code) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}|{}|{:?}", part(&code.meaning), part(&code.action), code.retry)
}
