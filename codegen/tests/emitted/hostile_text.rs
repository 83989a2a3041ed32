//! Texts of a description are untrusted: whatever they hold, the output is Rust, and the texts stay
//! inside comments and strings.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use crate::build::*;
use alipay_codegen::{catalogue, print::docs::Doc};
use alipay_openapi::ir::{
    Api, Condition, Confidence, Docs, Method, Presence, Sourced, Status, Ty, Waiter, WaiterFailure,
    WaiterMessage,
};
use proptest::prelude::*;

/// Texts that have broken generators.
const SEEDS: &[&str] = &[
    "a\rb",
    "a\tb",
    "a\r\n\r\nb",
    "*/ fn x() {} /*",
    "#![allow(warnings)]",
    "#[x] y",
    "[x]",
    "[x](y)",
    "[x]: y",
    "<b>bold</b>",
    "<script>",
    "a\u{F06C}b",
    "a\u{202E}b",
    "`",
    "``x`",
    "```rust\npanic!()\n```",
    "\\",
    "x\\",
    "http://a.b.c/d",
    "http://",
    "https://a.b/[c]",
    "<http://a.b>",
    "# h",
    "> q",
    "1. a\n3. b",
    "- a\n1. b",
    "---",
    "===",
    "a\n---",
    "|a|b|\n|-|-|",
    "&lt;b&gt;",
    "&amp",
    "*a*",
    "**a",
    "~~a~~",
    "\0",
    "\u{2028}",
    "满减券：<b>[优惠]</b>",
    "    indented code",
    "{}",
    "{{x}}",
    "\"quoted\"",
    "'",
    "\u{1}0",
    "///",
    "//!",
    "\u{FEFF}",
    "$",
    "^",
    "!",
    "![x](y)",
    "\u{E0041}",
    "e\u{301}",
    "👨‍👩‍👧",
    "<a href='https://a.b/c'>x</a>",
    "<a href=\"javascript:x\">",
    "<b>a。b</b>c",
    "</b><br><li>",
    "<script>`</script>",
    "<!-- -->",
    "&#96;&lt;&#xE000;",
    "\u{E000}\u{E001}\u{E003}",
];

fn hostile_api(text: &str) -> Api {
    let mut api = everything();
    api.title = String::from(text);
    api.version = String::from(text);
    let docs = Docs {
        title: Some(text.to_owned()),
        description: Some(text.to_owned()),
        confidence: Confidence::Inferred,
    };
    for operation in &mut api.groups[0].operations {
        operation.docs = docs.clone();
        operation.path = format!("/v3/{text}");
        for code in &mut operation.codes.codes {
            code.meaning = Some(text.to_owned());
            code.action = Some(text.to_owned());
        }
    }
    for item in &mut api.structs {
        item.docs = docs.clone();
        for field in &mut item.fields {
            field.docs = docs.clone();
            field.example = Some(text.into());
            field.unit = Some(text.to_owned());
            field.required_when = Some(sourced(text.to_owned(), Confidence::Inferred));
            if field.presence == Presence::Optional && field.ty == Ty::Text {
                field.pinned_name = alipay_codegen::names::words::snake(&field.wire);
                field.wire = format!("{}{text}", field.wire);
            }
        }
    }
    for item in &mut api.enums {
        for value in &mut item.values {
            value.meaning = Some(text.to_owned());
        }
    }
    for message in &mut api.messages {
        message.docs = docs.clone();
    }
    let send = &mut api.groups[0].operations[0];
    // The key has to go on naming a field.
    send.safety = alipay_openapi::ir::Safety::Unknown;
    let origin = send.origin.join("x-alipay-waiters");
    let condition = Condition { at: vec![text.to_owned()], is: vec![text.to_owned()] };
    send.status = Some(Status {
        at: vec!["voucher_id".to_owned()],
        confidence: Confidence::Inferred,
        origin: origin.clone(),
    });
    send.waiters.push(Waiter {
        name: "sent".to_owned(),
        success: vec![condition.clone()],
        failures: vec![WaiterFailure {
            name: "lost".to_owned(),
            condition,
            reason: Some(text.to_owned()),
            docs: docs.clone(),
            origin: origin.join("lost"),
        }],
        message: Some(WaiterMessage { name: text.to_owned(), about: Some(text.to_owned()) }),
        docs,
        confidence: Confidence::Inferred,
        origin,
    });
    api
}

/// The shape of a file without what texts may change: comments, and the values of strings.
fn shape(text: &str) -> String {
    use quote::ToTokens;
    fn strip(tokens: proc_macro2::TokenStream, out: &mut String) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let text = tokens.peek().map(ToString::to_string).unwrap_or_default();
                    if text.starts_with("[doc") || text == "!" {
                        tokens.next();
                        if text == "!" {
                            tokens.next();
                        }
                    } else {
                        out.push('#');
                    }
                }
                proc_macro2::TokenTree::Group(group) => {
                    out.push('(');
                    strip(group.stream(), out);
                    out.push(')');
                }
                proc_macro2::TokenTree::Literal(literal) => {
                    out.push_str(if literal.to_string().starts_with('"') { "\"\"" } else { "0" });
                }
                // A trailing comma comes and goes with the layout.
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',' => {}
                other => {
                    out.push_str(&other.to_string());
                    out.push(' ');
                }
            }
        }
    }
    let mut out = String::new();
    strip(syn::parse_file(text).unwrap().into_token_stream(), &mut out);
    out
}

