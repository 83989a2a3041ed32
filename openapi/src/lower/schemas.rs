//! Schemas to fields and types.

use std::borrow::Borrow;

use openapiv3::{
    ArrayType, IntegerType, NumberType, ReferenceOr, Schema, SchemaKind, StringFormat, StringType,
    Type, VariantOrUnknownOrEmpty,
};

use super::{
    annotations::{is_true, removed_in, string, string_format},
    context::{Lowering, MANY_LINKS, Resolved},
    objects::{Form, Owner, annotated_reference},
};
use crate::{
    ir::{Confidence, Field, Limit, Place, Presence, Sourced, Ty},
    pointer::Pointer,
};

/// Where a type is needed. A type without a name of its own is named after it.
#[derive(Clone, Copy)]
pub(super) struct Site<'n> {
    /// The wire name of the field.
    pub(super) wire: &'n str,
    /// The struct it is in.
    pub(super) owner: &'n Owner,
    /// The component that is being followed.
    pub(super) component: Option<&'n str>,
}

impl<'a> Lowering<'a> {
    /// A property that is nothing but a reference.
    pub(super) fn plain_reference(
        &mut self,
        wire: &str,
        owner: &Owner,
        place: Place,
        target: &Resolved<'a>,
        origin: Pointer,
    ) -> Option<Field> {
        let docs = self.schema_docs(target.schema, &target.pointer);
        let ty = self.referenced_type(Site { wire, owner, component: None }, target)?;
        let data = &target.schema.schema_data;
        let mut field = Field { docs, ..blank_field(wire, place, ty, origin) };
        if !matches!(field.ty, Ty::Struct { .. }) {
            // What the component says applies to the field.
            field = Field {
                limits: self.limits(target.schema, &target.pointer),
                example: data.example.clone(),
                default: data.default.clone(),
                deprecated: data.deprecated,
                unit: string(&data.extensions, "x-alipay-unit"),
                ..field
            };
        }
        field.sensitive = self.is_sensitive(target.schema);
        field.limits.extend(self.ways(target.schema, &target.pointer));
        self.refuse_file_in_json(&field)?;
        Some(field)
    }

    /// A property or parameter with a schema of its own.
    pub(super) fn field(
        &mut self,
        wire: &str,
        owner: &Owner,
        place: Place,
        schema: &'a Schema,
        origin: Pointer,
    ) -> Option<Field> {
        let site = Site { wire, owner, component: None };
        let ty = self.type_of(site, schema, &origin)?;
        let refers_to = annotated_reference(schema);
        let data = &schema.schema_data;
        let extensions = &data.extensions;
        // Beside an enum or an object the name pins its type, not the field.
        let pins_type = match &ty {
            Ty::Enum(_) => refers_to.is_none(),
            Ty::Struct { id, .. } => *id == origin,
            _ => false,
        };
        let legacy = self.legacy(extensions, &origin);
        let ty_pointer =
            if extensions.contains_key("x-alipay-unit") { "x-alipay-unit" } else { "format" };
        let mut limits = self.limits(schema, &origin);
        if let Some(reference) = refers_to {
            let target = self.component(reference, &origin.join("allOf").join(0))?;
            limits.extend(self.limits(target.schema, &target.pointer));
        }
        limits.extend(self.ways(schema, &origin));
        let plain = matches!(ty, Ty::Text | Ty::Integer | Ty::Float | Ty::Boolean | Ty::Json);
        let ty_confidence = if plain {
            Confidence::Documented
        } else {
            self.confidence(&origin.join(ty_pointer)).max(self.confidence(&origin.join("format")))
        };
        let field = Field {
            sensitive: self.is_sensitive(schema),
            deprecated: data.deprecated,
            removed_in: removed_in(extensions),
            legacy,
            limits,
            unit: string(extensions, "x-alipay-unit"),
            required_when: self.sourced_string(extensions, "x-alipay-required", &origin),
            ty_confidence,
            example: data.example.clone(),
            default: data.default.clone(),
            pinned_name: string(extensions, "x-rust-name").filter(|_| !pins_type),
            docs: self.schema_docs(schema, &origin),
            ..blank_field(wire, place, ty, origin)
        };
        self.refuse_file_in_json(&field)?;
        Some(field)
    }

    /// The type of a property that refers to a component: an object becomes a shared struct, anything
    /// else stands for itself.
    fn referenced_type(&mut self, site: Site<'_>, target: &Resolved<'a>) -> Option<Ty> {
        if let (Some(name), Form::Struct) = (target.name, self.form(target.schema)) {
            if self.seen.insert(name.to_owned()) {
                self.wanted.push(name.to_owned());
            }
            return Some(Ty::Struct { id: target.pointer.clone(), boxed: false });
        }
        // A component can contain itself, so following it has to end.
        if self.following.contains(&target.pointer) {
            let hint = "put an object in between, or refine it in the overlay";
            self.unsupported(&target.pointer, "a list that contains itself", hint);
            return None;
        }
        if self.following.len() >= MANY_LINKS {
            let message =
                format!("lists and maps are nested more than {MANY_LINKS} levels deep here");
            let hint = "put an object in between, or refine it in the overlay";
            self.error("too-deep", &target.pointer, message, hint);
            return None;
        }
        self.following.push(target.pointer.clone());
        let site = Site { component: target.name.or(site.component), ..site };
        let ty = self.type_of(site, target.schema, &target.pointer);
        self.following.pop();
        ty
    }

