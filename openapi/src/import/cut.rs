//! What a set of operations needs, and a description made of no more than that.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::{
    audit::shapes::METHODS,
    load::Raw,
    pointer::{component, each_reference},
};

/// A component: its section and name.
pub(crate) type Component = (String, String);

/// The description with the operations of `tags` (all, when there are none) and what they reach.
pub(crate) fn cut(root: &Value, tags: &[String]) -> Value {
    cut_to(root, tags, &|_, _| true)
}

/// The same, of the operations whose path and method `wants`.
pub(crate) fn cut_to(root: &Value, tags: &[String], wants: &dyn Fn(&str, &str) -> bool) -> Value {
    let paths = cut_paths(root.get("paths").unwrap_or(&Value::Null), tags, wants);
    let security = root.get("security");
    // Messages belong to no tag, so all of them stay, with the schemas they need.
    let messages = root.get("x-webhooks").unwrap_or(&Value::Null);
    let reached = reached(root, &[&paths, security.unwrap_or(&Value::Null), messages]);
    let mut out = Map::new();
    for (key, value) in root.as_object().into_iter().flatten() {
        match key.as_str() {
            "paths" => {
                out.insert(key.clone(), paths.clone());
            }
            "components" => {
                let components = cut_components(value, &reached, security.is_some());
                if !components.is_empty() {
                    out.insert(key.clone(), Value::Object(components));
                }
            }
            "tags" => {
                let chosen: Vec<Value> = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|tag| chosen(tag.get("name").and_then(Value::as_str).into_iter(), tags))
                    .cloned()
                    .collect();
                if !chosen.is_empty() {
                    out.insert(key.clone(), Value::Array(chosen));
                }
            }
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(out)
}

fn cut_paths(paths: &Value, tags: &[String], wants: &dyn Fn(&str, &str) -> bool) -> Value {
    let mut out = Map::new();
    for (path, item) in paths.as_object().into_iter().flatten() {
        let Value::Object(item) = item else { continue };
        let is_method = |key: &str| METHODS.contains(&key);
        let is_kept = |(key, operation): &(&String, &Value)| {
            !is_method(key) || chosen(tags_of(operation), tags) && wants(path, key)
        };
        if item.iter().filter(is_kept).any(|(key, _)| is_method(key)) {
            out.insert(path.clone(), Value::Object(cloned(item.iter().filter(is_kept))));
        }
    }
    Value::Object(out)
}

fn cut_components(
    components: &Value,
    reached: &HashSet<Component>,
    secured: bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    for (section, members) in components.as_object().into_iter().flatten() {
        let Value::Object(members) = members else { continue };
        let is_kept = |(name, _): &(&String, &Value)| {
            (secured && section == "securitySchemes")
                || reached.contains(&(section.clone(), String::clone(name)))
        };
        let kept = cloned(members.iter().filter(is_kept));
        if !kept.is_empty() {
            out.insert(section.clone(), Value::Object(kept));
        }
    }
    out
}

/// Some members of a mapping. What is left out is not copied: it may be nearly everything.
fn cloned<'a>(members: impl Iterator<Item = (&'a String, &'a Value)>) -> Map<String, Value> {
    members.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn chosen<'a>(mut of: impl Iterator<Item = &'a str>, tags: &[String]) -> bool {
    tags.is_empty() || of.any(|tag| tags.iter().any(|wanted| wanted == tag))
}

/// The components that `from` reaches, directly or not.
pub(crate) fn reached(root: &Value, from: &[&Value]) -> HashSet<Component> {
    let mut reached = HashSet::new();
    let mut open: Vec<&Value> = from.to_vec();
    while let Some(value) = open.pop() {
        each_reference(value, &mut |reference| {
            if let Some((component, target)) = follow(root, reference)
                && reached.insert(component)
            {
                open.push(target);
            }
        });
    }
    reached
}

/// What a reference into `components` refers to; other references are not followed.
fn follow<'a>(root: &'a Value, reference: &str) -> Option<(Component, &'a Value)> {
    let component = component(reference)?;
    let target = root.get("components")?.get(&component.0)?.get(&component.1)?;
    Some((component, target))
}

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
    for (_, _, operation) in operations(&raw.value) {
        for tag in tags_of(operation) {
            by_tag.entry(tag).or_default().push(operation);
        }
    }
    by_tag
        .into_iter()
        .map(|(tag, operations)| TagSummary {
            tag: tag.to_owned(),
            operations: operations.len(),
            schemas: reached(&raw.value, &operations)
                .iter()
                .filter(|(section, _)| section == "schemas")
                .count(),
        })
        .collect()
}

/// The number of operations of a description.
#[must_use]
pub fn count(raw: &Raw) -> usize {
    operations(&raw.value).count()
}

/// The names of all tags, in the order of their first operation.
pub(super) fn tag_names(root: &Value) -> Vec<&str> {
    let mut seen = HashSet::new();
    let tags = operations(root).flat_map(|(_, _, operation)| tags_of(operation));
    tags.filter(|tag| seen.insert(*tag)).collect()
}

/// All operations, with their path and method.
pub(crate) fn operations(root: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = root.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let members = item.as_object().into_iter().flatten();
        let operations = members.filter(|(key, _)| METHODS.contains(&key.as_str()));
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The tags of one operation.
pub(crate) fn tags_of(operation: &Value) -> impl Iterator<Item = &str> {
    operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The number of properties of a schema, those of schemas written inside it included.
pub(super) fn properties(schema: &Value) -> usize {
    let Value::Object(map) = schema else { return 0 };
    let own = map.get("properties").and_then(Value::as_object);
    let below: usize = own.into_iter().flat_map(|own| own.values()).map(properties).sum();
    own.map_or(0, serde_json::Map::len) + below + map.get("items").map_or(0, properties)
}
