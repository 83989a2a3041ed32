//! Whatever a public function of `alipay-core` takes or returns can be named from each generated crate.
//!
//! For types of `alipay-core` the compiler says so (the lint `unnameable_types`), and generated crates re-export
//! the whole root. This leaves types of other crates, which are re-exported with their crates, and names that the
//! root of a generated crate has already.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Fields, FnArg, ImplItem, Item, ItemUse, TraitItem, UseTree, Visibility,
    visit::{self, Visit},
};

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn parsed(path: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The names of a `use` with the first part of their paths, in both of which a crate may stand.
fn imported(tree: &UseTree, first: Option<&str>, names: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(part) => {
            let name = part.ident.to_string();
            imported(&part.tree, Some(first.unwrap_or(&name)), names);
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            names.insert(name.clone(), first.unwrap_or(&name).to_owned());
        }
        UseTree::Rename(part) => {
            let name = part.ident.to_string();
            names.insert(part.rename.to_string(), first.unwrap_or(&name).to_owned());
        }
        UseTree::Glob(_) => {}
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| imported(tree, first, names));
        }
    }
}

/// The first names of all paths in some tokens.
fn first_names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut after_colons = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => first_names(group.stream(), found),
            TokenTree::Ident(ident) if !after_colons => _ = found.insert(ident.to_string()),
            TokenTree::Punct(punct) => {
                after_colons =
                    punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Alone;
                continue;
            }
            _ => {}
        }
        after_colons = false;
    }
}

/// What the public signatures of a file name, and what its `use` items bring in.
#[derive(Default)]
struct File {
    signed: BTreeSet<String>,
    imports: BTreeMap<String, String>,
    /// Names that a public `use` re-exports, as they are.
    re_exported: BTreeSet<String>,
}

impl File {
    fn add(&mut self, part: &impl ToTokens) {
        first_names(part.to_token_stream(), &mut self.signed);
    }

    fn signature(&mut self, signature: &syn::Signature) {
        for input in &signature.inputs {
            if let FnArg::Typed(input) = input {
                self.add(&input.ty);
            }
        }
        self.add(&signature.output);
        self.add(&signature.generics);
        self.add(&signature.generics.where_clause);
    }

    fn fields(&mut self, fields: &Fields, all: bool) {
        for field in fields.iter().filter(|field| all || is_public(&field.vis)) {
            self.add(&field.ty);
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

impl<'ast> Visit<'ast> for File {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        imported(&item.tree, None, &mut self.imports);
        if let (true, UseTree::Name(name)) = (is_public(&item.vis), &item.tree) {
            self.re_exported.insert(name.ident.to_string());
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(item) if is_public(&item.vis) => self.signature(&item.sig),
            Item::Struct(item) if is_public(&item.vis) => self.fields(&item.fields, false),
            Item::Enum(item) if is_public(&item.vis) => {
                item.variants.iter().for_each(|variant| self.fields(&variant.fields, true));
            }
            Item::Type(item) if is_public(&item.vis) => self.add(&item.ty),
            Item::Const(item) if is_public(&item.vis) => self.add(&item.ty),
            Item::Trait(item) if is_public(&item.vis) => {
                for item in &item.items {
                    match item {
                        TraitItem::Fn(item) => self.signature(&item.sig),
                        TraitItem::Type(item) => self.add(&item.bounds),
                        _ => {}
                    }
                }
            }
            Item::Impl(item) => {
                for inner in &item.items {
                    match inner {
                        ImplItem::Fn(inner) if is_public(&inner.vis) => self.signature(&inner.sig),
                        ImplItem::Type(inner) if item.trait_.is_some() => self.add(&inner.ty),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

#[test]
fn crates_whose_types_are_public_are_re_exported() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest: toml_edit::DocumentMut = read("alipay-core/Cargo.toml").parse().unwrap();
    let crates: BTreeSet<String> = manifest
        .get("dependencies")
        .unwrap()
        .as_table()
        .unwrap()
        .iter()
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    let mut paths = Vec::new();
    sources(&root.join("alipay-core/src"), &mut paths);
    let files: Vec<(PathBuf, File)> = paths
        .into_iter()
        .map(|path| {
            let mut file = File::default();
            file.visit_file(&parsed(&path));
            (path, file)
        })
        .collect();
    let re_exported: BTreeSet<&String> =
        files.iter().flat_map(|(_, file)| &file.re_exported).collect();
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    // Whoever has a feature for the types of another crate has that crate.
    for (path, file) in
        files.iter().filter(|(path, _)| !path.parent().unwrap().ends_with("value/interop"))
    {
        for name in &file.signed {
            let krate = file.imports.get(name).unwrap_or(name);
            if crates.contains(krate) && !re_exported.contains(krate) {
                missing.push(format!("{}: `{name}` of `{krate}`", path.display()));
            } else if crates.contains(krate) {
                used.insert(krate.as_str());
            }
        }
    }
    assert!(missing.is_empty(), "types that users cannot name:\n{}", missing.join("\n"));
    assert_eq!(used, BTreeSet::from(["bytes", "http", "reqwest", "serde", "serde_json"]));
}

#[test]
fn generated_crates_re_export_the_whole_runtime() {
    for path in
        ["alipay-marketing/src/lib.rs", "alipay-voucher/src/lib.rs", "codegen/templates/lib.txt"]
    {
        assert!(read(path).contains("\npub use alipay_core::*;\n"), "{path}");
    }
}

/// A module of a generated crate that has the name of one of the runtime would hide that.
#[test]
fn modules_of_the_runtime_are_reserved_names() {
    let reserved = read("codegen/src/names/reserved.rs");
    let (_, list) = reserved.split_once("const ROOT_MODULES: &str = \"\\\n").unwrap();
    let (list, _) = list.split_once("\";").unwrap();
    let reserved: BTreeSet<&str> = list.split_whitespace().filter(|word| *word != "\\").collect();
    let root = syn::parse_file(&read("alipay-core/src/lib.rs")).unwrap();
    let mut modules = BTreeSet::new();
    for item in &root.items {
        match item {
            Item::Mod(item) if is_public(&item.vis) => _ = modules.insert(item.ident.to_string()),
            Item::Use(item) if is_public(&item.vis) => {
                if let UseTree::Name(name) = &item.tree {
                    modules.insert(name.ident.to_string());
                }
            }
            _ => {}
        }
    }
    assert!(modules.len() > 10, "{modules:?}");
    let missing: Vec<_> = modules.iter().filter(|name| !reserved.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "not in ROOT_MODULES: {missing:?}");
}
