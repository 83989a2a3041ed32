//! Path and query of a request: built once, signed and sent as the same string.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    headers::is_reserved,
    model::{Field, List, ListStyle, Model, Place, Ref, items, present},
};

/// All but the unreserved characters of RFC 3986.
pub(crate) const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fills the path template and adds the query, its fields in the order of the table.
pub(super) fn build(template: &str, request: &dyn Model) -> Result<String, String> {
    let mut query = Query { target: path(template, request)?, separator: '?' };
    for (field, value) in present(request).filter(|(field, _)| field.place == Place::Query) {
        match value {
            Ref::List(list) => query.list(field, list)?,
            value => query.add(field.name, &plain(value, field.name)?),
        }
    }
    Ok(query.target)
}

/// A target whose query is being written.
struct Query {
    target: String,
    separator: char,
}

impl Query {
    fn name(&mut self, name: &str) {
        self.target.push(self.separator);
        self.separator = '&';
        self.target.extend(utf8_percent_encode(name, RESERVED));
        self.target.push('=');
    }

    fn add(&mut self, name: &str, value: &str) {
        self.name(name);
        self.target.extend(utf8_percent_encode(value, RESERVED));
    }

    fn list(&mut self, field: &Field, list: &dyn List) -> Result<(), String> {
        // An encoded item has no commas. The other separators have to be encoded like items.
        let (separator, unfit) = match field.list {
            ListStyle::Repeated => ("", None),
            ListStyle::Commas => (",", None),
            ListStyle::Spaces => ("%20", Some(' ')),
            ListStyle::Pipes => ("%7C", Some('|')),
        };
        for (index, item) in items(list).enumerate() {
            let text = plain(item, field.name)?;
            if unfit.is_some_and(|separator| text.contains(separator)) {
                return Err(format!(
                    "an item of `{}` holds the character that separates its items",
                    field.name
                ));
            }
            if index == 0 || field.list == ListStyle::Repeated {
                self.name(field.name);
            } else {
                self.target.push_str(separator);
            }
            self.target.extend(utf8_percent_encode(&text, RESERVED));
        }
        Ok(())
    }
}

/// The request's own headers, in the order of the table.
pub(super) fn headers(request: &dyn Model) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let mut headers = Vec::new();
    for (field, value) in present(request).filter(|(field, _)| field.place == Place::Header) {
        headers.push(header(field.name, &plain(value, field.name)?, field.sensitive)?);
    }
    Ok(headers)
}

/// A header that is the request's own.
pub(super) fn header(
    name: &str,
    value: &str,
    sensitive: bool,
) -> Result<(HeaderName, HeaderValue), String> {
    let header = HeaderName::from_bytes(name.as_bytes())
        .ok()
        .filter(|header| !is_reserved(header))
        .ok_or_else(|| format!("`{name}` cannot be set as a header"))?;
    let unfit = || format!("`{name}` has characters that no header can hold");
    // White space around a value is not part of it, and servers differ in how they read other
    // characters than ASCII.
    let ascii = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !ascii || value.trim() != value {
        return Err(unfit());
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| unfit())?;
    value.set_sensitive(sensitive);
    Ok((header, value))
}

fn path(template: &str, request: &dyn Model) -> Result<String, String> {
    fill(template, |name| {
        let is_named = |field: &Field| field.place == Place::Path && field.name == name;
        match present(request).find(|(field, _)| is_named(field)) {
            Some((_, value)) => plain(value, name),
            // It is absent, which counts as empty.
            None if request.table().fields.iter().any(is_named) => Ok(Cow::Borrowed("")),
            None => Err(format!("`{name}` of the path is not a field of the request")),
        }
    })
}

/// A value as it stands in a path or a query.
pub(super) fn encoded(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, RESERVED).into()
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
    let target = fill(template, |name| {
        let found = parameters.iter().find(|(other, _)| other == name);
        let (_, value) = found.ok_or_else(|| format!("`{name}` of the path is not given"))?;
        Ok(Cow::Borrowed(value))
    })?;
    let mut written = Query { target, separator: '?' };
    for (name, value) in query {
        written.add(name, value);
    }
    Ok(written.target)
}

/// Refuses a path that an HTTP stack might change.
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
        path.push_str(&part_of_path(name, &value(name)?)?);
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

fn part_of_path<'a>(name: &str, value: &'a str) -> Result<Cow<'a, str>, String> {
    match value {
        "" => Err(format!("`{name}` is part of the path and must not be empty")),
        // These would walk up the path instead of being a part of it, encoded or not.
        "." | ".." => Err(format!("`{name}` is part of the path and cannot be dots")),
        value => Ok(encoded(value)),
    }
}

/// Replaces a parameter of a filled path by another value.
pub(super) fn put_into_path(
    target: &str,
    template: &str,
    name: &str,
    value: &str,
) -> Result<String, String> {
    let value = part_of_path(name, value)?;
    let parameter = format!("{{{name}}}");
    let (path, query) =
        target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    // A value is encoded and has no `/`: both have the same parts.
    let parts = template.split('/').zip(path.split('/')).map(|(pattern, part)| {
        match pattern.split_once(&parameter) {
            None => Ok(Cow::Borrowed(part)),
            // Where a value ends is known only if it is the only one of its part.
            Some((before, after)) if before.contains('{') || after.contains('{') => Err(format!(
                "`{name}` shares a part of the path with another parameter: set it in the request"
            )),
            Some((before, after)) => Ok(Cow::Owned(format!("{before}{value}{after}"))),
        }
    });
    let mut target = parts.collect::<Result<Vec<_>, _>>()?.join("/");
    if let Some(query) = query {
        target.push('?');
        target.push_str(query);
    }
    Ok(target)
}

/// Replaces a parameter of the query, however often it is there, or adds it.
pub(super) fn put_into_query(target: &mut String, name: &str, value: &str) {
    let own = format!("{}=", encoded(name));
    let mut put = Some(format!("{own}{}", encoded(value)));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, query.split('&').collect()),
        None => (target.as_str(), Vec::new()),
    };
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    for part in query {
        if !part.starts_with(&own) {
            parts.push(part.into());
        } else if let Some(put) = put.take() {
            parts.push(put.into());
        }
    }
    parts.extend(put.map(Cow::Owned));
    *target = format!("{path}?{}", parts.join("&"));
}

fn plain<'a>(value: Ref<'a>, name: &str) -> Result<Cow<'a, str>, String> {
    if let Ref::Float(number) = value {
        if !number.is_finite() {
            return Err(format!("`{name}` is not a finite number"));
        }
    }
    let problem = "has parts and cannot stand in path, query or headers";
    value.into_text().ok_or_else(|| format!("`{name}` {problem}"))
}
