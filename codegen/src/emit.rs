//! The IR to Rust: one module per construct, each a function from data to data.

mod api;
mod builder;
mod catalogue;
mod enums;
pub(crate) mod example;
pub(crate) mod facts;
mod field;
pub(crate) mod generated_tests;
mod messages;
mod model;
mod modules;
mod operation;
mod waiters;

pub use catalogue::catalogue;

use crate::{
    files::{Content, File},
    named::NamedApi,
    print::{self, Unprintable},
};

/// One file of the crate that Rust code calls `krate`; `digest` identifies the description,
/// and `header` is the line each Rust file begins with.
///
/// # Errors
///
/// When a template or an example cannot be rendered.
pub(crate) fn file(
    api: &NamedApi<'_>,
    krate: &str,
    digest: &str,
    header: &str,
    file: &File,
) -> Result<String, Unprintable> {
    let source = match &file.content {
        Content::Module(path) => modules::module(api, path),
        Content::Api(group) => api::file(api, krate, *group)?,
        Content::Operations(group) => modules::operations(api, *group),
        Content::Operation(group, operation) => operation::file(api, *group, *operation),
        Content::Models => modules::models(api),
        Content::GroupModels(group) => modules::group_models(api, *group),
        Content::Family(module) => model::family(api, module),
        Content::Enums => enums::file(api),
        Content::CommonErrorCode => enums::common_codes(api),
        Content::Messages => messages::file(api),
        Content::Meta => facts::meta(api, digest),
        Content::OperationsTable => return facts::operations(api, digest),
    };
    Ok(print::render(header, source))
}
