//! Tokens to text: one file at a time, item by item.
//!
//! `prettyplease` lays out each item; everything between items (header, module comment, modules,
//! imports, blank lines) is written here.

mod imports;
pub(crate) mod shape;

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub use imports::Imports;

use crate::docs::Doc;

/// What clippy's `too_many_lines` counts as too many.
const MANY_LINES: usize = 100;

/// So many features of a condition stand on one line.
const FEW_FEATURES: usize = 2;

/// A Rust file in parts.
#[derive(Debug, Default)]
pub struct SourceFile {
    /// The comment of the module.
    pub doc: Doc,
    /// Modules, in order.
    pub modules: Vec<Module>,
    /// What is imported.
    pub imports: Imports,
    /// What is re-exported, by the cargo features of which it needs one.
    pub exports: Exports,
    /// The items, in order.
    pub items: Vec<Item>,
    /// The comments that [marks](doc_mark) in the items stand for: their lines.
    pub docs: Vec<Vec<String>>,
}

/// Re-exports, by the cargo features of which they need one; without any they are always there.
#[derive(Clone, Debug, Default)]
pub struct Exports(BTreeMap<Vec<String>, Imports>);

impl Exports {
    /// Adds a path such as `pen::Pen`.
    pub fn add(&mut self, features: &[String], path: &str) {
        match self.0.get_mut(features) {
            Some(paths) => paths.add(path),
            None => self.0.entry(features.to_vec()).or_default().add(path),
        }
    }

    /// The re-exports as text, in sections.
    fn render(&self) -> Vec<String> {
        let sections = |(features, paths): (&Vec<String>, &Imports)| {
            paths.render_with(&cfg(features), "pub use")
        };
        self.0.iter().flat_map(sections).collect()
    }
}

/// An item of a file.
#[derive(Clone, Debug)]
pub enum Item {
    /// To be laid out.
    Tokens(TokenStream),
    /// Laid out already, comments included.
    Text(String),
}

/// What marks the place of a comment; no text of a description begins like it.
const MARK: &str = "\u{1}";

/// An attribute that stands for the n-th comment of a file.
///
/// Comments are laid out before the items are, and are most of a file: there is no need to carry
/// their lines through tokens.
#[must_use]
pub fn doc_mark(number: usize) -> TokenStream {
    let mark = Literal::string(&format!("{MARK}{number}"));
    quote!(#[doc = #mark])
}

/// A declaration of a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// The cargo features of which it needs one; none when it is always there.
    pub features: Vec<String>,
}

/// Who sees a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Its parent.
    Private,
    /// Its parent's parent.
    Above,
    /// Everyone.
    Public,
}

impl Module {
    /// A module.
    #[must_use]
    pub fn new(name: &str, visibility: Visibility) -> Self {
        Self { name: name.to_owned(), visibility, features: Vec::new() }
    }
}

/// Renders a file. An error says which item the printer refused, and why.
///
/// # Errors
///
/// When tokens of an item are not Rust.
pub fn render(header: &str, file: SourceFile) -> Result<String, String> {
    let mut sections = Vec::new();
    let doc: Vec<_> = file.doc.lines(0).iter().map(|line| comment("//!", line)).collect();
    if !doc.is_empty() {
        sections.push(doc.concat());
    }
    let modules: Vec<_> = file.modules.iter().map(module).collect();
    if !modules.is_empty() {
        sections.push(modules.concat());
    }
    sections.extend(file.exports.render());
    sections.extend(file.imports.render("use"));
    for item in file.items {
        sections.push(match item {
            Item::Text(text) if text.lines().nth(MANY_LINES).is_none() => text,
            Item::Text(text) => polish(&text, &[]),
            Item::Tokens(tokens) => polish(&item_text(tokens)?, &file.docs),
        });
    }
    let length: usize = sections.iter().map(|section| section.len() + 1).sum();
    let mut text = String::with_capacity(header.len() + length);
    text.push_str(header);
    for section in sections {
        text.push('\n');
        text.push_str(&section);
    }
    Ok(text)
}

fn comment(mark: &str, line: &str) -> String {
    if line.is_empty() { format!("{mark}\n") } else { format!("{mark} {line}\n") }
}

/// The attribute for what needs one of some features.
fn cfg(features: &[String]) -> String {
    let tests: Vec<_> = features.iter().map(|feature| format!("feature = {feature:?}")).collect();
    match tests.as_slice() {
        [] => String::new(),
        [one] => format!("#[cfg({one})]\n"),
        several if several.len() <= FEW_FEATURES => {
            format!("#[cfg(any({}))]\n", several.join(", "))
        }
        several => format!("#[cfg(any(\n    {},\n))]\n", several.join(",\n    ")),
    }
}

fn module(module: &Module) -> String {
    let feature = cfg(&module.features);
    let visibility = match module.visibility {
        Visibility::Private => "",
        Visibility::Above => "pub(super) ",
        Visibility::Public => "pub ",
    };
    format!("{feature}{visibility}mod {};\n", module.name)
}

/// One item, laid out.
///
/// # Errors
///
/// When the tokens are not Rust.
pub fn item_text(tokens: TokenStream) -> Result<String, String> {
    let item: syn::Item = syn::parse2(tokens).map_err(|error| error.to_string())?;
    let is_impl = matches!(item, syn::Item::Impl(_));
    let text = prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    });
    Ok(if is_impl { space_out(&text) } else { text })
}

/// Puts blank lines between the members of an `impl`.
fn space_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut after_member = false;
    for line in text.lines() {
        if after_member && line != "}" {
            out.push('\n');
        }
        after_member = indent(line) == 4 && (line.trim() == "}" || is_one_line_function(line));
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Puts comments in place of their marks, and says of long functions that they may be.
fn polish(text: &str, docs: &[Vec<String>]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let pad = line.get(..indent(line)).unwrap_or_default();
        if let Some(number) =
            line.trim_start().strip_prefix("///").and_then(|doc| doc.strip_prefix(MARK))
        {
            let doc = number.parse().ok().and_then(|number: usize| docs.get(number));
            out.push_str(&comment_lines(doc.map_or(&[], Vec::as_slice), pad.len()));
            continue;
        }
        if pad.len() == 4 && line.ends_with('{') && is_function(line) {
            let body = lines.clone().take_while(|line| *line != "    }").count();
            if body > MANY_LINES {
                out.push_str(
                    "    #[expect(clippy::too_many_lines, reason = \"a line for each member\")]\n",
                );
            }
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The lines of a comment, laid out.
pub(crate) fn comment_lines(lines: &[String], indent: usize) -> String {
    let room: usize = lines.iter().map(|line| indent + "/// \n".len() + line.len()).sum();
    let mut out = String::with_capacity(room);
    for line in lines {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str("///");
        out.push_str(if line.is_empty() { "" } else { " " });
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b' ').count()
}

fn is_function(line: &str) -> bool {
    line.contains("fn ") && !line.trim_start().starts_with("//")
}

fn is_one_line_function(line: &str) -> bool {
    is_function(line) && line.ends_with('}')
}
