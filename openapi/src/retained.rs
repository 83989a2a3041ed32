//! What Alipay has dropped from its description and is retained, deprecated, until the next major version.
//!
//! `import` compares the old base with the new one and records what went: operations, query
//! parameters, bodies of requests, properties, listed values and error codes, with the schemas they need. The record,
//! `retained.yaml`, has the shape of an overlay whose actions add something. It is laid over the base
//! before anything else, so that the overlay's refinements of those pieces still apply and their Rust
//! types stay what they were; each gets a mark that becomes `#[deprecated]`.

mod collect;
mod pieces;

use std::sync::Arc;

pub(crate) use self::pieces::{REMOVED_IN, REMOVED_VALUES};
pub use self::{
    collect::{Outcome, collect},
    pieces::{Piece, read, render},
};
use crate::{
    diag::{Diagnostic, Sink},
    load::{Raw, Source, parse},
};

/// Puts the pieces of a record back into a base.
///
/// A malformed record is an error in `sink`, and the result is `None`. A piece whose place is gone, or
/// that is in the base again, is a warning.
pub fn restore(mut base: Raw, record: &Source, sink: &mut Sink) -> Option<Raw> {
    let record = parse(record, sink)?;
    let pieces = read(&record, sink)?;
    let spans = Arc::new(record.spans);
    for piece in &pieces {
        match piece.put_into(&mut base.value) {
            Ok((at, written)) => base.spans.graft(at, written, Arc::clone(&spans)),
            Err(why) => {
                let at = piece.written.join("target");
                let message = format!("what Alipay has dropped cannot be retained: {why}");
                let finding = Diagnostic::warning("stale-removal", message)
                    .hint("remove the action; `cargo xtask import` does so by itself");
                sink.push(finding.at(spans.locate(&at)).pointer(&at));
            }
        }
    }
    Some(base)
}
