//! The fields of an operation's request, and where an overlay says something of them.

use serde_json::Value;

use super::subject::{Spot, members, place_of_parameter, with};
use crate::{
    import,
    path::{Step, path_of},
    pointer::{schema_name, target},
};

/// An operation of a description.
pub(super) struct Operation<'a> {
    pub(super) id: &'a str,
    /// The target that says something of it.
    pub(super) target: String,
    /// The names of its request's fields, and where they stand.
    pub(super) fields: Vec<(&'a str, Spot)>,
}

/// The operations of a description, in its order.
pub(super) fn operations(root: &Value) -> Vec<Operation<'_>> {
    let operations = import::operations(root).filter_map(|(path, method, operation)| {
        let id = operation.get("operationId")?.as_str()?;
        let at = with(&[], ["paths", path, method]);
        Some(Operation { id, target: path_of(&at), fields: fields(root, operation, &at) })
    });
    operations.collect()
}

fn fields<'a>(root: &'a Value, operation: &'a Value, at: &[Step]) -> Vec<(&'a str, Spot)> {
    let mut found = Vec::new();
    let list = operation.get("parameters").and_then(Value::as_array);
    for (index, parameter) in list.into_iter().flatten().enumerate() {
        if let Some(wire) = parameter.get("name").and_then(Value::as_str) {
            let at = place_of_parameter(at, index);
            found.push((wire, Spot { target: path_of(&at), property: None }));
        }
    }
    let body = operation.get("requestBody");
    for (media, content) in members(body.and_then(|body| body.get("content"))) {
        let Some(schema) = content.get("schema") else { continue };
        let own = followed(root, schema, &with(at, ["requestBody", "content", media, "schema"]));
        // The `data` of an upload holds the fields that are no files.
        let data = own.as_ref().and_then(|(schema, at)| {
            let data = schema.get("properties")?.get("data")?;
            followed(root, data, &with(at, ["properties", "data"]))
        });
        let data = data.filter(|_| media.starts_with("multipart/"));
        for (schema, at) in own.into_iter().chain(data) {
            let target = path_of(&with(&at, ["properties"]));
            for (wire, _) in members(schema.get("properties")) {
                let property = Some(wire.to_owned());
                found.push((wire, Spot { target: target.clone(), property }));
            }
        }
    }
    found
}

/// A schema or what it refers to, with its place.
fn followed<'a>(root: &'a Value, schema: &'a Value, at: &[Step]) -> Option<(&'a Value, Vec<Step>)> {
    let Some(reference) = schema.get("$ref") else { return Some((schema, at.to_vec())) };
    let reference = reference.as_str()?;
    schema_name(reference)?;
    let pointer = target(reference)?;
    Some((root.pointer(pointer.as_str())?, pointer.segments().map(Step::Name).collect()))
}
