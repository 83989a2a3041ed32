//! `cargo xtask import`.

use std::path::{Path, PathBuf};

use alipay_codegen::{Options, Scaffold, names};
use alipay_openapi::{
    Description, Strictness, contract,
    diag::{Diagnostic, Sink, clean},
    import::{self, ImportOptions, Imported, check_age},
    infer,
    load::{Raw, Source, load},
    retained::{self, Piece},
};

use crate::{
    cli,
    crates::{self, Owner},
    files::{self, Change},
    given::{self, Given},
    hold::Hold,
    manifest::{Entry, Manifest},
    members,
    outcome::{Failure, Outcome},
    summary,
    terminal::{complain, report, report_all, say},
};

/// What follows from the base of all groups: the table of all operations, and the contract of them for the local
/// gateway. `generate` does not write them: it would have to read all of that base each time.
const CATALOGUE: &str = "alipay-core/src/catalogue/table.rs";
const CONTRACT: &str = "alipay-mock/src/contract/alipay.json";

/// Makes or refreshes the base of a crate, or that of all groups.
pub(crate) fn run(root: &Path, options: &cli::Import) -> Outcome {
    let hold = Hold::to_write(root, root)?;
    match &options.name {
        Some(name) => of_crate(root, &hold, name, options),
        None => of_all(root, &hold, options),
    }
}

/// Makes or refreshes the base of all groups, and what follows from it.
fn of_all(root: &Path, hold: &Hold, options: &cli::Import) -> Outcome {
    let raw = read(root, options)?;
    let imported = imported(&raw, &[], options)?;
    let folder = format!("spec/{}", given::ALL);
    refuse_part(root, &folder, &imported, options)?;
    let counts = format!("{}, {} bytes", counts(&folder, &imported), imported.yaml.len());
    let mut sink = Sink::new();
    let inferred = given::inferred(&raw, root, &mut sink)?;
    let [base, layer] = [given::BASE, given::INFERRED].map(|file| root.join(&folder).join(file));
    let new = Source::new(files::shown(&base, root), imported.yaml);
    if let Some(old) = files::read_if_exists(&base, root)? {
        check_age(&old, &new, &mut sink);
    }
    report_all(sink);
    let mut change = Change::default();
    change.file(base, new.text.clone());
    let layer = match inferred.overlay {
        Some(overlay) => {
            change.file(layer.clone(), overlay.clone());
            Some(Source::new(files::shown(&layer, root), overlay))
        }
        // A base has no texts: what was inferred from them stays.
        None => files::read_if_exists(&layer, root)?,
    };
    let api = Description::new(new).inferred(layer).api();
    if let Ok(api) = &api {
        change.file(root.join(CATALOGUE), alipay_codegen::catalogue(api));
        change.file(root.join(CONTRACT), clean(&contract::contract(api)).into_owned());
    }
    let difference = change.difference(root)?;
    hold.write(&[&difference], root)?;
    if let Err(findings) = api {
        report(&findings);
        complain(&format!(
            "error: the base is in {folder}, but {CATALOGUE} and {CONTRACT} are as they were, since the base \
             cannot be understood; `git checkout {folder}` brings back the earlier one"
        ));
        return Err(Failure::Found);
    }
    if difference.is_empty() {
        say(&format!("{counts}, unchanged"));
    } else {
        say(&counts);
        for found in &inferred.found {
            say(&format!(
                "  inferred by {}: {}, {} with an example, {} left out for theirs",
                found.rule, found.places, found.examples, found.misfits
            ));
        }
        say(&format!(
            "next: `cargo xtask diff HEAD:{folder} {folder}`, `cargo xtask lint {folder}`"
        ));
    }
    Ok(())
}

/// Reads the file that is imported.
fn read(root: &Path, options: &cli::Import) -> Result<Raw, Failure> {
    let mut sink = Sink::new();
    let raw = load(&files::input(&options.from, root)?, &mut sink);
    report_all(sink);
    raw.ok_or(Failure::Found)
}

/// Refuses a description with less than half of the operations that the base of all groups has: it is another one,
/// such as the base of a crate.
fn refuse_part(root: &Path, folder: &str, new: &Imported, options: &cli::Import) -> Outcome {
    let base = root.join(folder).join(given::BASE);
    let Some(old) = files::read_if_exists(&base, root)? else { return Ok(()) };
    // A base that cannot be read is no loss.
    let Some(old) = load(&old, &mut Sink::new()) else { return Ok(()) };
    let count = import::count(&old);
    if new.operations * 2 >= count {
        return Ok(());
    }
    Err(Failure::Unusable(format!(
        "{} has {} operations, and {} has {count}: it does not describe all groups; where that is meant, remove the \
         latter first",
        files::shown(&options.from, root),
        new.operations,
        files::shown(&base, root),
    )))
}

