//! One small description per feature of the generator: what it means (the IR) and what it becomes
//! (the files). And one per construct the generator refuses: what it says about it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{fmt::Write, path::Path};

use crate::support::{description, each, folders, functions, name, options};
use alipay_codegen::Options;
use libtest_mimic::Trial;

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    let tests = functions![a_tag_outside_the_prefix_is_the_only_thing_said];
    [
        each("features", "feature", feature),
        each("features", "ir", intermediate_representation),
        each("refused", "refused", refused_construct),
        tests,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The files of a feature that no snapshot of a single construct (`emitted/snapshots`) and no compiled
/// construct shows.
fn shown(feature: &str, path: &str) -> bool {
    match feature {
        "awkward_names" | "obliges" | "reserved_names" | "retained" => {
            path.contains("operations/") && !path.ends_with("mod.rs")
        }
        "sensitive_and_legacy" => {
            ["buy.rs", "cap.rs", "nib.rs"].into_iter().any(|file| path.ends_with(file))
        }
        "repeats" => path.ends_with("api.rs") || path.ends_with("operations/batchquery.rs"),
        "tags_within_tags" => path.ends_with("mod.rs"),
        _ => false,
    }
}

fn feature(folder: &Path) {
    let output = alipay_codegen::generate(&description(folder), &options())
        .unwrap_or_else(|findings| panic!("{findings}"));
    assert!(output.warnings.is_empty(), "{}", output.warnings);
    let mut text = String::new();
    for (path, file) in output.files.iter().filter(|(path, _)| shown(name(folder), path)) {
        writeln!(text, "===== {path}\n{file}").unwrap();
    }
    writeln!(text, "===== names.lock\n{}", output.lock).unwrap();
    insta::assert_snapshot!(format!("feature_{}", name(folder)), text);
}

fn intermediate_representation(folder: &Path) {
    let api = description(folder).api().unwrap_or_else(|findings| panic!("{findings}"));
    insta::assert_snapshot!(format!("ir_{}", name(folder)), alipay_openapi::ir::dump(&api));
}

fn refused_construct(folder: &Path) {
    let Err(findings) = alipay_codegen::generate(&description(folder), &options()) else {
        panic!("it was generated");
    };
    crate::support::assert_helpful(&findings);
    insta::assert_snapshot!(format!("refused_{}", name(folder)), findings.to_string());
}

fn a_tag_outside_the_prefix_is_the_only_thing_said() {
    let folders = folders("features");
    let folder = folders.iter().find(|folder| folder.ends_with("two_groups")).unwrap();
    for prefix in ["shop.pen", "shop.p", "stall"] {
        let options = Options { prefix: Some(prefix.to_owned()), ..options() };
        let findings = alipay_codegen::generate(&description(folder), &options).unwrap_err();
        assert!(findings.iter().all(|finding| finding.code == "tag-outside-prefix"), "{findings}");
    }
}
