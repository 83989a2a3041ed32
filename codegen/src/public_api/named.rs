//! The Rust paths and types of an API's items, as text.

use crate::{
    layout::{Home, Layout},
    names::Names,
};
use alipay_openapi::ir::{Api, Field, Ty, TypeId};

/// The type of idempotency keys.
const KEY: &str = "IdempotencyKey";

/// An API with its names: everything a signature is made of.
#[derive(Clone, Copy, Debug)]
pub struct NamedApi<'a> {
    /// The items.
    pub api: &'a Api,
    /// Where they live.
    pub layout: &'a Layout<'a>,
    /// What they are called.
    pub names: &'a Names,
}

impl NamedApi<'_> {
    /// A path below the module of a group.
    #[must_use]
    pub fn in_group(&self, group: usize, rest: &[&str]) -> String {
        let path = self.names.groups.get(group).map(|names| names.path.as_slice());
        let segments = path.unwrap_or_default().iter().map(String::as_str);
        segments.chain(rest.iter().copied()).collect::<Vec<_>>().join("::")
    }

    /// The path of the struct with a group's calls.
    #[must_use]
    pub fn api_path(&self, group: usize) -> String {
        let name = self.names.groups.get(group).map_or("", |names| names.api.as_str());
        self.in_group(group, &[name])
    }

    /// The path of a struct by its number.
    #[must_use]
    pub fn struct_path(&self, number: usize) -> String {
        let name = self.names.structs.get(number).map_or("", |names| names.name.as_str());
        self.type_path(self.layout.structs.get(number), name)
    }

    /// The path of an enum by its number.
    #[must_use]
    pub fn enum_path(&self, number: usize) -> String {
        let name = self.names.enums.get(number).map_or("", |names| names.name.as_str());
        self.type_path(self.layout.enums.get(number), name)
    }

    /// The path of a struct by its identity.
    #[must_use]
    pub fn struct_path_of(&self, id: &TypeId) -> String {
        self.layout.struct_number(id).map_or_else(|| id.to_string(), |n| self.struct_path(n))
    }

    fn type_path(&self, home: Option<&Home>, name: &str) -> String {
        match home {
            Some(Home::Operation(group, _)) => self.in_group(*group, &["models", name]),
            Some(Home::Messages) => format!("messages::{name}"),
            _ => format!("models::{name}"),
        }
    }

    /// The type of a field.
    #[must_use]
    pub fn field_type(&self, field: &Field) -> String {
        let ty = self.present_type(field);
        if field.is_required() { ty } else { format!("Option<{ty}>") }
    }

    /// The type of a field that is there.
    #[must_use]
    pub fn present_type(&self, field: &Field) -> String {
        if field.is_key { KEY.to_owned() } else { self.type_text(&field.ty) }
    }

    /// The type of a value.
    #[must_use]
    pub fn type_text(&self, ty: &Ty) -> String {
        match ty {
            Ty::Text => "String".to_owned(),
            Ty::File => "File".to_owned(),
            Ty::Boolean => "bool".to_owned(),
            Ty::Integer => "i64".to_owned(),
            Ty::Float => "f64".to_owned(),
            Ty::Json => "Json".to_owned(),
            Ty::Map(value) => format!("BTreeMap<String, {}>", self.type_text(value)),
            Ty::Yuan => "Yuan".to_owned(),
            Ty::Decimal => "Decimal".to_owned(),
            Ty::LocalDateTime => "LocalDateTime".to_owned(),
            Ty::LocalDate => "LocalDate".to_owned(),
            Ty::LocalTime => "LocalTime".to_owned(),
            Ty::JsonText(inner) => format!("JsonText<{}>", self.type_text(inner)),
            Ty::List(item) => format!("Vec<{}>", self.type_text(item)),
            Ty::Enum(id) => {
                let number = self.layout.enum_number(id);
                number.map_or_else(|| id.to_string(), |number| self.enum_path(number))
            }
            Ty::Struct { id, boxed } => {
                let path = self.struct_path_of(id);
                if *boxed { format!("Box<{path}>") } else { path }
            }
        }
    }

    /// The type of the parameter that takes a field.
    #[must_use]
    pub fn parameter_of(&self, field: &Field) -> String {
        if field.is_key { KEY.to_owned() } else { self.parameter_type(&field.ty) }
    }

    fn parameter_type(&self, ty: &Ty) -> String {
        match ty {
            Ty::Text => "impl Into<String>".to_owned(),
            Ty::List(item) => format!("impl IntoIterator<Item = {}>", self.parameter_type(item)),
            Ty::Map(value) => {
                let value = self.parameter_type(value);
                format!("impl IntoIterator<Item = (impl Into<String>, {value})>")
            }
            Ty::JsonText(inner) => self.parameter_type(inner),
            Ty::Struct { id, .. } => self.struct_path_of(id),
            ty => self.type_text(ty),
        }
    }
}
