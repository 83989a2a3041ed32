//! Pairs of descriptions, what changed between them, and what release that makes.
//!
//! `fixtures/diff/NAME` holds `old.yaml`, `new.yaml` and `expected.txt`: the verdict, then the ratings
//! and kinds of all changes. The verdict of the comparison, which looks at meanings, is checked against
//! that of the two public APIs, which know nothing of it; what only the wire shows is left out there.
//! The table of `ratings.rs` tries each kind.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use crate::support::{each, functions};
use alipay_codegen::{
    Options,
    diff::{Accepted, Change, Compared, Format, Rating, Report, diff, render},
    public_api::{self, Level},
};
use alipay_openapi::{Description, diag::Sink, load::Source};
use libtest_mimic::Trial;

/// The tests of this file.
pub(crate) fn tests() -> Vec<Trial> {
    [
        each("diff", "changes", the_pair_has_its_changes_and_verdict),
        each("diff", "public_api", the_verdict_is_that_of_the_public_api),
        each("diff", "places", every_change_says_where_it_stands_and_what_it_is),
        each("diff", "combined", the_verdict_on_combined_changes_is_that_of_the_public_api),
        functions![
            request_and_response_are_told_apart,
            fingerprints_do_not_depend_on_the_place,
            accepted_changes_are_marked_and_stale_entries_reported,
            a_report_can_be_read_by_people_and_programs,
            changes_are_told_by_group_and_operation,
            a_name_may_move_from_the_overlay_to_the_base,
            a_removed_operation_is_told_with_its_types,
            fields_of_one_name_are_paired_by_their_places,
            a_field_of_another_name_is_known_by_what_is_said_of_it,
            what_is_wrong_on_both_sides_is_said_once,
            texts_of_an_item_are_told_together,
            no_text_becomes_html,
        ],
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diff").join(case)
}

fn read(case: &Path, name: &str) -> Source {
    Source::new(name, fs::read_to_string(case.join(name)).unwrap())
}

fn side(case: &Path, name: &str) -> Compared {
    Compared { description: Description::new(read(case, name)), prefix: None }
}

fn compare(old: &Compared, new: &Compared) -> Report {
    diff(old, new).unwrap_or_else(|findings| panic!("{findings}"))
}

fn pair(case: &Path) -> Report {
    compare(&side(case, "old.yaml"), &side(case, "new.yaml"))
}

/// Kinds that the text of the public API does not show.
const BESIDE_THE_API: [&str; 20] = [
    "body-added",
    "body-changed",
    "code-outcome-changed",
    "code-outcome-stated",
    "code-renamed",
    "completion-changed",
    "default-changed",
    "field-renamed",
    "limit-tightened",
    "limit-widened",
    "list-style-changed",
    "no-content-gained",
    "no-content-lost",
    "place-changed",
    "read-only-gained",
    "read-only-lost",
    "redaction-lost",
    "unit-changed",
    "value-deprecated",
    "value-renamed",
];

/// The verdict from the kinds that the public API shows at least when names differ. What it does not show
/// can make the verdict higher only.
fn assert_verdict(report: &Report, expected: Level) {
    let text = render(report, Format::Text);
    assert!(report.verdict() >= expected, "{text}");
    let beside = |change: &&Change| BESIDE_THE_API.contains(&change.kind);
    let beside = report.changes.iter().filter(beside).map(|change| change.rating.level()).max();
    if report.verdict() > expected {
        assert_eq!(Some(report.verdict()), beside, "{text}");
    }
}

fn public_api_of(side: &Compared) -> String {
    let output = alipay_codegen::generate(&side.description, &Options::new("shop"));
    output.unwrap_or_else(|findings| panic!("{findings}")).public_api
}

fn the_pair_has_its_changes_and_verdict(case: &Path) {
    let report = pair(case);
    let expected = read(case, "expected.txt").text;
    let (verdict, kinds) = expected.split_once('\n').unwrap();
    let mut kinds: Vec<&str> = kinds.lines().collect();
    let changes = report.changes.iter();
    let mut found: Vec<String> =
        changes.map(|change| format!("{} {}", change.rating.as_str(), change.kind)).collect();
    kinds.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, kinds, "{}", render(&report, Format::Text));
    assert_eq!(report.verdict().as_str(), verdict);
}

