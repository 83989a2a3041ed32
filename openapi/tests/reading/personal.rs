//! Personal data and secrets are redacted although no overlay says so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use alipay_openapi::{Description, Strictness, diag::Sink, lint::lint, load::Source, lower::lower};
use serde_json::{Value, json};

/// A description with an operation whose request has these properties.
fn description(properties: &Value) -> Description {
    let json = |schema: &str| json!({ "application/json": { "schema": { "$ref": schema } } });
    let text = json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop", "version": "1" },
        "paths": { "/v3/shop/pay": { "post": {
            "operationId": "shop.pay",
            "tags": ["shop"],
            "requestBody": { "content": json("#/components/schemas/PayModel") },
            "responses": { "200": { "description": "", "content": json("#/components/schemas/PaidModel") } },
        } } },
        "components": { "schemas": {
            "PayModel": { "type": "object", "properties": properties },
            "PaidModel": { "type": "object", "properties": { "done": { "type": "string" } } },
        } },
    });
    Description::new(Source::new("shop.json", text.to_string()))
}

/// The names of the properties that are redacted.
fn redacted(properties: &Value) -> Vec<String> {
    let api = description(properties).api().unwrap();
    let fields = api.structs.iter().flat_map(|item| &item.fields);
    fields.filter(|field| field.sensitive).map(|field| field.wire.clone()).collect()
}

fn text() -> Value {
    json!({ "type": "string" })
}

#[test]
fn a_name_is_that_of_a_person_beside_what_identifies_one() {
    assert_eq!(redacted(&json!({ "name": text(), "amount": text() })), [""; 0]);
    for beside in ["cert_type", "identity_type", "mobile", "open_id"] {
        let found = redacted(&json!({ "name": text(), beside: text() }));
        assert!(found.contains(&"name".to_owned()), "{beside}: {found:?}");
    }
}

#[test]
fn a_code_is_a_secret_beside_the_grant_that_it_is_for() {
    assert_eq!(redacted(&json!({ "code": text(), "grant_type": text() })), ["code"]);
    assert_eq!(redacted(&json!({ "code": text(), "msg": text() })), [""; 0]);
}

#[test]
fn a_label_tells_what_a_name_hides() {
    let labelled = |label: &str| json!({ "type": "string", "description": label });
    let titled = |label: &str| json!({ "type": "string", "title": label });
    let properties = json!({
        "f1": labelled("收款方真实姓名，不能超过20个字"),
        "f2": titled("车牌号"),
        "f3": labelled("支付授权码"),
        "f4": labelled("证件类型"),
        "f5": labelled("通知地址"),
        "f6": { "type": "array", "items": { "type": "string" }, "description": "联系人手机号列表" },
    });
    assert_eq!(redacted(&properties), ["f1", "f2", "f3", "f6"]);
}

#[test]
fn the_description_may_say_otherwise() {
    let shown = json!({ "type": "string", "x-alipay-sensitive": false, "title": "门店电话" });
    assert_eq!(redacted(&json!({ "shop_phone": shown })), [""; 0]);
}

/// Whoever lints learns what the rules leave open.
#[test]
fn a_label_that_may_be_about_personal_data_is_reported() {
    let findings = |sensitive: Option<bool>| {
        let mut field = json!({ "type": "string", "title": "手机机主资料" });
        if let (Some(sensitive), Some(members)) = (sensitive, field.as_object_mut()) {
            members.insert("x-alipay-sensitive".to_owned(), json!(sensitive));
        }
        let mut sink = Sink::new();
        let description = description(&json!({ "owner": field }));
        let document = description.document(Strictness::Whole, &mut sink).unwrap();
        let api = lower(&document, &[], Strictness::Whole, &mut sink).unwrap();
        lint(&api, &document, &mut sink);
        sink.finish().iter().filter(|finding| finding.code == "personal-not-marked").count()
    };
    assert_eq!(findings(None), 1);
    assert_eq!([findings(Some(true)), findings(Some(false))], [0, 0]);
}
