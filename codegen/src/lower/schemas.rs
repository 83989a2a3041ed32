//! Schemas to structs and types.

use openapiv3::{
    AdditionalProperties, ArrayType, ObjectType, ReferenceOr, Schema, SchemaKind, StringFormat,
    StringType, Type, VariantOrUnknownOrEmpty,
};

use super::context::{Lowering, Resolved};
use crate::{
    ir::{Confidence, Field, Place, Presence, Role, Struct, Ty},
    pointer::Pointer,
};

/// What a property's schema is after references and annotations have been told apart.
struct Property<'a> {
    /// The schema that carries the annotations.
    outer: &'a Schema,
    /// The component it refers to, when that is all it does.
    target: Option<Resolved<'a>>,
}

impl<'a> Lowering<'a> {
    /// Lowers a shared component, which was asked for by name.
    pub(super) fn shared_struct(&mut self, name: &str) {
        let found =
            self.document.model.components.as_ref().and_then(|all| all.schemas.get_key_value(name));
        let Some((name, ReferenceOr::Item(schema))) = found else { return };
        let pointer = Pointer::parse("/components/schemas").join(name);
        let Some(object) = self.object(schema, &pointer) else { return };
        let role = Role::Shared { in_request: false, in_response: false };
        let fields = self.properties(object, &pointer, Place::Body);
        let item = self.struct_of_schema(&pointer, name, role, schema, object, fields);
        self.structs.push(item);
    }

    /// A struct from an object schema and fields that were made from it (and perhaps from elsewhere).
    pub(super) fn struct_of_schema(
        &mut self,
        id: &Pointer,
        name: &str,
        role: Role,
        schema: &Schema,
        object: &ObjectType,
        fields: Vec<Field>,
    ) -> Struct {
        let extensions = &schema.schema_data.extensions;
        Struct {
            id: id.clone(),
            upstream_name: name.to_owned(),
            role,
            required: object.required.clone(),
            fields,
            module: self.text_extension(extensions, "x-rust-module", id).map(|module| module.value),
            pinned_name: self.text_extension(extensions, "x-rust-name", id).map(|name| name.value),
            docs: self.schema_docs(schema, id),
        }
    }

