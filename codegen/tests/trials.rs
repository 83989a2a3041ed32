//! The tests that are generated beside a crate.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; the names are our own"
)]

use std::{fmt::Write, fs, path::Path};

use codegen::{Inputs, Output, load::Source};
use serde_json::Value;

fn inputs(folder: &Path, described_in: Option<&str>) -> Inputs {
    let source = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        Some(Source::new(file, text))
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
        described_in: described_in.map(str::to_owned),
    }
}

fn each(check: impl Fn(&str, &Inputs, &Output)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/features");
    for folder in fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        let inputs = inputs(&folder, None);
        let output = codegen::generate(&inputs).unwrap_or_else(|findings| panic!("{findings}"));
        check(folder.file_name().unwrap().to_str().unwrap(), &inputs, &output);
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
    each(|name, inputs, output| {
        let api = codegen::api(inputs).unwrap();
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
    each(|name, inputs, output| {
        let copy = Inputs {
            base: Source::new("description.yaml", output.tests["description.yaml"].clone()),
            overlay: None,
            removed: None,
            ..inputs.clone()
        };
        let [copied, original] = [&copy, inputs]
            .map(|inputs| codegen::api(inputs).unwrap_or_else(|e| panic!("{name}: {e}")));
        let operations = |api: &codegen::ir::Api| {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/features/removed");
    let output = codegen::generate(&inputs(&root, Some("../../../spec/shop"))).unwrap();
    assert!(!output.tests.contains_key("description.yaml"));
    let main = &output.tests["main.rs"];
    assert!(main.contains(r#"include_str!("../../../spec/shop/openapi.yaml")"#), "{main}");
    assert!(main.contains(
        r#".removed(("removed.yaml", include_str!("../../../spec/shop/removed.yaml")))"#
    ));
}
