//! Imports: collected as paths, written as sorted trees.

use std::collections::BTreeMap;

use crate::print::columns::wrap;

/// The columns generated files keep to.
pub(super) const COLUMNS: usize = 100;

/// A set of paths to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imports(BTreeMap<String, Tree>);

/// What is imported below a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tree {
    /// Whether the path that ends here is imported itself.
    whole: bool,
    children: BTreeMap<String, Tree>,
}

impl Imports {
    /// Adds a path such as `std::fmt`.
    pub(crate) fn add(&mut self, path: &str) {
        let mut segments = path.split("::");
        let Some(first) = segments.next() else { return };
        let mut tree = self.0.entry(first.to_owned()).or_default();
        for segment in segments {
            tree = tree.children.entry(segment.to_owned()).or_default();
        }
        tree.whole = true;
    }

    /// The imports as text, in up to three sections: the standard library, other crates, this crate. Before
    /// each import stands a line of attributes, if there are any.
    #[must_use]
    pub(crate) fn render(&self, attributes: &str, keyword: &str) -> Vec<String> {
        let mut sections = [String::new(), String::new(), String::new()];
        for (root, tree) in &self.0 {
            let section = match root.as_str() {
                "std" => 0,
                "crate" | "self" | "super" => 2,
                _ => 1,
            };
            let head = format!("{keyword} ");
            let path = tree_text(root, tree, 0, head.len());
            if let Some(section) = sections.get_mut(section) {
                for part in [attributes, &head, &path, ";\n"] {
                    section.push_str(part);
                }
            }
        }
        sections.into_iter().filter(|section| !section.is_empty()).collect()
    }
}

/// A tree as the text of an import. `used` columns of its first line are taken.
fn tree_text(name: &str, tree: &Tree, indent: usize, used: usize) -> String {
    let mut name = name.to_owned();
    let mut tree = tree;
    while let (false, Some((segment, child)), 1) =
        (tree.whole, tree.children.first_key_value(), tree.children.len())
    {
        name = format!("{name}::{segment}");
        tree = child;
    }
    if tree.children.is_empty() {
        return name;
    }
    let flat = flat_children(tree).join(", ");
    // Like rustfmt, which gives each list inside a list lines of its own.
    let nested = flat.contains('{');
    // It leaves the last column free, but for the comma after a list inside a list.
    let columns = if indent == 0 { COLUMNS - 1 } else { COLUMNS };
    if !nested && indent + used + name.len() + flat.len() + "::{};".len() <= columns {
        return format!("{name}::{{{flat}}}");
    }
    let inner = indent + 4;
    // Names are packed into lines, which rustfmt ends one column early; each module with several names has
    // lines of its own.
    let columns = COLUMNS - inner - 1;
    let mut lines = Vec::new();
    let mut names = String::from(if tree.whole { "self, " } else { "" });
    for (segment, child) in &tree.children {
        if child.children.is_empty() {
            names.push_str(segment);
            names.push_str(", ");
        } else {
            lines.extend(wrap(names.trim_end(), columns));
            names.clear();
            lines.push(format!("{},", tree_text(segment, child, inner, 1)));
        }
    }
    lines.extend(wrap(names.trim_end(), columns));
    let (pad, end) = (" ".repeat(inner), " ".repeat(indent));
    format!("{name}::{{\n{pad}{}\n{end}}}", lines.join(&format!("\n{pad}")))
}

/// The children on one line.
fn flat_children(tree: &Tree) -> Vec<String> {
    let mut parts: Vec<_> = tree.whole.then(|| "self".to_owned()).into_iter().collect();
    for (segment, child) in &tree.children {
        if child.children.is_empty() {
            parts.push(segment.clone());
            continue;
        }
        let inner = flat_children(child);
        match inner.as_slice() {
            [one] if !child.whole => parts.push(format!("{segment}::{one}")),
            _ => parts.push(format!("{segment}::{{{}}}", inner.join(", "))),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_merged_and_sorted() {
        let mut imports = Imports::default();
        imports.add("std::fmt");
        for path in
            ["serde::Serialize", "serde::Deserialize", "a::model", "a::model::Model", "a::Call"]
        {
            imports.add(path);
        }
        imports.add("crate::generated::models::X");
        assert_eq!(
            imports.render("", "use"),
            [
                "use std::fmt;\n",
                "use a::{\n    Call,\n    model::{self, Model},\n};\nuse serde::{Deserialize, Serialize};\n",
                "use crate::generated::models::X;\n",
            ]
        );
    }

    #[test]
    fn long_lists_are_broken() {
        let mut imports = Imports::default();
        for n in 0..12 {
            imports.add(&format!("a::Something{n:02}"));
        }
        imports.add("a::b::C");
        imports.add("a::b::D");
        assert_eq!(
            imports.render("", "use").concat(),
            "use a::{
    Something00, Something01, Something02, Something03, Something04, Something05, Something06,
    Something07, Something08, Something09, Something10, Something11,
    b::{C, D},
};
"
        );
    }
}
