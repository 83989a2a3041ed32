//! Facts about the description: for programs in `meta.rs`, for people in the table of operations.

use askama::Template;

use super::builder::{Builder, literal};
use crate::{
    named::{NamedApi, NamedOperation},
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

/// A row of a table of operations.
#[derive(Debug)]
struct Row {
    method: String,
    link: String,
    title: Option<String>,
    /// The message that completes it.
    message: Option<String>,
    feature: Option<String>,
}

/// Several tables have headings.
#[derive(Debug)]
struct Table {
    heading: Option<String>,
    rows: Vec<Row>,
}

/// With more operations, each group has a table.
const ONE_TABLE: usize = 30;

#[derive(Template)]
#[template(path = "operations_tables.md", escape = "none")]
struct Tables {
    all: Vec<Table>,
    /// Whether some of the rows have messages.
    messages: bool,
    /// Whether the rows have features.
    features: bool,
}

#[derive(Template)]
#[template(path = "operations.md", escape = "none")]
struct OperationsTable<'a> {
    version: String,
    digest: &'a str,
    tables: Tables,
    left_out: Vec<Missing>,
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
    let left_out = api.api.left_out.iter().map(|left| Missing {
        line: code(&format!("{} {}", left.method.to_uppercase(), left.path)),
        reason: cell(&format!("{} ({})", left.reason, left.code)),
        // What is generated does not depend on where the description lies.
        place: left.place.as_ref().map_or_else(String::new, |place| code(&place.in_file())),
    });
    let (tables, left_out) = (of(api), left_out.collect());
    let table = OperationsTable { version, digest, tables, left_out };
    let text = table.render().map_err(|error| Unprintable(error.to_string()))?;
    Ok(format!("{}\n", text.trim_end()))
}

/// The operations in the description's order: all in one table, or a table for each group. Columns are few and
/// titles are not broken: rustdoc cuts off tables that are too wide, and breaks Chinese between any two characters.
fn of(api: &NamedApi<'_>) -> Tables {
    let groups = 0..api.api.groups.len();
    let features = api.names.groups.iter().any(|group| group.feature().is_some());
    let rows = |group| api.operations(group).map(row);
    let one = groups.len() == 1 || api.all_operations().count() <= ONE_TABLE;
    let all = if one {
        vec![Table { heading: None, rows: groups.flat_map(rows).collect() }]
    } else {
        let heading = |group| clean::code_span(&api.group(group)?.0.tag);
        groups.map(|group| Table { heading: heading(group), rows: rows(group).collect() }).collect()
    };
    let messages = api.all_operations().any(|operation| operation.item.completed_by.is_some());
    Tables { all, messages, features }
}

fn row(operation: NamedOperation<'_>) -> Row {
    let NamedOperation { group, item, names } = operation;
    let folder: String = group.path.iter().flat_map(|segment| [segment, "/"]).collect();
    Row {
        method: operation.method_path(),
        // A plain address: a link that rustdoc resolves would be broken where the group's feature is off.
        link: format!("{folder}struct.{}.html#method.{}", group.api, names.method),
        title: item.docs.title.as_deref().map(cell),
        message: item.completed_by.as_ref().and_then(|message| clean::code_span(&message.value)),
        feature: group.feature().as_deref().and_then(clean::code_span),
    }
}

/// A string that fits into a cell.
fn cell(text: &str) -> String {
    clean::inline(text).replace('|', "\\|")
}
