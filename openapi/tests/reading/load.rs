//! Reading YAML and JSON: values, positions, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    Description,
    diag::{Sink, is_command},
    load::{Raw, Source, load, parse},
    pointer::Pointer,
};
use serde_json::{Value, json};

fn read(text: &str) -> Raw {
    let mut sink = Sink::new();
    let raw = parse(&Source::new("t.yaml", text), &mut sink);
    let findings = sink.finish();
    assert!(findings.is_empty(), "{findings}");
    raw.unwrap()
}

fn value(scalar: &str) -> Value {
    read(&format!("key: {scalar}\n")).value["key"].clone()
}

#[test]
fn scalars_stay_what_they_are_on_the_wire() {
    for text in [
        "=",
        "0x00BFFF",
        "107397_107223",
        "2026-09-23",
        "1_000",
        "NO",
        "01",
        "1e3",
        "1.50",
        "+1",
        "-0",
        "0o17",
        "0b1",
        "12345678901234567890123456789",
        "-12345678901234567890123456789",
        "1.5e400",
        ".inf",
        ".nan",
        "True",
        "FALSE",
        "Null",
        "yes",
        "1:30",
        "2001-01-01 23:59:59",
        "123456789.123456789123456789",
        "1.",
        ".5",
        "~x",
        "-x",
        "<<",
    ] {
        assert_eq!(value(text), json!(text), "{text}");
    }
}

#[test]
fn what_is_written_as_json_writes_it_is_what_json_reads() {
    for text in [
        "1",
        "-1",
        "0",
        "1.5",
        "-0.25",
        "18446744073709551615",
        "-9223372036854775808",
        "true",
        "false",
        "null",
        "1e+300",
    ] {
        assert_eq!(value(text), serde_json::from_str::<Value>(text).unwrap(), "{text}");
    }
    assert_eq!(value(""), Value::Null);
    assert_eq!(value("~"), Value::Null);
    assert_eq!(value("\"1\""), json!("1"));
    assert_eq!(value("'true'"), json!("true"));
    assert_eq!(value("|-\n  1"), json!("1"));
    assert_eq!(value("1 # a comment"), json!(1));
}

#[test]
fn keys_are_strings() {
    let raw = read("200: a\ntrue: b\n1_0: c\n~: d\n\"<<\": e\n=: f\n");
    assert_eq!(
        raw.value,
        json!({"200": "a", "true": "b", "1_0": "c", "~": "d", "<<": "e", "=": "f"})
    );
}

#[test]
fn byte_order_mark_line_endings_and_json_do_not_matter() {
    let yaml = "openapi: 3.0.3\ninfo:\n  title: |\n    a\n    b\n  version: 2026-09-23\nx: [1, {a: 0x10}]\n";
    let expected = read(yaml);
    for other in [
        yaml.replace('\n', "\r\n"),
        format!("\u{feff}{yaml}"),
        format!("\u{feff}{}", yaml.replace('\n', "\r\n")),
    ] {
        let raw = read(&other);
        assert_eq!(raw.value, expected.value);
        let pointer = Pointer::parse("/x/1/a");
        assert_eq!(raw.locate(&pointer), expected.locate(&pointer));
    }
    let as_json = serde_json::to_string_pretty(&expected.value).unwrap();
    assert_eq!(read(&as_json).value, expected.value);
}

#[test]
fn json_is_read_as_json() {
    let long = "k".repeat(2_000);
    let text = format!(
        "{{\"pair\": \"\\ud83d\\ude00 \\u0000\\/\", \"{long}\": [1, -0, 1e3, 0.1, 1.50],\r\n\t\"lines\": \"a\u{85}\u{2028}\",\n \
         \"exact\": [123456789012345678901234567890, 1e400, 18446744073709551615, 1e-400]}}\n"
    );
    let raw = read(&text);
    assert_eq!(
        raw.value,
        json!({
            "pair": "😀 \u{0}/",
            (long.as_str()): [1, 0, 1000.0, 0.1, 1.5],
            "lines": "a\u{85}\u{2028}",
            "exact": ["123456789012345678901234567890", "1e400", u64::MAX, "1e-400"],
        })
    );
    let at = |pointer: &str| {
        let at = raw.locate(&Pointer::parse(pointer));
        (at.line, at.column)
    };
    assert_eq!([at("/pair"), at("/lines"), at("/exact/1")], [(1, 2), (2, 2), (3, 44)]);
}

