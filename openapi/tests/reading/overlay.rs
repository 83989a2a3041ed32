//! What an overlay does to a description, and what is remembered of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use alipay_openapi::{
    Scope, Strictness,
    diag::{Diagnostics, Location, Sink},
    ir::Confidence,
    load::{Source, load},
    overlay::{self, Document, Layers},
    pointer::Pointer,
};
use serde_json::{Value, json};

const BASE: &str = include_str!("../fixtures/diagnostics/good.yaml");
const HEAD: &str = "overlay: 1.0.0\ninfo:\n  title: More\n  version: \"1\"\nactions:\n";

fn run(actions: &str) -> (Option<Document>, Diagnostics) {
    run_on(BASE, &format!("{HEAD}{actions}"))
}

fn run_on(base: &str, overlay: &str) -> (Option<Document>, Diagnostics) {
    let mut sink = Sink::new();
    let raw = load(&Source::new("base.yaml", base), &mut sink).unwrap();
    let source = Source::new("overlay.yaml", overlay);
    let document =
        overlay::apply(raw, over(Some(&source)), &Scope::default(), Strictness::Whole, &mut sink);
    (document, sink.finish())
}

fn over(overlay: Option<&Source>) -> Layers<'_> {
    Layers { overlay, ..Layers::default() }
}

fn apply(actions: &str) -> Document {
    let (document, findings) = run(actions);
    assert!(findings.is_empty(), "{findings}");
    document.unwrap()
}

fn codes(actions: &str) -> Vec<&'static str> {
    run(actions).1.iter().map(|finding| finding.code).collect()
}

fn at(document: &Document, pointer: &str) -> String {
    let Location { source, line, column } = document.locate(&Pointer::parse(pointer));
    format!("{source}:{line}:{column}")
}

fn get<'a>(document: &'a Document, pointer: &str) -> &'a Value {
    document.value.pointer(pointer).unwrap()
}

#[test]
fn without_overlay_everything_comes_from_the_base() {
    let mut sink = Sink::new();
    let raw = load(&Source::new("base.yaml", BASE), &mut sink).unwrap();
    let document =
        overlay::apply(raw, over(None), &Scope::default(), Strictness::Whole, &mut sink).unwrap();
    assert_eq!(document.model.paths.paths.len(), 2);
    assert_eq!(
        at(&document, "/components/schemas/Seat/properties/kind/maxLength"),
        "base.yaml:73:11"
    );
    assert_eq!(document.evidence(&Pointer::parse("/components/schemas/Seat")), None);
}

#[test]
fn objects_merge_and_lists_and_scalars_replace() {
    let document = apply(
        "- target: $.components.schemas.Seat
  x-confidence: documented
  x-source: Y
  update:
    title: 座位
    required: [kind]
    properties:
      kind: {maxLength: 16, x-extensible-enum: [A, B]}
- target: $.components.schemas.Seat
  x-confidence: secondary
  x-source: Z
  x-overrides: true
  update:
    required: [row, kind]
",
    );
    assert_eq!(
        get(&document, "/components/schemas/Seat"),
        &json!({
            "type": "object",
            "properties": {
                "row": {"type": "integer"},
                "kind": {"type": "string", "maxLength": 16, "x-extensible-enum": ["A", "B"]},
            },
            "title": "座位",
            "required": ["row", "kind"],
        })
    );
}

