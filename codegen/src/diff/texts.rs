//! Alipay's texts: which were reworded, withdrawn or added. The base has their fingerprints only.

use std::collections::{BTreeSet, HashSet};

use alipay_openapi::{
    pointer::Pointer,
    texts::{Text, Texts},
};

/// The texts of both sides, and those that were compared already.
pub(super) struct Compared<'a> {
    old: &'a Texts,
    new: &'a Texts,
    seen: HashSet<Pointer>,
}

/// What an item is, for what is said of it: texts of other items may stand inside it.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// A property or a parameter, with its schema and the items of its list.
    Field,
    /// A schema.
    Type,
    /// An operation or a message, with the texts of its body and its responses.
    Operation,
    /// One object.
    Itself,
}

/// What became of the texts of an item.
#[derive(Default)]
pub(super) struct Reworded {
    pub(super) aspects: Vec<String>,
    /// The new texts, where the description has them.
    pub(super) wording: Vec<String>,
    /// What tells this change from a later one.
    pub(super) detail: String,
}

impl<'a> Compared<'a> {
    pub(super) fn new([old, new]: [&'a Texts; 2]) -> Self {
        Self { old, new, seen: HashSet::new() }
    }

    pub(super) fn of(&mut self, of: Of, old: &Pointer, new: &Pointer) -> Reworded {
        let mut before: Vec<(&str, &Text)> = of.own(self.old, old);
        let mut reworded = Reworded::default();
        self.seen.insert(old.clone());
        for (rest, text) in of.own(self.new, new) {
            self.seen.insert(Pointer::parse(&format!("{}{rest}", new.as_str())));
            match before.iter().position(|(other, _)| *other == rest) {
                Some(at) if before.remove(at).1.fingerprint == text.fingerprint => {}
                Some(_) => reworded.say("text reworded", Some(text)),
                None => reworded.say("text added", Some(text)),
            }
        }
        for (rest, _) in before {
            self.seen.insert(Pointer::parse(&format!("{}{rest}", old.as_str())));
            reworded.say("text withdrawn", None);
        }
        reworded
    }

    /// The places of texts that were not compared and are in both descriptions.
    pub(super) fn rest(&self) -> BTreeSet<Pointer> {
        let both = |at: &Pointer| self.old.has_place(at) && self.new.has_place(at);
        let all = self.old.iter().chain(self.new.iter()).map(|(at, _)| at);
        all.filter(|at| !self.seen.contains(*at) && both(at)).cloned().collect()
    }

    /// What the bases call an item.
    pub(super) fn names(&self, old: &Pointer, new: &Pointer) -> [Option<&'a str>; 2] {
        [self.old.name(old), self.new.name(new)]
    }

    /// Whether two items have the same text.
    pub(super) fn same(&self, old: &Pointer, new: &Pointer) -> bool {
        let (old, new) = (self.old.at(old), self.new.at(new));
        old.zip(new).is_some_and(|(old, new)| old.fingerprint == new.fingerprint)
    }
}

impl Of {
    fn own<'t>(self, texts: &'t Texts, pointer: &'t Pointer) -> Vec<(&'t str, &'t Text)> {
        texts.below(pointer).filter(|(rest, _)| self.has(rest)).collect()
    }

    /// Whether what stands there is part of the item.
    fn has(self, rest: &str) -> bool {
        let mut keys = rest.split('/').skip(1);
        let number = |key: &str| key.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Field => keys.all(|key| {
                number(key)
                    || matches!(key, "schema" | "items" | "additionalProperties" | "allOf")
                    || key == "x-alipay-json-text"
            }),
            Self::Type => keys.all(|key| number(key) || key == "allOf"),
            Self::Operation => matches!(
                (keys.next(), keys.next(), keys.next()),
                (None, ..) | (Some("requestBody"), None, _) | (Some("responses"), Some(_), None)
            ),
            Self::Itself => rest.is_empty(),
        }
    }
}

impl Reworded {
    fn say(&mut self, what: &str, text: Option<&Text>) {
        if !self.aspects.iter().any(|aspect| aspect == what) {
            self.aspects.push(what.to_owned());
        }
        self.wording.extend(text.and_then(|text| text.wording.clone()));
        self.detail.extend(text.map(|text| text.fingerprint.as_str()));
    }
}
