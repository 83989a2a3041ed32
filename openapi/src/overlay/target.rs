//! Why a target selects nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diag::{did_you_mean, quote};

/// How many values a search for the reason may look at.
const MOST: usize = 500_000;

/// One step of a JSONPath, as far as it matters here.
enum Step {
    Name(String),
    /// Any child: a wildcard, an index, a filter.
    Any,
    /// Any value below.
    Descend,
}

/// A sentence on the first step that leads nowhere and, when there is one, the name that was meant.
pub(super) fn why_nothing(target: &str, root: &Value) -> (String, String) {
    let general =
        "it may have been renamed upstream: correct the target, or remove the action".to_owned();
    let mut values = vec![root];
    for step in steps(target) {
        match step {
            Step::Name(name) => {
                let next: Vec<_> = values.iter().filter_map(|value| value.get(&name)).collect();
                if next.is_empty() {
                    let keys: BTreeSet<&str> = values
                        .iter()
                        .filter_map(|value| value.as_object())
                        .flat_map(|map| map.keys().map(String::as_str))
                        .collect();
                    let hint = did_you_mean(&name, keys)
                        .map_or(general, |near| format!("did you mean `{near}`?"));
                    return (format!("there is no {} there", quote(&name)), hint);
                }
                values = next;
            }
            Step::Any => {
                values = values.into_iter().flat_map(children).collect();
                if values.is_empty() {
                    return ("there is nothing to choose from there".to_owned(), general);
                }
            }
            Step::Descend => {
                let mut next = 0;
                while let Some(value) = values.get(next) {
                    if values.len() > MOST {
                        break;
                    }
                    values.extend(children(value));
                    next += 1;
                }
            }
        }
    }
    ("its filter or index selects nothing".to_owned(), general)
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(map) => map.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// The steps of a path that is known to be a JSONPath.
fn steps(target: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = target.trim_start_matches('$');
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            steps.push(Step::Descend);
            rest = after;
            if !rest.starts_with('[') {
                rest = name(rest, &mut steps);
            }
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = name(after, &mut steps);
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = bracket(after);
            steps.push(quoted(inside.trim()).map_or(Step::Any, Step::Name));
            rest = after;
        } else {
            rest = rest.trim_start();
            if !rest.starts_with(['.', '[']) {
                break;
            }
        }
    }
    steps
}

/// Takes a bare name or `*` from the front.
fn name<'a>(text: &'a str, steps: &mut Vec<Step>) -> &'a str {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let name = name.trim();
    steps.push(if name == "*" { Step::Any } else { Step::Name(name.to_owned()) });
    rest
}

/// What stands between brackets, and what comes after; quotes and inner brackets are respected.
fn bracket(text: &str) -> (&str, &str) {
    let mut depth = 1_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    let (inside, rest) = text.split_at_checked(at).unwrap_or((text, ""));
                    return (inside, rest.strip_prefix(']').unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    (text, "")
}

/// The text of a single quoted name.
fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains([quote, '\\'])).then(|| inside.to_owned())
}