#[test]
fn every_value_knows_where_it_comes_from_and_how_sure_it_is() {
    let document = apply(
        "- target: $.components.schemas.Seat.properties
  x-confidence: inferred
  x-source: S
  update:
    kind:
      description: What kind of seat.
      x-enum-descriptions:
        A: aisle
- target: $.components.schemas.*.properties.amount
  x-confidence: documented-older
  x-source: H
  update: {format: decimal, x-alipay-unit: yuan}
",
    );
    let evidence = |pointer: &str| {
        let evidence = document.evidence(&Pointer::parse(pointer))?;
        Some((evidence.confidence, evidence.source.as_str()))
    };
    let kind = "/components/schemas/Seat/properties/kind";
    let amount = "/components/schemas/TicketSellModel/properties/amount";
    assert_eq!(evidence(&format!("{kind}/description")), Some((Confidence::Inferred, "S")));
    assert_eq!(
        evidence(&format!("{kind}/x-enum-descriptions/A")),
        Some((Confidence::Inferred, "S"))
    );
    assert_eq!(evidence(&format!("{amount}/format")), Some((Confidence::DocumentedOlder, "H")));
    assert_eq!(evidence(kind), None, "the base has it; only parts of it were set");
    assert_eq!(evidence(&format!("{kind}/maxLength")), None);
    assert_eq!(at(&document, &format!("{kind}/description")), "overlay.yaml:11:7");
    assert_eq!(at(&document, &format!("{kind}/x-enum-descriptions/A")), "overlay.yaml:13:9");
    assert_eq!(at(&document, &format!("{amount}/format")), "overlay.yaml:17:12");
    assert_eq!(at(&document, &format!("{kind}/maxLength")), "base.yaml:73:11");
    assert_eq!(at(&document, &format!("{amount}/nothing")), "base.yaml:51:9");
}

#[test]
fn annotations_beside_a_reference_become_all_of() {
    let document = apply(
        "- target: $.components.schemas.TicketSellModel.properties.seat
  x-confidence: documented
  x-source: Y
  update:
    description: Where to sit.
    x-alipay-sensitive: true
",
    );
    let seat = "/components/schemas/TicketSellModel/properties/seat";
    assert_eq!(
        get(&document, seat),
        &json!({
            "allOf": [{"$ref": "#/components/schemas/Seat"}],
            "description": "Where to sit.",
            "x-alipay-sensitive": true,
        })
    );
    assert!(document.evidence(&Pointer::parse(&format!("{seat}/description"))).is_some());
    assert_eq!(at(&document, &format!("{seat}/description")), "overlay.yaml:10:5");
    assert_eq!(at(&document, &format!("{seat}/allOf/0/$ref")), "base.yaml:56:11");
    assert_eq!(at(&document, seat), "base.yaml:55:9");
}

#[test]
fn an_all_of_of_the_base_keeps_its_places_beside_one_that_an_overlay_makes() {
    let pair = "    Pair:
      allOf:
      - $ref: '#/components/schemas/Seat'
      - properties:
          side:
            $ref: '#/components/schemas/Seat'
";
    let lines = BASE.lines().count();
    let action = "- target: $.components.schemas.Pair.allOf[1].properties.side
  x-confidence: documented
  x-source: Y
  update: {title: 旁座}
";
    let (document, findings) = run_on(&format!("{BASE}{pair}"), &format!("{HEAD}{action}"));
    assert!(findings.is_empty(), "{findings}");
    let document = document.unwrap();
    let side = "/components/schemas/Pair/allOf/1/properties/side";
    assert_eq!(get(&document, &format!("{side}/allOf/0/$ref")), "#/components/schemas/Seat");
    for (pointer, line) in [
        ("/components/schemas/Pair/allOf/0/$ref", 3),
        ("/components/schemas/Pair/allOf/1/properties", 4),
        (side, 5),
        (&format!("{side}/allOf/0/$ref"), 6),
    ] {
        let Location { source, line: found, .. } = document.locate(&Pointer::parse(pointer));
        assert_eq!((source.as_str(), found), ("base.yaml", lines + line), "{pointer}");
    }
    assert_eq!(at(&document, &format!("{side}/title")), "overlay.yaml:9:12");
}

