//! `cargo xtask generate`.

use std::path::Path;

use alipay_codegen::{Options, Output, elsewhere::Shared, re_export::re_export};
use alipay_openapi::{
    diag::{Sink, clean},
    overlay,
};
use similar::TextDiff;

use crate::{
    cli,
    crates::{self, Owner},
    files::{self, Difference},
    given::{self, Given},
    hold::Hold,
    manifest::{Entry, Manifest},
    outcome::{Failure, Outcome},
    outside::Place,
    summary,
    terminal::{complain, report, report_all, say},
};

/// How many differing files `--check` shows.
const SHOWN_FILES: usize = 5;
/// How many lines of each.
const SHOWN_LINES: usize = 60;
/// Longer commands have a line for each option.
const LINE: usize = 100;
/// The table of operations, which a crate keeps when its items come from another.
const TABLE: &str = "OPERATIONS.md";

/// Generates the crates of the manifest, or one crate outside it.
pub(crate) fn run(root: &Path, options: &cli::Generate) -> Outcome {
    match &options.name {
        Some(name) => one_off(root, name, options),
        None => manifest(root, options),
    }
}

/// Holds the folder in which files are written, or would be.
fn hold(folder: &Path, root: &Path, options: &cli::Generate) -> Result<Hold, Failure> {
    if options.check || options.dry_run {
        Hold::to_read(folder, root)
    } else {
        Hold::to_write(folder, root)
    }
}

fn manifest(root: &Path, options: &cli::Generate) -> Outcome {
    let hold = hold(root, root, options)?;
    let manifest = Manifest::read(root)?;
    let entries: Vec<Entry> = if options.crates.is_empty() {
        manifest.entries()?
    } else {
        options.crates.iter().map(|name| known(&manifest, name)).collect::<Result<_, _>>()?
    };
    if entries.is_empty() {
        return Err(Failure::Unusable(
            "spec/crates.toml has no crate; `cargo xtask import` adds one".to_owned(),
        ));
    }
    // Everything is generated before anything is written: one bad description changes nothing.
    let mut differences = Vec::new();
    let mut failed = false;
    let mut left_out = Vec::new();
    for mut entry in entries {
        entry.ignored_extensions.extend_from_slice(&options.ignored.extensions);
        match generate_entry(root, &manifest, &entry) {
            Ok(output) => {
                let lock = crates::lock_of(root, &entry.name);
                let contract = output.tests.get(crates::CONTRACT).cloned();
                left_out.push((entry.name.clone(), output.left_out.clone()));
                let mut change = crates::change(root, &root.join(&entry.name), lock, output)?;
                if let (Some(path), Some(contract)) = (&entry.contract, contract) {
                    change.file(root.join(path), contract);
                }
                differences.push((entry.name, change.difference(root)?));
            }
            // The errors of the other descriptions are wanted too.
            Err(Failure::Found) => failed = true,
            Err(unusable) => return Err(unusable),
        }
    }
    if failed {
        return Err(Failure::Found);
    }
    finish(root, &hold, &differences, options)?;
    for (name, left_out) in &left_out {
        summary::left_out(name, left_out);
    }
    Ok(())
}

/// Writes the crates, or says how they differ.
fn finish(
    root: &Path,
    hold: &Hold,
    crates: &[(String, Difference)],
    options: &cli::Generate,
) -> Outcome {
    if options.check {
        let advice = match options.name {
            Some(_) => "run the same command without --check",
            None => "run `cargo xtask generate` and commit",
        };
        let drift = crates.iter().filter(|(_, difference)| !difference.is_empty());
        let count = drift.inspect(|(name, files)| print_drift(root, name, files, advice)).count();
        if count > 0 {
            return Err(Failure::Found);
        }
        // On standard output is the difference, which scripts read.
        for (name, difference) in crates {
            complain(&summary::up_to_date(name, difference));
        }
        return Ok(());
    }
    let (folder, owner) = match &options.name {
        Some(_) => (hold.folder(), Owner::Files),
        None => (root, Owner::Manifest),
    };
    for (_, difference) in crates {
        crates::refuse_foreign(folder, difference, owner, root)?;
    }
    if !options.dry_run {
        let all: Vec<_> = crates.iter().map(|(_, difference)| difference).collect();
        hold.write(&all, root)?;
    }
    for (name, difference) in crates {
        summary::print(name, difference, root, options.dry_run);
    }
    Ok(())
}

