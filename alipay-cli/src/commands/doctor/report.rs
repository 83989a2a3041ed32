//! What was found, line by line.

use std::fmt::Display;

use serde::Serialize;

use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Ok,
    /// A fact, or what was not looked at: no mistake.
    Note,
    /// It works, and may not work for long, or not everywhere.
    Warning,
    Problem,
}

#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    /// A variable, or a part of the network.
    about: String,
    text: String,
}

/// All findings. Each is printed at once, unless a program reads them.
pub(crate) struct Report<'a> {
    output: &'a Output,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(output: &'a Output) -> Self {
        Self { output, findings: Vec::new() }
    }

    pub(crate) fn add(&mut self, state: State, about: &str, text: impl Display) {
        let finding = Finding { state, about: about.to_owned(), text: text.to_string() };
        if !self.output.is_json() {
            let line = Line::new();
            let line = match state {
                State::Ok => line.right("ok      "),
                State::Note => line.faint("note    "),
                State::Warning => line.doubtful("warning "),
                State::Problem => line.wrong("problem "),
            };
            self.output.line(line.strong(about).plain(": ").plain(&finding.text));
        }
        self.findings.push(finding);
    }

    pub(crate) fn ok(&mut self, about: &str, text: impl Display) {
        self.add(State::Ok, about, text);
    }

    pub(crate) fn note(&mut self, about: &str, text: impl Display) {
        self.add(State::Note, about, text);
    }

    pub(crate) fn warning(&mut self, about: &str, text: impl Display) {
        self.add(State::Warning, about, text);
    }

    pub(crate) fn problem(&mut self, about: &str, text: impl Display) {
        self.add(State::Problem, about, text);
    }

    /// The end: how many problems there are.
    pub(crate) fn finish(self) -> Outcome {
        let count = |state| self.findings.iter().filter(|finding| finding.state == state).count();
        let (problems, warnings) = (count(State::Problem), count(State::Warning));
        if self.output.is_json() {
            self.output.document(&serde_json::json!({
                "ok": problems == 0,
                "problems": problems,
                "warnings": warnings,
                "findings": self.findings,
            }));
        } else {
            let line = Line::new().plain(format_args!(
                "{}, {}",
                counted(problems, "problem"),
                counted(warnings, "warning")
            ));
            self.output.line(line);
        }
        if problems == 0 { Ok(()) } else { Err(Failure::Found) }
    }
}

pub(super) fn counted(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
