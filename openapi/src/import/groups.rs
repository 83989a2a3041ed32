//! Operations and their tags.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::cut;
use crate::{audit::shapes::METHODS, load::Raw};

/// One tag of a description.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TagSummary {
    /// The tag, for example `alipay.marketing.activity.voucher`.
    pub tag: String,
    /// The number of operations that have it.
    pub operations: usize,
    /// The number of schemas they reach.
    pub schemas: usize,
}

/// The tags of a description, in the order of their first operation.
#[must_use]
pub fn tags(raw: &Raw) -> Vec<TagSummary> {
    let mut by_tag: IndexMap<&str, Vec<&Value>> = IndexMap::new();
    for operation in operations(&raw.value) {
        for tag in tags_of(operation) {
            by_tag.entry(tag).or_default().push(operation);
        }
    }
    by_tag
        .into_iter()
        .map(|(tag, operations)| TagSummary {
            tag: tag.to_owned(),
            operations: operations.len(),
            schemas: cut::reached(&raw.value, &operations)
                .iter()
                .filter(|(section, _)| section == "schemas")
                .count(),
        })
        .collect()
}

/// The names of all tags, in the order of their first operation.
pub(super) fn tag_names(root: &Value) -> Vec<&str> {
    let mut seen = HashSet::new();
    operations(root).flat_map(tags_of).filter(|tag| seen.insert(*tag)).collect()
}

/// All operations.
pub(super) fn operations(root: &Value) -> impl Iterator<Item = &Value> {
    let paths = root.get("paths").and_then(Value::as_object);
    let members =
        paths.into_iter().flat_map(|paths| paths.values()).filter_map(Value::as_object).flatten();
    members.filter(|(key, _)| METHODS.contains(&key.as_str())).map(|(_, operation)| operation)
}

/// The tags of one operation.
pub(super) fn tags_of(operation: &Value) -> impl Iterator<Item = &str> {
    operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The number of properties of a schema, those of schemas written inside it included.
pub(super) fn properties(schema: &Value) -> usize {
    let Value::Object(map) = schema else { return 0 };
    let own = map.get("properties").and_then(Value::as_object);
    let below: usize = own.into_iter().flat_map(|own| own.values()).map(properties).sum();
    own.map_or(0, serde_json::Map::len) + below + map.get("items").map_or(0, properties)
}