/// The other way to a verdict: through what is generated. Backwards, each pair is a case of its own.
fn the_verdict_is_that_of_the_public_api(case: &Path) {
    let (old, new) = (side(case, "old.yaml"), side(case, "new.yaml"));
    let (old_api, new_api) = (public_api_of(&old), public_api_of(&new));
    let there = compare(&old, &new);
    let expected = public_api::level(&old_api, &new_api);
    assert_verdict(&there, expected);
    let back = compare(&new, &old);
    let expected = public_api::level(&new_api, &old_api);
    assert_verdict(&back, expected);
}

fn every_change_says_where_it_stands_and_what_it_is(case: &Path) {
    for change in pair(case).changes {
        assert!(change.old.is_some() || change.new.is_some(), "{change:?}");
        for position in change.old.iter().chain(&change.new) {
            assert!(position.location.as_ref().unwrap().line > 1, "{change:?}");
        }
        assert_eq!(change.fingerprint.len(), 16);
        assert!(!change.message.contains('\n'));
        assert!(change.request.is_some() || change.response.is_some(), "{change:?}");
    }
}

/// The new description against that of every other pair: they differ in several ways at once.
fn the_verdict_on_combined_changes_is_that_of_the_public_api(case: &Path) {
    static SIDES: LazyLock<Vec<(PathBuf, Compared, String)>> = LazyLock::new(|| {
        let sides = crate::support::folders("diff").into_iter().map(|case| {
            let new = side(&case, "new.yaml");
            let public_api = public_api_of(&new);
            (case, new, public_api)
        });
        sides.collect()
    });
    let (_, old, old_api) = SIDES.iter().find(|(other, ..)| other == case).unwrap();
    for (_, new, new_api) in SIDES.iter() {
        let report = compare(old, new);
        assert_verdict(&report, public_api::level(old_api, new_api));
    }
}

fn request_and_response_are_told_apart() {
    let only = |case: &str| -> Change { pair(&folder(case)).changes[0].clone() };
    let request = only("02_optional_request_field");
    assert_eq!((request.request, request.response), (Some(Rating::Additive), None));
    let response = only("03_response_field_removed");
    assert_eq!((response.request, response.response), (None, Some(Rating::Breaking)));
}

fn fingerprints_do_not_depend_on_the_place() {
    let case = folder("08_type_changed");
    let (old, new) = (side(&case, "old.yaml"), side(&case, "new.yaml"));
    let text = format!("# A line more.\n\n{}", new.description.base.text);
    let moved = Description::new(Source::new("moved.yaml", text));
    let moved = Compared { description: moved, prefix: None };
    let fingerprints = |new: &Compared| -> Vec<String> {
        compare(&old, new).changes.into_iter().map(|change| change.fingerprint).collect()
    };
    assert_eq!(fingerprints(&new), fingerprints(&moved));
}

fn accepted_changes_are_marked_and_stale_entries_reported() {
    let mut report = pair(&folder("03_response_field_removed"));
    let fingerprint = report.changes[0].fingerprint.clone();
    let text =
        format!("# reviewed\n\n{fingerprint}  never returned anyway\n0000000000000000 gone\n");
    let mut sink = Sink::new();
    let accepted = Accepted::read(&Source::new("accepted.txt", text), &mut sink);
    assert!(sink.finish().is_empty());
    let stale = accepted.apply(&mut report);
    assert_eq!(report.changes[0].accepted.as_deref(), Some("never returned anyway"));
    assert_eq!((stale.len(), stale[0].location.line), (1, 4));
    assert_eq!(report.worst_open(), None);
    // What was accepted is still a change of the API.
    assert_eq!(report.verdict(), Level::Major);

    let mut sink = Sink::new();
    let text = format!("{fingerprint}\nnot-a-fingerprint reason\n");
    let _ = Accepted::read(&Source::new("accepted.txt", text), &mut sink);
    let findings = sink.finish();
    assert_eq!(findings.iter().filter(|finding| finding.code == "bad-acceptance").count(), 2);
}

