//! Which items share a file, and so a scope. This is decided before there are names; `files` lists the
//! files with their paths afterwards.

use std::collections::{BTreeSet, HashMap};

use crate::names::{reserved, words};
use alipay_openapi::{
    diag::{Diagnostic, Sink},
    ir::{Api, Field, Operation, Place, Role, Safety, Struct, Ty, TypeId},
};

/// The file an item lives in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Home {
    /// The file of an operation: numbers of its group and of the operation in it.
    Operation(usize, usize),
    /// `messages.rs`.
    Messages,
    /// A family of shared types: the name of its module.
    Family(String),
    /// The open enums that several files use.
    Enums,
}

/// Where the types of an API live, by their numbers in the [`Api`].
#[derive(Debug)]
pub struct Layout<'a> {
    /// The home of each struct.
    pub(crate) structs: Vec<Home>,
    /// The home of each enum.
    pub(crate) enums: Vec<Home>,
    /// What lives in each home.
    members: HashMap<Home, TypeNumbers>,
    /// The groups that need each home. A home that is always needed is not here.
    groups: HashMap<Home, BTreeSet<usize>>,
    /// The fields that hold each struct: numbers of struct and field.
    holders: HashMap<&'a TypeId, Vec<(usize, usize)>>,
    /// The number of each struct.
    struct_numbers: HashMap<&'a TypeId, usize>,
    /// The number of each enum.
    enum_numbers: HashMap<&'a TypeId, usize>,
}

/// The numbers of some types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypeNumbers {
    /// Structs.
    pub(crate) structs: BTreeSet<usize>,
    /// Enums.
    pub(crate) enums: BTreeSet<usize>,
}

impl<'a> Layout<'a> {
    /// Finds a home for everything, and checks that the parts of the API fit together, so that
    /// later stages can rely on it.
    pub fn of(api: &'a Api, sink: &mut Sink) -> Self {
        let operations = operation_numbers(api);
        let structs: Vec<_> =
            api.structs.iter().map(|item| struct_home(item, &operations, sink)).collect();
        let struct_numbers = numbers(api.structs.iter().map(|item| &item.id));
        let enum_numbers = numbers(api.enums.iter().map(|item| &item.id));
        let mut users = vec![BTreeSet::new(); api.enums.len()];
        for (item, home) in api.structs.iter().zip(&structs) {
            for field in &item.fields {
                if let Some(users) = field
                    .ty
                    .innermost_enum()
                    .and_then(|id| enum_numbers.get(id))
                    .and_then(|number| users.get_mut(*number))
                {
                    users.insert(home);
                }
            }
        }
        let enums: Vec<_> = users
            .into_iter()
            .zip(api.enums.iter().map(|item| &item.name))
            .map(|(users, enum_name)| match (users.first(), users.len()) {
                (Some(&home), 1) => home.clone(),
                // A file of its own can be left out when no group in use needs it.
                _ if api.groups.len() > 1 => own_home(enum_name),
                _ => Home::Enums,
            })
            .collect();
        let mut members: HashMap<Home, TypeNumbers> = HashMap::new();
        for (number, home) in structs.iter().enumerate() {
            members.entry(home.clone()).or_default().structs.insert(number);
        }
        for (number, home) in enums.iter().enumerate() {
            members.entry(home.clone()).or_default().enums.insert(number);
        }
        let groups = HashMap::new();
        let holders = holders(api);
        let mut layout =
            Self { structs, enums, members, groups, holders, struct_numbers, enum_numbers };
        layout.check(api, sink);
        layout.groups = layout.groups_by_home(api);
        layout
    }

