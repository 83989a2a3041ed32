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
    overlay::{self, Layers},
};

/// A crate's description with its overlays, and the base alone.
fn description(name: &str) -> (alipay_openapi::overlay::Document, serde_json::Value) {
    let spec = support::workspace().join("spec");
    let source = |file: String| {
        let text = std::fs::read_to_string(spec.join(&file)).unwrap();
        Source::new(file, text)
    };
    let mut sink = Sink::new();
    let base = load::load(&source(format!("{name}/openapi.yaml")), &mut sink).unwrap();
    let value = base.value.clone();
    let own = source(format!("{name}/overlay.yaml"));
    let shared = overlay::shares(&own).map(|name| source(format!("{name}/overlay.yaml")));
    let layers = Layers { shared: shared.as_ref(), overlay: Some(&own), ..Layers::default() };
    let (scope, whole) = (Scope::default(), Strictness::Whole);
    let document = overlay::apply(base, layers, &scope, whole, &mut sink);
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    (document.unwrap(), value)
}

#[test]
fn every_property_is_described() {
    // A part of an upload that is no file is a reference, and nothing of its own.
    let is_part = |schema: &str, name: &str| schema.ends_with("_request") && name == "data";
    for (name, counts) in [("alipay-voucher", (98, 327)), ("alipay-marketing", (102, 382))] {
        let (document, base) = description(name);
        let schemas = base["components"]["schemas"].as_object().unwrap();
        let mut properties = 0;
        let mut missing = Vec::new();
        for (schema, value) in schemas {
            let described = &document.value["components"]["schemas"][schema];
            if described["description"].as_str().is_none() && !schema.ends_with("_default_response")
            {
                missing.push(schema.clone());
            }
            let names = value["properties"].as_object().into_iter().flatten().map(|(name, _)| name);
            for name in names {
                properties += 1;
                let property = &described["properties"][name];
                let has =
                    |key: &str| property[key].as_str().is_some_and(|text| !text.trim().is_empty());
                let described = has("title") && has("description");
                if !described && !is_part(schema, name) {
                    missing.push(format!("{schema}.{name}"));
                }
            }
        }
        assert!(missing.is_empty(), "without title or description:\n{}", missing.join("\n"));
        assert_eq!((schemas.len(), properties), counts, "{name}");
    }
}

#[test]
fn the_overlays_leave_nothing_to_lint() {
    for name in support::CRATES {
        let folder = support::workspace().join("spec").join(name);
        let base = folder.join("openapi.yaml");
        let base = base.to_str().unwrap();
        let overlay = folder.join("overlay.yaml");
        let run = support::xtask(&["lint", base, "--overlay", overlay.to_str().unwrap()]);
        let nothing = format!("{base}: no errors, and nothing found by 8 rules\n");
        assert_eq!((run.code, run.stdout.as_str(), run.stderr), (0, "", nothing), "{name}");
    }
}

#[test]
fn the_bases_and_what_is_inferred_hold_no_prose() {
    let mut found = Vec::new();
    let read = |file: &str| {
        let text = std::fs::read_to_string(support::workspace().join(file)).unwrap();
        load::parse(&Source::new(file, text), &mut Sink::new()).unwrap().value
    };
    for name in support::CRATES.into_iter().chain(["alipay"]) {
        prose(&read(&format!("spec/{name}/openapi.yaml")), name, &mut found);
    }
    prose(&read("spec/alipay/inferred.yaml")["actions"], "inferred", &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

/// Collects strings that are more than a name, but for examples and values, which are data.
fn prose(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    let parent = at.rsplit('/').next().unwrap_or_default();
    match value {
        serde_json::Value::Object(members) => {
            let is_data = |key: &str| ["example", "enum"].contains(&key) && parent != "properties";
            for (key, member) in members.iter().filter(|(key, _)| !is_data(key)) {
                prose(member, &format!("{at}/{key}"), found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| prose(item, at, found)),
        serde_json::Value::String(text) => {
            let is_chinese = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
            let says = ["title", "summary", "description"].contains(&parent);
            let long = text.chars().count() > 16 && (says || text.contains(is_chinese));
            if long || text.contains(['。', '，', '；', '！', '？', '：', '…', '\n']) {
                found.push(format!("{at}: {text}"));
            }
        }
        _ => {}
    }
}
