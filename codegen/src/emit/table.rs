//! The table of operations, in Markdown.

use askama::Template;

use super::{
    Context,
    rows::{self, Row},
};
use crate::{print::Unprintable, print::docs::clean};

#[derive(Template)]
#[template(path = "operations.md", escape = "none")]
struct Table<'a> {
    version: String,
    digest: &'a str,
    rows: &'a [Row],
}

/// The table as a file.
///
/// # Errors
///
/// When the template cannot be rendered.
pub(super) fn operations(context: &Context<'_>) -> Result<String, Unprintable> {
    let version = clean::inline(&context.api.version);
    let table = Table { version, digest: context.digest, rows: &rows::rows(context) };
    let text = table.render().map_err(|error| Unprintable(error.to_string()))?;
    Ok(format!("{}\n", text.trim_end()))
}
