//! A Rust name for every item of the [`ir`](alipay_openapi::ir).
//!
//! Names follow from those in the description by fixed rules; the overlay may pin a name where a rule
//! makes a bad one. Two items of one scope that would get the same name are an error, never a silent
//! suffix; so is a name that is not the one in `names.lock`.

pub mod lock;
pub mod reserved;
pub mod words;

mod groups;
mod scope;

pub use groups::{outside, prefix, segments};

use std::collections::HashMap;

use crate::{
    layout::{Home, Layout},
    names::{
        lock::Lock,
        scope::{Claims, NamedBy},
    },
};
use alipay_openapi::{
    diag::{Diagnostic, Sink},
    ir::{Api, CodeSet, Field, OpenEnum, Operation, Role, Struct, Waiter},
    load::Source,
    pointer::Pointer,
};

/// The names of everything in an [`Api`], in its order.
#[derive(Debug)]
pub struct Names {
    /// Structs.
    pub(crate) structs: Vec<StructNames>,
    /// Open enums.
    pub(crate) enums: Vec<EnumNames>,
    /// Groups.
    pub(crate) groups: Vec<GroupNames>,
    /// The variants of the gateway's codes.
    pub(crate) common_codes: Vec<String>,
    /// The enum of all messages.
    pub(crate) message_enum: String,
    /// Its variants.
    pub(crate) messages: Vec<String>,
    /// The new lock.
    pub(crate) lock: Lock,
}

/// The names of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StructNames {
    /// The struct.
    pub(crate) name: String,
    /// Its fields.
    pub(crate) fields: Vec<String>,
    /// The struct of its required parts, if there are many.
    pub(crate) parts: Option<String>,
}

/// The names of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnumNames {
    /// The enum.
    pub(crate) name: String,
    /// Its known values.
    pub(crate) variants: Vec<String>,
}

/// The names of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupNames {
    /// The segments of its module's path; none when it is the root.
    pub(crate) path: Vec<String>,
    /// The struct with its calls, for example `VoucherApi`.
    pub(crate) api: String,
    /// Its operations.
    pub(crate) operations: Vec<OperationNames>,
}

impl GroupNames {
    /// The cargo feature that turns the group on; none when it is the root.
    #[must_use]
    pub(crate) fn feature(&self) -> Option<String> {
        let segments: Vec<_> =
            self.path.iter().map(|segment| segment.trim_end_matches('_')).collect();
        (!segments.is_empty()).then(|| reserved::escape_feature(segments.join("-")))
    }
}

/// The names of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OperationNames {
    /// The method and the module.
    pub(crate) method: String,
    /// What the names of its types begin with, for example `Create`.
    pub(crate) stem: String,
    /// The marker type.
    pub(crate) marker: String,
    /// The enum of its codes.
    pub(crate) codes: EnumNames,
    /// What can be waited for by asking it.
    pub(crate) waiters: Vec<WaiterNames>,
}

/// The names of a waiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaiterNames {
    /// The method.
    pub(crate) method: String,
    /// The enum of the ways in which it fails.
    pub(crate) failure: EnumNames,
}

/// Names everything. Module paths leave out `prefix`; by default it is what [`prefix`] finds. `old_lock` is
/// the content of `names.lock`, if there is one.
///
/// `None` after an error, which is in `sink`.
#[must_use]
pub fn resolve(
    api: &Api,
    layout: &Layout<'_>,
    prefix: Option<&str>,
    old_lock: Option<&Source>,
    sink: &mut Sink,
) -> Option<Names> {
    let mut namer = Namer {
        api,
        sink,
        claims: Claims::default(),
        lock: Lock::default(),
        nameless: HashMap::new(),
    };
    let shared = groups::prefix(api.groups.iter().map(|group| group.tag.as_str()));
    let prefix = prefix.unwrap_or(&shared);
    let groups = namer.groups(prefix);
    if groups.len() < api.groups.len() {
        // Types are found by the number of their group, and one has no place.
        return None;
    }
    let structs = api.structs.iter().zip(&layout.structs);
    let structs = structs.map(|(item, home)| namer.structure(item, home, &groups)).collect();
    let enums = api.enums.iter().zip(&layout.enums);
    let enums = enums.map(|(item, home)| namer.open_enum(item, home, &groups)).collect();
    let common_codes = namer.common_codes();
    let message_enum = namer.message_enum(prefix);
    let messages = namer.messages(&message_enum);
    let Namer { claims, lock, nameless, .. } = namer;
    claims.check(sink);
    if let Some(source) = old_lock {
        let old = Lock::parse(source, sink);
        // What has no name would be reported as renamed as well.
        if nameless.is_empty() {
            lock.compare(&old, &source.name, sink);
        }
    }
    (!sink.has_errors()).then_some(Names {
        structs,
        enums,
        groups,
        common_codes,
        message_enum,
        messages,
        lock,
    })
}

