//! What overlays say beside plain OpenAPI: titles, limits, evidence.

use std::{borrow::Borrow, collections::BTreeMap};

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, IntegerFormat, IntegerType, ReferenceOr, Schema, SchemaKind,
    StringFormat, Type, VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use super::context::Lowering;
use crate::{
    ir::{Docs, Legacy, Limit, Sourced},
    pointer::Pointer,
    retained::{REMOVED_IN, REMOVED_VALUES},
};

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
        const KEY: &str = "x-alipay-legacy";
        match extensions.get(KEY)? {
            Value::Bool(true) => Some(Legacy { successor: None }),
            Value::Bool(false) => None,
            Value::String(path) => Some(Legacy { successor: Some(path.clone()) }),
            _ => {
                self.malformed(&at.join(KEY), KEY, "`true` or the path of the new field");
                None
            }
        }
    }

    /// All bounds and rules of a schema, with those of the items of a list and of the values of a map.
    pub(super) fn limits(&self, schema: &Schema, at: &Pointer) -> Vec<Sourced<Limit>> {
        let mut limits = self.own_limits(schema, at);
        match &schema.schema_kind {
            SchemaKind::Type(Type::Array(array)) => {
                let items = array.items.iter();
                limits.extend(items.flat_map(|items| self.each(items, &at.join("items"))));
            }
            SchemaKind::Type(Type::Object(map)) => {
                if let Some(AdditionalProperties::Schema(values)) = &map.additional_properties {
                    limits.extend(self.each(values.as_ref(), &at.join("additionalProperties")));
                }
            }
            _ => {}
        }
        limits
    }

    fn each<S: Borrow<Schema>>(&self, inner: &ReferenceOr<S>, at: &Pointer) -> Vec<Sourced<Limit>> {
        let limits = match inner {
            ReferenceOr::Item(schema) => self.limits(schema.borrow(), at),
            // Components can contain themselves, so their own parts are not looked at.
            ReferenceOr::Reference { reference } => {
                let target = self.peek(reference);
                target.map(|schema| self.own_limits(schema, at)).unwrap_or_default()
            }
        };
        let each = |Sourced { value, confidence }| Sourced {
            value: Limit::Each(Box::new(value)),
            confidence,
        };
        limits.into_iter().map(each).collect()
    }

    /// The bounds and rules of a value as a whole.
    fn own_limits(&self, schema: &Schema, at: &Pointer) -> Vec<Sourced<Limit>> {
        const RULES: &str = "x-alipay-limits";
        let rule = |rule: Option<String>| rule.map(Limit::Rule);
        let mut limits = match &schema.schema_kind {
            SchemaKind::Type(Type::String(text)) => {
                let format = match &text.format {
                    VariantOrUnknownOrEmpty::Item(StringFormat::DateTime) => Some("date-time"),
                    VariantOrUnknownOrEmpty::Item(StringFormat::Byte) => Some("byte"),
                    VariantOrUnknownOrEmpty::Unknown(format) => Some(format.as_str()),
                    _ => None,
                };
                let format = format.and_then(string_format).map(str::to_owned);
                vec![
                    ("minLength", text.min_length.map(|n| Limit::MinLength(n as u64))),
                    ("maxLength", text.max_length.map(|n| Limit::MaxLength(n as u64))),
                    ("format", rule(format)),
                    ("pattern", text.pattern.clone().map(Limit::Pattern)),
                ]
            }
            SchemaKind::Type(Type::Integer(integer)) => {
                let range = integer_range(integer);
                let (low_at, low) = match integer.minimum {
                    Some(n) => {
                        ("minimum", Some(n.saturating_add(integer.exclusive_minimum.into())))
                    }
                    None => ("format", range.map(|(low, _)| low)),
                };
                let (high_at, high) = match integer.maximum {
                    Some(n) => {
                        ("maximum", Some(n.saturating_sub(integer.exclusive_maximum.into())))
                    }
                    None => ("format", range.map(|(_, high)| high)),
                };
                let step = integer.multiple_of.map(|n| n.to_string());
                vec![
                    (low_at, low.map(|n| Limit::Minimum(n.to_string()))),
                    (high_at, high.map(|n| Limit::Maximum(n.to_string()))),
                    ("enum", one_of(integer.enumeration.iter().flatten())),
                    ("multipleOf", step.map(Limit::MultipleOf)),
                ]
            }
            SchemaKind::Type(Type::Number(number)) => {
                let low = number.minimum.map(|n| {
                    if number.exclusive_minimum {
                        Limit::MoreThan(n.to_string())
                    } else {
                        Limit::Minimum(n.to_string())
                    }
                });
                let high = number.maximum.map(|n| {
                    if number.exclusive_maximum {
                        Limit::LessThan(n.to_string())
                    } else {
                        Limit::Maximum(n.to_string())
                    }
                });
                let step = number.multiple_of.map(|n| Limit::MultipleOf(n.to_string()));
                vec![("minimum", low), ("maximum", high), ("multipleOf", step)]
            }
            SchemaKind::Type(Type::Boolean(boolean)) => {
                vec![("enum", one_of(boolean.enumeration.iter().flatten()))]
            }
            SchemaKind::Type(Type::Object(map)) if map.properties.is_empty() => {
                vec![
                    ("minProperties", map.min_properties.map(|n| Limit::MinKeys(n as u64))),
                    ("maxProperties", map.max_properties.map(|n| Limit::MaxKeys(n as u64))),
                ]
            }
            SchemaKind::Type(Type::Array(array)) => {
                vec![
                    ("minItems", array.min_items.map(|n| Limit::MinItems(n as u64))),
                    ("maxItems", array.max_items.map(|n| Limit::MaxItems(n as u64))),
                    ("uniqueItems", array.unique_items.then_some(Limit::UniqueItems)),
                ]
            }
            _ => Vec::new(),
        };
        let extensions = &schema.schema_data.extensions;
        limits
            .push(("x-alipay-minimum", string(extensions, "x-alipay-minimum").map(Limit::Minimum)));
        limits
            .push(("x-alipay-maximum", string(extensions, "x-alipay-maximum").map(Limit::Maximum)));
        let rules = extensions.get(RULES).and_then(Value::as_array).into_iter().flatten();
        limits.extend(rules.map(|text| (RULES, rule(text.as_str().map(str::to_owned)))));
        let limits = limits.into_iter().filter_map(|(key, limit)| Some((key, limit?)));
        limits.map(|(key, limit)| self.sourced(limit, &at.join(key))).collect()
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
fn one_of<'v, T: ToString + 'v>(values: impl Iterator<Item = &'v T>) -> Option<Limit> {
    let values: Vec<String> = values.map(T::to_string).collect();
    (!values.is_empty()).then_some(Limit::OneOf(values))
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

/// What a string of one of OpenAPI's formats is. The formats say nothing a Rust type would, so the
/// values stay strings.
pub(super) fn string_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "A time as RFC 3339 has it, like `2026-01-31T08:30:00+08:00`.",
        "byte" => "Bytes in Base64.",
        "email" => "An e-mail address.",
        "hostname" => "A host name.",
        "ipv4" => "An IPv4 address.",
        "ipv6" => "An IPv6 address.",
        "uri" => "A URI.",
        "uuid" => "A UUID.",
        _ => return None,
    })
}

/// The range of an integer format.
fn integer_range(integer: &IntegerType) -> Option<(i64, i64)> {
    let small = VariantOrUnknownOrEmpty::Item(IntegerFormat::Int32);
    (integer.format == small).then_some((i32::MIN.into(), i32::MAX.into()))
}
