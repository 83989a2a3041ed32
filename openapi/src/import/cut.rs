//! What a set of operations needs, and a description made of no more than that.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::groups;
use crate::{audit::shapes::METHODS, pointer::Pointer};

/// A part of `components`: section and name.
pub(super) type Part = (String, String);

/// The description with the operations of `tags` (all, when there are none) and what they reach.
pub(super) fn cut(root: &Value, tags: &[String]) -> Value {
    let paths = cut_paths(root.get("paths").unwrap_or(&Value::Null), tags);
    let security = root.get("security");
    // Messages belong to no tag: all of them stay, with what they hold.
    let messages = root.get("x-webhooks").unwrap_or(&Value::Null);
    let parts = reached(root, &[&paths, security.unwrap_or(&Value::Null), messages]);
    let mut out = Map::new();
    for (key, value) in root.as_object().into_iter().flatten() {
        match key.as_str() {
            "paths" => {
                out.insert(key.clone(), paths.clone());
            }
            "components" => {
                let components = cut_components(value, &parts, security.is_some());
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

fn cut_paths(paths: &Value, tags: &[String]) -> Value {
    let mut out = Map::new();
    for (path, item) in paths.as_object().into_iter().flatten() {
        let Value::Object(item) = item else { continue };
        let mut kept = item.clone();
        kept.retain(|key, operation| {
            !METHODS.contains(&key.as_str()) || chosen(groups::tags_of(operation), tags)
        });
        if kept.keys().any(|key| METHODS.contains(&key.as_str())) {
            out.insert(path.clone(), Value::Object(kept));
        }
    }
    Value::Object(out)
}

fn cut_components(components: &Value, parts: &HashSet<Part>, secured: bool) -> Map<String, Value> {
    let mut out = Map::new();
    for (section, members) in components.as_object().into_iter().flatten() {
        let mut kept = members.as_object().cloned().unwrap_or_default();
        if !(secured && section == "securitySchemes") {
            kept.retain(|name, _| parts.contains(&(section.clone(), name.clone())));
        }
        if !kept.is_empty() {
            out.insert(section.clone(), Value::Object(kept));
        }
    }
    out
}

fn chosen<'a>(mut of: impl Iterator<Item = &'a str>, tags: &[String]) -> bool {
    tags.is_empty() || of.any(|tag| tags.iter().any(|wanted| wanted == tag))
}

/// The parts of `components` that `from` reaches, directly or not.
pub(super) fn reached(root: &Value, from: &[&Value]) -> HashSet<Part> {
    let mut reached = HashSet::new();
    let mut open: Vec<&Value> = from.to_vec();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                if let Some((part, target)) = map.get("$ref").and_then(|to| follow(root, to))
                    && reached.insert(part)
                {
                    open.push(target);
                }
                open.extend(map.values());
            }
            _ => {}
        }
    }
    reached
}

/// What a reference into `components` refers to; others are not ours to follow.
fn follow<'a>(root: &'a Value, reference: &Value) -> Option<(Part, &'a Value)> {
    let pointer = Pointer::parse(reference.as_str()?.strip_prefix('#')?);
    let mut segments = pointer.segments();
    if segments.next()? != "components" {
        return None;
    }
    let part = (segments.next()?, segments.next()?);
    let target = root.get("components")?.get(&part.0)?.get(&part.1)?;
    Some((part, target))
}
