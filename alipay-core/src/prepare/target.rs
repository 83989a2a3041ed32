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
    fill(template, |name| {
        let mut fields = request.table().fields.iter();
        let index = fields
            .position(|field| field.place == Place::Path && field.name == name)
            .ok_or_else(|| format!("`{name}` of the path is not a field of the request"))?;
        Ok(text(request, index, name)?.unwrap_or_default())
    })
}

/// A path of the caller's own, with its parameters filled in, and a query.
pub(super) fn free(
    template: &str,
    parameters: &[(String, String)],
    query: &[(String, String)],
) -> Result<String, String> {
    check_path(template)?;
    for (name, _) in parameters {
        if !template.contains(&format!("{{{name}}}")) {
            return Err(format!("the path has no `{{{name}}}`"));
        }
    }
    let mut target = fill(template, |name| {
        let found = parameters.iter().find(|(other, _)| other == name);
        let (_, value) = found.ok_or_else(|| format!("`{name}` of the path is not given"))?;
        Ok(Cow::Borrowed(value))
    })?;
    let mut separator = '?';
    for (name, value) in query {
        target.push(separator);
        separator = '&';
        target.extend(utf8_percent_encode(name, RESERVED));
        target.push('=');
        target.extend(utf8_percent_encode(value, RESERVED));
    }
    Ok(target)
}

/// Refuses a path that an HTTP stack might change or read otherwise.
fn check_path(template: &str) -> Result<(), String> {
    let problem = |problem: &str| Err(format!("the path {problem}"));
    if !template.starts_with('/') {
        return problem("must begin with `/`, like `/v3/alipay/…`");
    }
    if template.contains(['?', '#']) {
        return problem("must not hold a query: add it with `query`");
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/{}%!$&'()*+,;=:@".contains(&byte);
    if !template.bytes().all(fits) {
        return problem("has characters that must be percent-encoded; put values in with `path`");
    }
    let mut after_percent = template.split('%');
    after_percent.next();
    let hex = |part: &str| {
        let mut digits = part.bytes();
        let mut digit = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        digit() && digit()
    };
    if !after_percent.all(hex) {
        return problem("has a `%` that is not followed by two hexadecimal digits");
    }
    let dots = |part: &str| {
        let plain = part.replace("%2e", ".").replace("%2E", ".");
        part.is_empty() || plain == "." || plain == ".."
    };
    if template.split('/').skip(1).any(dots) {
        return problem("must not have empty parts or dots as parts");
    }
    Ok(())
}

/// Fills a path template.
fn fill<'a>(
    template: &str,
    value: impl Fn(&str) -> Result<Cow<'a, str>, String>,
) -> Result<String, String> {
    let mut path = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| "the operation's path template is not closed".to_owned())?;
        path.push_str(before);
        match &*value(name)? {
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
