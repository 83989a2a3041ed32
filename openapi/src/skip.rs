//! Leaves out operations that cannot be generated, so that one construct does not cost a whole group.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    audit::shapes::METHODS,
    diag::{Diagnostic, Diagnostics, Severity},
    import::{Component, operations, reached},
    ir::LeftOut,
    pointer::Pointer,
    scope::Scope,
};

/// Findings that are about no construct: to leave operations out would not be what is meant.
const DECISIONS: &[&str] = &["renamed-item", "bad-lock", "tag-outside-prefix"];

/// An operation: its path and method.
type Of<'v> = (&'v str, &'v str);

/// Adds the operations that the errors are about to those that are left out.
///
/// # Errors
///
/// The errors, when one of them is about no operation, or no operation would be left.
pub(crate) fn leave_out(
    root: &Value,
    findings: Diagnostics,
    scope: &mut Scope,
) -> Result<(), Diagnostics> {
    let kept: Vec<(Of<'_>, &Value)> = operations(root)
        .filter(|(path, method, operation)| scope.keeps(path, method) && scope.asks_for(operation))
        .map(|(path, method, operation)| ((path, method), operation))
        .collect();
    let users = users(root, &kept);
    let mut gone: HashMap<Of<'_>, Diagnostic> = HashMap::new();
    let mut belongs = true;
    for error in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let concerned = concerned(error, &kept, &users);
        belongs &= !concerned.is_empty();
        for operation in concerned {
            gone.entry(operation).or_insert_with(|| error.clone());
        }
    }
    if !belongs {
        return Err(findings);
    }
    let (out, rest): (Vec<_>, Vec<_>) = kept.iter().partition(|(of, _)| gone.contains_key(of));
    if rest.is_empty() {
        let message = "no operation is left: none can be generated".to_owned();
        let hint = "each of the errors costs operations: correct one, or refine it in an overlay";
        let finding = Diagnostic::error("nothing-left", message).hint(hint);
        return Err(findings.and(finding));
    }
    let left_out = scope.left_out.get_or_insert_default();
    for (of, operation) in out {
        if let Some(error) = gone.get(&of) {
            left_out.push(entry(of.0, of.1, operation, error));
        }
    }
    Ok(())
}

fn entry(path: &str, method: &str, operation: &Value, error: &Diagnostic) -> LeftOut {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    LeftOut {
        id: id.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        code: error.code.to_owned(),
        reason: error.message.clone(),
        place: error.location.as_ref().map_or_else(String::new, ToString::to_string),
    }
}

/// The operations that reach each component.
fn users<'v>(root: &Value, kept: &[(Of<'v>, &'v Value)]) -> HashMap<Component, Vec<Of<'v>>> {
    let mut users: HashMap<Component, Vec<Of<'v>>> = HashMap::new();
    for ((path, method), operation) in kept {
        let item = root.get("paths").and_then(|paths| paths.get(path));
        let shared = item.and_then(|item| item.get("parameters")).unwrap_or(&Value::Null);
        for component in reached(root, &[*operation, shared]) {
            users.entry(component).or_default().push((path, method));
        }
    }
    users
}

/// The operations that an error is about.
fn concerned<'v>(
    error: &Diagnostic,
    kept: &[(Of<'v>, &'v Value)],
    users: &HashMap<Component, Vec<Of<'v>>>,
) -> HashSet<Of<'v>> {
    let mut segments = error.pointer.iter().flat_map(Pointer::segments);
    let mut next = || segments.next().unwrap_or_default();
    let nobody = HashSet::new();
    if DECISIONS.contains(&error.code) {
        return nobody;
    }
    match next().as_str() {
        "paths" => {
            let (path, method) = (next(), next());
            let one = METHODS.contains(&method.as_str());
            let operations = kept.iter().map(|(of, _)| *of);
            operations.filter(|of| of.0 == path && (!one || of.1 == method)).collect()
        }
        "components" => {
            let users = users.get(&(next(), next()));
            users.into_iter().flatten().copied().collect()
        }
        _ => nobody,
    }
}
