//! Finding a description: a file, a folder of `spec`, or either of them in git.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use alipay_codegen::names::lock::Lock;
use alipay_openapi::{
    Description,
    diag::{Diagnostic, Location, Sink},
    infer::{Inferred, infer},
    load::{Raw, Source, load, parse},
    overlay,
    pointer::Pointer,
    retained,
};
use serde_json::Value;

use crate::{
    files,
    hold::refuse_interrupted,
    outcome::{Failure, Outcome},
};

/// The folder of `spec` with the base of all groups. It is that of no crate.
pub(crate) const ALL: &str = "alipay";
/// The files of a spec folder.
pub(crate) const BASE: &str = "openapi.yaml";
/// What is inferred from Alipay's texts.
pub(crate) const INFERRED: &str = "inferred.yaml";
/// The table of the fields that a third-party client insists on.
const REQUIRED: &str = "required-secondary.tsv";
const OVERLAY: &str = "overlay.yaml";
const RETAINED: &str = "retained.yaml";
const ACCEPTED: &str = "accepted.txt";
const LOCK: &str = "names.lock";

/// A description that was given by its place, with what belongs to it.
pub(crate) struct Given {
    pub(crate) description: Description,
    pub(crate) accepted: Option<Source>,
    /// The name of the crate, when the description is a spec folder.
    pub(crate) crate_name: Option<String>,
    /// Whether the description is a file alone.
    is_file: bool,
}

impl Given {
    /// Reads the spec folder of a crate.
    pub(crate) fn of_crate(root: &Path, name: &str) -> Result<Self, Failure> {
        Self::folder(&root.join("spec").join(name), root)
    }

    /// Reads the base of all groups.
    fn of_all(root: &Path) -> Result<Self, Failure> {
        let folder = root.join("spec").join(ALL);
        if !files::is_there(&folder.join(BASE), root)? {
            return Err(Failure::Unusable(format!(
                "there is no spec/{ALL}/{BASE}: name a description (--from FILE), or make it with \
                 `cargo xtask import --from FILE --all-tags`"
            )));
        }
        Self::folder(&folder, root)
    }

    /// Reads Alipay's file; where none is given, the base of all groups.
    ///
    /// Warnings about what is inferred of the file go to `sink`.
    pub(crate) fn of_file_or_all(
        file: Option<&Path>,
        root: &Path,
        sink: &mut Sink,
    ) -> Result<Self, Failure> {
        match file {
            Some(file) => Self::file(file, root)?.with_inferred(root, sink),
            None => Self::of_all(root),
        }
    }

    /// Finds what `given` means; where nothing is given, the base of all groups.
    pub(crate) fn find_or_all(given: Option<&str>, root: &Path) -> Result<Self, Failure> {
        given.map_or_else(|| Self::of_all(root), |given| Self::find(given, root))
    }

    /// Finds what `given` means.
    pub(crate) fn find(given: &str, root: &Path) -> Result<Self, Failure> {
        let mut found = None;
        for path in [PathBuf::from(given), root.join(given)] {
            if found.is_none() && files::is_there(&path, root)? {
                found = Some(path);
            }
        }
        match found {
            Some(path) if path.is_dir() => Self::folder(&path, root),
            Some(path) => Self::file(&path, root),
            None => match given.split_once(':') {
                Some((revision, path)) if !revision.is_empty() => {
                    Self::in_git(revision, path.trim_end_matches('/'), root)
                }
                _ => Err(Failure::Unusable(format!(
                    "cannot find `{given}`: it is neither a file, nor a folder with {BASE}, nor \
                     REVISION:PATH as in HEAD:spec/alipay-voucher"
                ))),
            },
        }
    }

    fn alone(base: Source) -> Self {
        let description = Description::new(base);
        Self { description, accepted: None, crate_name: None, is_file: true }
    }

    /// A file. What was inferred from the texts that a base lacks stands beside it.
    fn file(path: &Path, root: &Path) -> Result<Self, Failure> {
        let mut given = Self::alone(files::input(path, root)?);
        given.description.inferred = beside(path, root)?;
        Ok(given)
    }