/// Cuts the tags (all, when there are none) out of Alipay's file.
fn imported(raw: &Raw, tags: &[String], options: &cli::Import) -> Result<Imported, Failure> {
    let mut sink = Sink::new();
    let how = ImportOptions { with_prose: options.with_prose };
    let imported = import::import(raw, tags, how, &mut sink);
    report_all(sink);
    imported.ok_or(Failure::Found)
}

fn of_crate(root: &Path, hold: &Hold, name: &str, options: &cli::Import) -> Outcome {
    let manifest = Manifest::read(root)?;
    let known = manifest.find(name)?;
    let tags = match (&known, options.tags.as_slice()) {
        (Some(entry), []) => entry.tags.clone(),
        (None, []) => {
            return Err(Failure::Unusable(format!(
                "`{name}` is not in spec/crates.toml yet: say which tags it is made from with --tag TAG \
                 (`cargo xtask tags FILE` lists them)"
            )));
        }
        (_, tags) => tags.to_vec(),
    };
    crates::check_name(name)?;
    let prefix = prefix(known.as_ref(), &tags, options)?;
    let raw = read(root, options)?;
    let imported = imported(&raw, &tags, options)?;
    let inferred = spec(root, name, given::INFERRED);
    // Of a crate whose people have said all, it may have been deleted.
    let inferred = if known.is_none() || files::is_there(&inferred, root)? {
        inferred_of(root, &options.from, &raw, &imported)?
    } else {
        None
    };
    let entry = match &known {
        Some(entry) => Entry { tags, prefix, ..entry.clone() },
        None => {
            let ignored_extensions = options.ignored.extensions.clone();
            Entry { name: name.to_owned(), tags, prefix, ignored_extensions, ..Entry::default() }
        }
    };
    match known {
        Some(_) => refresh(root, hold, manifest, &entry, imported, inferred),
        None => add(root, hold, manifest, &entry, imported, inferred),
    }
}

/// What is inferred of the operations that were cut out of a file.
fn inferred_of(
    root: &Path,
    from: &Path,
    raw: &Raw,
    imported: &Imported,
) -> Result<Option<String>, Failure> {
    let mut sink = Sink::new();
    let layer = given::layer(from, raw, root, &mut sink)?;
    let part = Source::new(given::BASE, imported.yaml.as_str());
    let overlay = layer.and_then(|layer| infer::within(&layer, &part, &mut sink));
    if report_all(sink) { Ok(overlay) } else { Err(Failure::Found) }
}

/// The prefix of the crate: what was said, what the crate has, or, for a new one of several tags, what
/// they share. Tags that have no place below it are refused before anything is written.
fn prefix(
    known: Option<&Entry>,
    tags: &[String],
    options: &cli::Import,
) -> Result<Option<String>, Failure> {
    let several = tags.len() > 1;
    let prefix = match (&options.prefix, known) {
        (Some(said), Some(entry)) if *said != entry.module_prefix() => {
            return Err(Failure::Unusable(format!(
                "the modules of `{}` stand below `{}`; another --prefix would move them all",
                entry.name,
                entry.module_prefix()
            )));
        }
        (Some(said), _) => Some(said.clone()),
        (None, Some(entry)) if entry.tags == tags => entry.prefix.clone(),
        (None, Some(entry)) => Some(entry.module_prefix()),
        (None, None) if several => Some(names::prefix(tags.iter().map(String::as_str))),
        (None, None) => None,
    };
    if let Some(prefix) = &prefix {
        for tag in tags {
            if names::segments(tag, prefix, !several).is_none() {
                let finding = names::outside(tag, prefix);
                let advice = finding.hint.unwrap_or_default();
                return Err(Failure::Unusable(format!("{}: {advice}", finding.message)));
            }
        }
    }
    Ok(prefix)
}

fn spec(root: &Path, name: &str, file: &str) -> PathBuf {
    root.join("spec").join(name).join(file)
}

