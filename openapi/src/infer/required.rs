//! Which fields a third-party client insists on: a table of operations and the names of their fields.

use std::collections::HashSet;

use super::{request::Operation, subject::Spot};
use crate::{
    diag::{Diagnostic, Location, Sink, did_you_mean_or, quote},
    load::Source,
};

/// Where the fields of the table stand. What the description does not have is a warning.
///
/// A row is the id of an operation, a tab, and names with blanks between; `#` begins a comment.
pub(super) fn spots(
    table: &Source,
    operations: &[Operation<'_>],
    sink: &mut Sink,
) -> HashSet<Spot> {
    let mut spots = HashSet::new();
    let rows = (1..).zip(table.text.lines());
    for (line, row) in rows.filter(|(_, row)| !row.is_empty() && !row.starts_with('#')) {
        let mut warn = |what: String, hint: &str| {
            let at = Location { source: table.name.clone(), line, column: 1 };
            let message = format!("{what}, which this row is about");
            sink.push(Diagnostic::warning("unknown-required", message).at(at).hint(hint));
        };
        let (id, names) = row.split_once('\t').unwrap_or((row, ""));
        let Some(operation) = operations.iter().find(|operation| operation.id == id) else {
            let ids = operations.iter().map(|operation| operation.id);
            let hint = did_you_mean_or(id, ids, || "remove the row".to_owned());
            warn(format!("the description has no operation {}", quote(id)), &hint);
            continue;
        };
        for name in names.split_whitespace() {
            let mut fields = operation.fields.iter().filter(|(wire, _)| *wire == name).peekable();
            if fields.peek().is_none() {
                let known = operation.fields.iter().map(|(wire, _)| *wire);
                let hint = did_you_mean_or(name, known, || "remove the name".to_owned());
                warn(format!("the request of `{id}` has no field {}", quote(name)), &hint);
            }
            spots.extend(fields.map(|(_, spot)| spot.clone()));
        }
    }
    spots
}