#[test]
fn annotations_beside_another_reference_are_refused_where_they_are_written() {
    let (document, findings) = run("- target: $.paths['/v3/ticket/sell'].post.responses
  x-confidence: documented
  x-source: Y
  update:
    default: {$ref: '#/components/responses/Nothing', description: d}
");
    assert!(document.is_none());
    let finding = findings.iter().next().unwrap();
    assert_eq!((finding.code, finding.location.as_ref().unwrap().line), ("ref-sibling", 10));
}

#[test]
fn removing_list_items_keeps_the_others_evidence() {
    let document = apply(
        "- target: $.paths['/v3/ticket/{ticket_id}'].get
  x-confidence: documented
  x-source: Y
  update:
    parameters:
    - {name: a, in: query, schema: {type: string}}
    - {name: b, in: query, schema: {type: string}}
    - {name: ticket_id, in: path, required: true, schema: {type: string}}
- target: $.paths[*].get.parameters[?@.in == 'query']
  x-confidence: documented
  x-source: Y
  x-overrides: true
  remove: true
",
    );
    let list = "/paths/~1v3~1ticket~1{ticket_id}/get/parameters";
    assert_eq!(get(&document, list).as_array().unwrap().len(), 1);
    assert_eq!(get(&document, &format!("{list}/0/name")), "ticket_id");
    assert!(document.evidence(&Pointer::parse(&format!("{list}/0/name"))).is_some());
}

#[test]
fn what_moves_up_in_a_list_keeps_its_evidence_and_gets_none_of_what_is_removed() {
    let list = "$.paths['/v3/ticket/{ticket_id}'].get.parameters";
    let action = |target: &str, source: &str, does: &str| {
        format!("- target: {target}\n  x-confidence: documented\n  x-source: {source}\n  {does}\n")
    };
    let parameter = |name: &str| {
        let does =
            format!("update: {{name: {name}, in: query, schema: {{type: string}}, example: x}}");
        action(list, name, &does)
    };
    let document = apply(
        &[
            parameter("a"),
            parameter("b"),
            parameter("c"),
            action(&format!("{list}[1]"), "D", "update: {description: d}"),
            action(&format!("{list}[3]"), "E", "update: {description: e}"),
            action(&format!("{list}[1]"), "F", "x-overrides: true\n  remove: true"),
        ]
        .concat(),
    );
    let list = "/paths/~1v3~1ticket~1{ticket_id}/get/parameters";
    let source = |at: &str| {
        let evidence = document.evidence(&Pointer::parse(&format!("{list}{at}")));
        evidence.map(|evidence| evidence.source.as_str())
    };
    assert_eq!(get(&document, &format!("{list}/1/name")), "b");
    assert_eq!(get(&document, &format!("{list}/2/description")), "e");
    for (at, expected) in [
        ("/0/name", None),
        ("/1/name", Some("b")),
        ("/1/description", Some("b")),
        ("/2/name", Some("c")),
        ("/2/description", Some("E")),
        ("/3/description", None),
    ] {
        assert_eq!(source(at), expected, "{at}");
    }
}

#[test]
fn an_action_takes_each_value_once_in_whatever_order_its_target_names_them() {
    let limits = "$.components.schemas.Seat.properties.kind";
    let does = |select: &str, does: &str| {
        let document = apply(&format!(
            "- target: {limits}
  x-confidence: documented
  x-source: Y
  update: {{x-alipay-limits: [a, b, c, d]}}
- target: {limits}{select}
  x-confidence: documented
  x-source: Y
  x-overrides: true
  {does}
"
        ));
        let left = get(&document, "/components/schemas/Seat/properties/kind/x-alipay-limits");
        let left = left.as_array().unwrap().iter().map(|item| item.as_str().unwrap());
        left.collect::<String>()
    };
    for (select, left) in [
        ("[0,0]", "bcd"),
        ("[0,2]", "bd"),
        ("[2,0]", "bd"),
        ("[3,1,3]", "ac"),
        ("[-1,3]", "abc"),
        ("[::-2]", "ac"),
        ("[::-1]", ""),
        ("[?@ == 'b' || @ == 'd']", "ac"),
    ] {
        let select = format!("['x-alipay-limits']{select}");
        assert_eq!(does(&select, "remove: true"), left, "{select}");
    }
    let twice = "['x-alipay-limits', 'x-alipay-limits']";
    assert_eq!(does(twice, "update: e"), "abcde");
}

#[test]
fn removed_keys_are_gone_and_order_is_kept() {
    let document = apply(
        "- target: $.components.schemas.TicketSellModel.properties.amount.description
  x-confidence: documented
  x-source: Y
  remove: true
- target: $..operationId
  x-confidence: documented
  x-source: Y
  remove: true
",
    );
    let amount = get(&document, "/components/schemas/TicketSellModel/properties/amount");
    assert_eq!(amount, &json!({"type": "string", "example": "8.88"}));
    let keys: Vec<_> =
        get(&document, "/paths/~1v3~1ticket~1sell/post").as_object().unwrap().keys().collect();
    assert_eq!(keys, ["tags", "requestBody", "responses"]);
}

#[test]
fn additions_need_a_word() {
    let action = |word: &str| {
        format!(
            "- target: $.components.schemas
  x-confidence: documented
  x-source: Y{word}
  update:
    Hall:
      type: object
      properties:
        name: {{type: string}}
"
        )
    };
    assert_eq!(codes(&action("")), ["unexpected-addition"]);
    let document = apply(&action("\n  x-adds: true"));
    assert_eq!(get(&document, "/components/schemas/Hall/properties/name/type"), "string");
    // What an overlay added, it may extend.
    let more = "- target: $.components.schemas.Hall.properties
  x-confidence: documented
  x-source: Y
  update:
    size: {type: integer}
";
    apply(&format!("{}{more}", action("\n  x-adds: true")));
    // What says something of a path adds none.
    apply(
        "- target: $.paths['/v3/ticket/sell']
  x-confidence: documented
  x-source: Y
  update: {summary: Sells a ticket.}
",
    );
}

#[test]
fn what_an_overlay_extends_is_a_file_of_that_name() {
    let codes = |extends: &str| {
        let overlay = format!("extends: {extends}\n{HEAD}  []\n");
        let (_, findings) = run_on(BASE, &overlay);
        findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    for same in ["base.yaml", "./base.yaml", "https://example.com/base.yaml", "'..\\base.yaml'"] {
        assert_eq!(codes(same), [""; 0], "{same}");
    }
    for other in ["bad.yaml", "base.yaml/other", "1"] {
        assert_eq!(codes(other), ["other-base"], "{other}");
    }
}

#[test]
fn the_same_value_twice_is_no_conflict_and_no_change() {
    let action = "- target: $.components.schemas.Seat
  x-confidence: documented
  x-source: Y
  update: {title: 座位}
";
    assert_eq!(codes(&format!("{action}{action}")), ["no-effect"]);
}

#[test]
fn expectations_speak_of_the_base() {
    let actions = |expected: &str| {
        format!(
            "- target: $.components.schemas.Seat.properties.kind
  x-confidence: documented
  x-source: Y
  update: {{maxLength: 16}}
- target: $.components.schemas.Seat.properties.kind
  x-confidence: documented
  x-source: Y
  x-overrides: true
  x-expect: {expected}
  update: {{maxLength: 20}}
"
        )
    };
    apply(&actions("{maxLength: 8, minLength: null}"));
    assert_eq!(codes(&actions("{maxLength: 16}")), ["stale-expectation"]);
    assert_eq!(codes(&actions("{minLength: 1}")), ["stale-expectation"]);
    assert_eq!(codes(&actions("nonsense")), ["stale-expectation"]);
}

#[test]
fn what_the_overlay_makes_of_the_description_is_audited() {
    let (document, findings) = run("- target: $.components.schemas.Seat
  x-confidence: documented
  x-source: Y
  update:
    required: [rows]
    x-module: seats
    properties:
      kind: {maxLength: many}
");
    assert!(document.is_none());
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code, finding.location.as_ref().unwrap().source.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("required-unknown", "overlay.yaml"),
            ("unknown-shape", "overlay.yaml"),
            ("wrong-type", "overlay.yaml")
        ]
    );
}

#[test]
fn anchors_save_typing() {
    let document = apply(
        "- target: $.components.schemas.Seat
  x-confidence: documented
  x-source: Y
  update: &names {title: 座位}
- target: $.components.schemas.TicketSellModel
  x-confidence: documented
  x-source: Y
  update: *names
",
    );
    assert_eq!(get(&document, "/components/schemas/TicketSellModel/title"), "座位");
    assert_eq!(at(&document, "/components/schemas/TicketSellModel/title"), "overlay.yaml:9:19");
}

#[test]
fn webhooks_are_part_of_the_description() {
    let webhooks = |schema: &str| {
        format!(
            "- target: $
  x-confidence: documented
  x-source: Y
  update:
    x-webhooks:
      ticket.sold:
        post:
          requestBody:
            content:
              application/json:
                schema: {{type: object, properties: {{seat: {schema}}}}}
          responses:
            \"200\": {{description: OK}}
"
        )
    };
    let document = apply(&webhooks("{$ref: '#/components/schemas/Seat', title: 座位}"));
    let seat =
        "/x-webhooks/ticket.sold/post/requestBody/content/application~1json/schema/properties/seat";
    assert_eq!(get(&document, &format!("{seat}/allOf/0/$ref")), "#/components/schemas/Seat");
    assert_eq!(at(&document, &format!("{seat}/title")).split(':').nth(1).unwrap(), "16");
    assert_eq!(codes(&webhooks("{type: string, maxLenght: 1}")), ["unknown-key"]);
}

/// The base with the overlay of another crate, then one of its own.
fn shared(other: &str, own: &str) -> (Option<Document>, Diagnostics) {
    let mut sink = Sink::new();
    let raw = load(&Source::new("base.yaml", BASE), &mut sink).unwrap();
    let other = Source::new("other.yaml", format!("{HEAD}{other}"));
    let own = Source::new("overlay.yaml", format!("x-shares: other\n{HEAD}{own}"));
    assert_eq!(overlay::shares(&own).as_deref(), Some("other"));
    assert_eq!(overlay::shares(&other), None);
    let layers = Layers { shared: Some(&other), ..over(Some(&own)) };
    let document = overlay::apply(raw, layers, &Scope::default(), Strictness::Whole, &mut sink);
    (document, sink.finish())
}

const OTHER: &str = "- target: $.info
  x-confidence: documented
  x-source: Y
  update: {description: Not about schemas.}
- target: $.components.schemas.OnlyThere
  x-confidence: documented
  x-source: Y
  update: {title: 别处}
- target: $.components.schemas.Seat
  x-confidence: secondary
  x-source: G
  update:
    title: 座位
    properties:
      row: {title: 排}
      only_there: {title: 别处}
";

#[test]
fn what_another_crates_overlay_says_of_shared_schemas_holds() {
    let own = "- target: $.components.schemas.Seat.properties.kind
  x-confidence: inferred
  x-source: Z
  update: {title: 类}
";
    let (document, findings) = shared(OTHER, own);
    assert!(findings.is_empty(), "{findings}");
    let document = document.unwrap();
    let seat = "/components/schemas/Seat";
    assert_eq!(get(&document, &format!("{seat}/title")), "座位");
    assert_eq!(get(&document, &format!("{seat}/properties/row/title")), "排");
    assert_eq!(document.value.pointer(&format!("{seat}/properties/only_there")), None);
    assert_eq!(document.value.pointer("/info/description"), None);
    let evidence = |at: &str| {
        let evidence = document.evidence(&Pointer::parse(&format!("{seat}{at}"))).unwrap();
        (evidence.confidence, evidence.source.clone())
    };
    assert_eq!(evidence("/title"), (Confidence::Secondary, "G".to_owned()));
    assert_eq!(evidence("/properties/kind/title"), (Confidence::Inferred, "Z".to_owned()));
    assert_eq!(at(&document, &format!("{seat}/title")), "other.yaml:18:5");
    assert_eq!(at(&document, &format!("{seat}/properties/kind/title")), "overlay.yaml:10:12");
}

#[test]
fn a_shared_statement_is_changed_knowingly() {
    let own = |more: &str| {
        let head =
            "- target: $.components.schemas.Seat\n  x-confidence: documented\n  x-source: Z\n";
        shared(OTHER, &format!("{head}{more}  update: {{title: 位}}\n"))
    };
    let (_, findings) = own("");
    let first = findings.iter().next().unwrap();
    assert_eq!(first.code, "conflicting-actions");
    assert!(first.message.contains("other.yaml:18:5"), "{findings}");
    let (document, findings) = own("  x-overrides: true\n");
    assert!(findings.is_empty(), "{findings}");
    assert_eq!(get(&document.unwrap(), "/components/schemas/Seat/title"), "位");
}

#[test]
fn a_crate_is_shared_by_its_name() {
    let mut sink = Sink::new();
    let raw = load(&Source::new("base.yaml", BASE), &mut sink).unwrap();
    let source = Source::new("overlay.yaml", format!("x-shares: [other]\n{HEAD}  []\n"));
    assert!(
        overlay::apply(raw, over(Some(&source)), &Scope::default(), Strictness::Whole, &mut sink)
            .is_none()
    );
    let findings = sink.finish();
    let first = findings.iter().next().unwrap();
    assert_eq!(first.code, "overlay-structure");
    assert!(first.message.starts_with("`x-shares` must be the name of a crate"), "{findings}");
}

#[test]
fn overlays_of_1_1_are_read_and_others_are_named_once() {
    let read = |version: &str, does: &str| {
        let text = format!(
            "overlay: {version}\ninfo: {{title: t, version: 1.0.0, description: d}}\nactions:\n\
             - {{target: $.info, x-confidence: documented, x-source: Y, {does}}}\n\
             - {{target: $.info.contact, x-confidence: documented, x-source: Y, update: {{name: a}}}}\n"
        );
        let base = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n";
        let description = alipay_openapi::Description::new(Source::new("base.yaml", base));
        let found = description.overlay(Some(Source::new("overlay.yaml", text))).api().err();
        let found =
            found.iter().flat_map(alipay_openapi::diag::Diagnostics::iter).map(ToString::to_string);
        found.collect::<Vec<_>>()
    };
    for version in ["1.0.0", "1.0.1", "1.1.0", "'1.1'"] {
        assert_eq!(read(version, "update: {contact: {url: u}}"), [""; 0], "{version}");
    }
    let copy = read("1.1.0", "copy: $.paths");
    assert!(matches!(copy.as_slice(), [one] if one.contains("`copy`")), "{copy:?}");
    for version in ["1.2.0", "1.10.0", "2.0.0", "3.1.4"] {
        let found = read(version, "copy: $.paths");
        let said = format!("this is Overlay \"{version}\"; only 1.0 and 1.1 are read");
        assert!(matches!(found.as_slice(), [one] if one.contains(&said)), "{found:?}");
    }
}

#[test]
fn an_action_with_one_fault_is_one_finding() {
    let read = |action: &str| {
        let text = format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: 1.0.0}}\nactions:\n- {{target: $.info, {action}}}\n\
             - {{target: $.info.contact, x-confidence: documented, x-source: Y, update: {{name: a}}}}\n"
        );
        let base = "openapi: 3.0.3\ninfo: {title: t, version: '1', contact: {}}\npaths: {}\n";
        let description = alipay_openapi::Description::new(Source::new("base.yaml", base));
        let found = description.overlay(Some(Source::new("overlay.yaml", text))).api().unwrap_err();
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let evidence = "x-confidence: documented, x-source: Y";
    assert_eq!(read("x-confidence: documented, update: {contact: {url: u}}"), ["missing-evidence"]);
    assert_eq!(
        read(&format!("{evidence}, x-note: 1")),
        ["overlay-structure", "unknown-action-key"]
    );
    assert_eq!(read(evidence), ["overlay-structure"]);
    assert_eq!(read(&format!("{evidence}, remove: sure")), ["overlay-structure"]);
    assert_eq!(
        read(&format!("{evidence}, x-adds: sure, update: {{description: d}}")),
        ["overlay-structure"]
    );
}
