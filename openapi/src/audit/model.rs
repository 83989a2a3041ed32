//! The typed model of a description. It must be able to read the value, and written back it must say
//! what the value said.

use openapiv3::{OpenAPI, PathItem};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    shapes::ObjectKind,
    walk::{Findings, Path, each_object},
};
use crate::diag::{describe, quote};

/// The typed model of a description whose keys were checked. When there is none, the smallest part that
/// the model refuses is looked for, because its own errors have no position.
pub(super) fn read(value: &Value, findings: &mut Findings<'_>) -> Option<OpenAPI> {
    if let Ok(model) = OpenAPI::deserialize(value) {
        return Some(model);
    }
    narrow(ObjectKind::Root, value, &Path::ROOT, findings);
    None
}

/// Reports the smallest parts of `value` that the typed model refuses. Says whether there are any.
fn narrow(kind: ObjectKind, value: &Value, path: &Path<'_>, findings: &mut Findings<'_>) -> bool {
    let Value::Object(map) = value else { return false };
    if kind.referable() && map.contains_key("$ref") {
        return false;
    }
    let own = refusal(kind, value);
    if own.is_none() && has_type(kind) {
        return false;
    }
    let mut below = false;
    for (key, value) in map {
        let Some(row) = kind.row(key) else { continue };
        each_object(row.holds, value, &path.key(key), &mut |kind, member, path| {
            below |= narrow(kind, member, path, findings);
        });
    }
    if below {
        return true;
    }
    let Some(why) = own else { return false };
    // A single key whose removal helps is the culprit.
    let culprit = map.keys().find(|key| {
        let mut rest = map.clone();
        rest.shift_remove(key.as_str());
        refusal(kind, &Value::Object(rest)).is_none()
    });
    let at = culprit.map_or_else(|| path.pointer(), |key| path.pointer().join(key));
    let message = format!("{} that OpenAPI 3.0 does not allow: {why}", kind.name());
    findings.error("not-openapi", &at, message, "correct it as the OpenAPI 3.0 specification says");
    true
}

fn has_type(kind: ObjectKind) -> bool {
    use ObjectKind as K;
    !matches!(kind, K::Components | K::ErrorCode | K::Contact | K::License | K::ExternalDocs)
}

/// Why the typed model refuses a value of this kind.
fn refusal(kind: ObjectKind, value: &Value) -> Option<String> {
    use ObjectKind as K;
    fn read<T: DeserializeOwned>(value: &Value) -> Option<String> {
        T::deserialize(value).err().map(|error| readable(&error.to_string()))
    }
    match kind {
        K::Root => read::<OpenAPI>(value),
        K::Info => read::<openapiv3::Info>(value),
        K::Server => read::<openapiv3::Server>(value),
        K::Tag => read::<openapiv3::Tag>(value),
        K::PathItem => read::<PathItem>(value),
        K::Operation => read::<openapiv3::Operation>(value),
        K::Parameter => read::<openapiv3::Parameter>(value),
        K::RequestBody => read::<openapiv3::RequestBody>(value),
        K::MediaType => read::<openapiv3::MediaType>(value),
        K::Encoding => read::<openapiv3::Encoding>(value),
        K::Response => read::<openapiv3::Response>(value),
        K::Components => read::<openapiv3::Components>(value),
        K::Schema => read::<openapiv3::Schema>(value),
        K::Contact | K::License | K::ExternalDocs | K::Discriminator | K::ErrorCode => None,
    }
}

/// The reader's words, without its talk of Rust types.
fn readable(message: &str) -> String {
    if message.contains("did not match any variant") || message.contains("flattened data") {
        return "its keys do not fit together".to_owned();
    }
    message.lines().next().unwrap_or_default().replace("unknown variant", "unknown value")
}

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
                    // The ledger has looked at each extension; the model has no room for some.
                    None if is_default(value) || key.starts_with("x-") => {}
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

/// Whether the value means the same as no value.
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
