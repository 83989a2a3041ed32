//! The certainty that nothing in a description goes unnoticed.
//!
//! Readers of OpenAPI are forgiving: a misspelt key, a key beside a `$ref`, an unknown type simply
//! vanish. Two nets catch what they let through. The ledger (`shapes`) knows every key a description may
//! have and what becomes of it; anything else stops generation. And the [typed model](openapiv3) is
//! written back and compared with the input, so that what it cannot hold is reported.

mod bounds;
mod check;
mod model;
pub(crate) mod shapes;
pub(crate) mod walk;

use openapiv3::OpenAPI;
use serde_json::Value;

use self::walk::{Findings, Path};
use crate::{
    diag::{Location, Sink},
    load::Raw,
    pointer::Pointer,
    scope::Scope,
};

/// Audits a description as it stands; gives its typed model.
///
/// Everything wrong with it goes to `sink`; `None` means there was an error.
pub fn audit(raw: &Raw, sink: &mut Sink) -> Option<OpenAPI> {
    let mut value = raw.value.clone();
    audit_value(&mut value, &Scope::default(), &|pointer| raw.locate(pointer), sink)
}

/// Audits a value whose positions `locate` knows.
pub(crate) fn audit_value(
    value: &mut Value,
    scope: &Scope,
    locate: &dyn Fn(&Pointer) -> Location,
    sink: &mut Sink,
) -> Option<OpenAPI> {
    let mut findings = Findings { locate, sink, failed: false };
    bounds::keep(value);
    one_file(value, scope, &mut findings);
    if findings.failed {
        return None;
    }
    let deep = check::check(value, scope, &mut findings);
    if findings.failed {
        return None;
    }
    for pointer in &deep {
        remove(value, pointer);
    }
    let model = model::read(value, &mut findings)?;
    model::compare(value, &model, &mut findings);
    (!findings.failed).then_some(model)
}

/// A description that is spread over files is refused as a whole: nearly all else that could be found in
/// it would follow from that.
fn one_file(value: &Value, scope: &Scope, findings: &mut Findings<'_>) {
    let mut outside = Vec::new();
    each_outside(value, &Path::ROOT, &mut outside);
    let Some((first, reference)) = outside.first() else { return };
    let (mut places, mut more) = (vec![first], String::new());
    if scope.left_out.is_some() {
        places = outside.iter().map(|(pointer, _)| pointer).collect();
    } else if outside.len() > 1 {
        more = format!(", and so do {} more references", outside.len() - 1);
    }
    for pointer in places {
        let message = format!("`{}` refers to another document{more}", reference.escape_debug());
        let hint = "bundle the documents into one first, for example with `redocly bundle`";
        findings.error("unresolved-ref", pointer, message, hint);
    }
}

fn each_outside<'v>(value: &'v Value, path: &Path<'_>, outside: &mut Vec<(Pointer, &'v str)>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str)
                && !reference.starts_with('#')
            {
                outside.push((path.key("$ref").pointer(), reference));
            }
            // These hold values, in which `$ref` means nothing.
            let members = map
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "default"));
            members.for_each(|(key, member)| each_outside(member, &path.key(key), outside));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each_outside(item, &path.item(index), outside);
            }
        }
        _ => {}
    }
}

/// Removes the member of an object.
fn remove(root: &mut Value, pointer: &Pointer) {
    if let (Some(above), Some(key)) = (pointer.parent(), pointer.last())
        && let Some(Value::Object(map)) = root.pointer_mut(above.as_str())
    {
        map.shift_remove(&key);
    }
}
