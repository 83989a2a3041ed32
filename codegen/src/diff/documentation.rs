//! Differences that code does not see: descriptions, limits, examples.

use alipay_openapi::ir::{Docs, Field, Limit, Presence, Sourced};

/// What differs between two descriptions.
pub(super) fn docs(a: &Docs, b: &Docs) -> Vec<String> {
    let mut aspects = Vec::new();
    if a.title != b.title {
        aspects.push("Chinese name changed".to_owned());
    }
    if (&a.description, a.confidence) != (&b.description, b.confidence) {
        aspects.push("description changed".to_owned());
    }
    aspects
}

/// What differs between two fields, beside type and presence.
pub(super) fn field(a: &Field, b: &Field) -> Vec<String> {
    let mut aspects = docs(&a.docs, &b.docs);
    let mut say = |differs: bool, what: String| {
        if differs {
            aspects.push(what);
        }
    };
    let (was, is) = (limits(&a.limits), limits(&b.limits));
    say(was != is, format!("limits changed from {was} to {is}"));
    let place = format!("now travels in the {}", format!("{:?}", b.place).to_lowercase());
    say(a.place != b.place, place);
    let unit = b.unit.as_deref().unwrap_or("none");
    say(a.unit != b.unit && a.ty == b.ty, format!("unit is now {unit}"));
    say(a.list_style != b.list_style, "the query writes the list in another way".to_owned());
    say(a.default != b.default, "default changed".to_owned());
    say(a.example != b.example, "example changed".to_owned());
    let sensitive = if b.sensitive { "now redacted" } else { "no longer redacted" };
    say(a.sensitive != b.sensitive, format!("{sensitive} in `Debug`"));
    let deprecated = if b.deprecated { "now" } else { "no longer" };
    say(a.deprecated != b.deprecated, format!("{deprecated} marked as deprecated by Alipay"));
    say(a.legacy != b.legacy, "old-style mark changed".to_owned());
    say(a.required_when != b.required_when, "the condition for being required changed".to_owned());
    let required = match (a.presence, b.presence) {
        (Presence::Required(a), Presence::Required(b)) => a != b,
        _ => false,
    };
    let refined = a.ty == b.ty && a.ty_confidence != b.ty_confidence;
    say(required || refined, "evidence changed".to_owned());
    aspects
}

fn limits(limits: &[Sourced<Limit>]) -> String {
    let texts: Vec<String> = limits.iter().map(|limit| words(&limit.value)).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

fn words(limit: &Limit) -> String {
    match limit {
        Limit::MinLength(n) => format!("at least {n} characters"),
        Limit::MaxLength(n) => format!("at most {n} characters"),
        Limit::MinItems(n) => format!("at least {n} items"),
        Limit::MaxItems(n) => format!("at most {n} items"),
        Limit::Minimum(number) => format!("at least {number}"),
        Limit::Maximum(number) => format!("at most {number}"),
        Limit::Rule(rule) => rule.clone(),
        Limit::Each(limit) => format!("each: {}", words(limit)),
    }
}
