//! Why a target selects nothing.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::diag::{did_you_mean_or, quote};

/// Says which step of the target leads nowhere, and what to do: as a rule, which name was meant.
pub(super) fn why_nothing(target: &str, root: &Value) -> (String, String) {
    let general =
        || "it may have been renamed upstream: correct the target, or remove the action".to_owned();
    let select = |path: &str| {
        let path = JsonPath::parse(path).ok()?;
        Some(path.query(root).all()).filter(|values| !values.is_empty())
    };
    // The longest beginning of the target that selects something; what comes next leads nowhere.
    let steps = target.char_indices().filter(|(_, c)| matches!(c, '.' | '['));
    let found = steps.rev().filter_map(|(end, _)| target.split_at_checked(end)).find_map(
        |(start, rest)| {
            let mut values = select(start)?;
            if rest.starts_with("..") {
                values.extend(select(&format!("{start}..*")).into_iter().flatten());
            }
            Some((values, rest))
        },
    );
    let (values, rest) = found.unwrap_or((vec![root], target));
    let why = match next_name(rest) {
        Some(name) => {
            let mut keys: Vec<&String> =
                values.iter().filter_map(|value| value.as_object()).flat_map(Map::keys).collect();
            keys.sort_unstable();
            let hint = did_you_mean_or(name, keys.into_iter().map(String::as_str), general);
            return (format!("there is no {} there", quote(name)), hint);
        }
        None if values.iter().all(|value| is_childless(value)) => {
            "there is nothing to choose from there"
        }
        None => "its filter or index selects nothing",
    };
    (why.to_owned(), general())
}

/// The name that the first step selects, if it is one.
fn next_name(steps: &str) -> Option<&str> {
    let step = steps.trim_start_matches('.');
    let Some(inside) = step.strip_prefix('[') else {
        return step.split(['.', '[']).next().map(str::trim).filter(|name| *name != "*");
    };
    let quoted = inside.trim_start();
    let mark = quoted.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (name, _) = quoted.strip_prefix(mark)?.split_once(mark)?;
    Some(name).filter(|name| !name.contains('\\'))
}

fn is_childless(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}
