//! From value to typed model. When that fails, the smallest part that fails is looked for, because the
//! model's own errors have no position.

use openapiv3::OpenAPI;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Findings,
    path::Path,
    shapes::{Holds, Kind},
};

/// The typed model of a description whose shapes were checked.
pub(super) fn model(value: &Value, findings: &mut Findings<'_>) -> Option<OpenAPI> {
    if let Ok(model) = OpenAPI::deserialize(value) {
        return Some(model);
    }
    narrow(Kind::Root, value, &Path::ROOT, findings);
    None
}

/// Reports the smallest parts of `value` that the typed model refuses. Says whether there are any.
fn narrow(kind: Kind, value: &Value, path: &Path<'_>, findings: &mut Findings<'_>) -> bool {
    let Value::Object(map) = value else { return false };
    if kind.referable() && map.contains_key("$ref") {
        return false;
    }
    let own = refusal(kind, value);
    if own.is_none() && has_type(kind) {
        return false;
    }
    let mut below = false;
    for (key, value) in map {
        let path = path.key(key);
        below |= match (kind.row(key).map(|row| row.holds), value) {
            (Some(Holds::One(kind) | Holds::FlagOr(kind)), value) => {
                narrow(kind, value, &path, findings)
            }
            (Some(Holds::List(kind)), Value::Array(items)) => {
                items.iter().enumerate().fold(false, |found, (index, item)| {
                    narrow(kind, item, &path.item(index), findings) | found
                })
            }
            (Some(Holds::Map(kind)), Value::Object(members)) => {
                members.iter().fold(false, |found, (name, member)| {
                    narrow(kind, member, &path.name(name), findings) | found
                })
            }
            _ => false,
        };
    }
    if below {
        return true;
    }
    let Some(why) = own else { return false };
    // A single key whose removal helps is the culprit.
    let culprit = map.keys().find(|key| {
        let mut rest = map.clone();
        rest.shift_remove(key.as_str());
        refusal(kind, &Value::Object(rest)).is_none()
    });
    let at = culprit.map_or_else(|| path.pointer(), |key| path.pointer().join(key));
    let message = format!("{} that OpenAPI 3.0 does not allow: {why}", kind.name());
    findings.error("not-openapi", &at, message, "correct it as the OpenAPI 3.0 specification says");
    true
}

fn has_type(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Components | Kind::ErrorCode | Kind::Contact | Kind::License | Kind::ExternalDocs
    )
}

/// Why the typed model refuses a value of this kind.
fn refusal(kind: Kind, value: &Value) -> Option<String> {
    fn read<T: DeserializeOwned>(value: &Value) -> Option<String> {
        T::deserialize(value).err().map(|error| readable(&error.to_string()))
    }
    match kind {
        Kind::Root => read::<OpenAPI>(value),
        Kind::Info => read::<openapiv3::Info>(value),
        Kind::Server => read::<openapiv3::Server>(value),
        Kind::Tag => read::<openapiv3::Tag>(value),
        Kind::PathItem => read::<openapiv3::PathItem>(value),
        Kind::Operation => read::<openapiv3::Operation>(value),
        Kind::Parameter => read::<openapiv3::Parameter>(value),
        Kind::RequestBody => read::<openapiv3::RequestBody>(value),
        Kind::MediaType => read::<openapiv3::MediaType>(value),
        Kind::Encoding => read::<openapiv3::Encoding>(value),
        Kind::Response => read::<openapiv3::Response>(value),
        Kind::Components => read::<openapiv3::Components>(value),
        Kind::Schema => read::<openapiv3::Schema>(value),
        Kind::Contact
        | Kind::License
        | Kind::ExternalDocs
        | Kind::Discriminator
        | Kind::ErrorCode => None,
    }
}

/// The reader's words, without its talk of Rust types.
fn readable(message: &str) -> String {
    if message.contains("did not match any variant") || message.contains("flattened data") {
        return "its keys do not fit together".to_owned();
    }
    message.lines().next().unwrap_or_default().replace("unknown variant", "unknown value")
}
