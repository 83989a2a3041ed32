//! The public API of a generated crate as text: one line per item, with its signature.
//!
//! The listing is committed beside the crate, so that every change of its API shows in review, and two
//! listings say by themselves what a release has to be called: a line that is gone or different breaks
//! users, a new one does not.

mod changes;
mod named;

use std::collections::BTreeSet;

pub use self::{
    changes::{ItemChanges, Level, level},
    named::NamedApi,
};
use crate::names::{EnumNames, OperationNames, StructNames};
use alipay_openapi::ir::{CodeSet, Field, Method, OpenEnum, Operation, Role, Safety, Struct};

const HEADER: &str =
    "# The public API: one line per item with its signature. Written by the generator. Methods and
# traits that all types of a kind have (`as_str`, `Serialize`, `Debug`, …) are not repeated.
";

/// The listing of an API, sorted.
#[must_use]
pub fn render(krate: &NamedApi<'_>) -> String {
    let mut out = String::from(HEADER);
    for line in lines(krate) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The lines of a listing.
#[must_use]
pub fn lines(krate: &NamedApi<'_>) -> BTreeSet<String> {
    let mut lister = Lister { krate, lines: BTreeSet::new() };
    lister.groups();
    for (number, (item, names)) in krate.api.structs.iter().zip(&krate.names.structs).enumerate() {
        lister.structure(&krate.struct_path(number), item, names);
    }
    for (number, (item, names)) in krate.api.enums.iter().zip(&krate.names.enums).enumerate() {
        lister.open_enum(&krate.enum_path(number), item, names);
    }
    if let Some(set) = &krate.api.common_codes {
        lister.codes("models::CommonErrorCode", set, &krate.names.common_codes);
    }
    lister.messages();
    for constant in
        ["DESCRIPTION_DIGEST: &str", "DESCRIPTION_VERSION: &str", "OPERATIONS: &[&OperationInfo]"]
    {
        lister.add(format!("const meta::{constant}"));
    }
    lister.lines
}

struct Lister<'a> {
    krate: &'a NamedApi<'a>,
    lines: BTreeSet<String>,
}

