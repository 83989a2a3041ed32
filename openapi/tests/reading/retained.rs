//! What Alipay drops is recorded, put back, and forgotten when it returns.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use alipay_openapi::{
    Description,
    diag::Sink,
    ir::Field,
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

/// A description of one operation, `shop.pen.find`, which is at `place`: a path and a method.
fn pens(version: &str, place: [&str; 2], operation: &Value, schemas: &Value) -> Value {
    let [path, method] = place;
    let schema = |name: &str| {
        json!({ "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{name}") } } } })
    };
    let mut full = json!({
        "operationId": "shop.pen.find",
        "tags": ["shop.pen"],
        "responses": { "200": { "description": "" } },
    });
    if let Some(parameters) = operation["parameters"].as_array() {
        let parameter =
            |name: &Value| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
        full["parameters"] = parameters.iter().map(parameter).collect();
    }
    if let Some(body) = operation["body"].as_str() {
        full["requestBody"] = schema(body);
    }
    let schemas = schemas.as_object().unwrap().iter().map(|(name, properties)| {
        let properties =
            properties.as_array().unwrap().iter().map(|property| {
                (property.as_str().unwrap().to_owned(), json!({ "type": "string" }))
            });
        let properties = Value::Object(properties.collect());
        (name.clone(), json!({ "type": "object", "properties": properties }))
    });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Pens", "version": version },
        "paths": { path: { method: full } },
        "components": { "schemas": Value::Object(schemas.collect()) },
    })
}

const FIND: [&str; 2] = ["/v3/shop/pen/find", "post"];
const PENS: [&str; 2] = ["/v3/shop/pens", "get"];

/// The pieces, as people read of them.
fn described(pieces: &[Piece]) -> Vec<String> {
    pieces.iter().map(Piece::describe).collect()
}

/// The fields of the request after a refresh, each with the version that dropped it.
fn fields(new: &Value, pieces: &[Piece]) -> Vec<(String, Option<String>)> {
    let record = render(pieces);
    assert!(pieces.is_empty() || reread(&record).len() == pieces.len());
    let record = (!pieces.is_empty()).then(|| Source::new("retained.yaml", record));
    let base = Source::new("new.json", new.to_string());
    let api = Description::new(base).retained(record).api().unwrap();
    let request = api.structs.iter().find(|item| item.id == api.groups[0].operations[0].request);
    let field = |field: &Field| (field.wire.clone(), field.removed_in.clone());
    request.unwrap().fields.iter().map(field).collect()
}

fn removed(name: &str, version: Option<&str>) -> (String, Option<String>) {
    (name.to_owned(), version.map(str::to_owned))
}

#[test]
fn parameters_of_an_operation_that_moves_are_retained_and_move_with_it() {
    let none = json!({});
    let old = pens("1", FIND, &json!({ "parameters": ["name", "page"] }), &none);
    let new = pens("2", PENS, &json!({ "parameters": ["name"] }), &none);
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(described(&outcome.new), ["the parameter `page` of GET /v3/shop/pens"]);
    assert_eq!(fields(&new, &outcome.pieces), [removed("name", None), removed("page", Some("2"))]);

    let again = ["/v3/shop/pens/all", "get"];
    let newer = pens("3", again, &json!({ "parameters": ["name"] }), &none);
    let again = collect(&new, &reread(&render(&outcome.pieces)), &newer, &[]);
    assert!(again.new.is_empty());
    assert_eq!(described(&again.pieces), ["the parameter `page` of GET /v3/shop/pens/all"]);
    assert_eq!(fields(&newer, &again.pieces), [removed("name", None), removed("page", Some("2"))]);
}

#[test]
fn a_body_that_is_dropped_is_retained_with_its_fields() {
    let both = json!({ "parameters": ["auth"], "body": "Pen" });
    let old = pens("1", FIND, &both, &json!({ "Pen": ["color", "size"] }));
    let new = pens("2", FIND, &json!({ "parameters": ["auth"] }), &json!({}));
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(described(&outcome.new), ["the body of POST /v3/shop/pen/find", "the schema `Pen`"]);
    let all = [removed("auth", None), removed("color", Some("2")), removed("size", Some("2"))];
    assert_eq!(fields(&new, &outcome.pieces), all);

    // It is forgotten when it returns, and when the operation becomes one without a body.
    let record = reread(&render(&outcome.pieces));
    assert!(collect(&new, &record, &old, &[]).pieces.is_empty());
    let read = pens("3", PENS, &json!({ "parameters": ["auth"] }), &json!({}));
    assert!(collect(&new, &record, &read, &[]).pieces.is_empty());
}

