//! An API with its names: where each item is found, and how Rust code writes its path and its type.

use std::collections::BTreeMap;

use alipay_openapi::ir::{
    Api, Confidence, Field, Group, Method, OpenEnum, Operation, Safety, Struct, Ty, TypeId, Waiter,
};

use crate::{
    layout::{Home, Layout},
    names::{EnumNames, GroupNames, Names, OperationNames, StructNames, WaiterNames},
};

/// The path of the gateway's codes.
pub(crate) const COMMON_CODES: &str = "models::CommonErrorCode";

/// An API with its names.
#[derive(Clone, Copy, Debug)]
pub struct NamedApi<'a> {
    /// The items.
    pub api: &'a Api,
    /// Where they live.
    pub layout: &'a Layout<'a>,
    /// What they are called.
    pub names: &'a Names,
    /// The paths of those that are types of another crate, and their paths there, with the crate.
    pub(crate) elsewhere: &'a BTreeMap<String, String>,
}

/// A type with its names and its home.
#[derive(Debug)]
pub(crate) struct Named<'a, T, N> {
    pub(crate) item: &'a T,
    pub(crate) names: &'a N,
    pub(crate) home: &'a Home,
}

impl<T, N> Clone for Named<'_, T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, N> Copy for Named<'_, T, N> {}

pub(crate) type NamedStruct<'a> = Named<'a, Struct, StructNames>;
pub(crate) type NamedEnum<'a> = Named<'a, OpenEnum, EnumNames>;

/// An operation with its names and those of its group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedOperation<'a> {
    pub(crate) group: &'a GroupNames,
    pub(crate) item: &'a Operation,
    pub(crate) names: &'a OperationNames,
}

impl<'a> NamedOperation<'a> {
    /// The path of the method that calls it.
    pub(crate) fn method_path(&self) -> String {
        below(&self.group.path, &format!("{}::{}", self.group.api, self.names.method))
    }

    /// The path of the enum of its error codes.
    pub(crate) fn codes_path(&self) -> String {
        below(&self.group.path, &format!("models::{}", self.names.codes.name))
    }

    /// What can be waited for by asking it, with the names.
    pub(crate) fn waiters(&self) -> impl Iterator<Item = NamedWaiter<'a>> + use<'a> {
        let operation = *self;
        let pairs = self.item.waiters.iter().zip(&self.names.waiters);
        pairs.map(move |(item, names)| NamedWaiter { operation, item, names })
    }

    /// The path of its marker type.
    pub(crate) fn marker_path(&self) -> String {
        below(&self.group.path, &format!("operations::{}", self.names.marker))
    }

    /// What the runtime has to be told of a repeat, where the method does not say it: a variant of its
    /// `Safety`.
    pub(crate) fn safety(&self) -> Option<&'static str> {
        let usual = if self.item.method == Method::Get { "ReadOnly" } else { "Unsafe" };
        let said = safety_without_key(&self.item.safety);
        (said != usual && self.key().is_none()).then_some(said)
    }

    /// The field that makes it idempotent.
    pub(crate) fn key(&self) -> Option<&str> {
        match &self.item.safety {
            Safety::IdempotentBy(key) => Some(&key.value),
            Safety::ReadOnly(_) | Safety::Unsafe(_) | Safety::Unknown => None,
        }
    }
}

/// The variant of the runtime's `Safety` for a request whose idempotency key is not known. A read that is only
/// inferred may be repeated, but proves nothing when it fails.
pub(crate) fn safety_without_key(safety: &Safety) -> &'static str {
    match safety {
        Safety::ReadOnly(Confidence::Inferred) => "Idempotent",
        Safety::ReadOnly(_) => "ReadOnly",
        Safety::IdempotentBy(_) | Safety::Unsafe(_) | Safety::Unknown => "Unsafe",
    }
}

/// Something that can be waited for, with its names and the operation that is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedWaiter<'a> {
    pub(crate) operation: NamedOperation<'a>,
    pub(crate) item: &'a Waiter,
    pub(crate) names: &'a WaiterNames,
}

impl NamedWaiter<'_> {
    /// The path of the method that waits.
    pub(crate) fn method_path(&self) -> String {
        let group = self.operation.group;
        below(&group.path, &format!("{}::{}", group.api, self.names.method))
    }

    /// The path of the enum of the ways in which it fails.
    pub(crate) fn failure_path(&self) -> String {
        below(&self.operation.group.path, &format!("models::{}", self.names.failure.name))
    }
}

