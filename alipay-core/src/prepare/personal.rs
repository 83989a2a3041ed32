//! The personal data of a request, so that it can be taken out of what a server echoes.

use serde_json::Value as Json;

use super::Payload;
use crate::{error::SHORTEST, model::Model, value::Ref};

/// The texts of sensitive fields.
pub(super) fn collect(request: &dyn Model) -> Vec<String> {
    let mut found = Vec::new();
    collect_model(request, false, &mut found);
    found
}

fn collect_model(model: &dyn Model, sensitive: bool, found: &mut Vec<String>) {
    for (index, field) in model.table().fields.iter().enumerate() {
        if let Some(value) = model.field(index) {
            collect_from(&value.get(), sensitive || field.sensitive, found);
        }
    }
}

fn collect_from(value: &Ref<'_>, sensitive: bool, found: &mut Vec<String>) {
    match value {
        Ref::Text(text) if sensitive => found.push(text.clone().into_owned()),
        Ref::Float(number) if sensitive => found.push(number.to_string()),
        Ref::Raw(json) if sensitive => {
            if let Ok(json) = json.decode() {
                collect_leaves(json, found);
            }
        }
        Ref::Map(map) => {
            map.each(&mut |_, value| collect_from(&value.get(), sensitive, found));
        }
        Ref::Integer(number) if sensitive => found.push(number.to_string()),
        Ref::Json(value) => collect_from(&value.get(), sensitive, found),
        Ref::Model(model) => collect_model(*model, sensitive, found),
        Ref::List(list) => {
            for item in (0..list.len()).filter_map(|index| list.item(index)) {
                collect_from(&item.get(), sensitive, found);
            }
        }
        _ => {}
    }
}

/// The texts and numbers of a payload that there is no model of, and the names of its files.
pub(super) fn of_payload(payload: &Payload) -> Vec<String> {
    let mut found = Vec::new();
    let (json, files) = match payload {
        Payload::Nothing => (None, &[][..]),
        Payload::Json(json) => (Some(json), &[][..]),
        Payload::Upload { json, files } => (json.as_ref(), &files[..]),
    };
    if let Some(json) = json.and_then(|json| serde_json::from_slice(json).ok()) {
        collect_leaves(json, &mut found);
    }
    found.extend(files.iter().map(|(_, file)| file.name().to_owned()));
    // Shorter ones are never taken out, and a body may hold many.
    found.retain(|text| text.chars().count() >= SHORTEST);
    found
}

fn collect_leaves(json: Json, found: &mut Vec<String>) {
    match json {
        Json::Null | Json::Bool(_) => {}
        Json::Number(number) => found.push(number.to_string()),
        Json::String(text) => found.push(text),
        Json::Array(items) => items.into_iter().for_each(|item| collect_leaves(item, found)),
        Json::Object(fields) => {
            fields.into_iter().for_each(|(_, value)| collect_leaves(value, found));
        }
    }
}
