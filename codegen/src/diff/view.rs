//! One of the two descriptions, as the comparison looks at it.

use std::collections::HashMap;

use alipay_openapi::{
    ir::{Role, Struct},
    overlay::Document,
    pointer::Pointer,
};

use super::change::{Position, Sides};
use crate::named::{NamedApi, NamedEnum, NamedStruct};

#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    pub(super) api: NamedApi<'a>,
}

impl View<'_> {
    pub(super) fn position(&self, pointer: &Pointer) -> Position {
        Position { pointer: pointer.clone(), location: Some(self.document.locate(pointer)) }
    }

    pub(super) fn struct_path(&self, item: NamedStruct<'_>) -> String {
        self.api.path(item.home, &item.names.name)
    }

    pub(super) fn enum_path(&self, item: NamedEnum<'_>) -> String {
        self.api.path(item.home, &item.names.name)
    }

    /// On which sides each enum travels.
    pub(super) fn enum_sides(&self) -> HashMap<usize, Sides> {
        let mut sides: HashMap<usize, Sides> = HashMap::new();
        for item in &self.api.api.structs {
            let enums = item.fields.iter().filter_map(|field| field.ty.innermost_enum());
            for number in enums.filter_map(|id| self.api.layout.enum_number(id)) {
                let known = sides.entry(number).or_default();
                *known = known.or(sides_of(&item.role));
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
