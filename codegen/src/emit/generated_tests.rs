//! The generated tests of a crate: they convert each type to JSON and back, and call each operation.
//!
//! The code that does so is in `alipay_mock::testing`. What is generated is the tables it works on, and
//! a JSON file of instances per group. These are plain lines, so no printer is needed.

mod instance;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Map, Value};

use self::instance::{Extent, instance};
use super::example;
use crate::{
    layout::TypeNumbers,
    named::{NamedApi, NamedEnum, NamedOperation, NamedStruct, below},
    names::{reserved, words},
    print::docs::clean,
};
use alipay_openapi::contract::contract;
use alipay_openapi::ir::{Field, Operation, Place, Struct, Ty, TypeId};

/// The module with what belongs to no group.
const MESSAGES: &str = "messages";

/// The file with what the gateway of the tests serves.
pub(crate) const CONTRACT: &str = "contract.json";

/// A module of the tests: a group, or what belongs to messages alone.
struct TestModule {
    name: String,
    /// The feature it needs.
    feature: Option<String>,
    about: String,
    types: TypeNumbers,
    group: Option<usize>,
}

/// The files, by path below `tests/generated`. `header` is the line each Rust file begins with.
pub(crate) fn files(api: &NamedApi<'_>, krate: &str, header: &str) -> BTreeMap<String, String> {
    let modules = modules(api);
    let mut files = BTreeMap::from([
        ("main.rs".to_owned(), main(header, &modules)),
        (CONTRACT.to_owned(), contract(api.api)),
    ]);
    for module in &modules {
        let name = &module.name;
        files.insert(format!("{name}.rs"), rust_file(api, krate, header, module));
        files.insert(format!("{name}.json"), instances(api, module));
        if let Some(text) = documented(api, krate, header, module) {
            files.insert(format!("examples/{name}.rs"), text);
        }
    }
    files
}

/// A module for each group, with the types that it is the first to reach: with the feature of the group,
/// they are there. What no group reaches belongs to messages.
fn modules(api: &NamedApi<'_>) -> Vec<TestModule> {
    let mut free = TypeNumbers {
        structs: (0..api.api.structs.len()).collect(),
        enums: (0..api.api.enums.len()).collect(),
    };
    let mut taken = BTreeSet::from(["main".to_owned(), MESSAGES.to_owned()]);
    let mut modules = Vec::new();
    for number in 0..api.api.groups.len() {
        let Some((group, names)) = api.group(number) else { continue };
        let base = if names.path.is_empty() {
            let last = group.tag.rsplit('.').next().unwrap_or_default();
            words::snake(last).unwrap_or_else(|| "group".to_owned())
        } else {
            let segments = names.path.iter().map(|segment| segment.trim_end_matches('_'));
            reserved::escape_keyword(segments.collect::<Vec<_>>().join("_"))
        };
        // `a_b.c` and `a.b_c` meet here; the order of the groups is the description's.
        let numbered = (2..).map(|n| format!("{base}_{n}"));
        let name = [base.clone()].into_iter().chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or(base);
        taken.insert(name.clone());
        modules.push(TestModule {
            name,
            feature: names.feature(),
            about: format!("The group {}.", clean::code_span(&group.tag).unwrap_or_default()),
            types: take_reached(api, &group.operations, &mut free),
            group: Some(number),
        });
    }
    if !free.structs.is_empty() || !free.enums.is_empty() {
        modules.push(TestModule {
            name: MESSAGES.to_owned(),
            feature: None,
            about: "The contents of messages.".to_owned(),
            types: free,
            group: None,
        });
    }
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    modules
}

/// Takes the types that operations reach out of those that no module has.
fn take_reached(
    api: &NamedApi<'_>,
    operations: &[Operation],
    free: &mut TypeNumbers,
) -> TypeNumbers {
    let mut taken = TypeNumbers::default();
    let ids = operations.iter().flat_map(|operation| [&operation.request, &operation.response]);
    let mut waiting: Vec<&TypeId> = ids.collect();
    while let Some(id) = waiting.pop() {
        let Some(number) = api.layout.struct_number(id) else { continue };
        if !free.structs.remove(&number) {
            continue;
        }
        taken.structs.insert(number);
        let item = api.api.structs.get(number);
        for field in item.into_iter().flat_map(|item| &item.fields) {
            match field.ty.innermost() {
                Ty::Struct { id, .. } => waiting.push(id),
                Ty::Enum(id) => {
                    let number = api.layout.enum_number(id);
                    taken.enums.extend(number.filter(|number| free.enums.remove(number)));
                }
                _ => {}
            }
        }
    }
    taken
}

