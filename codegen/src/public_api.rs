//! The public API of a generated crate as text: one line per item, with its signature.
//!
//! The text is committed beside the crate, so that every change of its API shows in review. Two of them
//! also tell the level of a release: a line that is gone or different breaks users, a new one does not.

mod changes;

use std::collections::BTreeSet;

use alipay_openapi::{
    diag::is_command,
    ir::{CodeSet, Field, Safety},
};

pub use self::changes::{ItemChanges, Level, level};
use crate::named::{NamedApi, NamedOperation, NamedStruct, Spelling, TypeName, http_line};

const HEADER: &str =
    "# The public API: one line per item with its signature. Written by the generator. Methods and
# traits that all types of a kind have (`as_str`, `Serialize`, `Debug`, …) are not repeated.
";

/// The public API, sorted.
#[must_use]
pub fn render(api: &NamedApi<'_>) -> String {
    let mut items = Items { api, lines: BTreeSet::new() };
    items.groups();
    for item in api.structs() {
        items.structure(item);
    }
    for item in api.enums() {
        let values = item.item.values.iter().map(|value| value.removed_in.as_ref());
        items.variants(&api.path(item.home, &item.names.name), values, &item.names.variants);
    }
    if let Some(set) = &api.api.common_codes {
        items.codes("models::CommonErrorCode", set, &api.names.common_codes);
    }
    items.messages();
    for constant in
        ["DESCRIPTION_DIGEST: &str", "DESCRIPTION_VERSION: &str", "OPERATIONS: &[&OperationInfo]"]
    {
        items.add(format!("const meta::{constant}"));
    }
    let lines = items.lines.iter().flat_map(|line| [line, "\n"]);
    [HEADER].into_iter().chain(lines).collect()
}

struct Items<'a> {
    api: &'a NamedApi<'a>,
    lines: BTreeSet<String>,
}

impl Items<'_> {
    /// A name of the description may hold anything; a line stays a line.
    fn add(&mut self, line: String) {
        let line = if line.contains(is_command) {
            let escaped = line.chars().map(|c| {
                if is_command(c) { c.escape_unicode().to_string() } else { c.to_string() }
            });
            escaped.collect()
        } else {
            line
        };
        self.lines.insert(line);
    }

    fn deprecated(&mut self, path: &str, is_deprecated: bool) {
        if is_deprecated {
            self.add(format!("deprecated {path}"));
        }
    }

    fn groups(&mut self) {
        for (number, names) in self.api.names.groups.iter().enumerate() {
            if let Some(feature) = names.feature() {
                self.add(format!("feature {feature}"));
            }
            let path = self.api.api_path(number);
            self.add(format!("struct {path}"));
            self.add(format!("fn {path}::new(Client) -> Self"));
            self.add(format!("fn {path}::client(&self) -> &Client"));
            for operation in self.api.operations(number) {
                self.operation(operation);
            }
        }
    }

    fn operation(&mut self, operation: NamedOperation<'_>) {
        let item = operation.item;
        let marker = operation.marker_path();
        let request = self.api.struct_path_of(&item.request);
        let response = self.api.struct_path_of(&item.response);
        let call = operation.method_path();
        self.add(format!("fn {call}(&self, impl Borrow<{request}>) -> Call<{marker}>"));
        self.deprecated(&call, item.removed_in.is_some());
        self.add(format!("enum {marker}"));
        self.add(format!("type {marker}::Request = {request}"));
        self.add(format!("type {marker}::Response = {response}"));
        let reply = if item.completed_by.is_some() { "Accepted" } else { "Response" };
        self.add(format!("type {marker}::Reply = {reply}<{response}>"));
        self.add(format!("const {marker}::INFO = {}", http_line(item)));
        if let Some(key) = operation.key() {
            self.add(format!("const {marker}::INFO idempotent by {key}"));
        }
        if let Safety::ReadOnly(_) = item.safety {
            self.add(format!("const {marker}::INFO may be repeated"));
        }
        let codes = operation.codes_path();
        self.codes(&codes, &item.codes, &operation.names.codes.variants);
        if self.api.api.common_codes.is_some() {
            self.add(format!("variant {codes}::Common(models::CommonErrorCode)"));
        }
    }

    fn structure(&mut self, named: NamedStruct<'_>) {
        let (api, item) = (self.api, named.item);
        let spell: Spelling<'_> = &mut |name: TypeName<'_>| api.spell(name);
        let path = api.path(named.home, &named.names.name);
        self.add(format!("struct {path}"));
        for (field, name) in item.fields.iter().zip(&named.names.fields) {
            self.add(format!("field {path}::{name}: {}", api.field_type(field, spell)));
            let is_deprecated = field.removed_in.is_some() || item.is_old_style(field);
            self.deprecated(&format!("{path}::{name}"), is_deprecated);
            if item.role.takes_input() {
                let parameter = api.parameter_type(field, spell);
                self.add(format!("fn {path}::{name}(self, {parameter}) -> Self"));
            }
        }
        if !item.fields.iter().any(Field::is_required) {
            self.add(format!("impl Default for {path}"));
        }
        if !item.role.takes_input() {
            return;
        }
        let parts = named.names.parts.as_ref().map(|parts| api.path(named.home, parts));
        if let Some(parts) = &parts {
            self.add(format!("struct {parts}"));
        }
        let mut parameters = Vec::new();
        for (number, field) in item.required_fields() {
            let Some(name) = named.names.fields.get(number) else { continue };
            match &parts {
                Some(parts) => {
                    self.add(format!("field {parts}::{name}: {}", api.field_type(field, spell)));
                }
                None => parameters.push(format!("{name}: {}", api.parameter_type(field, spell))),
            }
        }
        let parameters = parts.unwrap_or_else(|| parameters.join(", "));
        self.add(format!("fn {path}::new({parameters}) -> Self"));
    }

    fn codes(&mut self, path: &str, set: &CodeSet, names: &[String]) {
        self.variants(path, set.codes.iter().map(|code| code.removed_in.as_ref()), names);
    }

    /// An enum of known values, each with the version that dropped it.
    fn variants<'v>(
        &mut self,
        path: &str,
        values: impl Iterator<Item = Option<&'v String>>,
        names: &[String],
    ) {
        self.add(format!("enum {path}"));
        for (removed_in, name) in values.zip(names) {
            self.add(format!("variant {path}::{name}"));
            self.deprecated(&format!("{path}::{name}"), removed_in.is_some());
        }
        self.add(format!("variant {path}::Unknown(UnknownValue)"));
    }

    fn messages(&mut self) {
        let api = self.api;
        if api.api.messages.is_empty() {
            return;
        }
        let path = api.messages_path();
        self.add(format!("enum {path}"));
        self.add(format!(
            "fn {path}::from_notification(&Verified<Notification>) -> Result<Self, Error>"
        ));
        self.add(format!(
            "fn {path}::unreadable(&Verified<Notification>) -> Result<Vec<Unreadable>, Error>"
        ));
        self.add(format!("fn {path}::name(&self) -> &str"));
        for (message, name) in api.api.messages.iter().zip(&api.names.messages) {
            let content = api.struct_path_of(&message.content);
            self.add(format!("variant {path}::{name}({content})"));
        }
        self.add(format!("variant {path}::Unknown(UnknownValue)"));
    }
}
