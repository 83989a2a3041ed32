//! JSON pointers (RFC 6901), the addresses of everything in a description.

use std::fmt::{self, Write};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A JSON pointer, stored in its escaped form (`/paths/~1v3~1alipay/get`).
///
/// The empty pointer is the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A pointer from its escaped form, as in `/components/schemas/Foo`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pointer of the member `key` (or of the item with that number) of the value this pointer
    /// names.
    #[must_use]
    pub fn join(&self, key: impl fmt::Display) -> Self {
        // Room for the names of most descriptions: pointers are made by the ten thousand.
        let mut text = String::with_capacity(self.0.len() + 24);
        text.push_str(&self.0);
        text.push('/');
        // Writing to a string cannot fail.
        let _ = write!(Escape(&mut text), "{key}");
        Self(text)
    }

    /// The pointer that leads on from here along the escaped form of another.
    #[must_use]
    pub(crate) fn below(&self, rest: &str) -> Self {
        Self([self.as_str(), rest].concat())
    }

    /// The pointer one level up; `None` for the whole document.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').and_then(|end| self.0.get(..end)).map(|text| Self(text.to_owned()))
    }

    /// The last segment, unescaped; `None` for the whole document.
    #[must_use]
    pub fn last(&self) -> Option<String> {
        self.0.rsplit_once('/').map(|(_, segment)| unescape(segment))
    }

    /// The number of its segments.
    pub(crate) fn depth(&self) -> usize {
        self.0.bytes().filter(|byte| *byte == b'/').count()
    }

    /// The segments, unescaped, from the root down.
    pub fn segments(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(unescape)
    }

    /// The escaped form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes a segment with `~` and `/` escaped.
struct Escape<'a>(&'a mut String);

impl Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(['~', '/']) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            self.0.push_str(if special.starts_with('~') { "~0" } else { "~1" });
            rest = special.get(1..).unwrap_or_default();
        }
        self.0.push_str(rest);
        Ok(())
    }
}

fn unescape(segment: &str) -> String {
    if !segment.contains('~') {
        return segment.to_owned();
    }
    segment.replace("~1", "/").replace("~0", "~")
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys are input: what would move the cursor or turn the text around is shown escaped.
        f.write_str("#")?;
        for c in self.0.chars() {
            if c.is_control()
                || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Where a reference within its document leads: it is a URI that is only a fragment, which is a pointer.
pub(crate) fn target(reference: &str) -> Option<Pointer> {
    let fragment = percent_decode_str(reference.strip_prefix('#')?);
    Some(Pointer(fragment.decode_utf8().ok()?.into_owned()))
}

/// The section and the name of the component that a reference leads to.
pub(crate) fn component(reference: &str) -> Option<(String, String)> {
    let pointer = target(reference)?;
    let mut segments = pointer.segments();
    let found = match (segments.next()?.as_str(), segments.next()?, segments.next()?) {
        ("components", section, name) => (section, name),
        _ => return None,
    };
    segments.next().is_none().then_some(found)
}

/// The name of the component schema that a reference leads to.
pub(crate) fn schema_name(reference: &str) -> Option<String> {
    component(reference).filter(|(section, _)| section == "schemas").map(|(_, name)| name)
}

/// How many levels of lists and mappings a value has.
pub(crate) fn height(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(height).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(height).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Visits every `$ref` in a value.
pub(crate) fn each_reference<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, visit)),
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                visit(reference);
            }
            map.values().for_each(|member| each_reference(member, visit));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_keys_stay_on_their_line() {
        let pointer = Pointer::root().join("a\n\u{202E}b");
        assert_eq!(pointer.to_string(), "#/a\\u{a}\\u{202e}b");
    }

    #[test]
    fn references_are_uris() {
        for (reference, name) in [
            ("#/components/schemas/Gift%20Card", Some("Gift Card")),
            ("#/components/schemas/Gift Card", Some("Gift Card")),
            ("#/components/schemas/%E5%8D%A1", Some("卡")),
            ("#/components/schemas/卡", Some("卡")),
            ("#/components/schemas/a~1b~0c", Some("a/b~c")),
            ("#/components/schemas/a%7E1b", Some("a/b")),
            ("#/components/schemas/100%25", Some("100%")),
            ("#/components/schemas/100%", Some("100%")),
            ("#/components/schemas/a%2520b", Some("a%20b")),
            ("#%2Fcomponents/schemas/A", Some("A")),
            ("#/components/schemas/%FF", None),
            ("#/components/schemas/A/properties/b", None),
            ("#/components/responses/A", None),
            ("other.yaml#/components/schemas/A", None),
        ] {
            assert_eq!(schema_name(reference).as_deref(), name, "{reference}");
        }
    }

    #[test]
    fn keys_are_escaped_and_come_back() {
        let pointer = Pointer::root().join("paths").join("/v3/a~b").join(0);
        assert_eq!(pointer.as_str(), "/paths/~1v3~1a~0b/0");
        assert_eq!(pointer.segments().collect::<Vec<_>>(), ["paths", "/v3/a~b", "0"]);
        assert_eq!(pointer.parent().and_then(|p| p.last()).as_deref(), Some("/v3/a~b"));
        assert_eq!(pointer.to_string(), "#/paths/~1v3~1a~0b/0");
    }
}
