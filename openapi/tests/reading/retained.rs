//! What Alipay drops is recorded, put back, and forgotten when it returns.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use alipay_openapi::{
    diag::Sink,
    load::{Raw, Source, load, parse},
    pointer::Pointer,
    retained::{Piece, collect, read, render, restore},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A description with some of its pieces: numbers of those that are there.
fn description(version: &str, has: [bool; 8]) -> Value {
    let text = || json!({ "type": "string" });
    let mut properties = json!({ "always": text() });
    for (number, name) in ["a b", "c'd", "e"].iter().enumerate() {
        if has[number] {
            properties[name] = text();
        }
    }
    if has[3] {
        properties["part"] = json!({ "$ref": "#/components/schemas/Part" });
    }
    let mut codes = vec!["SYSTEM_ERROR"];
    if has[4] {
        codes.push("SOLD_OUT");
    }
    let mut parameters = vec![json!({ "name": "id", "in": "query", "schema": text() })];
    if has[5] {
        parameters.push(json!({ "name": "page", "in": "query", "schema": { "type": "integer" } }));
    }
    let operation = |verb: &str, parameters: &[Value]| {
        json!({
            "operationId": format!("shop.pen.{verb}"),
            "tags": ["shop.pen"],
            "parameters": parameters,
            "responses": { "200": { "description": "", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Pen" } } } } },
        })
    };
    let mut paths = json!({ "/v3/shop/pen/query": { "get": operation("query", &parameters) } });
    if has[6] {
        paths["/v3/shop/pen/sell"] = json!({ "get": operation("sell", &[]) });
    }
    if has[7] {
        paths["/v3/shop/pen/query"]["post"] = operation("find", &[]);
    }
    let mut schemas = json!({
        "Pen": { "type": "object", "properties": properties },
        "Error": { "type": "object", "properties": {
            "code": { "type": "string", "enum": codes }, "message": text() } },
    });
    if has[3] {
        schemas["Part"] = json!({ "type": "object", "properties": { "name": text() } });
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Pens", "version": version },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn raw(value: &Value) -> Raw {
    load(&Source::new("new.json", value.to_string()), &mut Sink::new()).unwrap()
}

fn reread(text: &str) -> Vec<Piece> {
    let mut sink = Sink::new();
    let record = parse(&Source::new("retained.yaml", text), &mut sink).unwrap();
    let pieces = read(&record, &mut sink).unwrap();
    assert!(sink.finish().is_empty());
    pieces
}

fn put_back(value: &Value, record: &str) -> Raw {
    let mut sink = Sink::new();
    let raw = restore(raw(value), &Source::new("retained.yaml", record), &mut sink).unwrap();
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    raw
}

const ALL: [bool; 8] = [true; 8];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever goes is all there again, marked; a second refresh changes no byte; and what returns is
    /// no longer recorded.
    #[test]
    fn nothing_is_lost(has in prop::array::uniform8(any::<bool>())) {
        let old = description("1", ALL);
        let new = description("2", has);
        let outcome = collect(&old, &[], &new, &[]);
        prop_assert_eq!(outcome.pieces.is_empty(), has == ALL);
        let record = render(&outcome.pieces);
        let restored = put_back(&new, &record);
        prop_assert_eq!(without_marks(&restored.value), {
            let mut value = sorted(&old);
            value["info"]["version"] = json!("2");
            value
        });

        let again = collect(&new, &reread(&record), &new, &[]);
        prop_assert!(again.new.is_empty());
        prop_assert_eq!(render(&again.pieces), record.clone());

        let back = collect(&new, &reread(&record), &old, &[]);
        prop_assert!(back.pieces.is_empty());
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !key.starts_with("x-alipay-removed"));
            // A marked reference is written as `allOf`.
            if let Some(reference) = map.get("allOf").and_then(|all| all.get(0)).cloned() {
                *value = reference;
                return;
            }
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The description without marks, in which the order of lists and keys does not matter.
fn without_marks(value: &Value) -> Value {
    let mut value = sorted(value);
    strip(&mut value);
    sorted(&value)
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| (*key).clone());
            Value::Object(
                keys.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect(),
            )
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}

#[test]
fn what_is_put_back_is_marked_and_found_in_the_record() {
    let new = description("2", [false, true, true, false, false, true, true, true]);
    let record = render(&collect(&description("1", ALL), &[], &new, &[]).pieces);
    let restored = put_back(&new, &record);
    let properties = Pointer::parse("/components/schemas/Pen/properties");
    let at = |pointer: &Pointer| restored.value.pointer(pointer.as_str()).unwrap().clone();
    assert_eq!(at(&properties.join("a b"))["x-alipay-removed-in"], "2");
    assert_eq!(at(&properties.join("part"))["x-alipay-removed-in"], "2");
    let code = at(&Pointer::parse("/components/schemas/Error/properties/code"));
    assert_eq!(code["x-alipay-removed-values"], json!({ "SOLD_OUT": "2" }));
    let place = restored.locate(&properties.join("a b"));
    assert_eq!(place.source, "retained.yaml");
    assert!(record.lines().nth(place.line - 1).unwrap().contains("a b"));
}

#[test]
fn operations_that_move_or_are_not_asked_for_were_not_dropped() {
    let old = description("1", ALL);
    let mut moved = description("2", ALL);
    let paths = moved["paths"].as_object_mut().unwrap();
    let sell = paths.remove("/v3/shop/pen/sell").unwrap();
    paths.insert("/v3/shop/pen/offer".to_owned(), sell);
    assert!(collect(&old, &[], &moved, &[]).pieces.is_empty());

    let mut fewer = description("2", ALL);
    fewer["paths"].as_object_mut().unwrap().remove("/v3/shop/pen/sell");
    let other = ["shop.ink".to_owned()];
    assert!(collect(&old, &[], &fewer, &other).pieces.is_empty());
    assert_eq!(collect(&old, &[], &fewer, &["shop.pen".to_owned()]).pieces.len(), 1);
}

#[test]
fn a_record_that_is_none_is_refused_with_its_place() {
    let text = "overlay: 1.0.0\nactions:\n- target: $.paths\n- target: $..x\n  x-removed-in: '1'\n  update: {}\n";
    let mut sink = Sink::new();
    let record = parse(&Source::new("retained.yaml", text), &mut sink).unwrap();
    assert_eq!(read(&record, &mut sink), None);
    let findings = sink.finish();
    let places: Vec<_> = findings.iter().map(|f| f.location.as_ref().unwrap().line).collect();
    assert_eq!(places, [3, 4]);
    assert!(findings.iter().all(|finding| finding.code == "bad-removal"));
}

#[test]
fn a_piece_without_a_place_is_a_warning() {
    let record = "overlay: 1.0.0\nactions:\n- target: $.components.schemas.Gone.properties\n  x-removed-in: '1'\n  x-adds: true\n  update:\n    a: {type: string}\n";
    let mut sink = Sink::new();
    let base = raw(&description("2", ALL));
    assert!(restore(base, &Source::new("retained.yaml", record), &mut sink).is_some());
    let findings = sink.finish();
    assert!(!findings.has_errors());
    assert_eq!(findings.iter().next().unwrap().code, "stale-removal");
}

#[test]
fn a_base_without_any_schema_left_gets_those_of_what_is_retained() {
    let old = description("1", [true; 8]);
    let mut new = description("2", [true; 8]);
    new["paths"] = json!({});
    for components in [None, Some(json!({})), Some(json!({ "schemas": {} }))] {
        let root = new.as_object_mut().unwrap();
        root.shift_remove("components");
        root.extend(components.map(|components| ("components".to_owned(), components)));
        let outcome = collect(&old, &[], &new, &[]);
        let retained: Vec<_> =
            outcome.pieces.iter().map(|piece| piece.pointer().to_string()).collect();
        assert!(retained.iter().any(|at| at.starts_with("#/components/schemas/")), "{retained:?}");
    }
}
