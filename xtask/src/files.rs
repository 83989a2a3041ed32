//! Files: reading with errors that say which, and writing. Every new file is on disk beside its place before the
//! first is put there; a run that is interrupted between the two leaves some files new and some old.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
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
    if path.exists() { read(path, root).map(Some) } else { Ok(None) }
}

fn unusable(what: &str, name: &str, error: &io::Error) -> Failure {
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
    pub(crate) written: Vec<(PathBuf, Option<String>, String)>,
    pub(crate) removed: Vec<(PathBuf, String)>,
    pub(crate) unchanged: usize,
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
        for folder in &self.owned {
            for path in files_below(folder)
                .map_err(|error| unusable("cannot list", &shown(folder, root), &error))?
            {
                if !self.wanted.contains_key(&path) {
                    let text = fs::read(&path).unwrap_or_default();
                    difference.removed.push((path, String::from_utf8_lossy(&text).into_owned()));
                }
            }
        }
        for path in self.gone {
            if path.exists() {
                let text = fs::read(&path).unwrap_or_default();
                difference.removed.push((path, String::from_utf8_lossy(&text).into_owned()));
            }
        }
        for (path, text) in self.wanted {
            match fs::read(&path) {
                Ok(present) if present == text.as_bytes() => difference.unchanged += 1,
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
        Ok(difference)
    }
}

impl Difference {
    /// Whether disk and wish agree.
    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }

    /// Brings the disk to what is wanted. Every new text is on disk beside its place before the first
    /// file is replaced, so that a full disk or a read-only folder changes nothing.
    pub(crate) fn apply(&self, root: &Path) -> Result<(), Failure> {
        let mut staged = Vec::new();
        for (path, _, text) in &self.written {
            let temporary = staging_path(path);
            let outcome = path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&temporary, text));
            staged.push((temporary, path));
            if let Err(error) = outcome {
                for (temporary, _) in &staged {
                    // Best effort: the error that counts is the one being reported.
                    let _ = fs::remove_file(temporary);
                }
                return Err(unusable("cannot write", &shown(path, root), &error));
            }
        }
        for (temporary, path) in &staged {
            fs::rename(temporary, path)
                .map_err(|error| unusable("cannot replace", &shown(path, root), &error))?;
        }
        for (path, _) in &self.removed {
            fs::remove_file(path)
                .map_err(|error| unusable("cannot remove", &shown(path, root), &error))?;
        }
        Ok(())
    }
}

fn staging_path(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
