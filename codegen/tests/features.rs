//! One small description per feature of the generator: what it means (the IR) and what it becomes
//! (the files). And one per construct the generator refuses: what it says about it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{fmt::Write, fs, path::Path};

use codegen::{Inputs, load::Source};

/// The description in a fixture folder, with its overlay if there is one.
fn inputs(folder: &Path) -> Inputs {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let source = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        Some(Source::new(format!("{name}/{file}"), text))
    };
    Inputs {
        base: source("openapi.yaml").unwrap(),
        overlay: source("overlay.yaml"),
        removed: source("removed.yaml"),
        lock: None,
        tags: Vec::new(),
        prefix: None,
        crate_name: "shop".to_owned(),
        change: "overlay.yaml".to_owned(),
        described_in: None,
    }
}

/// Runs a check on every folder below `tests/fixtures/<kind>`.
fn each(kind: &str, check: impl Fn(&str, &Inputs)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    for folder in folders {
        check(folder.file_name().unwrap().to_str().unwrap(), &inputs(&folder));
    }
}

/// Whether a file says something of the feature. The frame is the same for all; one shows it.
fn tells(feature: &str, path: &str) -> bool {
    let frame = ["meta.rs", "mod.rs", "common_error_code.rs", "OPERATIONS.md"];
    let is_frame = frame.iter().any(|name| path.ends_with(name)) || path.ends_with("api.rs");
    !is_frame || ["request_and_response", "two_groups", "tags_within_tags"].contains(&feature)
}

#[test]
fn features() {
    each("features", |name, inputs| {
        let output =
            codegen::generate(inputs).unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
        assert!(output.warnings.is_empty(), "{name}:\n{}", output.warnings);
        let mut text = String::new();
        for (path, file) in output.files.iter().filter(|(path, _)| tells(name, path)) {
            writeln!(text, "===== {path}\n{file}").unwrap();
        }
        writeln!(text, "===== names.lock\n{}", output.lock).unwrap();
        insta::assert_snapshot!(format!("feature_{name}"), text);
    });
}

#[test]
fn intermediate_representation() {
    each("features", |name, inputs| {
        let api = codegen::api(inputs).unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
        insta::assert_snapshot!(format!("ir_{name}"), codegen::ir::dump(&api));
    });
}

#[test]
fn refused_constructs() {
    each("refused", |name, inputs| match codegen::generate(inputs) {
        Ok(_) => panic!("{name} was generated"),
        Err(findings) => {
            for finding in findings.iter() {
                let known = codegen::codes::explain(finding.code).is_some();
                assert!(known, "{} is not in the table of codes", finding.code);
                assert!(finding.location.is_some(), "no position in\n{finding}");
                assert!(finding.hint.is_some(), "no advice in\n{finding}");
            }
            insta::assert_snapshot!(format!("refused_{name}"), findings.to_string());
        }
    });
}

#[test]
fn a_tag_outside_the_prefix_is_the_only_thing_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/features/two_groups");
    for prefix in ["shop.pen", "shop.p", "stall"] {
        let inputs = Inputs { prefix: Some(prefix.to_owned()), ..inputs(&folder) };
        let findings = codegen::generate(&inputs).unwrap_err();
        assert!(findings.iter().all(|finding| finding.code == "tag-outside-prefix"), "{findings}");
    }
}
