//! What is promised of the committed descriptions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use alipay_openapi::{
    Scope, Strictness,
    diag::Sink,
    load::{self, Source},
    overlay,
};

/// The voucher group with its overlay, and the base alone.
fn voucher() -> (alipay_openapi::overlay::Document, serde_json::Value) {
    let folder = support::workspace().join("spec/alipay-voucher");
    let source =
        |name: &str| Source::new(name, std::fs::read_to_string(folder.join(name)).unwrap());
    let mut sink = Sink::new();
    let base = load::load(&source("openapi.yaml"), &mut sink).unwrap();
    let value = base.value.clone();
    let document = overlay::apply(
        base,
        Some(&source("overlay.yaml")),
        &Scope::default(),
        Strictness::Whole,
        &mut sink,
    );
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    (document.unwrap(), value)
}

#[test]
fn every_property_is_described() {
    let (document, base) = voucher();
    let schemas = base["components"]["schemas"].as_object().unwrap();
    let mut properties = 0;
    let mut missing = Vec::new();
    for (schema, value) in schemas {
        let described = &document.value["components"]["schemas"][schema];
        if described["description"].as_str().is_none() && !schema.ends_with("_default_response") {
            missing.push(schema.clone());
        }
        for name in value["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            properties += 1;
            let property = &described["properties"][name];
            let has =
                |key: &str| property[key].as_str().is_some_and(|text| !text.trim().is_empty());
            if !has("title") || !has("description") {
                missing.push(format!("{schema}.{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "without title or description:\n{}", missing.join("\n"));
    assert_eq!((schemas.len(), properties), (98, 327));
}

#[test]
fn the_overlay_leaves_nothing_to_lint() {
    let run = support::xtask(&[
        "lint",
        support::workspace().join("spec/alipay-voucher/openapi.yaml").to_str().unwrap(),
        "--overlay",
        support::workspace().join("spec/alipay-voucher/overlay.yaml").to_str().unwrap(),
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn the_base_holds_no_prose() {
    let (_, base) = voucher();
    let mut found = Vec::new();
    texts(&base, "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

/// Collects the places of all prose.
fn texts(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                let prose = ["description", "summary"].contains(&key.as_str());
                if prose && member.as_str().is_some_and(|text| !text.is_empty()) {
                    found.push(format!("{path}/{key}"));
                }
                texts(member, &format!("{path}/{key}"), found);
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                texts(item, path, found);
            }
        }
        _ => {}
    }
}
