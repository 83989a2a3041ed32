//! What is laid out without the printer is laid out as the printer would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{fmt::Write, path::Path};

use codegen::{Inputs, load::Source};
use proptest::prelude::*;

fn source(path: &str) -> Source {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    Source { name: path.display().to_string(), text: std::fs::read_to_string(&path).unwrap() }
}

fn inputs(base: Source, overlay: Option<Source>) -> Inputs {
    Inputs {
        base,
        overlay,
        removed: None,
        lock: None,
        tags: Vec::new(),
        prefix: None,
        crate_name: "alipay-made".to_owned(),
        change: "the overlay".to_owned(),
        described_in: None,
    }
}

/// An item as the printer lays it out, with blank lines between the members of an `impl`.
fn printed(item: &syn::Item) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item.clone()],
    };
    let text = prettyplease::unparse(&file);
    if !matches!(item, syn::Item::Impl(_)) {
        return text;
    }
    let mut out = String::new();
    let mut ended = false;
    for line in text.lines() {
        if ended && line != "}" {
            out.push('\n');
        }
        let one_line = line.contains("fn ") && line.ends_with('}');
        ended =
            line == "    }" || line.starts_with("    ") && !line.starts_with("     ") && one_line;
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Each item of the files is what the printer makes of it. Modules and imports have a form of their own.
fn assert_printed(inputs: &Inputs) -> usize {
    let output = codegen::generate(inputs).unwrap_or_else(|findings| panic!("{findings}"));
    let mut count = 0;
    for (path, text) in output.files.iter().filter(|(path, _)| *path != "OPERATIONS.md") {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        for item in &file.items {
            if matches!(item, syn::Item::Use(_) | syn::Item::Mod(_)) {
                continue;
            }
            let printed = printed(item);
            assert!(
                text.contains(&printed),
                "{path} has another layout for\n{printed}\nin\n{text}"
            );
            count += 1;
        }
    }
    count
}

#[test]
fn the_voucher_group_is_laid_out_as_the_printer_would() {
    let folder = "../spec/alipay-voucher";
    let base = source(&format!("{folder}/openapi.yaml"));
    let overlay = source(&format!("{folder}/overlay.yaml"));
    assert!(assert_printed(&inputs(base, Some(overlay))) > 500);
    // And so is a larger one, for whoever has it.
    if let Ok(path) = std::env::var("ALIPAY_DESCRIPTION") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(assert_printed(&inputs(Source { name: path, text }, None)) > 0);
    }
}

/// A name of a given length, of words, that differs for each number.
fn name(number: usize, length: usize) -> String {
    let mut name = format!("f{}", char::from(b'a' + u8::try_from(number % 26).unwrap()));
    while name.len() < length {
        name.push_str(if name.len() % 7 == 5 { "_x" } else { "e" });
    }
    name.truncate(length.max(2));
    if name.ends_with('_') {
        name.pop();
        name.push('y');
    }
    name
}

/// What fields of made descriptions are.
const KINDS: [&str; 7] = [
    "{type: string}",
    "{type: integer}",
    "{type: boolean}",
    "{type: string, format: decimal, x-alipay-unit: yuan}",
    "{type: array, items: {type: string}}",
    "{type: array, items: {type: integer}}",
    "{type: string, x-alipay-json-text: {type: array, items: {type: string}}}",
];

#[derive(Clone, Debug)]
struct Made {
    tag: usize,
    verb: usize,
    /// Length, kind and whether it is required.
    fields: Vec<(usize, usize, bool)>,
    /// Lengths of codes.
    codes: Vec<usize>,
    /// Lengths of the shared type's name, of the field that holds it, of its one field, and whether
    /// it is deprecated.
    shared: (usize, usize, usize, bool),
    /// Lengths of the values of an open enum.
    values: Vec<usize>,
}

fn description(made: &Made) -> String {
    let tag = format!("alipay.{}", name(0, made.tag));
    let verb = name(1, made.verb);
    let shared: String = name(2, made.shared.0).replace('_', "X");
    let shared = format!("S{shared}");
    let mut properties = String::new();
    let mut required = Vec::new();
    for (number, (length, kind, must)) in made.fields.iter().enumerate() {
        let name = format!("{}{number}", name(number + 3, *length));
        let kind = KINDS[kind % KINDS.len()];
        writeln!(properties, "        {name}: {kind}").unwrap();
        if *must {
            required.push(name);
        }
    }
    let holder = name(3, made.shared.1) + "_h";
    writeln!(properties, "        {holder}: {{$ref: '#/components/schemas/{shared}'}}").unwrap();
    let list = name(4, made.shared.1) + "_l";
    writeln!(
        properties,
        "        {list}: {{type: array, items: {{$ref: '#/components/schemas/{shared}'}}}}"
    )
    .unwrap();
    let upper =
        |number: usize, length: usize| format!("{}{number}", name(number, length)).to_uppercase();
    let codes: Vec<_> =
        made.codes.iter().enumerate().map(|(n, length)| upper(n, *length)).collect();
    let values: Vec<_> =
        made.values.iter().enumerate().map(|(n, length)| upper(n, *length)).collect();
    let open = if values.is_empty() {
        "{type: string}".to_owned()
    } else {
        format!("{{type: string, x-extensible-enum: [{}]}}", values.join(", "))
    };
    let field = name(5, made.shared.2);
    let gone = if made.shared.3 { "x-alipay-removed-in: '2026-01-01', " } else { "" };
    let codes = if codes.is_empty() {
        "{type: string}".to_owned()
    } else {
        format!("{{type: string, enum: [{}]}}", codes.join(", "))
    };
    let required = if required.is_empty() {
        String::new()
    } else {
        format!("      required: [{}]\n", required.join(", "))
    };
    format!(
        "openapi: 3.0.3
info: {{title: Made, version: '1'}}
paths:
  /v3/{verb}:
    post:
      operationId: {tag}.{verb}
      tags: [{tag}]
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Request'}}}}}}
      responses:
        '200':
          description: good
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Answer'}}}}}}
        default:
          description: bad
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Bad'}}}}}}
components:
  schemas:
    CommonErrorType:
      type: object
      required: [code, message]
      properties:
        code: {{type: string, enum: [system-error]}}
        message: {{type: string}}
    Failure:
      type: object
      required: [code, message]
      properties:
        code: {codes}
        message: {{type: string}}
    Bad:
      anyOf: [{{$ref: '#/components/schemas/CommonErrorType'}}, {{$ref: '#/components/schemas/Failure'}}]
    Request:
      type: object
{required}      properties:
{properties}    Answer:
      type: object
      properties:
        {field}: {{$ref: '#/components/schemas/{shared}'}}
    {shared}:
      type: object
      properties:
        {field}: {{{gone}type: string}}
        {field}_of: {open}
"
    )
}

fn made() -> impl Strategy<Value = Made> {
    let field = (2..60_usize, 0..KINDS.len(), prop::bool::weighted(0.3));
    (
        2..60_usize,
        2..60_usize,
        prop::collection::vec(field, 0..6),
        prop::collection::vec(2..90_usize, 0..4),
        (2..70_usize, 2..60_usize, 2..60_usize, any::<bool>()),
        prop::collection::vec(2..90_usize, 0..4),
    )
        .prop_map(|(tag, verb, fields, codes, shared, values)| Made {
            tag,
            verb,
            fields,
            codes,
            shared,
            values,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_of_any_length_are_laid_out_as_the_printer_would(made in made()) {
        let base = Source { name: "made.yaml".to_owned(), text: description(&made) };
        assert_printed(&inputs(base, None));
    }
}
