//! Nothing in a description goes unnoticed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    audit::audit,
    diag::Sink,
    import::to_yaml,
    load::{Raw, Source, load},
    pointer::Pointer,
};
use serde_json::{Value, json};

const GOOD: &str = include_str!("../fixtures/diagnostics/good.yaml");

fn read(text: &str) -> Raw {
    load(&Source::new("t.yaml", text), &mut Sink::new()).unwrap()
}

fn codes(value: &Value) -> Vec<&'static str> {
    let mut sink = Sink::new();
    let raw = read(&to_yaml(value));
    let model = audit(&raw, &mut sink);
    assert_eq!(model.is_none(), sink.has_errors());
    sink.finish().iter().map(|finding| finding.code).collect()
}

#[test]
fn values_that_say_nothing_new_are_no_loss() {
    let mut value = read(GOOD).value;
    let schema = value.pointer_mut("/components/schemas/Seat/properties/kind").unwrap();
    *schema = json!({
        "type": "string", "nullable": false, "deprecated": false, "readOnly": false, "enum": [], "example": null,
        "default": null, "minLength": 0,
    });
    let row = value.pointer_mut("/components/schemas/Seat/properties/row").unwrap();
    *row = json!({"type": "number", "minimum": 1, "maximum": 2.5, "exclusiveMinimum": false, "uniqueItems": false});
    assert_eq!(codes(&value), [""; 0]);
}

#[test]
fn bounds_beyond_64_bits_are_kept_unless_they_are_exclusive() {
    for (of, bound) in [
        ("number", json!(9_007_199_254_740_993_u64)),
        ("integer", json!(u64::MAX)),
        ("integer", json!("-9223372036854775809")),
        ("integer", json!(1.0)),
    ] {
        let mut value = read(GOOD).value;
        let row = "/components/schemas/Seat/properties/row";
        *value.pointer_mut(row).unwrap() = json!({"type": of, "minimum": bound});
        assert_eq!(codes(&value), [""; 0], "{bound}");
        value.pointer_mut(row).unwrap()["exclusiveMinimum"] = json!(true);
        assert!(bound == json!(1.0) || !codes(&value).is_empty(), "{bound}");
    }
}

fn with_listed(schema: &Value) -> Vec<String> {
    let mut value = read(GOOD).value;
    *value.pointer_mut("/components/schemas/Seat/properties/row").unwrap() = schema.clone();
    let mut sink = Sink::new();
    audit(&read(&to_yaml(&value)), &mut sink);
    let findings = sink.finish();
    let pointers = findings.iter().map(|finding| {
        assert_eq!(finding.code, "wrong-type", "{finding}");
        let pointer = finding.pointer.as_ref().unwrap().as_str().to_owned();
        format!("{}: {}", pointer.rsplit_once("row/").unwrap().1, finding.message)
    });
    pointers.collect()
}

#[test]
fn a_listed_value_of_another_type_is_named() {
    let string = json!({"type": "string", "enum": ["a", true, 1, 1.5, null, [1], {"a": 1}]});
    assert_eq!(
        with_listed(&string),
        [
            "enum/1: `true` is a boolean; quote it",
            "enum/2: `1` is a number; quote it",
            "enum/3: `1.5` is a number; quote it",
            "enum/4: `null` is nothing; remove it, or say `nullable: true`",
            "enum/5: this is a list; correct it",
            "enum/6: this is a mapping; correct it",
        ]
    );
    assert_eq!(
        with_listed(&json!({"type": "integer", "enum": [1, "2", 1.5]})),
        [
            "enum/1: \"2\" is a string; remove the quotes",
            "enum/2: `1.5` is no integer of 64 bits; correct it",
        ]
    );
    for good in [
        json!({"type": "string", "nullable": true, "enum": ["a", null]}),
        json!({"type": "string", "enum": ["no", "off", "2026-01-31", "1e3"]}),
        json!({"type": "boolean", "enum": [true]}),
    ] {
        assert_eq!(with_listed(&good), [""; 0], "{good}");
    }
}

#[test]
fn extensions_of_others_are_a_warning_and_ours_an_error() {
    for (place, key) in [
        ("", "x-other"),
        ("/info", "x-other"),
        ("/paths", "x-other"),
        ("/components/schemas/Seat", "x-other"),
        ("/components/schemas/Seat", "x-alipay-other"),
        ("/components/schemas/Seat", "x-rust-something-else"),
    ] {
        let mut value = read(GOOD).value;
        value.pointer_mut(place).unwrap()[key] = json!(1);
        let mut sink = Sink::new();
        let model = audit(&read(&to_yaml(&value)), &mut sink);
        assert_eq!(model.is_some(), key == "x-other", "{place} {key}");
        let findings = sink.finish();
        assert_eq!(findings.iter().map(|found| found.code).collect::<Vec<_>>(), ["unknown-shape"]);
        assert!(findings.to_string().contains(&format!("--ignore-extension {key}")), "{findings}");
    }
}

#[test]
fn a_description_in_several_files_is_one_finding() {
    let mut value = read(GOOD).value;
    for n in 0..9 {
        value["paths"][format!("/v3/{n}")] = json!({"get": {"$ref": format!("{n}.yaml")}});
    }
    let mut sink = Sink::new();
    assert!(audit(&read(&to_yaml(&value)), &mut sink).is_none());
    let findings = sink.finish();
    assert_eq!(findings.iter().count(), 1, "{findings}");
    assert!(findings.to_string().contains("bundle the documents"), "{findings}");
}

