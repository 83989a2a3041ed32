//! The files of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn exists(path: &str) -> bool {
    root().join(path).exists()
}

pub(crate) fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What is in a folder, sorted, with the names.
pub(crate) fn folders(path: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut named: Vec<_> = paths
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    named.sort();
    named
}

pub(crate) fn files(path: &str, ending: &str) -> Vec<Vec<u8>> {
    let named = folders(path).into_iter().filter(|(name, _)| name.ends_with(ending));
    named.map(|(_, path)| fs::read(path).expect("a file")).collect()
}
