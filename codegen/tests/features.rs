//! One small description per feature of the generator: what it means (the IR) and what it becomes
//! (the files). And one per construct the generator refuses: what it says about it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt::Write;

use alipay_codegen::Options;
use support::{description, folders, options};

/// Whether a file says something of the feature. The frame is the same for all; one shows it.
fn tells(feature: &str, path: &str) -> bool {
    let frame = ["meta.rs", "mod.rs", "common_error_code.rs", "OPERATIONS.md"];
    let is_frame = frame.iter().any(|name| path.ends_with(name)) || path.ends_with("api.rs");
    !is_frame || ["request_and_response", "two_groups", "tags_within_tags"].contains(&feature)
}

#[test]
fn features() {
    for folder in folders("features") {
        let name = support::name(&folder);
        let output = alipay_codegen::generate(&description(&folder), &options())
            .unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
        assert!(output.warnings.is_empty(), "{name}:\n{}", output.warnings);
        let mut text = String::new();
        for (path, file) in output.files.iter().filter(|(path, _)| tells(name, path)) {
            writeln!(text, "===== {path}\n{file}").unwrap();
        }
        writeln!(text, "===== names.lock\n{}", output.lock).unwrap();
        insta::assert_snapshot!(format!("feature_{name}"), text);
    }
}

#[test]
fn intermediate_representation() {
    for folder in folders("features") {
        let name = support::name(&folder);
        let api =
            description(&folder).api().unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
        insta::assert_snapshot!(format!("ir_{name}"), alipay_openapi::ir::dump(&api));
    }
}

#[test]
fn refused_constructs() {
    for folder in folders("refused") {
        let name = support::name(&folder);
        match alipay_codegen::generate(&description(&folder), &options()) {
            Ok(_) => panic!("{name} was generated"),
            Err(findings) => {
                for finding in findings.iter() {
                    let known = alipay_openapi::diag::codes::explain(finding.code).is_some();
                    assert!(known, "{} is not in the table of codes", finding.code);
                    assert!(finding.location.is_some(), "no position in\n{finding}");
                    assert!(finding.hint.is_some(), "no advice in\n{finding}");
                }
                insta::assert_snapshot!(format!("refused_{name}"), findings.to_string());
            }
        }
    }
}

#[test]
fn a_tag_outside_the_prefix_is_the_only_thing_said() {
    let folders = folders("features");
    let folder = folders.iter().find(|folder| folder.ends_with("two_groups")).unwrap();
    for prefix in ["shop.pen", "shop.p", "stall"] {
        let options = Options { prefix: Some(prefix.to_owned()), ..options() };
        let findings = alipay_codegen::generate(&description(folder), &options).unwrap_err();
        assert!(findings.iter().all(|finding| finding.code == "tag-outside-prefix"), "{findings}");
    }
}
