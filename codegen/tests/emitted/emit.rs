//! What the generator writes: a snapshot per construct, and laws of all files.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use crate::build::*;
use alipay_openapi::ir::{Api, Confidence, Method, Place, Retry, Safety, Ty};

/// A file of a generated crate.
fn file(api: &Api, path: &str) -> String {
    let output = generate(api, None).unwrap();
    let files: Vec<_> = output.files.keys().cloned().collect();
    output.files.get(path).unwrap_or_else(|| panic!("no {path} in {files:?}")).clone()
}

/// An API with one operation.
fn one(parts: Parts) -> Api {
    let mut api = empty_api();
    parts.add(&mut api, TAG);
    api
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn operation_with_optional_fields() {
    snapshot("operation_with_optional_fields", &file(&everything(), "operations/send.rs"));
}

#[test]
fn accepted_operation_with_required_fields() {
    snapshot(
        "accepted_operation_with_required_fields",
        &file(&everything(), "operations/append.rs"),
    );
}

#[test]
fn get_with_query_and_path_parameters_and_no_codes() {
    snapshot("get_with_query_and_path_parameters", &file(&everything(), "operations/query.rs"));
}

#[test]
fn empty_request_and_response_and_keyword_as_verb() {
    snapshot("empty_request_and_response", &file(&everything(), "operations/use_.rs"));
}

#[test]
fn shared_types_with_all_kinds_of_fields() {
    snapshot("shared_types", &file(&everything(), "models/voucher_use.rs"));
}

#[test]
fn enum_that_several_files_use() {
    snapshot("shared_enum", &file(&everything(), "models/enums.rs"));
}

#[test]
fn codes_of_the_gateway() {
    snapshot("common_codes", &file(&everything(), "models/common_error_code.rs"));
}

#[test]
fn calls() {
    snapshot("calls", &file(&everything(), "api.rs"));
}

#[test]
fn messages() {
    snapshot("messages", &file(&everything(), "messages.rs"));
}

#[test]
fn lists_of_modules_and_facts() {
    let api = everything();
    let paths = ["mod.rs", "models/mod.rs", "operations/mod.rs", "meta.rs", "OPERATIONS.md"];
    let texts: Vec<_> =
        paths.iter().map(|path| format!("== {path}\n{}", file(&api, path))).collect();
    snapshot("modules", &texts.join("\n"));
}

#[test]
fn several_groups() {
    let output = generate(&grouped(), None).unwrap();
    let listed = output.files.keys().map(String::as_str).collect::<Vec<_>>().join("\n");
    let paths = ["mod.rs", "trade/mod.rs", "trade/models.rs", "trade/refund/api.rs", "meta.rs"];
    let texts: Vec<_> =
        paths.iter().map(|path| format!("== {path}\n{}", output.files[*path])).collect();
    snapshot("several_groups", &format!("{listed}\n\n{}", texts.join("\n")));
}

#[test]
fn scaffold_of_a_new_crate() {
    let mut sink = alipay_openapi::diag::Sink::new();
    let alone = alipay_codegen::Scaffold::Alone {
        core_path: "../alipay-core".to_owned(),
        mock_path: "../alipay-mock".to_owned(),
    };
    let options = alipay_codegen::Options { scaffold: Some(alone), ..options() };
    let output =
        alipay_codegen::generate::emit_crate(&grouped(), &options, DIGEST, &mut sink).unwrap();
    let files = output.scaffold;
    let texts: Vec<_> = files.iter().map(|(path, text)| format!("== {path}\n{text}")).collect();
    snapshot("scaffold", &texts.join("\n"));
}

#[test]
fn facts_reach_the_operation() {
    let mut parts = operation(
        TAG,
        "send",
        Method::Post,
        vec![
            at(required(field("id", Ty::Text), Confidence::Documented), Place::Path),
            field("key", Ty::Text),
        ],
        Vec::new(),
    );
    parts.operation.safety = Safety::IdempotentBy(sourced("key".to_owned(), Confidence::Secondary));
    parts.operation.codes =
        explained(codes("X", &["A_B"]), "Meaning. More of it", "act", Retry::SameRequest);
    let api = one(parts);
    let text = file(&api, "operations/send.rs");
    for row in [
        "        idempotent_by: \"key\",\n",
        "        pub id: String = path(\"id\"),\n",
        "        pub key: Option<String> = body(\"key\"),\n",
        "        /// Meaning (`A_B`).\n        ///\n        /// More of it\n",
        "        AB = \"A_B\" => Failed,\n",
    ] {
        assert!(text.contains(row), "{row}{text}");
    }
    assert!(
        file(&api, "api.rs")
            .contains("/// A call may be repeated with the same `key` (secondary).\n")
    );
}

#[test]
fn every_file_is_rust_and_says_where_it_comes_from() {
    for api in [everything(), grouped()] {
        let output = generate(&api, None).unwrap();
        for (path, text) in &output.files {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
            assert!(
                !text.contains('\r') && !text.contains('\t') && !text.contains(" \n"),
                "{path}"
            );
            assert!(text.contains("@generated by `cargo xtask generate`"), "{path}");
            if path != "OPERATIONS.md" {
                syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
                assert!(text.starts_with(
                    "// @generated by `cargo xtask generate`. Do not edit: change spec/alipay-voucher/overlay.yaml instead.\n\n//! "
                ));
            }
        }
    }
}

#[test]
fn descriptions_that_do_not_fit_together_are_refused() {
    let mut api = everything();
    api.structs[0].fields.push(field("lost", object("Nowhere")));
    api.structs[0].required.push("gone".to_owned());
    api.structs[2].fields.push(field("pic", Ty::File));
    api.groups[0].operations[1].safety =
        Safety::IdempotentBy(sourced("no_such_key".to_owned(), Confidence::Documented));
    snapshot("refused", &generate(&api, None).unwrap_err());
}
