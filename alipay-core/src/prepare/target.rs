//! Path and query of a request: built once, signed and sent as the same text.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    model::{Model, Place},
    value::Ref,
};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fills the path template and adds the query, its fields in the order of the table.
pub(super) fn build(template: &str, request: &dyn Model) -> Result<String, String> {
    let mut target = path(template, request)?;
    let mut separator = '?';
    for (index, field) in request.table().fields.iter().enumerate() {
        if field.place != Place::Query {
            continue;
        }
        if let Some(text) = text(request, index, field.name)? {
            target.push(separator);
            separator = '&';
            target.extend(utf8_percent_encode(field.name, RESERVED));
            target.push('=');
            target.extend(utf8_percent_encode(&text, RESERVED));
        }
    }
    Ok(target)
}

fn path(template: &str, request: &dyn Model) -> Result<String, String> {
    let mut path = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| "the operation's path template is not closed".to_owned())?;
        path.push_str(before);
        let mut fields = request.table().fields.iter();
        let index = fields
            .position(|field| field.place == Place::Path && field.name == name)
            .ok_or_else(|| format!("`{name}` of the path is not a field of the request"))?;
        let value = text(request, index, name)?.unwrap_or_default();
        match &*value {
            "" => return Err(format!("`{name}` is part of the path and must not be empty")),
            // These would walk up the path instead of being a part of it, encoded or not.
            "." | ".." => return Err(format!("`{name}` is part of the path and cannot be dots")),
            value => path.extend(utf8_percent_encode(value, RESERVED)),
        }
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

/// A field as text; `None` when it is absent.
fn text<'a>(
    request: &'a dyn Model,
    index: usize,
    name: &str,
) -> Result<Option<Cow<'a, str>>, String> {
    match request.field(index).map(|value| value.get()) {
        None | Some(Ref::Absent) => Ok(None),
        Some(value) => value
            .into_text()
            .map(Some)
            .ok_or_else(|| format!("`{name}` has parts and cannot stand in path or query")),
    }
}
