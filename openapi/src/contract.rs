//! An API as data for the local gateway: what it has to know to respond to requests and to check them.
//!
//! The contract is JSON. The gateway has a reader of its own (`alipay-mock/src/contract/types.rs`), so that
//! whoever tests against it compiles no reader of descriptions. What the gateway does not use is left out, and
//! so are flags that are not set.

use serde_json::{Map, Value, json};

use crate::ir::{
    Api, Confidence, Field, Limit, ListStyle, OpenEnum, Operation, Place, Presence, Sourced,
    Struct, Ty,
};

/// The contract of an API: JSON with a line for each operation, struct, enum and message.
#[must_use]
pub fn contract(api: &Api) -> String {
    let operations = api.groups.iter().flat_map(|group| &group.operations);
    let messages = api.messages.iter().map(|message| {
        json!({
            "name": message.name,
            "title": message.docs.title.as_deref().unwrap_or_default(),
            "content": message.content.as_str(),
        })
        .to_string()
    });
    let sections = [
        ("operations", '[', ']', operations.map(operation).collect::<Vec<_>>()),
        ("structs", '{', '}', api.structs.iter().map(structure).collect()),
        ("enums", '{', '}', api.enums.iter().map(open_enum).collect()),
        ("messages", '[', ']', messages.collect()),
    ];
    let sections = sections.map(|(name, open, close, lines)| {
        let end = if lines.is_empty() { "" } else { "\n" };
        format!("\"{name}\": {open}{end}{}{end}{close}", lines.join(",\n"))
    });
    format!("{{\n{}\n}}\n", sections.join(",\n"))
}

fn operation(operation: &Operation) -> String {
    let codes: Vec<_> = operation.codes.codes.iter().map(|code| code.wire.as_str()).collect();
    json!({
        "id": operation.id,
        "method": operation.method.as_str(),
        "path": operation.path,
        "title": operation.docs.title.as_deref().unwrap_or_default(),
        "request": operation.request.as_str(),
        "response": operation.response.as_str(),
        "codes": codes,
    })
    .to_string()
}

fn structure(item: &Struct) -> String {
    member(item.id.as_str(), &item.fields.iter().map(field).collect())
}

fn open_enum(item: &OpenEnum) -> String {
    let values: Vec<_> = item.values.iter().map(|value| value.wire.as_str()).collect();
    let mut known = Map::from_iter([("values".to_owned(), json!(values))]);
    set(&mut known, "inferred", item.confidence == Confidence::Inferred);
    member(item.id.as_str(), &Value::Object(known))
}

fn field(field: &Field) -> Value {
    let mut known = Map::new();
    known.insert("name".to_owned(), json!(field.wire));
    let place = match field.place {
        Place::Body => None,
        Place::Query => Some("query"),
        Place::Path => Some("path"),
        Place::Header => Some("header"),
        Place::File => Some("file"),
    };
    known.extend(place.map(|place| ("place".to_owned(), json!(place))));
    known.extend(field.docs.title.as_ref().map(|title| ("title".to_owned(), json!(title))));
    // The type of an amount in yuan says so itself.
    let unit = field.unit.as_ref().filter(|_| field.ty != Ty::Yuan);
    known.extend(unit.map(|unit| ("unit".to_owned(), json!(unit))));
    known.insert("type".to_owned(), ty(&field.ty));
    set(&mut known, "inferred", field.ty_confidence == Confidence::Inferred);
    // Nobody is held to what is only inferred.
    if let Presence::Required(how) = field.presence {
        let flag = if how == Confidence::Inferred { "required_inferred" } else { "required" };
        set(&mut known, flag, true);
    }
    let is_older = field.deprecated || field.removed_in.is_some() || field.legacy.is_some();
    set(&mut known, "deprecated", is_older);
    set(&mut known, "sensitive", field.sensitive);
    let limits: Vec<_> = field.limits.iter().filter_map(limit).collect();
    if !limits.is_empty() {
        known.insert("limits".to_owned(), Value::Array(limits));
    }
    let list = match field.list_style {
        None | Some(ListStyle::Repeated) => None,
        Some(ListStyle::Commas) => Some("commas"),
        Some(ListStyle::Spaces) => Some("spaces"),
        Some(ListStyle::Pipes) => Some("pipes"),
    };
    known.extend(list.map(|style| ("list_style".to_owned(), json!(style))));
    known.extend(field.example.clone().map(|example| ("example".to_owned(), example)));
    Value::Object(known)
}

fn ty(described: &Ty) -> Value {
    match described {
        Ty::Text => json!("string"),
        Ty::Boolean => json!("boolean"),
        Ty::Integer => json!("integer"),
        Ty::Float => json!("number"),
        Ty::Json => json!("any"),
        Ty::Yuan => json!("yuan"),
        Ty::Decimal => json!("decimal"),
        Ty::LocalDateTime => json!("date_time"),
        Ty::LocalDate => json!("date"),
        Ty::LocalTime => json!("time"),
        Ty::File => json!("file"),
        Ty::Enum(id) => json!({ "enum": id.as_str() }),
        Ty::Struct { id, .. } => json!({ "struct": id.as_str() }),
        Ty::List(inner) => json!({ "list": ty(inner) }),
        Ty::Map(inner) => json!({ "map": ty(inner) }),
        Ty::JsonText(inner) => json!({ "json_string": ty(inner) }),
    }
}

/// A limit that can be checked; a sentence cannot.
fn limit(limit: &Sourced<Limit>) -> Option<Value> {
    let mut known = Map::from_iter([("bound".to_owned(), bound(&limit.value)?)]);
    set(&mut known, "inferred", limit.confidence == Confidence::Inferred);
    Some(Value::Object(known))
}

fn bound(limit: &Limit) -> Option<Value> {
    let (name, bound) = match limit {
        Limit::MinLength(bound) => ("min_length", json!(bound)),
        Limit::MaxLength(bound) => ("max_length", json!(bound)),
        Limit::MinItems(bound) => ("min_items", json!(bound)),
        Limit::MaxItems(bound) => ("max_items", json!(bound)),
        Limit::Minimum(bound) => ("minimum", json!(bound)),
        Limit::Maximum(bound) => ("maximum", json!(bound)),
        Limit::MinKeys(bound) => ("min_keys", json!(bound)),
        Limit::MaxKeys(bound) => ("max_keys", json!(bound)),
        Limit::MoreThan(bound) => ("more_than", json!(bound)),
        Limit::LessThan(bound) => ("less_than", json!(bound)),
        Limit::MultipleOf(step) => ("multiple_of", json!(step)),
        Limit::OneOf(values) => ("one_of", json!(values)),
        Limit::Pattern(pattern) => ("pattern", json!(pattern)),
        Limit::Format(word) => ("format", json!(word)),
        Limit::Each(limit) => ("each", bound(limit)?),
        Limit::UniqueItems => return Some(json!("unique_items")),
        Limit::Nullable => return Some(json!("nullable")),
        Limit::ReadOnly => return Some(json!("read_only")),
        Limit::WriteOnly => return Some(json!("write_only")),
        Limit::Rule(_) => return None,
    };
    Some(Value::Object(Map::from_iter([(name.to_owned(), bound)])))
}

fn member(name: &str, value: &Value) -> String {
    format!("{}: {value}", json!(name))
}

fn set(known: &mut Map<String, Value>, flag: &str, on: bool) {
    if on {
        known.insert(flag.to_owned(), Value::Bool(true));
    }
}