fn a_report_can_be_read_by_people_and_programs() {
    let mut report = pair(&folder("11_operation_removed"));
    report.changes[0].accepted = Some("nobody <used> it".to_owned());
    insta::assert_snapshot!("diff_text", render(&report, Format::Text));
    insta::assert_snapshot!("diff_markdown", render(&report, Format::Markdown));
    let json: serde_json::Value = serde_json::from_str(&render(&report, Format::Json)).unwrap();
    assert_eq!(json["verdict"], "major");
    assert_eq!(json["changes"][0]["rating"], "breaking");
    assert!(json["changes"][0]["old"]["line"].as_u64().unwrap() > 1);
}

fn changes_are_told_by_group_and_operation() {
    let old = read(&folder("01_nothing"), "old.yaml").text;
    // `Nib` is shared by two operations.
    let old = old.replace("schemas/Owner'", "schemas/Nib'");
    let new = old
        .replace(
            "          - SHOP_CLOSED\n",
            "          - SHOP_CLOSED\n          - NO_INK\n          - NO_PAPER\n",
        )
        .replace("        metal:\n", "        length:\n          type: integer\n        metal:\n");
    let side = |name: &str, text: String| Compared {
        description: Description::new(Source::new(name, text)),
        prefix: None,
    };
    let report = compare(&side("old.yaml", old), &side("new.yaml", new));
    insta::assert_snapshot!("diff_entries", render(&report, Format::Text));
    insta::assert_snapshot!("diff_entries_markdown", render(&report, Format::Markdown));
    // Each change stands on its own where all are asked for, and for programs.
    let each = render(&report, Format::TextOfEach);
    assert_eq!(each.matches("additive[code-added]").count(), 4, "{each}");
    let json: serde_json::Value = serde_json::from_str(&render(&report, Format::Json)).unwrap();
    let changes = json["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &json["totals"]["additive"]), (5, &serde_json::json!(5)));
    let field = changes.iter().find(|change| change["kind"] == "field-added").unwrap();
    assert_eq!(field["section"], "shared-types");
    assert_eq!(field["used_by"], serde_json::json!(["shop.pen.buy", "shop.pen.query"]));
    let code = changes.iter().find(|change| change["kind"] == "code-added").unwrap();
    assert_eq!((&code["section"], &code["tag"]), (&"group".into(), &"shop.pen".into()));
    assert_eq!(code["entry"], "shop.pen.buy");
}

/// People say what an item is called until Alipay does.
fn a_name_may_move_from_the_overlay_to_the_base() {
    let side = |in_base: Option<&str>, in_overlay: Option<&str>| {
        let mut base = read(&folder("01_nothing"), "old.yaml").text;
        if let Some(name) = in_base {
            for (at, key) in [
                ("    ShopPenQueryResponseModel:\n      ", "title"),
                ("        metal:\n          ", "title"),
                ("      operationId: shop.pen.query\n      ", "summary"),
                ("        in: query\n        ", "description"),
            ] {
                assert!(base.contains(at));
                let indent = at.rsplit('\n').next().unwrap();
                base = base.replacen(at, &format!("{at}{key}: {name}\n{indent}"), 1);
            }
        }
        let said =
            |key: &str| in_overlay.map(|name| format!("{key}: {name}, ")).unwrap_or_default();
        let action = |target: &str, key: &str| {
            format!(
                "- target: {target}\n  x-confidence: documented\n  x-source: A\n  \
                 update: {{{}description: Something.}}\n",
                said(key)
            )
        };
        let overlay = [
            action("$.components.schemas.ShopPenQueryResponseModel", "title"),
            action("$.components.schemas.Nib.properties.metal", "title"),
            action("$.paths['/v3/shop/pen/query'].get", "summary"),
            action("$.paths['/v3/shop/pen/query'].get.parameters[0].schema", "title"),
        ];
        let overlay = format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{}",
            overlay.concat()
        );
        let description = Description::new(Source::new("openapi.yaml", base))
            .overlay(Some(Source::new("overlay.yaml", overlay)));
        Compared { description, prefix: None }
    };
    let messages = |old: &Compared, new: &Compared| -> Vec<String> {
        compare(old, new).changes.into_iter().map(|change| change.message).collect()
    };
    let (by_people, by_both, by_alipay) =
        (side(None, Some("名称")), side(Some("名称"), Some("名称")), side(Some("名称"), None));
    assert_eq!(messages(&by_people, &by_alipay), ["text added"; 4]);
    assert_eq!(messages(&by_alipay, &by_people), ["text withdrawn"; 4]);
    assert!(messages(&by_both, &by_alipay).is_empty());
    assert!(messages(&by_alipay, &by_both).is_empty());
    // Another name is one, and that of an operation is its request's, too.
    let changed = ["Chinese name changed"; 5];
    assert_eq!(messages(&side(Some("名称"), Some("别名")), &by_alipay), changed);
    assert_eq!(messages(&by_alipay, &side(Some("名称"), Some("别名"))), changed);
    assert_eq!(messages(&by_people, &side(None, None)), changed);
}

