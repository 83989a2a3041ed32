//! `cargo xtask lint`, and the printing of findings.

use std::io::{self, Write as _};

use alipay_openapi::Description;
use alipay_openapi::diag::{Diagnostics, Sink};

use crate::{Failure, Outcome, cli, files};

/// Lists what is wrong, or worth a look, in a description.
pub(crate) fn run(options: &cli::Lint) -> Outcome {
    let root = files::workspace_root();
    let base = files::read(&options.file, &root)?;
    let overlay = options.overlay.as_ref().map(|path| files::read(path, &root)).transpose()?;
    let beside = options.file.with_file_name("retained.yaml");
    let retained = files::read_if_exists(&beside, &root)?;
    let findings =
        alipay_codegen::check(&Description::new(base).overlay(overlay).retained(retained));
    match options.format {
        cli::Format::Text => eprint_all(&findings),
        cli::Format::Json => {
            for finding in findings.iter() {
                let line = serde_json::to_string(finding).map_err(|error| {
                    Failure::Unusable(format!("cannot print a finding: {error}"))
                })?;
                files::say(&line);
            }
        }
    }
    if findings.has_errors() { Err(Failure::Found) } else { Ok(()) }
}

/// Prints the findings of a sink to standard error.
pub(crate) fn report(sink: Sink) {
    eprint_all(&sink.finish());
}

/// Prints findings to standard error.
pub(crate) fn eprint_all(findings: &Diagnostics) {
    if !findings.is_empty() {
        // Nobody may be reading any more.
        let _ = writeln!(io::stderr(), "{findings}");
    }
}
