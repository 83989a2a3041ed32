//! What Alipay has dropped from its description and is kept, deprecated, until the next major version.
//!
//! `import` compares the old base with the new one and records what went: operations, query
//! parameters, properties, listed values and error codes, with the schemas they need. The record,
//! `retained.yaml`, has the shape of an overlay whose actions add something. It is laid over the base
//! before anything else, so that the overlay's refinements of those pieces still apply and their Rust
//! types stay what they were; each gets a mark that becomes `#[deprecated]`.

mod collect;
mod pieces;

use std::sync::Arc;

pub use self::{
    collect::{Outcome, collect},
    pieces::{Piece, read, render},
};
use crate::{
    diag::{Diagnostic, Sink},
    load::{Raw, Source, parse},
    pointer::Pointer,
};

/// The mark of a piece: the version of the description that dropped it.
pub(crate) const REMOVED_IN: &str = "x-alipay-removed-in";
/// The mark of listed values: value to version.
pub(crate) const REMOVED_VALUES: &str = "x-alipay-removed-values";

/// Puts the pieces of a record back into a base.
///
/// A record that is not one is an error in `sink`, and `None`. A piece that has no place any more, or
/// that has come back, is a warning.
pub fn restore(mut base: Raw, record: &Source, sink: &mut Sink) -> Option<Raw> {
    let record = parse(record, sink)?;
    let pieces = read(&record, sink)?;
    let spans = Arc::new(record.spans);
    for piece in &pieces {
        match piece.put_into(&mut base.value) {
            Ok(places) => {
                for (at, written) in places {
                    base.spans.graft(at, written, Arc::clone(&spans));
                }
            }
            Err(why) => {
                let at = piece.written.join("target");
                let message = format!("what was removed cannot be kept: {why}");
                sink.push(
                    Diagnostic::warning("stale-removal", message)
                        .at(Some(spans.locate(&at)))
                        .pointer(&at)
                        .hint("remove the action; `cargo xtask import` does so by itself"),
                );
            }
        }
    }
    Some(base)
}

/// A target as a JSONPath that selects exactly one value.
fn path_of(pointer: &Pointer) -> String {
    let plain = |segment: &str| {
        segment.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    pointer.segments().fold("$".to_owned(), |path, segment| {
        if plain(&segment) {
            format!("{path}.{segment}")
        } else {
            format!("{path}['{}']", segment.replace('\\', "\\\\").replace('\'', "\\'"))
        }
    })
}
