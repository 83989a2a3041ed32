//! Descriptions in the folders of the fixtures.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses its part, and may fail by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use alipay_codegen::Options;
use alipay_openapi::{Description, load::Source};

/// The folders below `tests/fixtures/<kind>`, in order.
pub(crate) fn folders(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// The name of a fixture.
pub(crate) fn name(folder: &Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

/// The description in a folder, with what is laid over it if there is any.
pub(crate) fn description(folder: &Path) -> Description {
    let source = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        Some(Source::new(format!("{}/{file}", name(folder)), text))
    };
    Description::new(source("openapi.yaml").unwrap())
        .overlay(source("overlay.yaml"))
        .retained(source("retained.yaml"))
}

/// What the crates of the fixtures are made with.
pub(crate) fn options() -> Options {
    Options { change: "overlay.yaml".to_owned(), ..Options::new("shop") }
}