struct Namer<'a> {
    api: &'a Api,
    sink: &'a mut Sink,
    claims: Claims,
    lock: Lock,
    /// The names used where none can be made, by item and string: each is reported once.
    nameless: HashMap<(Pointer, String), String>,
}

impl Namer<'_> {
    fn groups(&mut self, prefix: &str) -> Vec<GroupNames> {
        let alone = self.api.groups.len() == 1;
        let mut groups = Vec::new();
        for group in &self.api.groups {
            let origin = Pointer::root().join("tags").join(&group.tag);
            let Some(path) = groups::segments(&group.tag, prefix, alone) else {
                self.sink.push(groups::outside(&group.tag, prefix).pointer(&origin));
                continue;
            };
            let path: Vec<_> = path
                .into_iter()
                .enumerate()
                .map(|(depth, segment)| match words::snake(segment) {
                    Some(name) if depth == 0 => reserved::escape_root_module(name),
                    Some(name) => reserved::escape_module(name),
                    None => self.nameless(&origin, segment, "rename the tag in the overlay"),
                })
                .collect();
            let scope = path.join("::");
            let last = group.tag.rsplit('.').next().unwrap_or_default();
            let base = self.pascal(last, &origin, "rename the tag in the overlay");
            let api = format!("{}Api", base.trim_end_matches('_'));
            self.claim(&scope, "", &api, &origin, NamedBy::Rule);
            let mut taken = HashMap::new();
            let operations = group
                .operations
                .iter()
                .map(|operation| self.operation(operation, &group.tag, &scope, &api, &mut taken))
                .collect();
            let names = GroupNames { path, api, operations };
            if let Some(feature) = names.feature() {
                self.claims.add("[features]", &feature, &origin, NamedBy::Rule);
            }
            groups.push(names);
        }
        groups
    }

    fn operation(
        &mut self,
        operation: &Operation,
        tag: &str,
        scope: &str,
        api: &str,
        taken: &mut HashMap<String, Pointer>,
    ) -> OperationNames {
        const HINT: &str = "give the operation another operationId in the overlay";
        let verb = operation
            .id
            .strip_prefix(tag)
            .and_then(|rest| rest.strip_prefix('.'))
            .or_else(|| operation.id.rsplit('.').next())
            .unwrap_or_default();
        let mut method = match words::snake(verb) {
            Some(name) if matches!(name.as_str(), "new" | "client" | "clone") => name + "_",
            Some(name) => name,
            None => self.nameless(&operation.origin, verb, HINT),
        };
        let mut name = self.pascal(verb, &operation.origin, HINT);
        if let Some(other) = taken.get(&method).or_else(|| taken.get(&name)) {
            // All that is called after the operation would collide, too.
            self.sink.push(scope::collision(&method, other).pointer(&operation.origin).hint(HINT));
            method = self.placeholder(&operation.origin, verb);
            name.clone_from(&method);
        }
        for name in [&method, &name] {
            taken.insert(name.clone(), operation.origin.clone());
        }
        let stem = name.trim_end_matches('_').to_owned();
        let marker = if reserved::is_type(&name) { format!("{stem}Operation") } else { name };
        let codes = format!("{stem}ErrorCode");
        self.claim(scope, "operations", &marker, &operation.origin, NamedBy::Rule);
        let calls = format!("{scope}::{api}");
        self.claims.add_with(&calls, &method, &operation.origin, NamedBy::Rule, HINT);
        self.note(&operation.origin.join("operationId"), &[scope, api, &method]);
        let set = &operation.codes;
        let path = self.claim(scope, "models", &codes, &set.origin, NamedBy::Rule);
        let variants = self.code_variants(set, &path);
        let codes = EnumNames { name: codes, variants };
        let waiters = operation.waiters.iter();
        let waiters = waiters.map(|waiter| self.waiter(waiter, scope, api)).collect();
        OperationNames { method, stem, marker, codes, waiters }
    }

    fn waiter(&mut self, waiter: &Waiter, scope: &str, api: &str) -> WaiterNames {
        const HINT: &str = "give the waiter another name in the overlay";
        let at = &waiter.origin;
        let words = words::snake(&waiter.name).zip(words::pascal(&waiter.name));
        let (method, name) = match words {
            Some((snake, pascal)) => (
                format!("wait_until_{}", snake.trim_end_matches('_')),
                format!("{}Failure", pascal.trim_end_matches('_')),
            ),
            None => {
                let name = self.nameless(at, &waiter.name, HINT);
                (name.clone(), name)
            }
        };
        let calls = format!("{scope}::{api}");
        self.claims.add_with(&calls, &method, at, NamedBy::Rule, HINT);
        self.claims.add_with(scope, &name, at, NamedBy::Rule, HINT);
        self.note(at, &[scope, api, &method]);
        let list = at.join("failure");
        let path = join(&[scope, "models", &name]);
        self.note(&list, &[&path]);
        let failures = waiter.failures.iter();
        let variants = failures.map(|failure| {
            let hint = "give the failure another name in the overlay";
            let name = self.pascal(&failure.name, &failure.origin, hint);
            self.claims.add_with(&path, &name, &failure.origin, NamedBy::Rule, hint);
            // By its name: the number of an entry is not its identity.
            self.note(&list.join(&failure.name), &[&path, &name]);
            name
        });
        WaiterNames { method, failure: EnumNames { name, variants: variants.collect() } }
    }

    fn code_variants(&mut self, set: &CodeSet, path: &str) -> Vec<String> {
        let codes = set.codes.iter();
        let codes = codes.map(|code| (code.wire.as_str(), code.pinned_name.as_deref()));
        self.variants(codes, &set.origin, path)
    }

    /// Names the variants of the enum at a path, each after its whole value or as the overlay says.
    fn variants<'w>(
        &mut self,
        values: impl Iterator<Item = (&'w str, Option<&'w str>)>,
        list: &Pointer,
        path: &str,
    ) -> Vec<String> {
        values
            .map(|(wire, pinned)| {
                let pointer = list.join(wire);
                let by = if pinned.is_some() { NamedBy::Overlay } else { NamedBy::Rule };
                let name = match pinned {
                    Some(pinned) => self.pinned_variant(pinned, wire, &pointer),
                    None => {
                        let hint = format!(
                            "name it in the overlay, beside the list: `{}`; or take it out of the list: \
                             it is still understood then, as an unknown one",
                            named_value(wire)
                        );
                        reserved::escape_variant(self.pascal(wire, &pointer, &hint))
                    }
                };
                let hint = format!(
                    "name one of the values in the overlay, beside the list: `{}`",
                    named_value(wire)
                );
                self.claims.add_with(path, &name, &pointer, by, hint);
                self.lock.insert(pointer, join(&[path, &name]));
                name
            })
            .collect()
    }

    fn pinned_variant(&mut self, name: &str, wire: &str, pointer: &Pointer) -> String {
        if reserved::is_variant(name) {
            let hint = "name it otherwise in `x-enum-names`";
            self.reserved(pointer, name, hint);
            return self.placeholder(pointer, name);
        }
        if words::is_pascal(name) {
            return name.to_owned();
        }
        let hint = format!(
            "`x-enum-names` has it for the value {wire:?}: give a PascalCase name of ASCII letters and digits"
        );
        self.nameless(pointer, name, &hint)
    }

    fn structure(&mut self, item: &Struct, home: &Home, groups: &[GroupNames]) -> StructNames {
        const HINT: &str = "pin another name with x-rust-name in the overlay";
        let operation = operation_of(home, groups);
        let name = match (&item.pinned_name, &item.role, operation) {
            (Some(name), ..) => self.pinned(name, &item.id),
            (None, Role::Request(_), Some(operation)) => {
                format!("{}Request", operation.stem)
            }
            (None, Role::Response(_), Some(operation)) => {
                format!("{}Response", operation.stem)
            }
            (None, Role::Message(message), _) => {
                let last = message.rsplit('.').next().unwrap_or_default();
                let base = self.pascal(last, &item.id, HINT);
                format!("{}Message", base.trim_end_matches('_'))
            }
            _ => reserved::escape_type(self.pascal(&item.upstream_name, &item.id, HINT), "Model"),
        };
        if reserved::is_type(&name) {
            self.reserved(&item.id, &name, HINT);
        }
        let scope = scope_of(home, groups);
        let module = if *home == Home::Messages { "messages" } else { "models" };
        let path =
            self.claim(&scope, module, &name, &item.id, NamedBy::of(item.pinned_name.as_ref()));
        let fields = item.fields.iter().map(|field| self.field(field, &path)).collect();
        let parts = item.has_parts().then(|| format!("{name}Parts"));
        if let Some(parts) = &parts {
            self.claim(&scope, module, parts, &item.id.join("required"), NamedBy::Rule);
        }
        StructNames { name, fields, parts }
    }

    fn field(&mut self, field: &Field, path: &str) -> String {
        let given = field.pinned_name.as_ref().unwrap_or(&field.wire);
        let hint = if field.pinned_name.is_some() {
            "`x-rust-name` has it: give a snake_case name of ASCII letters and digits that is no keyword"
        } else {
            "pin a name with x-rust-name in the overlay"
        };
        let name = words::snake(given);
        // A pinned name stands as it is or not at all.
        let name = name.filter(|name| field.pinned_name.is_none() || name == given);
        let name = name.unwrap_or_else(|| self.nameless(&field.origin, given, hint));
        let name = reserved::escape_method(name);
        self.claim(path, "", &name, &field.origin, NamedBy::of(field.pinned_name.as_ref()));
        name
    }

    fn open_enum(&mut self, item: &OpenEnum, home: &Home, groups: &[GroupNames]) -> EnumNames {
        const HINT: &str = "pin another name with x-rust-name in the overlay";
        let name = self.pinned(&item.name, &item.id);
        let name = if item.pinned { name } else { reserved::escape_type(name, "Value") };
        if reserved::is_type(&name) {
            self.reserved(&item.id, &name, HINT);
        }
        let scope = scope_of(home, groups);
        let list = match item.id.last().as_deref() {
            Some("enum" | "x-extensible-enum") => item.id.clone(),
            _ => item.id.join("x-extensible-enum"),
        };
        self.claims.add(&scope, &name, &item.id, NamedBy::Overlay);
        let path = join(&[&scope, "models", &name]);
        self.note(&list, &[&path]);
        let values = item.values.iter();
        let values = values.map(|value| (value.wire.as_str(), value.pinned_name.as_deref()));
        let variants = self.variants(values, &list, &path);
        EnumNames { name, variants }
    }

    fn common_codes(&mut self) -> Vec<String> {
        const PATH: &str = "models::CommonErrorCode";
        let Some(set) = &self.api.common_codes else { return Vec::new() };
        self.note(&set.origin, &[PATH]);
        self.code_variants(set, PATH)
    }

    /// `VoucherMessage` for the tag `alipay.marketing.activity.voucher`; for several tags, after the
    /// last segment of their prefix.
    fn message_enum(&mut self, prefix: &str) -> String {
        let base = prefix.rsplit('.').next();
        let base = base.and_then(words::pascal).unwrap_or_else(|| "Alipay".to_owned());
        let name = format!("{}Message", base.trim_end_matches('_'));
        if !self.api.messages.is_empty() {
            let list = Pointer::root().join("x-webhooks");
            self.claim("", "messages", &name, &list, NamedBy::Rule);
        }
        name
    }

    fn messages(&mut self, message_enum: &str) -> Vec<String> {
        const HINT: &str = "pin another name with x-rust-name in the overlay";
        let mut names = Vec::new();
        for message in &self.api.messages {
            let name = match &message.pinned_name {
                Some(name) => self.pinned(name, &message.origin),
                None => {
                    let last = message.name.rsplit('.').next().unwrap_or_default();
                    self.pascal(last, &message.origin, HINT)
                }
            };
            if name == "Unknown" {
                self.reserved(&message.origin, &name, HINT);
            }
            let path = join(&["messages", message_enum]);
            self.claim(
                &path,
                "",
                &name,
                &message.origin,
                NamedBy::of(message.pinned_name.as_ref()),
            );
            names.push(name);
        }
        names
    }

    fn pascal(&mut self, text: &str, pointer: &Pointer, hint: &str) -> String {
        match words::pascal(text) {
            Some(name) => name,
            None => self.nameless(pointer, text, hint),
        }
    }

    fn pinned(&mut self, name: &str, pointer: &Pointer) -> String {
        if words::is_pascal(name) {
            return name.to_owned();
        }
        self.nameless(
            pointer,
            name,
            "pin a PascalCase name of ASCII letters and digits with x-rust-name",
        )
    }

    fn nameless(&mut self, pointer: &Pointer, text: &str, hint: &str) -> String {
        if !self.nameless.contains_key(&(pointer.clone(), text.to_owned())) {
            let message = format!("no Rust name can be made of `{}`", text.escape_debug());
            self.sink.push(Diagnostic::error("bad-name", message).pointer(pointer).hint(hint));
        }
        self.placeholder(pointer, text)
    }

    /// A name for what has none after an error. A number keeps such names from colliding, and the `_` keeps
    /// them from the names of others.
    fn placeholder(&mut self, pointer: &Pointer, text: &str) -> String {
        let number = self.nameless.len() + 1;
        let name = self.nameless.entry((pointer.clone(), text.to_owned()));
        name.or_insert_with(|| format!("_{number}")).clone()
    }

    fn reserved(&mut self, pointer: &Pointer, name: &str, hint: &str) {
        let message = format!("the name `{name}` is taken by Rust or by the generated code itself");
        self.sink.push(Diagnostic::error("reserved-name", message).pointer(pointer).hint(hint));
    }

    /// Claims a name in a scope, and notes its path, which may lead through a module of the scope.
    fn claim(
        &mut self,
        scope: &str,
        module: &str,
        name: &str,
        pointer: &Pointer,
        by: NamedBy,
    ) -> String {
        self.claims.add(scope, name, pointer, by);
        let path = join(&[scope, module, name]);
        self.lock.insert(pointer.clone(), path.clone());
        path
    }

    fn note(&mut self, pointer: &Pointer, path: &[&str]) {
        self.lock.insert(pointer.clone(), join(path));
    }
}

/// How the overlay names a value.
fn named_value(wire: &str) -> String {
    format!("x-enum-names: {{{}: AnotherName}}", serde_json::Value::from(wire))
}

/// A Rust path from parts, of which some may be empty.
fn join(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !path.is_empty() {
            path.push_str("::");
        }
        path.push_str(part);
    }
    path
}

fn operation_of<'n>(home: &Home, groups: &'n [GroupNames]) -> Option<&'n OperationNames> {
    match home {
        Home::Operation(g, o) => groups.get(*g)?.operations.get(*o),
        _ => None,
    }
}

/// The path of the module that holds `models` and `operations` for a home.
fn scope_of(home: &Home, groups: &[GroupNames]) -> String {
    match home {
        Home::Operation(g, _) => {
            groups.get(*g).map(|group| group.path.join("::")).unwrap_or_default()
        }
        _ => String::new(),
    }
}
