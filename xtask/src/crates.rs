//! What a generated crate consists of, and where its files go.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use alipay_codegen::{Options, Output};
use alipay_openapi::{
    Description,
    diag::{clean, quote},
    load::Source,
};

use crate::{
    files::{self, Change, Difference},
    manifest::{self, Entry},
    members,
    outcome::{Failure, Outcome},
    summary, terminal,
};

/// Names of crates and folders of this workspace, of crates that generated crates and the programs around them
/// depend on, and names that Rust, cargo or Windows keep for themselves.
const TAKEN_NAMES: &[&str] = &[
    "alipay",
    "alipay-benches",
    "alipay-cli",
    "alipay-codegen",
    "alipay-constructs",
    "alipay-core",
    "alipay-fuzz",
    "alipay-fuzz-checks",
    "alipay-long-runs",
    "alipay-mock",
    "alipay-openapi",
    "alloc",
    "aux",
    "benches",
    "bytes",
    "codegen",
    "con",
    "core",
    "docs",
    "fuzz",
    "http",
    "long-runs",
    "nul",
    "openapi",
    "prn",
    "proc-macro",
    "reqwest",
    "serde",
    "spec",
    "std",
    "target",
    "test",
    "tokio",
    "xtask",
];

/// What the local gateway has to know of a crate's description.
pub(crate) const CONTRACT: &str = "contract.json";

