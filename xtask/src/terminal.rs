//! What is printed, to whom. Names of a description are in all of it; what a terminal would take for a command
//! is printed as an escape.

use std::{
    borrow::Cow,
    io::{self, Write as _},
};

use alipay_openapi::diag::{Diagnostics, Sink, is_command};

/// Prints a line, if anybody still reads: who closes a pipe early has seen enough.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{}", clean(line));
}

/// Prints a line to standard error, if anybody still reads.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(line));
}

/// Prints findings to standard error.
pub(crate) fn report(findings: &Diagnostics) {
    if !findings.is_empty() {
        complain(&findings.to_string());
    }
}

/// Prints the findings of a sink to standard error. Says whether there is no error among them.
pub(crate) fn report_all(sink: Sink) -> bool {
    let good = !sink.has_errors();
    report(&sink.finish());
    good
}

/// A name of the input on one line.
pub(crate) fn inline(name: &str) -> Cow<'_, str> {
    escape(name, is_command)
}

/// Lines without characters that a terminal obeys. The escapes are those of JSON, so that JSON stays what it is.
pub(crate) fn clean(lines: &str) -> Cow<'_, str> {
    escape(lines, |c| is_command(c) && !matches!(c, '\n' | '\t'))
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let escaped = text
        .chars()
        .map(|c| if hidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() });
    Cow::Owned(escaped.collect())
}
