//! Pairs of descriptions, what changed between them, and what release that makes.
//!
//! `fixtures/diff/NAME` holds `old.yaml`, `new.yaml` and `expected.txt`: the verdict, then the ratings
//! and kinds of all changes. The verdict of the comparison, which looks at meanings, is checked against
//! the listings of the public API, which know nothing of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{fs, path::Path};

use alipay_codegen::{
    Options,
    diff::{Accepted, Change, Compared, Format, Rating, Report, diff, render},
    public_api::{self, Level},
};
use alipay_openapi::{Description, diag::Sink, load::Source};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diff")
}

fn read(case: &str, name: &str) -> Source {
    Source::new(name, fs::read_to_string(folder().join(case).join(name)).unwrap())
}

fn side(source: Source) -> Compared {
    Compared { description: Description::new(source), prefix: None }
}

fn cases() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn compare(case: &str) -> Report {
    diff(&side(read(case, "old.yaml")), &side(read(case, "new.yaml")))
        .unwrap_or_else(|findings| panic!("{case}:\n{findings}"))
}

#[test]
fn each_pair_has_its_changes_and_verdict() {
    assert!(cases().len() >= 10);
    for case in cases() {
        let report = compare(&case);
        let expected = read(&case, "expected.txt").text;
        let (verdict, kinds) = expected.split_once('\n').unwrap();
        let mut kinds: Vec<&str> = kinds.lines().collect();
        let found: Vec<String> = report
            .changes
            .iter()
            .map(|change| format!("{} {}", change.rating.as_str(), change.kind))
            .collect();
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        kinds.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, kinds, "{case}:\n{}", render(&report, Format::Text));
        assert_eq!(report.verdict().as_str(), verdict, "{case}");
    }
}

/// The other way to a verdict: through what is generated.
#[test]
fn the_verdict_is_that_of_the_public_api() {
    for case in cases() {
        let listing = |name: &str| {
            let output = alipay_codegen::generate(
                &side(read(&case, name)).description,
                &Options::new("shop"),
            );
            output.unwrap_or_else(|findings| panic!("{case}:\n{findings}")).public_api
        };
        let (old, new) = (listing("old.yaml"), listing("new.yaml"));
        let forwards = compare(&case).verdict();
        assert_eq!(forwards, public_api::level(&old, &new), "{case}");
        // And backwards, which makes as many cases again.
        let report = diff(&side(read(&case, "new.yaml")), &side(read(&case, "old.yaml"))).unwrap();
        assert_eq!(
            report.verdict(),
            public_api::level(&new, &old),
            "{case} backwards:\n{}",
            render(&report, Format::Text)
        );
    }
}

#[test]
fn every_change_says_where_it_stands_and_what_it_is() {
    for case in cases() {
        for change in compare(&case).changes {
            assert!(change.old.is_some() || change.new.is_some(), "{case}: {change:?}");
            for spot in change.old.iter().chain(&change.new) {
                let at = spot.location.as_ref().unwrap();
                assert!(at.line > 1, "{case}: {change:?}");
            }
            assert_eq!(change.fingerprint.len(), 16);
            assert!(!change.message.contains('\n'));
            assert!(change.request.is_some() || change.response.is_some(), "{case}: {change:?}");
        }
    }
}

#[test]
fn request_and_response_are_told_apart() {
    let only = |case: &str| -> Change { compare(case).changes[0].clone() };
    let request = only("02_optional_request_field");
    assert_eq!((request.request, request.response), (Some(Rating::Additive), None));
    let response = only("03_response_field_removed");
    assert_eq!((response.request, response.response), (None, Some(Rating::Breaking)));
}

#[test]
fn fingerprints_do_not_depend_on_the_place() {
    let old = read("08_type_changed", "old.yaml");
    let new = read("08_type_changed", "new.yaml");
    let moved = Source::new("moved.yaml", format!("# A line more.\n\n{}", new.text));
    let fingerprints = |new: Source| -> Vec<String> {
        let report = diff(&side(old.clone()), &side(new)).unwrap();
        report.changes.into_iter().map(|change| change.fingerprint).collect()
    };
    assert_eq!(fingerprints(new), fingerprints(moved));
}

#[test]
fn accepted_changes_are_marked_and_stale_entries_reported() {
    let mut report = compare("03_response_field_removed");
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

#[test]
fn a_report_can_be_read_by_people_and_programs() {
    let mut report = compare("11_operation_removed");
    report.changes[0].accepted = Some("nobody <used> it".to_owned());
    insta::assert_snapshot!("diff_text", render(&report, Format::Text));
    insta::assert_snapshot!("diff_markdown", render(&report, Format::Markdown));
    let json: serde_json::Value = serde_json::from_str(&render(&report, Format::Json)).unwrap();
    assert_eq!(json["verdict"], "major");
    assert_eq!(json["changes"][0]["rating"], "breaking");
    assert!(json["changes"][0]["old"]["line"].as_u64().unwrap() > 1);
}

/// Every description of the pairs against every other, which differ in several ways at once.
#[test]
fn the_verdict_on_combined_changes_is_that_of_the_public_api() {
    let all: Vec<(String, Compared, String)> = cases()
        .into_iter()
        .map(|case| {
            let new = side(read(&case, "new.yaml"));
            let output = alipay_codegen::generate(&new.description, &Options::new("shop"));
            (case, new, output.unwrap().public_api)
        })
        .collect();
    for (old_case, old, old_public_api) in &all {
        for (new_case, new, new_public_api) in &all {
            let report = diff(old, new).unwrap();
            assert_eq!(
                report.verdict(),
                public_api::level(old_public_api, new_public_api),
                "{old_case} -> {new_case}:\n{}",
                render(&report, Format::Text)
            );
        }
    }
}
