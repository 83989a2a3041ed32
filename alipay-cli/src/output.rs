//! What is printed, to whom: the only place that prints.
//!
//! Results go to standard output, problems and notes to standard error. What a terminal would take for a command is
//! printed as an escape, since foreign names and messages are in all of it. A reader that has closed its pipe has seen
//! enough; any other failure to write is one of the command.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use alipay_openapi::diag::clean;
use clap::ValueEnum;
use serde::Serialize;

use crate::outcome::{Failure, Outcome};

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// Whether this is for a person or a program, and what could not be written.
pub(crate) struct Output {
    json: bool,
    /// Whether standard output is coloured.
    color: bool,
    /// Whether standard error is coloured.
    error_color: bool,
    /// Whether there is a document already, or an event.
    printed: AtomicBool,
    failed: Mutex<Option<io::Error>>,
}

impl Output {
    pub(crate) fn new(json: bool, color: Color) -> Self {
        let colored = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !has_value("NO_COLOR") && !is_dumb(),
        };
        Self {
            json,
            color: colored(io::stdout().is_terminal()),
            error_color: colored(io::stderr().is_terminal()),
            printed: AtomicBool::new(false),
            failed: Mutex::new(None),
        }
    }

    /// Whether `--json` is given: standard output then has one [`document`](Self::document), or an
    /// [`event`](Self::event) per line, and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line, or several, of the result.
    pub(crate) fn line(&self, line: impl Into<Line>) {
        self.write(&line.into().shown(self.color));
    }

    /// The result as one JSON document.
    pub(crate) fn document(&self, document: &impl Serialize) {
        self.json_line(serde_json::to_string_pretty(document));
    }

    /// What has ended the command as a document, if there is none yet.
    pub(crate) fn error_document(&self, message: &str) {
        if self.json && !self.printed.load(Ordering::Relaxed) {
            self.document(&serde_json::json!({ "error": message }));
        }
    }

    /// One of many results as a line of JSON.
    pub(crate) fn event(&self, event: &impl Serialize) {
        self.json_line(serde_json::to_string(event));
    }

    fn json_line(&self, json: serde_json::Result<String>) {
        self.printed.store(true, Ordering::Relaxed);
        match json {
            Ok(json) => self.write(&clean(&json)),
            Err(error) => self.note_failure(error.into()),
        }
    }

    /// The result as it is, to the byte: for files and other programs.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        self.printed.store(true, Ordering::Relaxed);
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
            self.note_failure(error);
        }
    }

    /// What a person may want to know beside the result.
    pub(crate) fn note(&self, line: impl Into<Line>) {
        self.complain(&line.into());
    }

    /// What may go wrong, or has.
    pub(crate) fn warning(&self, message: impl Display) {
        self.complain(&Line::new().doubtful("warning:").plain(" ").plain(message));
    }

    /// What was found, or has ended the command.
    pub(crate) fn problem(&self, message: impl Display) {
        self.complain(&Line::new().wrong("error:").plain(" ").plain(message));
    }

    /// Without standard error there is still the exit code.
    fn complain(&self, line: &Line) {
        let _ = writeln!(io::stderr(), "{}", line.shown(self.error_color));
    }

    fn write(&self, line: &str) {
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            self.note_failure(error);
        }
    }

    fn note_failure(&self, error: io::Error) {
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Whether all was written.
    pub(crate) fn finish(&self) -> Outcome {
        match self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(Failure::Unusable(format!("cannot write the output: {error}"))),
            None => Ok(()),
        }
    }
}

fn has_value(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// How a part of a line looks, by what it says.
#[derive(Clone, Copy, Debug)]
enum Style {
    Plain,
    /// A name or a heading.
    Strong,
    /// Of less interest.
    Faint,
    Right,
    Doubtful,
    Wrong,
}

/// A line of parts. Text alone is a line, too: `output.line("…")`.
#[derive(Debug, Default)]
pub(crate) struct Line(Vec<(Style, String)>);

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn plain(self, text: impl Display) -> Self {
        self.with(Style::Plain, &text)
    }

    /// A name or a heading.
    pub(crate) fn strong(self, text: impl Display) -> Self {
        self.with(Style::Strong, &text)
    }

    /// What is of less interest.
    pub(crate) fn faint(self, text: impl Display) -> Self {
        self.with(Style::Faint, &text)
    }

    pub(crate) fn right(self, text: impl Display) -> Self {
        self.with(Style::Right, &text)
    }

    pub(crate) fn doubtful(self, text: impl Display) -> Self {
        self.with(Style::Doubtful, &text)
    }

    pub(crate) fn wrong(self, text: impl Display) -> Self {
        self.with(Style::Wrong, &text)
    }

    fn with(mut self, style: Style, text: &dyn Display) -> Self {
        self.0.push((style, text.to_string()));
        self
    }

    fn shown(&self, color: bool) -> String {
        let parts = self.0.iter().map(|(style, text)| {
            let text = clean(text);
            match style.code().filter(|_| color && !text.is_empty()) {
                Some(code) => Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m")),
                None => text,
            }
        });
        parts.collect()
    }
}

impl Style {
    /// The parameter of the terminal's command.
    fn code(self) -> Option<u8> {
        match self {
            Self::Plain => None,
            Self::Strong => Some(1),
            Self::Faint => Some(2),
            Self::Right => Some(32),
            Self::Doubtful => Some(33),
            Self::Wrong => Some(31),
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

/// A string that is signed, with its line feeds visible.
pub(crate) fn print_string(output: &Output, title: &str, text: &str) {
    output.line("");
    let feeds = if text.contains('\n') { " (`\\n` is a line feed)" } else { "" };
    output.line(Line::new().strong(title).faint(feeds));
    let visible = text.replace('\r', "\\r").replace('\n', "\\n\n");
    for line in visible.lines() {
        output.line(line);
    }
}
