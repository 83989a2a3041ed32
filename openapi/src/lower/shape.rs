//! The form of a schema: what it is by its keys alone, and what its `allOf` means.

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, AnySchema, ObjectType, ReferenceOr, Schema, SchemaKind, Type,
};

use super::context::Lowering;
use crate::pointer::Pointer;

/// The most parts of one object. No description needs as many.
pub(super) const MANY_PARTS: usize = 256;

/// The form of an object schema.
#[derive(Clone, Copy)]
pub(super) enum Form<'a> {
    /// Named properties.
    Struct,
    /// Any keys, and values of this schema.
    Map(&'a ReferenceOr<Schema>),
    /// Anything at all.
    Free,
    /// No object.
    Other,
}

/// What a schema describes, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    List,
    /// An object with properties.
    Object,
    /// An object with keys of its own.
    Map,
    /// Anything.
    Any,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Map => "a map",
            Self::Any => "any JSON",
        }
    }

    /// The value of `type`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "array",
            Self::Object | Self::Map | Self::Any => "object",
        }
    }

    /// The keys that say which values are good.
    pub(super) fn bounds(self) -> &'static [&'static str] {
        match self {
            Self::String => {
                &["minLength", "maxLength", "pattern", "x-alipay-minimum", "x-alipay-maximum"]
            }
            Self::Integer | Self::Number => &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
                "x-alipay-minimum",
                "x-alipay-maximum",
            ],
            Self::Boolean => &[],
            Self::List => &["minItems", "maxItems", "uniqueItems"],
            Self::Object | Self::Map | Self::Any => &["minProperties", "maxProperties"],
        }
    }

    /// The keys that say what the type is.
    pub(super) fn types(self) -> &'static [&'static str] {
        match self {
            Self::String => &[
                "format",
                "enum",
                "x-extensible-enum",
                "x-enum-descriptions",
                "x-alipay-removed-values",
                "x-enum-names",
                "x-alipay-json-text",
            ],
            Self::Integer | Self::Number => &["format", "enum"],
            Self::Boolean => &["enum"],
            Self::List => &["items"],
            // The discriminator is refused with a message of its own.
            Self::Object => &[
                "properties",
                "required",
                "additionalProperties",
                "discriminator",
                "x-rust-module",
            ],
            Self::Map | Self::Any => &["additionalProperties"],
        }
    }

    /// Whether it can have a unit.
    pub(super) fn has_unit(self) -> bool {
        matches!(self, Self::String | Self::Integer | Self::Number | Self::List | Self::Map)
    }
}

impl<'a> Lowering<'a> {
    /// What a schema describes. `None` for what is refused, which the one who reads it reports.
    pub(super) fn kind(&self, schema: &'a Schema) -> Option<Kind> {
        Some(match &schema.schema_kind {
            SchemaKind::Type(Type::String(_)) => Kind::String,
            SchemaKind::Type(Type::Integer(_)) => Kind::Integer,
            SchemaKind::Type(Type::Number(_)) => Kind::Number,
            SchemaKind::Type(Type::Boolean(_)) => Kind::Boolean,
            SchemaKind::Type(Type::Array(_)) => Kind::List,
            SchemaKind::Any(any) if is_choice(any) => return None,
            // It has keys of several types; its `type` says which are right.
            SchemaKind::Any(AnySchema { typ: Some(word), all_of, .. })
                if word != "object" && all_of.is_empty() =>
            {
                match word.as_str() {
                    "string" => Kind::String,
                    "integer" => Kind::Integer,
                    "number" => Kind::Number,
                    "boolean" => Kind::Boolean,
                    "array" => Kind::List,
                    _ => return None,
                }
            }
            kind => match (self.form(schema), kind) {
                (Form::Struct, _) => Kind::Object,
                (Form::Map(_), _) => Kind::Map,
                (Form::Free, _) => Kind::Any,
                (Form::Other, SchemaKind::Any(any)) if own_part(any).is_some() => Kind::Object,
                (Form::Other, SchemaKind::Any(any))
                    if any.typ.is_some() && any.all_of.is_empty() =>
                {
                    Kind::Any
                }
                (Form::Other, _) => return None,
            },
        })
    }

