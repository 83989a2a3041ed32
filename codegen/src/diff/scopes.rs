//! Where changes are listed: with the operation or message that alone has the item, or among shared types.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use alipay_openapi::ir::{Api, Role, TypeId};

use super::change::{Scope, Section};
use crate::{layout::Layout, named::NamedApi};

/// The scopes of the types of a description, by their numbers.
#[derive(Debug)]
pub(super) struct Scopes {
    pub(super) structs: Vec<Scope>,
    pub(super) enums: Vec<Scope>,
}

impl Scope {
    pub(super) fn operation(tag: &str, id: &str) -> Self {
        Self { section: Section::Group(tag.to_owned()), entry: id.to_owned(), used_by: Vec::new() }
    }

    pub(super) fn group(tag: &str) -> Self {
        Self::operation(tag, tag)
    }

    pub(super) fn message(name: &str) -> Self {
        Self { section: Section::Messages, entry: name.to_owned(), used_by: Vec::new() }
    }

    pub(super) fn gateway() -> Self {
        let entry = "the gateway".to_owned();
        Self { section: Section::Gateway, entry, used_by: Vec::new() }
    }
}

impl Scopes {
    pub(super) fn of(named: &NamedApi<'_>) -> Self {
        let api = named.api;
        let mut users = BTreeMap::new();
        let mut reach = Reach::of(api, named.layout);
        for group in &api.groups {
            for operation in &group.operations {
                users.insert(operation.id.as_str(), Scope::operation(&group.tag, &operation.id));
                reach.from(&operation.id, &[&operation.request, &operation.response]);
            }
        }
        for message in &api.messages {
            users.insert(&message.name, Scope::message(&message.name));
            reach.from(&message.name, &[&message.content]);
        }
        let shared = |name: &str, used_by: &BTreeSet<&str>| {
            let only = (used_by.len() == 1).then(|| used_by.first()).flatten();
            only.and_then(|user| users.get(user).cloned()).unwrap_or_else(|| Scope {
                section: Section::SharedTypes,
                entry: name.to_owned(),
                used_by: used_by.iter().map(|user| (*user).to_owned()).collect(),
            })
        };
        let structs = api.structs.iter().zip(&reach.structs).map(|(item, used_by)| {
            let user = match &item.role {
                Role::Request(user) | Role::Response(user) | Role::Message(user) => {
                    users.get(user.as_str()).cloned()
                }
                Role::Shared { .. } => None,
            };
            user.unwrap_or_else(|| shared(&item.upstream_name, used_by))
        });
        let enums = api.enums.iter().zip(&reach.enums);
        Self {
            structs: structs.collect(),
            enums: enums.map(|(item, used_by)| shared(&item.name, used_by)).collect(),
        }
    }
}

/// Which operations and messages reach each type.
struct Reach<'a> {
    api: &'a Api,
    layout: &'a Layout<'a>,
    structs: Vec<BTreeSet<&'a str>>,
    enums: Vec<BTreeSet<&'a str>>,
}

impl<'a> Reach<'a> {
    fn of(api: &'a Api, layout: &'a Layout<'a>) -> Self {
        let structs = vec![BTreeSet::new(); api.structs.len()];
        Self { api, layout, structs, enums: vec![BTreeSet::new(); api.enums.len()] }
    }

    fn from(&mut self, user: &'a str, types: &[&TypeId]) {
        let number = |id: &TypeId| self.layout.struct_number(id);
        let mut open: Vec<usize> = types.iter().copied().filter_map(number).collect();
        let mut seen = HashSet::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            self.structs.get_mut(at).map(|users| users.insert(user));
            for field in self.api.structs.get(at).into_iter().flat_map(|item| &item.fields) {
                open.extend(field.ty.innermost_struct().and_then(number));
                let values = field.ty.innermost_enum();
                let values = values.and_then(|id| self.layout.enum_number(id));
                values.and_then(|at| self.enums.get_mut(at)).map(|users| users.insert(user));
            }
        }
    }
}
