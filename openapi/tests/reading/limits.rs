//! Chains and sizes that no description has: they are refused or read, and never cost the stack or hours.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::fmt::Write as _;

use alipay_openapi::{Description, diag::Diagnostics, load::Source};
use serde_json::{Map, Value, json};

/// A description with one operation, whose request and response have this property.
fn description(property: &Value, components: &Value) -> Value {
    let body = json!({"content": {"application/json": {"schema": {
        "type": "object",
        "properties": {"first": property},
    }}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Chains", "version": "1"},
        "paths": {"/v3/shop/order": {"post": {
            "operationId": "shop.order",
            "tags": ["shop"],
            "requestBody": body,
            "responses": {"200": {"description": "", "content": body["content"]}},
        }}},
        "components": components,
    })
}

fn source(value: &Value) -> Source {
    Source::new("t.json", value.to_string())
}

fn findings(description: &Description) -> Option<Diagnostics> {
    description.api().err()
}

/// Says whether there is nothing wrong, or only that something is too deep or too large, and where.
fn ends_well(name: &str, description: &Description) {
    for finding in findings(description).iter().flat_map(Diagnostics::iter) {
        assert!(matches!(finding.code, "too-deep" | "too-large"), "{name}: {finding}");
        assert!(finding.location.is_some(), "{name}: {finding}");
    }
}

/// Components that lead on to one another, each made by `link` from the reference to the next.
fn chain(links: usize, section: &str, link: &dyn Fn(Value) -> Value, last: Value) -> Value {
    let reference = |n: usize| json!({"$ref": format!("#/components/{section}/C{n}")});
    let mut members: Map<String, Value> =
        (0..links).map(|n| (format!("C{n}"), link(reference(n + 1)))).collect();
    members.insert(format!("C{links}"), last);
    Value::Object(Map::from_iter([(section.to_owned(), Value::Object(members))]))
}

#[test]
fn chains_of_components_are_bounded() {
    let kinds: [(&str, &dyn Fn(Value) -> Value); 8] = [
        ("lists", &|next| json!({"type": "array", "items": next})),
        ("maps", &|next| json!({"type": "object", "additionalProperties": next})),
        ("references", &|next| next),
        ("parts", &|next| json!({"allOf": [next]})),
        ("parts with more", &|next| json!({"allOf": [next], "description": "x", "nullable": true})),
        ("own parts", &|next| json!({"allOf": [next], "properties": {"x": {"type": "string"}}})),
        ("objects", &|next| json!({"type": "object", "properties": {"a": next}})),
        (
            "lists of objects",
            &|next| json!({"type": "object", "properties": {"a": {"type": "array", "items": next}}}),
        ),
    ];
    let object = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    for (name, link) in kinds {
        for links in [10, 3_000] {
            let components = chain(links, "schemas", link, object.clone());
            let first = json!({"$ref": "#/components/schemas/C0"});
            let value = description(&first, &components);
            let description = Description::new(source(&value));
            ends_well(name, &description);
            let refused = findings(&description).is_some();
            let may_be_long = name.contains("objects");
            assert_eq!(refused, links > 10 && !may_be_long, "{name} {links}");
        }
    }
}

#[test]
fn chains_of_parameters_bodies_and_responses_are_bounded() {
    for (section, last) in [
        ("parameters", json!({"name": "a", "in": "query", "schema": {"type": "string"}})),
        ("requestBodies", json!({"content": {"application/json": {"schema": {"type": "object"}}}})),
        ("responses", json!({"description": ""})),
    ] {
        for links in [10, 5_000] {
            let components = chain(links, section, &|next| next, last.clone());
            let mut value = description(&json!({"type": "string"}), &components);
            let first = json!({"$ref": format!("#/components/{section}/C0")});
            let operation = value.pointer_mut("/paths/~1v3~1shop~1order/post").unwrap();
            match section {
                "parameters" => operation["parameters"] = json!([first]),
                "requestBodies" => operation["requestBody"] = first,
                _ => operation["responses"]["200"] = first,
            }
            let description = Description::new(source(&value));
            ends_well(section, &description);
            assert_eq!(findings(&description).is_some(), links > 10, "{section} {links}");
        }
    }
}

fn overlay(actions: &[Value]) -> Source {
    let document =
        json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions});
    Source::new("overlay.json", document.to_string())
}

