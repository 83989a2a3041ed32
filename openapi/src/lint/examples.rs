//! Examples are values of their field's type: they end in documentation and in generated tests.

use serde_json::Value;

use super::Warn;
use crate::{
    diag::did_you_mean,
    ir::fit::{is_key, misfit},
    ir::{Api, Field, Limit, Place, Presence, Struct, Ty},
    pointer::Pointer,
};

/// The code of all that is wrong with an example.
const MISFIT: &str = "example-misfit";

pub(super) fn check(api: &Api, field: &Field, warn: &mut Warn<'_>) {
    if let Some(default) = field.default.as_ref().filter(|default| !default.is_null())
        && let Some(why) = misfit(api, &field.ty, default)
    {
        warn(
            "default-misfit",
            &field.origin,
            format!("the default of `{}` is none: {why}", field.wire),
            "correct the default in the overlay",
        );
    }
    let Some(example) = field.example.as_ref().filter(|example| !example.is_null()) else { return };
    let misfit = misfit(api, &field.ty, example).or_else(|| too_long(field, example));
    if let Some(why) = misfit {
        warn(
            MISFIT,
            &field.origin.join("example"),
            format!("the example of `{}` is not one: {why}", field.wire),
            "correct the example in the overlay",
        );
    }
}

/// The whole example of an object has the object's fields, all that are required, and values that fit.
pub(super) fn check_whole(api: &Api, item: &Struct, warn: &mut Warn<'_>) {
    if let Some(example) = &item.example {
        Whole { api, warn }.object(item, &example.value, &example.origin);
    }
}

struct Whole<'a, 'w> {
    api: &'a Api,
    warn: &'a mut Warn<'w>,
}

impl Whole<'_, '_> {
    fn object(&mut self, item: &Struct, value: &Value, at: &Pointer) {
        let name = &item.upstream_name;
        let Value::Object(members) = value else {
            self.say(at, format!("the example of `{name}` is not one: it has to be an object"));
            return;
        };
        for (wire, member) in members {
            let at = at.join(wire);
            match item.fields.iter().find(|field| field.wire == *wire) {
                Some(field) => self.value(field, &field.ty, member, &at),
                None => {
                    let near =
                        did_you_mean(wire, item.fields.iter().map(|field| field.wire.as_str()));
                    let hint = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "name a property of the schema".to_owned(),
                    };
                    let message =
                        format!("the example has `{wire}`, which is no field of `{name}`");
                    (self.warn)(MISFIT, &at, message, &hint);
                }
            }
        }
        // Parameters have examples of their own.
        let missing = item.fields.iter().filter(|field| {
            matches!(field.presence, Presence::Required(_))
                && field.place == Place::Body
                && !members.contains_key(&field.wire)
        });
        for field in missing {
            let wire = &field.wire;
            self.say(at, format!("the example of `{name}` lacks `{wire}`, which is required"));
        }
    }

    fn value(&mut self, field: &Field, ty: &Ty, value: &Value, at: &Pointer) {
        match (ty, value) {
            (Ty::Struct { id, .. }, _) => {
                if let Some(item) = self.api.structs.iter().find(|item| item.id == *id) {
                    self.object(item, value, at);
                }
            }
            (Ty::List(inner), Value::Array(items)) if !items.is_empty() => {
                for (number, item) in items.iter().enumerate() {
                    self.value(field, inner, item, &at.join(number));
                }
            }
            (Ty::Map(inner), Value::Object(entries)) if !entries.is_empty() => {
                for (key, entry) in entries {
                    self.value(field, inner, entry, &at.join(key));
                }
            }
            _ => {
                let why = match ty {
                    Ty::List(_) => Some("it has to be a list of at least one item".to_owned()),
                    Ty::Map(_) => Some("it has to be an object of at least one entry".to_owned()),
                    Ty::File => Some("a file has no JSON form".to_owned()),
                    _ if field.is_key && !value.as_str().is_some_and(is_key) => {
                        Some("it has to be 1 to 64 visible ASCII characters".to_owned())
                    }
                    _ => misfit(self.api, ty, value).or_else(|| too_long(field, value)),
                };
                if let Some(why) = why {
                    self.say(at, format!("the example of `{}` is not one: {why}", field.wire));
                }
            }
        }
    }

    fn say(&mut self, at: &Pointer, message: String) {
        (self.warn)(MISFIT, at, message, "correct the example in the overlay");
    }
}

fn too_long(field: &Field, value: &Value) -> Option<String> {
    let length = value.as_str()?.chars().count() as u64;
    field.limits.iter().find_map(|limit| match limit.value {
        Limit::MaxLength(most) if length > most => {
            Some(format!("it has {length} characters, and may have {most}"))
        }
        _ => None,
    })
}