    /// The homes of types.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.members.keys()
    }

    /// The types that live in a home.
    #[must_use]
    pub(crate) fn members(&self, home: &Home) -> Option<&TypeNumbers> {
        self.members.get(home)
    }

    /// The numbers of the groups that need the types of a home; none when they are always needed.
    pub(crate) fn groups_of(&self, home: &Home) -> impl Iterator<Item = usize> + use<'_> {
        self.groups.get(home).into_iter().flatten().copied()
    }

    /// The fields that hold a struct, alone or in lists and maps: numbers of struct and field.
    pub(crate) fn holders(&self, id: &TypeId) -> &[(usize, usize)] {
        self.holders.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The number of a struct.
    #[must_use]
    pub(crate) fn struct_number(&self, id: &TypeId) -> Option<usize> {
        self.struct_numbers.get(id).copied()
    }

    /// The number of an enum.
    #[must_use]
    pub(crate) fn enum_number(&self, id: &TypeId) -> Option<usize> {
        self.enum_numbers.get(id).copied()
    }

    fn check(&self, api: &Api, sink: &mut Sink) {
        for item in &api.structs {
            for field in &item.fields {
                if let Some(finding) = misplaced_file(field) {
                    sink.push(finding);
                }
                if let Some(id) = self.missing(&field.ty) {
                    sink.push(unknown_type(id).pointer(&field.origin));
                }
            }
            let wires: BTreeSet<_> = item.fields.iter().map(|field| field.wire.as_str()).collect();
            for name in item.required.iter().filter(|name| !wires.contains(name.as_str())) {
                sink.push(unknown_field(name, item));
            }
        }
        for operation in api.groups.iter().flat_map(|group| &group.operations) {
            for id in [&operation.request, &operation.response] {
                if self.struct_number(id).is_none() {
                    sink.push(unknown_type(id).pointer(&operation.origin));
                }
            }
            self.check_key(operation, api, sink);
        }
        for message in &api.messages {
            if self.struct_number(&message.content).is_none() {
                sink.push(unknown_type(&message.content).pointer(&message.origin));
            }
        }
    }

    fn check_key(&self, operation: &Operation, api: &Api, sink: &mut Sink) {
        let Safety::IdempotentBy(key) = &operation.safety else { return };
        let request = self.struct_number(&operation.request).and_then(|n| api.structs.get(n));
        if let Some(request) = request
            && !request.fields.iter().any(|field| field.wire == key.value)
        {
            sink.push(unknown_field(&key.value, request).pointer(&operation.origin));
        }
    }

    /// The groups that reach each home of shared types: a shared type is compiled only when a group in use
    /// reaches it. A home that is not here is needed always: nothing but messages, which belong to no
    /// group, may lead to it.
    fn groups_by_home(&self, api: &Api) -> HashMap<Home, BTreeSet<usize>> {
        let mut reached: HashMap<Home, BTreeSet<usize>> = HashMap::new();
        for (number, group) in api.groups.iter().enumerate() {
            let own = (0..group.operations.len()).map(|o| Home::Operation(number, o)).collect();
            for home in self.reached(api, own) {
                reached.entry(home).or_default().insert(number);
            }
        }
        for home in self.reached(api, vec![Home::Messages]) {
            reached.remove(&home);
        }
        reached
    }

    /// The homes that can be reached from some. A file is compiled as a whole, so all of its types lead
    /// on.
    fn reached(&self, api: &Api, mut waiting: Vec<Home>) -> BTreeSet<Home> {
        let mut reached: BTreeSet<Home> = waiting.iter().cloned().collect();
        while let Some(home) = waiting.pop() {
            let structs = self.members(&home).into_iter().flat_map(|members| &members.structs);
            let structs = structs.filter_map(|number| api.structs.get(*number));
            for field in structs.flat_map(|item| &item.fields) {
                let next = match field.ty.innermost() {
                    Ty::Enum(id) => self.enum_number(id).and_then(|n| self.enums.get(n)),
                    Ty::Struct { id, .. } => {
                        self.struct_number(id).and_then(|n| self.structs.get(n))
                    }
                    _ => None,
                };
                if let Some(next) = next.filter(|next| !reached.contains(*next)) {
                    reached.insert(next.clone());
                    waiting.push(next.clone());
                }
            }
        }
        reached
    }

    fn missing<'t>(&self, ty: &'t Ty) -> Option<&'t TypeId> {
        match ty.innermost() {
            Ty::Enum(id) if self.enum_number(id).is_none() => Some(id),
            Ty::Struct { id, .. } if self.struct_number(id).is_none() => Some(id),
            _ => None,
        }
    }
}

