//! A generated file under construction: calls of the runtime's macros, and the imports they need.

use alipay_openapi::ir::Field;
use proc_macro2::Literal;

use crate::{
    layout::Home,
    named::{NamedApi, TypeName},
    print::docs::Doc,
    print::{self, Imports, SourceFile},
};

/// The path of the module that holds all generated code.
const ROOT: &str = "crate::generated";

/// A file under construction. What its items need is imported as they are written.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) api: NamedApi<'a>,
    /// The home of the file's own types, which need no import.
    home: Option<Home>,
    imports: Imports,
    items: Vec<String>,
}

impl<'a> Builder<'a> {
    /// A file with the types of a home, if it has any of its own.
    pub(super) fn new(api: &NamedApi<'a>, home: Option<Home>) -> Self {
        Self { api: *api, home, imports: Imports::default(), items: Vec::new() }
    }

    /// Imports a name from the runtime.
    pub(super) fn core(&mut self, path: &str) {
        self.imports.add(&format!("alipay_core::{path}"));
    }

    /// Imports a path of the generated code.
    pub(super) fn generated(&mut self, path: &str) {
        self.imports.add(&format!("{ROOT}::{path}"));
    }

    /// Imports a generated type, unless it lives here, and gives its name.
    pub(super) fn local(&mut self, home: &Home, name: &str) -> String {
        if self.home.as_ref() != Some(home) {
            self.generated(&self.api.path(home, name));
        }
        name.to_owned()
    }

    fn spell(&mut self, name: TypeName<'_>) -> String {
        match name {
            TypeName::Std(path) => self.imports.add(path),
            TypeName::Runtime(name) => self.core(&format!("value::{name}")),
            TypeName::Generated(home, name) => return self.local(home, name),
        }
        self.api.spell(name)
    }

    pub(super) fn field_type(&mut self, field: &Field) -> String {
        let api = self.api;
        api.field_type(field, &mut |name| self.spell(name))
    }

    pub(super) fn present_type(&mut self, field: &Field) -> String {
        let api = self.api;
        api.present_type(field, &mut |name| self.spell(name))
    }

    pub(super) fn parameter_type(&mut self, field: &Field) -> String {
        let api = self.api;
        api.parameter_type(field, &mut |name| self.spell(name))
    }

    /// A call of one of the runtime's macros.
    pub(super) fn block(&mut self, name: &str) -> Block {
        self.core(name);
        Block { text: format!("{name}! {{\n") }
    }

    pub(super) fn push(&mut self, mut block: Block) {
        block.text.push_str("}\n");
        self.items.push(block.text);
    }

    pub(super) fn push_text(&mut self, item: String) {
        self.items.push(item);
    }

    pub(super) fn finish(self, doc: Doc) -> SourceFile {
        SourceFile { doc, imports: self.imports, items: self.items, ..SourceFile::default() }
    }
}

/// A call of a macro under construction: rows of facts, each on a line of its own.
///
/// A generated file holds no other Rust besides modules and imports, so it is written as text.
#[derive(Debug)]
pub(super) struct Block {
    text: String,
}

impl Block {
    /// A comment, indented by `indent` columns.
    pub(super) fn doc(&mut self, doc: &Doc, indent: usize) {
        self.text.push_str(&print::comment_lines(&doc.lines(indent), indent));
    }

    /// The attributes of an item, field or variant: its name upstream where that differs, and why it should
    /// not be used any more.
    pub(super) fn attributes(
        &mut self,
        indent: usize,
        upstream: Option<&str>,
        deprecated: Option<String>,
    ) {
        if let Some(upstream) = upstream {
            self.line(indent, &format!("#[doc(alias = {})]", literal(upstream)));
        }
        if let Some(note) = deprecated {
            self.line(indent, &format!("#[deprecated(note = {})]", literal(&note)));
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
}

/// Why not to use what Alipay has dropped.
pub(super) fn dropped(version: &str) -> String {
    format!("Alipay dropped it in its description {version}")
}

/// The path of an item of the generated code, for links in comments.
pub(super) fn link(name: &str, path: &str) -> String {
    format!("[`{name}`]({ROOT}::{path})")
}

/// A string as Rust writes it.
pub(super) fn literal(text: &str) -> String {
    if text.bytes().all(|b| b == b' ' || b.is_ascii_graphic() && !matches!(b, b'"' | b'\\')) {
        return format!("\"{text}\"");
    }
    Literal::string(text).to_string()
}

/// The upstream name of an item, for rustdoc to find it by, where it differs.
pub(super) fn alias<'u>(upstream: &'u str, name: &str) -> Option<&'u str> {
    // rustdoc takes no quotes and no white space but single blanks inside.
    let fine = upstream.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\''));
    (upstream != name && !upstream.is_empty() && fine).then_some(upstream)
}