/// A name that stands in a Rust type.
#[derive(Clone, Copy)]
pub(crate) enum TypeName<'a> {
    /// A type of the standard library, by its path.
    Std(&'static str),
    /// A value type of the runtime.
    Runtime(&'static str),
    /// A generated type.
    Generated(&'a Home, &'a str),
}

/// Says how a name is written where the type stands: with its path, or short and imported.
pub(crate) type Spelling<'s> = &'s mut dyn FnMut(TypeName<'_>) -> String;

impl<'a> NamedApi<'a> {
    /// An API all types of which are its own.
    #[must_use]
    pub fn new(api: &'a Api, layout: &'a Layout<'a>, names: &'a Names) -> Self {
        static NOWHERE: BTreeMap<String, String> = BTreeMap::new();
        Self { api, layout, names, elsewhere: &NOWHERE }
    }

    pub(crate) fn struct_at(&self, number: usize) -> Option<NamedStruct<'a>> {
        Some(Named {
            item: self.api.structs.get(number)?,
            names: self.names.structs.get(number)?,
            home: self.layout.structs.get(number)?,
        })
    }

    pub(crate) fn enum_at(&self, number: usize) -> Option<NamedEnum<'a>> {
        Some(Named {
            item: self.api.enums.get(number)?,
            names: self.names.enums.get(number)?,
            home: self.layout.enums.get(number)?,
        })
    }

    pub(crate) fn structure(&self, id: &TypeId) -> Option<NamedStruct<'a>> {
        self.struct_at(self.layout.struct_number(id)?)
    }

    pub(crate) fn open_enum(&self, id: &TypeId) -> Option<NamedEnum<'a>> {
        self.enum_at(self.layout.enum_number(id)?)
    }

    pub(crate) fn structs(&self) -> impl Iterator<Item = NamedStruct<'a>> + use<'a> {
        let this = *self;
        (0..self.api.structs.len()).filter_map(move |number| this.struct_at(number))
    }

    pub(crate) fn enums(&self) -> impl Iterator<Item = NamedEnum<'a>> + use<'a> {
        let this = *self;
        (0..self.api.enums.len()).filter_map(move |number| this.enum_at(number))
    }

    /// The structs that live in a home.
    pub(crate) fn structs_of(
        &self,
        home: &Home,
    ) -> impl Iterator<Item = NamedStruct<'a>> + use<'a> {
        let (this, members) = (*self, self.layout.members(home));
        let numbers = members.into_iter().flat_map(|members| &members.structs);
        let items = numbers.filter_map(move |number| this.struct_at(*number));
        items.filter(move |item| this.elsewhere(item.home, &item.names.name).is_none())
    }

    /// Where a type is defined, if that is another crate.
    pub(crate) fn elsewhere(&self, home: &Home, name: &str) -> Option<&'a str> {
        self.elsewhere.get(&self.path(home, name)).map(String::as_str)
    }

    /// The enums that live in a home.
    pub(crate) fn enums_of(&self, home: &Home) -> impl Iterator<Item = NamedEnum<'a>> + use<'a> {
        let (this, members) = (*self, self.layout.members(home));
        let numbers = members.into_iter().flat_map(|members| &members.enums);
        let items = numbers.filter_map(move |number| this.enum_at(*number));
        items.filter(move |item| this.elsewhere(item.home, &item.names.name).is_none())
    }

    /// The fields that hold a struct, such as `PayRequest.pay_params`; in a group's module, with its path.
    pub(crate) fn holders(&self, id: &TypeId) -> impl Iterator<Item = String> + use<'a> {
        let this = *self;
        self.layout.holders(id).iter().filter_map(move |(number, position)| {
            let item = this.struct_at(*number)?;
            let module = match item.home {
                Home::Operation(group, _) => this.names.groups.get(*group)?.path.as_slice(),
                Home::Messages | Home::Family(_) | Home::Enums => &[],
            };
            let field = item.names.fields.get(*position)?;
            Some(below(module, &format!("{}.{field}", item.names.name)))
        })
    }

    pub(crate) fn group(&self, number: usize) -> Option<(&'a Group, &'a GroupNames)> {
        Some((self.api.groups.get(number)?, self.names.groups.get(number)?))
    }

    /// The operations of a group.
    pub(crate) fn operations(
        &self,
        group: usize,
    ) -> impl Iterator<Item = NamedOperation<'a>> + use<'a> {
        self.group(group).into_iter().flat_map(|(item, group)| {
            let pairs = item.operations.iter().zip(&group.operations);
            pairs.map(move |(item, names)| NamedOperation { group, item, names })
        })
    }

    /// The operations of all groups.
    pub(crate) fn all_operations(&self) -> impl Iterator<Item = NamedOperation<'a>> + use<'a> {
        let this = *self;
        (0..self.api.groups.len()).flat_map(move |group| this.operations(group))
    }

    /// The public path of a type.
    pub(crate) fn path(&self, home: &Home, name: &str) -> String {
        let group = match home {
            Home::Operation(group, _) => self.names.groups.get(*group),
            Home::Messages => return format!("messages::{name}"),
            Home::Family(_) | Home::Enums => None,
        };
        let group = group.map(|names| names.path.as_slice());
        below(group.unwrap_or_default(), &format!("models::{name}"))
    }

    /// The path of the struct with a group's calls.
    pub(crate) fn api_path(&self, group: usize) -> String {
        let names = self.names.groups.get(group);
        names.map(|names| below(&names.path, &names.api)).unwrap_or_default()
    }

    /// The path of a struct by its identity.
    pub(crate) fn struct_path_of(&self, id: &TypeId) -> String {
        let found = self.structure(id);
        found.map_or_else(|| id.to_string(), |found| self.path(found.home, &found.names.name))
    }

    /// The Rust names of the fields on the way along a path of wire names, and the last of them.
    pub(crate) fn follow(&self, from: &TypeId, path: &str) -> Option<(Vec<&'a str>, &'a Field)> {
        let way = self.api.follow(from, path).ok()?;
        let (_, last) = way.last().copied()?;
        let names = way.into_iter().map(|(item, field)| {
            let found = self.structure(&item.id)?;
            let number = item.fields.iter().position(|other| std::ptr::eq(other, field))?;
            found.names.fields.get(number).map(String::as_str)
        });
        Some((names.collect::<Option<Vec<_>>>()?, last))
    }

    /// The path of the enum of messages.
    pub(crate) fn messages_path(&self) -> String {
        format!("messages::{}", self.names.message_enum)
    }

    /// A name as the public API writes it: generated types with their paths.
    pub(crate) fn spell(&self, name: TypeName<'_>) -> String {
        match name {
            TypeName::Std(path) => last(path).to_owned(),
            TypeName::Runtime(name) => name.to_owned(),
            TypeName::Generated(home, name) => self.path(home, name),
        }
    }

    /// The type of a field.
    pub(crate) fn field_type(&self, field: &Field, spell: Spelling<'_>) -> String {
        let ty = self.present_type(field, spell);
        if field.is_required() { ty } else { format!("Option<{ty}>") }
    }

    /// The type of a field that is there.
    pub(crate) fn present_type(&self, field: &Field, spell: Spelling<'_>) -> String {
        if field.is_key {
            return spell(TypeName::Runtime("IdempotencyKey"));
        }
        self.value_type(&field.ty, spell)
    }

    /// The type of the parameter that takes a field.
    pub(crate) fn parameter_type(&self, field: &Field, spell: Spelling<'_>) -> String {
        if field.is_key { self.present_type(field, spell) } else { self.taken(&field.ty, spell) }
    }

    fn value_type(&self, ty: &Ty, spell: Spelling<'_>) -> String {
        match ty {
            Ty::Text => "String".to_owned(),
            Ty::Boolean => "bool".to_owned(),
            Ty::Integer => "i64".to_owned(),
            Ty::Float => "f64".to_owned(),
            Ty::File => spell(TypeName::Runtime("File")),
            Ty::Json => spell(TypeName::Runtime("Json")),
            Ty::Yuan => spell(TypeName::Runtime("Yuan")),
            Ty::Decimal => spell(TypeName::Runtime("Decimal")),
            Ty::LocalDateTime => spell(TypeName::Runtime("LocalDateTime")),
            Ty::LocalDate => spell(TypeName::Runtime("LocalDate")),
            Ty::LocalTime => spell(TypeName::Runtime("LocalTime")),
            Ty::JsonText(inner) => {
                let outer = spell(TypeName::Runtime("JsonText"));
                format!("{outer}<{}>", self.value_type(inner, spell))
            }
            Ty::List(item) => format!("Vec<{}>", self.value_type(item, spell)),
            Ty::Map(value) => {
                let map = spell(TypeName::Std("std::collections::BTreeMap"));
                format!("{map}<String, {}>", self.value_type(value, spell))
            }
            Ty::Enum(id) => match self.open_enum(id) {
                Some(found) => spell(TypeName::Generated(found.home, &found.names.name)),
                None => id.to_string(),
            },
            Ty::Struct { id, boxed } => {
                let name = self.struct_type(id, spell);
                if *boxed { format!("Box<{name}>") } else { name }
            }
        }
    }

    fn struct_type(&self, id: &TypeId, spell: Spelling<'_>) -> String {
        match self.structure(id) {
            Some(found) => spell(TypeName::Generated(found.home, &found.names.name)),
            None => id.to_string(),
        }
    }

    /// The type of the parameter that takes a value.
    fn taken(&self, ty: &Ty, spell: Spelling<'_>) -> String {
        match ty {
            Ty::Text => "impl Into<String>".to_owned(),
            Ty::List(item) => format!("impl IntoIterator<Item = {}>", self.taken(item, spell)),
            Ty::Map(value) => {
                let value = self.taken(value, spell);
                format!("impl IntoIterator<Item = (impl Into<String>, {value})>")
            }
            Ty::JsonText(inner) => self.taken(inner, spell),
            Ty::Struct { id, .. } => self.struct_type(id, spell),
            ty => self.value_type(ty, spell),
        }
    }
}

/// A path below the segments of another.
pub(crate) fn below(path: &[String], rest: &str) -> String {
    path.iter().map(String::as_str).chain([rest]).collect::<Vec<_>>().join("::")
}

/// The last segment of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}

/// Method and path as HTTP writes them: `POST /v3/…`.
pub(crate) fn http_line(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}
