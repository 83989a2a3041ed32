//! Tokens to text: one file at a time, item by item.
//!
//! `prettyplease` lays out each item; everything between items (header, module comment, modules,
//! imports, blank lines) is written here.

mod imports;

use proc_macro2::TokenStream;

pub use imports::Imports;

use crate::docs::Doc;

/// What clippy's `too_many_lines` counts as too many.
const MANY_LINES: usize = 100;

/// A Rust file in parts.
#[derive(Debug, Default)]
pub struct SourceFile {
    /// The comment of the module.
    pub doc: Doc,
    /// Modules, in order.
    pub modules: Vec<Module>,
    /// What is imported.
    pub imports: Imports,
    /// What is re-exported.
    pub exports: Imports,
    /// The cargo feature that the re-exports need.
    pub feature: Option<String>,
    /// The items, in order.
    pub items: Vec<TokenStream>,
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
pub fn render(header: &str, file: &SourceFile) -> Result<String, String> {
    let mut sections = Vec::new();
    let doc: Vec<_> = file.doc.lines(0).iter().map(|line| comment("//!", line)).collect();
    if !doc.is_empty() {
        sections.push(doc.concat());
    }
    let modules: Vec<_> = file.modules.iter().map(module).collect();
    if !modules.is_empty() {
        sections.push(modules.concat());
    }
    let feature = cfg(file.feature.as_slice());
    sections.extend(file.exports.render_with(&feature, "pub use"));
    sections.extend(file.imports.render("use"));
    for item in &file.items {
        sections.push(item_text(item)?);
    }
    Ok(format!("{header}\n{}", sections.join("\n")))
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
        several => format!("#[cfg(any({}))]\n", several.join(", ")),
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
pub fn item_text(tokens: &TokenStream) -> Result<String, String> {
    let item: syn::Item =
        syn::parse2(tokens.clone()).map_err(|error| format!("{error} in `{}`", start_of(tokens)))?;
    let is_impl = matches!(item, syn::Item::Impl(_));
    let text = prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    });
    Ok(if is_impl { space_out(&text) } else { text })
}

fn start_of(tokens: &TokenStream) -> String {
    tokens.to_string().chars().take(60).collect()
}

/// Puts blank lines between the members of an `impl`, and says of long functions that they may be.
fn space_out(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut out = String::with_capacity(text.len() + 64);
    let mut after_member = false;
    for (index, line) in lines.iter().enumerate() {
        let top = indent(line) == 4;
        if after_member && line.trim() != "}" {
            out.push('\n');
        }
        after_member = top && (line.trim() == "}" || is_one_line_function(line));
        if top && line.ends_with('{') && is_function(line) {
            let rest = lines.get(index + 1..).unwrap_or_default();
            let body = rest.iter().take_while(|line| **line != "    }").count();
            if body > MANY_LINES {
                out.push_str("    #[expect(clippy::too_many_lines, reason = \"a line for each member\")]\n");
            }
        }
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
