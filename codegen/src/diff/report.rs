//! Everything that changed, as text for the terminal, as Markdown for a changelog or pull request, as JSON.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _};

use alipay_openapi::diag::Diagnostics;
use serde_json::json;

use super::change::{Change, Position, Rating, Section};
use crate::public_api::Level;

/// Everything that changed.
#[derive(Clone, Debug)]
pub struct Report {
    /// The version of the old description.
    pub old_version: String,
    /// The version of the new one.
    pub new_version: String,
    /// The changes: what breaks users first.
    pub changes: Vec<Change>,
    /// Findings about the descriptions, such as overlay actions that no longer fit.
    pub warnings: Diagnostics,
    /// The public API of the old crate.
    pub old_public_api: String,
    /// The public API of the new one.
    pub new_public_api: String,
}

impl Report {
    /// The level that the next release must have.
    #[must_use]
    pub fn verdict(&self) -> Level {
        self.worst(|_| true).map_or(Level::Patch, Rating::level)
    }

    /// The worst rating among the changes that were not accepted.
    #[must_use]
    pub fn worst_open(&self) -> Option<Rating> {
        self.worst(|change| change.accepted.is_none())
    }

    fn worst(&self, counts: impl Fn(&Change) -> bool) -> Option<Rating> {
        self.changes.iter().filter(|change| counts(change)).map(|change| change.rating).max()
    }
}

/// How to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For the terminal.
    Text,
    /// For a changelog or pull request.
    Markdown,
    /// For programs: one object.
    Json,
}

/// Writes a report, with a newline at its end.
#[must_use]
pub fn render(report: &Report, format: Format) -> String {
    match format {
        Format::Text => text(report),
        Format::Markdown => markdown(report),
        Format::Json => json(report),
    }
}

const RATINGS: [Rating; 4] =
    [Rating::Breaking, Rating::Risky, Rating::Additive, Rating::Documentation];

/// `2 breaking (1 accepted), 3 additive`.
fn counts<'c>(changes: impl Iterator<Item = &'c Change> + Clone) -> String {
    let parts: Vec<String> = RATINGS
        .into_iter()
        .filter_map(|rating| {
            let rated = changes.clone().filter(|change| change.rating == rating);
            let accepted = rated.clone().filter(|change| change.accepted.is_some()).count();
            let note = if accepted > 0 { format!(" ({accepted} accepted)") } else { String::new() };
            let count = rated.count();
            (count > 0).then(|| format!("{count} {}{note}", rating.as_str()))
        })
        .collect();
    if parts.is_empty() { "no changes".to_owned() } else { parts.join(", ") }
}

/// `code-added 3, field-added 1`: what there is most of first.
fn totals(report: &Report) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &report.changes {
        *counts.entry(change.kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let counts: Vec<String> =
        counts.into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    counts.join(", ")
}

/// The changes as people read them: sections of entries, and in these one line for changes that say the
/// same. What breaks users comes first on each level.
fn sections(report: &Report) -> Vec<(&Section, Vec<Entry<'_>>)> {
    let mut sections: BTreeMap<&Section, BTreeMap<&str, Vec<&Change>>> = BTreeMap::new();
    for change in &report.changes {
        let entries = sections.entry(&change.scope.section).or_default();
        entries.entry(&change.scope.entry).or_default().push(change);
    }
    let worst = |entry: &Entry<'_>| entry.lines.iter().map(|line| line.first.rating).max();
    let mut sections: Vec<_> = sections
        .into_iter()
        .map(|(section, entries)| {
            let mut entries: Vec<_> =
                entries.into_iter().map(|(name, changes)| Entry::of(name, &changes)).collect();
            entries.sort_by_key(|entry| Reverse(worst(entry)));
            (section, entries)
        })
        .collect();
    sections.sort_by_key(|(section, entries)| {
        // Groups first, then what they share.
        (!matches!(section, Section::Group(_)), Reverse(entries.first().and_then(worst)))
    });
    sections
}

/// What changed about one operation, message or shared type.
struct Entry<'r> {
    name: &'r str,
    used_by: &'r [String],
    lines: Vec<Line<'r>>,
}

/// Changes that differ in their subjects only.
struct Line<'r> {
    first: &'r Change,
    others: Vec<&'r Change>,
}

impl<'r> Entry<'r> {
    fn of(name: &'r str, changes: &[&'r Change]) -> Self {
        let mut lines: Vec<Line<'r>> = Vec::new();
        for change in changes {
            let key = |change: &Change| {
                let Change { kind, rating, message, new_text, accepted, .. } = change.clone();
                (kind, rating, change.sides(), message, new_text, accepted)
            };
            let same = |line: &&mut Line<'_>| key(line.first) == key(change);
            match lines.iter_mut().find(same) {
                Some(line) => line.others.push(change),
                None => lines.push(Line { first: change, others: Vec::new() }),
            }
        }
        // What is about the entry itself comes before its parts.
        lines.sort_by_key(|line| (Reverse(line.first.rating), line.first.subject != name));
        let used_by = changes.first().map_or(&[][..], |change| &change.scope.used_by);
        Self { name, used_by, lines }
    }

    /// `, used by shop.pen.buy, shop.pen.query and 4 more`.
    fn users(&self) -> String {
        const SHOWN: usize = 5;
        let shown: Vec<&str> = self.used_by.iter().take(SHOWN).map(String::as_str).collect();
        match self.used_by.len().saturating_sub(SHOWN) {
            _ if shown.is_empty() => String::new(),
            0 => format!(", used by {}", shown.join(", ")),
            more => format!(", used by {} and {more} more", shown.join(", ")),
        }
    }
}

