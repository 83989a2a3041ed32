//! Changes as people read them: in sections of entries, with one line for changes that say the same.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    change::{Change, Rating, Section},
    kinds::{
        ENUM_ADDED, ENUM_REMOVED, GROUP_ADDED, GROUP_REMOVED, OPERATION_ADDED, OPERATION_REMOVED,
        TYPE_ADDED, TYPE_REMOVED,
    },
};

/// Which changes of an entry share a line.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fold {
    Nothing,
    /// Those that differ in their subjects only, and types that come or go with their operation.
    Alike,
}

/// A group, or what groups share.
pub(super) struct Part<'r> {
    pub(super) section: &'r Section,
    /// That the whole group came or went.
    pub(super) group: Option<Line<'r>>,
    pub(super) entries: Vec<Entry<'r>>,
}

/// What changed about one operation, message or shared type.
pub(super) struct Entry<'r> {
    pub(super) name: &'r str,
    used_by: &'r [String],
    pub(super) lines: Vec<Line<'r>>,
}

/// Changes that are told together.
pub(super) struct Line<'r> {
    pub(super) first: &'r Change,
    /// Those that differ in their subjects only.
    pub(super) others: Vec<&'r Change>,
    /// The types that come or go with an operation.
    types: Vec<&'r Change>,
}

/// All changes, sorted: what breaks users comes first on each level.
pub(super) fn parts(changes: &[Change], fold: Fold) -> Vec<Part<'_>> {
    let mut sections: BTreeMap<&Section, BTreeMap<&str, Vec<&Change>>> = BTreeMap::new();
    for change in changes {
        let entries = sections.entry(&change.scope.section).or_default();
        entries.entry(&change.scope.entry).or_default().push(change);
    }
    let mut parts: Vec<_> = sections
        .into_iter()
        .map(|(section, entries)| {
            let of = |(name, changes): (_, Vec<_>)| Entry::of(name, &changes, fold);
            let mut entries: Vec<Entry<'_>> = entries.into_iter().map(of).collect();
            let group = entries.iter_mut().find_map(Entry::take_group);
            entries.retain(|entry| !entry.lines.is_empty());
            entries.sort_by_key(|entry| Reverse(entry.worst()));
            Part { section, group, entries }
        })
        .collect();
    // Groups first, then what they share.
    let is_shared = |part: &Part<'_>| !matches!(part.section, Section::Group(_));
    parts.sort_by_key(|part| (is_shared(part), Reverse(part.worst())));
    parts
}

impl Part<'_> {
    fn worst(&self) -> Option<Rating> {
        let group = self.group.as_ref().map(|line| line.first.rating);
        group.max(self.entries.first().and_then(Entry::worst))
    }
}

impl<'r> Entry<'r> {
    fn of(name: &'r str, changes: &[&'r Change], fold: Fold) -> Self {
        let mut lines: Vec<Line<'r>> = Vec::new();
        for change in changes {
            let key = |change: &Change| {
                let Change { kind, rating, message, new_text, accepted, .. } = change.clone();
                (kind, rating, change.sides(), message, new_text, accepted)
            };
            let same = |line: &&mut Line<'_>| fold == Fold::Alike && key(line.first) == key(change);
            match lines.iter_mut().find(same) {
                Some(line) => line.others.push(change),
                None => lines.push(Line { first: change, others: Vec::new(), types: Vec::new() }),
            }
        }
        if fold == Fold::Alike {
            for (operation, types) in [
                (OPERATION_REMOVED, [TYPE_REMOVED, ENUM_REMOVED]),
                (OPERATION_ADDED, [TYPE_ADDED, ENUM_ADDED]),
            ] {
                with_types(&mut lines, operation.name, types.map(|kind| kind.name));
            }
        }
        // What is about the entry itself comes before its parts.
        lines.sort_by_key(|line| (Reverse(line.first.rating), line.first.subject != name));
        let used_by = changes.first().map_or(&[][..], |change| &change.scope.used_by);
        Self { name, used_by, lines }
    }

    fn worst(&self) -> Option<Rating> {
        self.lines.iter().map(|line| line.first.rating).max()
    }

    fn take_group(&mut self) -> Option<Line<'r>> {
        let kinds = [GROUP_ADDED.name, GROUP_REMOVED.name];
        let at = self.lines.iter().position(|line| kinds.contains(&line.first.kind))?;
        Some(self.lines.remove(at))
    }

    /// Whether its only line begins with its name, and so needs none above it.
    pub(super) fn says_its_name(&self) -> bool {
        match self.lines.as_slice() {
            [only] => self.used_by.is_empty() && only.first.subject.starts_with(self.name),
            _ => false,
        }
    }

    /// `, used by shop.pen.buy, shop.pen.query and 4 more`.
    pub(super) fn users(&self) -> String {
        const SHOWN: usize = 5;
        let shown: Vec<&str> = self.used_by.iter().take(SHOWN).map(String::as_str).collect();
        match self.used_by.len().saturating_sub(SHOWN) {
            _ if shown.is_empty() => String::new(),
            0 => format!(", used by {}", shown.join(", ")),
            more => format!(", used by {} and {more} more", shown.join(", ")),
        }
    }
}

/// Puts the types that come or go with an operation into its line, unless they were not accepted with it.
fn with_types(lines: &mut Vec<Line<'_>>, operation: &str, types: [&str; 2]) {
    let Some(at) = lines.iter().position(|line| line.first.kind == operation) else { return };
    let mut own = lines.remove(at);
    lines.retain(|line| {
        let goes = types.contains(&line.first.kind) && line.first.accepted == own.first.accepted;
        if goes {
            own.types.extend(line.changes());
        }
        !goes
    });
    lines.push(own);
}

impl<'r> Line<'r> {
    /// All changes that are told in it.
    pub(super) fn changes(&self) -> impl Iterator<Item = &'r Change> + Clone {
        std::iter::once(self.first).chain(self.others.clone()).chain(self.types.clone())
    }

    /// The subjects: `shop.pen.buy: CODE_A, CODE_B`.
    pub(super) fn subjects(&self) -> Vec<&'r str> {
        let subject = self.first.subject.as_str();
        let owner = subject.split_once(": ").map(|(owner, _)| owner);
        let others = self.others.iter().map(|change| match change.subject.split_once(": ") {
            Some((own, member)) if Some(own) == owner => member,
            _ => change.subject.as_str(),
        });
        std::iter::once(subject).chain(others).collect()
    }

    /// What happened: `operation removed, with Owner`.
    pub(super) fn message(&self) -> String {
        let types: Vec<&str> = self.types.iter().map(|change| change.subject.as_str()).collect();
        let types =
            if types.is_empty() { String::new() } else { format!(", with {}", types.join(", ")) };
        format!("{}{types}", self.first.message)
    }
}

impl Section {
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Group(tag) => tag,
            Self::SharedTypes => "shared types",
            Self::Messages => "messages",
            Self::Gateway => "the gateway",
        }
    }
}
