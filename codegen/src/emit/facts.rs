//! Facts about the description: for programs in `meta.rs`, for people in the table of operations.

use askama::Template;

use super::builder::{Builder, literal};
use crate::{
    named::{NamedApi, http_line},
    print::docs::{Doc, clean},
    print::{SourceFile, Unprintable},
};

/// `meta.rs`. `digest` identifies the description and its overlay.
pub(super) fn meta(api: &NamedApi<'_>, digest: &str) -> SourceFile {
    let mut file = Builder::new(api, None);
    let [version, digest] = [&api.api.version, digest].map(literal);
    file.push_text(format!(
        "/// The version of Alipay's description that the crate was generated from.\n\
         pub const DESCRIPTION_VERSION: &str = {version};\n"
    ));
    file.push_text(format!(
        "/// Identifies the files the crate was generated from: the 64-bit FNV-1a hash of the description\n\
         /// and its overlay, in hexadecimal.\n\
         pub const DESCRIPTION_DIGEST: &str = {digest};\n"
    ));
    let mut block = file.block("operations");
    block.doc(&Doc::line("Facts about all operations."), 4);
    block.line(4, "pub const OPERATIONS = [");
    for operation in api.all_operations() {
        // Any group may be turned off.
        if let Some(feature) = operation.group.feature() {
            block.line(8, &format!("#[cfg(feature = {})]", literal(&feature)));
        }
        block.line(8, &format!("crate::generated::{},", operation.marker_path()));
    }
    block.line(4, "];");
    file.push(block);
    file.finish(Doc::line("Facts about the description that the crate was generated from."))
}

/// A row of the table of operations.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) title: String,
    pub(crate) line: String,
    pub(crate) result: String,
}

#[derive(Template)]
#[template(path = "operations.md", escape = "none")]
struct OperationsTable<'a> {
    version: String,
    digest: &'a str,
    rows: &'a [Row],
    left_out: &'a [Missing],
}

/// An operation that was left out.
struct Missing {
    line: String,
    reason: String,
    place: String,
}

/// The table of operations as a Markdown file.
///
/// # Errors
///
/// When the template cannot be rendered.
pub(super) fn operations(api: &NamedApi<'_>, digest: &str) -> Result<String, Unprintable> {
    let version = clean::inline(&api.api.version);
    let code = |text: &str| clean::code_span(text).unwrap_or_default().replace('|', "\\|");
    let left_out: Vec<Missing> = api
        .api
        .left_out
        .iter()
        .map(|left| Missing {
            line: code(&format!("{} {}", left.method.to_uppercase(), left.path)),
            reason: cell(&format!("{} ({})", left.reason, left.code)),
            place: code(&left.place),
        })
        .collect();
    let table = OperationsTable { version, digest, rows: &rows(api), left_out: &left_out };
    let text = table.render().map_err(|error| Unprintable(error.to_string()))?;
    Ok(format!("{}\n", text.trim_end()))
}

/// The rows of the table, in the description's order.
pub(crate) fn rows(api: &NamedApi<'_>) -> Vec<Row> {
    let row = |operation: crate::named::NamedOperation<'_>| {
        let item = operation.item;
        let result = match (&item.completed_by, api.structure(&item.response)) {
            (Some(message), _) => format!("accepted; completes with `{}`", cell(&message.value)),
            (None, Some(response)) => format!("`{}`", response.names.name),
            (None, None) => String::new(),
        };
        Row {
            method: format!("{}::{}", operation.group.api, operation.names.method),
            title: item.docs.title.as_deref().map(cell).unwrap_or_default(),
            line: clean::code_span(&http_line(item)).unwrap_or_default().replace('|', "\\|"),
            result,
        }
    };
    api.all_operations().map(row).collect()
}

/// A string that fits into a cell.
fn cell(text: &str) -> String {
    clean::inline(text).replace('|', "\\|")
}
