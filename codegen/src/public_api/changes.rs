//! What differs between two public APIs, and what release that makes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// The level of a release, by SemVer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Code that uses the crate sees no difference.
    Patch,
    /// Something is new.
    Minor,
    /// Code that uses the crate may have to change.
    Major,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The items that two public APIs do not share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemChanges {
    /// Lines only the new one has.
    pub added: Vec<String>,
    /// Lines only the old one has.
    pub removed: Vec<String>,
    /// Items with another signature: old and new line.
    pub changed: Vec<(String, String)>,
}

impl ItemChanges {
    /// Compares two public APIs line by line.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new) = (items(old), items(new));
        let gone = old.difference(&new).map(|line| (item(line), *line));
        let mut gone: BTreeMap<&str, &str> = gone.collect();
        let mut changes = Self::default();
        for line in new.difference(&old) {
            match gone.remove(item(line)) {
                Some(old) => changes.changed.push((old.to_owned(), (*line).to_owned())),
                None => changes.added.push((*line).to_owned()),
            }
        }
        changes.removed = gone.into_values().map(str::to_owned).collect();
        changes
    }

    /// Whether both have the same items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The release that follows from two public APIs alone. What is no longer deprecated breaks nobody.
#[must_use]
pub fn level(old: &str, new: &str) -> Level {
    let changes = ItemChanges::between(old, new);
    let breaks = changes.removed.iter().any(|line| !line.starts_with("deprecated "));
    if breaks || !changes.changed.is_empty() {
        Level::Major
    } else if changes.added.is_empty() {
        Level::Patch
    } else {
        Level::Minor
    }
}

fn items(public_api: &str) -> BTreeSet<&str> {
    public_api
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// The part of a line that names its item.
fn item(line: &str) -> &str {
    let end = [line.find('('), line.find(": "), line.find(" = ")].into_iter().flatten().min();
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}
