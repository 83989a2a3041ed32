//! Objects: the parts that are merged into one struct, and schemas that are maps or free-form.

use std::collections::HashSet;

use heck::ToUpperCamelCase;
use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, AnySchema, ObjectType, ReferenceOr, Schema, SchemaKind, Type,
};

use super::{
    annotations::string,
    context::{Lowering, Resolved},
};
use crate::{
    ir::{Confidence, Example, Field, Place, Role, Struct, Ty, TypeId},
    pointer::Pointer,
};

/// The most parts of one object. No description needs as many.
const MANY_PARTS: usize = 256;

/// The properties of an object, merged from its parts.
#[derive(Default)]
pub(super) struct Object<'a> {
    /// How many parts were looked at.
    parts: usize,
    pub(super) properties: IndexMap<&'a str, (&'a ReferenceOr<Box<Schema>>, Pointer)>,
    pub(super) required: Vec<String>,
}

impl<'a> Object<'a> {
    /// The schema of a property, unless it is a reference.
    pub(super) fn inline(&self, wire: &str) -> Option<(&'a Schema, &Pointer)> {
        let (schema, pointer) = self.properties.get(wire)?;
        Some((schema.as_item()?.as_ref(), pointer))
    }
}

/// The struct around a field: types without a name of their own are called after it.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// Its name in the description.
    pub(super) name: String,
    /// The family it belongs to.
    pub(super) module: Option<String>,
}

impl Owner {
    pub(super) fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { module: Some(name.clone()), name }
    }
}

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

/// The reference a schema adds annotations to: OpenAPI 3.0 says that as `allOf` with nothing else.
pub(super) fn annotated_reference(schema: &Schema) -> Option<&str> {
    let arms = match &schema.schema_kind {
        SchemaKind::AllOf { all_of } => all_of,
        SchemaKind::Any(any) if own_part(any).is_none() && is_object_or_untyped(any) => &any.all_of,
        _ => return None,
    };
    match arms.as_slice() {
        [ReferenceOr::Reference { reference }] => Some(reference),
        _ => None,
    }
}

impl<'a> Lowering<'a> {
    /// What a schema is.
    pub(super) fn form(&self, schema: &'a Schema) -> Form<'a> {
        self.form_within(schema, &mut 0)
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
            SchemaKind::Any(any) if !any.all_of.is_empty() && is_object_or_untyped(any) => {
                match own_part(any) {
                    Some(_) => Form::Struct,
                    None => self.merged_form(&any.all_of, parts),
                }
            }
            SchemaKind::Any(any) if own_part(any).is_some() => {
                object_form(any.properties.is_empty(), any.additional_properties.as_ref())
            }
            SchemaKind::Any(any) if *any == AnySchema::default() => Form::Free,
            _ => Form::Other,
        }
    }

