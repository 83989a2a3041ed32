//! Writes a file from its parts: header, module comment, modules, imports, items, and blank lines between
//! them.

mod columns;
pub mod docs;
mod imports;

use std::collections::BTreeMap;

use alipay_openapi::diag::Diagnostic;
use proc_macro2::TokenStream;

use imports::COLUMNS;
pub(crate) use imports::Imports;

use self::docs::Doc;

/// A Rust file in parts.
#[derive(Debug, Default)]
pub(crate) struct SourceFile {
    /// The comment of the module.
    pub(crate) doc: Doc,
    /// Modules, in order.
    pub(crate) modules: Vec<Module>,
    /// What is imported.
    pub(crate) imports: Imports,
    /// What is re-exported, by the cargo features of which it needs one.
    pub(crate) exports: Exports,
    /// The items, in order.
    pub(crate) items: Vec<String>,
}

/// Why the generator could not print what it made itself: a fault of the generator, not of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unprintable(pub(crate) String);

impl Unprintable {
    /// The finding for a file or an item that cannot be printed.
    pub(crate) fn finding(&self, what: &str) -> Diagnostic {
        Diagnostic::error("unprintable", format!("`{what}` cannot be printed: {}", self.0))
            .hint("this is a fault of the generator; please report it with the description")
    }
}

/// Re-exports, by the cargo features of which they need one; without any they are always there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exports(BTreeMap<Vec<String>, Imports>);

impl Exports {
    /// Adds a path such as `pen::Pen`.
    pub(crate) fn add(&mut self, features: &[String], path: &str) {
        match self.0.get_mut(features) {
            Some(paths) => paths.add(path),
            None => self.0.entry(features.to_vec()).or_default().add(path),
        }
    }

    /// The re-exports as text, in sections.
    fn render(&self) -> Vec<String> {
        let sections =
            |(features, paths): (&Vec<String>, &Imports)| paths.render(&cfg(features), "pub use");
        self.0.iter().flat_map(sections).collect()
    }
}

/// A declaration of a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Module {
    /// Its name.
    pub(crate) name: String,
    /// Who sees it.
    pub(crate) visibility: Visibility,
    /// The cargo features of which it needs one; none when it is always there.
    pub(crate) features: Vec<String>,
}

/// Who sees a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Visibility {
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
    pub(crate) fn new(name: &str, visibility: Visibility) -> Self {
        Self { name: name.to_owned(), visibility, features: Vec::new() }
    }
}

/// Renders a file.
#[must_use]
pub(crate) fn render(header: &str, file: SourceFile) -> String {
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
    sections.extend(file.imports.render("", "use"));
    sections.extend(file.items);
    let length: usize = sections.iter().map(|section| section.len() + 1).sum();
    let mut text = String::with_capacity(header.len() + length);
    text.push_str(header);
    for section in sections {
        text.push('\n');
        text.push_str(&section);
    }
    text
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
        several => {
            let line = format!("#[cfg(any({}))]\n", several.join(", "));
            // As rustfmt has it; the line's end is counted here.
            if line.len() <= COLUMNS {
                line
            } else {
                format!("#[cfg(any(\n    {},\n))]\n", several.join(",\n    "))
            }
        }
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
pub(crate) fn item_text(tokens: TokenStream) -> Result<String, Unprintable> {
    let item = syn::parse2(tokens).map_err(|error| Unprintable(error.to_string()))?;
    Ok(prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    }))
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
