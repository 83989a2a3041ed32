//! Differences that only readers of the documentation see.

use alipay_openapi::ir::{Docs, Field, Presence, Sourced};

/// What differs between two descriptions. `names` are those of the bases, which count where the overlay has none.
pub(super) fn docs(a: &Docs, b: &Docs, names: [Option<&str>; 2]) -> Vec<String> {
    let Docs { title, description, confidence } = b;
    let mut aspects = Vec::new();
    let [was, is] = names;
    if a.title != *title && a.title.as_deref().or(was) != title.as_deref().or(is) {
        aspects.push("Chinese name changed".to_owned());
    }
    if a.description != *description {
        aspects.push("description changed".to_owned());
    } else if a.confidence != *confidence {
        aspects.push("evidence changed".to_owned());
    }
    aspects
}

/// What differs between two fields beside what has a kind of its own.
pub(super) fn field(a: &Field, b: &Field, names: [Option<&str>; 2]) -> Vec<String> {
    let mut aspects = docs(&a.docs, &b.docs, names);
    let mut say = |differs: bool, what: String| {
        if differs {
            aspects.push(what);
        }
    };
    let unit = |word: &str, unit: &str| format!("unit {word}: {unit}");
    match (&a.unit, &b.unit) {
        (None, Some(stated)) => say(a.ty == b.ty, unit("stated", stated)),
        (Some(stated), None) => say(a.ty == b.ty, unit("no longer stated", stated)),
        _ => {}
    }
    say(a.default.is_none() && b.default.is_some(), "default stated".to_owned());
    say(a.example != b.example, "example changed".to_owned());
    say(a.legacy != b.legacy, "old-style mark changed".to_owned());
    let required = match (a.presence, b.presence) {
        (Presence::Required(a), Presence::Required(b)) => a != b,
        _ => false,
    };
    let refined = a.ty == b.ty && a.ty_confidence != b.ty_confidence;
    let doubts = resourced(&a.limits, &b.limits)
        || resourced(a.required_when.as_slice(), b.required_when.as_slice());
    say(required || refined || doubts, "evidence changed".to_owned());
    aspects.extend(deprecated(a.deprecated, b.deprecated));
    aspects
}

/// What differs when Alipay's mark does.
pub(super) fn deprecated(was: bool, is: bool) -> Option<String> {
    let word = if is { "now" } else { "no longer" };
    (was != is).then(|| format!("{word} marked as deprecated by Alipay"))
}

/// Whether a statement that stayed has other evidence.
pub(super) fn resourced<T: PartialEq>(a: &[Sourced<T>], b: &[Sourced<T>]) -> bool {
    a.iter().any(|Sourced { value, confidence }| {
        b.iter().any(|other| other.value == *value)
            && !b.iter().any(|other| other.value == *value && other.confidence == *confidence)
    })
}
