//! Changes that were looked at and accepted.

use super::report::Report;
use alipay_openapi::{
    diag::{Diagnostic, Location, Sink, quote},
    load::Source,
};

/// The list of accepted changes: a fingerprint and a reason per line.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    fingerprint: String,
    reason: String,
    location: Location,
}

/// An entry that accepts nothing (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The fingerprint.
    pub fingerprint: String,
    /// Where it stands.
    pub location: Location,
}

impl Accepted {
    /// Reads a list. Blank lines and lines that begin with `#` are skipped; a line that is no entry is an
    /// error in `sink`.
    pub fn read(source: &Source, sink: &mut Sink) -> Self {
        let mut entries = Vec::new();
        for (index, line) in source.text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let location = Location { source: source.name.clone(), line: index + 1, column: 1 };
            let (fingerprint, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let hexadecimal =
                fingerprint.len() == 16 && fingerprint.chars().all(|c| c.is_ascii_hexdigit());
            if hexadecimal && !reason.trim().is_empty() {
                entries.push(Entry {
                    fingerprint: fingerprint.to_ascii_lowercase(),
                    reason: reason.trim().to_owned(),
                    location,
                });
            } else {
                let message = format!("{} is not a fingerprint and a reason", quote(line));
                sink.push(Diagnostic::error("bad-acceptance", message).at(Some(location)).hint(
                    "write the 16 characters that `cargo xtask diff` shows, then why it is fine",
                ));
            }
        }
        Self { entries }
    }

    /// Marks what is accepted; gives the entries that accept nothing.
    pub fn apply(&self, report: &mut Report) -> Vec<Stale> {
        let mut stale = Vec::new();
        for entry in &self.entries {
            let mut used = false;
            for change in &mut report.changes {
                if change.fingerprint == entry.fingerprint {
                    change.accepted = Some(entry.reason.clone());
                    used = true;
                }
            }
            if !used {
                stale.push(Stale {
                    fingerprint: entry.fingerprint.clone(),
                    location: entry.location.clone(),
                });
            }
        }
        stale
    }
}
