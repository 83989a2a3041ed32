//! Schemas to fields and types.

use std::borrow::Borrow;

use openapiv3::{
    ArrayType, IntegerType, NumberType, ReferenceOr, Schema, SchemaData, SchemaKind, StringFormat,
    StringType, Type, VariantOrUnknownOrEmpty,
};

use super::{
    annotations::{Extensions, LEGACY, is_true, removed_in, string, tighten},
    context::{Lowering, MANY_LINKS},
    formats::{self, Format},
    keys::Use,
    objects::Owner,
    said::{Layer, Said},
    shape::{Form, Kind},
};
use crate::{
    diag::quote,
    ir::{Confidence, Docs, Field, Limit, Place, Presence, Sourced, Ty},
    pointer::Pointer,
};

const UNIT: &str = "x-alipay-unit";

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
    /// A property or a parameter.
    pub(super) fn field<S: Borrow<Schema>>(
        &mut self,
        wire: &str,
        owner: &Owner,
        place: Place,
        given: &'a ReferenceOr<S>,
        origin: Pointer,
    ) -> Option<Field> {
        let said = self.said(given, &origin, Use::Field)?;
        let ty = self.type_of(Site { wire, owner, component: None }, &said)?;
        // Beside an enum or an object the name pins its type, not the field.
        let pins_type = match &ty {
            Ty::Enum(_) => true,
            Ty::Struct { id, .. } => *id == said.core.pointer,
            _ => false,
        };
        let mut own =
            said.layers.iter().enumerate().filter(|(number, layer)| {
                !layer.component && (!pins_type || *number < said.core_at)
            });
        let pinned_name = own.find_map(|(_, layer)| string(extensions(layer), "x-rust-name"));
        let marked = said.layers.iter().find(|layer| extensions(layer).contains_key(LEGACY));
        let legacy = marked.and_then(|layer| self.legacy(extensions(layer), &layer.at));
        let plain = matches!(ty, Ty::Text | Ty::Integer | Ty::Float | Ty::Boolean | Ty::Json);
        let ty_confidence = if plain {
            Confidence::Documented
        } else {
            let is_struct = matches!(ty, Ty::Struct { .. });
            let (schema, at) = innermost(said.core.schema, &said.core.pointer);
            let at = if is_struct { &origin } else { &at };
            let unit = extensions_of(schema).contains_key(UNIT);
            let key = if unit { UNIT } else { "format" };
            self.confidence(&at.join(key)).max(self.confidence(&at.join("format")))
        };
        let sensitive = said.any(|layer| is_secret(layer.schema));
        let mut field = Field {
            sensitive,
            removed_in: said.first(|layer| removed_in(extensions(layer))),
            legacy,
            required_when: said.first(|layer| {
                self.sourced_string(extensions(layer), "x-alipay-required", &layer.at)
            }),
            ty_confidence,
            pinned_name,
            docs: self.first_docs(said.layers.iter().map(|layer| (layer.schema, &layer.at))),
            ..blank_field(wire, place, ty, origin)
        };
        self.say(&said, &|limit| limit, &mut field);
        self.say_of_parts(&said, &|limit| limit, &mut field)?;
        field.limits.extend(self.ways(&said));
        self.refuse_file_in_json(&field)?;
        Some(field)
    }

    /// Adds what is said of the values of a field, or of what they are made of.
    fn say(&self, said: &Said<'a>, limit: &dyn Fn(Limit) -> Limit, field: &mut Field) {
        if let Some(kind) = said.kind {
            for layer in &said.layers {
                let own = self.limits(&layer.at, kind).into_iter();
                let own = own.map(|one| Sourced { value: limit(one.value), ..one });
                tighten(&mut field.limits, own.collect());
            }
        }
        let data = |layer: &Layer<'a>| &layer.schema.schema_data;
        field.deprecated |= said.any(|layer| data(layer).deprecated);
        let unit = || said.first(|layer| string(extensions(layer), UNIT));
        field.unit = field.unit.take().or_else(unit);
        let default = || said.first(|layer| data(layer).default.clone());
        field.default = field.default.take().or_else(default);
        // A component that is an object shows its example itself.
        let shown = |layer: &&Layer<'a>| !layer.component || said.kind != Some(Kind::Object);
        let example =
            || said.layers.iter().filter(shown).find_map(|layer| data(layer).example.clone());
        field.example = field.example.take().or_else(example);
    }

    /// Adds what is said of the items of a list, or of the values of a map.
    fn say_of_parts(
        &mut self,
        said: &Said<'a>,
        limit: &dyn Fn(Limit) -> Limit,
        field: &mut Field,
    ) -> Option<()> {
        let core = &said.core;
        let parts = match &core.schema.schema_kind {
            SchemaKind::Type(Type::Array(array)) => {
                let Some(items) = &array.items else { return Some(()) };
                self.said(items, &core.pointer.join("items"), Use::Part)?
            }
            _ => match self.form(core.schema) {
                Form::Map(values) => {
                    self.said(values, &core.pointer.join("additionalProperties"), Use::Part)?
                }
                _ => return Some(()),
            },
        };
        let each = |one: Limit| limit(Limit::Each(Box::new(one)));
        self.say(&parts, &each, field);
        field.sensitive |= parts.any(|layer| is_secret(layer.schema));
        let docs = self.first_docs(parts.of_value().map(|layer| (layer.schema, &layer.at)));
        add_docs(&mut field.docs, docs);
        self.say_of_parts(&parts, &each, field)
    }

    /// The type of a value: a component that is an object becomes a shared struct, anything else stands for
    /// itself.
    fn type_of(&mut self, site: Site<'_>, said: &Said<'a>) -> Option<Ty> {
        let target = &said.core;
        let site = Site { component: said.component.or(site.component), ..site };
        let Some(name) = target.name else {
            return self.ty(site, target.schema, &target.pointer);
        };
        if let Form::Struct = self.form(target.schema) {
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
        let ty = self.ty(site, target.schema, &target.pointer);
        self.following.pop();
        ty
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
            self.other_format(Kind::Integer, format, pointer)?;
        }
        Some(Ty::Integer)
    }

    fn number_type(&mut self, number: &NumberType, pointer: &Pointer) -> Option<Ty> {
        if let VariantOrUnknownOrEmpty::Unknown(format) = &number.format {
            self.other_format(Kind::Number, format, pointer)?;
        }
        if !number.enumeration.is_empty() {
            let hint =
                "list strings or integers: numbers with a fraction cannot be compared reliably";
            self.unsupported(&pointer.join("enum"), "a number with listed values", hint);
            return None;
        }
        Some(Ty::Float)
    }

    /// Reports a format that the generator does not know. `None` if it is an error.
    fn other_format(&mut self, kind: Kind, format: &str, pointer: &Pointer) -> Option<()> {
        let at = pointer.join("format");
        let word = kind.word();
        let (message, hint) = match formats::judge(kind, format) {
            Format::Known => return Some(()),
            Format::Foreign => {
                self.foreign_formats.entry((word, format.to_owned())).or_default().insert(at);
                return Some(());
            }
            Format::Misspelt(near) => (
                format!("the {word} format {} is not known", quote(format)),
                format!("did you mean `{near}`?"),
            ),
            Format::Exact => (
                format!("a number cannot have the format {}", quote(format)),
                "exact numbers travel as strings, with `type: string` and `format: decimal`"
                    .to_owned(),
            ),
        };
        self.error("unsupported-format", &at, message, &hint);
        None
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
        let said = self.said(schema, at, Use::Part)?;
        let ty = self.type_of(site, &said)?;
        let nullable = said.layers.iter().find(|layer| layer.schema.schema_data.nullable);
        if let Some(layer) = nullable.filter(|_| ty != Ty::Json) {
            let what = "an item or a value that may be `null`";
            let hint = "remove `nullable`, or drop the schema's `type`, so that any JSON is taken";
            self.unsupported(&layer.at.join("nullable"), what, hint);
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
        Some(match &text.format {
            VariantOrUnknownOrEmpty::Empty => Ty::Text,
            VariantOrUnknownOrEmpty::Item(format) => match format {
                StringFormat::Binary => Ty::File,
                StringFormat::Date => Ty::LocalDate,
                StringFormat::DateTime | StringFormat::Password | StringFormat::Byte => Ty::Text,
            },
            VariantOrUnknownOrEmpty::Unknown(format) => match format.as_str() {
                "decimal" if yuan => Ty::Yuan,
                "decimal" => Ty::Decimal,
                "local-date-time" => Ty::LocalDateTime,
                "local-date" => Ty::LocalDate,
                "local-time" => Ty::LocalTime,
                other => {
                    self.other_format(Kind::String, other, pointer)?;
                    Ty::Text
                }
            },
        })
    }

    /// A string that holds JSON. Only lists of plain values occur.
    fn json_text(&mut self, inner: &serde_json::Value, pointer: &Pointer) -> Option<Ty> {
        // Any other key would be lost.
        let kind = |value: &serde_json::Value, key: Option<&str>| {
            let map = value.as_object()?;
            let known = map.keys().all(|own| own == "type" || Some(own.as_str()) == key);
            map.get("type").filter(|_| known)?.as_str().map(str::to_owned)
        };
        let item = inner.get("items").and_then(|items| kind(items, None));
        let ty = match (kind(inner, Some("items")).as_deref(), item.as_deref()) {
            (Some("array"), Some("string")) => Some(Ty::Text),
            (Some("array"), Some("integer")) => Some(Ty::Integer),
            _ => None,
        };
        let Some(ty) = ty else {
            self.malformed(
                pointer,
                "x-alipay-json-text",
                "the schema of a list of strings or integers, with no more than their types",
            );
            return None;
        };
        Some(Ty::JsonText(Box::new(Ty::List(Box::new(ty)))))
    }

    /// In which direction a value travels, and whether it may be `null`.
    fn ways(&mut self, said: &Said<'a>) -> Vec<Sourced<Limit>> {
        type Mark = fn(&SchemaData) -> bool;
        let rules: [(Mark, &str, Limit); 3] = [
            (|data| data.nullable, "nullable", Limit::Nullable),
            (|data| data.read_only, "readOnly", Limit::ReadOnly),
            (|data| data.write_only, "writeOnly", Limit::WriteOnly),
        ];
        let said = rules.map(|(is_set, key, rule)| {
            let layer = said.layers.iter().find(|layer| is_set(&layer.schema.schema_data))?;
            Some((layer.at.join(key), rule))
        });
        if let [_, Some(_), Some((at, _))] = &said {
            let hint = "keep one of the two: together they leave nobody to send it";
            self.unsupported(at, "`readOnly` and `writeOnly` at once", hint);
        }
        let said = said.into_iter().flatten();
        said.map(|(at, limit)| self.sourced(limit, &at)).collect()
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

    /// The presence of a field that is said to be required at `pointer`. What is only inferred has to say
    /// that it obliges.
    pub(super) fn required(&mut self, name: &str, pointer: &Pointer) -> Presence {
        let confidence = self.confidence(pointer);
        if confidence == Confidence::Inferred {
            if self.document.evidence(pointer).is_some_and(|evidence| evidence.obliges) {
                self.obliged.extend(self.document.action(pointer));
            } else {
                let message = format!("`{name}` is required by inference only");
                let hint = "say it in `x-alipay-required`; where to leave the field out costs more \
                            than to give it for nothing, put `x-obliges: true` on the action";
                self.error("inferred-requirement", pointer, message, hint);
            }
        }
        Presence::Required(confidence)
    }
}

/// What lists hold at the bottom, as far as it is written in them, with its place.
fn innermost<'s>(schema: &'s Schema, at: &Pointer) -> (&'s Schema, Pointer) {
    let (mut schema, mut at) = (schema, at.clone());
    while let SchemaKind::Type(Type::Array(array)) = &schema.schema_kind
        && let Some(ReferenceOr::Item(items)) = &array.items
    {
        (schema, at) = (items, at.join("items"));
    }
    (schema, at)
}

/// Whether a schema says that its values are personal data or secrets.
fn is_secret(schema: &Schema) -> bool {
    let password = VariantOrUnknownOrEmpty::Item(StringFormat::Password);
    is_true(&schema.schema_data.extensions, "x-alipay-sensitive")
        || matches!(&schema.schema_kind, SchemaKind::Type(Type::String(text)) if text.format == password)
}

/// Adds what is said of parts to what is said of the whole.
fn add_docs(docs: &mut Docs, more: Docs) {
    docs.title = docs.title.take().or(more.title);
    match (&mut docs.description, more.description) {
        (Some(own), Some(more)) => *own = format!("{own}\n\nEach of them: {more}"),
        (own, more) => {
            if own.is_none() && more.is_some() {
                (*own, docs.confidence) = (more, docs.confidence);
            }
        }
    }
}

fn extensions<'l>(layer: &'l Layer<'_>) -> &'l Extensions {
    extensions_of(layer.schema)
}

fn extensions_of(schema: &Schema) -> &Extensions {
    &schema.schema_data.extensions
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
        docs: Docs::default(),
        origin,
    }
}
