//! No two files of a crate import each other in a circle: whoever reads a file can read what it stands on
//! first.
//!
//! A file imports another when it names something that is defined there: in a `use`, or in a path that
//! begins with `crate`, `self`, `super` or one of its own modules. `mod x;` alone is no import. A name that a
//! module only re-exports counts as one of the file that defines it. Tests are left out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Expr, Item, ItemUse, Lit, Meta, MetaNameValue, UseTree,
    visit::{self, Visit},
};

/// The roots of crates: libraries and programs. What is generated is left out: its layout follows from its
/// description.
const ROOTS: &[&str] = &[
    "alipay-cli/src/main.rs",
    "alipay-core/src/lib.rs",
    "alipay-marketing/src/lib.rs",
    "alipay-mock/src/lib.rs",
    "alipay-mock/src/main.rs",
    "alipay-voucher/src/lib.rs",
    "benches/src/lib.rs",
    "codegen/src/lib.rs",
    "fuzz/checks/src/lib.rs",
    "fuzz/checks/src/main.rs",
    "long-runs/src/main.rs",
    "openapi/src/lib.rs",
    "xtask/src/main.rs",
];

/// A module's path from the root of its crate.
type Module = Vec<String>;

/// A path as it is written, and the module it is written in.
type Written = (Module, Vec<String>);

#[derive(Default)]
struct Crate {
    /// The file of each module.
    files: BTreeMap<Module, PathBuf>,
    /// The names that a module brings in with `use`, and what they stand for; `*` lists its globs.
    imports: BTreeMap<(Module, String), Vec<Vec<String>>>,
    /// The names a module defines.
    defined: BTreeSet<(Module, String)>,
    /// All paths that may lead to another file.
    written: Vec<Written>,
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut complaints = Vec::new();
    for file in ROOTS {
        let edges = Crate::read(&root.join(file)).edges();
        complaints.extend(circles(&edges).into_iter().map(|circle| shown(&circle, &edges, root)));
    }
    assert!(complaints.is_empty(), "files that import each other:\n\n{}", complaints.join("\n"));
}

/// Which file imports which, and by what name.
type Edges = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// Where the modules of a module stand, if an attribute says so.
fn folder_of(attributes: &[Attribute]) -> Option<String> {
    let path = attributes.iter().find(|known| known.path().is_ident("path"))?;
    let Meta::NameValue(MetaNameValue { value: Expr::Lit(value), .. }) = &path.meta else {
        return None;
    };
    let Lit::Str(folder) = &value.lit else { return None };
    Some(folder.value())
}

impl Crate {
    fn read(root: &Path) -> Self {
        let mut all = Self::default();
        all.file(root, root.parent().unwrap(), &Module::new());
        all
    }

    /// Reads the file of a module, whose own modules stand in `folder`.
    fn file(&mut self, file: &Path, folder: &Path, module: &Module) {
        self.files.insert(module.clone(), file.to_owned());
        let parsed = syn::parse_file(&fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.items(&parsed.items, file, folder, module);
    }

    fn items(&mut self, items: &[Item], file: &Path, folder: &Path, module: &Module) {
        for item in items.iter().filter(|item| !is_of_tests(attributes(item))) {
            match item {
                Item::Mod(item) => {
                    let name = plain(&item.ident);
                    let inner: Module = module.iter().cloned().chain([name.clone()]).collect();
                    self.defined.insert((module.clone(), name.clone()));
                    match &item.content {
                        Some((_, items)) => {
                            self.files.insert(inner.clone(), file.to_owned());
                            let within = folder_of(&item.attrs).unwrap_or(name);
                            self.items(items, file, &folder.join(within), &inner);
                        }
                        None if name == "generated" => {}
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let within = folder.join(&name).join("mod.rs");
                            let path = if beside.exists() { beside } else { within };
                            self.file(&path, &folder.join(&name), &inner);
                        }
                    }
                }
                Item::Use(item) => self.imported(item, module),
                item => {
                    if let Some(name) = name_of(item) {
                        self.defined.insert((module.clone(), name));
                    }
                    let mut inner = Inner { all: self, module };
                    inner.visit_item(item);
                    let mut paths = Vec::new();
                    let tokens = quote::ToTokens::to_token_stream(item);
                    paths_in(tokens, &mut paths);
                    self.written.extend(paths.into_iter().map(|path| (module.clone(), path)));
                }
            }
        }
    }

