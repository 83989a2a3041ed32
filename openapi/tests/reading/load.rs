//! Reading YAML and JSON: values, positions, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    diag::Sink,
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
