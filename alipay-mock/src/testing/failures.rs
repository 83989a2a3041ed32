//! The result of the checks of a table.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;

/// The environment variable with the file to which each table adds a line: what was checked, how many
/// checks passed, how many failed.
pub const REPORT: &str = "ALIPAY_TEST_REPORT";

/// What failed, a line each. `Debug` shows the lines, since a test that returns an error prints that.
pub struct Failures {
    passed: usize,
    lines: Vec<String>,
}

/// Counts checks while they are made.
#[derive(Default)]
pub(super) struct Tally {
    passed: usize,
    lines: Vec<String>,
}

impl Tally {
    /// Notes what is wrong with `name`. Without problems it has passed.
    pub(super) fn note(&mut self, name: &str, problems: Vec<String>) {
        if problems.is_empty() {
            self.passed += 1;
        }
        self.lines.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }

    /// The result, which is added to the report if there is one.
    pub(super) fn finish(self, what: &str) -> Result<(), Failures> {
        let Self { passed, mut lines } = self;
        if let Some(path) = std::env::var_os(REPORT) {
            let line = format!("{what} {passed} {}\n", lines.len());
            let opened = OpenOptions::new().append(true).create(true).open(path);
            if let Err(e) = opened.and_then(|mut file| file.write_all(line.as_bytes())) {
                lines.push(format!("cannot write the report that {REPORT} names: {e}"));
            }
        }
        if lines.is_empty() { Ok(()) } else { Err(Failures { passed, lines }) }
    }
}

impl Failures {
    /// The problem that ended a table before its first check.
    pub(super) fn of(problem: String) -> Self {
        Self { passed: 0, lines: vec![problem] }
    }

    /// Two results as one.
    pub(super) fn both(one: Result<(), Self>, other: Result<(), Self>) -> Result<(), Self> {
        match (one, other) {
            (Err(mut one), Err(other)) => {
                one.passed += other.passed;
                one.lines.extend(other.lines);
                Err(one)
            }
            (Err(failures), Ok(())) | (Ok(()), Err(failures)) => Err(failures),
            (Ok(()), Ok(())) => Ok(()),
        }
    }

    /// What failed, a line each.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} problems:", self.passed, self.lines.len())?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}