/// Files travel as parts of a multipart body, and nothing else travels so.
fn misplaced_file(field: &Field) -> Option<Diagnostic> {
    let is_file = match &field.ty {
        Ty::List(item) => **item == Ty::File,
        ty => *ty == Ty::File,
    };
    let message = match (field.place, is_file) {
        (Place::File, false) => format!(
            "the part `{}` is neither a file nor a reference to the schema of the part `data`",
            field.wire
        ),
        (Place::Body | Place::Query | Place::Path | Place::Header, _)
            if *field.ty.innermost() == Ty::File =>
        {
            format!("`{}` is a file outside a multipart body", field.wire)
        }
        _ => return None,
    };
    Some(Diagnostic::error("unsupported-file-part", message).pointer(&field.origin).hint(
        "the parts of an upload are files (`format: binary`), lists of files, and a reference to the schema of what is not a file",
    ))
}

fn unknown_type(id: &TypeId) -> Diagnostic {
    Diagnostic::error("missing-type", format!("there is no type {id}"))
}

fn unknown_field(name: &str, item: &Struct) -> Diagnostic {
    Diagnostic::error("missing-field", format!("`{}` has no field `{name}`", item.upstream_name))
        .pointer(&item.id)
}

fn numbers<'a>(ids: impl Iterator<Item = &'a TypeId>) -> HashMap<&'a TypeId, usize> {
    ids.enumerate().map(|(number, id)| (id, number)).collect()
}

fn holders(api: &Api) -> HashMap<&TypeId, Vec<(usize, usize)>> {
    let mut holders: HashMap<_, Vec<_>> = HashMap::new();
    for (number, item) in api.structs.iter().enumerate() {
        for (position, field) in item.fields.iter().enumerate() {
            if let Some(id) = field.ty.innermost_struct() {
                holders.entry(id).or_default().push((number, position));
            }
        }
    }
    holders
}

fn operation_numbers(api: &Api) -> HashMap<&str, Home> {
    let mut numbers = HashMap::new();
    for (g, group) in api.groups.iter().enumerate() {
        for (o, operation) in group.operations.iter().enumerate() {
            numbers.insert(operation.id.as_str(), Home::Operation(g, o));
        }
    }
    numbers
}

fn struct_home(item: &Struct, operations: &HashMap<&str, Home>, sink: &mut Sink) -> Home {
    match &item.role {
        Role::Request(operation) | Role::Response(operation) => {
            operations.get(operation.as_str()).cloned().unwrap_or_else(|| {
                let message = format!("there is no operation `{operation}`");
                sink.push(Diagnostic::error("missing-operation", message).pointer(&item.id));
                Home::Enums
            })
        }
        Role::Message(_) => Home::Messages,
        Role::Shared { .. } => {
            let name =
                item.module.as_ref().or(item.pinned_name.as_ref()).unwrap_or(&item.upstream_name);
            match words::snake(name) {
                Some(module) => Home::Family(reserved::escape_module(module)),
                None => {
                    sink.push(
                        Diagnostic::error("bad-name", format!("no module can be called `{name}`"))
                            .pointer(&item.id)
                            .hint("name the module with x-rust-module in the overlay"),
                    );
                    Home::Enums
                }
            }
        }
    }
}

/// The home of an enum that several files use, in a crate of several groups.
fn own_home(name: &str) -> Home {
    words::snake(name).map_or(Home::Enums, |module| Home::Family(reserved::escape_module(module)))
}
