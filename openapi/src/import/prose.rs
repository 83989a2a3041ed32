//! Takes the prose out of a description and leaves it valid.

use serde_json::Value;

use crate::audit::shapes::{Fate, Holds, Kind};

/// Removes every key whose [fate](Fate) is documentation. A property, schema or parameter that is
/// merely *called* `description` stays. Responses must have a description: theirs becomes empty.
pub(super) fn remove(root: &mut Value) {
    object(Kind::Root, root);
}

fn object(kind: Kind, value: &mut Value) {
    let Value::Object(map) = value else { return };
    if kind.referable() && map.contains_key("$ref") {
        return;
    }
    if kind == Kind::Response
        && let Some(description) = map.get_mut("description")
    {
        *description = Value::String(String::new());
    }
    map.retain(|key, _| {
        let prose = kind.row(key).is_some_and(|row| row.fate == Fate::Documentation);
        !prose || kind.required().contains(&key.as_str())
    });
    for (key, value) in map {
        match (kind.row(key).map(|row| row.holds), value) {
            (Some(Holds::One(kind) | Holds::FlagOr(kind)), value) => object(kind, value),
            (Some(Holds::List(kind)), Value::Array(items)) => {
                for item in items {
                    object(kind, item);
                }
            }
            (Some(Holds::Map(kind)), Value::Object(members)) => {
                for member in members.values_mut() {
                    object(kind, member);
                }
            }
            _ => {}
        }
    }
}