fn main(header: &str, modules: &[TestModule]) -> String {
    let mut text = format!(
        "{header}\n\
         //! Converts every type to JSON and back, and calls every operation, with instances made from the\n\
         //! examples of the description.\n\n\
         #![allow(deprecated, reason = \"deprecated items are tested too\")]\n\n\
         use alipay_mock::testing::Served;\n\n"
    );
    for module in modules {
        if let Some(feature) = &module.feature {
            let _ = writeln!(text, "#[cfg(feature = {feature:?})]");
        }
        let _ = writeln!(text, "#[rustfmt::skip]\nmod {};", module.name);
    }
    let _ = write!(
        text,
        "\n/// The gateway that the tests call.\n#[allow(dead_code, reason = \"without a feature of a group nothing is called\")]\n#[rustfmt::skip]\nstatic SERVED: Served =\n    Served::new(include_str!({CONTRACT:?}));\n"
    );
    text
}

/// The Rust file of a module.
fn rust_file(api: &NamedApi<'_>, krate: &str, header: &str, module: &TestModule) -> String {
    let TestModule { name, about, group, .. } = module;
    let mut text = format!("{header}\n//! {about}\n\n");
    let uses = match group {
        Some(_) => "{Call, Callable, Case, Failures, round_trips}",
        None => "{Case, Failures, round_trips}",
    };
    let _ = write!(
        text,
        "use alipay_mock::testing::{uses};\n\n\
         const INSTANCES: &str = include_str!(\"{name}.json\");\n\n\
         const TYPES: &[Case] = &[\n"
    );
    for (key, item) in types(api, module) {
        // A request that needs a file has no JSON form. Its operation is called all the same.
        if matches!(item, Type::Struct(item) if needs_file(item.item)) {
            continue;
        }
        let _ = writeln!(text, "    Case::of::<{krate}::{key}>({key:?}),");
    }
    text.push_str("];\n\n");
    if let Some(group) = group {
        text.push_str("const CALLS: &[&dyn Callable] = &[\n");
        for operation in api.operations(*group) {
            text.push_str(&call(api, krate, operation));
        }
        text.push_str("];\n\n");
    }
    text.push_str(
        "#[test]\nfn types_survive_the_wire() -> Result<(), Failures> {\n    \
         round_trips(TYPES, INSTANCES)\n}\n",
    );
    if group.is_some() {
        text.push_str(
            "\n#[test]\nfn operations_can_be_called() -> Result<(), Failures> {\n    \
             crate::SERVED.calls(CALLS, INSTANCES)\n}\n",
        );
    }
    text
}

fn call(api: &NamedApi<'_>, krate: &str, operation: NamedOperation<'_>) -> String {
    let NamedOperation { group, item, names } = operation;
    let (marker, codes) = (operation.marker_path(), operation.codes_path());
    let calls = below(&group.path, &group.api);
    let request = api.structure(&item.request);
    let fields = request.into_iter().flat_map(|request| {
        request.item.fields.iter().zip(request.names.fields.iter().map(String::as_str))
    });
    let files: Vec<_> = fields.filter(|(field, _)| field.place == Place::File).collect();
    let mutable = if files.is_empty() { "" } else { "mut " };
    let mut text = format!(
        "    &Call::<{krate}::{marker}, {krate}::{codes}>::new(|client, {mutable}request| {{\n"
    );
    for (field, name) in files {
        let _ = writeln!(text, "        request.{name} = {};", file(field));
    }
    let method = &names.method;
    let _ =
        write!(text, "        {krate}::{calls}::new(client.clone()).{method}(request)\n    }}),\n");
    text
}

/// The requests of a group's documented examples, as functions, for hand-written tests that send them to a
/// gateway; none where the description has no whole example.
fn documented(
    api: &NamedApi<'_>,
    krate: &str,
    header: &str,
    module: &TestModule,
) -> Option<String> {
    let operations: Vec<_> = api.operations(module.group?).collect();
    let request = |operation: &NamedOperation<'_>| api.structure(&operation.item.request);
    // Operations with parameters only have an example each, which is worth sending as well.
    if !api.structs().any(|item| item.item.example.is_some()) {
        return None;
    }
    let mut text = format!(
        "{header}\n//! The requests of the documented examples: the same lines as in the documentation.\n\n\
         #![allow(clippy::unnecessary_wraps, unreachable_pub, reason = \"all functions have one form\")]\n\
         #![allow(deprecated, reason = \"an example may have what Alipay has dropped\")]\n\n\
         use std::error::Error;\n"
    );
    for operation in operations {
        // One that cannot be laid out is reported where the documentation is made.
        let example = example::of_request(api, operation, krate).ok().flatten();
        let (Some(example), Some(request)) = (example, request(&operation)) else { continue };
        let path = api.path(request.home, &request.names.name);
        let _ = write!(
            text,
            "\npub fn {}() -> Result<{}::{path}, Box<dyn Error>> {{\n",
            operation.names.method, krate
        );
        let end = [String::new()];
        let lines = example.imports.iter().chain(&end).chain(&example.lines);
        for line in lines {
            let indent = if line.is_empty() { "" } else { "    " };
            let _ = writeln!(text, "{indent}{line}");
        }
        text.push_str("    Ok(request)\n}\n");
    }
    Some(text)
}