fn refusal(text: &str) -> String {
    let mut sink = Sink::new();
    assert!(parse(&Source::new("t", text), &mut sink).is_none(), "{text}");
    let findings = sink.finish();
    let one: Vec<_> = findings.iter().collect();
    assert_eq!(one.len(), 1, "{findings}");
    let location = one[0].location.as_ref().unwrap();
    format!("{}:{} {}: {}", location.line, location.column, one[0].code, one[0].message)
}

#[test]
fn what_is_wrong_with_json_is_said_of_json() {
    for (text, said) in [
        ("{\"a\": \"\\ud83d\"}", "1:14 syntax: this is not JSON: unexpected end of hex escape"),
        (
            "{\"a\": \"\\ude00\"}",
            "1:13 syntax: this is not JSON: lone leading surrogate in hex escape",
        ),
        ("{\"a\": [1,\n\"b", "2:2 syntax: this is not JSON: EOF while parsing a string"),
        ("{", "1:1 syntax: this is not JSON: EOF while parsing an object"),
        ("{// a\n\"a\": 1}", "1:2 syntax: this is not JSON: key must be a string"),
        (
            "{\"a\": 1}\n{\"a\": 1}",
            "2:1 several-documents: a second JSON document starts here; one file holds one",
        ),
        (
            "{\"a\": 1, \"\\u0061\": 2}",
            "1:10 duplicate-key: the key \"a\" stands here and at 1:2 already",
        ),
        (
            "[{\"a\": 1}]",
            "1:1 not-a-mapping: the file holds a list, not a mapping of keys to values",
        ),
        ("<html></html>", "1:1 syntax: this is XML or HTML, and neither YAML nor JSON"),
    ] {
        assert_eq!(refusal(text), said);
    }
    let deep = format!("{}1{}", "{\"a\": ".repeat(100_000), "}".repeat(100_000));
    assert!(
        refusal(&deep).contains("too-deep: values are nested more than 64"),
        "{}",
        refusal(&deep)
    );
}

#[test]
fn a_flow_mapping_is_yaml_though_it_begins_like_json() {
    for text in [
        "{a: 1, b: [x]}",
        "{\"a\": 1, b: [x],}",
        "{ # a comment\n \"a\": 1, \"b\": ['x']}",
        "{a: 1,\n\tb: [x]}",
    ] {
        assert_eq!(read(text).value, json!({"a": 1, "b": ["x"]}), "{text}");
    }
}

#[test]
fn what_is_no_description_is_named() {
    for (text, said) in [
        ("openapi: 3.1.0", "OpenAPI \"3.1.0\""),
        ("openapi: 3.1", "openapi-down-convert --allOf"),
        ("openapi: 3.2.0", "OpenAPI \"3.2.0\""),
        ("swagger: 2.0", "Swagger 2.0"),
        ("asyncapi: 2.6.0", "AsyncAPI 2.6.0"),
        ("arazzo: 1.0.1", "Arazzo"),
        ("overlay: 1.0.0", "this is an overlay"),
        ("{\"info\": {\"_postman_id\": \"1\"}, \"item\": []}", "Postman"),
        ("{\"$schema\": \"https://json-schema.org/\"}", "JSON Schema"),
    ] {
        let mut sink = Sink::new();
        assert!(load(&Source::new("t", text), &mut sink).is_none());
        let findings = sink.finish();
        assert_eq!(findings.iter().count(), 1, "{findings}");
        assert!(findings.to_string().contains(said), "{findings}");
    }
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    let raw =
        read("名: 值\nlist:\n- a: 1\n  名字:   x\n- - 券\n  - b\n\"q\\u0041\": {z: [1, 2]}\n");
    let at = |pointer: &str| {
        let at = raw.locate(&Pointer::parse(pointer));
        (at.line, at.column)
    };
    assert_eq!(at("/名"), (1, 1));
    assert_eq!(at("/list"), (2, 1));
    assert_eq!(at("/list/0"), (3, 3));
    assert_eq!(at("/list/0/名字"), (4, 3));
    assert_eq!(at("/list/1/1"), (6, 5));
    assert_eq!(at("/qA/z/1"), (7, 20));
    assert_eq!(at("/list/1/1/below/that"), at("/list/1/1"), "the nearest value above");
    assert_eq!(raw.locate(&Pointer::parse("/名")).source, "t.yaml");
}

