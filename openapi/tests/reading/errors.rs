//! Which error codes an operation has, and which all have.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use alipay_openapi::{Description, ir::CodeSet, load::Source};
use serde_json::{Value, json};

/// A description of an operation for each list of errors, which stand in its `key`.
fn description(key: &str, operations: &[&[&str]]) -> Value {
    let mut paths = json!({});
    let mut schemas = json!({});
    for (number, errors) in operations.iter().enumerate() {
        let arm = |name: &&str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let arms: Vec<Value> = errors.iter().map(arm).collect();
        for name in *errors {
            let code = json!({ "type": "string", "enum": [format!("{name}_CODE")] });
            schemas[*name] = json!({ "type": "object", "properties": { "code": code } });
        }
        paths[format!("/v3/shop/pen/o{number}")] = json!({ "post": {
            "operationId": format!("shop.pen.o{number}"),
            "tags": ["shop.pen"],
            "responses": {
                "200": { "description": "done" },
                "default": { "description": "failed", "content": { "application/json": {
                    "schema": { key: arms } } } },
            },
        } });
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Pens", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// The common codes, and those of each operation.
fn codes(key: &str, operations: &[&[&str]]) -> (Vec<String>, Vec<Vec<String>>) {
    let source = Source::new("pens.json", description(key, operations).to_string());
    let api = Description::new(source).api().unwrap();
    let wires = |set: &CodeSet| set.codes.iter().map(|code| code.wire.clone()).collect();
    let own = api.groups.iter().flat_map(|group| &group.operations);
    (
        api.common_codes.as_ref().map(wires).unwrap_or_default(),
        own.map(|o| wires(&o.codes)).collect(),
    )
}

#[test]
fn no_code_is_lost_whoever_shares_its_error() {
    for key in ["anyOf", "oneOf"] {
        let all: [&[&str]; 3] =
            [&["A", "B"], &["CommonErrorType", "A"], &["CommonErrorType", "A", "B", "C"]];
        let (common, own) = codes(key, &all);
        assert_eq!(common, ["CommonErrorType_CODE"]);
        assert_eq!(
            own,
            [vec!["A_CODE", "B_CODE"], vec!["A_CODE"], vec!["A_CODE", "B_CODE", "C_CODE"]]
        );
    }
}

#[test]
fn an_error_of_another_name_is_common_if_several_operations_have_it() {
    let (common, own) = codes("anyOf", &[&["Gateway", "A"], &["Gateway", "B"], &["Gateway", "A"]]);
    assert_eq!(common, ["Gateway_CODE"]);
    assert_eq!(own, [["A_CODE"], ["B_CODE"], ["A_CODE"]]);
}
