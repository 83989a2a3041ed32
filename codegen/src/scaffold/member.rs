//! The hand-written files of a generated crate that is a member of this workspace: what makes it build,
//! with an example and a test to begin with.

use std::collections::BTreeMap;

use askama::Template;

use super::{description, render_all, toml_text};
use crate::{
    emit::{self, Context, rows},
    names::GroupNames,
    print::docs::clean,
};
use alipay_openapi::diag::Sink;

#[derive(Template)]
#[template(path = "member/Cargo.toml.txt", escape = "none")]
struct Manifest<'a> {
    name: &'a str,
    description: &'a str,
    features: &'a [String],
}

#[derive(Template)]
#[template(path = "member/lib.txt", escape = "none")]
struct Library<'a> {
    title: &'a str,
}

#[derive(Template)]
#[template(path = "member/README.md", escape = "none")]
struct Readme<'a> {
    name: &'a str,
    title: &'a str,
    version: &'a str,
    rows: &'a [rows::Row],
}

#[derive(Template)]
#[template(path = "member/first_call.txt", escape = "none")]
struct Example<'a> {
    krate: &'a str,
    api: &'a str,
    api_name: &'a str,
    method: &'a str,
    imports: &'a [String],
    body: &'a [String],
}

#[derive(Template)]
#[template(path = "member/operations.txt", escape = "none")]
struct Operations<'a> {
    krate: &'a str,
    tags: &'a [String],
}

/// The files, by path below the crate.
pub(super) fn files(
    context: &Context<'_>,
    name: &str,
    sink: &mut Sink,
) -> BTreeMap<String, String> {
    let api = context.api;
    let title = clean::inline(&api.title);
    let tags: Vec<_> = api.groups.iter().map(|group| clean::inline(&group.tag)).collect();
    let description = toml_text(&description(&tags));
    let features: Vec<_> = context.names.groups.iter().filter_map(GroupNames::feature).collect();
    let quoted: Vec<String> = api.groups.iter().map(|group| format!("{:?}", group.tag)).collect();
    let readme = Readme {
        name,
        title: &title,
        version: &clean::inline(&api.version),
        rows: &rows::rows(context),
    };
    let mut rendered = vec![
        ("Cargo.toml", Manifest { name, description: &description, features: &features }.render()),
        ("src/lib.rs", Library { title: &title }.render()),
        ("README.md", readme.render()),
        ("tests/operations.rs", Operations { krate: context.krate, tags: &quoted }.render()),
    ];
    match emit::first_call(context) {
        Ok(Some(call)) => {
            let api_name = call.api.rsplit("::").next().unwrap_or_default();
            let example = Example {
                krate: context.krate,
                api: &call.api,
                api_name,
                method: &call.method,
                imports: &call.imports,
                body: &call.body,
            };
            rendered.push(("examples/first_call.rs", example.render()));
        }
        Ok(None) => {}
        Err(problem) => sink.push(problem.finding("examples/first_call.rs")),
    }
    render_all(rendered, sink)
}
