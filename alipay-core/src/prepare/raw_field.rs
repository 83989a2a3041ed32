//! Puts a value of the caller's own into an encoded request.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::{
    encode::{Encoded, Payload},
    personal, target,
};
use crate::{
    error::Error,
    model::Place,
    operation::{OperationInfo, Safety},
    redact::OneLine,
};

const NO_FIELD: &str = "the pointer of a raw field names no field";

impl Encoded {
    /// Replaces or adds the value at a JSON pointer of wire names. The value is JSON; `None` is one that
    /// has no such form.
    pub(crate) fn raw_field(
        mut self,
        operation: &OperationInfo,
        pointer: &str,
        value: Option<&str>,
    ) -> Result<Self, Error> {
        match self.put(operation, pointer, value) {
            Ok(()) => Ok(self),
            Err(problem) => Err(Error::request(problem).about(&self.info)),
        }
    }

    fn put(
        &mut self,
        operation: &OperationInfo,
        pointer: &str,
        value: Option<&str>,
    ) -> Result<(), String> {
        let keys = keys(pointer)?;
        let (first, deeper) = match keys.split_first() {
            Some((first, deeper)) if !first.is_empty() => (first.as_str(), deeper),
            _ => return Err(NO_FIELD.to_owned()),
        };
        let problem = |problem: &str| format!("`{}` {problem}", up_to(pointer, 1));
        let field = self.fields.iter().find(|field| field.key(self.fields) == first);
        let name = field.map_or(first, |field| field.name);
        if matches!(operation.safety, Safety::IdempotentBy(key) if key == name) {
            // Nobody has checked that it is a key.
            let info = Arc::make_mut(&mut self.info);
            (info.repeat, info.key) = (Safety::Unsafe, None);
        }
        let value =
            value.ok_or_else(|| format!("the value of `{}` has no JSON form", whole(pointer)))?;
        let json = match &mut self.payload {
            Payload::Nothing => None,
            Payload::Json(json) => Some(json),
            Payload::Upload { json, .. } => json.as_mut(),
        };
        let place = match (field, &json) {
            (Some(field), _) => field.place,
            (None, Some(_)) => Place::Body,
            (None, None) => Place::Query,
        };
        // It may be personal, whatever the field is.
        let in_target = matches!(place, Place::Path | Place::Query);
        personal::add_raw(&mut self.personal, value, in_target);
        if let (Place::Body, Some(json)) = (place, json) {
            let text = std::str::from_utf8(json).map_err(|_| "the body is not UTF-8".to_owned())?;
            *json = Bytes::from(put(text, pointer, &keys, value)?);
            return Ok(());
        }
        if !deeper.is_empty() {
            return Err(problem("is not in the body and has no parts"));
        }
        let plain = plain(value).ok_or_else(|| {
            problem("is not in the body: its value must be a string, a number or a bool")
        })?;
        match place {
            Place::Query => target::put_into_query(&mut self.target, name, &plain),
            Place::Path => {
                self.target = target::put_into_path(&self.target, operation.path, name, &plain)?;
            }
            Place::Header => {
                let sensitive = field.is_none_or(|field| field.sensitive);
                let (name, value) = target::header(name, &plain, sensitive)?;
                self.headers.retain(|(other, _)| *other != name);
                self.headers.push((name, value));
            }
            Place::Body | Place::File => return Err(problem("is a file: set it in the request")),
        }
        Ok(())
    }
}

/// The keys of a pointer (RFC 6901). What is no pointer is not shown: it may be the value.
fn keys(pointer: &str) -> Result<Vec<String>, String> {
    let mut parts = pointer.split('/');
    if parts.next() != Some("") {
        return Err("the pointer of a raw field must begin with `/`, like `/goods/0/price`".into());
    }
    let key = |part: &str| {
        let escaped = part.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        escaped.then(|| part.replace("~1", "/").replace("~0", "~"))
    };
    parts.map(key).collect::<Option<_>>().ok_or_else(|| {
        "the pointer of a raw field has a `~` that is not followed by `0` or `1`".to_owned()
    })
}

/// The first keys of a pointer.
fn up_to(pointer: &str, keys: usize) -> OneLine<'_> {
    let end = pointer.match_indices('/').nth(keys).map_or(pointer.len(), |(end, _)| end);
    whole(pointer.get(..end).unwrap_or(pointer))
}

fn whole(pointer: &str) -> OneLine<'_> {
    OneLine::new(pointer, 100)
}

/// A JSON value as it stands in path, query and headers.
fn plain(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}

/// A JSON object with a value replaced or added at a pointer.
pub(crate) fn put_into_json(json: &str, pointer: &str, value: &str) -> Result<String, String> {
    let keys = keys(pointer)?;
    if keys.first().is_none_or(String::is_empty) {
        return Err(NO_FIELD.to_owned());
    }
    put(json, pointer, &keys, value)
}

/// Some JSON with a value replaced or added. All else stays as it is, to the byte: a tree of values would
/// lose the digits of long numbers.
fn put(json: &str, pointer: &str, keys: &[String], value: &str) -> Result<String, String> {
    let (last, parents) = keys.split_last().ok_or(NO_FIELD)?;
    let mut parent = json;
    for (depth, key) in parents.iter().enumerate() {
        parent = child(parent, key, pointer, depth)?.ok_or_else(|| {
            format!("the request has no `{}`: set it first", up_to(pointer, depth + 1))
        })?;
    }
    // `parent` and what is in it are parts of `json`.
    let offset = |part: &str| part.as_ptr().addr().saturating_sub(json.as_ptr().addr());
    let (start, end, text) = match child(parent, last, pointer, parents.len())? {
        Some(old) => (offset(old), offset(old) + old.len(), value.to_owned()),
        None => {
            // Before the brace that closes the object.
            let inside = parent.strip_suffix('}').unwrap_or(parent);
            let end = offset(parent) + inside.len();
            let comma = if inside.trim_ascii_end() == "{" { "" } else { "," };
            (end, end, format!("{comma}{}:{value}", serde_json::Value::from(last.as_str())))
        }
    };
    let (before, after) = (json.get(..start), json.get(end..));
    Ok([before.unwrap_or_default(), &text, after.unwrap_or_default()].concat())
}

/// A member of an object or an item of a list. `None` when the object has no such member.
fn child<'a>(
    json: &'a str,
    key: &str,
    pointer: &str,
    depth: usize,
) -> Result<Option<&'a str>, String> {
    let problem = |problem: &str| format!("`{}` of the request {problem}", up_to(pointer, depth));
    match json.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> =
                serde_json::from_str(json).map_err(|_| problem("is not JSON"))?;
            Ok(members.get(key).map(|value| value.get()))
        }
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(json).map_err(|_| problem("is not JSON"))?;
            let is_index = key == "0" || !key.starts_with(['0', '+']);
            let index = key.parse::<usize>().ok().filter(|_| is_index);
            let item = index.and_then(|index| items.get(index)).ok_or_else(|| {
                let next = up_to(pointer, depth + 1);
                problem(&format!("has {} items, and none is `{next}`", items.len()))
            })?;
            Ok(Some(item.get()))
        }
        _ => Err(problem("is neither an object nor a list")),
    }
}