/// A new base for a crate that there is: what it lacks is recorded.
fn refresh(
    root: &Path,
    hold: &Hold,
    mut manifest: Manifest,
    entry: &Entry,
    imported: Imported,
    inferred: Option<String>,
) -> Outcome {
    let counts = counts(&entry.name, &imported);
    let base = spec(root, &entry.name, given::BASE);
    let record = spec(root, &entry.name, "retained.yaml");
    let new = Source::new(files::shown(&base, root), imported.yaml);
    let mut sink = Sink::new();
    given::check_readable(root, &entry.name, &mut sink)?;
    if !report_all(std::mem::take(&mut sink)) {
        return Err(Failure::Found);
    }
    let old = files::read_if_exists(&base, root)?;
    if let Some(old) = &old {
        check_age(old, &new, &mut sink);
    }
    let before = files::read_if_exists(&record, root)?;
    let kept = given::kept(old.as_ref(), before.as_ref(), &new, &entry.tags, &mut sink);
    let failed = sink.has_errors();
    report_all(sink);
    let Some(kept) = kept.filter(|_| !failed) else { return Err(Failure::Found) };
    manifest.set(entry);
    let mut change = Change::default();
    if kept.pieces.is_empty() {
        change.gone(record);
    } else {
        change.file(record, retained::render(&kept.pieces));
    }
    change.file(base, new.text);
    let own = spec(root, &entry.name, given::INFERRED);
    match inferred {
        Some(inferred) => change.file(own, inferred),
        None => change.gone(own),
    }
    change.file(root.join("spec/crates.toml"), manifest.text());
    let difference = change.difference(root)?;
    hold.write(&[&difference], root)?;
    let unchanged = if difference.is_empty() { ", unchanged" } else { "" };
    say(&format!("{counts}{unchanged}"));
    // Schemas are kept for the sake of the others only.
    for piece in kept.new.iter().filter(|piece| !piece.is_schema()) {
        say(&format!("  - {}: dropped by Alipay; stays, deprecated", piece.describe()));
    }
    for (piece, name) in &kept.renamed {
        say(&format!(
            "  - {}: renamed `{name}` by Alipay; keeps its name in Rust",
            piece.describe()
        ));
    }
    for (field, operation) in &kept.lost {
        say(&format!(
            "  - `{field}` of the request of `{operation}`: dropped by Alipay, and cannot stay, since the \
             request has no place for it: this breaks its users"
        ));
    }
    if difference.is_empty() {
        return Ok(());
    }
    overlay_notes(root, entry, &kept.new)?;
    say(&format!(
        "next: `cargo xtask diff HEAD:spec/{0} spec/{0}`, extend spec/{0}/overlay.yaml, `cargo xtask generate`",
        entry.name
    ));
    Ok(())
}

fn counts(name: &str, imported: &Imported) -> String {
    format!(
        "{name}: {} operations, {} schemas, {} properties",
        imported.operations, imported.schemas, imported.properties
    )
}

/// Says which actions of the overlay no longer fit, and which refine only what has gone.
fn overlay_notes(root: &Path, entry: &Entry, gone: &[Piece]) -> Outcome {
    let given = Given::of_crate(root, &entry.name)?;
    let mut sink = Sink::new();
    let document = given.description.document(Strictness::WhatFits, &mut sink);
    let mut sink = sink.errors_as_warnings();
    if let Some(document) = document {
        for piece in gone {
            if let Some(location) = document.refinement(&piece.pointer()) {
                let message = format!("this refines {}, which has gone", piece.describe());
                sink.push(
                    Diagnostic::warning("refines-retained", message)
                        .at(Some(location))
                        .pointer(&piece.pointer())
                        .hint("if it was renamed, refine the new one in the same way"),
                );
            }
        }
    }
    report_all(sink);
    Ok(())
}

/// A new crate: base, scaffold, generated code, as a member of the workspace.
fn add(
    root: &Path,
    hold: &Hold,
    mut manifest: Manifest,
    entry: &Entry,
    imported: Imported,
    inferred: Option<String>,
) -> Outcome {
    let counts = counts(&entry.name, &imported);
    let base = spec(root, &entry.name, given::BASE);
    let own = spec(root, &entry.name, given::INFERRED);
    let inferred = inferred.map(|text| Source::new(files::shown(&own, root), text));
    let overlay = files::input_if_exists(&spec(root, &entry.name, "overlay.yaml"), root)?;
    let folder = root.join("spec").join(&entry.name);
    let description = Description::new(Source::new(files::shown(&base, root), imported.yaml))
        .inferred(inferred.clone())
        .shared(given::shared(overlay.as_ref(), &folder, root)?)
        .overlay(overlay);
    let text = description.base.text.clone();
    let (description, options) = crates::asked(entry, description);
    let options = Options { scaffold: Some(Scaffold::Member), ..options };
    let Ok(output) = crates::generate(&description, &options) else {
        let mut change = Change::default();
        change.file(base, text);
        if let Some(inferred) = inferred {
            change.file(own, inferred.text);
        }
        hold.write(&[&change.difference(root)?], root)?;
        complain(&format!(
            "error: the base is in spec/{0}, but no crate can be generated from it yet; refine it in \
             spec/{0}/overlay.yaml, then import again",
            entry.name
        ));
        return Err(Failure::Found);
    };
    let krate = root.join(&entry.name);
    crates::check_folder(&krate, &entry.name, root)?;
    let mut change = crates::change(root, &krate, crates::lock_of(root, &entry.name), output)?;
    change.file(base, text);
    if let Some(inferred) = inferred {
        change.file(own, inferred.text);
    }
    manifest.set(entry);
    change.file(root.join("spec/crates.toml"), manifest.text());
    if let Some(workspace) = members::with(root, &entry.name)? {
        change.file(root.join("Cargo.toml"), workspace);
    }
    let difference = change.difference(root)?;
    crates::refuse_foreign(root, &difference, Owner::Manifest, root)?;
    hold.write(&[&difference], root)?;
    say(&counts);
    summary::print(&entry.name, &difference, root, false);
    say(&format!(
        "next: `cargo test -p {0}`, then say in spec/{0}/overlay.yaml what is known beyond the base",
        entry.name
    ));
    Ok(())
}
