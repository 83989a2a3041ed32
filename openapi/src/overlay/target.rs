//! Why a target selects nothing.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::diag::{did_you_mean_or, quote};

/// Says which step of the target leads nowhere, and what to do: as a rule, which name was meant.
pub(super) fn why_nothing(target: &str, root: &Value) -> (String, String) {
    let general =
        || "it may have been renamed upstream: correct the target, or remove the action".to_owned();
    // The longest beginning of the target that selects something; what comes next leads nowhere. What is
    // behind a beginning that selects nothing is not looked at.
    let steps = target.char_indices().filter(|(_, c)| matches!(c, '.' | '['));
    let mut found = None;
    for (start, rest) in steps.filter_map(|(end, _)| target.split_at_checked(end)) {
        // What ends within a filter is no path.
        let Ok(path) = JsonPath::parse(start) else { continue };
        let values = path.query(root).all();
        if values.is_empty() {
            break;
        }
        found = Some((start, values, rest));
    }
    let (values, rest) = match found {
        Some((start, mut values, rest)) => {
            if rest.starts_with("..")
                && let Ok(path) = JsonPath::parse(&format!("{start}..*"))
            {
                values.extend(path.query(root).all());
            }
            (values, rest)
        }
        None => (vec![root], target),
    };
    match next_name(rest) {
        Some(name) => {
            let keys = values.iter().filter_map(|value| value.as_object()).flat_map(Map::keys);
            let hint = did_you_mean_or(name, keys.map(String::as_str), general);
            (format!("there is no {} there", quote(name)), hint)
        }
        None => ("its filter, index or `*` selects nothing".to_owned(), general()),
    }
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
