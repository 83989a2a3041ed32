//! `cargo xtask diff`.

use std::{collections::BTreeSet, path::Path};

use alipay_codegen::diff::{Accepted, Compared, Format, Rating, Report, diff, render};
use alipay_openapi::{
    Description,
    diag::{Diagnostic, Sink, did_you_mean},
    import,
    load::Source,
    retained,
};

use crate::{
    cli, files,
    given::{self, Given},
    manifest::{Entry, Manifest},
    outcome::{Failure, Outcome},
    terminal::{self, report_all, say},
};

/// Compares two descriptions.
pub(crate) fn run(root: &Path, options: &cli::Diff) -> Outcome {
    let mut old = Given::find(&options.old, root)?;
    let mut new = Given::find(&options.new, root)?;
    let given = options.overlay.as_ref().map(|path| files::read(path, root)).transpose()?;
    let tags = tags(root, options, &old, &new)?;
    if !options.tags.is_empty() {
        check_tags(&options.tags, &old.description, &new.description)?;
    }
    // Nothing is inferred where people have said what they know.
    let curated = old.is_curated() || new.is_curated();
    if !curated {
        let mut sink = Sink::new();
        old = old.with_inferred(root, &mut sink)?;
        new = new.with_inferred(root, &mut sink)?;
        report_all(sink);
    }
    // A file of Alipay's is compared as the crate would see it after a refresh.
    lend(&new, &mut old, given.as_ref());
    lend(&old, &mut new, given.as_ref());
    if new.crate_name.is_none() && old.crate_name.is_some() {
        let mut sink = Sink::new();
        let kept = given::kept(
            Some(&old.description.base),
            old.description.retained.as_ref(),
            &new.description.base,
            &tags,
            &mut sink,
        );
        let failed = sink.has_errors();
        report_all(sink);
        let Some(kept) = kept.filter(|_| !failed) else { return Err(Failure::Found) };
        let record = retained::render(&kept.pieces);
        new.description.retained =
            Some(Source::new("retained.yaml (as a refresh would write it)", record));
    }
    let mut entry = entry(root, &old, &new)?.unwrap_or_default();
    entry.ignored_extensions.extend_from_slice(&options.ignored.extensions);
    let [before, after] = [&old, &new].map(|side| compared(&side.description, &tags, &entry));
    let mut report = diff(&before, &after).map_err(|findings| {
        terminal::report(&findings);
        Failure::Found
    })?;
    terminal::report(&report.warnings);
    let accepted = match &options.accept {
        Some(path) => Some(files::read(path, root)?),
        None => new.accepted,
    };
    if let Some(accepted) = accepted {
        accept(&accepted, &mut report)?;
    }
    let format = match options.format {
        cli::DiffFormat::Text if terminal::shows_all() => Format::TextOfEach,
        cli::DiffFormat::Text => Format::Text,
        cli::DiffFormat::Markdown => Format::Markdown,
        cli::DiffFormat::Json => Format::Json,
    };
    say(render(&report, format).trim_end());
    let fails = match options.fail_on {
        None => false,
        Some(cli::FailOn::Breaking) => report.worst_open() >= Some(Rating::Breaking),
        Some(cli::FailOn::Risky) => report.worst_open() >= Some(Rating::Risky),
        Some(cli::FailOn::Any) => report.worst_open().is_some(),
    };
    if fails { Err(Failure::Found) } else { Ok(()) }
}

/// Gives a description that is a file what belongs to the other side.
fn lend(from: &Given, to: &mut Given, given: Option<&Source>) {
    if to.crate_name.is_none() {
        let overlay = &mut to.description.overlay;
        *overlay = overlay.take().or_else(|| given.or(from.description.overlay.as_ref()).cloned());
    }
}

fn tags(
    root: &Path,
    options: &cli::Diff,
    old: &Given,
    new: &Given,
) -> Result<Vec<String>, Failure> {
    if !options.tags.is_empty() {
        return Ok(options.tags.clone());
    }
    Ok(entry(root, old, new)?.map(|entry| entry.tags).unwrap_or_default())
}

/// The crate that one of the two belongs to.
fn entry(root: &Path, old: &Given, new: &Given) -> Result<Option<Entry>, Failure> {
    match new.crate_name.as_ref().or(old.crate_name.as_ref()) {
        Some(name) => Manifest::of(root, name),
        None => Ok(None),
    }
}

/// A tag that was asked for is one of at least one of the two.
fn check_tags(asked: &[String], old: &Description, new: &Description) -> Outcome {
    // What cannot be read is reported by the comparison.
    let (Some(old), Some(new)) = (known_tags(old), known_tags(new)) else { return Ok(()) };
    let known: BTreeSet<&str> = old.union(&new).map(String::as_str).collect();
    match asked.iter().find(|tag| !known.contains(tag.as_str())) {
        None => Ok(()),
        Some(tag) => {
            let near = did_you_mean(tag, known);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Err(Failure::Unusable(format!(
                "no operation of the two descriptions has the tag `{tag}`{hint}"
            )))
        }
    }
}

/// The tags that operations of a description have, with those that are retained; `None` if it cannot be read.
fn known_tags(description: &Description) -> Option<BTreeSet<String>> {
    let raw = description.raw(&mut Sink::new())?;
    Some(import::tags(&raw).into_iter().map(|tag| tag.tag).collect())
}

fn compared(description: &Description, tags: &[String], entry: &Entry) -> Compared {
    let description = description
        .clone()
        .tags(tags)
        .ignoring(&entry.ignored_extensions)
        .skipping_unsupported(entry.skip_unsupported);
    Compared { description, prefix: entry.prefix.clone() }
}

fn accept(list: &Source, report: &mut Report) -> Outcome {
    let mut sink = Sink::new();
    let accepted = Accepted::read(list, &mut sink);
    let failed = sink.has_errors();
    for stale in accepted.apply(report) {
        let message = format!("`{}` accepts nothing: there is no such change", stale.fingerprint);
        sink.push(
            Diagnostic::warning("stale-acceptance", message)
                .at(Some(stale.location))
                .hint("delete the line"),
        );
    }
    report_all(sink);
    if failed { Err(Failure::Found) } else { Ok(()) }
}