    /// The same, with what the texts of a file say. Warnings about that go to `sink`.
    pub(crate) fn with_inferred(mut self, root: &Path, sink: &mut Sink) -> Result<Self, Failure> {
        // What is wrong with the file is found when it is read.
        if self.is_file
            && self.description.inferred.is_none()
            && let Some(raw) = load(&self.description.base, &mut Sink::new())
        {
            self.description.inferred = in_memory(&self.description.base.name, &raw, root, sink)?;
        }
        Ok(self)
    }

    /// Whether people have said what they know, and nothing is inferred.
    pub(crate) fn is_curated(&self) -> bool {
        !self.is_file && self.description.inferred.is_none()
    }

    fn folder(folder: &Path, root: &Path) -> Result<Self, Failure> {
        refuse_interrupted(root, root)?;
        let beside = |name: &str| files::read_if_exists(&folder.join(name), root);
        let old = folder.join("removed.yaml");
        if files::is_there(&old, root)? {
            let shown = files::shown(&old, root);
            return Err(Failure::Unusable(format!("{shown} is called {RETAINED} now: rename it")));
        }
        let overlay = files::input_if_exists(&folder.join(OVERLAY), root)?;
        Ok(Self {
            description: Description::new(files::input(&folder.join(BASE), root)?)
                .inferred(beside(INFERRED)?)
                .shared(shared(overlay.as_ref(), folder, root)?)
                .overlay(overlay)
                .retained(beside(RETAINED)?),
            accepted: beside(ACCEPTED)?,
            crate_name: crate_name(folder.file_name().and_then(|name| name.to_str())),
            is_file: false,
        })
    }

    fn in_git(revision: &str, path: &str, root: &Path) -> Result<Self, Failure> {
        let commit =
            git(root, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
        if commit.is_none() {
            return Err(Failure::Unusable(format!("git knows no revision `{revision}`")));
        }
        // `./` is the workspace, wherever in the repository it is.
        let show = |path: &str| -> Result<Option<Source>, Failure> {
            let text = git(root, &["show", &format!("{revision}:./{path}")])?;
            let source = text.map(|text| Source::new(format!("{revision}:{path}"), text));
            source.map(files::not_empty).transpose()
        };
        let kind = git(root, &["cat-file", "-t", &format!("{revision}:./{path}")])?;
        match kind.as_deref().map(str::trim) {
            Some("blob") => match show(path)? {
                Some(base) => Ok(Self::alone(base)),
                None => Err(absent(revision, path)),
            },
            Some("tree") => {
                let beside = |name: &str| show(&format!("{path}/{name}"));
                let overlay = beside(OVERLAY)?;
                let shared = match overlay.as_ref().and_then(overlay::shares) {
                    Some(name) => {
                        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
                        let path = format!("{above}/{name}/{OVERLAY}");
                        let path = path.trim_start_matches('/');
                        Some(show(path)?.ok_or_else(|| absent(revision, path))?)
                    }
                    None => None,
                };
                Ok(Self {
                    description: Description::new(
                        beside(BASE)?.ok_or_else(|| absent(revision, &format!("{path}/{BASE}")))?,
                    )
                    .inferred(beside(INFERRED)?)
                    .shared(shared)
                    .overlay(overlay)
                    .retained(beside(RETAINED)?),
                    accepted: beside(ACCEPTED)?,
                    crate_name: crate_name(path.rsplit('/').next()),
                    is_file: false,
                })
            }
            _ => Err(absent(revision, path)),
        }
    }
}

/// What the texts of a description say, and the table of required fields.
pub(crate) fn inferred(raw: &Raw, root: &Path, sink: &mut Sink) -> Result<Inferred, Failure> {
    let table = files::read_if_exists(&root.join("spec").join(ALL).join(REQUIRED), root)?;
    Ok(infer(raw, table.as_ref(), sink))
}

/// What is inferred of a file: what stands beside it, or what its texts say.
pub(crate) fn layer(
    file: &Path,
    raw: &Raw,
    root: &Path,
    sink: &mut Sink,
) -> Result<Option<Source>, Failure> {
    match beside(file, root)? {
        Some(layer) => Ok(Some(layer)),
        None => in_memory(&files::shown(file, root), raw, root, sink),
    }
}

/// What was inferred from the texts that the base in a file lacks.
fn beside(file: &Path, root: &Path) -> Result<Option<Source>, Failure> {
    files::read_if_exists(&file.with_file_name(INFERRED), root)
}

fn in_memory(
    name: &str,
    raw: &Raw,
    root: &Path,
    sink: &mut Sink,
) -> Result<Option<Source>, Failure> {
    let mut own = Sink::new();
    let overlay = inferred(raw, root, &mut own)?.overlay;
    // The table is about all groups, and a file may have some of them only.
    sink.append(own.without("unknown-required"));
    Ok(overlay.map(|text| Source::new(format!("what is inferred from {name}"), text)))
}

/// The name of the crate that a folder of `spec` is for.
fn crate_name(folder: Option<&str>) -> Option<String> {
    folder.filter(|name| *name != ALL).map(str::to_owned)
}

/// The overlay of the crate whose types an overlay shares; `folder` is that of the overlay.
pub(crate) fn shared(
    overlay: Option<&Source>,
    folder: &Path,
    root: &Path,
) -> Result<Option<Source>, Failure> {
    let name = overlay.and_then(overlay::shares);
    name.map(|name| files::input(&folder.with_file_name(name).join(OVERLAY), root)).transpose()
}

fn absent(revision: &str, path: &str) -> Failure {
    Failure::Unusable(format!("there is no {path} in revision `{revision}`"))
}

/// What git prints; none when it finds nothing.
fn git(root: &Path, arguments: &[&str]) -> Result<Option<String>, Failure> {
    let output =
        Command::new("git").arg("-C").arg(root).args(arguments).output().map_err(|error| {
            Failure::Unusable(format!(
                "a revision can only be compared with git, which cannot be run: {error}"
            ))
        })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        if complaint.contains("not a git repository") {
            let root = root.display();
            return Err(Failure::Unusable(format!(
                "{root} is not a git repository, so it has no revisions"
            )));
        }
        return Ok(None);
    }
    match String::from_utf8(output.stdout) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Failure::Unusable("what git has there is not UTF-8 text".to_owned())),
    }
}