fn check(text: &str) {
    let (plain_api, api) = (hostile_api("x"), hostile_api(text));
    let mut plain = generate(&plain_api, None).unwrap();
    let mut output = generate(&api, None).unwrap();
    plain.files.insert("catalogue.rs".to_owned(), catalogue(&plain_api));
    output.files.insert("catalogue.rs".to_owned(), catalogue(&api));
    assert_eq!(plain.files.keys().collect::<Vec<_>>(), output.files.keys().collect::<Vec<_>>());
    for (path, file) in output.files.iter().filter(|(path, _)| *path != "OPERATIONS.md") {
        assert_eq!(shape(&plain.files[path]), shape(file), "{path} with {text:?}:\n{file}");
        for c in ['\r', '\t', '\u{202E}', '\u{F06C}', '\u{1}', '\0', '\u{FEFF}'] {
            assert!(!file.contains(c), "{path} holds {c:?}");
        }
        for line in file.lines().filter(|line| line.trim_start().starts_with("//")) {
            assert_eq!(line.trim_end(), line, "{path}");
        }
    }
}

#[test]
fn texts_that_have_broken_generators() {
    for text in SEEDS {
        check(text);
    }
}

#[test]
fn comments_show_the_texts() {
    let shown = |text: &str| Doc::described(Some(text), None, "Nothing.").lines(0).join("\n");
    assert_eq!(shown("a <b> [c] `d[e]` http://f.gh/i"), r"a \<b> \[c] `d[e]` <http://f.gh/i>.");
    assert_eq!(
        shown("<p>参见<a href='http://a.b/c'>文档。</a>；</p>"),
        "参见[文档。](http://a.b/c)。"
    );
    assert_eq!(shown("# Title\n\n    code"), "\\# Title.\n\ncode");
    assert_eq!(shown("x\n\n- a\n- b [c]"), "x.\n\n- a\n- b \\[c]");
    assert_eq!(shown("\u{F06C}\u{202E}"), "Nothing.");
}

#[test]
fn every_upstream_kind_of_code_has_a_name() {
    let mut parts = operation(TAG, "send", Method::Post, Vec::new(), Vec::new());
    parts.operation.codes = codes(
        "X",
        &[
            "SYSTEM_ERROR",
            "ACQ.SYSTEM_ERROR",
            "aop.unknow-error",
            "isp.unknow-error",
            "isv.bill-is-not-exisit",
            "app-key-security-risk, app-cert-expired",
            "A\"B",
            "a'b\\c",
            "404",
        ],
    );
    let mut api = empty_api();
    parts.add(&mut api, TAG);
    let text = &generate(&api, None).unwrap().files["operations/send.rs"];
    syn::parse_file(text).unwrap();
    assert!(text.contains(r#"AB = "A\"B","#), "{text}");
    assert!(text.contains("V404 = \"404\","), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_stays_inside_comments_and_strings(text in "(\\PC|[\r\n\t<>\\[\\]`*#\\\\&/|~\u{202E}\u{F06C}]){0,40}") {
        check(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_are_lines_that_parse_back(
        text in any::<String>(),
        pieces in proptest::collection::vec(proptest::sample::select(SEEDS), 0..6),
        indent in 0..8_usize,
    ) {
        let text = pieces.concat() + &text;
        let mut doc = Doc::described(Some(&text), Some("名"), "-");
        doc = doc.item(alipay_codegen::print::docs::with_confidence(&alipay_codegen::print::docs::clean::inline(&text), Confidence::Inferred));
        let lines = doc.lines(indent);
        let comments: Vec<_> = lines.iter().map(|line| format!("/// {line}\n")).collect();
        let item: syn::ItemStruct = syn::parse_str(&format!("{}struct X;", comments.concat())).unwrap();
        let back: Vec<_> = item.attrs.iter().map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(syn::MetaNameValue { value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }), .. }) => text.value(),
            _ => panic!("not a comment"),
        }).collect();
        prop_assert_eq!(back.len(), lines.len());
        for (line, back) in lines.iter().zip(&back) {
            prop_assert_eq!(format!(" {line}"), back.clone());
            prop_assert_eq!(line.trim_end(), line);
        }
        let is_private = |c: char| ('\u{E000}'..='\u{F8FF}').contains(&c);
        let shows_marks = lines.iter().any(|line| line.contains(is_private));
        prop_assert!(!shows_marks);
        prop_assert!(!lines.is_empty() && lines.iter().any(|line| !line.is_empty()));
    }
}

#[test]
fn a_sourced_text_is_cleaned_too() {
    let text: Sourced<String> = sourced("Required when <x> [y].".to_owned(), Confidence::Secondary);
    let mut send = operation(TAG, "send", Method::Post, vec![field("a", Ty::Text)], Vec::new());
    send.request.fields[0].required_when = Some(text);
    let mut api = empty_api();
    send.add(&mut api, TAG);
    let file = &generate(&api, None).unwrap().files["operations/send.rs"];
    assert!(file.contains(r"/// - Required when \<x> \[y] (secondary)."), "{file}");
}
