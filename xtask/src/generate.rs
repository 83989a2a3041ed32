//! `cargo xtask generate`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alipay_codegen::{Options, Output, Scaffold, re_export};
use alipay_openapi::Description;
use similar::TextDiff;

use crate::{
    Failure, Outcome, cli,
    files::{self, Change, Difference},
    given::Given,
    lint,
    manifest::{Entry, Manifest},
    members, summary,
};

/// How many differing files `--check` shows.
const SHOWN_FILES: usize = 5;
/// The table of operations, which a crate keeps when its items come from another.
const TABLE: &str = "OPERATIONS.md";
/// Names of crates that generated crates depend on, or that cargo keeps for itself.
const TAKEN_NAMES: &[&str] =
    &["alipay-core", "alipay-mock", "serde", "std", "core", "alloc", "test", "tokio"];
/// How many lines of each.
const SHOWN_LINES: usize = 60;

/// Generates the crates of the manifest, or one crate outside it.
pub(crate) fn run(root: &Path, options: &cli::Generate) -> Outcome {
    match &options.from {
        Some(from) => one_off(root, from, options),
        None => manifest(root, options),
    }
}

fn manifest(root: &Path, options: &cli::Generate) -> Outcome {
    let manifest = Manifest::read(root)?;
    let entries = if options.crates.is_empty() {
        manifest.entries()?
    } else {
        options.crates.iter().map(|name| known(&manifest, name)).collect::<Result<_, _>>()?
    };
    // Everything is generated before anything is written: one bad description changes nothing.
    let mut outcomes = Vec::new();
    let mut failed = false;
    for entry in entries {
        match generate_entry(root, &entry)? {
            Some(change) => outcomes.push((entry, change.difference(root)?)),
            None => failed = true,
        }
    }
    if failed {
        return Err(Failure::Found);
    }
    if options.check {
        let drift: Vec<_> =
            outcomes.iter().filter(|(_, difference)| !difference.is_empty()).collect();
        for (entry, difference) in &drift {
            print_drift(root, &entry.name, difference);
        }
        return if drift.is_empty() { Ok(()) } else { Err(Failure::Found) };
    }
    for (entry, difference) in &outcomes {
        if !options.dry_run {
            difference.apply(root)?;
        }
        summary::print(&entry.name, difference, root, options.dry_run);
    }
    Ok(())
}

fn known(manifest: &Manifest, name: &str) -> Result<Entry, Failure> {
    manifest
        .find(name)?
        .ok_or_else(|| Failure::Unusable(format!("spec/crates.toml has no crate `{name}`")))
}

/// The files of a crate of the manifest; none when its description has errors, which are printed.
pub(crate) fn generate_entry(root: &Path, entry: &Entry) -> Result<Option<Change>, Failure> {
    let lock =
        files::read_if_exists(&root.join("spec").join(&entry.name).join("names.lock"), root)?;
    let (description, options) = inputs(entry, Given::of_crate(root, &entry.name)?.description);
    let options = Options { lock, ..options };
    let Some(mut output) = generate(&description, &options) else { return Ok(None) };
    if let Some(other) = &entry.re_exports {
        let Some(files) = re_export(root, &output, other)? else { return Ok(None) };
        output.files.retain(|path, _| path == TABLE);
        output.files.extend(files);
    }
    files_of(root, entry, output).map(Some)
}

/// The files of a crate that has become part of another; none when that lacks something.
fn re_export(
    root: &Path,
    own: &Output,
    other: &str,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let entry = known(&Manifest::read(root)?, other)?;
    if entry.re_exports.is_some() {
        return Err(Failure::Unusable(format!(
            "spec/crates.toml: `{other}` is a re-export itself"
        )));
    }
    let lock = files::read_if_exists(&root.join("spec").join(other).join("names.lock"), root)?;
    let (description, options) = inputs(&entry, Given::of_crate(root, other)?.description);
    let options = Options { lock, ..options };
    let Some(other_output) = generate(&description, &options) else { return Ok(None) };
    re_export::re_export(own, other, &other_output).map(Some).or_else(|findings| {
        lint::eprint_all(&findings);
        Ok(None)
    })
}

/// What a crate of the manifest is generated from, but for the names it had.
pub(crate) fn inputs(entry: &Entry, description: Description) -> (Description, Options) {
    let options = Options {
        prefix: entry.prefix.clone(),
        change: format!("spec/{}/overlay.yaml", entry.name),
        described_in: Some(format!("../../../spec/{}", entry.name)),
        ..Options::new(&entry.name)
    };
    (description.tags(&entry.tags), options)
}

/// Where a crate's files go.
pub(crate) fn files_of(root: &Path, entry: &Entry, output: Output) -> Result<Change, Failure> {
    let mut change = Change::default();
    let krate = root.join(&entry.name);
    add_features(&mut change, &krate, root, &output.features)?;
    generated(&krate, output.files, output.tests, &mut change);
    change.file(root.join("spec").join(&entry.name).join("names.lock"), output.lock);
    change.file(krate.join(summary::LISTING), output.public_api);
    Ok(change)
}

