//! The hand-written files a new crate begins with: what makes it build, and what says what it is.

use std::collections::BTreeMap;

use alipay_openapi::diag::Sink;
use askama::Template;

use crate::{
    emit::{example, facts, facts::Links},
    named::{NamedApi, below},
    names::GroupNames,
    print::Unprintable,
    print::docs::clean,
};

/// Where the new crate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scaffold {
    /// Outside any workspace. The paths stand as they are in `Cargo.toml`.
    Alone {
        /// The folder of the runtime crate.
        core_path: String,
        /// The folder of the gateway its tests call.
        mock_path: String,
    },
    /// In this workspace, with an example and a test to begin with.
    Member,
}

/// What the files say of the crate.
struct Crate<'a> {
    name: &'a str,
    krate: &'a str,
    title: String,
    version: String,
    description: String,
    features: Vec<String>,
    /// The tags as string literals.
    tags: Vec<String>,
    tables: String,
    /// The folders of runtime and gateway, for a crate outside any workspace.
    alone: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "Cargo.toml.txt", escape = "none")]
struct Manifest<'a> {
    it: &'a Crate<'a>,
}

#[derive(Template)]
#[template(path = "lib.txt", escape = "none")]
struct Library<'a> {
    it: &'a Crate<'a>,
}

#[derive(Template)]
#[template(path = "README.md", escape = "none")]
struct Readme<'a> {
    it: &'a Crate<'a>,
}

#[derive(Template)]
#[template(path = "operations_test.txt", escape = "none")]
struct OperationsTest<'a> {
    it: &'a Crate<'a>,
}

#[derive(Template)]
#[template(path = "first_call.txt", escape = "none")]
struct FirstCall<'a> {
    krate: &'a str,
    api: String,
    api_name: &'a str,
    method: &'a str,
    request: example::Request,
    sending: [String; 2],
}

/// The files, by path below the crate: with the generated files they make a crate that compiles.
pub(crate) fn files(
    api: &NamedApi<'_>,
    name: &str,
    krate: &str,
    kind: &Scaffold,
    sink: &mut Sink,
) -> BTreeMap<String, String> {
    let groups = &api.api.groups;
    let tables = facts::tables(api, Links::Files).unwrap_or_else(|problem| {
        sink.push(problem.finding("README.md"));
        String::new()
    });
    let it = Crate {
        name,
        krate,
        title: clean::inline(&api.api.title),
        version: clean::inline(&api.api.version),
        description: toml_text(&description(groups.iter().map(|group| group.tag.as_str()))),
        features: api.names.groups.iter().filter_map(GroupNames::feature).collect(),
        tags: groups.iter().map(|group| format!("{:?}", group.tag)).collect(),
        tables,
        alone: match kind {
            Scaffold::Alone { core_path, mock_path } => {
                Some((toml_text(core_path), toml_text(mock_path)))
            }
            Scaffold::Member => None,
        },
    };
    let mut rendered = vec![
        ("Cargo.toml", Manifest { it: &it }.render()),
        ("src/lib.rs", Library { it: &it }.render()),
        ("README.md", Readme { it: &it }.render()),
    ];
    if *kind == Scaffold::Member {
        rendered.push(("tests/operations.rs", OperationsTest { it: &it }.render()));
        match first_call(api, krate) {
            Ok(Some(example)) => rendered.push(("examples/first_call.rs", example.render())),
            Ok(None) => {}
            Err(problem) => sink.push(problem.finding("examples/first_call.rs")),
        }
    }
    let mut files = BTreeMap::new();
    for (path, text) in rendered {
        match text {
            Ok(text) => _ = files.insert(path.to_owned(), format!("{}\n", text.trim_end())),
            Err(problem) => sink.push(Unprintable(problem.to_string()).finding(path)),
        }
    }
    files
}

/// A program that calls the first operation; none when there is no operation.
fn first_call<'a>(
    api: &NamedApi<'a>,
    krate: &'a str,
) -> Result<Option<FirstCall<'a>>, Unprintable> {
    let Some(operation) = api.operations(0).next() else { return Ok(None) };
    let Some(request) = example::of_request(api, operation, krate)? else { return Ok(None) };
    Ok(Some(FirstCall {
        krate,
        api: below(&operation.group.path, &operation.group.api),
        api_name: &operation.group.api,
        method: &operation.names.method,
        request,
        sending: example::sending(operation),
    }))
}

/// What the manifest says the crate is for; more than a few tags are only counted.
fn description<'t>(tags: impl ExactSizeIterator<Item = &'t str>) -> String {
    const FEW: usize = 5;
    let groups = if tags.len() <= FEW {
        tags.map(clean::inline).collect::<Vec<_>>().join(", ")
    } else {
        format!("{} groups of operations", tags.len())
    };
    format!("Client for Alipay's OpenAPI v3: {groups}")
}

/// A string inside a TOML string.
fn toml_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ")
}
