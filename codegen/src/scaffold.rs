//! The hand-written files a new crate begins with: what makes it build, and what says what it is.

mod member;

use std::collections::BTreeMap;

use askama::Template;

use crate::{
    emit::{Context, rows},
    names::GroupNames,
    print::Unprintable,
    print::docs::clean,
};
use alipay_openapi::diag::Sink;

#[derive(Template)]
#[template(path = "Cargo.toml.txt", escape = "none")]
struct Manifest<'a> {
    name: &'a str,
    description: &'a str,
    core_path: &'a str,
    mock_path: &'a str,
    features: &'a [String],
}

#[derive(Template)]
#[template(path = "lib.rs.txt", escape = "none")]
struct Library<'a> {
    title: &'a str,
}

#[derive(Template)]
#[template(path = "README.md", escape = "none")]
struct Readme<'a> {
    name: &'a str,
    title: &'a str,
    version: &'a str,
    rows: &'a [rows::Row],
}

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

/// `Cargo.toml`, `src/lib.rs` and `README.md` of a crate that compiles with the generated files.
pub(crate) fn files(
    context: &Context<'_>,
    crate_name: &str,
    kind: &Scaffold,
    sink: &mut Sink,
) -> BTreeMap<String, String> {
    match kind {
        Scaffold::Alone { core_path, mock_path } => {
            alone(context, crate_name, [core_path, mock_path], sink)
        }
        Scaffold::Member => member::files(context, crate_name, sink),
    }
}

fn alone(
    context: &Context<'_>,
    crate_name: &str,
    [core_path, mock_path]: [&str; 2],
    sink: &mut Sink,
) -> BTreeMap<String, String> {
    let Context { api, names, .. } = *context;
    let title = clean::inline(&api.title);
    let tags: Vec<_> = api.groups.iter().map(|group| clean::inline(&group.tag)).collect();
    let description = description(&tags);
    let features: Vec<_> = names.groups.iter().filter_map(GroupNames::feature).collect();
    let manifest = Manifest {
        name: crate_name,
        description: &toml_text(&description),
        core_path: &toml_text(core_path),
        mock_path: &toml_text(mock_path),
        features: &features,
    };
    let library = Library { title: &title };
    let readme = Readme {
        name: crate_name,
        title: &title,
        version: &clean::inline(&api.version),
        rows: &rows::rows(context),
    };
    let rendered = vec![
        ("Cargo.toml", manifest.render()),
        ("src/lib.rs", library.render()),
        ("README.md", readme.render()),
    ];
    render_all(rendered, sink)
}

/// The texts of templates that could be rendered; what could not is an error.
pub(super) fn render_all(
    rendered: Vec<(&str, Result<String, askama::Error>)>,
    sink: &mut Sink,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for (path, text) in rendered {
        match text {
            Ok(text) => {
                files.insert(path.to_owned(), format!("{}\n", text.trim_end()));
            }
            Err(problem) => {
                sink.push(Unprintable(problem.to_string()).finding(path));
            }
        }
    }
    files
}

/// What the manifest says the crate is for; more than a few tags are only counted.
pub(super) fn description(tags: &[String]) -> String {
    const FEW: usize = 5;
    let groups = if tags.len() <= FEW {
        tags.join(", ")
    } else {
        format!("{} groups of operations", tags.len())
    };
    format!("Client for Alipay's OpenAPI v3: {groups}")
}

/// A text inside a TOML string.
pub(super) fn toml_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ")
}
