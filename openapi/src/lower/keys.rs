//! Which keys a schema of each kind may have, and where it may have them. A key that nothing would be made
//! of is an error at its place.

use serde_json::{Map, Value};

use super::{context::Lowering, formats, shape::Kind};
use crate::pointer::Pointer;

/// What is made of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A property or a parameter.
    Field,
    /// The items of a list, or the values of a map.
    Part,
    /// A request, a response, a message or an error.
    Body,
    /// A part of an `allOf` that is merged with others.
    Piece,
}

/// A schema with its place and its use.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) kind: Kind,
    pub(super) of: Use,
    /// Whether it is a component, which any number of fields may refer to.
    pub(super) component: bool,
    /// Whether it only adds to what it refers to. The kind is that of the latter.
    pub(super) beside: bool,
}

/// What a schema of any kind may say of itself.
const ANNOTATIONS: &[&str] = &["title", "description", "externalDocs", "example"];

/// What is said of a value as a whole, by a property, its items, or what these refer to.
const OF_VALUES: &[&str] =
    &["nullable", "default", "deprecated", "x-alipay-limits", "x-alipay-sensitive"];

/// What is said of a property, or of what it refers to.
const OF_WAYS: &[&str] = &["readOnly", "writeOnly"];

/// What only a property itself can say.
const OF_FIELDS: &[&str] = &["x-alipay-required", "x-alipay-legacy", "x-alipay-removed-in"];

/// Why a key is not used.
enum Stray {
    /// Schemas of this kind do not have it.
    Meaningless,
    /// The schema referred to has to say it.
    Beside,
    /// It is not said here.
    Misplaced,
    /// It needs, or excludes, another key.
    With(&'static str),
}

impl<'a> Lowering<'a> {
    /// The keys of the schema at a place.
    pub(super) fn raw(&self, at: &Pointer) -> Option<&'a Map<String, Value>> {
        self.document.value.pointer(at.as_str())?.as_object()
    }

    /// Reports each key of the schema at `at` that is not used. `None` if there is any.
    pub(super) fn check_keys(&mut self, at: &Pointer, standing: Standing) -> Option<()> {
        let Some(map) = self.raw(at) else { return Some(()) };
        let mut good = Some(());
        for (key, value) in map {
            if let Some(stray) = stray(key, value, map, standing) {
                self.report_stray(key, &at.join(key), standing, &stray);
                good = None;
            }
        }
        good
    }

    fn report_stray(&mut self, key: &str, at: &Pointer, standing: Standing, stray: &Stray) {
        let kind = standing.kind.name();
        let (message, hint) = match stray {
            Stray::Meaningless => (
                format!("`{key}` has no meaning for {kind}"),
                "remove it, or correct the schema's `type`",
            ),
            Stray::Beside => (
                format!("`{key}` beside a reference to {kind} is not used"),
                "say it in the schema referred to, or write that schema here in place of the reference",
            ),
            Stray::With(other) => (
                format!("`{key}` {other}, so it is not used"),
                "keep what counts, and remove the other",
            ),
            Stray::Misplaced => match (standing.of, standing.component) {
                (Use::Body, _) => (
                    format!("`{key}` of a whole request, response or message is not used"),
                    "remove it, or say it of the operation or of a property",
                ),
                (Use::Piece, _) => (
                    format!("`{key}` of a part of an `allOf` is not used"),
                    "say it beside the `allOf`",
                ),
                (Use::Part, _) => (
                    format!("`{key}` of the items of a list or the values of a map is not used"),
                    "say it of the property that holds them",
                ),
                (Use::Field, _) => (
                    format!("`{key}` of a component that is {kind} is not used"),
                    "say it of the property that refers to it",
                ),
            },
        };
        self.error("unsupported-construct", at, message, hint);
    }
}

/// Why a key is not used, if it is not.
fn stray(key: &str, value: &Value, map: &Map<String, Value>, standing: Standing) -> Option<Stray> {
    let Standing { kind, of, component, beside } = standing;
    // A mark that is not set says nothing, and neither does a value that is left out.
    let is_mark = OF_VALUES.contains(&key) || OF_WAYS.contains(&key) || OF_FIELDS.contains(&key);
    if value.is_null() || (is_mark && *value == Value::Bool(false)) {
        return None;
    }
    let has = |key: &str| map.get(key).is_some_and(|value| !is_empty(value));
    let lists = has("enum") || has("x-extensible-enum");
    let unless = |good: bool, stray: Stray| (!good).then_some(stray);
    match key {
        // These are refused with messages of their own.
        "$ref" | "oneOf" | "anyOf" | "not" | "xml" | "allOf" => None,
        "type" => unless(value.as_str() == Some(kind.word()), Stray::Beside),
        key if ANNOTATIONS.contains(&key) => None,
        key if OF_VALUES.contains(&key) => {
            let used = match of {
                Use::Field | Use::Part => true,
                // What a component says of itself does not count for an object it is a part of.
                Use::Piece => component,
                Use::Body => false,
            };
            unless(used, Stray::Misplaced)
        }
        key if OF_WAYS.contains(&key) => {
            unless(of == Use::Field || of == Use::Piece && component, Stray::Misplaced)
        }
        key if OF_FIELDS.contains(&key) => unless(of == Use::Field && !component, Stray::Misplaced),
        "x-rust-name" => {
            let names_a_type = kind == Kind::Object || kind == Kind::String && lists;
            let names_a_field = of == Use::Field && !component;
            unless(names_a_field || names_a_type && !beside, Stray::Misplaced)
        }
        "x-alipay-unit" => {
            let of_money = kind == Kind::String && value == "yuan";
            match (kind.has_unit(), beside && of_money) {
                (false, _) => Some(Stray::Meaningless),
                (true, true) => Some(Stray::Beside),
                (true, false) => None,
            }
        }
        "exclusiveMinimum" if kind.bounds().contains(&key) => {
            unless(has("minimum") || *value == false, Stray::With("is without a `minimum`"))
        }
        "exclusiveMaximum" if kind.bounds().contains(&key) => {
            unless(has("maximum") || *value == false, Stray::With("is without a `maximum`"))
        }
        "minProperties" | "maxProperties" if matches!(of, Use::Body | Use::Piece) => {
            Some(if kind.bounds().contains(&key) { Stray::Misplaced } else { Stray::Meaningless })
        }
        key if kind.bounds().contains(&key) => None,
        key if kind.types().contains(&key) && beside => Some(Stray::Beside),
        key if kind.types().contains(&key) => match key {
            "enum" if has("x-extensible-enum") => {
                Some(Stray::With("gives way to `x-extensible-enum`"))
            }
            "x-enum-descriptions" | "x-alipay-removed-values" | "x-enum-names" => {
                unless(lists, Stray::With("is without listed values"))
            }
            "x-alipay-json-text" => unless(!lists, Stray::With("gives way to the listed values")),
            "format" if kind == Kind::String && has("x-alipay-json-text") => {
                Some(Stray::With("gives way to `x-alipay-json-text`"))
            }
            "format" if kind == Kind::String && lists => {
                let used = value.as_str().is_none_or(formats::is_remark);
                unless(used, Stray::With("gives way to the listed values"))
            }
            _ => None,
        },
        _ => Some(Stray::Meaningless),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