    /// The object type of a schema, when it is one that a struct can say.
    pub(super) fn object(
        &mut self,
        schema: &'a Schema,
        pointer: &Pointer,
    ) -> Option<&'a ObjectType> {
        let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind else {
            self.not_an_object(schema, pointer);
            return None;
        };
        match &object.additional_properties {
            None | Some(AdditionalProperties::Any(false)) => {}
            Some(_) => {
                let hint = "name the properties in the overlay, or leave the schema out of the tags generated";
                self.unsupported(
                    &pointer.join("additionalProperties"),
                    "an object with free keys",
                    hint,
                );
                return None;
            }
        }
        if schema.schema_data.discriminator.is_some() {
            self.unsupported(
                &pointer.join("discriminator"),
                "a discriminator",
                "refine it in the overlay, or generate only tags that do without it",
            );
        }
        Some(object)
    }

    fn not_an_object(&mut self, schema: &Schema, pointer: &Pointer) {
        let what = match &schema.schema_kind {
            SchemaKind::OneOf { .. } => "`oneOf`",
            SchemaKind::AllOf { .. } => "`allOf` of anything but one reference",
            SchemaKind::AnyOf { .. } => "`anyOf` outside an error response",
            SchemaKind::Not { .. } => "`not`",
            SchemaKind::Any(_) => "a schema without a clear type",
            SchemaKind::Type(_) => "a body that is not an object",
        };
        self.unsupported(pointer, what, "only plain objects are supported here");
    }

    /// The fields of an object.
    pub(super) fn properties(
        &mut self,
        object: &'a ObjectType,
        at: &Pointer,
        place: Place,
    ) -> Vec<Field> {
        let at = at.join("properties");
        let mut fields = Vec::with_capacity(object.properties.len());
        for (wire, property) in &object.properties {
            let pointer = at.join(wire);
            let schema = match property {
                ReferenceOr::Item(schema) => Some(schema.as_ref()),
                ReferenceOr::Reference { .. } => None,
            };
            fields.extend(match (property, schema) {
                (ReferenceOr::Reference { reference }, _) => {
                    let target = self.component(reference, &pointer);
                    target.and_then(|target| self.plain_reference(wire, place, &target, pointer))
                }
                (_, Some(schema)) => self.field(wire, place, schema, pointer),
                _ => None,
            });
        }
        fields
    }

    /// A property that is nothing but a reference.
    fn plain_reference(
        &mut self,
        wire: &str,
        place: Place,
        target: &Resolved<'a>,
        origin: Pointer,
    ) -> Option<Field> {
        let docs = self.schema_docs(target.schema, &target.pointer);
        let ty = self.referenced_type(wire, target)?;
        Some(Field { docs, ..blank_field(wire, place, ty, origin) })
    }

    /// A property or parameter with a schema of its own.
    pub(super) fn field(
        &mut self,
        wire: &str,
        place: Place,
        schema: &'a Schema,
        origin: Pointer,
    ) -> Option<Field> {
        let property = self.unwrap_all_of(schema, &origin)?;
        let ty = match &property.target {
            Some(target) => self.referenced_type(wire, target)?,
            None => self.ty(wire, schema, &origin)?,
        };
        self.refuse_unsaid(schema, &origin);
        let data = &property.outer.schema_data;
        let extensions = &data.extensions;
        // Beside an enum the name pins the enum, not the field.
        let pins_field = !extensions.contains_key("x-extensible-enum");
        let pinned = self.text_extension(extensions, "x-rust-name", &origin).map(|name| name.value);
        let legacy = self.legacy(extensions, &origin);
        let ty_pointer =
            if extensions.contains_key("x-alipay-unit") { "x-alipay-unit" } else { "format" };
        Some(Field {
            wire: wire.to_owned(),
            place,
            presence: Presence::Optional,
            sensitive: self.flag_extension(extensions, "x-alipay-sensitive", &origin),
            deprecated: data.deprecated,
            removed_in: self.removed_in(extensions, &origin),
            legacy,
            limits: self.limits(schema, &origin),
            unit: self.text_extension(extensions, "x-alipay-unit", &origin).map(|unit| unit.value),
            required_when: self.text_extension(extensions, "x-alipay-required", &origin),
            ty_confidence: if matches!(ty, Ty::Text | Ty::Integer | Ty::Boolean) {
                Confidence::Documented
            } else {
                self.confidence(&origin.join(ty_pointer))
                    .max(self.confidence(&origin.join("format")))
            },
            ty,
            example: data.example.clone(),
            pinned_name: pinned.filter(|_| pins_field),
            docs: self.schema_docs(schema, &origin),
            origin,
        })
    }

    /// OpenAPI 3.0 writes annotations beside a reference as `allOf` with that one reference.
    fn unwrap_all_of(&mut self, schema: &'a Schema, pointer: &Pointer) -> Option<Property<'a>> {
        let SchemaKind::AllOf { all_of } = &schema.schema_kind else {
            return Some(Property { outer: schema, target: None });
        };
        match all_of.as_slice() {
            [ReferenceOr::Reference { reference }] => {
                let target = self.component(reference, &pointer.join("allOf").join(0))?;
                Some(Property { outer: schema, target: Some(target) })
            }
            _ => {
                self.not_an_object(schema, pointer);
                None
            }
        }
    }

    /// The type of a property that refers to a component: an object becomes a shared struct, anything
    /// else stands for itself.
    fn referenced_type(&mut self, wire: &str, target: &Resolved<'a>) -> Option<Ty> {
        let (SchemaKind::Type(Type::Object(object)), Some(name)) =
            (&target.schema.schema_kind, target.name)
        else {
            // A list component can hold itself; following it has to end.
            if self.following.contains(&target.pointer) {
                let hint = "put an object in between, or refine it in the overlay";
                self.unsupported(&target.pointer, "a list that contains itself", hint);
                return None;
            }
            self.following.push(target.pointer.clone());
            let ty = self.ty(wire, target.schema, &target.pointer);
            self.following.pop();
            return ty;
        };
        if object.properties.is_empty() && object.additional_properties.is_none() {
            let hint = "name its properties in the overlay";
            self.unsupported(
                &target.pointer,
                &format!("`{name}`, an object without properties,"),
                hint,
            );
            return None;
        }
        if self.seen.insert(name.to_owned()) {
            self.wanted.push(name.to_owned());
        }
        Some(Ty::Struct { id: target.pointer.clone(), boxed: false })
    }

    /// The type of a schema that is not a reference.
    pub(super) fn ty(&mut self, wire: &str, schema: &'a Schema, pointer: &Pointer) -> Option<Ty> {
        match &schema.schema_kind {
            SchemaKind::Type(Type::String(text)) => self.text_type(wire, schema, text, pointer),
            SchemaKind::Type(Type::Integer(integer)) if integer.enumeration.is_empty() => {
                Some(Ty::Integer)
            }
            SchemaKind::Type(Type::Boolean(_)) => Some(Ty::Boolean),
            SchemaKind::Type(Type::Array(array)) => self.list_type(wire, array, pointer),
            SchemaKind::Type(Type::Number(_)) => {
                let hint =
                    "amounts and rates are exact: refine it to `type: string, format: decimal`";
                self.unsupported(pointer, "a floating-point number", hint);
                None
            }
            SchemaKind::Type(Type::Integer(_)) => {
                self.unsupported(
                    &pointer.join("enum"),
                    "an integer with listed values",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                None
            }
            SchemaKind::Type(Type::Object(_)) => {
                self.unsupported(
                    pointer,
                    "an object defined inside another",
                    "move it to `components.schemas`",
                );
                None
            }
            _ => {
                self.not_an_object(schema, pointer);
                None
            }
        }
    }

    fn list_type(&mut self, wire: &str, array: &'a ArrayType, pointer: &Pointer) -> Option<Ty> {
        let at = pointer.join("items");
        let item = match &array.items {
            None => {
                self.unsupported(pointer, "a list of anything", "say what its `items` are");
                return None;
            }
            Some(ReferenceOr::Reference { reference }) => {
                let target = self.component(reference, &at)?;
                self.referenced_type(wire, &target)?
            }
            Some(ReferenceOr::Item(schema)) => {
                self.refuse_unsaid(schema, &at);
                self.ty(wire, schema, &at)?
            }
        };
        if matches!(item, Ty::List(_)) {
            self.unsupported(
                pointer,
                "a list of lists",
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        }
        Some(Ty::List(Box::new(item)))
    }

    fn text_type(
        &mut self,
        wire: &str,
        schema: &'a Schema,
        text: &StringType,
        pointer: &Pointer,
    ) -> Option<Ty> {
        let extensions = &schema.schema_data.extensions;
        if extensions.contains_key("x-extensible-enum") || !text.enumeration.is_empty() {
            return self.open_enum(wire, schema, text, pointer);
        }
        if let Some(inner) = extensions.get("x-alipay-json-text") {
            return self.json_text(inner, &pointer.join("x-alipay-json-text"));
        }
        let yuan = extensions.get("x-alipay-unit").and_then(|unit| unit.as_str()) == Some("yuan");
        let known = match &text.format {
            VariantOrUnknownOrEmpty::Empty => return Some(Ty::Text),
            VariantOrUnknownOrEmpty::Item(StringFormat::Binary) => return Some(Ty::File),
            VariantOrUnknownOrEmpty::Item(_) => None,
            VariantOrUnknownOrEmpty::Unknown(format) => match format.as_str() {
                "decimal" if yuan => Some(Ty::Yuan),
                "decimal" => Some(Ty::Decimal),
                "local-date-time" => Some(Ty::LocalDateTime),
                "local-date" => Some(Ty::LocalDate),
                "local-time" => Some(Ty::LocalTime),
                _ => None,
            },
        };
        if known.is_none() {
            self.error(
                "unsupported-format",
                &pointer.join("format"),
                "this text format is not known".to_owned(),
                "known are binary, decimal, local-date-time, local-date and local-time",
            );
        }
        known
    }

    /// A text that holds JSON. Only lists of plain values occur.
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

    /// Refuses what would change the meaning of a value and cannot be said.
    fn refuse_unsaid(&mut self, schema: &Schema, pointer: &Pointer) {
        let data = &schema.schema_data;
        for (set, key) in [
            (data.nullable, "nullable"),
            (data.read_only, "readOnly"),
            (data.write_only, "writeOnly"),
        ] {
            if set {
                self.unsupported(
                    &pointer.join(key),
                    &format!("`{key}`"),
                    "refine it in the overlay, or generate only tags that do without it",
                );
            }
        }
    }

    /// Decides whether the fields of a struct have to be there, now that its directions are known.
    pub(super) fn settle_presence(&mut self, item: &mut Struct) {
        let returned = match item.role {
            Role::Request(_) => false,
            Role::Response(_) | Role::Message(_) => true,
            Role::Shared { in_request, in_response } => in_response && !in_request,
        };
        // What an answer may hold is never promised, so a type that travels both ways demands nothing.
        let promised = match item.role {
            Role::Request(_) => true,
            Role::Shared { in_response, .. } => !in_response,
            Role::Response(_) | Role::Message(_) => false,
        };
        if !promised {
            item.required.clear();
        }
        for field in &mut item.fields {
            if returned {
                field.presence = Presence::Returned;
            } else if promised
                && field.presence == Presence::Optional
                && item.required.contains(&field.wire)
            {
                let at = item.id.join("required");
                let confidence = self.confidence(&at);
                if confidence == Confidence::Inferred {
                    self.only_inferred(&field.wire, &at);
                }
                field.presence = Presence::Required(confidence);
            }
        }
    }
}

impl Lowering<'_> {
    /// Notes that a caller would be bound by a guess.
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
        presence: Presence::Optional,
        sensitive: false,
        deprecated: false,
        removed_in: None,
        legacy: None,
        limits: Vec::new(),
        unit: None,
        required_when: None,
        ty_confidence: Confidence::Documented,
        example: None,
        pinned_name: None,
        docs: crate::ir::Docs::default(),
        origin,
    }
}
