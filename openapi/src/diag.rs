//! Diagnostics: what is wrong with an input, where, and what to do about it.
//!
//! A stage never stops at its first problem; it puts every [`Diagnostic`] into a [`Sink`] and the
//! run ends after a stage that produced an error.

pub mod codes;
mod words;

use std::fmt;

use self::words::plain;
pub use self::words::{clean, did_you_mean, inline, is_command, quote};
pub(crate) use self::words::{describe, did_you_mean_or, distance, nearest};
use crate::pointer::Pointer;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Worth a look; generation goes on.
    Warning,
}

/// A position in a source. Lines and columns start at 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Location {
    /// The name the source was given, as a rule its path.
    pub source: String,
    /// The line, starting at 1.
    pub line: usize,
    /// The column, starting at 1.
    pub column: usize,
}

impl Location {
    /// The name of the file and the line, which are the same wherever the file lies.
    #[must_use]
    pub fn in_file(&self) -> String {
        let file = self.source.rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{file}:{}", self.line)
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The stable kebab-case name of this kind of finding, for example `unmatched-target`.
    pub code: &'static str,
    /// What is wrong, in one line. Names of the input are in it, without what a terminal would obey.
    pub message: String,
    /// Where it is, when the source is known.
    #[serde(flatten)]
    pub location: Option<Location>,
    /// The JSON pointer of the value in question.
    pub pointer: Option<Pointer>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error without location or hint.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: plain(message.into()),
            location: None,
            pointer: None,
            hint: None,
        }
    }

    /// A warning without location or hint.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds the location.
    #[must_use]
    pub fn at(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }

    /// Adds the pointer.
    #[must_use]
    pub fn pointer(mut self, pointer: &Pointer) -> Self {
        self.pointer = Some(pointer.clone());
        self
    }

    /// Adds the advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(plain(hint.into()));
        self
    }
}

/// `path:line:column`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source, self.line, self.column)
    }
}

/// `path:line:column: error[code]: message`, then the pointer and the hint on lines of their own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)?;
        if let Some(pointer) = &self.pointer {
            write!(f, "\n  at {pointer}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// All findings of a run, ordered by location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Whether there are no findings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them stops the run.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Diagnostics {
    /// These findings and another.
    #[must_use]
    pub(crate) fn and(mut self, finding: Diagnostic) -> Self {
        self.0.push(finding);
        self
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// What a stage does with a part that it cannot take. Each such part is an error in the sink either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The stage has no result.
    Whole,
    /// The stage leaves the part out, so that later stages can look at the rest.
    WhatFits,
}

/// Where stages put their findings.
#[derive(Debug, Default)]
pub struct Sink(Vec<Diagnostic>);

impl Sink {
    /// An empty sink.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a finding.
    pub fn push(&mut self, finding: Diagnostic) {
        self.0.push(finding);
    }

    /// Takes over the findings of another sink.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes over the findings of a stage. Returns whether the stage has a result: after an error it has
    /// one only when it leaves out what does not fit.
    pub(crate) fn end_stage(&mut self, own: Self, strictness: Strictness) -> bool {
        let good = strictness == Strictness::WhatFits || !own.has_errors();
        self.append(own);
        good
    }

    /// Adds the location to findings that have only a pointer.
    pub fn place(&mut self, locate: impl Fn(&Pointer) -> Location) {
        for finding in self.0.iter_mut().filter(|finding| finding.location.is_none()) {
            finding.location = finding.pointer.as_ref().map(&locate);
        }
    }

    /// Turns errors into warnings and drops the rest: for commands that look at an unfinished description.
    #[must_use]
    pub fn errors_as_warnings(self) -> Self {
        let mut errors = self.errors();
        for finding in &mut errors.0 {
            finding.severity = Severity::Warning;
        }
        errors
    }

    /// Drops warnings: for a failure, with which they have nothing to do.
    #[must_use]
    pub fn errors(mut self) -> Self {
        self.0.retain(|finding| finding.severity == Severity::Error);
        self
    }

    /// Drops the findings of a code.
    #[must_use]
    pub fn without(mut self, code: &str) -> Self {
        self.0.retain(|finding| finding.code != code);
        self
    }

    /// Whether all errors are of these codes.
    pub(crate) fn errors_are(&self, codes: &[&str]) -> bool {
        let mut errors = self.0.iter().filter(|finding| finding.severity == Severity::Error);
        errors.all(|finding| codes.contains(&finding.code))
    }

    /// Whether an error was noted so far.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The codes of the findings so far.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|finding| finding.code)
    }

    /// The findings, ordered by location; findings without one come first, in the order noted.
    #[must_use]
    pub fn finish(mut self) -> Diagnostics {
        self.0.sort_by(|a, b| a.location.cmp(&b.location));
        Diagnostics(self.0)
    }
}