/// A file as the value of a field: JSON cannot hold one.
fn file(field: &Field) -> String {
    let one = "alipay_mock::testing::file()";
    let value = match field.ty {
        Ty::List(_) => format!("vec![{one}]"),
        _ => one.to_owned(),
    };
    if field.is_required() { value } else { format!("Some({value})") }
}

fn needs_file(item: &Struct) -> bool {
    item.fields.iter().any(|field| field.place == Place::File && field.is_required())
}

/// A type of a module.
enum Type<'a> {
    Struct(NamedStruct<'a>),
    Enum(NamedEnum<'a>),
}

/// The types of a module by their public paths below the crate, which are the names of their instances.
fn types<'a>(api: &NamedApi<'a>, module: &TestModule) -> BTreeMap<String, Type<'a>> {
    let structs = module.types.structs.iter().filter_map(|number| api.struct_at(*number));
    let structs = structs.map(|item| (api.path(item.home, &item.names.name), Type::Struct(item)));
    let enums = module.types.enums.iter().filter_map(|number| api.enum_at(*number));
    let enums = enums.map(|item| (api.path(item.home, &item.names.name), Type::Enum(item)));
    structs.chain(enums).collect()
}

/// The JSON file of a module.
fn instances(api: &NamedApi<'_>, module: &TestModule) -> String {
    let (mut models, mut sets) = (Map::new(), Map::new());
    for (key, item) in types(api, module) {
        match item {
            Type::Struct(item) => {
                let mut model = Map::new();
                model.insert("all".to_owned(), instance(api, item.item, Extent::Full));
                let least = instance(api, item.item, Extent::Least);
                if least.as_object().is_some_and(|least| !least.is_empty()) {
                    model.insert("least".to_owned(), least);
                }
                models.insert(key, Value::Object(model));
            }
            Type::Enum(item) => {
                let values = item.item.values.iter();
                sets.insert(key, values.map(|value| Value::from(value.wire.as_str())).collect());
            }
        }
    }
    let mut calls = Map::new();
    for operation in module.group.into_iter().flat_map(|group| api.operations(group)) {
        let Some(request) = api.structure(&operation.item.request) else { continue };
        let request = api.path(request.home, &request.names.name);
        let mut call = Map::from_iter([("request".to_owned(), Value::from(request))]);
        let codes = operation.item.codes.codes.iter();
        let codes: Vec<_> = codes.map(|code| Value::from(code.wire.as_str())).collect();
        let common = api.api.common_codes.as_ref().and_then(|set| set.codes.first());
        match (codes.is_empty(), common) {
            (false, _) => _ = call.insert("codes".to_owned(), codes.into()),
            (true, Some(code)) => {
                _ = call.insert("common_code".to_owned(), code.wire.as_str().into());
            }
            (true, None) => {}
        }
        calls.insert(operation.item.id.clone(), Value::Object(call));
    }
    let all = [("models", models), ("sets", sets), ("calls", calls)];
    let all = all.map(|(name, members)| (name.to_owned(), Value::Object(members)));
    let mut text = String::new();
    lines(&Value::Object(all.into_iter().collect()), 4, 0, &mut text);
    text.push('\n');
    text
}

/// JSON with a line per member down to a depth, so that changes can be read and files stay short.
fn lines(value: &Value, depth: usize, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if depth > 0 && !members.is_empty() => {
            for (number, (name, member)) in members.iter().enumerate() {
                out.push_str(if number == 0 { "{" } else { "," });
                let _ = write!(out, "\n{:1$}{2}: ", "", indent + 2, Value::from(name.as_str()));
                lines(member, depth - 1, indent + 2, out);
            }
            let _ = write!(out, "\n{:1$}}}", "", indent);
        }
        // Writing to a string cannot fail.
        other => _ = write!(out, "{other}"),
    }
}
