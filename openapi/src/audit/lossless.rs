//! The typed model, written back, must say what the description said.

use openapiv3::{OpenAPI, PathItem};
use serde::Deserialize;
use serde_json::Value;

use super::{Findings, path::Path};
use crate::diag::{describe, quote};

/// Reports what `model` lost of `value`.
pub(super) fn compare(value: &Value, model: &OpenAPI, findings: &mut Findings<'_>) {
    match serde_json::to_value(model) {
        Ok(back) => same(value, &back, &Path::ROOT, findings),
        Err(error) => findings.error(
            "lost-value",
            &Path::ROOT.pointer(),
            format!("the typed model cannot be written back: {error}"),
            "check for unusual keys",
        ),
    }
    let webhooks = Path::ROOT.key("x-webhooks");
    let members = value.get("x-webhooks").and_then(Value::as_object);
    for (name, member) in members.into_iter().flatten() {
        let path = webhooks.name(name);
        match PathItem::deserialize(member).map(serde_json::to_value) {
            Ok(Ok(back)) => same(member, &back, &path, findings),
            Ok(Err(error)) | Err(error) => findings.error(
                "not-openapi",
                &path.pointer(),
                format!("a webhook that OpenAPI does not allow: {error}"),
                "write it as a path item: `post: {requestBody: …, responses: …}`",
            ),
        }
    }
}

fn same(input: &Value, back: &Value, path: &Path<'_>, findings: &mut Findings<'_>) {
    match (input, back) {
        (Value::Object(input), Value::Object(back)) => {
            for (key, value) in input {
                let path = path.key(key);
                match back.get(key) {
                    Some(back) => same(value, back, &path, findings),
                    None if is_default(value) => {}
                    None => lost(value, &path, findings),
                }
            }
        }
        (Value::Array(input), Value::Array(back)) if input.len() == back.len() => {
            for (index, (value, back)) in input.iter().zip(back).enumerate() {
                same(value, back, &path.item(index), findings);
            }
        }
        _ if equal(input, back) || is_default(input) && is_default(back) => {}
        _ => lost(input, path, findings),
    }
}

/// Whether leaving the value out says the same.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Equality, with `1` and `1.0` the same number.
fn equal(input: &Value, back: &Value) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if input == back {
        return true;
    }
    match (input.as_f64(), back.as_f64()) {
        (Some(a), Some(b)) => a.abs() < EXACT && a.total_cmp(&b).is_eq(),
        _ => false,
    }
}

fn lost(value: &Value, path: &Path<'_>, findings: &mut Findings<'_>) {
    let pointer = path.pointer();
    let key = quote(&pointer.last().unwrap_or_default());
    let found = describe(value);
    let message = if value.is_number() {
        format!("{key} holds {found}, which readers of OpenAPI cannot keep as it is")
    } else {
        format!("{key} ({found}) has no meaning here: readers of OpenAPI drop it")
    };
    let hint = "remove it, or correct it as the OpenAPI 3.0 specification says";
    findings.error("lost-value", &pointer, message, hint);
}
