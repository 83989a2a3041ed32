//! The tests that are generated for a crate.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; the names are our own"
)]

use std::{fmt::Write, path::Path};

use crate::support::{description, each, name, options};
use alipay_codegen::Output;
use libtest_mimic::Trial;
use serde_json::Value;

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    [
        each("features", "tables", tables),
        each("features", "complete", every_type_has_an_instance_and_every_operation_a_call),
        each("features", "contract", the_contract_has_every_operation_type_and_message),
    ]
    .into_iter()
    .flatten()
    .collect()
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
    for (path, file) in &output.tests {
        writeln!(text, "===== {path}\n{file}").unwrap();
    }
    insta::assert_snapshot!(format!("tables_{}", name(folder)), text);
}

fn every_type_has_an_instance_and_every_operation_a_call(folder: &Path) {
    let (output, api) = (generate(folder), description(folder).api().unwrap());
    let instances = |path: &str| path.ends_with(".json") && path != "contract.json";
    let json = output.tests.iter().filter(|(path, _)| instances(path));
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

/// The fixtures that have all kinds of facts between them.
const FACTS: [&str; 6] = [
    "error_codes",
    "messages",
    "open_enums",
    "parameters_and_body",
    "query_and_path",
    "sensitive_and_legacy",
];

fn the_contract_has_every_operation_type_and_message(folder: &Path) {
    let (output, api) = (generate(folder), description(folder).api().unwrap());
    let contract: Value = serde_json::from_str(&output.tests["contract.json"]).unwrap();
    let operations = api.groups.iter().flat_map(|group| &group.operations);
    let ids: Vec<_> = operations.map(|operation| operation.id.as_str()).collect();
    let listed = contract["operations"].as_array().unwrap();
    let listed: Vec<_> = listed.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    for item in &api.structs {
        let fields = contract["structs"][item.id.as_str()].as_array().unwrap();
        let names: Vec<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        let wires: Vec<_> = item.fields.iter().map(|field| field.wire.as_str()).collect();
        assert_eq!(names, wires, "{}", item.id);
    }
    if FACTS.contains(&name(folder)) {
        insta::assert_snapshot!(
            format!("contract_{}", name(folder)),
            output.tests["contract.json"]
        );
    }
    assert_eq!(contract["enums"].as_object().unwrap().len(), api.enums.len());
    assert_eq!(contract["messages"].as_array().unwrap().len(), api.messages.len());
}