/// Runs the generator and prints what it found.
pub(crate) fn generate(description: &Description, options: &Options) -> Result<Output, Failure> {
    match alipay_codegen::generate(description, options) {
        Ok(mut output) => {
            terminal::report(&output.warnings);
            // People look at JSON as they look at a terminal; everything else is escaped already.
            for (path, text) in &mut output.tests {
                if Path::new(path).extension().is_some_and(|kind| kind == "json") {
                    *text = clean(text).into_owned();
                }
            }
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
    let description = description
        .tags(&entry.tags)
        .ignoring(&entry.ignored_extensions)
        .skipping_unsupported(entry.skip_unsupported);
    (description, options)
}

/// The files of a crate, which stands in `krate` and whose names are locked in `lock`.
pub(crate) fn change(
    root: &Path,
    krate: &Path,
    lock: PathBuf,
    output: Output,
) -> Result<Change, Failure> {
    let mut change = Change::default();
    // Once there is a crate, its scaffold is its owner's, who may also have removed some of it.
    let scaffold = if is_new(krate, root)? { output.scaffold } else { BTreeMap::new() };
    for (path, text) in scaffold {
        let path = krate.join(path);
        let is_rust = path.extension().is_some_and(|kind| kind == "rs");
        let text = if is_rust { formatted(files::existing(krate), &text) } else { text };
        if !files::is_there(&path, root)? {
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

/// Whether there is no crate in a folder yet.
pub(crate) fn is_new(krate: &Path, root: &Path) -> Result<bool, Failure> {
    Ok(!files::is_there(&krate.join("Cargo.toml"), root)?)
}

/// The names that a crate had. Without them nothing notices that one changes, which is said of a crate that
/// there is.
pub(crate) fn names(lock: &Path, krate: &Path, root: &Path) -> Result<Option<Source>, Failure> {
    let source = files::read_if_exists(lock, root)?;
    let is_name = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    let problem = match &source {
        None => "is missing",
        Some(source) if !source.text.lines().any(is_name) => "has no names",
        Some(_) => return Ok(source),
    };
    if files::is_there(&krate.join("src/generated"), root)? {
        terminal::complain(&format!(
            "warning: {} {problem}: whatever Rust names change in this run goes unnoticed",
            files::shown(lock, root)
        ));
    }
    Ok(source)
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

/// A new file, laid out as its folder has it. Without rustfmt it is only less pretty.
fn formatted(folder: &Path, text: &str) -> String {
    let run = || -> io::Result<process::Output> {
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2024"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // Dropped at once, so that rustfmt sees the end. It prints nothing before.
        rustfmt.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()))?;
        rustfmt.wait_with_output()
    };
    let output = run().ok().filter(|output| output.status.success());
    let formatted = output.and_then(|output| String::from_utf8(output.stdout).ok());
    formatted.filter(|text| !text.is_empty()).unwrap_or_else(|| text.to_owned())
}

/// A crate goes into a new or empty folder, or into one that the generator has made for it.
pub(crate) fn check_folder(folder: &Path, name: &str, root: &Path) -> Outcome {
    let shown = files::shown(folder, root);
    let Some(manifest) = files::read_if_exists(&folder.join("Cargo.toml"), root)? else {
        let is_empty = match fs::read_dir(folder) {
            // A repository that was just made, too.
            Ok(all) => all.flatten().all(|entry| entry.file_name() == ".git"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(files::unusable("cannot list", &shown, &error)),
        };
        return if is_empty {
            Ok(())
        } else {
            Err(Failure::Unusable(format!(
                "{shown} is not empty, and holds no crate; give a new or empty folder"
            )))
        };
    };
    match members::package_of(&manifest)? {
        Some(own) if own == name => {}
        own => {
            return Err(Failure::Unusable(format!(
                "{shown} holds {}, and not `{name}`; give another folder",
                own.map_or_else(|| "a workspace".to_owned(), |own| format!("the crate `{own}`"))
            )));
        }
    }
    let marked = |file: &str| -> Result<bool, Failure> {
        let source = files::read_if_exists(&folder.join(file), root)?;
        Ok(source.is_some_and(|source| is_marked(&source.text)))
    };
    if marked("src/generated/mod.rs")? || marked("names.lock")? {
        return Ok(());
    }
    Err(Failure::Unusable(format!(
        "{shown} holds a crate `{name}` that was not generated (neither src/generated/mod.rs nor names.lock is \
         the generator's); give a new or empty folder"
    )))
}

/// Who says that the files at the generator's paths are its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The manifest of this workspace: what is damaged there is repaired.
    Manifest,
    /// Nobody but the files themselves.
    Files,
}

/// Refuses to replace or to remove what the generator did not write, and to write through links.
pub(crate) fn refuse_foreign(
    base: &Path,
    difference: &Difference,
    owner: Owner,
    root: &Path,
) -> Outcome {
    for path in difference.paths().chain(difference.owned.iter().map(PathBuf::as_path)) {
        let inside = |folder: &&Path| {
            difference.owned.iter().any(|own| folder.starts_with(own) && *folder != own)
        };
        let above = path.ancestors().take_while(|folder| *folder != base);
        // Links inside a folder of the generator are replaced, and not followed.
        for folder in above.filter(|folder| !inside(folder)) {
            if folder.is_symlink() {
                return Err(Failure::Unusable(format!(
                    "{} is a link, and the generator writes through none; put a folder or a file in its place",
                    files::shown(folder, root)
                )));
            }
        }
    }
    let replaced = difference.written.iter().filter(|_| owner == Owner::Files);
    // `Cargo.toml` is its owner's, and gets new features only.
    let replaced = replaced.filter(|(path, ..)| !path.ends_with("Cargo.toml"));
    let replaced = replaced.filter_map(|(path, old, _)| Some((path, old.as_ref()?)));
    let removed = difference.removed.iter().map(|(path, old)| (path, old));
    let foreign = removed.chain(replaced).filter(|(path, old)| !is_own(path, old));
    let foreign: Vec<_> = foreign.map(|(path, _)| files::shown(path, root)).collect();
    match foreign.as_slice() {
        [] => Ok(()),
        [file] => Err(Failure::Unusable(format!(
            "{file} is in the generator's way, and is not its own (it has no line `{MARK}`); move it elsewhere"
        ))),
        files => Err(Failure::Unusable(format!(
            "{} files are in the generator's way, and are not its own (they have no line `{MARK}`); move them \
             elsewhere: {}",
            files.len(),
            files.join(", ")
        ))),
    }
}

/// What the first line of a generated file says.
const MARK: &str = "@generated by `cargo xtask generate`";
/// The same of `names.lock` and `public-api.txt`.
const WRITTEN: &str = "Written by the generator";

fn is_marked(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(MARK) || line.contains(WRITTEN))
}

/// Whether the generator wrote a file with this text.
fn is_own(path: &Path, text: &str) -> bool {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match file {
        "names.lock" | summary::PUBLIC_API => text.trim().is_empty() || is_marked(text),
        _ if files::is_old_staging(path) => true,
        // JSON has no comments: it belongs to the code of the same name.
        _ if path.extension().is_some_and(|kind| kind == "json") => {
            let code = if file == CONTRACT {
                path.with_file_name("main.rs")
            } else {
                path.with_extension("rs")
            };
            fs::read_to_string(code).is_ok_and(|code| is_marked(&code))
        }
        _ => is_marked(text),
    }
}

pub(crate) fn check_name(name: &str) -> Outcome {
    if !manifest::is_crate_name(name) {
        return Err(Failure::Unusable(format!(
            "{} is not a crate name (a-z, 0-9, -, _)",
            quote(name)
        )));
    }
    let taken = TAKEN_NAMES.contains(&name.replace('_', "-").as_str());
    if taken || alipay_codegen::names::reserved::is_keyword(name) || name.contains("--") {
        return Err(Failure::Unusable(format!(
            "no crate can be called `{name}`: Rust, cargo or the crate's own code has taken the name"
        )));
    }
    Ok(())
}
