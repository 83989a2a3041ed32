//! `cargo xtask lint` and `cargo xtask tags`: the commands that only look at a description.

use std::{collections::BTreeSet, path::Path};

use alipay_openapi::{diag::Sink, import, infer};

use crate::{
    cli, files,
    given::{self, Given},
    manifest::Manifest,
    outcome::{Failure, Outcome},
    terminal::{inline, report, report_all, say},
};

/// Lists what is wrong, or worth a look, in a description.
pub(crate) fn lint(root: &Path, options: &cli::Lint) -> Outcome {
    let given = Given::find(&options.file, root)?.with_inferred(root)?;
    let Given { mut description, crate_name, .. } = given;
    if let Some(path) = &options.overlay {
        let overlay = files::input(path, root)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let shared = given::shared(Some(&overlay), folder, root)?;
        description = description.shared(shared).overlay(Some(overlay));
    }
    if let Some(name) = crate_name
        && let Some(entry) = Manifest::of(root, &name)?
    {
        description = description.ignoring(entry.ignored_extensions);
    }
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
pub(crate) fn tags(root: &Path, options: &cli::Tags) -> Outcome {
    let given = Given::find_or_all(options.file.as_deref(), root)?.with_inferred(root)?;
    let curated = curated(root)?;
    let mut sink = Sink::new();
    let raw = given.description.raw(&mut sink);
    let inferred = match (&raw, &given.description.inferred) {
        (Some(raw), Some(overlay)) => infer::tags(raw, overlay, &mut sink),
        _ => Some(BTreeSet::new()),
    };
    let good = report_all(sink);
    let (Some(raw), Some(inferred), true) = (raw, inferred, good) else {
        return Err(Failure::Found);
    };
    let tags = import::tags(&raw);
    let names: Vec<_> = tags.iter().map(|tag| inline(&tag.tag)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("tag".len());
    say(&format!("{:width$}  operations  schemas  known", "tag"));
    for (tag, name) in tags.iter().zip(&names) {
        let known = if curated.contains(&tag.tag) {
            "curated"
        } else if inferred.contains(&tag.tag) {
            "inferred"
        } else {
            "bare"
        };
        say(&format!("{name:width$}  {:>10}  {:>7}  {known}", tag.operations, tag.schemas));
    }
    Ok(())
}

/// The tags of which people have said what they know: those of the crates of the manifest.
fn curated(root: &Path) -> Result<BTreeSet<String>, Failure> {
    let entries = Manifest::read_if_exists(root)?.map(|manifest| manifest.entries()).transpose()?;
    Ok(entries.into_iter().flatten().flat_map(|entry| entry.tags).collect())
}
