//! `cargo xtask lint` and `cargo xtask tags`: the commands that only look at a description.

use std::path::Path;

use alipay_openapi::{Description, diag::Sink, import, load::load};

use crate::{
    cli, files, given,
    outcome::{Failure, Outcome},
    terminal::{report, report_all, say},
};

/// Lists what is wrong, or worth a look, in a description.
pub(crate) fn lint(options: &cli::Lint) -> Outcome {
    let root = files::workspace_root();
    let base = files::read(&options.file, &root)?;
    let overlay = options.overlay.as_ref().map(|path| files::read(path, &root)).transpose()?;
    let folder = options.overlay.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let shared = given::shared(overlay.as_ref(), folder, &root)?;
    let beside = options.file.with_file_name("retained.yaml");
    let retained = files::read_if_exists(&beside, &root)?;
    let description = Description::new(base).shared(shared).overlay(overlay).retained(retained);
    let findings = alipay_codegen::check(&description.tags(&options.tags));
    match options.format {
        cli::Format::Text => report(&findings),
        cli::Format::Json => {
            for finding in findings.iter() {
                let line = serde_json::to_string(finding).map_err(|error| {
                    Failure::Unusable(format!("cannot print a finding: {error}"))
                })?;
                say(&line);
            }
        }
    }
    if findings.has_errors() { Err(Failure::Found) } else { Ok(()) }
}

/// Lists the tags of a description.
pub(crate) fn tags(options: &cli::Tags) -> Outcome {
    let source = files::read(&options.file, &files::workspace_root())?;
    let mut sink = Sink::new();
    let raw = load(&source, &mut sink);
    report_all(sink);
    let Some(raw) = raw else { return Err(Failure::Found) };
    let tags = import::tags(&raw);
    let width = tags.iter().map(|tag| tag.tag.len()).max().unwrap_or(0).max("tag".len());
    say(&format!("{:width$}  operations  schemas", "tag"));
    for tag in &tags {
        say(&format!("{:width$}  {:>10}  {:>7}", tag.tag, tag.operations, tag.schemas));
    }
    Ok(())
}
