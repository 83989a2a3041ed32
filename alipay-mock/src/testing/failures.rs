//! The result of the checks of a table.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;

/// The environment variable with the file to which each table adds a line: what was checked, how many
/// checks passed, how many failed.
pub const REPORT: &str = "ALIPAY_TEST_REPORT";

/// The checks of a table: how many have passed, and what failed, a line each. `Debug` shows the lines,
/// since a test that returns an error prints that.
#[derive(Default)]
pub struct Failures {
    passed: usize,
    lines: Vec<String>,
}

impl Failures {
    /// Notes what is wrong with `name`. Without problems it has passed.
    pub(super) fn note(&mut self, name: &str, problems: impl IntoIterator<Item = String>) {
        let before = self.lines.len();
        self.lines.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
        self.passed += usize::from(self.lines.len() == before);
    }

    /// The result, which is added to the report if there is one.
    pub(super) fn finish(mut self, what: &str) -> Result<(), Self> {
        if let Some(path) = std::env::var_os(REPORT) {
            let line = format!("{what} {} {}\n", self.passed, self.lines.len());
            let opened = OpenOptions::new().append(true).create(true).open(path);
            if let Err(e) = opened.and_then(|mut file| file.write_all(line.as_bytes())) {
                self.lines.push(format!("cannot write the report that {REPORT} names: {e}"));
            }
        }
        if self.lines.is_empty() { Ok(()) } else { Err(self) }
    }

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