impl<'r> Line<'r> {
    fn changes(&self) -> impl Iterator<Item = &'r Change> + Clone {
        std::iter::once(self.first).chain(self.others.clone())
    }

    /// The subjects: `shop.pen.buy: CODE_A, CODE_B`.
    fn subjects(&self) -> Vec<String> {
        let owner = self.first.subject.split_once(": ").map(|(owner, _)| owner);
        let mut before = None;
        self.changes()
            .map(|change| match (change.subject.split_once(": "), before.replace(owner)) {
                (Some((own, member)), Some(_)) if Some(own) == owner => member.to_owned(),
                _ => change.subject.clone(),
            })
            .collect()
    }
}

impl Section {
    fn title(&self) -> &str {
        match self {
            Self::Group(tag) => tag,
            Self::SharedTypes => "shared types",
            Self::Messages => "messages",
            Self::Gateway => "the gateway",
        }
    }
}

fn place(position: &Position) -> String {
    match &position.location {
        Some(at) => format!("{}:{}:{}", at.source, at.line, at.column),
        None => position.pointer.to_string(),
    }
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "description {} -> {}: {}\nverdict: {}",
        report.old_version,
        report.new_version,
        counts(report.changes.iter()),
        report.verdict().as_str(),
    );
    for (section, entries) in sections(report) {
        let _ = writeln!(out, "\n{}", section.title());
        for entry in entries {
            let _ = writeln!(out, "\n  {}{}", entry.name, entry.users());
            for line in &entry.lines {
                text_line(&mut out, line);
            }
        }
    }
    if !report.changes.is_empty() {
        let _ = writeln!(
            out,
            "\n{}; verdict: {}\nby kind: {}",
            counts(report.changes.iter()),
            report.verdict().as_str(),
            totals(report)
        );
    }
    out
}

fn text_line(out: &mut String, line: &Line<'_>) {
    let change = line.first;
    let subjects = line.subjects().join(", ");
    let (rating, kind) = (change.rating.as_str(), change.kind);
    let _ = writeln!(out, "    {rating}[{kind}]: {subjects}: {}", change.message);
    let sides = match change.sides() {
        "" => String::new(),
        sides => format!(", {sides}"),
    };
    match line.others.len() {
        0 if change.rust.is_empty() => {}
        0 => _ = writeln!(out, "      rust {}{sides}", change.rust),
        others => _ = writeln!(out, "      rust {} and {others} more{sides}", change.rust),
    }
    if let Some(new_text) = &change.new_text {
        let _ = writeln!(out, "      text {}", quote_whole(new_text));
    }
    for (word, position) in [("old", &change.old), ("new", &change.new)] {
        if let Some(position) = position {
            let _ = writeln!(out, "      {word}  {}", place(position));
        }
    }
    let fingerprints: Vec<&str> =
        line.changes().map(|change| change.fingerprint.as_str()).collect();
    let accepted = change.accepted.as_ref();
    let accepted = accepted.map_or_else(String::new, |reason| format!(" accepted: {reason}"));
    let _ = writeln!(out, "      {}{accepted}", fingerprints.join(" "));
}

fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "### Description {} → {}\n\n{}; next release: **{}**.",
        report.old_version,
        report.new_version,
        capitalised(&counts(report.changes.iter())),
        report.verdict().as_str(),
    );
    for (section, entries) in sections(report) {
        let title = match section {
            Section::Group(tag) => code(tag),
            other => capitalised(other.title()),
        };
        let _ = writeln!(out, "\n#### {title}\n");
        for entry in entries {
            match entry.lines.as_slice() {
                // What is about the entry itself needs no line above it.
                [only] if only.first.subject == entry.name && entry.used_by.is_empty() => {
                    markdown_line(&mut out, "", only);
                }
                lines => {
                    let _ = writeln!(out, "- {}{}", code(entry.name), inline(&entry.users()));
                    for line in lines {
                        markdown_line(&mut out, "  ", line);
                    }
                }
            }
        }
    }
    out
}

fn markdown_line(out: &mut String, indent: &str, line: &Line<'_>) {
    let change = line.first;
    let rust = match line.others.len() {
        0 if !change.rust.is_empty() => format!(" — {}", code(&change.rust)),
        _ => String::new(),
    };
    let rating = match change.rating {
        rating @ (Rating::Breaking | Rating::Risky) => format!(" **{}**", rating.as_str()),
        rating => format!(" *{}*", rating.as_str()),
    };
    let accepted = change.accepted.as_ref();
    let accepted =
        accepted.map_or_else(String::new, |reason| format!(" *(accepted: {})*", inline(reason)));
    let subjects: Vec<String> = line.subjects().iter().map(|subject| code(subject)).collect();
    let _ = writeln!(
        out,
        "{indent}- {}: {}{rust}{rating}{accepted}",
        subjects.join(", "),
        inline(&change.message)
    );
}

fn json(report: &Report) -> String {
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    for rating in RATINGS {
        let rated = report.changes.iter().filter(|change| change.rating == rating);
        totals.insert(rating.as_str(), rated.count());
    }
    let value = json!({
        "old_version": report.old_version,
        "new_version": report.new_version,
        "verdict": report.verdict().as_str(),
        "totals": totals,
        "changes": report.changes,
        "warnings": report.warnings.iter().collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&value);
    // Plain data always has a JSON form.
    format!("{}\n", text.unwrap_or_else(|error| format!("\"not printable: {error}\"")))
}

/// A code span of a text that may hold anything.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// A text on one line that cannot become HTML.
fn inline(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '<' if !text.contains('`') => "&lt;".chars().collect::<Vec<_>>(),
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect()
}

/// A text of the input in quotes, all of it, without what a terminal would obey.
fn quote_whole(text: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_control() => c.escape_debug().collect::<String>(),
        c => c.to_string(),
    };
    format!("“{}”", text.chars().map(escape).collect::<String>())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
