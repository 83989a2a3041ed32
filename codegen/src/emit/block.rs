//! A call of one of the runtime's macros: rows of facts, each on a line of its own.
//!
//! That is all the Rust a generated file holds besides modules and imports, so it is written as text.

use super::{dropped_in, literal};
use crate::{print, print::docs::Doc};

/// A call under construction.
#[derive(Debug)]
pub(super) struct Block {
    text: String,
}

impl Block {
    /// A call of a macro.
    pub(super) fn new(name: &str) -> Self {
        Self { text: format!("{name}! {{\n") }
    }

    /// A comment, indented by `indent` columns.
    pub(super) fn doc(&mut self, doc: &Doc, indent: usize) {
        self.text.push_str(&print::comment_lines(&doc.lines(indent), indent));
    }

    /// The attributes of an item, field or variant: its name upstream where that differs, and whether
    /// Alipay has dropped it.
    pub(super) fn attributes(
        &mut self,
        indent: usize,
        upstream: Option<&str>,
        removed_in: Option<&str>,
    ) {
        if let Some(upstream) = upstream {
            self.line(indent, &format!("#[doc(alias = {})]", literal(upstream)));
        }
        if let Some(version) = removed_in {
            let note = literal(&dropped_in(version));
            self.line(indent, &format!("#[deprecated(note = {note})]"));
        }
    }

    /// A line, indented by `indent` columns.
    pub(super) fn line(&mut self, indent: usize, line: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// The whole call.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }
}
