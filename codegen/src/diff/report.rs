//! Everything that changed, as text for the terminal, as Markdown for a changelog or pull request, as JSON.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _};

use alipay_openapi::diag::Diagnostics;
use serde_json::json;

use super::{
    change::{Change, Position, Rating, Section},
    entries::{Fold, Line, parts},
};
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
    /// For the terminal, with one line for changes that say the same.
    Text,
    /// For the terminal, with each change on its own.
    TextOfEach,
    /// For a changelog or pull request.
    Markdown,
    /// For programs: one object.
    Json,
}

/// Writes a report, with a newline at its end.
#[must_use]
pub fn render(report: &Report, format: Format) -> String {
    match format {
        Format::Text => text(report, Fold::Alike),
        Format::TextOfEach => text(report, Fold::Nothing),
        Format::Markdown => markdown(report),
        Format::Json => json(report),
    }
}

const RATINGS: [Rating; 4] =
    [Rating::Breaking, Rating::Risky, Rating::Additive, Rating::Documentation];

/// `2 breaking (1 accepted), 3 additive`.
fn counts(changes: &[Change]) -> String {
    let parts: Vec<String> = RATINGS
        .into_iter()
        .filter_map(|rating| {
            let rated = changes.iter().filter(|change| change.rating == rating);
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

fn place(position: &Position) -> String {
    match &position.location {
        Some(at) => format!("{}:{}:{}", at.source, at.line, at.column),
        None => position.pointer.to_string(),
    }
}

fn text(report: &Report, fold: Fold) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "description {} -> {}: {}\nverdict: {}",
        report.old_version,
        report.new_version,
        counts(&report.changes),
        report.verdict().as_str(),
    );
    for part in parts(&report.changes, fold) {
        let _ = writeln!(out, "\n{}", part.section.title());
        if let Some(line) = &part.group {
            text_line(&mut out, line);
        }
        for entry in part.entries {
            if !entry.says_its_name() {
                let _ = writeln!(out, "  {}{}", entry.name, entry.users());
            }
            for line in &entry.lines {
                text_line(&mut out, line);
            }
        }
    }
    if !report.changes.is_empty() {
        let _ = writeln!(
            out,
            "\n{}; verdict: {}\nby kind: {}",
            counts(&report.changes),
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
    let _ = writeln!(out, "    {rating}[{kind}]: {subjects}: {}", line.message());
    if let Some(new_text) = &change.new_text {
        let _ = writeln!(out, "      text {}", quote_whole(new_text));
    }
    let others = line.others.len();
    let rust = match (change.rust.as_str(), others) {
        ("", _) => None,
        (rust, 0) => Some(format!("rust {rust}, {}", change.sides())),
        (rust, others) => Some(format!("rust {rust} and {others} more, {}", change.sides())),
    };
    let old = change.old.as_ref().map(|old| format!("old  {}", place(old)));
    let new = change.new.as_ref().map(|new| format!("new  {}", place(new)));
    let facts: Vec<String> = [rust, old, new].into_iter().flatten().collect();
    match change.rating {
        Rating::Breaking | Rating::Risky => {
            for fact in facts {
                let _ = writeln!(out, "      {fact}");
            }
        }
        Rating::Additive | Rating::Documentation => {
            let _ = writeln!(out, "      {}", facts.join(", "));
        }
    }
    // What may have to be accepted is named.
    let fingerprints: Vec<&str> =
        line.changes().map(|change| change.fingerprint.as_str()).collect();
    let fingerprints = fingerprints.join(" ");
    if let Some(reason) = &change.accepted {
        let _ = writeln!(out, "      {fingerprints} accepted: {reason}");
    } else if change.rating >= Rating::Risky {
        let _ = writeln!(out, "      {fingerprints}");
    }
}

fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "### Description {} → {}\n\n{}; next release: **{}**.",
        report.old_version,
        report.new_version,
        capitalised(&counts(&report.changes)),
        report.verdict().as_str(),
    );
    for part in parts(&report.changes, Fold::Alike) {
        let title = match part.section {
            Section::Group(tag) => code(tag),
            other => capitalised(other.title()),
        };
        let _ = writeln!(out, "\n#### {title}\n");
        if let Some(line) = &part.group {
            markdown_line(&mut out, "", line);
        }
        for entry in part.entries {
            match entry.lines.as_slice() {
                [only] if entry.says_its_name() => markdown_line(&mut out, "", only),
                lines => {
                    let _ = writeln!(out, "- {}{}", code(entry.name), inline(&entry.users()));
                    for line in lines {
                        markdown_line(&mut out, "  ", line);
                    }
                }
            }
        }
    }
    if !report.changes.is_empty() {
        let _ = writeln!(out, "\nBy kind: {}.", totals(report));
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
        inline(&line.message())
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

/// A text on one line that cannot become HTML. In code spans, `<` stands for itself.
fn inline(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // With any of these, the spans may be others than they seem to be, here and in the rest of the line.
    if text.contains('\\') || text.contains("``") || text.matches('`').count() % 2 == 1 {
        return text.replace('<', "&lt;").replace('`', "&#96;");
    }
    let parts = text.split('`').enumerate().map(|(number, part)| {
        let is_code = number % 2 == 1;
        if is_code { part.to_owned() } else { part.replace('<', "&lt;") }
    });
    parts.collect::<Vec<_>>().join("`")
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
