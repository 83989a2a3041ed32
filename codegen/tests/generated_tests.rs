//! The tests that are generated for a crate.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; the names are our own"
)]

mod support;

use std::{fmt::Write, path::Path, process::ExitCode};

use alipay_codegen::{Options, Output};
use alipay_openapi::{Description, load::Source};
use serde_json::Value;
use support::{description, each, folders, functions, name, options};

fn main() -> ExitCode {
    support::run(
        [
            each("features", "tables", tables),
            each("features", "complete", every_type_has_an_instance_and_every_operation_a_call),
            each("features", "copy", the_copied_description_has_the_same_operations),
            functions![a_description_that_has_a_place_is_not_copied],
        ]
        .into_iter()
        .flatten(),
    )
}

fn generate(folder: &Path) -> Output {
    alipay_codegen::generate(&description(folder), &options())
        .unwrap_or_else(|findings| panic!("{findings}"))
}

fn tables(folder: &Path) {
    const SHOWN: [&str; 4] = ["values", "uploads", "two_groups", "recursion"];
    if !SHOWN.contains(&name(folder)) {
        return;
    }
    let output = generate(folder);
    let mut text = String::new();
    for (path, file) in output.tests.iter().filter(|(path, _)| !path.ends_with(".yaml")) {
        writeln!(text, "===== {path}\n{file}").unwrap();
    }
    insta::assert_snapshot!(format!("tables_{}", name(folder)), text);
}

fn every_type_has_an_instance_and_every_operation_a_call(folder: &Path) {
    let (output, api) = (generate(folder), description(folder).api().unwrap());
    let json = output.tests.iter().filter(|(path, _)| path.ends_with(".json"));
    let files: Vec<Value> = json.map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    let count = |section: &str| -> usize {
        files.iter().map(|file| file[section].as_object().unwrap().len()).sum()
    };
    assert_eq!(count("models"), api.structs.len());
    assert_eq!(count("sets"), api.enums.len());
    let operations = api.groups.iter().map(|group| group.operations.len()).sum::<usize>();
    assert_eq!(count("calls"), operations);
    let rust = output.tests.iter().filter(|(path, _)| path.ends_with(".rs"));
    let rust: String = rust.map(|(_, text)| text.as_str()).collect();
    assert_eq!(rust.matches("Case::of::<").count(), count("models") + count("sets"));
    assert_eq!(rust.matches("&Call::<").count(), operations);
}

fn the_copied_description_has_the_same_operations(folder: &Path) {
    let text = generate(folder).tests["description.yaml"].clone();
    let copy = Description::new(Source::new("description.yaml", text));
    let operations = |description: &Description| {
        let api = description.api().unwrap_or_else(|findings| panic!("{findings}"));
        let operations = api.groups.into_iter().flat_map(|group| group.operations);
        operations
            .map(|operation| (operation.id, operation.method, operation.path))
            .collect::<Vec<_>>()
    };
    assert_eq!(operations(&copy), operations(&description(folder)));
}

fn a_description_that_has_a_place_is_not_copied() {
    let folders = folders("features");
    let folder = folders.iter().find(|folder| folder.ends_with("retained")).unwrap();
    let options = Options { described_in: Some("../../../spec/shop".to_owned()), ..options() };
    let output = alipay_codegen::generate(&description(folder), &options).unwrap();
    assert!(!output.tests.contains_key("description.yaml"));
    let main = &output.tests["main.rs"];
    assert!(main.contains(r#"include_str!("../../../spec/shop/openapi.yaml")"#), "{main}");
    assert!(main.contains(
        r#".removed(("retained.yaml", include_str!("../../../spec/shop/retained.yaml")))"#
    ));
}
