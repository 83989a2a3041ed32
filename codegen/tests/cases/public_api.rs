//! The text of the public API against the code that is really generated, read with `syn`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, path::Path};

use crate::support::{description, each, options};
use libtest_mimic::Trial;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Ident, Token, braced, ext::IdentExt as _, parse::ParseStream, token};

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    each("features", "feature", everything_generated_is_listed_and_nothing_else)
}

/// `Type::field`, `Type::method()`, `Type::Variant` of everything public in the generated files, without
/// modules, and for fields with their types: what the runtime's macros make of their rows.
fn generated(output: &alipay_codegen::Output) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in &output.files {
        if Path::new(path).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for item in syn::parse_file(text).unwrap_or_else(|e| panic!("{path}: {e}")).items {
            let syn::Item::Macro(call) = item else { continue };
            let name = call.mac.path.get_ident().unwrap().to_string();
            let lines = call.mac.parse_body_with(|input: ParseStream<'_>| expand(&name, input));
            found.extend(lines.unwrap_or_else(|e| panic!("{path}: {name}!: {e}")));
        }
    }
    found
}

/// What a call of a macro makes.
fn expand(name: &str, input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let mut found = Vec::new();
    if name == "operations" {
        input.parse::<TokenStream>()?;
        return Ok(found);
    }
    input.call(Attribute::parse_outer)?;
    input.parse::<Token![pub]>()?;
    let kind = if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
        "struct"
    } else {
        input.parse::<Token![enum]>()?;
        "enum"
    };
    let ident = input.call(Ident::parse_any)?;
    found.push(format!("{kind} {ident}"));
    let mut words = Vec::new();
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        while !input.peek(token::Brace) {
            words.push(input.call(Ident::parse_any)?.to_string());
        }
    }
    let has = |word: &str| words.iter().any(|other| other == word);
    let rows;
    braced!(rows in input);
    let rest = |rows: ParseStream<'_>, end: fn(ParseStream<'_>) -> bool| -> syn::Result<()> {
        while !rows.is_empty() && !end(rows) {
            rows.parse::<TokenTree>()?;
        }
        if !rows.is_empty() {
            rows.parse::<TokenTree>()?;
        }
        Ok(())
    };
    if name == "operation" {
        rows.parse::<TokenStream>()?;
        return Ok(found);
    }
    while !rows.is_empty() {
        rows.call(Attribute::parse_outer)?;
        match name {
            "model" => {
                rows.parse::<Token![pub]>()?;
                let field = rows.call(Ident::parse_any)?;
                rows.parse::<Token![:]>()?;
                let ty = rows.parse::<syn::Type>()?.to_token_stream().to_string().replace(' ', "");
                found.push(format!("field {ident}::{field}: {ty}"));
                if has("input") {
                    found.push(format!("fn {ident}::{field}"));
                }
                rest(&rows, |rows| rows.peek(Token![,]))?;
            }
            "api" => {
                rows.parse::<Token![fn]>()?;
                found.push(format!("fn {ident}::{}", rows.call(Ident::parse_any)?));
                rest(&rows, |rows| rows.peek(Token![;]))?;
            }
            _ => {
                found.push(format!("variant {ident}::{}", rows.call(Ident::parse_any)?));
                rest(&rows, |rows| rows.peek(Token![,]))?;
            }
        }
    }
    let more: &[&str] = match name {
        "model" if has("optional") && has("input") => &["fn new"],
        "model" if has("input") && !input.is_empty() => &["fn new"],
        "api" => &["fn new", "fn client"],
        "messages" => &["variant Unknown", "fn from_notification", "fn unreadable", "fn name"],
        "open_enum" => &["variant Unknown"],
        "error_codes" if words.is_empty() => &["variant Unknown"],
        "error_codes" => &["variant Unknown", "variant Common"],
        _ => &[],
    };
    if name == "model" && !input.is_empty() {
        input.call(Attribute::parse_outer)?;
        input.parse::<Ident>()?;
        if input.peek(Ident) {
            let parts: Ident = input.parse()?;
            found.push(format!("struct {parts}"));
            let rows;
            braced!(rows in input);
            while !rows.is_empty() {
                rows.call(Attribute::parse_outer)?;
                let part = rows.call(Ident::parse_any)?;
                rows.parse::<Token![:]>()?;
                let ty = rows.parse::<syn::Type>()?.to_token_stream().to_string().replace(' ', "");
                found.push(format!("field {parts}::{part}: {ty}"));
                rows.parse::<Option<Token![,]>>()?;
            }
        }
    }
    for line in more {
        let (kind, member) = line.split_once(' ').unwrap();
        found.push(format!("{kind} {ident}::{member}"));
    }
    input.parse::<TokenStream>()?;
    Ok(found)
}

/// The same of the text of the public API.
fn listed(public_api: &str) -> BTreeSet<String> {
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
    for line in public_api.lines() {
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

fn everything_generated_is_listed_and_nothing_else(folder: &Path) {
    let output = alipay_codegen::generate(&description(folder), &options())
        .unwrap_or_else(|findings| panic!("{findings}"));
    let (generated, listed) = (generated(&output), listed(&output.public_api));
    let missing: Vec<_> = generated.difference(&listed).collect();
    let invented: Vec<_> = listed.difference(&generated).collect();
    assert!(missing.is_empty(), "not listed: {missing:#?}");
    assert!(invented.is_empty(), "listed, but not generated: {invented:#?}");
}