fn action(target: &str, update: &Value) -> Value {
    json!({"target": target, "x-confidence": "documented", "x-source": "Y", "x-adds": true, "update": update})
}

#[test]
fn what_many_actions_nest_is_bounded() {
    let base = source(&description(&json!({"type": "string"}), &json!({})));
    // Each action is laid one level below that before it.
    let mut actions = vec![action("$.components", &json!({"examples": {"a": {}}}))];
    let mut target = "$.components.examples.a".to_owned();
    for _ in 0..300 {
        actions.push(action(&target, &json!({"a": {}})));
        target.push_str(".a");
    }
    let found = findings(&Description::new(base.clone()).overlay(Some(overlay(&actions)))).unwrap();
    assert!(found.iter().any(|finding| finding.code == "too-deep"), "{found}");
    for (open, close) in
        [("[?(@.a==", ")]"), ("[?", "]"), ("(", ")"), ("[?!(", ")]"), ("[?length(", ")]")]
    {
        let target = format!("${}@.a{}", open.repeat(20_000), close.repeat(20_000));
        let actions = [action(&target, &json!({"a": {}}))];
        let found =
            findings(&Description::new(base.clone()).overlay(Some(overlay(&actions)))).unwrap();
        assert_eq!(
            found.iter().map(|finding| finding.code).collect::<Vec<_>>(),
            ["invalid-target"]
        );
    }
}

#[test]
fn what_is_quoted_in_a_target_neither_nests_nor_hides_what_does() {
    let base = source(&description(&json!({"type": "string"}), &json!({})));
    let finding = |target: String| {
        let actions = [action(&target, &json!({"a": {}}))];
        let found = findings(&Description::new(base.clone()).overlay(Some(overlay(&actions))));
        let found = found.unwrap();
        assert_eq!(found.iter().count(), 1, "{target}: {found}");
        let finding = found.iter().next().unwrap();
        (finding.code, finding.message.contains("nested more than"))
    };
    let (open, close) = ("(".repeat(40), ")".repeat(40));
    for quoted in [r"'\''", r#""\"""#, r"'\\'", r"'a\'\''"] {
        let target = format!("$.paths[?@.a == {quoted} && {open}@.a{close}]");
        assert_eq!(finding(target), ("invalid-target", true), "{quoted}");
    }
    for name in [format!(r"'\'{open}'"), format!(r#""\"{open}""#), format!("'{open}'")] {
        assert_eq!(finding(format!("$.paths[{name}]")), ("unmatched-target", false), "{name}");
    }
}

#[test]
fn what_is_ignored_may_be_deep() {
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let mut value =
        description(&json!({"type": "string"}), &json!({"examples": {"e": deep.clone()}}));
    let media = "/paths/~1v3~1shop~1order/post/requestBody/content/application~1json";
    value.pointer_mut(media).unwrap()["examples"] = json!({"e": {"value": deep}});
    assert_eq!(findings(&Description::new(source(&value))), None);
}

#[test]
fn large_descriptions_take_time_in_proportion() {
    // Each would take hours if it was quadratic.
    const MANY: usize = 10_000;
    let string = json!({"type": "string"});
    let names = |prefix: &str| (0..MANY).map(|n| format!("{prefix}{n}")).collect::<Vec<_>>();
    let members = |prefix: &str, value: &Value| -> Map<String, Value> {
        names(prefix).into_iter().map(|name| (name, value.clone())).collect()
    };
    let none = json!({});
    for (name, property, components) in [
        (
            "properties",
            json!({"type": "object", "properties": members("p", &string), "required": names("p")}),
            none.clone(),
        ),
        ("values", json!({"type": "string", "enum": names("v")}), none.clone()),
        ("components", string.clone(), json!({"schemas": members("C", &string)})),
    ] {
        let value = description(&property, &components);
        assert_eq!(findings(&Description::new(source(&value))), None, "{name}");
    }
    let mut text = String::new();
    for n in 0..MANY {
        writeln!(text, "  bad{n}: 1").unwrap();
    }
    let text = format!("openapi: 3.0.3\ninfo:\n  title: t\n  version: 1\n{text}paths: {{}}\n");
    let found = findings(&Description::new(Source::new("t.yaml", text))).unwrap();
    assert!(found.iter().count() > MANY / 2);
}
