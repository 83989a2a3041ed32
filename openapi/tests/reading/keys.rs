//! Each key of each kind of schema, wherever the schema stands, is used or is an error at its place.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{Description, diag::Sink, ir, load::Source};
use serde_json::{Map, Value, json};

/// Schemas of each kind.
const KINDS: &[(&str, &str)] = &[
    ("string", r#"{"type": "string"}"#),
    ("enum", r#"{"type": "string", "enum": ["A", "B"]}"#),
    ("open enum", r#"{"type": "string", "x-extensible-enum": ["A", "B"]}"#),
    ("decimal", r#"{"type": "string", "format": "decimal"}"#),
    (
        "JSON text",
        r#"{"type": "string", "x-alipay-json-text": {"type": "array", "items": {"type": "string"}}}"#,
    ),
    (
        "JSON text of integers",
        r#"{"type": "string", "x-alipay-json-text": {"type": "array", "items": {"type": "integer"}}}"#,
    ),
    ("integer", r#"{"type": "integer"}"#),
    ("number", r#"{"type": "number"}"#),
    ("boolean", r#"{"type": "boolean"}"#),
    ("list", r#"{"type": "array", "items": {"type": "string"}}"#),
    ("list of objects", r##"{"type": "array", "items": {"$ref": "#/components/schemas/Struct"}}"##),
    ("object", r#"{"type": "object", "properties": {"x": {"type": "string"}}}"#),
    ("untyped object", r#"{"properties": {"x": {"type": "string"}}}"#),
    ("map", r#"{"type": "object", "additionalProperties": {"type": "string"}}"#),
    ("free object", r#"{"type": "object"}"#),
    ("anything", "{}"),
    ("string referred to", r##"{"allOf": [{"$ref": "#/components/schemas/Text"}]}"##),
    ("enum referred to", r##"{"allOf": [{"$ref": "#/components/schemas/Colour"}]}"##),
    ("integer referred to", r##"{"allOf": [{"$ref": "#/components/schemas/Number"}]}"##),
    ("list referred to", r##"{"allOf": [{"$ref": "#/components/schemas/List"}]}"##),
    ("map referred to", r##"{"allOf": [{"$ref": "#/components/schemas/Map"}]}"##),
    ("object referred to", r##"{"allOf": [{"$ref": "#/components/schemas/Struct"}]}"##),
    (
        "object of parts",
        r##"{"allOf": [{"$ref": "#/components/schemas/Struct"}, {"$ref": "#/components/schemas/Other"}]}"##,
    ),
];

const FEW_KINDS: &[&str] = &[
    "string",
    "enum",
    "list",
    "object",
    "map",
    "anything",
    "string referred to",
    "object referred to",
];

/// Each key of a schema with values to try.
const KEYS: &[(&str, &[&str])] = &[
    ("type", &[r#""string""#, r#""integer""#, r#""object""#]),
    (
        "format",
        &[r#""uuid""#, r#""decimal""#, r#""date""#, r#""int32""#, r#""password""#, r#""phone""#],
    ),
    ("properties", &[r#"{"y": {"type": "string"}}"#]),
    ("required", &[r#"["x"]"#, r#"["zzz"]"#]),
    ("items", &[r#"{"type": "integer"}"#]),
    ("enum", &[r#"["A"]"#, "[1]", "[true]"]),
    ("title", &[r#""Title""#]),
    ("description", &[r#""A description.""#]),
    ("example", &[r#""an example""#]),
    ("default", &[r#""a default""#]),
    ("deprecated", &["true"]),
    ("minLength", &["2"]),
    ("maxLength", &["3"]),
    ("minimum", &["2"]),
    ("maximum", &["3"]),
    ("exclusiveMinimum", &["true"]),
    ("exclusiveMaximum", &["true"]),
    ("multipleOf", &["2"]),
    ("minItems", &["2"]),
    ("maxItems", &["3"]),
    ("uniqueItems", &["true"]),
    ("minProperties", &["1"]),
    ("maxProperties", &["2"]),
    ("additionalProperties", &[r#"{"type": "integer"}"#]),
    ("nullable", &["true"]),
    ("readOnly", &["true"]),
    ("writeOnly", &["true"]),
    ("pattern", &[r#""^a$""#]),
    ("oneOf", &[r#"[{"type": "string"}]"#]),
    ("anyOf", &[r#"[{"type": "string"}]"#]),
    ("not", &[r#"{"type": "string"}"#]),
    ("discriminator", &[r#"{"propertyName": "x"}"#]),
    ("x-extensible-enum", &[r#"["C"]"#]),
    ("x-enum-descriptions", &[r#"{"A": "A meaning."}"#]),
    ("x-error-codes", &[r#"{"A": {"meaning": "A meaning."}}"#]),
    ("x-alipay-json-text", &[r#"{"type": "array", "items": {"type": "integer"}}"#]),
    ("x-alipay-unit", &[r#""yuan""#, r#""days""#]),
    ("x-alipay-minimum", &[r#""2""#]),
    ("x-alipay-maximum", &[r#""3""#]),
    ("x-alipay-limits", &[r#"["A rule."]"#]),
    ("x-alipay-required", &[r#""When it rains.""#]),
    ("x-alipay-sensitive", &["true"]),
    ("x-alipay-legacy", &[r#""new.field""#]),
    ("x-alipay-removed-in", &[r#""2026-01-31""#]),
    ("x-alipay-removed-values", &[r#"{"A": "2026-01-31"}"#]),
    ("x-rust-name", &[r#""pinned""#]),
    ("x-rust-module", &[r#""family""#]),
];

/// What says the same with and without a key, by the specification.
fn is_no_news(place: &str, kind: &str, key: &str, value: &str) -> bool {
    let says = |kinds: &[&str]| kinds.contains(&kind);
    match (key, value) {
        // The type that it has.
        ("type", r#""object""#) => {
            let objects = [
                "untyped object",
                "object referred to",
                "object of parts",
                "anything",
                "map referred to",
            ];
            says(&objects) || (place, kind) == ("remark of a body", "object")
        }
        ("type", r#""string""#) => says(&["string referred to", "enum referred to"]),
        ("type", r#""integer""#) => kind == "integer referred to",
        // Any JSON may be `null`.
        ("nullable", _) => says(&["free object", "anything"]) && place != "property",
        _ => false,
    }
}

fn description(place: &str, schema: &Value) -> Value {
    let mut root = json!({
        "openapi": "3.0.3",
        "info": {"title": "A made description", "version": "2026-01-31"},
        "paths": {"/v3/shop/go": {"post": {
            "tags": ["shop"],
            "operationId": "shop.go",
            "parameters": [{"name": "p", "in": "query", "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}},
            "responses": {"200": {"description": "done", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Response"}
            }}}},
        }}},
        "components": {"schemas": {
            "Request": {"type": "object", "properties": {"x": {"type": "string"}}},
            "Response": {"type": "object", "properties": {"x": {"type": "string"}}},
            "Struct": {"type": "object", "properties": {"x": {"type": "string"}}},
            "Other": {"type": "object", "properties": {"z": {"type": "string"}}},
            "Text": {"type": "string", "maxLength": 9},
            "Colour": {"type": "string", "enum": ["A", "B"]},
            "Number": {"type": "integer", "maximum": 9},
            "List": {"type": "array", "items": {"type": "string"}},
            "Map": {"type": "object", "additionalProperties": {"type": "string"}},
        }},
    });
    let schemas = &mut root["components"]["schemas"];
    let by_name = json!({"$ref": "#/components/schemas/C"});
    let mut field = |value: Value| schemas["Request"]["properties"]["f"] = value;
    match place {
        "property" => field(schema.clone()),
        "component" => field(by_name),
        "items" => field(json!({"type": "array", "items": schema})),
        "remark" => field(json!({"allOf": [{"$ref": "#/components/schemas/K"}, {}]})),
        "body" => schemas["Request"] = schema.clone(),
        "remark of a body" => {
            schemas["Request"] = json!({"allOf": [{"$ref": "#/components/schemas/K"}, {}]});
        }
        _ => root["paths"]["/v3/shop/go"]["post"]["parameters"][0]["schema"] = schema.clone(),
    }
    let schemas = &mut root["components"]["schemas"];
    match place {
        "component" => schemas["C"] = schema.clone(),
        "remark" | "remark of a body" => schemas["K"] = schema.clone(),
        _ => {}
    }
    root
}

enum Outcome {
    Meaning(String),
    /// The pointers of the errors, and what they say.
    Refused(Vec<String>, String),
}

fn outcome(root: &Value) -> Outcome {
    let mut sink = Sink::new();
    let source = Source::new("t.yaml", root.to_string());
    let read = Description::new(source).read(&mut sink);
    let findings = sink.finish();
    match read {
        Some((_, api)) => Outcome::Meaning(ir::dump(&api)),
        None => {
            let pointers = findings.iter().filter_map(|finding| finding.pointer.as_ref());
            let pointers = pointers.map(|pointer| pointer.as_str().to_owned());
            Outcome::Refused(pointers.collect(), findings.to_string())
        }
    }
}

/// Whether an error stands at the schema, or in it: at the key, or at one that does not go with it.
fn is_at(pointers: &[String], at: &str) -> bool {
    pointers.iter().any(|found| {
        found.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn each_key_is_used_or_refused(place: &str, at: &str) {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for (kind, schema) in KINDS {
        // Elsewhere than in a property, a few kinds show what the place changes.
        if place != "property" && !FEW_KINDS.contains(kind) {
            continue;
        }
        let schema: Map<String, Value> = serde_json::from_str(schema).unwrap();
        let root = description(place, &Value::Object(schema.clone()));
        let Outcome::Meaning(before) = outcome(&root) else {
            assert_ne!(place, "property", "{kind} is refused");
            continue;
        };
        for (key, value) in
            KEYS.iter().flat_map(|(key, values)| values.iter().map(move |value| (*key, *value)))
        {
            let mut root = root.clone();
            let map = root.pointer_mut(at).unwrap().as_object_mut().unwrap();
            if map.contains_key(key) || is_no_news(place, kind, key, value) {
                continue;
            }
            map.insert(key.to_owned(), serde_json::from_str(value).unwrap());
            pairs += 1;
            match outcome(&root) {
                Outcome::Meaning(after) if after == before => {
                    wrong.push(format!("{place}, {kind}: `{key}: {value}` is dropped"));
                }
                Outcome::Meaning(after)
                    if after.contains("\"Json\"") && !before.contains("\"Json\"") =>
                {
                    wrong.push(format!("{place}, {kind}: `{key}: {value}` makes it untyped"));
                }
                Outcome::Refused(pointers, said)
                    if !is_at(&pointers, at.trim_end_matches("/allOf/1")) =>
                {
                    wrong.push(format!(
                        "{place}, {kind}: `{key}: {value}` is refused elsewhere:\n{said}"
                    ));
                }
                _ => {}
            }
        }
    }
    assert!(pairs > 150, "{pairs}");
    assert!(wrong.is_empty(), "{} of {pairs}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_key_of_a_property_is_used_or_refused() {
    each_key_is_used_or_refused("property", "/components/schemas/Request/properties/f");
}

#[test]
fn each_key_of_a_component_is_used_or_refused() {
    each_key_is_used_or_refused("component", "/components/schemas/C");
}

#[test]
fn each_key_of_items_is_used_or_refused() {
    each_key_is_used_or_refused("items", "/components/schemas/Request/properties/f/items");
}

#[test]
fn each_key_of_a_parameter_is_used_or_refused() {
    each_key_is_used_or_refused("parameter", "/paths/~1v3~1shop~1go/post/parameters/0/schema");
}

#[test]
fn each_key_of_a_part_of_all_of_is_used_or_refused() {
    each_key_is_used_or_refused("remark", "/components/schemas/Request/properties/f/allOf/1");
}

#[test]
fn each_key_of_a_body_is_used_or_refused() {
    each_key_is_used_or_refused("body", "/components/schemas/Request");
}

#[test]
fn each_key_of_a_part_of_a_body_is_used_or_refused() {
    each_key_is_used_or_refused("remark of a body", "/components/schemas/Request/allOf/1");
}

/// Each kind at each place: both, the place of the schema, and the description.
fn each_schema(mut then: impl FnMut(&str, &str, &str, &Value)) {
    for (place, at) in [
        ("property", "/components/schemas/Request/properties/f"),
        ("component", "/components/schemas/C"),
        ("items", "/components/schemas/Request/properties/f/items"),
        ("remark", "/components/schemas/Request/properties/f/allOf/1"),
        ("body", "/components/schemas/Request"),
        ("parameter", "/paths/~1v3~1shop~1go/post/parameters/0/schema"),
    ] {
        for (kind, schema) in KINDS {
            then(kind, place, at, &description(place, &serde_json::from_str(schema).unwrap()));
        }
    }
}

#[test]
fn an_unknown_extension_of_others_is_a_warning_on_every_schema() {
    let mut pairs = 0;
    each_schema(|_, place, at, root| {
        let Outcome::Meaning(before) = outcome(root) else { return };
        let mut with = root.clone();
        let map = with.pointer_mut(at).unwrap().as_object_mut().unwrap();
        map.insert("x-other".to_owned(), json!({"a": [1]}));
        pairs += 1;
        let read = |ignored: Option<&str>| {
            let mut sink = Sink::new();
            let source = Source::new("t.yaml", with.to_string());
            let api = Description::new(source).ignoring(ignored).read(&mut sink);
            (api.map(|(_, api)| ir::dump(&api)), sink.finish())
        };
        let (meaning, findings) = read(None);
        assert_eq!(meaning.as_deref(), Some(before.as_str()), "{place}, {with}: {findings}");
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["unknown-shape"], "{place}, {with}: {findings}");
        let (meaning, findings) = read(Some("x-other"));
        assert_eq!(meaning.as_deref(), Some(before.as_str()), "{place}, {with}: {findings}");
        assert!(findings.is_empty(), "{place}, {with}: {findings}");
    });
    assert!(pairs > 60, "{pairs}");
}

#[test]
fn an_extension_that_is_ignored_may_stand_beside_a_reference() {
    let root = description("property", &json!({"$ref": "#/components/schemas/Text", "x-other": 1}));
    let mut sink = Sink::new();
    let read = Description::new(Source::new("t.yaml", root.to_string())).read(&mut sink);
    let findings = sink.finish();
    assert!(read.is_some(), "{findings}");
    assert!(findings.to_string().contains("warning[unknown-shape]"), "{findings}");
    let root =
        description("property", &json!({"$ref": "#/components/schemas/Text", "x-alipay-new": 1}));
    let description = Description::new(Source::new("t.yaml", root.to_string()));
    assert!(description.clone().api().is_err());
    assert!(description.ignoring(["x-alipay-new"]).api().is_ok());
}

#[test]
fn empty_properties_say_nothing() {
    each_schema(|kind, place, at, root| {
        let objects =
            ["object", "untyped object", "map", "free object", "anything", "object of parts"];
        if !objects.contains(&kind) {
            return;
        }
        let Outcome::Meaning(before) = outcome(root) else { return };
        for (key, value) in [("properties", json!({})), ("required", json!([]))] {
            let mut with = root.clone();
            let map = with.pointer_mut(at).unwrap().as_object_mut().unwrap();
            map.entry(key).or_insert(value);
            match outcome(&with) {
                Outcome::Meaning(after) => assert_eq!(after, before, "{place}, {with}"),
                Outcome::Refused(_, said) => panic!("{place}, {with}: {said}"),
            }
        }
    });
}

#[test]
fn the_example_of_a_parameter_counts_before_its_schemas() {
    let mut root = description("parameter", &json!({"type": "string", "example": "inner"}));
    root["paths"]["/v3/shop/go"]["post"]["parameters"][0]["example"] = json!("outer");
    let Outcome::Meaning(meaning) = outcome(&root) else { panic!("it is refused") };
    assert!(meaning.contains("outer") && !meaning.contains("inner"), "{meaning}");
}

/// The fields of the request, one of which is `f`.
fn field(schema: &Value) -> ir::Field {
    let api = Description::new(Source::new("t.yaml", description("property", schema).to_string()));
    let api = api.api().unwrap_or_else(|findings| panic!("{findings}"));
    let fields = api.structs.into_iter().flat_map(|item| item.fields);
    fields.into_iter().find(|field| field.wire == "f").unwrap()
}

fn rules(field: &ir::Field) -> Vec<String> {
    field.limits.iter().map(|limit| format!("{:?}", limit.value)).collect()
}

#[test]
fn a_part_that_only_says_something_makes_no_other_type() {
    let shared = json!({"$ref": "#/components/schemas/Struct"});
    let plain = field(&shared);
    for remark in [json!({"description": "d"}), json!({"nullable": true}), json!({"title": "t"})] {
        for schema in [json!({"allOf": [shared, remark]}), json!({"allOf": [remark, shared]})] {
            let one = field(&schema);
            assert_eq!(one.ty, plain.ty, "{schema}");
            assert_ne!(
                (one.docs, one.limits),
                (plain.docs.clone(), plain.limits.clone()),
                "{schema}"
            );
        }
    }
}

#[test]
fn of_two_bounds_the_tighter_one_counts() {
    let text = json!({"$ref": "#/components/schemas/Text"});
    let bound = |most: u64| rules(&field(&json!({"maxLength": most, "allOf": [text]})));
    assert_eq!(bound(3), ["MaxLength(3)"]);
    assert_eq!(bound(12), ["MaxLength(9)"]);
    let number =
        json!({"allOf": [{"$ref": "#/components/schemas/Number"}], "maximum": 10, "minimum": -1});
    assert_eq!(rules(&field(&number)), ["Minimum(\"-1\")", "Maximum(\"9\")"]);
}

/// What stands beside a reference by an overlay counts as what stands beside it in the base.
#[test]
fn what_an_overlay_puts_beside_a_reference_is_used_or_refused() {
    let base = description("property", &json!({"$ref": "#/components/schemas/Struct"}));
    let api = |update: Value| {
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [{
            "target": "$.components.schemas.Request.properties.f",
            "x-confidence": "documented", "x-source": "Y", "update": update,
        }]});
        let overlay = Source::new("overlay.yaml", overlay.to_string());
        Description::new(Source::new("t.yaml", base.to_string())).overlay(Some(overlay)).api()
    };
    let findings = api(json!({"type": "string", "required": ["zzz"], "maxLength": 5})).unwrap_err();
    let at = |key: &str| format!("/components/schemas/Request/properties/f/{key}");
    let found: Vec<String> = findings
        .iter()
        .filter_map(|finding| Some(finding.pointer.as_ref()?.as_str().to_owned()))
        .collect();
    assert_eq!(found, [at("type"), at("maxLength")], "{findings}");
    let findings = api(json!({"required": ["zzz"]})).unwrap_err().to_string();
    assert!(findings.contains("`required` names `zzz`"), "{findings}");
    assert!(api(json!({"description": "d", "minProperties": 1})).is_ok());
}

#[test]
fn what_makes_no_sense_in_a_schema_is_named() {
    for (schema, key, said) in [
        (json!({"type": "string", "minimum": 1}), "minimum", "has no meaning for a string"),
        (json!({"type": "integer", "maxLength": 1}), "maxLength", "has no meaning for an integer"),
        (json!({"type": "number", "maxItems": 1}), "maxItems", "has no meaning for a number"),
        (json!({"type": "boolean", "pattern": "a"}), "pattern", "has no meaning for a boolean"),
        (
            json!({"type": "array", "items": {"type": "string"}, "maximum": 1}),
            "maximum",
            "has no meaning for a list",
        ),
        (json!({"type": "object", "minItems": 1}), "minItems", "has no meaning for any JSON"),
        (json!({"type": "integer", "not": {"type": "string"}}), "not", "cannot be generated"),
        (
            json!({"type": "string", "allOf": [
                {"$ref": "#/components/schemas/Struct"}, {"$ref": "#/components/schemas/Other"},
            ]}),
            "allOf",
            "of anything but objects cannot be generated",
        ),
    ] {
        let Outcome::Refused(pointers, findings) = outcome(&description("property", &schema))
        else {
            panic!("{schema} is not refused");
        };
        assert_eq!(pointers, [format!("/components/schemas/Request/properties/f/{key}")]);
        assert!(findings.contains(&format!("`{key}` {said}")), "{schema}: {findings}");
    }
}

#[test]
fn a_format_that_is_misspelt_is_an_error_and_a_foreign_one_is_a_warning() {
    let findings = |kind: &str, format: &str| {
        let mut sink = Sink::new();
        let root = description("property", &json!({"type": kind, "format": format}));
        let _ = Description::new(Source::new("t.yaml", root.to_string())).read(&mut sink);
        sink.finish().to_string()
    };
    for (kind, format, near) in [
        ("string", "date_time", "date-time"),
        ("string", "dateTime", "date-time"),
        ("string", "decimals", "decimal"),
        ("string", "Decimal", "decimal"),
        ("string", "local_date_time", "local-date-time"),
        ("string", "localdate", "local-date"),
        ("string", "Binary", "binary"),
        ("string", "pasword", "password"),
        ("integer", "int-64", "int64"),
        ("number", "doubles", "double"),
        ("number", "flaot", "float"),
        ("integer", "itn64", "int64"),
    ] {
        let said = findings(kind, format);
        assert!(said.contains("error[unsupported-format]"), "{format}: {said}");
        assert!(said.contains(&format!("{format:?}")), "{format}: {said}");
        assert!(said.contains(&format!("did you mean `{near}`?")), "{format}: {said}");
    }
    for (kind, format) in [
        ("string", "phone"),
        ("string", "url"),
        ("string", "json"),
        ("string", "int64"),
        ("string", "time"),
        ("string", "duration"),
        ("string", "a\nb"),
        ("integer", "uint32"),
        ("integer", "unix-time"),
        ("number", "percent"),
    ] {
        let said = findings(kind, format);
        assert!(said.contains("warning[unknown-format]"), "{format}: {said}");
        assert!(
            said.contains(&format!("{format:?}")) && !said.contains("error["),
            "{format}: {said}"
        );
    }
    for format in ["uuid", "email", "date", "password", "decimal"] {
        assert_eq!(findings("string", format), "", "{format}");
    }
}
