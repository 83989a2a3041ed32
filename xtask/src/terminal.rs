//! What is printed, to whom.

use std::io::{self, Write as _};

use alipay_openapi::diag::{Diagnostics, Sink};

/// Prints a line, if anybody still reads: who closes a pipe early has seen enough.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints findings to standard error, if anybody still reads.
pub(crate) fn report(findings: &Diagnostics) {
    if !findings.is_empty() {
        let _ = writeln!(io::stderr(), "{findings}");
    }
}

/// Prints the findings of a sink to standard error. Says whether there is no error among them.
pub(crate) fn report_all(sink: Sink) -> bool {
    let good = !sink.has_errors();
    report(&sink.finish());
    good
}
