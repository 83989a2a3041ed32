//! The hand-written files a new crate begins with: what makes it build, and what says what it is.

use std::collections::BTreeMap;

use alipay_openapi::{
    diag::Sink,
    ir::{Place, Safety},
};
use askama::Template;

use crate::{
    emit::example,
    named::{NamedApi, NamedOperation, below},
    names::GroupNames,
    print::Unprintable,
    print::docs::clean,
};

/// Where the new crate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scaffold {
    /// Outside this workspace.
    Alone(Alone),
    /// In this workspace, with a test to begin with.
    Member,
}

/// What the files of a crate outside this workspace say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// The name of its folder.
    pub folder: String,
    /// The folder of the runtime, as it stands in `Cargo.toml`.
    pub core_path: String,
    /// The folder of the gateway that its tests call, in the same way.
    pub mock_path: String,
    /// The version of both.
    pub version: String,
    /// Whether it is a workspace of its own, as it must be in the folder of one that it is no member of.
    pub own_workspace: bool,
    /// The command that made it.
    pub command: String,
}

/// What the files say of the crate.
struct Crate<'a> {
    name: &'a str,
    /// The name of its folder.
    folder: String,
    krate: &'a str,
    version: String,
    description: String,
    /// Its groups, in Markdown.
    groups: String,
    features: Vec<String>,
    /// The tags as string literals.
    tags: Vec<String>,
    first: Option<&'a First<'a>>,
    alone: Option<Alone>,
}

/// The call that README and example make.
struct First<'a> {
    /// The operation's id.
    operation: String,
    /// The path of the type that has the method.
    api: String,
    api_name: &'a str,
    request: example::Request,
    sending: [String; 2],
    /// Whether it is known to change nothing.
    reads: bool,
    /// Whether it sends a file.
    uploads: bool,
    /// The feature of its group. It needs `reqwest`, too.
    feature: Option<String>,
}

impl First<'_> {
    /// The features that it needs, as a condition of `cfg`.
    fn condition(&self) -> String {
        match &self.feature {
            Some(feature) => format!("all(feature = \"reqwest\", feature = \"{feature}\")"),
            None => "feature = \"reqwest\"".to_owned(),
        }
    }
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
    call: &'a First<'a>,
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
    let tags = || groups.iter().map(|group| group.tag.as_str());
    let first = first(api, krate).unwrap_or_else(|problem| {
        sink.push(problem.finding("examples/first_call.rs"));
        None
    });
    let it = Crate {
        name,
        folder: match kind {
            Scaffold::Alone(alone) => toml_text(&alone.folder),
            Scaffold::Member => name.to_owned(),
        },
        krate,
        version: clean::inline(&api.api.version),
        description: toml_text(&format!(
            "Client for Alipay's OpenAPI v3: {}",
            listed(tags(), clean::inline)
        )),
        groups: listed(tags(), |tag| clean::code_span(tag).unwrap_or_default()),
        features: api.names.groups.iter().filter_map(GroupNames::feature).collect(),
        tags: tags().map(|tag| format!("{tag:?}")).collect(),
        first: first.as_ref(),
        alone: match kind {
            Scaffold::Alone(alone) => Some(Alone {
                core_path: toml_text(&alone.core_path),
                mock_path: toml_text(&alone.mock_path),
                ..alone.clone()
            }),
            Scaffold::Member => None,
        },
    };
    let mut rendered = vec![
        ("Cargo.toml", Manifest { it: &it }.render()),
        ("src/lib.rs", Library { it: &it }.render()),
        ("README.md", Readme { it: &it }.render()),
    ];
    if let Some(call) = &first {
        rendered.push(("examples/first_call.rs", FirstCall { krate, call }.render()));
    }
    if it.alone.is_some() {
        // The folder that a run of the generator works in, too.
        rendered.push((".gitignore", Ok("/target\n/.xtask-run\n".to_owned())));
    } else {
        rendered.push(("tests/operations.rs", OperationsTest { it: &it }.render()));
    }
    let mut files = BTreeMap::new();
    for (path, text) in rendered {
        match text {
            Ok(text) => _ = files.insert(path.to_owned(), format!("{}\n", text.trim())),
            Err(problem) => sink.push(Unprintable(problem.to_string()).finding(path)),
        }
    }
    files
}

/// The first call of a newcomer, which had better change nothing and need no file; none when there is no
/// operation.
fn first<'a>(api: &NamedApi<'a>, krate: &str) -> Result<Option<First<'a>>, Unprintable> {
    let reads =
        |operation: &NamedOperation<'_>| matches!(operation.item.safety, Safety::ReadOnly(_));
    let needs_file = |operation: &NamedOperation<'_>| {
        let request = api.structure(&operation.item.request);
        let mut fields = request.into_iter().flat_map(|request| &request.item.fields);
        fields.any(|field| field.place == Place::File && field.is_required())
    };
    let operation = api.all_operations().min_by_key(|operation| {
        let item = operation.item;
        let has_gone = item.deprecated || item.removed_in.is_some();
        (has_gone, !reads(operation), needs_file(operation))
    });
    let Some(operation) = operation else { return Ok(None) };
    let Some(request) = example::of_request(api, operation, krate)? else { return Ok(None) };
    Ok(Some(First {
        operation: clean::code_span(&operation.item.id).unwrap_or_default(),
        api: below(&operation.group.path, &operation.group.api),
        api_name: &operation.group.api,
        reads: reads(&operation),
        uploads: request.lines.iter().any(|line| line.contains("File::open(")),
        request,
        sending: example::sending(&operation.names.method),
        feature: operation.group.feature(),
    }))
}

/// The tags in a sentence; more than a few are only counted.
fn listed<'t>(
    tags: impl ExactSizeIterator<Item = &'t str>,
    shown: impl Fn(&'t str) -> String,
) -> String {
    const FEW: usize = 5;
    if tags.len() <= FEW {
        tags.map(shown).collect::<Vec<_>>().join(", ")
    } else {
        format!("{} groups of operations", tags.len())
    }
}

/// A string inside a TOML string.
fn toml_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ")
}
