//! The tests that are generated beside a crate.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; the names are our own"
)]

mod support;

use std::fmt::Write;

use alipay_codegen::{Options, Output};
use alipay_openapi::{Description, load::Source};
use serde_json::Value;
use support::{description, folders, options};

fn each(check: impl Fn(&str, &Description, &Output)) {
    for folder in folders("features") {
        let description = description(&folder);
        let output = alipay_codegen::generate(&description, &options())
            .unwrap_or_else(|findings| panic!("{findings}"));
        check(support::name(&folder), &description, &output);
    }
}

#[test]
fn tables_and_instances() {
    const SHOWN: [&str; 4] = ["values", "uploads", "two_groups", "recursion"];
    each(|name, _, output| {
        if SHOWN.contains(&name) {
            let mut text = String::new();
            for (path, file) in output.tests.iter().filter(|(path, _)| !path.ends_with(".yaml")) {
                writeln!(text, "===== {path}\n{file}").unwrap();
            }
            insta::assert_snapshot!(format!("trials_{name}"), text);
        }
    });
}

#[test]
fn every_type_has_an_instance_and_every_operation_a_call() {
    each(|name, description, output| {
        let api = description.api().unwrap();
        let json = output.tests.iter().filter(|(path, _)| path.ends_with(".json"));
        let files: Vec<Value> = json.map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
        let count = |section: &str| -> usize {
            files.iter().map(|file| file[section].as_object().unwrap().len()).sum()
        };
        assert_eq!(count("models"), api.structs.len(), "{name}");
        assert_eq!(count("sets"), api.enums.len(), "{name}");
        let operations = api.groups.iter().map(|group| group.operations.len()).sum::<usize>();
        assert_eq!(count("calls"), operations, "{name}");
        let rust = output.tests.iter().filter(|(path, _)| path.ends_with(".rs"));
        let rust: String = rust.map(|(_, text)| text.as_str()).collect();
        assert_eq!(rust.matches("Case::of::<").count(), count("models") + count("sets"), "{name}");
        assert_eq!(rust.matches("&Call::<").count(), operations, "{name}");
    });
}

#[test]
fn the_description_beside_the_tests_has_the_same_operations() {
    each(|name, description, output| {
        let text = output.tests["description.yaml"].clone();
        let copy = Description::new(Source::new("description.yaml", text));
        let [copied, original] =
            [&copy, description].map(|one| one.api().unwrap_or_else(|e| panic!("{name}: {e}")));
        let operations = |api: &alipay_openapi::ir::Api| {
            let operations = api.groups.iter().flat_map(|group| &group.operations);
            operations
                .map(|operation| (operation.id.clone(), operation.method, operation.path.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(operations(&copied), operations(&original), "{name}");
    });
}

#[test]
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