    /// The type of a schema: what it adds annotations to, or its own.
    fn type_of(&mut self, site: Site<'_>, schema: &'a Schema, at: &Pointer) -> Option<Ty> {
        match annotated_reference(schema) {
            Some(reference) => {
                let target = self.component(reference, &at.join("allOf").join(0))?;
                self.referenced_type(site, &target)
            }
            None => self.ty(site, schema, at),
        }
    }

    /// The type of a schema that is not a reference.
    fn ty(&mut self, site: Site<'_>, schema: &'a Schema, pointer: &Pointer) -> Option<Ty> {
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(text)) => self.text_type(site, schema, text, pointer),
            SchemaKind::Type(Type::Integer(integer)) => self.integer_type(integer, pointer),
            SchemaKind::Type(Type::Number(number)) => self.number_type(number, pointer),
            SchemaKind::Type(Type::Boolean(_)) => Some(Ty::Boolean),
            SchemaKind::Type(Type::Array(array)) => self.list_type(site, array, pointer),
            _ => match self.form(schema) {
                Form::Struct => self.inline_struct(site.wire, site.owner, schema, pointer),
                Form::Free => Some(Ty::Json),
                Form::Map(values) => {
                    let at = pointer.join("additionalProperties");
                    let values = self.part(site, values, &at)?;
                    Some(Ty::Map(Box::new(values)))
                }
                Form::Other => {
                    self.not_an_object(schema, pointer);
                    None
                }
            },
        }
    }

    fn integer_type(&mut self, integer: &IntegerType, pointer: &Pointer) -> Option<Ty> {
        if let VariantOrUnknownOrEmpty::Unknown(format) = &integer.format {
            let message = format!("the integer format `{format}` is not known");
            let hint = "known are int32 and int64; say other ranges with `minimum` and `maximum`";
            self.error("unsupported-format", &pointer.join("format"), message, hint);
            return None;
        }
        Some(Ty::Integer)
    }

    fn number_type(&mut self, number: &NumberType, pointer: &Pointer) -> Option<Ty> {
        if let VariantOrUnknownOrEmpty::Unknown(format) = &number.format {
            let message = format!("the number format `{format}` is not known");
            let hint = "known are float and double; exact numbers travel as strings, with `type: string` \
                        and `format: decimal`";
            self.error("unsupported-format", &pointer.join("format"), message, hint);
            return None;
        }
        if !number.enumeration.is_empty() {
            let hint =
                "list strings or integers: numbers with a fraction cannot be compared reliably";
            self.unsupported(&pointer.join("enum"), "a number with listed values", hint);
            return None;
        }
        Some(Ty::Float)
    }

    fn list_type(&mut self, site: Site<'_>, array: &'a ArrayType, pointer: &Pointer) -> Option<Ty> {
        let Some(items) = &array.items else {
            self.unsupported(pointer, "a list of anything", "say what its `items` are");
            return None;
        };
        let item = self.part(site, items, &pointer.join("items"))?;
        Some(Ty::List(Box::new(item)))
    }

    /// The type of what a list or a map is made of.
    fn part<S: Borrow<Schema>>(
        &mut self,
        site: Site<'_>,
        schema: &'a ReferenceOr<S>,
        at: &Pointer,
    ) -> Option<Ty> {
        let (ty, schema, pointer) = match schema {
            ReferenceOr::Reference { reference } => {
                let target = self.component(reference, at)?;
                (self.referenced_type(site, &target)?, target.schema, target.pointer)
            }
            ReferenceOr::Item(schema) => {
                let schema = schema.borrow();
                (self.type_of(site, schema, at)?, schema, at.clone())
            }
        };
        if schema.schema_data.nullable && ty != Ty::Json {
            let what = "an item or a value that may be `null`";
            let hint = "remove `nullable`, or drop the schema's `type`, so that any JSON is taken";
            self.unsupported(&pointer.join("nullable"), what, hint);
            return None;
        }
        Some(ty)
    }

    fn text_type(
        &mut self,
        site: Site<'_>,
        schema: &'a Schema,
        text: &StringType,
        pointer: &Pointer,
    ) -> Option<Ty> {
        let extensions = &schema.schema_data.extensions;
        if extensions.contains_key("x-extensible-enum") || !text.enumeration.is_empty() {
            return self.open_enum(site, schema, text, pointer);
        }
        if let Some(inner) = extensions.get("x-alipay-json-text") {
            return self.json_text(inner, &pointer.join("x-alipay-json-text"));
        }
        let yuan = extensions.get("x-alipay-unit").and_then(|unit| unit.as_str()) == Some("yuan");
        let known = match &text.format {
            VariantOrUnknownOrEmpty::Empty => return Some(Ty::Text),
            VariantOrUnknownOrEmpty::Item(format) => Some(match format {
                StringFormat::Binary => Ty::File,
                StringFormat::Date => Ty::LocalDate,
                StringFormat::DateTime | StringFormat::Password | StringFormat::Byte => Ty::Text,
            }),
            VariantOrUnknownOrEmpty::Unknown(format) => match format.as_str() {
                "decimal" if yuan => Some(Ty::Yuan),
                "decimal" => Some(Ty::Decimal),
                "local-date-time" => Some(Ty::LocalDateTime),
                "local-date" => Some(Ty::LocalDate),
                "local-time" => Some(Ty::LocalTime),
                other => string_format(other).map(|_| Ty::Text),
            },
        };
        if known.is_none() {
            self.error(
                "unsupported-format",
                &pointer.join("format"),
                "this string format is not known".to_owned(),
                "known are binary, decimal, local-date-time, local-date and local-time, and of \
                 OpenAPI's own date, date-time, byte, password, email, hostname, ipv4, ipv6, uri \
                 and uuid",
            );
        }
        known
    }

    /// A string that holds JSON. Only lists of plain values occur.
    fn json_text(&mut self, inner: &serde_json::Value, pointer: &Pointer) -> Option<Ty> {
        let kind = |value: &serde_json::Value| {
            value.get("type").and_then(|kind| kind.as_str()).map(str::to_owned)
        };
        let item = inner.get("items").and_then(kind);
        let ty = match (kind(inner).as_deref(), item.as_deref()) {
            (Some("array"), Some("string")) => Some(Ty::Text),
            (Some("array"), Some("integer")) => Some(Ty::Integer),
            _ => None,
        };
        let Some(ty) = ty else {
            self.malformed(
                pointer,
                "x-alipay-json-text",
                "the schema of a list of strings or integers",
            );
            return None;
        };
        Some(Ty::JsonText(Box::new(Ty::List(Box::new(ty)))))
    }

    /// In which direction a value travels, and whether it may be `null`.
    fn ways(&mut self, schema: &Schema, pointer: &Pointer) -> Vec<Sourced<Limit>> {
        let data = &schema.schema_data;
        if data.read_only && data.write_only {
            let hint = "keep one of the two: together they leave nobody to send it";
            self.unsupported(
                &pointer.join("writeOnly"),
                "`readOnly` and `writeOnly` at once",
                hint,
            );
        }
        let rules = [
            (data.nullable, "nullable", "May be `null`, which counts as absent."),
            (data.read_only, "readOnly", "Only in responses: not to be sent."),
            (data.write_only, "writeOnly", "Only in requests: responses do not have it."),
        ];
        let said = rules.into_iter().filter(|(set, ..)| *set);
        said.map(|(_, key, rule)| self.sourced(Limit::Rule(rule.to_owned()), &pointer.join(key)))
            .collect()
    }

    /// Whether a value is personal data or a secret, or is made of such.
    fn is_sensitive(&self, schema: &'a Schema) -> bool {
        let mut next = Some(schema);
        // The chain of parts is no longer than this; a type that contains itself is refused elsewhere.
        for _ in 0..64 {
            let Some(schema) = next else { return false };
            if is_true(&schema.schema_data.extensions, "x-alipay-sensitive") {
                return true;
            }
            next = match (&schema.schema_kind, annotated_reference(schema)) {
                (SchemaKind::Type(Type::String(text)), _) => {
                    return text.format == VariantOrUnknownOrEmpty::Item(StringFormat::Password);
                }
                (SchemaKind::Type(Type::Array(array)), _) => {
                    array.items.as_ref().and_then(|items| self.peek_at(items))
                }
                (_, Some(reference)) => self.peek(reference),
                _ => match self.form(schema) {
                    Form::Map(values) => self.peek_at(values),
                    _ => None,
                },
            };
        }
        false
    }

    /// Refuses bytes outside of a multipart body.
    fn refuse_file_in_json(&mut self, field: &Field) -> Option<()> {
        if field.place == Place::File || *field.ty.innermost() != Ty::File {
            return Some(());
        }
        let message = format!("`{}` is a file outside a multipart body", field.wire);
        let hint =
            "files are parts of a multipart body; in JSON, bytes are strings of `format: byte`";
        self.error("unsupported-file-part", &field.origin, message, hint);
        None
    }

    /// Reports a requirement that is only inferred.
    pub(super) fn only_inferred(&mut self, name: &str, pointer: &Pointer) {
        let message = format!("`{name}` is required by inference only");
        let hint = "say it in `x-alipay-required`: callers must not be bound by a guess";
        self.error("inferred-requirement", pointer, message, hint);
    }
}

/// A field with nothing known but its name, place and type.
fn blank_field(wire: &str, place: Place, ty: Ty, origin: Pointer) -> Field {
    Field {
        wire: wire.to_owned(),
        place,
        ty,
        is_key: false,
        presence: Presence::Optional,
        sensitive: false,
        deprecated: false,
        removed_in: None,
        legacy: None,
        limits: Vec::new(),
        list_style: None,
        default: None,
        unit: None,
        required_when: None,
        ty_confidence: Confidence::Documented,
        example: None,
        pinned_name: None,
        docs: crate::ir::Docs::default(),
        origin,
    }
}
