//! The instances that were generated with the tables.

use serde_json::{Map, Value};

use super::failures::Failures;

/// The instances of a group: `models`, `sets` and `calls`, by name.
pub(super) struct Instances(Value);

impl Instances {
    pub(super) fn read(json: &str) -> Result<Self, Failures> {
        serde_json::from_str(json)
            .map(Self)
            .map_err(|problem| Failures::of(format!("the instances are not JSON: {problem}")))
    }

    /// The instance of a model with all fields, and the one with its required fields.
    pub(super) fn model(&self, name: &str) -> Option<(&Value, Value)> {
        let model = self.0.get("models")?.get(name)?;
        let least = model.get("least").cloned().unwrap_or_else(|| Value::Object(Map::new()));
        Some((model.get("all")?, least))
    }

    /// The known values of an open set.
    pub(super) fn set(&self, name: &str) -> Option<&Vec<Value>> {
        self.0.get("sets")?.get(name)?.as_array()
    }

    /// The request of an operation, the error code for its refusal, if there is one, and all its own
    /// codes.
    pub(super) fn call(&self, id: &str) -> Option<(&Value, Option<&str>, Vec<&str>)> {
        let call = self.0.get("calls")?.get(id)?;
        let (request, _) = self.model(call.get("request")?.as_str()?)?;
        let codes = call.get("codes").and_then(Value::as_array).map(Vec::as_slice);
        let codes: Vec<_> = codes.unwrap_or_default().iter().filter_map(Value::as_str).collect();
        let common = call.get("common_code").and_then(Value::as_str);
        Some((request, codes.first().copied().or(common), codes))
    }
}

/// A small picture, for uploads.
#[must_use]
pub fn file() -> alipay_core::value::File {
    alipay_core::value::File::bytes("picture.png", b"\x89PNG\r\n\x1a\n".as_slice())
}

/// The first difference of two values, or `None`. `at` is the path to them.
pub(super) fn difference(wanted: &Value, found: &Value, at: &str) -> Option<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            if let Some(name) = found.keys().find(|name| !wanted.contains_key(*name)) {
                return Some(format!("`{at}{name}` was never sent"));
            }
            wanted.iter().find_map(|(name, value)| match found.get(name) {
                Some(other) => difference(value, other, &format!("{at}{name}.")),
                // It counts as absent.
                None if value.is_null() => None,
                None => Some(format!("`{at}{name}` is lost")),
            })
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let mut pairs = wanted.iter().zip(found).enumerate();
            pairs.find_map(|(n, (value, other))| difference(value, other, &format!("{at}{n}.")))
        }
        _ if wanted == found => None,
        _ => {
            let at = at.trim_end_matches('.');
            Some(format!("`{at}` was {wanted} and became {found}"))
        }
    }
}

/// The object with an unknown field. Objects within it stay as they are: they are types with instances
/// of their own, or maps and any JSON, where every key counts.
pub(super) fn with_unknown(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let unknown = [("field_of_tomorrow".to_owned(), serde_json::json!({"a": [1, null]}))];
    let members = members.iter().map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(unknown.into_iter().chain(members).collect())
}
