//! What overlays say beside plain OpenAPI: titles, limits, evidence.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use openapiv3::Schema;
use serde_json::{Number, Value};

use super::{context::Lowering, formats, shape::Kind};
use crate::{
    ir::{Docs, Legacy, Limit, Sourced},
    pointer::Pointer,
    retained::{REMOVED_IN, REMOVED_VALUES},
};

/// The mark of an old-style field.
pub(super) const LEGACY: &str = "x-alipay-legacy";

pub(super) type Extensions = IndexMap<String, Value>;

impl Lowering<'_> {
    /// What a schema says of itself.
    pub(super) fn schema_docs(&self, schema: &Schema, pointer: &Pointer) -> Docs {
        self.docs(
            schema.schema_data.title.as_deref(),
            schema.schema_data.description.as_deref(),
            pointer,
        )
    }

    /// A title and a description with the confidence of the latter.
    pub(super) fn docs(
        &self,
        title: Option<&str>,
        description: Option<&str>,
        at: &Pointer,
    ) -> Docs {
        let text =
            |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
        Docs {
            title: text(title),
            description: text(description),
            confidence: self.confidence(&at.join("description")),
        }
    }

    /// A statement with the confidence of the value at `pointer`.
    pub(super) fn sourced<T>(&self, value: T, pointer: &Pointer) -> Sourced<T> {
        Sourced { value, confidence: self.confidence(pointer) }
    }

    /// A string among the extensions, with its confidence.
    pub(super) fn sourced_string(
        &self,
        extensions: &Extensions,
        key: &str,
        at: &Pointer,
    ) -> Option<Sourced<String>> {
        string(extensions, key).map(|value| self.sourced(value, &at.join(key)))
    }

    /// The old-style mark: `true` or the path of the new field.
    pub(super) fn legacy(&mut self, extensions: &Extensions, at: &Pointer) -> Option<Legacy> {
        match extensions.get(LEGACY)? {
            Value::Bool(true) => Some(Legacy { successor: None }),
            Value::Bool(false) => None,
            Value::String(path) => Some(Legacy { successor: Some(path.clone()) }),
            _ => {
                self.malformed(&at.join(LEGACY), LEGACY, "`true` or the path of the new field");
                None
            }
        }
    }

    /// All bounds and rules that the schema at a place says of a value of this kind.
    pub(super) fn limits(&self, at: &Pointer, kind: Kind) -> Vec<Sourced<Limit>> {
        let Some(map) = self.raw(at) else { return Vec::new() };
        let count = |key: &str| map.get(key).and_then(Value::as_u64);
        let flag = |key: &str| map.get(key) == Some(&Value::Bool(true));
        let number = |key: &str| map.get(key).and_then(Value::as_number);
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        let step = || number("multipleOf").map(|n| Limit::MultipleOf(plain(n)));
        let listed = || one_of(map.get("enum").and_then(Value::as_array));
        let format = || text("format").and_then(|word| formats::limit(kind, word));
        let mut limits = match kind {
            Kind::String => vec![
                ("minLength", count("minLength").map(Limit::MinLength)),
                ("maxLength", count("maxLength").map(Limit::MaxLength)),
                ("format", format()),
                ("pattern", text("pattern").map(|pattern| Limit::Pattern(pattern.to_owned()))),
            ],
            Kind::Integer => {
                let is_small = text("format") == Some("int32");
                let range = is_small.then_some((i32::MIN.into(), i32::MAX.into()));
                let whole = |key: &str| number(key).and_then(Number::as_i64);
                let (low_at, low) = match whole("minimum") {
                    Some(n) => ("minimum", Some(n.saturating_add(flag("exclusiveMinimum").into()))),
                    None => ("format", range.map(|(low, _)| low)),
                };
                let (high_at, high) = match whole("maximum") {
                    Some(n) => ("maximum", Some(n.saturating_sub(flag("exclusiveMaximum").into()))),
                    None => ("format", range.map(|(_, high)| high)),
                };
                vec![
                    (low_at, low.map(|n: i64| Limit::Minimum(n.to_string()))),
                    (high_at, high.map(|n: i64| Limit::Maximum(n.to_string()))),
                    ("format", format()),
                    ("enum", listed()),
                    ("multipleOf", step()),
                ]
            }
            Kind::Number => {
                let low = number("minimum").map(|n| match (plain(n), flag("exclusiveMinimum")) {
                    (n, true) => Limit::MoreThan(n),
                    (n, false) => Limit::Minimum(n),
                });
                let high = number("maximum").map(|n| match (plain(n), flag("exclusiveMaximum")) {
                    (n, true) => Limit::LessThan(n),
                    (n, false) => Limit::Maximum(n),
                });
                vec![
                    ("minimum", low),
                    ("maximum", high),
                    ("format", format()),
                    ("multipleOf", step()),
                ]
            }
            Kind::Boolean => vec![("enum", listed())],
            Kind::Object | Kind::Map | Kind::Any => vec![
                ("minProperties", count("minProperties").map(Limit::MinKeys)),
                ("maxProperties", count("maxProperties").map(Limit::MaxKeys)),
            ],
            Kind::List => vec![
                ("minItems", count("minItems").map(Limit::MinItems)),
                ("maxItems", count("maxItems").map(Limit::MaxItems)),
                ("uniqueItems", flag("uniqueItems").then_some(Limit::UniqueItems)),
            ],
        };
        let bound = |key: &str| text(key).map(str::to_owned);
        limits.push(("x-alipay-minimum", bound("x-alipay-minimum").map(Limit::Minimum)));
        limits.push(("x-alipay-maximum", bound("x-alipay-maximum").map(Limit::Maximum)));
        let limits = limits.into_iter().filter_map(|(key, limit)| Some((key, limit?)));
        let limits = limits.map(|(key, limit)| self.sourced(limit, &at.join(key)));
        limits.chain(self.rules(at)).collect()
    }

    /// The rules that the overlay has for what stands at a place.
    pub(super) fn rules(&self, at: &Pointer) -> Vec<Sourced<Limit>> {
        const RULES: &str = "x-alipay-limits";
        let rules = self.raw(at).and_then(|map| map.get(RULES)).and_then(Value::as_array);
        let rules = rules.into_iter().flatten().filter_map(Value::as_str);
        rules.map(|text| self.sourced(Limit::Rule(text.to_owned()), &at.join(RULES))).collect()
    }

    /// Title and description of the first schemas that have one.
    pub(super) fn first_docs<'s>(
        &self,
        schemas: impl Iterator<Item = (&'s Schema, &'s Pointer)>,
    ) -> Docs {
        let mut docs = Docs::default();
        for (schema, at) in schemas {
            let own = self.schema_docs(schema, at);
            docs.title = docs.title.or(own.title);
            if docs.description.is_none() && own.description.is_some() {
                (docs.description, docs.confidence) = (own.description, own.confidence);
            }
        }
        docs
    }

    /// Notes that an extension does not hold what it should.
    pub(super) fn malformed(&mut self, pointer: &Pointer, key: &str, expected: &str) {
        self.error(
            "malformed-extension",
            pointer,
            format!("`{key}` must be {expected}"),
            "correct the value; spec/README.md has the vocabulary",
        );
    }
}