/// Constructs that are plain OpenAPI, but that the generator cannot express, are for lowering to
/// refuse: its message knows more.
#[test]
fn what_lowering_refuses_passes() {
    for schema in [
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]}),
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "additionalProperties": true, "discriminator": {"propertyName": "a"}}),
        json!({"not": {"type": "string"}}),
        json!({"type": "string", "nullable": true, "pattern": "^a$", "default": "a"}),
        json!({"type": "number", "multipleOf": 0.01}),
        json!({}),
    ] {
        let mut value = read(GOOD).value;
        *value.pointer_mut("/components/schemas/Seat").unwrap() = schema.clone();
        assert_eq!(codes(&value), [""; 0], "{schema}");
    }
    for place in ["header", "cookie"] {
        let mut value = read(GOOD).value;
        let parameters =
            value.pointer_mut("/paths/~1v3~1ticket~1{ticket_id}/get/parameters").unwrap();
        *parameters = json!([{"name": "a", "in": place, "schema": {"type": "string"}}]);
        assert_eq!(codes(&value), [""; 0], "{place}");
    }
}

/// Deep nesting is refused, and quickly, whatever stands at the bottom.
#[test]
fn depth_costs_no_time() {
    for bottom in [
        json!({"enum": 5}),
        json!({"type": "string"}),
        json!({"maxLength": "x"}),
        json!({"xml": 1}),
    ] {
        let nested = |key: &str, levels: usize| {
            (0..levels).fold(bottom.clone(), |inner, _| json!({ key: inner }))
        };
        for key in ["items", "not", "additionalProperties"] {
            let mut value = read(GOOD).value;
            let seat = value.pointer_mut("/components/schemas/Seat").unwrap();
            *seat = nested(key, 15);
            assert_eq!(codes(&value).is_empty(), bottom.get("type").is_some());
            *value.pointer_mut("/components/schemas/Seat").unwrap() = nested(key, 50);
            assert_eq!(codes(&value), ["too-deep"]);
        }
        let mut value = read(GOOD).value;
        let operation = value.pointer_mut("/paths/~1v3~1ticket~1sell/post").unwrap();
        operation.as_object_mut().unwrap().insert("callbacks".to_owned(), nested("items", 40));
        assert_eq!(codes(&value), ["too-deep"]);
        let operation = value.pointer_mut("/paths/~1v3~1ticket~1sell/post").unwrap();
        let content = json!({"a/b": {"schema": nested("items", 5)}});
        let callback =
            json!({"post": {"responses": {"200": {"description": "", "content": content}}}});
        operation["callbacks"] = json!({"a": {"/b": callback}});
        assert!(!codes(&value).contains(&"too-deep"));
    }
}

/// Every single small change to a description is noticed by the audit or changes the typed model.
#[test]
fn no_mutation_goes_unnoticed() {
    let good = read(GOOD);
    let model = audit(&good, &mut Sink::new()).unwrap();
    let mut pointers = Vec::new();
    collect(&good.value, &Pointer::root(), &mut pointers);
    let mut tried = 0;
    for pointer in pointers {
        for mutate in [rename, retype, drop_key] {
            let mut value = good.value.clone();
            if !mutate(&mut value, &pointer) {
                continue;
            }
            tried += 1;
            let mut sink = Sink::new();
            let text = to_yaml(&value);
            let raw = load(&Source::new("t.yaml", text), &mut sink);
            let noticed = match raw.and_then(|raw| audit(&raw, &mut sink)) {
                Some(mutant) => mutant != model,
                None => sink.has_errors(),
            };
            // `required: false`, `explode: false` and `style: simple` say what holds anyway.
            let moot = ["required", "style"].contains(&pointer.last().unwrap().as_str());
            assert!(noticed || moot, "a change at {pointer} goes unnoticed:\n{}", to_yaml(&value));
        }
    }
    assert!(tried > 200, "{tried}");
}

fn collect(value: &Value, at: &Pointer, into: &mut Vec<Pointer>) {
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                into.push(at.join(key));
                collect(member, &at.join(key), into);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &at.join(index), into);
            }
        }
        _ => {}
    }
}

fn parent<'a>(value: &'a mut Value, pointer: &Pointer) -> &'a mut serde_json::Map<String, Value> {
    value.pointer_mut(pointer.parent().unwrap().as_str()).unwrap().as_object_mut().unwrap()
}

fn rename(value: &mut Value, pointer: &Pointer) -> bool {
    let key = pointer.last().unwrap();
    let map = parent(value, pointer);
    let old = map.shift_remove(&key).unwrap();
    map.insert(format!("{key}x"), old);
    true
}

fn drop_key(value: &mut Value, pointer: &Pointer) -> bool {
    parent(value, pointer).shift_remove(&pointer.last().unwrap()).is_some()
}

fn retype(value: &mut Value, pointer: &Pointer) -> bool {
    let member = value.pointer_mut(pointer.as_str()).unwrap();
    *member = match member {
        Value::String(_) => json!(["x"]),
        Value::Bool(flag) => json!(!*flag),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => json!("x"),
        Value::Null => return false,
    };
    true
}
