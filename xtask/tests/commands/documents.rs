//! The documents are about what is there: each file that they name exists, and `docs/architecture.md` has an entry
//! for each module.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The documents. Records of decisions name what was, so only the links in them are followed.
const DOCUMENTS: &[&str] = &[
    ".github/ISSUE_TEMPLATE/bug.md",
    ".github/ISSUE_TEMPLATE/fact.md",
    ".github/ISSUE_TEMPLATE/question.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "CONTRIBUTING.md",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    "alipay-core/README.md",
    "codegen/README.md",
    "docs/architecture.md",
    "docs/diff.md",
    "docs/performance.md",
    "docs/style.md",
    "openapi/README.md",
];
/// The documents whose paths are files of this repository, not of an example.
const EXACT: &[&str] =
    &["RELEASING.md", "SECURITY.md", "docs/architecture.md", "docs/diff.md", "docs/style.md"];
/// Where the sources of each crate are.
const SOURCES: &[&str] = &[
    "alipay-core/src",
    "alipay-marketing/src",
    "alipay-mock/src",
    "alipay-voucher/src",
    "codegen/src",
    "openapi/src",
    "xtask/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What stands between two backticks, outside of blocks of code.
fn code_spans(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// The targets of links.
fn links(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    let targets = outside.flat_map(|text| text.split("](").skip(1));
    targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)).collect()
}

#[test]
fn links_lead_somewhere() {
    let root = root();
    let records = fs::read_dir(root.join("docs/decisions")).unwrap();
    let records = records.map(|entry| entry.unwrap().path());
    let mut broken = Vec::new();
    for document in DOCUMENTS.iter().map(|path| root.join(path)).chain(records) {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            if !document.parent().unwrap().join(path).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn files_that_are_named_exist() {
    let root = root();
    let mut missing = Vec::new();
    for document in EXACT {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let paths = code_spans(&text).into_iter().filter(|span| {
            let (folder, _) = span.split_once('/').unwrap_or_default();
            !folder.is_empty() && !span.contains([' ', '=', '<']) && !folder.starts_with('-')
        });
        for path in paths {
            let known = root.join(path).exists()
                || SOURCES.iter().any(|source| root.join(source).join(path).exists());
            if !known {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "files that do not exist:\n{}", missing.join("\n"));
}

#[test]
#[cfg(unix)]
fn ci_run_says_what_it_does_and_takes_nothing_else() {
    // Without a path it can need nothing.
    let run = |arguments: &[&str]| {
        let mut bash = Command::new("bash");
        bash.args(["-c", "PATH=; source \"$0\" \"$@\""]).arg(root().join(".ci/run"));
        bash.args(arguments).output().unwrap()
    };
    let help = run(&["--help"]);
    assert!(help.status.success() && help.stdout.starts_with(b"Usage: .ci/run\n"), "{help:?}");
    for refused in [&["--quick"][..], &["--help", "tests"]] {
        let run = run(refused);
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        assert!(run.stderr.starts_with(b"error: .ci/run takes no arguments"), "{run:?}");
    }
}

#[test]
fn each_module_has_an_entry() {
    let root = root();
    let text = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let mut missing = Vec::new();
    for source in SOURCES {
        let heading = format!("### `{source}`\n");
        let section = text.split_once(&heading).map(|(_, rest)| rest).unwrap_or_default();
        let section = section.split("\n### ").next().unwrap_or_default();
        // Entries begin with the names of the modules they are about.
        let entries: Vec<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("- ")?.split(':').next())
            .flat_map(code_spans)
            .collect();
        for entry in fs::read_dir(root.join(source)).unwrap() {
            let path = entry.unwrap().path();
            let module = path.file_stem().unwrap().to_str().unwrap();
            if !matches!(module, "lib" | "main") && !entries.contains(&module) {
                missing.push(format!("{source}: {module}"));
            }
        }
    }
    assert!(missing.is_empty(), "modules without an entry:\n{}", missing.join("\n"));
}
