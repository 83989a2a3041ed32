//! The listing of the public API against the code that is really generated, read with `syn`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, fs, path::Path};

use codegen::{Inputs, load::Source};
use quote::ToTokens;

fn each_feature(check: impl Fn(&str, &codegen::Output)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/features");
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let source = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).ok()?;
            Some(Source::new(file, text))
        };
        let inputs = Inputs {
            base: source("openapi.yaml").unwrap(),
            overlay: source("overlay.yaml"),
            removed: source("removed.yaml"),
            lock: None,
            tags: Vec::new(),
            prefix: None,
            crate_name: "shop".to_owned(),
            change: String::new(),
            described_in: None,
        };
        let output = codegen::generate(&inputs).unwrap_or_else(|findings| panic!("{findings}"));
        check(folder.file_name().unwrap().to_str().unwrap(), &output);
    }
}

/// `Type::field`, `Type::method()`, `Type::Variant` of everything public in the generated files, without
/// modules, and for fields with their types.
fn generated(output: &codegen::Output) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in &output.files {
        if Path::new(path).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for item in syn::parse_file(text).unwrap_or_else(|e| panic!("{path}: {e}")).items {
            match item {
                syn::Item::Struct(item) => {
                    found.insert(format!("struct {}", item.ident));
                    for field in &item.fields {
                        if matches!(field.vis, syn::Visibility::Public(_)) {
                            let ty = field.ty.to_token_stream().to_string().replace(' ', "");
                            let name = field.ident.as_ref().unwrap();
                            found.insert(format!("field {}::{name}: {ty}", item.ident));
                        }
                    }
                }
                syn::Item::Enum(item) => {
                    found.insert(format!("enum {}", item.ident));
                    for variant in &item.variants {
                        found.insert(format!("variant {}::{}", item.ident, variant.ident));
                    }
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    let name = item.self_ty.to_token_stream().to_string();
                    for member in item.items {
                        if let syn::ImplItem::Fn(method) = member
                            && matches!(method.vis, syn::Visibility::Public(_))
                        {
                            found.insert(format!("fn {name}::{}", method.sig.ident));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    // What all types of a kind have.
    found.retain(|line| !line.ends_with("::as_str") && !line.ends_with("::is_known"));
    found
}

/// The same of the listing.
fn listed(listing: &str) -> BTreeSet<String> {
    let plain = |text: &str| -> String {
        // The modules of paths, but not their last segments.
        let mut out = String::new();
        for word in text.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let end = word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
            let rest = word.get(end.len()..).unwrap_or_default();
            out.push_str(end.rsplit("::").next().unwrap_or_default());
            out.push_str(rest);
        }
        out.replace(' ', "")
    };
    let mut found = BTreeSet::new();
    for line in listing.lines() {
        let Some((kind, rest)) = line.split_once(' ') else { continue };
        let last = |path: &str, count: usize| {
            let mut segments: Vec<_> = path.rsplit("::").take(count).collect();
            segments.reverse();
            segments.join("::")
        };
        match kind {
            "struct" | "enum" => found.insert(format!("{kind} {}", last(rest, 1))),
            "field" => {
                let (path, ty) = rest.split_once(": ").unwrap();
                found.insert(format!("field {}: {}", last(path, 2), plain(ty)))
            }
            "variant" | "fn" => {
                let path = rest.split('(').next().unwrap();
                found.insert(format!("{kind} {}", last(path, 2)))
            }
            _ => false,
        };
    }
    found
}

#[test]
fn everything_generated_is_listed_and_nothing_else() {
    each_feature(|name, output| {
        let (generated, listed) = (generated(output), listed(&output.public_api));
        let missing: Vec<_> = generated.difference(&listed).collect();
        let invented: Vec<_> = listed.difference(&generated).collect();
        assert!(missing.is_empty(), "{name}: not listed: {missing:#?}");
        assert!(invented.is_empty(), "{name}: listed, but not generated: {invented:#?}");
    });
}
