//! Files that only declare modules and re-export what is in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    layout::Home,
    named::{COMMON_CODES, NamedApi, below},
    names::StructNames,
    print::docs::{Doc, clean},
    print::{Module, SourceFile, Visibility},
};

/// The root, or a module on the way to groups.
pub(super) fn module(api: &NamedApi<'_>, path: &[String]) -> SourceFile {
    let mut file = SourceFile::default();
    let mut modules: BTreeMap<String, Module> = BTreeMap::new();
    let mut add = |name: &str, visibility, feature: Option<String>| {
        let module =
            modules.entry(name.to_owned()).or_insert_with(|| Module::new(name, visibility));
        module.features.extend(feature);
    };
    if path.is_empty() {
        add("models", Visibility::Public, None);
        add("meta", Visibility::Public, None);
        if !api.api.messages.is_empty() {
            add("messages", Visibility::Public, None);
        }
    }
    let mut tags = Vec::new();
    let mut own = None;
    for (group, names) in api.api.groups.iter().zip(&api.names.groups) {
        match names.path.strip_prefix(path) {
            Some([]) => {
                add("api", Visibility::Private, names.feature());
                add("operations", Visibility::Public, names.feature());
                if !path.is_empty() {
                    add("models", Visibility::Public, names.feature());
                }
                file.exports.add(names.feature().as_slice(), &format!("api::{}", names.api));
                own = names.feature();
                tags.extend(clean::code_span(&group.tag));
            }
            // A module that leads to several groups is there when any of them is.
            Some([next, ..]) => add(next, Visibility::Public, names.feature()),
            None => {}
        }
    }
    file.modules = modules.into_values().collect();
    file.doc = match (path, tags.is_empty()) {
        ([], _) => {
            let title = clean::inline(&api.api.title);
            Doc::line(format!("Code generated from Alipay's description ({title})."))
        }
        (_, false) => {
            Doc::line(format!("The group {}.", tags.join(", "))).append(needs(own.as_deref()))
        }
        (_, true) => Doc::line(format!("The groups below `{}`.", path.join("."))),
    };
    file
}

/// Says which feature a group's module needs.
fn needs(feature: Option<&str>) -> Doc {
    let feature = feature.and_then(clean::code_span);
    feature.map_or_else(Doc::default, |feature| Doc::line(format!("Needs the feature {feature}.")))
}

/// The list of a group's operations.
pub(super) fn operations(api: &NamedApi<'_>, group: usize) -> SourceFile {
    let mut file =
        SourceFile { doc: Doc::line("The operations as types."), ..SourceFile::default() };
    let mut modules = BTreeSet::new();
    for operation in api.operations(group) {
        let module = &operation.names.method;
        // The models are re-exported elsewhere.
        modules.insert(Module::new(module, Visibility::Above));
        file.exports.add(&[], &format!("{module}::{}", operation.names.marker));
    }
    file.modules = modules.into_iter().collect();
    file
}

/// The list of the shared models and, in a crate with one group, of the group's own.
pub(super) fn models(api: &NamedApi<'_>) -> SourceFile {
    let mut file = SourceFile {
        doc: Doc::line("Requests, responses and their parts, error codes, and sets of values."),
        ..SourceFile::default()
    };
    let mut modules = BTreeSet::new();
    let features = |home: &Home| -> Vec<String> {
        let groups = api.layout.groups_of(home);
        groups.filter_map(|group| api.names.groups.get(group)?.feature()).collect()
    };
    if let Some(there) = api.elsewhere.get(COMMON_CODES) {
        file.exports.add(&[], there);
    } else if api.api.common_codes.is_some() {
        modules.insert(Module::new("common_error_code", Visibility::Private));
        file.exports.add(&[], "common_error_code::CommonErrorCode");
    }
    for (home, name) in all(api) {
        let module = match home {
            Home::Family(module) => module.as_str(),
            Home::Enums => "enums",
            Home::Operation(..) | Home::Messages => continue,
        };
        let features = features(home);
        if let Some(there) = api.elsewhere(home, name) {
            file.exports.add(&features, there);
            continue;
        }
        file.exports.add(&features, &format!("{module}::{name}"));
        modules.insert(Module { features, ..Module::new(module, Visibility::Private) });
    }
    for (group, names) in api.names.groups.iter().enumerate() {
        if names.path.is_empty() {
            export_group(api, group, &mut file);
        }
    }
    file.modules = modules.into_iter().collect();
    file
}

/// The list of a group's own models.
pub(super) fn group_models(api: &NamedApi<'_>, group: usize) -> SourceFile {
    let mut file = SourceFile {
        doc: Doc::line("Requests, responses and error codes of the group."),
        ..SourceFile::default()
    };
    export_group(api, group, &mut file);
    file
}

fn export_group(api: &NamedApi<'_>, group: usize, file: &mut SourceFile) {
    let Some((_, names)) = api.group(group) else { return };
    let module = |operation: &str| {
        format!("crate::generated::{}::{operation}", below(&names.path, "operations"))
    };
    for (number, operation) in api.operations(group).enumerate() {
        let home = Home::Operation(group, number);
        let path = module(&operation.names.method);
        file.exports.add(&[], &format!("{path}::{}", operation.names.codes.name));
        for waiter in operation.waiters() {
            file.exports.add(&[], &format!("{path}::{}", waiter.names.failure.name));
        }
        let structs = api.structs_of(&home).flat_map(|item| all_names(item.names));
        for name in structs.chain(api.enums_of(&home).map(|item| item.names.name.as_str())) {
            file.exports.add(&[], &format!("{path}::{name}"));
        }
    }
}

/// All structs and enums with their homes.
fn all<'a>(api: &NamedApi<'a>) -> impl Iterator<Item = (&'a Home, &'a str)> + use<'a> {
    let structs =
        api.structs().flat_map(|item| all_names(item.names).map(move |name| (item.home, name)));
    structs.chain(api.enums().map(|item| (item.home, item.names.name.as_str())))
}

/// A struct and that of its required parts.
fn all_names(names: &StructNames) -> impl Iterator<Item = &str> {
    [Some(&names.name), names.parts.as_ref()].into_iter().flatten().map(String::as_str)
}
