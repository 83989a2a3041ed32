//! Everything that changed, as text for the terminal, as Markdown for a changelog or pull request, as JSON.

use std::fmt::Write as _;

use alipay_openapi::diag::Diagnostics;
use serde_json::json;

use super::change::{Change, Position, Rating};
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

const RATINGS: [Rating; 3] = [Rating::Breaking, Rating::Additive, Rating::Documentation];

fn rated(report: &Report, rating: Rating) -> Vec<&Change> {
    report.changes.iter().filter(|change| change.rating == rating).collect()
}

/// `2 breaking (1 accepted), 3 additive`.
fn counts(report: &Report) -> String {
    let parts: Vec<String> = RATINGS
        .into_iter()
        .filter_map(|rating| {
            let changes = rated(report, rating);
            let accepted = changes.iter().filter(|change| change.accepted.is_some()).count();
            let note = if accepted > 0 { format!(" ({accepted} accepted)") } else { String::new() };
            (!changes.is_empty()).then(|| format!("{} {}{note}", changes.len(), rating.as_str()))
        })
        .collect();
    if parts.is_empty() { "no changes".to_owned() } else { parts.join(", ") }
}

fn place(position: &Position) -> String {
    match &position.location {
        Some(at) => format!("{}:{}:{} {}", at.source, at.line, at.column, position.pointer),
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
        counts(report),
        report.verdict().as_str(),
    );
    for rating in RATINGS {
        for change in rated(report, rating) {
            let sides = match change.sides() {
                "" => String::new(),
                sides => format!(", {sides}"),
            };
            let _ = writeln!(
                out,
                "\n{}[{}]: {}: {}",
                rating.as_str(),
                change.kind,
                change.subject,
                change.message
            );
            if !change.rust.is_empty() {
                let _ = writeln!(out, "  rust {}{sides}", change.rust);
            }
            for (word, position) in [("old", &change.old), ("new", &change.new)] {
                if let Some(position) = position {
                    let _ = writeln!(out, "  {word}  {}", place(position));
                }
            }
            let _ = match &change.accepted {
                Some(reason) => writeln!(out, "  {} accepted: {reason}", change.fingerprint),
                None => writeln!(out, "  {}", change.fingerprint),
            };
        }
    }
    out
}

fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "### Description {} → {}\n\n{}; next release: **{}**.",
        report.old_version,
        report.new_version,
        capitalised(&counts(report)),
        report.verdict().as_str(),
    );
    for (rating, heading) in
        RATINGS.into_iter().zip(["Breaking", "Added or deprecated", "Documentation"])
    {
        let changes = rated(report, rating);
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n#### {heading}\n");
        for change in changes {
            let rust = if change.rust.is_empty() {
                String::new()
            } else {
                format!(" — {}", code(&change.rust))
            };
            let accepted = change
                .accepted
                .as_ref()
                .map_or_else(String::new, |reason| format!(" *(accepted: {})*", inline(reason)));
            let _ = writeln!(
                out,
                "- {}: {}{rust}{accepted}",
                code(&change.subject),
                inline(&change.message)
            );
        }
    }
    out
}

fn json(report: &Report) -> String {
    let value = json!({
        "old_version": report.old_version,
        "new_version": report.new_version,
        "verdict": report.verdict().as_str(),
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

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
