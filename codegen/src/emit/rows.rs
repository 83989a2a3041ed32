//! The rows of the table of operations.

use super::{Context, operation};
use crate::print::docs::clean;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) title: String,
    pub(crate) line: String,
    pub(crate) result: String,
}

/// The rows of the table, in the description's order.
pub(crate) fn rows(context: &Context<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in 0..context.api.groups.len() {
        for op in context.operations(group) {
            let title = op.item.docs.title.as_deref().map(cell).unwrap_or_default();
            let result = match (&op.item.completed_by, context.structure(&op.item.response)) {
                (Some(message), _) => {
                    format!("accepted; completes with `{}`", cell(&message.value))
                }
                (None, Some(response)) => format!("`{}`", response.names.name),
                (None, None) => String::new(),
            };
            rows.push(Row {
                method: format!("{}::{}", op.group.api, op.names.method),
                title,
                line: operation::http_line(op).replace('|', "\\|"),
                result,
            });
        }
    }
    rows
}

/// A text that fits into a cell.
fn cell(text: &str) -> String {
    clean::inline(text).replace('|', "\\|")
}