    /// Several parts that are objects form an object; a single part keeps its form.
    fn merged_form(&self, arms: &'a [ReferenceOr<Schema>], parts: &mut usize) -> Form<'a> {
        let mut forms = arms.iter().map(|arm| match self.peek_at(arm) {
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

    /// Everything in an object, merged where it is put together with `allOf`.
    pub(super) fn object(&mut self, schema: &'a Schema, pointer: &Pointer) -> Option<Object<'a>> {
        let mut object = Object::default();
        let mut way = vec![pointer.clone()];
        if !self.gather(schema, pointer, &mut way, &mut object) {
            return None;
        }
        let combined = !matches!(schema.schema_kind, SchemaKind::Type(_));
        if combined {
            let is_unknown = |name: &&String| !object.properties.contains_key(name.as_str());
            if let Some(name) = object.required.iter().find(is_unknown) {
                let message = format!("`required` names `{name}`, which no part of the object has");
                let hint = "name a property of one of the parts";
                self.error("required-unknown", pointer, message, hint);
            }
        }
        // A caller need not give what only responses hold.
        let read_only: HashSet<&str> = object
            .properties
            .iter()
            .filter(|(_, (schema, _))| {
                let schema = self.peek_at(schema);
                let target = schema.and_then(annotated_reference).and_then(|to| self.peek(to));
                [schema, target].into_iter().flatten().any(|schema| schema.schema_data.read_only)
            })
            .map(|(wire, _)| *wire)
            .collect();
        object.required.retain(|name| !read_only.contains(name.as_str()));
        Some(object)
    }

    /// Adds a part to an object. Returns `false` after an error.
    fn gather(
        &mut self,
        schema: &'a Schema,
        pointer: &Pointer,
        way: &mut Vec<Pointer>,
        into: &mut Object<'a>,
    ) -> bool {
        into.parts += 1;
        if into.parts > MANY_PARTS {
            if into.parts == MANY_PARTS + 1 {
                let message = format!("an object of more than {MANY_PARTS} parts");
                let hint = "put it together from fewer: parts of parts count each time";
                self.error("too-large", pointer, message, hint);
            }
            return false;
        }
        if schema.schema_data.discriminator.is_some() {
            let hint = "describe the variants as objects of their own, and drop the discriminator";
            self.unsupported(&pointer.join("discriminator"), "a discriminator", hint);
            return false;
        }
        match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => self.own(&Part::of(object), pointer, into),
            SchemaKind::AllOf { all_of } => self.merge(all_of, pointer, way, into),
            SchemaKind::Any(any) if is_object_or_untyped(any) && is_object_part(any) => {
                let merged = self.merge(&any.all_of, pointer, way, into);
                match own_part(any) {
                    Some(part) => self.own(&part, pointer, into) && merged,
                    None => merged,
                }
            }
            _ => {
                self.not_an_object(schema, pointer);
                false
            }
        }
    }

    fn merge(
        &mut self,
        arms: &'a [ReferenceOr<Schema>],
        pointer: &Pointer,
        way: &mut Vec<Pointer>,
        into: &mut Object<'a>,
    ) -> bool {
        let list = pointer.join("allOf");
        let mut whole = true;
        for (index, arm) in arms.iter().enumerate() {
            let at = list.join(index);
            let Some(part) = self.resolve(arm, &at) else {
                whole = false;
                continue;
            };
            if way.contains(&part.pointer) {
                let message = "an `allOf` that is a part of itself".to_owned();
                let hint = "remove the reference, or make it a property";
                self.error("reference-cycle", &at, message, hint);
                return false;
            }
            way.push(part.pointer.clone());
            whole &= self.gather(part.schema, &part.pointer, way, into);
            way.pop();
        }
        whole
    }

    /// Adds the properties an object has itself.
    fn own(&mut self, part: &Part<'a>, pointer: &Pointer, into: &mut Object<'a>) -> bool {
        if let Some(AdditionalProperties::Schema(_)) = part.additional {
            let what = if part.properties.is_some_and(|own| !own.is_empty()) {
                "an object with properties and free keys"
            } else {
                "an object with free keys, where one with properties is needed,"
            };
            let hint = "make the free keys a property of their own, or name them as properties";
            self.unsupported(&pointer.join("additionalProperties"), what, hint);
            return false;
        }
        let list = pointer.join("properties");
        for (wire, schema) in part.properties.into_iter().flatten() {
            let at = list.join(wire);
            match into.properties.get(wire.as_str()) {
                None => {
                    into.properties.insert(wire, (schema, at));
                }
                Some((known, _)) if *known == schema => {}
                Some((_, known_at)) => {
                    let message = format!("`{wire}` is another property than that at {known_at}");
                    let hint = "an `allOf` is merged into one struct: describe the property once";
                    self.error("all-of-conflict", &at, message, hint);
                    return false;
                }
            }
        }
        // A requirement that is only inferred does not bind callers.
        let inferred =
            into.parts > 1 && self.confidence(&pointer.join("required")) == Confidence::Inferred;
        let mut known: HashSet<String> = into.required.iter().cloned().collect();
        for name in part.required.iter().filter(|_| !inferred) {
            if known.insert(name.clone()) {
                into.required.push(name.clone());
            }
        }
        true
    }

    pub(super) fn not_an_object(&mut self, schema: &Schema, pointer: &Pointer) {
        const PLAIN: &str = "only plain objects are supported here";
        const CHOICE: &str = "describe one object with the properties of all variants, none of them \
                              required, or a schema without any type, which is taken as it comes";
        const NOT: (&str, &str, &str) = ("not", "`not`", "say what the value is instead");
        const ALL_OF: (&str, &str, &str) = ("allOf", "`allOf` of anything but objects", PLAIN);
        let (key, what, hint) = match &schema.schema_kind {
            SchemaKind::OneOf { .. } => ("oneOf", "`oneOf`", CHOICE),
            SchemaKind::AnyOf { .. } => ("anyOf", "`anyOf` outside an error response", CHOICE),
            SchemaKind::AllOf { .. } => ALL_OF,
            SchemaKind::Not { .. } => NOT,
            SchemaKind::Any(any) if !any.one_of.is_empty() => ("oneOf", "`oneOf`", CHOICE),
            SchemaKind::Any(any) if !any.any_of.is_empty() => ("anyOf", "`anyOf`", CHOICE),
            SchemaKind::Any(any) if any.not.is_some() => NOT,
            SchemaKind::Any(any) if !any.all_of.is_empty() => ALL_OF,
            SchemaKind::Any(any) if any.typ.is_some() => {
                ("type", "a schema with keys of another type", "keep the keys of one type")
            }
            SchemaKind::Any(_) => ("", "a schema without a `type`", "say its `type`"),
            SchemaKind::Type(_) => ("", "a body that is not an object", PLAIN),
        };
        let at = if key.is_empty() { pointer.clone() } else { pointer.join(key) };
        self.unsupported(&at, what, hint);
    }

    /// The fields of an object.
    pub(super) fn properties(
        &mut self,
        object: &Object<'a>,
        owner: &Owner,
        place: Place,
    ) -> Vec<Field> {
        let fields =
            object.properties.iter().filter_map(|(wire, (property, pointer))| match property {
                ReferenceOr::Reference { reference } => {
                    let target = self.component(reference, pointer)?;
                    self.plain_reference(wire, owner, place, &target, pointer.clone())
                }
                ReferenceOr::Item(schema) => {
                    self.field(wire, owner, place, schema, pointer.clone())
                }
            });
        fields.collect()
    }

    /// A struct from fields and what its schema says.
    pub(super) fn struct_of_schema(
        &self,
        source: &Resolved<'a>,
        id: TypeId,
        name: String,
        role: Role,
        required: Vec<String>,
        fields: Vec<Field>,
    ) -> Struct {
        let (schema, at) = (source.schema, &source.pointer);
        let extensions = &schema.schema_data.extensions;
        Struct {
            id,
            upstream_name: name,
            role,
            required,
            fields,
            module: string(extensions, "x-rust-module"),
            pinned_name: string(extensions, "x-rust-name"),
            example: example(schema.schema_data.example.as_ref(), at),
            docs: self.schema_docs(schema, at),
        }
    }

    /// Lowers a shared component, which was asked for by name.
    pub(super) fn shared_struct(&mut self, name: &str) {
        let Some(target) = self.component_named(name) else { return };
        let Some(object) = self.object(target.schema, &target.pointer) else { return };
        let extensions = &target.schema.schema_data.extensions;
        let family = string(extensions, "x-rust-module").or(string(extensions, "x-rust-name"));
        let module = Some(family.unwrap_or_else(|| name.to_owned()));
        let owner = Owner { name: name.to_owned(), module };
        let fields = self.properties(&object, &owner, Place::Body);
        let role = Role::Shared { in_request: false, in_response: false };
        let (id, name, required) = (target.pointer.clone(), name.to_owned(), object.required);
        let item = self.struct_of_schema(&target, id, name, role, required, fields);
        self.structs.push(item);
    }

    /// An object without a name of its own: it is called after the struct and the field that hold it.
    pub(super) fn inline_struct(
        &mut self,
        wire: &str,
        owner: &Owner,
        schema: &'a Schema,
        pointer: &Pointer,
    ) -> Option<Ty> {
        let ty = Ty::Struct { id: pointer.clone(), boxed: false };
        // A schema that several bodies are made of is met several times.
        if !self.seen.insert(pointer.to_string()) {
            return Some(ty);
        }
        let name = format!("{}{}", owner.name, wire.to_upper_camel_case());
        let object = self.object(schema, pointer)?;
        let inner = Owner { name: name.clone(), module: owner.module.clone() };
        let fields = self.properties(&object, &inner, Place::Body);
        let role = Role::Shared { in_request: false, in_response: false };
        let source = Resolved { schema, pointer: pointer.clone(), name: None };
        let (id, required) = (pointer.clone(), object.required);
        let mut item = self.struct_of_schema(&source, id, name, role, required, fields);
        item.module = item.module.or(inner.module);
        self.structs.push(item);
        Some(ty)
    }
}

/// The part of an object that stands in one schema.
struct Part<'a> {
    properties: Option<&'a IndexMap<String, ReferenceOr<Box<Schema>>>>,
    required: &'a [String],
    additional: Option<&'a AdditionalProperties>,
}

impl<'a> Part<'a> {
    fn of(object: &'a ObjectType) -> Self {
        Self {
            properties: Some(&object.properties),
            required: &object.required,
            additional: object.additional_properties.as_ref(),
        }
    }
}

/// What an untyped schema says of an object, if anything.
fn own_part(any: &AnySchema) -> Option<Part<'_>> {
    let says = !any.properties.is_empty()
        || !any.required.is_empty()
        || any.additional_properties.is_some();
    says.then_some(Part {
        properties: Some(&any.properties),
        required: &any.required,
        additional: any.additional_properties.as_ref(),
    })
}

/// The `example` of what stands at `at`.
pub(super) fn example(value: Option<&serde_json::Value>, at: &Pointer) -> Option<Example> {
    value.map(|value| Example { value: value.clone(), origin: at.join("example") })
}

fn is_object_or_untyped(any: &AnySchema) -> bool {
    any.typ.as_deref().is_none_or(|kind| kind == "object")
        && any.one_of.is_empty()
        && any.any_of.is_empty()
        && any.not.is_none()
        && any.enumeration.is_empty()
        && any.items.is_none()
}

/// Whether an untyped schema can be a part of an object: at least it says nothing else.
fn is_object_part(any: &AnySchema) -> bool {
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
