//! Files: reading with errors that say which, and how those on disk differ from those that are wanted. Writing
//! is in `transaction`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use alipay_openapi::load::Source;

use crate::outcome::Failure;

/// The workspace this program belongs to.
pub(crate) fn workspace_root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or(own.clone(), Path::to_path_buf)
}

/// A path as people know it: relative to the workspace or the current folder where it is inside.
pub(crate) fn shown(path: &Path, root: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(root).or_else(|_| path.strip_prefix(&current)).unwrap_or(path);
    short.display().to_string()
}

/// The innermost folder on the way to a path that exists.
pub(crate) fn existing(path: &Path) -> &Path {
    let found = path.ancestors().find(|folder| folder.exists());
    found.unwrap_or(Path::new("."))
}

/// A path from the root of the file system, without links as far as it exists.
pub(crate) fn full(path: &Path, root: &Path) -> Result<PathBuf, Failure> {
    let unreadable = |error: io::Error| unusable("cannot read", &shown(path, root), &error);
    let path = std::path::absolute(path).map_err(unreadable)?;
    let existing = existing(&path);
    let mut full = fs::canonicalize(existing).map_err(unreadable)?;
    for part in path.strip_prefix(existing).unwrap_or(Path::new("")).components() {
        match part {
            Component::ParentDir => _ = full.pop(),
            part => full.push(part),
        }
    }
    Ok(full)
}

/// The way from a folder to a path; both are full. There is none from one disk to another, on systems that
/// have such.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let same = from.components().zip(to.components()).take_while(|(one, other)| one == other);
    let same = same.count();
    if same == 0 {
        return to.to_path_buf();
    }
    let up = from.components().skip(same).map(|_| Component::ParentDir);
    up.chain(to.components().skip(same)).collect()
}

/// Whether a path stays inside the folder it is relative to.
pub(crate) fn is_inside(path: impl AsRef<Path>) -> bool {
    path.as_ref().components().all(|part| matches!(part, Component::Normal(_)))
}

/// Reads a text file.
pub(crate) fn read(path: &Path, root: &Path) -> Result<Source, Failure> {
    let name = shown(path, root);
    let bytes = fs::read(path).map_err(|error| unusable("cannot read", &name, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(Failure::Unusable(format!(
                "{name} is not UTF-8 text (byte {at}); convert it first"
            )))
        }
    }
}

/// Reads a text file that need not exist.
pub(crate) fn read_if_exists(path: &Path, root: &Path) -> Result<Option<Source>, Failure> {
    if is_there(path, root)? { read(path, root).map(Some) } else { Ok(None) }
}

/// Reads a description or an overlay. A file that is empty is as unreadable as one that is no text.
pub(crate) fn input(path: &Path, root: &Path) -> Result<Source, Failure> {
    read(path, root).and_then(not_empty)
}

/// Reads an overlay that need not exist.
pub(crate) fn input_if_exists(path: &Path, root: &Path) -> Result<Option<Source>, Failure> {
    read_if_exists(path, root)?.map(not_empty).transpose()
}

/// A description or an overlay that has something in it.
pub(crate) fn not_empty(source: Source) -> Result<Source, Failure> {
    if source.text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').is_empty() {
        return Err(Failure::Unusable(format!(
            "{} is empty; check that this is the file you meant",
            source.name
        )));
    }
    Ok(source)
}

/// Whether there is something at a path. What cannot be looked at is an error, and a link that leads nowhere is
/// no missing file.
pub(crate) fn is_there(path: &Path, root: &Path) -> Result<bool, Failure> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable("cannot read", &shown(path, root), &error)),
    }
}

pub(crate) fn unusable(what: &str, name: &str, error: &io::Error) -> Failure {
    Failure::Unusable(format!("{what} {name}: {error}"))
}