#[test]
fn a_body_that_cannot_stay_is_said_to_be_lost() {
    let schemas = json!({ "Pen": ["color", "size"] });
    let old = pens("1", FIND, &json!({ "body": "Pen" }), &schemas);
    for (place, parameters, lost) in [
        (PENS, json!([]), &["color", "size"][..]),
        (PENS, json!(["size"]), &["color"]),
        (FIND, json!(["size"]), &["color"]),
        (PENS, json!(["size", "color"]), &[]),
        (FIND, json!(["size", "color"]), &[]),
    ] {
        let new = pens("2", place, &json!({ "parameters": parameters }), &json!({}));
        let outcome = collect(&old, &[], &new, &[]);
        assert!(outcome.pieces.is_empty(), "{:?}", described(&outcome.pieces));
        let expected: Vec<_> =
            lost.iter().map(|name| ((*name).to_owned(), "shop.pen.find".to_owned())).collect();
        assert_eq!(outcome.lost, expected);
    }
}

#[test]
fn fields_of_a_body_stay_when_it_gets_another_schema() {
    let old = pens("1", FIND, &json!({ "body": "Common" }), &json!({ "Common": ["url", "size"] }));
    let new = pens("2", FIND, &json!({ "body": "Find" }), &json!({ "Find": ["size", "color"] }));
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(described(&outcome.new), ["`url` of `Find`"]);
    let all = [removed("size", None), removed("color", None), removed("url", Some("2"))];
    assert_eq!(fields(&new, &outcome.pieces), all);
}

#[test]
fn what_is_sent_elsewhere_now_was_not_dropped() {
    let old = pens("1", FIND, &json!({ "parameters": ["color", "page"] }), &json!({}));
    let new = pens("2", FIND, &json!({ "body": "Pen" }), &json!({ "Pen": ["color"] }));
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(described(&outcome.new), ["all parameters of POST /v3/shop/pen/find"]);
    assert_eq!(fields(&new, &outcome.pieces), [removed("page", Some("2")), removed("color", None)]);

    // What was retained in the query is forgotten when it comes back in the body.
    let back = pens("3", FIND, &json!({ "body": "Pen" }), &json!({ "Pen": ["color", "page"] }));
    assert!(collect(&new, &reread(&render(&outcome.pieces)), &back, &[]).pieces.is_empty());
}

#[test]
fn properties_that_are_sent_in_the_query_now_were_not_dropped() {
    let old = pens("1", FIND, &json!({ "body": "Pen" }), &json!({ "Pen": ["color", "page"] }));
    let both = json!({ "parameters": ["page"], "body": "Pen" });
    let new = pens("2", FIND, &both, &json!({ "Pen": ["color"] }));
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(fields(&new, &outcome.pieces), [removed("page", None), removed("color", None)]);
}

#[test]
fn properties_that_are_files_now_were_not_dropped() {
    let old = pens("1", FIND, &json!({ "body": "Pen" }), &json!({ "Pen": ["image", "size"] }));
    let mut new = pens("2", FIND, &json!({}), &json!({ "Pen": ["size"] }));
    new["paths"][FIND[0]][FIND[1]]["requestBody"] = json!({ "content": { "multipart/form-data": {
        "schema": { "type": "object", "properties": {
            "data": { "$ref": "#/components/schemas/Pen" },
            "image": { "type": "string", "format": "binary" },
        } } } } });
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(fields(&new, &outcome.pieces), [removed("size", None), removed("image", None)]);
}

#[test]
fn an_operation_that_returns_at_another_place_is_back() {
    let old = pens("1", FIND, &json!({ "parameters": ["page"] }), &json!({}));
    let mut without = pens("2", FIND, &json!({}), &json!({}));
    without["paths"] = json!({});
    let record = collect(&old, &[], &without, &[]).pieces;
    assert_eq!(described(&record), ["the operation POST /v3/shop/pen/find"]);
    let back = pens("3", PENS, &json!({ "parameters": ["page"] }), &json!({}));
    assert!(collect(&without, &reread(&render(&record)), &back, &[]).pieces.is_empty());
}

#[test]
fn operations_that_change_places_are_compared_by_their_ids() {
    let old = pens("1", FIND, &json!({ "parameters": ["color", "page"] }), &json!({}));
    let mut new = pens("2", PENS, &json!({ "parameters": ["color"] }), &json!({}));
    let mut other = pens("2", FIND, &json!({}), &json!({}))["paths"][FIND[0]].take();
    other[FIND[1]]["operationId"] = json!("shop.pen.other");
    new["paths"][FIND[0]] = other;
    let outcome = collect(&old, &[], &new, &[]);
    assert_eq!(described(&outcome.new), ["the parameter `page` of GET /v3/shop/pens"]);
}
