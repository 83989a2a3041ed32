//! One small input per diagnostic code of the stages before `lower`, and what a person reads.
//!
//! `fixtures/diagnostics/CODE.yaml` is a description, `CODE.overlay.yaml` an overlay for `good.yaml`, and
//! `CODE.import.txt` names a tag to be cut out of `good.yaml`. Each must give its code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{fs, path::Path, process::ExitCode};

use alipay_openapi::{
    Scope, Strictness,
    diag::codes::{CODES, explain},
    diag::{Diagnostics, Sink},
    import::{ImportOptions, import},
    load::{Source, load},
    overlay::{self, Layers},
};
use libtest_mimic::{Arguments, Trial};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/diagnostics");
const GOOD: &str = "good.yaml";

fn main() -> ExitCode {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let mut names: Vec<String> =
        files.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    let codes: Vec<String> = names.iter().map(|name| code_of(name).to_owned()).collect();
    let inputs = names.into_iter().filter(|name| name != GOOD).map(|name| {
        Trial::test(name.clone(), move || {
            gives_its_code(&name);
            Ok(())
        })
    });
    let others = [
        Trial::test("each code has an input", move || {
            each_code_has_an_input(&codes);
            Ok(())
        }),
        Trial::test("the good description has no findings", || {
            assert_eq!(check(&read(GOOD), None).to_string(), "");
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), inputs.chain(others).collect()).exit_code()
}

fn code_of(name: &str) -> &str {
    name.split_once('.').unwrap().0
}

fn read(name: &str) -> Source {
    Source::new(name, fs::read_to_string(Path::new(FOLDER).join(name)).unwrap())
}

fn check(base: &Source, laid_over: Option<&Source>) -> Diagnostics {
    let mut sink = Sink::new();
    let document = load(base, &mut sink).and_then(|raw| {
        let layers = Layers { overlay: laid_over, ..Layers::default() };
        overlay::apply(raw, layers, &Scope::default(), Strictness::Whole, &mut sink)
    });
    assert_eq!(document.is_none(), sink.has_errors(), "an error and only an error stops the run");
    sink.finish()
}

fn findings_of(name: &str) -> Diagnostics {
    let good = read(GOOD);
    match name.split_once('.').unwrap().1 {
        "overlay.yaml" => check(&good, Some(&read(name))),
        "import.txt" => {
            let tag = read(name).text.trim().to_owned();
            let mut sink = Sink::new();
            let good = load(&good, &mut sink).unwrap();
            assert_eq!(import(&good, &[tag], ImportOptions::default(), &mut sink), None);
            sink.finish()
        }
        _ => check(&read(name), None),
    }
}

fn gives_its_code(name: &str) {
    let findings = findings_of(name);
    let code = code_of(name);
    assert!(findings.iter().any(|finding| finding.code == code), "{name} gave:\n{findings}");
    for finding in findings.iter() {
        assert!(explain(finding.code).is_some(), "{} is not in the table", finding.code);
        assert!(finding.location.is_some(), "no position in\n{finding}");
        assert!(finding.hint.is_some(), "no advice in\n{finding}");
        let message = &finding.message;
        assert!(!message.contains('\n') && !message.contains("variant"), "{finding}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("fixtures/diagnostics/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, findings));
}

/// The codes of the stages before `lower`; those after it have tests of their own.
fn each_code_has_an_input(seen: &[String]) {
    let last = CODES.iter().position(|(code, _)| *code == "unknown-tag").unwrap();
    for (code, _) in CODES.iter().take(last + 1) {
        assert!(seen.iter().any(|seen| seen == code), "no fixture for {code}");
    }
}