    /// What a schema is.
    pub(super) fn form(&self, schema: &'a Schema) -> Form<'a> {
        self.form_within(schema, &mut 0)
    }

    /// The reference a schema adds something to, with its number among the parts: OpenAPI 3.0 says that as
    /// `allOf` with no other part that describes anything. With properties beside it, the schema is another
    /// object, if what it refers to is one.
    pub(super) fn annotated(&self, schema: &'a Schema) -> Option<(usize, &'a str)> {
        let (index, reference) = only_reference(schema)?;
        let SchemaKind::Any(any) = &schema.schema_kind else { return Some((index, reference)) };
        let is_object = |schema| matches!(self.form(schema), Form::Struct | Form::Free);
        let another = own_part(any).is_some() && self.peek(reference).is_some_and(is_object);
        (!another && !is_choice(any)).then_some((index, reference))
    }

    fn form_within(&self, schema: &'a Schema, parts: &mut usize) -> Form<'a> {
        *parts += 1;
        if *parts > MANY_PARTS {
            // `gather` reports that there are too many parts, or that they form a cycle.
            return Form::Struct;
        }
        match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => {
                object_form(object.properties.is_empty(), object.additional_properties.as_ref())
            }
            SchemaKind::AllOf { all_of } => self.merged_form(all_of, parts),
            SchemaKind::Any(any) if !is_object_or_untyped(any) => Form::Other,
            SchemaKind::Any(any) if !any.all_of.is_empty() => {
                match (own_part(any), self.merged_form(&any.all_of, parts)) {
                    (Some(_), Form::Free) => Form::Struct,
                    // Properties beside what is no object.
                    (Some(_), Form::Map(_)) => Form::Other,
                    (_, form) => form,
                }
            }
            // `required` alone makes no object.
            SchemaKind::Any(any)
                if !any.properties.is_empty() || any.additional_properties.is_some() =>
            {
                object_form(any.properties.is_empty(), any.additional_properties.as_ref())
            }
            SchemaKind::Any(any) if *any == AnySchema::default() => Form::Free,
            _ => Form::Other,
        }
    }

    /// Several parts that are objects form an object; a single part keeps its form. Parts that only say
    /// something of the others do not count.
    fn merged_form(&self, arms: &'a [ReferenceOr<Schema>], parts: &mut usize) -> Form<'a> {
        let arms = arms.iter().filter(|arm| !arm.as_item().is_some_and(is_remark));
        let mut forms = arms.map(|arm| match self.peek_at(arm) {
            Some(schema) => self.form_within(schema, parts),
            None => Form::Other,
        });
        match (forms.next(), forms.next()) {
            (Some(only), None) => only,
            (Some(first), Some(second)) => {
                let mut all = [first, second].into_iter().chain(forms);
                let is_struct = |form| matches!(form, Form::Struct | Form::Free);
                if all.any(is_struct) { Form::Struct } else { Form::Other }
            }
            _ => Form::Other,
        }
    }
}

/// The part of an object that stands in one schema.
pub(super) struct Part<'a> {
    pub(super) properties: Option<&'a IndexMap<String, ReferenceOr<Box<Schema>>>>,
    pub(super) required: &'a [String],
    pub(super) additional: Option<&'a AdditionalProperties>,
}

impl<'a> Part<'a> {
    pub(super) fn of(object: &'a ObjectType) -> Self {
        Self {
            properties: Some(&object.properties),
            required: &object.required,
            additional: object.additional_properties.as_ref(),
        }
    }
}

/// What an untyped schema says of an object, if anything.
pub(super) fn own_part(any: &AnySchema) -> Option<Part<'_>> {
    let says = !any.properties.is_empty()
        || !any.required.is_empty()
        || any.additional_properties.is_some();
    says.then_some(Part {
        properties: Some(&any.properties),
        required: &any.required,
        additional: any.additional_properties.as_ref(),
    })
}

/// Whether a schema describes nothing by itself: as a part of an `allOf`, it says something of the others.
pub(super) fn is_remark(schema: &Schema) -> bool {
    let SchemaKind::Any(any) = &schema.schema_kind else { return false };
    any.typ.is_none()
        && own_part(any).is_none()
        && any.all_of.is_empty()
        && is_object_or_untyped(any)
}

pub(super) fn is_object_or_untyped(any: &AnySchema) -> bool {
    any.typ.as_deref().is_none_or(|kind| kind == "object")
        && any.one_of.is_empty()
        && any.any_of.is_empty()
        && any.not.is_none()
        && any.enumeration.is_empty()
        && any.items.is_none()
}

/// Whether an untyped schema can be a part of an object: at least it says nothing else.
pub(super) fn is_object_part(any: &AnySchema) -> bool {
    own_part(any).is_some() || !any.all_of.is_empty() || *any == AnySchema::default()
}

fn object_form(no_properties: bool, additional: Option<&AdditionalProperties>) -> Form<'_> {
    match additional {
        _ if !no_properties => Form::Struct,
        None | Some(AdditionalProperties::Any(true)) => Form::Free,
        Some(AdditionalProperties::Any(false)) => Form::Struct,
        Some(AdditionalProperties::Schema(schema)) => Form::Map(schema),
    }
}

/// The parts of an `allOf`.
pub(super) fn parts(schema: &Schema) -> &[ReferenceOr<Schema>] {
    match &schema.schema_kind {
        SchemaKind::AllOf { all_of } => all_of,
        SchemaKind::Any(any) => &any.all_of,
        _ => &[],
    }
}

/// The parts of an `allOf` that describe nothing, but say something of the others.
pub(super) fn remarks<'a>(
    schema: &'a Schema,
    at: &Pointer,
) -> impl Iterator<Item = (&'a Schema, Pointer)> {
    let list = at.join("allOf");
    parts(schema).iter().enumerate().filter_map(move |(index, part)| match part {
        ReferenceOr::Item(part) if is_remark(part) => Some((part, list.join(index))),
        _ => None,
    })
}

/// The only part of an `allOf` that describes anything, if it is a reference, with its number.
fn only_reference(schema: &Schema) -> Option<(usize, &str)> {
    let is_remark = |part: &ReferenceOr<Schema>| part.as_item().is_some_and(is_remark);
    let mut parts = parts(schema).iter().enumerate().filter(|(_, part)| !is_remark(part));
    match (parts.next(), parts.next()) {
        (Some((index, ReferenceOr::Reference { reference })), None) => Some((index, reference)),
        _ => None,
    }
}

pub(super) fn is_choice(any: &AnySchema) -> bool {
    !any.one_of.is_empty() || !any.any_of.is_empty() || any.not.is_some()
}
