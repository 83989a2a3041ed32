//! Values that a text lists: `VALUE：meaning`.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    subject::Subject,
    text::{has, is_han},
};
use crate::texts::is_name;

/// A longer list is no list of values.
const MOST_VALUES: usize = 80;

/// What texts say of strings that hold more than one value.
const OF_SEVERAL: &[&str] = &["逗号", "','", "分隔", "隔开", "多种方式", "连写"];
/// What texts say of strings that may hold anything else. An example says that they do not.
const OF_OTHERS: &[&str] = &["json", "多个", "|", "例", "自定义"];
/// Last words of names of strings that are no code, whatever values their text lists.
const NAMES_OF_OTHERS: &[&str] = &[
    "address",
    "amount",
    "content",
    "desc",
    "description",
    "id",
    "info",
    "memo",
    "name",
    "no",
    "remark",
    "url",
    "value",
];

/// Values in upper case.
pub(super) fn words(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let is_word = |token: &str| {
        token.starts_with(|c: char| c.is_ascii_uppercase())
            && token.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    listed(subject, &is_word, 2)
}

/// Values of digits.
pub(super) fn digits(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let is_number = |token: &str| token.len() <= 3 && token.bytes().all(|b| b.is_ascii_digit());
    listed(subject, &is_number, 1)
}

/// The values that a text lists, if its example is among them. Without an example, values have to be of so many
/// characters, and nothing may speak against a list.
fn listed(
    subject: &Subject<'_>,
    is_value: &dyn Fn(&str) -> bool,
    shortest: usize,
) -> Option<Map<String, Value>> {
    let values = values(&subject.text, is_value)?;
    if has(&subject.text, OF_SEVERAL) || !(2..=MOST_VALUES).contains(&values.len()) {
        return None;
    }
    let fits = if subject.has_example() {
        subject.examples().all(|example| match example {
            Value::String(text) => values.contains_key(text.as_str()),
            other => values.contains_key(other.to_string().as_str()),
        })
    } else {
        let last = subject.words().pop().unwrap_or_default();
        !has(&subject.text.to_lowercase(), OF_OTHERS)
            && !NAMES_OF_OTHERS.contains(&last.as_str())
            && values.keys().all(|value| value.len() >= shortest)
    };
    if !fits {
        return None;
    }
    let wires: Vec<&str> = values.keys().copied().collect();
    let meanings: Map<String, Value> = values
        .iter()
        .filter_map(|(value, meaning)| Some(((*value).to_owned(), json!((*meaning)?))))
        .collect();
    let mut update = Map::from_iter([("x-extensible-enum".to_owned(), json!(wires))]);
    if !meanings.is_empty() {
        update.insert("x-enum-descriptions".to_owned(), Value::Object(meanings));
    }
    Some(update)
}

/// The values that a text lists, with what it calls them, where that is a name; `None` if a string may hold several.
fn values<'t>(
    text: &'t str,
    is_value: &dyn Fn(&str) -> bool,
) -> Option<IndexMap<&'t str, Option<&'t str>>> {
    let entries: Vec<Entry<'t>> = tokens(text)
        .filter(|(start, token)| {
            let before = text.get(..*start).unwrap_or_default();
            // The minutes of a time are no value.
            let of_time = before
                .strip_suffix(':')
                .is_some_and(|hours| hours.ends_with(|c: char| c.is_ascii_digit()));
            is_value(token) && !of_time && !before.ends_with(['.', '-', '/', '$', '#', '&', '?'])
        })
        .filter_map(|(start, token)| {
            let end = start + token.len();
            let after = text.get(end..)?;
            let meaning = end + (after.len() - meaning_of(after)?.len());
            Some(Entry { start, token, meaning })
        })
        .collect();
    // `A,B：both` is a value of two.
    let is_end_of_several = |entry: &Entry<'t>| {
        let before = text.get(..entry.start).and_then(|before| before.strip_suffix(','));
        before.is_some_and(|before| {
            let token = before.rsplit(|c: char| !is_part(c)).next();
            token.is_some_and(|token| !token.is_empty() && is_value(token))
        })
    };
    if entries.iter().any(is_end_of_several) {
        return None;
    }
    let mut values = IndexMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let end = entries.get(index + 1).map_or(text.len(), |next| next.start);
        let meaning = text.get(entry.meaning..end).and_then(name);
        let known = values.entry(entry.token).or_insert(meaning);
        // What means one thing here and another thing there has no name.
        if matches!((*known, meaning), (Some(one), Some(other)) if one != other) {
            *known = None;
        }
    }
    Some(values)
}

/// A value in a text.
struct Entry<'t> {
    start: usize,
    token: &'t str,
    /// Where what the text says of it begins.
    meaning: usize,
}

/// The runs of letters, digits and underscores of a text, with their places.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(is_part)?;
        let token = text.get(start..)?;
        let token = token.get(..token.find(|c| !is_part(c)).unwrap_or(token.len()))?;
        at = start + token.len();
        Some((start, token))
    })
}

/// Whether a character is part of a value.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What a text says of a value, after the colon, the dash or the bracket behind it.
fn meaning_of(after: &str) -> Option<&str> {
    const CLOSING: [char; 9] = ['"', '\'', '”', '’', '」', ']', '】', '`', ' '];
    let rest = after.trim_start_matches(CLOSING);
    let is_mark = |c: char| ":：=＝-－–—（(".contains(c);
    if !rest.starts_with(is_mark) {
        return None;
    }
    let rest = rest.trim_start_matches(|c| is_mark(c) || c == '>');
    let rest = rest.trim_start_matches([' ', '"', '“', '\'', '‘', '[', '【']);
    // `APP：APP支付` is a meaning, too.
    let ascii = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    let is_said = ascii.starts_with(is_han)
        && rest.len() - ascii.len() <= 12
        && !rest.starts_with(|c: char| c.is_ascii_digit());
    is_said.then_some(rest)
}

/// What an entry calls its value: a name, and no sentence, since sentences are Alipay's.
fn name(entry: &str) -> Option<&str> {
    const ENDS: &str = "；;。.，,、）)】]”\"'’*-_+|/\\：:（([【“";
    const BREAKS: [char; 6] = ['\n', '\r', '\t', '；', ';', '。'];
    let line = entry.split(BREAKS).next()?;
    // What follows the name of the last value is no part of it; what is left of a longer entry is no name.
    let rest = entry.get(line.len()..)?;
    let is_end = |c: char| c.is_whitespace() || ENDS.contains(c) || c.is_ascii_digit();
    let whole = rest.chars().all(is_end) || rest.starts_with(BREAKS);
    // An aside in parentheses may be the end of a name, too.
    let names =
        [line.trim_end_matches(|c| is_end(c) && !"）)".contains(c)), line.trim_end_matches(is_end)];
    names.into_iter().find(|name| whole && name.contains(is_han) && is_name(name))
}
