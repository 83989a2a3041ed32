//! Annotations beside a `$ref`. OpenAPI 3.0 ignores them there; it says the same with
//! `allOf: [{$ref: …}]` and the annotations beside that.

use serde_json::{Map, Value, json};

use super::trace::Trace;
use crate::{
    audit::walk::Path,
    pointer::{Pointer, schema_name},
};

/// Rewrites the references to schemas that the overlay put annotations beside: all in the values at
/// `touched`.
pub(super) fn annotate(value: &mut Value, touched: &[Pointer], trace: &mut Trace) {
    for pointer in touched {
        if let Some(value) = value.pointer_mut(pointer.as_str()) {
            within(value, pointer, &Path::ROOT, trace);
        }
    }
}

/// Looks into the value at `path` below `top`.
fn within(value: &mut Value, top: &Pointer, path: &Path<'_>, trace: &mut Trace) {
    match value {
        Value::Object(map) => {
            if rewrite(map) {
                trace.annotated(top.below(path.pointer().as_str()));
            }
            for (key, member) in map.iter_mut().filter(|(key, _)| *key != "example") {
                within(member, top, &path.key(key), trace);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                within(item, top, &path.item(index), trace);
            }
        }
        _ => {}
    }
}

/// Moves the reference of `map` into an `allOf`, if there is something beside it.
fn rewrite(map: &mut Map<String, Value>) -> bool {
    let refers = map.get("$ref").and_then(Value::as_str).and_then(schema_name).is_some();
    if !refers || map.len() < 2 || map.contains_key("allOf") {
        return false;
    }
    let Some(reference) = map.shift_remove("$ref") else { return false };
    let annotations = std::mem::take(map);
    map.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    map.extend(annotations);
    true
}