fn a_removed_operation_is_told_with_its_types() {
    let report = pair(&folder("11_operation_removed"));
    let text = render(&report, Format::Text);
    let line = "breaking[operation-removed]: shop.pen.query: operation removed (GET /v3/shop/pen/query), with Owner\n";
    assert!(text.contains(line) && !text.contains("[type-removed]"), "{text}");
    // Both can be accepted.
    for change in &report.changes {
        assert!(text.contains(&change.fingerprint), "{text}");
    }
}

/// The parameters and the properties of a request.
type Fields<'f> = (&'f [&'f str], &'f [&'f str]);

/// The changes between two requests, each as its kind and subject.
fn changes_of([old, new]: [Fields<'_>; 2]) -> Vec<String> {
    let side = |name: &str, (parameters, properties): Fields<'_>| {
        let text = format!(
            "openapi: 3.0.3
info: {{title: A made description, version: '1'}}
paths:
  '/v3/shop/pen/{{code}}/mark':
    post:
      operationId: shop.pen.mark
      tags: [shop.pen]
      parameters: [{}]
      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Mark'}}}}}}}}
      responses: {{'200': {{description: ''}}}}
components: {{schemas: {{Mark: {{type: object, properties: {{{}}}}}}}}}
",
            parameters.join(", "),
            properties.join(", ")
        );
        Compared { description: Description::new(Source::new(name, text)), prefix: None }
    };
    let report = compare(&side("old.yaml", old), &side("new.yaml", new));
    let changes = report.changes.iter();
    let mut changes: Vec<String> =
        changes.map(|change| format!("{} {}", change.kind, change.subject)).collect();
    changes.sort_unstable();
    changes
}

fn fields_of_one_name_are_paired_by_their_places() {
    const PATH: &str = "{name: code, in: path, required: true, schema: {type: string}}";
    const QUERY: &str =
        "{name: code, in: query, x-rust-name: code_of_query, schema: {type: string, maxLength: 9}}";
    const HEADER: &str = "{name: code, in: header, x-rust-name: code_of_header, schema: {type: string, maxLength: 8}}";
    const BODY: &str = "code: {type: string, x-rust-name: new_code, maxLength: 7}";
    const NOTE: &str = "note: {type: string}";
    let tight = BODY.replace('7', "6");
    let renamed = BODY.replace("code:", "mark:");
    let all: Fields<'_> = (&[PATH, QUERY, HEADER], &[BODY, NOTE]);
    let rows: [(Fields<'_>, &[&str], &[&str]); 9] = [
        ((&[HEADER, QUERY, PATH], &[NOTE, BODY]), &[], &[]),
        (
            (&[PATH, QUERY, HEADER], &[&tight, NOTE]),
            &["limit-tightened Mark.code"],
            &["limit-widened Mark.code"],
        ),
        (
            (&[PATH, QUERY, HEADER], &[NOTE]),
            &["field-removed Mark.code"],
            &["field-added Mark.code"],
        ),
        (
            (&[PATH, HEADER], &[BODY, NOTE]),
            &["field-removed Mark.query.code"],
            &["field-added Mark.query.code"],
        ),
        (
            (&[PATH], &[BODY, NOTE]),
            &["field-removed Mark.header.code", "field-removed Mark.query.code"],
            &["field-added Mark.header.code", "field-added Mark.query.code"],
        ),
        (
            (&[PATH], &[NOTE]),
            &[
                "field-removed Mark.code",
                "field-removed Mark.header.code",
                "field-removed Mark.query.code",
            ],
            &[
                "field-added Mark.code",
                "field-added Mark.header.code",
                "field-added Mark.query.code",
            ],
        ),
        (
            (&[PATH, QUERY, HEADER], &[&renamed, NOTE]),
            &["field-renamed Mark.mark"],
            &["field-renamed Mark.code"],
        ),
        (
            (
                &[
                    PATH,
                    &QUERY.replace(", maxLength: 9", ""),
                    &HEADER.replace(
                        "string, maxLength: 8",
                        "string, maxLength: 8, format: local-date",
                    ),
                ],
                &[BODY, NOTE],
            ),
            &["limit-widened Mark.query.code", "type-changed Mark.header.code"],
            &["limit-tightened Mark.query.code", "type-changed Mark.header.code"],
        ),
        (
            (&[PATH, &QUERY.replace("code_of_query", "asked")], &[BODY, NOTE]),
            &["field-removed Mark.header.code", "rust-name-changed Mark.query.code"],
            &["field-added Mark.header.code", "rust-name-changed Mark.query.code"],
        ),
    ];
    for (other, there, back) in rows {
        assert_eq!(changes_of([all, other]), there);
        assert_eq!(changes_of([other, all]), back);
    }
    // What is left of a name has moved.
    let moved: [Fields<'_>; 2] = [(&[PATH, QUERY], &[NOTE]), (&[PATH], &[BODY, NOTE])];
    assert_eq!(
        changes_of(moved),
        ["limit-tightened Mark.code", "place-changed Mark.code", "rust-name-changed Mark.code"]
    );
    let [query, body] = moved;
    assert_eq!(
        changes_of([body, query]),
        [
            "limit-widened Mark.query.code",
            "place-changed Mark.query.code",
            "rust-name-changed Mark.query.code"
        ]
    );
}

fn a_field_of_another_name_is_known_by_what_is_said_of_it() {
    let side = |name: &str, in_base: &str, in_overlay: &str| {
        let text = read(&folder("01_nothing"), "old.yaml").text;
        let base = text.replacen(
            "        metal:\n",
            &format!("        {name}:\n          {in_base}\n"),
            1,
        );
        let overlay = format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n\
             - target: $.components.schemas.Nib.properties.{name}\n  x-confidence: documented\n  \
             x-source: A\n  update: {{x-alipay-limits: [One.], {in_overlay}}}\n"
        );
        let description = Description::new(Source::new("openapi.yaml", base))
            .overlay(Some(Source::new("overlay.yaml", overlay)));
        Compared { description, prefix: None }
    };
    let changes = |before: (&str, &str), after: (&str, &str)| -> Vec<String> {
        let report = compare(&side("alpha", before.0, before.1), &side("omega", after.0, after.1));
        report
            .changes
            .into_iter()
            .map(|change| format!("{} {}", change.kind, change.subject))
            .collect()
    };
    let known = ["field-renamed Nib.omega"];
    let unknown = ["field-removed Nib.alpha", "field-added Nib.omega"];
    for (said, other) in [
        ("title: 名称", "title: 颜色"),
        ("description: What it is called.", "description: What it looks like."),
        ("example: pencil", "example: red"),
    ] {
        assert_eq!(changes((said, ""), (said, "")), known, "{said}");
        assert_eq!(changes(("", said), ("", said)), known, "{said}");
        assert_eq!(changes((said, ""), (other, "")), unknown, "{said}");
        assert_eq!(changes(("", said), ("", other)), unknown, "{said}");
    }
    assert_eq!(changes(("", ""), ("", "")), unknown);
}

fn what_is_wrong_on_both_sides_is_said_once() {
    let side = |titles: &[&str]| {
        let actions = titles.iter().map(|schema| {
            format!(
                "- {{target: $.components.schemas.{schema}, x-confidence: documented, x-source: A, \
                 update: {{title: t}}}}\n"
            )
        });
        let head = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n";
        let overlay = Source::new("overlay.yaml", head.to_owned() + &actions.collect::<String>());
        let base = read(&folder("01_nothing"), "old.yaml");
        Compared { description: Description::new(base).overlay(Some(overlay)), prefix: None }
    };
    let targets = |old: &[&str], new: &[&str]| -> Vec<String> {
        let warnings = compare(&side(old), &side(new)).warnings;
        warnings.iter().map(|finding| finding.message.clone()).collect()
    };
    let both = targets(&["GoneA", "GoneB"], &["GoneA", "GoneB"]);
    assert!(
        matches!(both.as_slice(), [a, b] if a.contains("GoneA") && b.contains("GoneB")),
        "{both:?}"
    );
    let each = targets(&["GoneA"], &["GoneB"]);
    assert!(
        matches!(each.as_slice(), [a, b] if a.contains("GoneA") && b.contains("GoneB")),
        "{each:?}"
    );
}

fn texts_of_an_item_are_told_together() {
    let text = read(&folder("01_nothing"), "old.yaml").text;
    let with = |outer: &str, inner: &str| {
        let list = format!(
            "        metal:\n          description: {outer}\n          type: array\n          items: \
             {{type: string, description: {inner}}}\n        alloy:\n"
        );
        let text = text.replacen("        metal:\n", &list, 1);
        Compared { description: Description::new(Source::new("a.yaml", text)), prefix: None }
    };
    let report = compare(&with("Several.", "One."), &with("Some.", "Each."));
    let [change] = report.changes.as_slice() else {
        panic!("{}", render(&report, Format::Text));
    };
    assert_eq!(change.message, "text reworded");
    assert_eq!(change.new_text.as_deref(), Some("Some. / Each."));
}

/// Whatever stands in a description, a report may be pasted where Markdown is shown.
fn no_text_becomes_html() {
    let markdown = |unit: &str| {
        let text = read(&folder("01_nothing"), "old.yaml").text;
        let field = "          maxLength: 32\n";
        let with = |unit: &str| {
            let unit = serde_json::to_string(unit).unwrap();
            let field = format!("{field}          x-alipay-unit: {unit}\n");
            let text = text.replacen("          maxLength: 32\n", &field, 1);
            Compared { description: Description::new(Source::new("a.yaml", text)), prefix: None }
        };
        render(&compare(&with("days"), &with(unit)), Format::Markdown)
    };
    for unit in [
        "<b>",
        "` <b>",
        "` <b> `` <b>",
        "`` ` <b>",
        "\\` <b> `",
        "` <b> ``",
        "` <b> ```",
        "<b> `a` <b>",
    ] {
        let text = markdown(unit);
        assert!(text.contains("the unit is now"), "{text}");
        assert!(!text.contains("<b>") && text.contains("&lt;b>"), "{unit}: {text}");
    }
    // A backtick does not begin code that ends in the next text of the line.
    let mut report = pair(&folder("08_type_changed"));
    for change in &mut report.changes {
        "a `".clone_into(&mut change.message);
        change.accepted = Some("`<b>`".to_owned());
    }
    let text = render(&report, Format::Markdown);
    assert!(text.contains("a &#96;") && text.contains("(accepted: `<b>`)"), "{text}");
    // What is shown as code stands for itself there.
    let types = render(&pair(&folder("08_type_changed")), Format::Markdown);
    assert!(types.contains("type changed from `") && !types.contains("&lt;"), "{types}");
    assert!(markdown("a `<i>` b").contains("a `<i>` b"));
}