fn known(manifest: &Manifest, name: &str) -> Result<Entry, Failure> {
    manifest
        .find(name)?
        .ok_or_else(|| Failure::Unusable(format!("spec/crates.toml has no crate `{name}`")))
}

/// A crate of the manifest.
fn generate_entry(root: &Path, manifest: &Manifest, entry: &Entry) -> Result<Output, Failure> {
    let mut output = generate_own(root, manifest, entry)?;
    let Some(other) = &entry.re_exports else { return Ok(output) };
    let larger = known(manifest, other)?;
    if larger.re_exports.is_some() {
        return Err(Failure::Unusable(format!(
            "spec/crates.toml: `{other}` is a re-export itself"
        )));
    }
    let larger = generate_own(root, manifest, &larger)?;
    let files = re_export(&output, other, &larger).map_err(|findings| {
        report(&findings);
        Failure::Found
    })?;
    output.files.retain(|path, _| path == TABLE);
    output.files.extend(files);
    Ok(output)
}

/// A crate of the manifest with items of its own.
fn generate_own(root: &Path, manifest: &Manifest, entry: &Entry) -> Result<Output, Failure> {
    let description = Given::of_crate(root, &entry.name)?.description;
    let shared = match description.overlay.as_ref().and_then(overlay::shares) {
        Some(package) => Some(shared(root, &known(manifest, &package)?)?),
        None => None,
    };
    let lock = crates::names(&crates::lock_of(root, &entry.name), &root.join(&entry.name), root)?;
    let (description, options) = crates::asked(entry, description);
    crates::generate(&description, &Options { lock, shared, ..options })
}

/// A crate with which another shares types. It shares none itself.
fn shared(root: &Path, entry: &Entry) -> Result<Shared, Failure> {
    let description = Given::of_crate(root, &entry.name)?.description;
    if description.shared.is_some() {
        return Err(Failure::Unusable(format!(
            "spec/{0}/overlay.yaml: a crate whose types are shared has no `x-shares` itself",
            entry.name
        )));
    }
    let lock = crates::names(&crates::lock_of(root, &entry.name), &root.join(&entry.name), root)?;
    let (description, options) = crates::asked(entry, description);
    let output = alipay_codegen::generate(&description, &Options { lock, ..options });
    let output = output.map_err(|findings| {
        report(&findings);
        Failure::Found
    })?;
    let Output { lock, public_api, .. } = output;
    Ok(Shared { package: entry.name.clone(), lock, public_api })
}

/// A complete crate outside the manifest.
fn one_off(root: &Path, name: &str, options: &cli::Generate) -> Outcome {
    let Some(out) = &options.out else {
        return Err(Failure::Unusable("--name needs --out DIR".to_owned()));
    };
    if options.tags.is_empty() && !options.all_tags {
        return Err(Failure::Unusable(
            "say which tags: --tag TAG (several times if need be) or --all-tags".to_owned(),
        ));
    }
    crates::check_name(name)?;
    let place = Place::chosen(out, root)?;
    let out = &place.folder;
    let hold = hold(out, root, options)?;
    crates::check_folder(out, name, root)?;
    place.check_core(options.core_path.as_deref(), root)?;
    let lock = out.join("names.lock");
    let overlay = options.overlay.as_ref().map(|path| files::input(path, root)).transpose()?;
    let folder = options.overlay.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut sink = Sink::new();
    let given = Given::of_file_or_all(options.from.as_deref(), root, &mut sink)?;
    report_all(sink);
    let description = given
        .description
        .shared(given::shared(overlay.as_ref(), folder, root)?)
        .overlay(overlay)
        .tags(&options.tags)
        .ignoring(&options.ignored.extensions)
        .skipping_unsupported(options.skip_unsupported);
    let asked = Options {
        lock: crates::names(&lock, out, root)?,
        prefix: options.prefix.clone(),
        scaffold: Some(place.scaffold(
            options.core_path.as_deref(),
            command(&place, name, options),
            root,
        )?),
        ..Options::new(name)
    };
    let mut output = crates::generate(&description, &asked)?;
    let left_out = output.left_out.clone();
    let is_new = crates::is_new(out, root)?;
    place.add_versions(&mut output, root)?;
    let difference = crates::change(root, out, lock, output)?.difference(root)?;
    finish(root, &hold, &[(name.to_owned(), difference)], options)?;
    summary::left_out(name, &left_out);
    if is_new && !options.check && !options.dry_run {
        begin(&place, name, root);
    }
    Ok(())
}

