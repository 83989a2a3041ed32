//! `cargo xtask lint` and `cargo xtask tags`: the commands that only look at a description.

use std::{collections::BTreeSet, path::Path};

use alipay_openapi::{
    diag::{Diagnostics, Sink, codes::CODES, did_you_mean, inline, quote},
    import, infer, lint,
};

use crate::{
    cli, files,
    given::{self, Given},
    manifest::Manifest,
    outcome::{Failure, Outcome},
    terminal::{complain, list, numbers, report_all, say, total},
};

/// Lists what is wrong, or worth a look, in a description.
pub(crate) fn lint(root: &Path, options: &cli::Lint) -> Outcome {
    check_rules(&options.only)?;
    let mut sink = Sink::new();
    let given = Given::find(&options.file, root)?.with_inferred(root, &mut sink)?;
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
    alipay_codegen::check(&description).into_iter().for_each(|finding| sink.push(finding));
    let findings = sink.finish();
    let has_errors = findings.has_errors();
    let (shown, others) = asked_for(findings, &options.only);
    match options.format {
        cli::Format::Text => {
            list(&shown);
            complain(&summary(options, &shown, &others));
        }
        cli::Format::Json => {
            for finding in shown.iter() {
                let line = serde_json::to_string(finding).map_err(|error| {
                    Failure::Unusable(format!("cannot print a finding: {error}"))
                })?;
                say(&line);
            }
            // Programs count themselves, but nothing else says why the command fails.
            if others.has_errors() {
                complain(&summary(options, &shown, &others));
            }
        }
    }
    if has_errors { Err(Failure::Found) } else { Ok(()) }
}

/// Refuses rules that there are not.
fn check_rules(asked: &[String]) -> Outcome {
    let known = || CODES.iter().map(|(code, _)| *code);
    let Some(unknown) = asked.iter().find(|rule| !known().any(|code| code == rule.as_str())) else {
        return Ok(());
    };
    let near = did_you_mean(unknown, known());
    let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
    let rules: Vec<_> = lint::rules().map(|(rule, _)| rule).collect();
    Err(Failure::Unusable(format!(
        "there is no rule {}{near}; the rules are {}, and any other code of a finding can be given",
        quote(unknown),
        rules.join(", ")
    )))
}

/// The findings of the rules asked for (all, when there are none), and the others.
fn asked_for(findings: Diagnostics, only: &[String]) -> (Diagnostics, Diagnostics) {
    let (mut shown, mut others) = (Sink::new(), Sink::new());
    for finding in findings {
        let is_asked = only.is_empty() || only.iter().any(|rule| rule == finding.code);
        if is_asked { &mut shown } else { &mut others }.push(finding);
    }
    (shown.finish(), others.finish())
}

/// How many findings there are of which rules.
fn summary(options: &cli::Lint, shown: &Diagnostics, others: &Diagnostics) -> String {
    let found = if !shown.is_empty() {
        total(shown)
    } else if options.only.is_empty() {
        let count = lint::rules().count();
        format!("{}: no errors, and nothing found by {count} rules", options.file)
    } else {
        format!("{}: nothing found by {}", options.file, options.only.join(", "))
    };
    if others.is_empty() {
        found
    } else {
        format!("{found}; not shown, of other rules: {}", numbers(others))
    }
}

/// Lists the tags of a description.
pub(crate) fn tags(root: &Path, options: &cli::Tags) -> Outcome {
    let mut sink = Sink::new();
    let given =
        Given::find_or_all(options.file.as_deref(), root)?.with_inferred(root, &mut sink)?;
    let curated = curated(root)?;
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
