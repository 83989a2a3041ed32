//! What is asked of a description, and what is left out of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    Description,
    diag::{Diagnostics, Sink},
    load::Source,
    pointer::Pointer,
};
use serde_json::{Value, json};

fn operation(tag: &str, verb: &str, property: &Value) -> Value {
    let schema = json!({"type": "object", "properties": {"a": property}});
    json!({
        "operationId": format!("{tag}.{verb}"),
        "tags": [tag],
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": ""}},
    })
}

/// A group without a fault, and another.
fn description(other: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Two groups", "version": "1"},
        "paths": {
            "/v3/good": {"post": operation("shop.good", "make", &json!({"type": "string"}))},
            "/v3/other": other,
        },
    })
}

fn source(value: &Value) -> Source {
    Source::new("t.json", value.to_string())
}

fn codes(findings: &Diagnostics) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn what_stands_outside_of_the_tags_is_not_looked_at() {
    let string = json!({"type": "string"});
    let with = |key: &str, value: Value| {
        let mut other = operation("shop.other", "make", &string);
        other[key] = value;
        json!({"post": other})
    };
    for other in [
        with("x-alipay-new", json!(1)),
        with("operationId", json!("shop.good.make")),
        with("summary", json!(5)),
        with("requestBody", json!({"$ref": "#/components/nowhere"})),
        with("responses", json!({"$ref": "other.yaml"})),
        json!({"$ref": "other.yaml"}),
        json!(5),
    ] {
        let whole = Description::new(source(&description(&other)));
        let api = whole.clone().tags(["shop.good"]).api();
        assert!(api.is_ok(), "{other}: {}", api.unwrap_err());
        assert!(whole.api().is_err(), "{other}");
    }
    let mut value = description(&json!({"post": operation("shop.other", "make", &string)}));
    value["tags"] = json!([{"nam": "shop.other"}, {"name": "shop.good"}]);
    value["components"] = json!({"schemas": {"Unused": {"type": "nothing"}}, "examples": 5});
    assert!(Description::new(source(&value)).tags(["shop.good"]).api().is_ok());
}

#[test]
fn a_tag_that_is_kept_does_not_take_the_place_of_one_that_is_left_out() {
    let mut value =
        description(&json!({"post": operation("shop.other", "make", &json!({"type": "string"}))}));
    value["tags"] = json!([{"name": "shop.other"}, {"name": "shop.good"}]);
    let text = serde_json::to_string_pretty(&value).unwrap();
    let places = |tags: &[&str]| {
        let description = Description::new(Source::new("t.json", text.as_str()));
        let read = description.tags(tags.iter().copied()).read(&mut Sink::new());
        let (document, _) = read.unwrap();
        ["/tags", "/tags/0/name"].map(|at| document.locate(&Pointer::parse(at)).line)
    };
    let [list, first] = places(&[]);
    assert_eq!(first, list + 2);
    // Where the tag stood is not known any more, but the list is.
    assert_eq!(places(&["shop.good"]), [list, list]);
}

fn overlay(target: &str, does: &str) -> Source {
    let text = format!(
        "overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n- target: {target}\n  \
         x-confidence: documented\n  x-source: Y\n  {does}\n"
    );
    Source::new("overlay.yaml", text)
}

#[test]
fn what_an_overlay_removes_or_replaces_is_not_looked_at() {
    let mut other = operation("shop.other", "make", &json!({"type": "strin"}));
    other["x-alipay-new"] = json!(1);
    let value = description(&json!({"post": other}));
    let found = Description::new(source(&value)).api().unwrap_err();
    assert_eq!(codes(&found), ["unknown-type", "unknown-shape"]);
    let of = |overlay| Description::new(source(&value)).overlay(Some(overlay)).api();
    assert!(of(overlay("$.paths['/v3/other']", "remove: true")).is_ok());
    let left = of(overlay("$..['x-alipay-new']", "remove: true")).unwrap_err();
    assert_eq!(codes(&left), ["unknown-type"]);
    let left = of(overlay("$..[?(@.type=='strin')]", "update: {type: string}")).unwrap_err();
    assert_eq!(codes(&left), ["unknown-shape"]);
}

#[test]
fn extensions_can_be_ignored() {
    let mut other = operation("shop.other", "make", &json!({"type": "string"}));
    other["x-alipay-new"] = json!(1);
    let description = Description::new(source(&description(&json!({"post": other}))));
    assert!(description.api().is_err());
    let mut sink = Sink::new();
    assert!(description.ignoring(["x-alipay-new"]).read(&mut sink).is_some());
    assert!(sink.finish().is_empty());
}

#[test]
fn the_digest_is_that_of_the_value() {
    let value =
        description(&json!({"patch": operation("shop.other", "see", &json!({"type": "string"}))}));
    let digest = |text: String| {
        let (document, _) =
            Description::new(Source::new("t", text)).read(&mut Sink::new()).unwrap();
        document.digest().to_owned()
    };
    let json = value.to_string();
    let yaml = alipay_openapi::import::to_yaml(&value);
    let first = digest(json.clone());
    for same in [
        format!("\u{feff}{json}"),
        serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n"),
        yaml.clone(),
        format!("\u{feff}# A comment.\n{yaml}").replace('\n', "\r\n"),
    ] {
        assert_eq!(digest(same), first);
    }
    assert_ne!(digest(json.replace("Two", "2")), first);
}

#[test]
fn operations_that_fail_are_left_out_and_nothing_else() {
    let mut value = description(&json!({
        "post": operation("shop.other", "make", &json!({"oneOf": [{"type": "string"}]})),
        "put": operation("shop.other", "change", &json!({"$ref": "#/components/schemas/Bad"})),
        "patch": operation("shop.other", "see", &json!({"type": "string"})),
    }));
    value["components"] =
        json!({"schemas": {"Bad": {"not": {"type": "string"}}, "Unused": {"type": "no"}}});
    let read = |value: &Value| Description::new(source(value)).skipping_unsupported(true).outline();
    let api = read(&value).unwrap().api;
    let kept = api.groups.iter().flat_map(|group| &group.operations);
    assert_eq!(
        kept.map(|operation| operation.id.as_str()).collect::<Vec<_>>(),
        ["shop.good.make", "shop.other.see"]
    );
    let left_out: Vec<_> = api
        .left_out
        .iter()
        .map(|left| {
            (
                left.id.as_str(),
                left.code.as_str(),
                left.place.as_ref().is_some_and(|place| place.in_file() == "t.json:1"),
            )
        })
        .collect();
    assert_eq!(
        left_out,
        [
            ("shop.other.make", "unsupported-construct", true),
            ("shop.other.change", "unsupported-construct", true),
        ]
    );
    value["info"]["title"] = json!(5);
    assert_eq!(codes(&read(&value).unwrap_err()), ["wrong-type"]);
    let mut value = description(&json!({}));
    value["paths"]["/v3/good"]["post"]["x-alipay-new"] = json!(1);
    assert_eq!(codes(&read(&value).unwrap_err()), ["unknown-shape", "nothing-left"]);
}
