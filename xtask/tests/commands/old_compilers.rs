//! Libraries for Rust before 1.88 have no chains of `let`. Clippy knows which items of the standard library a compiler
//! lacks, and not which syntax; of that, only this chain is newer than edition 2024 and used in other crates here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::workspace;

/// The first minor version of Rust 1 that has them.
const CHAINS: u32 = 88;

#[test]
fn no_library_uses_syntax_that_its_minimum_rust_lacks() {
    let root = workspace();
    let (mut found, mut seen) = (Vec::new(), 0);
    for folder in fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let minimum = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"1."));
        let minimum: Option<u32> = minimum.map(|rest| rest.trim_end_matches('"').parse().unwrap());
        if minimum.is_some_and(|minimum| minimum < CHAINS) {
            seen += 1;
            look(&folder.join("src"), &mut found);
        }
    }
    assert!(seen >= 3, "{seen}");
    assert!(found.is_empty(), "chains of `let`, which Rust 1.{CHAINS} brought: {found:?}");
}

#[test]
fn chains_are_found_in_macros_too() {
    for (code, expected) in [
        ("fn f() { if let Some(x) = y && x > 2 {} }", true),
        ("m! { ($a:expr) => { while $a && let Some(x) = y {} } }", true),
        ("fn f() { if let Some(x) = y.filter(|x| a && b) { a && b; } }", false),
        ("fn f() { if a && b { let c = a && b; } }", false),
    ] {
        assert_eq!(has_chain(code.parse().unwrap()), expected, "{code}");
    }
}

fn look(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && has_chain(fs::read_to_string(&path).unwrap().parse().unwrap())
        {
            found.push(path.display().to_string());
        }
    }
}

/// Whether a condition, which ends at its block, has both `let` and `&&`.
fn has_chain(code: TokenStream) -> bool {
    // What was seen since `if` or `while`; nothing outside a condition.
    let mut condition: Option<(bool, bool)> = None;
    let mut after_and = false;
    for token in code {
        let mut is_and = false;
        match token {
            TokenTree::Group(group) => {
                if group.delimiter() == Delimiter::Brace && condition.take() == Some((true, true)) {
                    return true;
                }
                if has_chain(group.stream()) {
                    return true;
                }
            }
            TokenTree::Ident(word) if word == "if" || word == "while" => {
                condition = Some((false, false));
            }
            TokenTree::Ident(word) if word == "let" => {
                condition = condition.map(|(_, and)| (true, and));
            }
            TokenTree::Punct(sign) if sign.as_char() == '&' => {
                is_and = true;
                if after_and {
                    condition = condition.map(|(has_let, _)| (has_let, true));
                }
            }
            _ => {}
        }
        after_and = is_and;
    }
    false
}
