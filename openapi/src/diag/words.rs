//! Values and names of an input, as messages and hints show them.

use std::borrow::Cow;

use serde_json::Value;

/// What a value is, in words for messages.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string {}", quote(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

/// A string of an input as messages show it, on one line: escaped, and cut when it is long.
#[must_use]
pub fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start:?}…")
}

/// Whether a terminal obeys a character instead of showing it: control characters, and those that change the
/// direction of what follows or break lines. Line feeds and tabs are among them.
#[must_use]
pub fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A string on one line, without characters that a terminal obeys: they are escapes.
#[must_use]
pub fn inline(text: &str) -> Cow<'_, str> {
    json_escapes(text, is_command)
}

/// Lines without characters that a terminal obeys. The escapes are those of JSON, so that JSON stays what it is.
#[must_use]
pub fn clean(lines: &str) -> Cow<'_, str> {
    json_escapes(lines, |c| is_command(c) && !matches!(c, '\n' | '\t'))
}

fn json_escapes(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let escaped = text
        .chars()
        .map(|c| if hidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() });
    Cow::Owned(escaped.collect())
}

/// The text, with escapes for what a terminal would obey.
pub(super) fn plain(text: String) -> String {
    if !text.contains(is_command) {
        return text;
    }
    let escaped =
        |c: char| if is_command(c) { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

/// The candidate nearest to `word`, when it is near enough to be a slip. Very long names are not
/// compared, since a comparison costs the product of the lengths, and neither are very many: a description
/// may have as many slips as names.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    nearest(word, candidates).first().copied()
}

/// The candidates that are near enough to `word` to be meant, the nearest first. Those that are much farther than
/// the nearest are not among them.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    const LONGEST: usize = 200;
    const MOST: usize = 4_000;
    if word.len() > LONGEST {
        return Vec::new();
    }
    let limit = (word.chars().count() / 3).max(2);
    let mut near: Vec<_> = candidates
        .into_iter()
        .take(MOST)
        .filter(|candidate| candidate.len() <= LONGEST && is_similar(word, candidate))
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort_unstable();
    let best = near.first().map_or(0, |(distance, _)| *distance);
    near.into_iter()
        .take_while(|(distance, _)| *distance <= best + 1)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// Whether two names are worth a closer look: a slip seldom changes both ends of a name.
fn is_similar(a: &str, b: &str) -> bool {
    let short = a.chars().nth(2).is_none();
    let same = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b),
        _ => false,
    };
    short || same(a.chars().next(), b.chars().next()) || same(a.chars().last(), b.chars().last())
}

/// How many slips lie between two names: a character more, less or another, or two that are swapped. What they
/// begin with in common costs nothing.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    let start: usize = same.map(|(c, _)| c.len_utf8()).sum();
    strsim::damerau_levenshtein(a.get(start..).unwrap_or(a), b.get(start..).unwrap_or(b))
}

/// The hint of a misspelt word: the candidate nearest to it, else other advice.
pub(crate) fn did_you_mean_or<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    did_you_mean(word, candidates).map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn only_near_names_are_offered() {
        assert_eq!(
            did_you_mean("FixVoucherInf", ["FixVoucherInfo", "Other"]),
            Some("FixVoucherInfo")
        );
        assert_eq!(did_you_mean("券", ["卷", "zzzz"]), Some("卷"));
        assert_eq!(did_you_mean("abc", ["xyz"]), None);
        // Two that are swapped are one slip.
        assert_eq!(did_you_mean("fomr", ["foam", "form"]), Some("form"));
        assert_eq!(did_you_mean("aomutn", ["amount"]), Some("amount"));
        assert_eq!(did_you_mean(&"a".repeat(201), ["a"]), None);
    }
}