impl Lister<'_> {
    fn add(&mut self, line: String) {
        self.lines.insert(line);
    }

    fn deprecated(&mut self, path: &str, removed_in: Option<&String>) {
        if removed_in.is_some() {
            self.add(format!("deprecated {path}"));
        }
    }

    fn groups(&mut self) {
        let krate = self.krate;
        for (number, (group, names)) in krate.api.groups.iter().zip(&krate.names.groups).enumerate()
        {
            if let Some(feature) = names.feature() {
                self.add(format!("feature {feature}"));
            }
            let api = krate.api_path(number);
            self.add(format!("struct {api}"));
            self.add(format!("fn {api}::new(Client) -> Self"));
            self.add(format!("fn {api}::client(&self) -> &Client"));
            for (operation, names) in group.operations.iter().zip(&names.operations) {
                self.operation(number, &api, operation, names);
            }
        }
    }

    fn operation(
        &mut self,
        group: usize,
        api: &str,
        operation: &Operation,
        names: &OperationNames,
    ) {
        let krate = self.krate;
        let marker = krate.in_group(group, &["operations", &names.marker]);
        let request = krate.struct_path_of(&operation.request);
        let call = format!("{api}::{}", names.method);
        self.add(format!("fn {call}(&self, impl Borrow<{request}>) -> Call<{marker}>"));
        self.deprecated(&call, operation.removed_in.as_ref());
        self.add(format!("enum {marker}"));
        self.add(format!("type {marker}::Request = {request}"));
        let response = krate.struct_path_of(&operation.response);
        self.add(format!("type {marker}::Response = {response}"));
        let reply = if operation.completed_by.is_some() { "Accepted" } else { "Response" };
        self.add(format!("type {marker}::Reply = {reply}<{response}>"));
        let method = http_method(operation.method);
        self.add(format!("const {marker}::INFO = {method} {}", operation.path));
        match &operation.safety {
            Safety::IdempotentBy(key) => {
                self.add(format!("const {marker}::INFO idempotent by {}", key.value));
            }
            Safety::ReadOnly | Safety::Unsafe => {}
        }
        let codes = krate.in_group(group, &["models", &names.codes.name]);
        self.codes(&codes, &operation.codes, &names.codes.variants);
        if krate.api.common_codes.is_some() {
            self.add(format!("variant {codes}::Common(models::CommonErrorCode)"));
        }
    }

    fn structure(&mut self, path: &str, item: &Struct, names: &StructNames) {
        let krate = self.krate;
        self.add(format!("struct {path}"));
        let pairs = || item.fields.iter().zip(&names.fields);
        for (field, name) in pairs() {
            self.add(format!("field {path}::{name}: {}", krate.field_type(field)));
            self.deprecated(&format!("{path}::{name}"), field.removed_in.as_ref());
        }
        if !item.fields.iter().any(Field::is_required) {
            self.add(format!("impl Default for {path}"));
        }
        if !item.role.takes_input() {
            return;
        }
        for (field, name) in pairs() {
            let parameter = krate.parameter_of(field);
            self.add(format!("fn {path}::{name}(self, {parameter}) -> Self"));
        }
        let parameters = match &names.parts {
            Some(parts) => {
                let module = path.rsplit_once("::").map_or("", |(module, _)| module);
                let parts = format!("{module}::{parts}");
                self.add(format!("struct {parts}"));
                for (number, field) in item.required_fields() {
                    let Some(name) = names.fields.get(number) else { continue };
                    self.add(format!("field {parts}::{name}: {}", krate.field_type(field)));
                }
                parts
            }
            None => constructor(krate, item, names).join(", "),
        };
        self.add(format!("fn {path}::new({parameters}) -> Self"));
    }

    fn open_enum(&mut self, path: &str, item: &OpenEnum, names: &EnumNames) {
        self.add(format!("enum {path}"));
        for (value, name) in item.values.iter().zip(&names.variants) {
            self.add(format!("variant {path}::{name}"));
            self.deprecated(&format!("{path}::{name}"), value.removed_in.as_ref());
        }
        self.add(format!("variant {path}::Unknown(UnknownValue)"));
    }

    fn codes(&mut self, path: &str, set: &CodeSet, variants: &[String]) {
        self.add(format!("enum {path}"));
        for (code, name) in set.codes.iter().zip(variants) {
            self.add(format!("variant {path}::{name}"));
            self.deprecated(&format!("{path}::{name}"), code.removed_in.as_ref());
        }
        self.add(format!("variant {path}::Unknown(UnknownValue)"));
    }

    fn messages(&mut self) {
        let krate = self.krate;
        if krate.api.messages.is_empty() {
            return;
        }
        let path = format!("messages::{}", krate.names.message_enum);
        self.add(format!("enum {path}"));
        self.add(format!(
            "fn {path}::from_notification(&Verified<Notification>) -> Result<Self, Error>"
        ));
        self.add(format!("fn {path}::name(&self) -> &str"));
        for (message, name) in krate.api.messages.iter().zip(&krate.names.messages) {
            let content = krate.struct_path_of(&message.content);
            self.add(format!("variant {path}::{name}({content})"));
        }
        self.add(format!("variant {path}::Unknown(UnknownValue)"));
    }
}

/// The parameters of a constructor, with their types.
pub(crate) fn constructor(krate: &NamedApi<'_>, item: &Struct, names: &StructNames) -> Vec<String> {
    item.required_fields()
        .into_iter()
        .map(|(number, field)| {
            let name = names.fields.get(number).map_or("", String::as_str);
            format!("{name}: {}", krate.parameter_of(field))
        })
        .collect()
}

/// Whether a struct has setters and a constructor.
pub(crate) fn has_setters(role: &Role) -> bool {
    role.takes_input()
}

/// The method as HTTP has it.
pub(crate) fn http_method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// The fields a constructor takes, in its order.
pub(crate) fn constructor_fields(item: &Struct) -> Vec<&Field> {
    item.required_fields().into_iter().map(|(_, field)| field).collect()
}