/// The listed values of what is no string.
fn one_of(values: Option<&Vec<Value>>) -> Option<Limit> {
    // `null` among them only says that the value may be null.
    let values = values?.iter().filter(|value| !value.is_null());
    let values: Vec<String> = values.map(ToString::to_string).collect();
    (!values.is_empty()).then_some(Limit::OneOf(values))
}

/// A number as people write it.
fn plain(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (None, Some(number)) => number.to_string(),
        _ => number.to_string(),
    }
}

/// Adds the limits of another schema of the same value. Of two bounds of a kind, the tighter one says it all.
pub(super) fn tighten(limits: &mut Vec<Sourced<Limit>>, more: Vec<Sourced<Limit>>) {
    for limit in more {
        match limits.iter_mut().find(|known| is_same_kind(&known.value, &limit.value)) {
            Some(known) if is_tighter(&limit.value, &known.value) => *known = limit,
            Some(_) => {}
            None => limits.push(limit),
        }
    }
}

fn is_same_kind(a: &Limit, b: &Limit) -> bool {
    match (a, b) {
        // Two of these hold side by side.
        (
            Limit::Rule(_)
            | Limit::Pattern(_)
            | Limit::Format(_)
            | Limit::MultipleOf(_)
            | Limit::OneOf(_),
            _,
        ) => a == b,
        (Limit::Each(a), Limit::Each(b)) => is_same_kind(a, b),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn is_tighter(a: &Limit, b: &Limit) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    match (a, b) {
        (Limit::MinLength(a), Limit::MinLength(b))
        | (Limit::MinItems(a), Limit::MinItems(b))
        | (Limit::MinKeys(a), Limit::MinKeys(b)) => a > b,
        (Limit::MaxLength(a), Limit::MaxLength(b))
        | (Limit::MaxItems(a), Limit::MaxItems(b))
        | (Limit::MaxKeys(a), Limit::MaxKeys(b)) => a < b,
        (Limit::Minimum(a), Limit::Minimum(b)) | (Limit::MoreThan(a), Limit::MoreThan(b)) => {
            number(a) > number(b)
        }
        (Limit::Maximum(a), Limit::Maximum(b)) | (Limit::LessThan(a), Limit::LessThan(b)) => {
            number(a) < number(b)
        }
        (Limit::Each(a), Limit::Each(b)) => is_tighter(a, b),
        _ => false,
    }
}

/// A string among the extensions. The audit has checked the types of all extensions.
pub(super) fn string(extensions: &Extensions, key: &str) -> Option<String> {
    extensions.get(key)?.as_str().map(str::to_owned)
}

/// Whether an extension is `true`.
pub(super) fn is_true(extensions: &Extensions, key: &str) -> bool {
    extensions.get(key) == Some(&Value::Bool(true))
}

/// The version of the description that dropped a piece which is retained for those who use it.
pub(super) fn removed_in(extensions: &Extensions) -> Option<String> {
    string(extensions, REMOVED_IN)
}

/// The same for values of a list: value to version.
pub(super) fn removed_values(extensions: &Extensions) -> BTreeMap<&str, &str> {
    let values = extensions.get(REMOVED_VALUES).and_then(Value::as_object);
    let pairs = values.into_iter().flatten();
    pairs.filter_map(|(value, version)| Some((value.as_str(), version.as_str()?))).collect()
}