/// The features of new groups are added to the manifest of a crate that there is.
fn add_features(change: &mut Change, krate: &Path, root: &Path, features: &[String]) -> Outcome {
    let path = krate.join("Cargo.toml");
    if let Some(manifest) = files::read_if_exists(&path, root)?
        && let Some(text) = members::with_features(&manifest, features)?
    {
        change.file(path, text);
    }
    Ok(())
}

/// The files below the two folders that are the generator's alone.
pub(crate) fn generated(
    krate: &Path,
    files: BTreeMap<String, String>,
    tests: BTreeMap<String, String>,
    change: &mut Change,
) {
    for (folder, files) in [("src/generated", files), ("tests/generated", tests)] {
        let folder = krate.join(folder);
        for (path, text) in files {
            change.file(folder.join(path), text);
        }
        change.own(folder);
    }
}

/// Runs the generator and prints what it found.
pub(crate) fn generate(description: &Description, options: &Options) -> Option<Output> {
    match alipay_codegen::generate(description, options) {
        Ok(output) => {
            lint::eprint_all(&output.warnings);
            Some(output)
        }
        Err(findings) => {
            lint::eprint_all(&findings);
            None
        }
    }
}

/// A complete crate from a description outside the manifest.
fn one_off(root: &Path, from: &Path, options: &cli::Generate) -> Outcome {
    let (Some(name), Some(out)) = (&options.name, &options.out) else {
        return Err(Failure::Unusable("--from needs --name CRATE and --out DIR".to_owned()));
    };
    if options.tags.is_empty() && !options.all_tags {
        return Err(Failure::Unusable(
            "say which tags: --tag TAG (several times if need be) or --all-tags".to_owned(),
        ));
    }
    check_crate_name(name)?;
    let lock = out.join("names.lock");
    let overlay = options.overlay.as_ref().map(|path| files::read(path, root)).transpose()?;
    let description =
        Description::new(files::read(from, root)?).overlay(overlay).tags(&options.tags);
    let asked = Options {
        lock: files::read_if_exists(&lock, root)?,
        prefix: options.prefix.clone(),
        scaffold: Some(alone(root, options.core_path.as_deref())?),
        ..Options::new(name)
    };
    let Some(output) = generate(&description, &asked) else { return Err(Failure::Found) };
    let mut change = Change::default();
    for (path, text) in output.scaffold {
        let path = out.join(path);
        // The scaffold of a crate is its owner's once it exists.
        if !path.exists() {
            change.file(path, text);
        }
    }
    add_features(&mut change, out, root, &output.features)?;
    generated(out, output.files, output.tests, &mut change);
    change.file(lock, output.lock);
    change.file(out.join(summary::LISTING), output.public_api);
    let difference = change.difference(root)?;
    if options.check {
        if difference.is_empty() {
            return Ok(());
        }
        print_drift(root, name, &difference);
        return Err(Failure::Found);
    }
    if !options.dry_run {
        difference.apply(root)?;
    }
    summary::print(name, &difference, root, options.dry_run);
    Ok(())
}

/// The scaffold of a crate outside the workspace.
pub(crate) fn alone(root: &Path, core_path: Option<&Path>) -> Result<Scaffold, Failure> {
    let core_path = self::core_path(root, core_path)?;
    let mock_path = mock_path(root, &core_path)?;
    Ok(Scaffold::Alone { core_path, mock_path })
}

/// The gateway beside the runtime; where there is none, that of this workspace.
fn mock_path(root: &Path, core: &str) -> Result<String, Failure> {
    let beside = Path::new(core).with_file_name("alipay-mock");
    let path = if beside.exists() { beside } else { root.join("alipay-mock") };
    utf8(&path)
}

fn core_path(root: &Path, given: Option<&Path>) -> Result<String, Failure> {
    let path = given.map_or_else(|| root.join("alipay-core"), PathBuf::from);
    let full = std::fs::canonicalize(&path).map_err(|error| {
        Failure::Unusable(format!("cannot find alipay-core at {}: {error}", path.display()))
    })?;
    utf8(&full)
}

fn utf8(path: &Path) -> Result<String, Failure> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::Unusable(format!("{} is not UTF-8", path.display())))
}

pub(crate) fn check_crate_name(name: &str) -> Outcome {
    let good = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if !good {
        return Err(Failure::Unusable(format!("`{name}` is not a crate name (a-z, 0-9, -, _)")));
    }
    let taken = TAKEN_NAMES.contains(&name.replace('_', "-").as_str());
    if taken || alipay_codegen::names::reserved::is_keyword(name) || name.contains("--") {
        return Err(Failure::Unusable(format!(
            "no crate can be called `{name}`: Rust, cargo or the crate's own code has taken the name"
        )));
    }
    Ok(())
}

fn print_drift(root: &Path, name: &str, difference: &Difference) {
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
            files::say(line);
        }
        let rest = lines.count();
        if rest > 0 {
            files::say(&format!("… {rest} more lines"));
        }
    }
    let total = difference.written.len() + difference.removed.len();
    if total > SHOWN_FILES {
        files::say(&format!("… and {} more files", total - SHOWN_FILES));
    }
    eprintln!(
        "error: {name} is not what its description generates ({total} files differ); run `cargo xtask generate` and commit"
    );
}