#[test]
fn aliases_stand_for_their_value_and_point_to_its_text() {
    let raw = read("a: &x\n  deep: [1, 0x10]\nb: *x\nc: &n 01\nd: *n\n");
    assert_eq!(
        raw.value,
        json!({"a": {"deep": [1, "0x10"]}, "b": {"deep": [1, "0x10"]}, "c": "01", "d": "01"})
    );
    assert_eq!(raw.locate(&Pointer::parse("/b")).line, 3);
    assert_eq!(raw.locate(&Pointer::parse("/b/deep/1")).line, 2);
}

#[test]
fn only_openapi_3_0_is_loaded() {
    for (version, good) in [
        ("3.0.0", true),
        ("3.0.3", true),
        ("3.0", false),
        ("3.0.", false),
        ("3.1.0", false),
        ("2.0.0", false),
        ("{}", false),
    ] {
        let mut sink = Sink::new();
        let loaded = load(&Source::new("t.yaml", format!("openapi: {version}\n")), &mut sink);
        assert_eq!(loaded.is_some(), good, "{version}");
        assert_eq!(sink.has_errors(), !good, "{version}");
    }
}

#[test]
fn hostile_text_is_refused_and_does_no_harm() {
    let wide = format!("a: [{}]", "1,".repeat(100_000));
    assert!(parse(&Source::new("t", wide), &mut Sink::new()).is_some());
    let long = format!("a: {}", "9".repeat(1_000_000));
    assert!(parse(&Source::new("t", long), &mut Sink::new()).is_some());
    for hostile in [
        format!("a: {}1{}", "{b: ".repeat(5_000), "}".repeat(5_000)),
        format!("a: {}", "- ".repeat(20_000)),
        format!("a: {}", "[".repeat(200_000)),
        "a: &a [*a, *a]".to_owned(),
        "a: *nowhere".to_owned(),
        "\"\\x".to_owned(),
        "\u{0}".to_owned(),
        "%YAML 9.9\n---\na: 1".to_owned(),
        "a: !<tag:evil> 1".to_owned(),
        "- - - -".to_owned(),
        "? {a: b}\n: c".to_owned(),
        "&a : *a".to_owned(),
        "a: b: c".to_owned(),
        "\t\t".to_owned(),
    ] {
        let mut sink = Sink::new();
        let raw = parse(&Source::new("t", hostile.as_str()), &mut sink);
        let start: String = hostile.chars().take(20).collect();
        assert_eq!(raw.is_none(), sink.has_errors(), "{start:?} {}", sink.finish());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[-a-c:\\[\\]{},&*!|>'\"%@` \\n\\t#?~<=0-9é\u{85}\u{2028}]{0,60}") {
        let mut sink = Sink::new();
        let raw = parse(&Source::new("t", text), &mut sink);
        proptest::prop_assert_eq!(raw.is_none(), sink.has_errors());
    }
}

/// Names are shown as they are, but for what a terminal would obey.
#[test]
fn findings_are_of_what_can_be_shown() {
    let reference = json!({ "$ref": "#/components/schemas/Pen\u{1b}[31m" });
    let description = json!({
        "openapi": "3.0.3",
        "info": { "title": "Pens", "version": "1" },
        "x-\u{202e}key": 1,
        "paths": { "/v3/pen\r\n": { "get": {
            "operationId": "pen.\u{7}",
            "tags": ["pen"],
            "parameters": [{ "name": "a\u{9b}", "in": "query", "schema": reference }],
            "responses": { "200": { "description": "", "content": { "application/json": {
                "schema": reference } } } },
        } } },
    });
    let source = Source::new("pens.json", description.to_string());
    let findings = Description::new(source).api().unwrap_err();
    assert!(findings.iter().count() > 1, "{findings}");
    for finding in findings.iter() {
        for part in [Some(&finding.message), finding.hint.as_ref()].into_iter().flatten() {
            assert!(!part.contains(is_command), "{part:?}");
        }
        for line in finding.to_string().lines() {
            assert!(!line.contains(is_command), "{line:?}");
        }
    }
    let shown = findings.to_string();
    for escaped in ["`Pen\\u{1b}[31m`", "`x-\\u{202e}key`"] {
        assert!(shown.contains(escaped), "{shown}");
    }
}