/// What is kept of the old base; none after an error.
pub(crate) fn kept(
    old: Option<&Source>,
    before: Option<&Source>,
    new: &Source,
    tags: &[String],
    sink: &mut Sink,
) -> Option<retained::Outcome> {
    let before = match before {
        Some(record) => {
            let record = parse(record, sink)?;
            retained::read(&record, sink)?
        }
        None => Vec::new(),
    };
    let new: Raw = load(new, sink)?;
    let old = match old {
        Some(old) => base(old, sink)?.value,
        None => new.value.clone(),
    };
    Some(retained::collect(&old, &before, &new.value, tags))
}

/// Reads a base that is compared with another: one without operations would have lost them all.
fn base(source: &Source, sink: &mut Sink) -> Option<Raw> {
    let raw = load(source, sink)?;
    if raw.value.get("paths").is_some_and(Value::is_object) {
        return Some(raw);
    }
    let at = Pointer::root().join("paths");
    sink.push(
        Diagnostic::error("missing-key", "a base needs the mapping `paths`")
            .at(raw.locate(&at))
            .pointer(&at)
            .hint("restore it"),
    );
    None
}

/// Whether the files of a crate can be read, before its base is replaced: what cannot be read would be
/// forgotten. Everything wrong goes to `sink`.
pub(crate) fn check_readable(root: &Path, name: &str, sink: &mut Sink) -> Outcome {
    let folder = root.join("spec").join(name);
    let check = |file: &str, read: &dyn Fn(&Source, &mut Sink), sink: &mut Sink| -> Outcome {
        if let Some(source) = files::read_if_exists(&folder.join(file), root)? {
            let mut own = Sink::new();
            read(&source, &mut own);
            for finding in own.errors().finish() {
                let at = Location { source: source.name.clone(), line: 1, column: 1 };
                let at = finding.location.clone().unwrap_or(at);
                let hint = finding.hint.clone().unwrap_or_default();
                let hint = format!("{hint}; or delete {}, and begin anew", source.name);
                sink.push(finding.at(at).hint(hint));
            }
        }
        Ok(())
    };
    check(BASE, &|source, sink| _ = base(source, sink), sink)?;
    check(OVERLAY, &|source, sink| _ = parse(source, sink), sink)?;
    let record = |source: &Source, sink: &mut Sink| {
        if let Some(record) = parse(source, sink) {
            let _ = retained::read(&record, sink);
        }
    };
    check(RETAINED, &record, sink)?;
    check(LOCK, &|source, sink| _ = Lock::parse(source, sink), sink)
}
