//! What a generated crate consists of, and where its files go.

use std::path::{Path, PathBuf};

use alipay_codegen::{Options, Output, Scaffold};
use alipay_openapi::Description;

use crate::{
    files::{self, Change},
    manifest::Entry,
    members,
    outcome::{Failure, Outcome},
    summary, terminal,
};

/// Names of crates and folders of this workspace, of crates that generated crates depend on, and names that
/// cargo keeps for itself.
const TAKEN_NAMES: &[&str] = &[
    "alipay-benches",
    "alipay-codegen",
    "alipay-constructs",
    "alipay-core",
    "alipay-mock",
    "alipay-openapi",
    "alloc",
    "benches",
    "codegen",
    "core",
    "docs",
    "openapi",
    "serde",
    "spec",
    "std",
    "target",
    "test",
    "tokio",
    "xtask",
];

/// Runs the generator and prints what it found.
pub(crate) fn generate(description: &Description, options: &Options) -> Result<Output, Failure> {
    match alipay_codegen::generate(description, options) {
        Ok(output) => {
            terminal::report(&output.warnings);
            Ok(output)
        }
        Err(findings) => {
            terminal::report(&findings);
            Err(Failure::Found)
        }
    }
}

/// What a crate of the manifest is generated from, but for the names it had.
pub(crate) fn asked(entry: &Entry, description: Description) -> (Description, Options) {
    let options = Options {
        prefix: entry.prefix.clone(),
        change: format!("spec/{}/overlay.yaml", entry.name),
        ..Options::new(&entry.name)
    };
    let description = description.tags(&entry.tags).ignoring(&entry.ignored_extensions);
    (if entry.skip_unsupported { description.skipping_unsupported() } else { description }, options)
}

/// The files of a crate, which stands in `krate` and whose names are locked in `lock`.
pub(crate) fn change(
    root: &Path,
    krate: &Path,
    lock: PathBuf,
    output: Output,
) -> Result<Change, Failure> {
    let mut change = Change::default();
    for (path, text) in output.scaffold {
        let path = krate.join(path);
        // The scaffold of a crate is its owner's once it exists.
        if !path.exists() {
            change.file(path, text);
        }
    }
    add_features(&mut change, krate, root, &output.features)?;
    for (folder, files) in [("src/generated", output.files), ("tests/generated", output.tests)] {
        let folder = krate.join(folder);
        for (path, text) in files {
            change.file(folder.join(path), text);
        }
        // The two folders are the generator's alone.
        change.own(folder);
    }
    change.file(lock, output.lock);
    change.file(krate.join(summary::PUBLIC_API), output.public_api);
    Ok(change)
}

/// Where the names of a crate of the manifest are locked.
pub(crate) fn lock_of(root: &Path, name: &str) -> PathBuf {
    root.join("spec").join(name).join("names.lock")
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
    let manifest = files::read_if_exists(&full.join("Cargo.toml"), root)?;
    let package = manifest.as_ref().map(members::package_of).transpose()?.flatten();
    if package.as_deref() != Some("alipay-core") {
        return Err(Failure::Unusable(format!("{} is not the crate alipay-core", path.display())));
    }
    utf8(&full)
}

fn utf8(path: &Path) -> Result<String, Failure> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::Unusable(format!("{} is not UTF-8", path.display())))
}

/// A crate outside the workspace goes into a new or empty folder, or into one that is its own.
pub(crate) fn check_folder(folder: &Path, name: &str, root: &Path) -> Outcome {
    let shown = files::shown(folder, root);
    let Some(manifest) = files::read_if_exists(&folder.join("Cargo.toml"), root)? else {
        let is_empty = std::fs::read_dir(folder).map_or(true, |mut all| all.next().is_none());
        return if is_empty {
            Ok(())
        } else {
            Err(Failure::Unusable(format!(
                "{shown} is not empty, and holds no crate; give --out a new or empty folder"
            )))
        };
    };
    match members::package_of(&manifest)? {
        Some(own) if own == name => Ok(()),
        own => Err(Failure::Unusable(format!(
            "{shown} holds {}, and not `{name}`; give --out another folder",
            own.map_or_else(|| "a workspace".to_owned(), |own| format!("the crate `{own}`"))
        ))),
    }
}

pub(crate) fn check_name(name: &str) -> Outcome {
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