/// A set of files that are written together.
#[derive(Default)]
pub(crate) struct Change {
    /// What the files shall hold, by path.
    wanted: BTreeMap<PathBuf, String>,
    /// Folders in which nothing else may be.
    owned: Vec<PathBuf>,
    /// Files that may not be there.
    gone: Vec<PathBuf>,
}

/// How the files on disk differ from the wanted ones.
#[derive(Default)]
pub(crate) struct Difference {
    /// Path, what the file holds, what it shall hold.
    pub(crate) written: Vec<(PathBuf, Option<String>, String)>,
    pub(crate) removed: Vec<(PathBuf, String)>,
    pub(crate) unchanged: Vec<PathBuf>,
    /// The folders that hold wanted files only.
    pub(crate) owned: Vec<PathBuf>,
}

impl Change {
    /// Adds a file.
    pub(crate) fn file(&mut self, path: PathBuf, text: String) {
        self.wanted.insert(path, text);
    }

    /// Removes a file, if it is there.
    pub(crate) fn gone(&mut self, path: PathBuf) {
        self.gone.push(path);
    }

    /// Claims a folder: files in it that are not wanted are removed.
    pub(crate) fn own(&mut self, folder: PathBuf) {
        self.owned.push(folder);
    }

    /// Compares with what is on disk.
    pub(crate) fn difference(self, root: &Path) -> Result<Difference, Failure> {
        let mut difference = Difference::default();
        let mut gone = self.gone;
        // Links are no files here, so that none is followed: one is replaced, or in the way.
        let mut owned_files = BTreeSet::new();
        for folder in &self.owned {
            for (path, kind) in files_below(folder)
                .map_err(|error| unusable("cannot list", &shown(folder, root), &error))?
            {
                if kind.is_file() {
                    owned_files.insert(path.clone());
                }
                if !self.wanted.contains_key(&path) {
                    let text = if kind.is_file() { lossy(&path, root)? } else { String::new() };
                    difference.removed.push((path, text));
                }
            }
        }
        let is_owned = |path: &Path| self.owned.iter().any(|folder| path.starts_with(folder));
        let elsewhere = self.wanted.keys().filter(|path| !is_owned(path));
        gone.extend(elsewhere.map(|path| old_staging_path(path)));
        for path in gone {
            if is_there(&path, root)? {
                let text = lossy(&path, root)?;
                difference.removed.push((path, text));
            }
        }
        for (path, text) in self.wanted {
            if is_owned(&path) && !owned_files.contains(&path) {
                let there = fs::symlink_metadata(&path).is_ok_and(|there| !there.is_dir());
                difference.written.push((path, there.then(String::new), text));
                continue;
            }
            match fs::read(&path) {
                Ok(present) if present == text.as_bytes() => difference.unchanged.push(path),
                Ok(present) => {
                    let present = String::from_utf8_lossy(&present).into_owned();
                    difference.written.push((path, Some(present), text));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    difference.written.push((path, None, text));
                }
                Err(error) => return Err(unusable("cannot read", &shown(&path, root), &error)),
            }
        }
        difference.owned = self.owned;
        Ok(difference)
    }
}

impl Difference {
    /// Whether disk and wish agree.
    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }

    /// The paths that are written or removed.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        let written = self.written.iter().map(|(path, ..)| path.as_path());
        written.chain(self.removed.iter().map(|(path, _)| path.as_path()))
    }
}

/// Where an earlier version of this program put the new text of a file before it replaced the file. One that
/// was interrupted has left it there.
fn old_staging_path(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

/// Whether a file is one of these.
pub(crate) fn is_old_staging(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(b".new") && name.len() > ".new".len()
}

fn lossy(path: &Path, root: &Path) -> Result<String, Failure> {
    let bytes =
        fs::read(path).map_err(|error| unusable("cannot read", &shown(path, root), &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is below a folder, other than folders. Links are not followed.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<(PathBuf, fs::FileType)>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else {
                found.push((entry.path(), kind));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}
