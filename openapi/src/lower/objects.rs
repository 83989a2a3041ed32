//! Objects: the parts that are merged into one struct, and schemas that are maps or free-form.

use std::collections::{BTreeMap, HashSet};

use heck::ToUpperCamelCase;
use indexmap::IndexMap;
use openapiv3::{AdditionalProperties, ReferenceOr, Schema, SchemaKind, Type};

use super::{
    annotations::string,
    context::{COMPONENTS, Lowering, Resolved},
    keys::{Standing, Use},
    shape::{
        Form, Kind, MANY_PARTS, Part, is_object_or_untyped, is_object_part, is_remark, own_part,
        parts, remarks,
    },
};
use crate::{
    diag::did_you_mean_or,
    ir::{Example, Field, Place, Role, Struct, Ty, TypeId},
    pointer::Pointer,
};

/// The properties of an object, merged from its parts.
#[derive(Default)]
pub(super) struct Object<'a> {
    /// How many parts were looked at.
    parts: usize,
    pub(super) properties: IndexMap<&'a str, (&'a ReferenceOr<Box<Schema>>, Pointer)>,
    pub(super) required: Vec<String>,
    /// Where each of these is said to be so.
    required_at: BTreeMap<String, Pointer>,
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

impl<'a> Lowering<'a> {
    /// Everything in an object, merged where it is put together with `allOf`.
    pub(super) fn object(
        &mut self,
        schema: &'a Schema,
        pointer: &Pointer,
        of: Use,
    ) -> Option<Object<'a>> {
        let mut object = Object::default();
        let mut way = vec![pointer.clone()];
        if !self.gather(schema, pointer, of, &mut way, &mut object) {
            return None;
        }
        let combined = !matches!(schema.schema_kind, SchemaKind::Type(_));
        if combined {
            let is_unknown = |name: &&String| !object.properties.contains_key(name.as_str());
            for name in object.required.iter().filter(is_unknown) {
                let message = format!("`required` names `{name}`, which no part of the object has");
                let hint = did_you_mean_or(name, object.properties.keys().copied(), || {
                    "name a property of one of the parts".to_owned()
                });
                let at = object.required_at.get(name).unwrap_or(pointer);
                self.error("required-unknown", at, message, &hint);
            }
        }
        // A caller need not give what only responses hold.
        let read_only: HashSet<&str> = object
            .properties
            .iter()
            .filter(|(_, (schema, _))| {
                self.peek_layers(schema).iter().any(|schema| schema.schema_data.read_only)
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
        of: Use,
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
        let component = pointer.parent().is_some_and(|section| section.as_str() == COMPONENTS);
        let kind = self.kind(schema).unwrap_or(Kind::Object);
        let standing = Standing { kind, of, component, beside: false };
        let mut whole = self.check_keys(pointer, standing).is_some();
        for (_, at) in remarks(schema, pointer) {
            whole &= self.check_keys(&at, Standing { beside: true, ..standing }).is_some();
        }
        if !whole {
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
            if arm.as_item().is_some_and(is_remark) {
                continue;
            }
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
            let is_value = matches!(part.schema.schema_kind, SchemaKind::Type(_))
                || self.annotated(part.schema).is_some();
            if is_value && matches!(self.form(part.schema), Form::Other | Form::Map(_)) {
                let hint = "keep the parts that are objects with properties";
                self.unsupported(&at, "an object with a part that is no such object", hint);
                whole = false;
                continue;
            }
            way.push(part.pointer.clone());
            whole &= self.gather(part.schema, &part.pointer, Use::Piece, way, into);
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
        let list = pointer.join("required");
        let mut known: HashSet<String> = into.required.iter().cloned().collect();
        for (index, name) in part.required.iter().enumerate() {
            if known.insert(name.clone()) {
                into.required.push(name.clone());
                into.required_at.insert(name.clone(), list.join(index));
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
        let fields = object.properties.iter().filter_map(|(wire, (property, pointer))| {
            self.field(wire, owner, place, property, pointer.clone())
        });
        fields.collect()
    }

    /// Marks the required ones among the fields of a request's body. A parameter says so itself, and it may
    /// have the name of another field.
    pub(super) fn require(&mut self, fields: &mut [Field], object: &Object<'a>) {
        let required: HashSet<&str> = object.required.iter().map(String::as_str).collect();
        for field in fields.iter_mut().filter(|field| required.contains(field.wire.as_str())) {
            let Some(at) = object.required_at.get(&field.wire) else { continue };
            field.presence = self.required(&field.wire, at);
        }
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
        let words = self.words(source);
        let first = |key: &str| {
            words.iter().find_map(|(schema, _)| string(&schema.schema_data.extensions, key))
        };
        Struct {
            id,
            upstream_name: name,
            role,
            required,
            fields,
            module: first("x-rust-module"),
            pinned_name: first("x-rust-name"),
            example: words
                .iter()
                .find_map(|(schema, at)| example(schema.schema_data.example.as_ref(), at)),
            docs: self.first_docs(words.iter().map(|(schema, at)| (*schema, at))),
        }
    }

    /// The schemas that say something of an object as a whole, the nearest first: its own, the parts that are
    /// written in it, and what a body only adds something to.
    fn words(&self, source: &Resolved<'a>) -> Vec<(&'a Schema, Pointer)> {
        let list = source.pointer.join("allOf");
        let mut words = vec![(source.schema, source.pointer.clone())];
        let written = parts(source.schema).iter().enumerate();
        words.extend(written.filter_map(|(index, part)| Some((part.as_item()?, list.join(index)))));
        if source.name.is_none()
            && let Some((_, reference)) = self.annotated(source.schema)
            && let Some((name, schema)) = self.peek_named(reference)
        {
            words.push((schema, Pointer::parse(COMPONENTS).join(name)));
        }
        words
    }

    /// Lowers a shared component, which was asked for by name.
    pub(super) fn shared_struct(&mut self, name: &str) {
        let Some(target) = self.component_named(name) else { return };
        let Some(object) = self.object(target.schema, &target.pointer, Use::Field) else { return };
        let extensions = &target.schema.schema_data.extensions;
        let family = string(extensions, "x-rust-module").or(string(extensions, "x-rust-name"));
        let module = Some(family.unwrap_or_else(|| name.to_owned()));
        let owner = Owner { name: name.to_owned(), module };
        let fields = self.properties(&object, &owner, Place::Body);
        let role = Role::Shared { in_request: false, in_response: false };
        let (id, name, required) = (target.pointer.clone(), name.to_owned(), object.required);
        self.required_at.insert(id.clone(), object.required_at);
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
        let object = self.object(schema, pointer, Use::Field)?;
        let inner = Owner { name: name.clone(), module: owner.module.clone() };
        let fields = self.properties(&object, &inner, Place::Body);
        let role = Role::Shared { in_request: false, in_response: false };
        let source = Resolved { schema, pointer: pointer.clone(), name: None };
        let (id, required) = (pointer.clone(), object.required);
        self.required_at.insert(id.clone(), object.required_at);
        let mut item = self.struct_of_schema(&source, id, name, role, required, fields);
        item.module = item.module.or(inner.module);
        self.structs.push(item);
        Some(ty)
    }
}

/// The `example` of what stands at `at`.
pub(super) fn example(value: Option<&serde_json::Value>, at: &Pointer) -> Option<Example> {
    value.map(|value| Example { value: value.clone(), origin: at.join("example") })
}
