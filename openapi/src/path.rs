//! Plain JSONPaths, which name one value step by step: `$.paths['/v3/a'].get.parameters[0]`.
//!
//! They lead straight to it, where any other path is searched for in the whole description.

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::pointer::Pointer;

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the member of an object.
    Name(String),
    /// To the item of a list.
    Index(usize),
}

/// The JSONPath of some steps.
pub(crate) fn path_of(steps: &[Step]) -> String {
    let plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    steps.iter().fold("$".to_owned(), |path, step| match step {
        Step::Name(name) if plain(name) => format!("{path}.{name}"),
        Step::Name(name) => {
            format!("{path}['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
        }
        Step::Index(index) => format!("{path}[{index}]"),
    })
}

/// The steps of a JSONPath, if it is a plain one.
pub(crate) fn steps_of(path: &str) -> Option<Vec<Step>> {
    JsonPath::parse(path).ok()?;
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('$')?;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at_checked(end)?;
            if name.is_empty() || name == "*" {
                return None;
            }
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        } else if let Some(quoted) = rest.strip_prefix("['") {
            let mut name = String::new();
            let mut chars = quoted.chars();
            loop {
                match chars.next()? {
                    '\\' => name.push(chars.next().filter(|c| matches!(c, '\\' | '\''))?),
                    '\'' => break,
                    c => name.push(c),
                }
            }
            steps.push(Step::Name(name));
            rest = chars.as_str().strip_prefix(']')?;
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            let digits = index.bytes().all(|byte| byte.is_ascii_digit());
            steps.push(Step::Index(index.parse().ok().filter(|_| digits)?));
            rest = after;
        }
    }
    Some(steps)
}

/// The pointer of a plain path of names.
pub(crate) fn pointer_of(path: &str) -> Option<Pointer> {
    steps_of(path)?.into_iter().try_fold(Pointer::root(), |at, step| match step {
        Step::Name(name) => Some(at.join(name)),
        Step::Index(_) => None,
    })
}

/// Where some steps lead in a value, if anywhere.
pub(crate) fn follow(value: &Value, steps: &[Step]) -> Option<Pointer> {
    let mut at = value;
    steps.iter().try_fold(Pointer::root(), |pointer, step| {
        Some(match step {
            Step::Name(name) => {
                at = at.as_object()?.get(name)?;
                pointer.join(name)
            }
            Step::Index(index) => {
                at = at.as_array()?.get(*index)?;
                pointer.join(index)
            }
        })
    })
}
