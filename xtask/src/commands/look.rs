//! `cargo xtask lint` and `cargo xtask tags`: the commands that only look at a description.

use alipay_openapi::{Description, diag::Sink, import, load::load};

use crate::{
    cli, files,
    outcome::{Failure, Outcome},
    terminal::{inline, report, report_all, say},
};

/// Lists what is wrong, or worth a look, in a description.
pub(crate) fn lint(options: &cli::Lint) -> Outcome {
    let root = files::workspace_root();
    let base = files::input(&options.file, &root)?;
    let overlay = options.overlay.as_ref().map(|path| files::input(path, &root)).transpose()?;
    let beside = options.file.with_file_name("retained.yaml");
    let retained = files::read_if_exists(&beside, &root)?;
    let description = Description::new(base).overlay(overlay).retained(retained);
    let description = description.tags(&options.tags).ignoring(&options.ignored.extensions);
    let findings = alipay_codegen::check(&description);
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
    let source = files::input(&options.file, &files::workspace_root())?;
    let mut sink = Sink::new();
    let raw = load(&source, &mut sink);
    report_all(sink);
    let Some(raw) = raw else { return Err(Failure::Found) };
    let tags = import::tags(&raw);
    let names: Vec<_> = tags.iter().map(|tag| inline(&tag.tag)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("tag".len());
    say(&format!("{:width$}  operations  schemas", "tag"));
    for (tag, name) in tags.iter().zip(&names) {
        say(&format!("{name:width$}  {:>10}  {:>7}", tag.operations, tag.schemas));
    }
    Ok(())
}
