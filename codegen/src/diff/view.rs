//! One of the two descriptions, as the comparison looks at it.

use std::collections::HashMap;

use super::change::{Sides, Spot};
use crate::{layout::Layout, names::Names, public_api::NamedApi};
use alipay_openapi::{
    ir::{Api, Role, Struct},
    overlay::Document,
    pointer::Pointer,
};

#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    pub(super) surface: NamedApi<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        document: &'a Document,
        api: &'a Api,
        layout: &'a Layout<'a>,
        names: &'a Names,
    ) -> Self {
        Self { document, surface: NamedApi { api, layout, names } }
    }

    pub(super) fn api(&self) -> &'a Api {
        self.surface.api
    }

    pub(super) fn spot(&self, pointer: &Pointer) -> Spot {
        Spot { pointer: pointer.clone(), location: Some(self.document.locate(pointer)) }
    }

    pub(super) fn structure(&self, number: usize) -> Option<&'a Struct> {
        self.surface.api.structs.get(number)
    }

    /// The path of a field.
    pub(super) fn field_path(&self, structure: usize, field: usize) -> String {
        let names = self.surface.names.structs.get(structure);
        let name = names.and_then(|names| names.fields.get(field)).map_or("", String::as_str);
        format!("{}::{name}", self.surface.struct_path(structure))
    }

    /// The path of a value of an enum.
    pub(super) fn variant_path(&self, number: usize, value: usize) -> String {
        let names = self.surface.names.enums.get(number);
        let name = names.and_then(|names| names.variants.get(value)).map_or("", String::as_str);
        format!("{}::{name}", self.surface.enum_path(number))
    }

    /// On which sides each enum travels.
    pub(super) fn enum_sides(&self) -> HashMap<usize, Sides> {
        let mut sides: HashMap<usize, Sides> = HashMap::new();
        for item in &self.surface.api.structs {
            for field in &item.fields {
                let number =
                    field.ty.innermost_enum().and_then(|id| self.surface.layout.enum_number(id));
                if let Some(number) = number {
                    let known = sides.entry(number).or_default();
                    *known = known.or(sides_of(&item.role));
                }
            }
        }
        sides
    }
}

/// On which sides a struct travels.
pub(super) fn sides_of(role: &Role) -> Sides {
    match role {
        Role::Request(_) => Sides { request: true, response: false },
        Role::Response(_) | Role::Message(_) => Sides::RESPONSE,
        Role::Shared { in_request, in_response } => {
            Sides { request: *in_request, response: *in_response }
        }
    }
}

/// What a struct is, whatever its place and name in the other description: which operation's request,
/// say.
pub(super) fn key_of(item: &Struct) -> String {
    match &item.role {
        Role::Request(operation) => format!("request {operation}"),
        Role::Response(operation) => format!("response {operation}"),
        Role::Message(message) => format!("message {message}"),
        Role::Shared { .. } => format!("schema {}", item.upstream_name),
    }
}
