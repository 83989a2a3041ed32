//! Messages, which stand under `x-webhooks`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use alipay_openapi::{Description, load::Source};
use serde_json::{Value, json};

fn description(schema: &Value) -> Description {
    let content = json!({ "application/json": { "schema": schema } });
    let paid = json!({ "post": {
        "requestBody": { "content": content },
        "responses": { "200": { "description": "" } },
    } });
    let schemas =
        json!({ "Paid": { "type": "object", "properties": { "id": { "type": "string" } } } });
    let text = json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas },
        "x-webhooks": { "shop.paid": paid },
    });
    Description::new(Source::new("shop.json", text.to_string()))
}

#[test]
fn a_message_that_refers_to_a_schema_has_its_fields() {
    for schema in [
        json!({ "$ref": "#/components/schemas/Paid" }),
        json!({ "type": "object", "properties": { "id": { "type": "string" } } }),
    ] {
        let api = description(&schema).api().unwrap();
        let content = &api.messages.first().unwrap().content;
        let item = api.structs.iter().find(|item| item.id == *content).unwrap();
        let fields: Vec<&str> = item.fields.iter().map(|field| field.wire.as_str()).collect();
        assert_eq!(fields, ["id"], "{schema}");
    }
}

#[test]
fn a_message_without_a_schema_is_refused() {
    let mut empty = description(&json!({}));
    empty.base.text = empty.base.text.replace("application/json", "text/plain");
    let findings = empty.api().unwrap_err();
    assert!(findings.iter().any(|finding| finding.code == "malformed-extension"), "{findings}");
}
