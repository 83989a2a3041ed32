//! One small input per diagnostic code of the generator's front, and the text a person gets.
//!
//! `fixtures/front/CODE.yaml` is a description, `CODE.overlay.yaml` an overlay for `good.yaml`, and
//! `CODE.import.txt` names a tag to be cut out of `good.yaml`. Each must be answered with its code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{fs, path::Path};

use alipay_openapi::{
    Strictness,
    diag::codes::{CODES, explain},
    diag::{Diagnostics, Sink},
    import::{ImportOptions, import},
    load::{Source, load},
    overlay,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/front");

fn read(name: &str) -> Source {
    Source::new(name, fs::read_to_string(Path::new(FOLDER).join(name)).unwrap())
}

fn check(base: &Source, laid_over: Option<&Source>) -> Diagnostics {
    let mut sink = Sink::new();
    let document = load(base, &mut sink)
        .and_then(|raw| overlay::apply(raw, laid_over, Strictness::Whole, &mut sink));
    assert_eq!(document.is_none(), sink.has_errors(), "an error and only an error stops the run");
    sink.finish()
}

/// The fixtures: file name, code, and what is found.
fn run() -> Vec<(String, String, Diagnostics)> {
    let good = read("good.yaml");
    let mut names: Vec<String> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "good.yaml")
        .collect();
    names.sort();
    let found = |name: String| {
        if let Some(code) = name.strip_suffix(".overlay.yaml") {
            (name.clone(), code.to_owned(), check(&good, Some(&read(&name))))
        } else if let Some(code) = name.strip_suffix(".import.txt") {
            let tag = read(&name).text.trim().to_owned();
            let mut sink = Sink::new();
            assert_eq!(import(&good, &[tag], ImportOptions::default(), &mut sink), None);
            (name.clone(), code.to_owned(), sink.finish())
        } else {
            let code = name.strip_suffix(".yaml").unwrap();
            (name.clone(), code.to_owned(), check(&read(&name), None))
        }
    };
    names.into_iter().map(found).collect()
}

#[test]
fn each_input_is_answered_with_its_code() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("fixtures/front/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, code, findings) in run() {
        assert!(findings.iter().any(|finding| finding.code == code), "{name} gave:\n{findings}");
        for finding in findings.iter() {
            assert!(
                explain(finding.code).is_some(),
                "{name}: {} is not in the table",
                finding.code
            );
            assert!(finding.location.is_some(), "{name}: no position in\n{finding}");
            assert!(finding.hint.is_some(), "{name}: no advice in\n{finding}");
            assert!(
                !finding.message.contains('\n') && !finding.message.contains("variant"),
                "{name}: {finding}"
            );
        }
        settings.bind(|| insta::assert_snapshot!(name.clone(), findings));
    }
}

/// The codes of the stages before `lower`; those after it have tests of their own.
#[test]
fn each_code_of_the_front_has_an_input() {
    let last = CODES.iter().position(|(code, _)| *code == "unknown-tag").unwrap();
    let seen: Vec<String> = run().into_iter().map(|(_, code, _)| code).collect();
    for (code, _) in CODES.iter().take(last + 1) {
        assert!(seen.iter().any(|seen| seen == code), "no fixture for {code}");
    }
}

#[test]
fn the_good_description_has_no_findings() {
    assert_eq!(check(&read("good.yaml"), None).to_string(), "");
}
