//! Descriptions in the folders of the fixtures, and tests with a name for each of them.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use alipay_codegen::Options;
use alipay_openapi::{Description, diag::Diagnostics, load::Source};
use libtest_mimic::Trial;

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

/// Each finding has a code of the table, a position and a hint.
pub(crate) fn assert_helpful(findings: &Diagnostics) {
    for finding in findings.iter() {
        let known = alipay_openapi::diag::codes::explain(finding.code).is_some();
        assert!(known, "{} is not in the table of codes", finding.code);
        assert!(finding.location.is_some(), "no position in\n{finding}");
        assert!(finding.hint.is_some(), "no hint in\n{finding}");
    }
}

/// A test that fails by panicking.
pub(crate) fn test(name: impl Into<String>, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        check();
        Ok(())
    })
}

/// A test per folder below `tests/fixtures/<kind>`, so that one that fails does not hide the others.
pub(crate) fn each(kind: &str, name: &str, check: fn(&Path)) -> Vec<Trial> {
    let folders = folders(kind).into_iter();
    folders
        .map(|folder| test(format!("{name}::{}", self::name(&folder)), move || check(&folder)))
        .collect()
}

/// Tests that are functions.
macro_rules! functions {
    ($($name:ident),* $(,)?) => {
        vec![$(crate::support::test(stringify!($name), $name)),*]
    };
}
pub(crate) use functions;