    fn imported(&mut self, item: &ItemUse, module: &Module) {
        let mut found = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut found);
        for (path, name) in found {
            self.written.push((module.clone(), path.clone()));
            self.imports.entry((module.clone(), name)).or_default().push(path);
        }
    }

    /// The module that defines what a path written in `module` names, if it is one of this crate.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let mut at = module.clone();
        let mut rest = rest;
        match first.as_str() {
            "crate" => at = Module::new(),
            "self" => {}
            "super" => {
                at.pop();
                while let [next, after @ ..] = rest
                    && next == "super"
                {
                    at.pop();
                    rest = after;
                }
            }
            _ => rest = path,
        }
        for (number, segment) in rest.iter().enumerate() {
            let inner: Module = at.iter().cloned().chain([segment.clone()]).collect();
            if self.files.contains_key(&inner) {
                at = inner;
                continue;
            }
            let key = (at.clone(), segment.clone());
            if self.defined.contains(&key) {
                return Some(at);
            }
            if depth == 0 {
                return None;
            }
            let tail = rest.get(number + 1..).unwrap_or_default();
            let named = self.imports.get(&key).into_iter().flatten();
            let globs = self.imports.get(&(at.clone(), "*".to_owned())).into_iter().flatten();
            let globs: Vec<Vec<String>> = globs
                .map(|glob| {
                    glob.iter()
                        .filter(|part| *part != "*")
                        .cloned()
                        .chain([segment.clone()])
                        .collect()
                })
                .collect();
            return named
                .chain(&globs)
                .filter(|path| path.as_slice() != [segment.clone()])
                .map(|path| path.iter().chain(tail).cloned().collect::<Vec<_>>())
                .find_map(|path| self.resolve(&at, &path, depth - 1));
        }
        Some(at)
    }

    fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (module, path) in &self.written {
            let local =
                !matches!(path.first().map(String::as_str), Some("crate" | "self" | "super"));
            let child = path.first().is_some_and(|first| {
                let inner: Module = module.iter().cloned().chain([first.clone()]).collect();
                self.files.contains_key(&inner)
            });
            // A single name is an item of the file itself, or was imported by a `use` that counts.
            if local && !child || path.len() < 2 {
                continue;
            }
            let Some(target) = self.resolve(module, path, 8) else { continue };
            if let (Some(from), Some(to)) = (self.files.get(module), self.files.get(&target))
                && from != to
            {
                let names = edges.entry(from.clone()).or_default().entry(to.clone()).or_default();
                names.insert(path.last().cloned().unwrap_or_default());
            }
        }
        edges
    }
}

/// Finds the `use` items inside of functions and modules of macros.
struct Inner<'a> {
    all: &'a mut Crate,
    module: &'a Module,
}

impl<'ast> Visit<'ast> for Inner<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.all.imported(item, self.module);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_of_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }
}

/// The paths of a `use`, with the names they get.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(part) => {
            path.push(plain(&part.ident));
            leaves(&part.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.push((path.clone(), path.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => {
            let name = plain(&name.ident);
            found.push((path.iter().cloned().chain([name.clone()]).collect(), name));
        }
        UseTree::Rename(part) => {
            let whole = path.iter().cloned().chain([plain(&part.ident)]).collect();
            found.push((whole, plain(&part.rename)));
        }
        UseTree::Glob(_) => {
            found.push((path.iter().cloned().chain(["*".to_owned()]).collect(), "*".to_owned()));
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, path, found);
            }
        }
    }
}

/// Every path of at least two names in some tokens. Those of `use` trees are found elsewhere.
fn paths_in(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    found.push(std::mem::take(&mut path));
                }
                path.push(plain(&ident));
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                paths_in(group.stream(), found);
                found.push(std::mem::take(&mut path));
                colons = 0;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                found.push(std::mem::take(&mut path));
                colons = 0;
            }
        }
    }
    found.push(path);
    found.retain(|path| path.len() > 1);
}

/// An identifier without `r#`.
fn plain(ident: &proc_macro2::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(plain(ident))
}

/// The sets of files of which each can be reached from each.
fn circles(edges: &Edges) -> Vec<BTreeSet<PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = edges
        .keys()
        .map(|file| {
            let mut reached = BTreeSet::new();
            let mut waiting = vec![file];
            while let Some(file) = waiting.pop() {
                let next = edges.get(file).into_iter().flat_map(BTreeMap::keys);
                waiting.extend(next.filter(|next| reached.insert(*next)));
            }
            (file, reached)
        })
        .collect();
    let mut found = BTreeSet::new();
    for (file, from) in &reached {
        let together: BTreeSet<PathBuf> = from
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|back| back.contains(file)))
            .map(|other| (*other).clone())
            .collect();
        if together.len() > 1 {
            found.insert(together);
        }
    }
    found.into_iter().collect()
}

fn shown(circle: &BTreeSet<PathBuf>, edges: &Edges, root: &Path) -> String {
    let short = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut text = String::new();
    for (from, targets) in edges.iter().filter(|(from, _)| circle.contains(*from)) {
        for (to, names) in targets.iter().filter(|(to, _)| circle.contains(*to)) {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            writeln!(text, "{} -> {}: {}", short(from), short(to), names.join(", ")).unwrap();
        }
    }
    text
}
