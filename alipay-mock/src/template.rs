//! Path templates: which paths they match, and which of two comes first.

use std::cmp::Reverse;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A template such as `/v3/bill/{day}.csv`.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    segments: Vec<Segment>,
}

/// What stands between two slashes: literals and parameters.
#[derive(Clone, Debug)]
struct Segment(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Parameter(String),
}

/// Of two templates that match a path, the one with the smaller rank is meant: segment by segment, a literal before one with
/// parameters, then the one with more literal characters, then the one with fewer parameters.
pub(crate) type Rank = Vec<(bool, Reverse<usize>, usize)>;

impl Template {
    pub(crate) fn new(template: &str) -> Self {
        Self { segments: template.split('/').map(Segment::new).collect() }
    }

    pub(crate) fn rank(&self) -> Rank {
        self.segments.iter().map(Segment::rank).collect()
    }

    /// The parameters of a path, decoded, if it matches.
    pub(crate) fn parameters(&self, path: &str) -> Option<Map<String, Value>> {
        let mut parameters = Map::new();
        let mut given = path.split('/');
        for segment in &self.segments {
            for (name, value) in segment.parameters(given.next()?)? {
                let value = percent_decode_str(value).decode_utf8().ok()?;
                parameters.insert(name.to_owned(), value.into_owned().into());
            }
        }
        given.next().is_none().then_some(parameters)
    }

    /// How many characters of a path are wrong, if it is right but for a slip in one segment.
    pub(crate) fn slips(&self, path: &[&str]) -> Option<usize> {
        let mut given = path.iter();
        let mut wrong = None;
        for wanted in &self.segments {
            let given = *given.next()?;
            if wanted.is_parameter() || wanted.parameters(given).is_some() {
                continue;
            }
            // Another segment is wrong as well.
            if wrong.replace((wanted, given)).is_some() {
                return None;
            }
        }
        if given.next().is_some() {
            return None;
        }
        wrong.map_or(Some(0), |(wanted, given)| wanted.slips(given))
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, (name, after))) =
            rest.split_once('{').and_then(|(literal, rest)| Some((literal, rest.split_once('}')?)))
        {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Parameter(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Self(parts)
    }

    fn rank(&self) -> (bool, Reverse<usize>, usize) {
        let (mut literal, mut parameters) = (0, 0);
        for part in &self.0 {
            match part {
                Part::Literal(text) => literal += text.chars().count(),
                Part::Parameter(_) => parameters += 1,
            }
        }
        (parameters > 0, Reverse(literal), parameters)
    }

    /// Whether it is one parameter and nothing else.
    fn is_parameter(&self) -> bool {
        matches!(self.0.as_slice(), [Part::Parameter(_)])
    }

    /// The parameters in a segment as it was sent, if it matches: each is as short as the literals around it allow, and none is
    /// empty.
    fn parameters<'a>(&'a self, given: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let mut found = Vec::new();
        let mut rest = given;
        let mut open: Option<&str> = None;
        for (number, part) in self.0.iter().enumerate() {
            match (part, open.take()) {
                (Part::Literal(text), None) => rest = rest.strip_prefix(text.as_str())?,
                (Part::Literal(text), Some(name)) => {
                    let (value, after) = if number + 1 == self.0.len() {
                        (rest.strip_suffix(text.as_str())?, "")
                    } else {
                        let first = rest.chars().next()?.len_utf8();
                        let at = first + rest.get(first..)?.find(text.as_str())?;
                        (rest.get(..at)?, rest.get(at + text.len()..)?)
                    };
                    found.push((name, value));
                    rest = after;
                }
                (Part::Parameter(name), before) => {
                    if let Some(before) = before {
                        let first = rest.chars().next()?.len_utf8();
                        let (value, after) = rest.split_at_checked(first)?;
                        found.push((before, value));
                        rest = after;
                    }
                    open = Some(name);
                }
            }
        }
        match open {
            Some(name) => found.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        found.iter().all(|(_, value)| !value.is_empty()).then_some(found)
    }

    /// How many characters of a segment without parameters are wrong, if it is nearly right.
    fn slips(&self, given: &str) -> Option<usize> {
        let [Part::Literal(wanted)] = self.0.as_slice() else { return None };
        let slips = strsim::damerau_levenshtein(wanted, given);
        (slips <= (wanted.len() / 3).max(1)).then_some(slips)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_of_a_segment_are_parameters() {
        for (template, path, expected) in [
            ("/shop/{id}", "/shop/7", Some(json!({"id": "7"}))),
            ("/shop/{id}", "/shop/", None),
            ("/shop/{id}", "/shop/7/", None),
            ("/shop/{id}", "/shop/7%3Acancel", Some(json!({"id": "7:cancel"}))),
            ("/shop/{id}:cancel", "/shop/7:cancel", Some(json!({"id": "7"}))),
            ("/shop/{id}:cancel", "/shop/%E7%BA%A2%2F1:cancel", Some(json!({"id": "红/1"}))),
            ("/shop/{id}:cancel", "/shop/:cancel", None),
            ("/shop/{id}:cancel", "/shop/7:cancel:cancel", Some(json!({"id": "7:cancel"}))),
            ("/shop/{id}:cancel", "/shop/7:close", None),
            ("/bill/{day}.csv", "/bill/20260131.csv", Some(json!({"day": "20260131"}))),
            ("/bill/{day}.csv", "/bill/20260131.csv.gz", None),
            ("/a/{x}-{y}", "/a/1-2-3", Some(json!({"x": "1", "y": "2-3"}))),
            ("/a/{x}-{y}", "/a/-2", None),
            ("/a/{x}-{y}", "/a/--2", Some(json!({"x": "-", "y": "2"}))),
            ("/a/v{x}.{y}.json", "/a/v1.2.json", Some(json!({"x": "1", "y": "2"}))),
            ("/a/{x}{y}", "/a/红楼梦", Some(json!({"x": "红", "y": "楼梦"}))),
            ("/a/{x}{y}", "/a/1", None),
            ("/a/{x}", "/a/%ff", None),
        ] {
            let found = Template::new(template).parameters(path).map(Value::Object);
            assert_eq!(found, expected, "{template} {path}");
        }
    }

    #[test]
    fn the_most_concrete_template_comes_first() {
        let ordered = [
            "/a/list",
            "/a/{x}.tar.gz",
            "/a/{x}-{y}.gz",
            "/a/{x}.gz",
            "/a/{x}-{y}",
            "/a/{x}",
            "/{z}/list",
            "/{z}/{x}",
        ];
        for pair in ordered.windows(2) {
            let [first, second] = pair else { continue };
            let rank = |template: &str| Template::new(template).rank();
            assert!(rank(first) < rank(second), "{first} {second}");
        }
    }
}