/// The command that makes a crate outside again. It names no folder but the crate's, from the workspace: others
/// have theirs elsewhere.
fn command(place: &Place, name: &str, options: &cli::Generate) -> String {
    let file = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut given: Vec<(&str, String)> = Vec::new();
    given.extend(options.from.as_deref().map(|path| ("--from", file(path))));
    given.extend(options.overlay.as_deref().map(|path| ("--overlay", file(path))));
    given.extend(options.tags.iter().map(|tag| ("--tag", tag.clone())));
    given.extend(options.prefix.iter().map(|prefix| ("--prefix", prefix.clone())));
    let ignored = &options.ignored.extensions;
    given.extend(ignored.iter().map(|name| ("--ignore-extension", name.clone())));
    given.push(("--name", name.to_owned()));
    given.push(("--out", place.way_from_workspace().display().to_string()));
    let flags =
        [("--all-tags", options.all_tags), ("--skip-unsupported", options.skip_unsupported)];
    let flags = flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned());
    let given = given.iter().map(|(option, value)| format!("{option} {}", quoted(value)));
    let parts = ["cargo xtask generate".to_owned()].into_iter().chain(flags).chain(given);
    let parts: Vec<_> = parts.collect();
    let line = parts.join(" ");
    if line.len() <= LINE { line } else { parts.join(" \\\n    ") }
}

/// An argument as a shell takes it, on one line.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@+".contains(c);
    if argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    let shown = clean(argument).replace(['\n', '\r'], " ");
    format!("'{}'", shown.replace('\'', r"'\''"))
}

/// How to go on with a crate outside that was made just now.
fn begin(place: &Place, name: &str, root: &Path) {
    if let Some((others, folder)) = place.in_others() {
        say(&format!(
            "next: in {}, add `{}` to `workspace.members`, or let a member depend on `{name}`; then \
             `cargo test -p {name} --all-features` there",
            others.join("Cargo.toml").display(),
            folder.display()
        ));
    } else {
        say(&format!(
            "next: in {}, `cargo run --all-features --example first_call`; its README says more",
            files::shown(&place.folder, root)
        ));
    }
}

fn print_drift(root: &Path, name: &str, difference: &Difference, advice: &str) {
    let changed = difference
        .written
        .iter()
        .map(|(path, old, new)| (path, old.as_deref().unwrap_or(""), new.as_str()));
    let gone = difference.removed.iter().map(|(path, old)| (path, old.as_str(), ""));
    for (path, old, new) in changed.chain(gone).take(SHOWN_FILES) {
        let file = files::shown(path, root);
        let diff = TextDiff::from_lines(old, new);
        let text = diff
            .unified_diff()
            .context_radius(3)
            .header(&file, &format!("{file} (generated)"))
            .to_string();
        let mut lines = text.lines();
        for line in lines.by_ref().take(SHOWN_LINES) {
            say(line);
        }
        let rest = lines.count();
        if rest > 0 {
            say(&format!("… {rest} more lines"));
        }
    }
    let total = difference.written.len() + difference.removed.len();
    if total > SHOWN_FILES {
        say(&format!("… and {} more files", total - SHOWN_FILES));
    }
    complain(&format!(
        "error: {name} is not what its description generates ({total} files differ); {advice}"
    ));
}
