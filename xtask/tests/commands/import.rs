//! `cargo xtask import`, `lint` and `tags`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use std::process::{Command, Stdio};

use support::{Copy, xtask};

const BASE: &str = "spec/alipay-voucher/openapi.yaml";

#[test]
fn importing_the_base_again_changes_no_byte() {
    let copy = Copy::new();
    let before = copy.files();
    let from = copy.path(BASE);
    let run =
        copy.xtask(&["import", "--from", from.to_str().unwrap(), "--crate", "alipay-voucher"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("7 operations, 98 schemas, 327 properties, unchanged"),
        "{}",
        run.stdout
    );
    assert!(copy.files() == before);
}

#[test]
fn a_new_crate_is_added_to_the_manifest() {
    let copy = Copy::new();
    let from = copy.path(BASE);
    let from = from.to_str().unwrap();
    let run = copy.xtask(&["import", "--from", from, "--crate", "alipay-new"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--tag"), "{}", run.stderr);
    let tag = "alipay.marketing.activity.voucher";
    let run = copy.xtask(&["import", "--from", from, "--crate", "alipay-new", "--tag", tag]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(copy.read("spec/alipay-new/openapi.yaml"), copy.read(BASE));
    assert!(copy.read("spec/crates.toml").contains("[alipay-new]"));
    // What people wrote in the manifest is still there.
    assert!(copy.read("spec/crates.toml").starts_with("# Which client crate"));
    // It is a member of the workspace, complete with a scaffold and generated code.
    assert!(copy.read("Cargo.toml").contains("\"alipay-mock\", \"alipay-new\", "));
    for file in [
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "examples/first_call.rs",
        "tests/operations.rs",
        "src/generated/mod.rs",
        "public-api.txt",
    ] {
        assert!(copy.path("alipay-new").join(file).exists(), "{file} is missing");
    }
    let check = copy.xtask(&["generate", "--check"]);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
}

#[test]
fn an_unknown_tag_is_an_error_with_the_nearest_name() {
    let copy = Copy::new();
    let from = copy.path(BASE);
    let before = copy.files();
    let tag = "alipay.marketing.activity.vouchr";
    let run =
        copy.xtask(&["import", "--from", from.to_str().unwrap(), "--crate", "x", "--tag", tag]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("alipay.marketing.activity.voucher"), "{}", run.stderr);
    assert!(copy.files() == before);
}

#[test]
fn a_folder_of_the_workspace_is_no_new_crate() {
    let copy = Copy::new();
    let from = copy.path(BASE);
    let before = copy.files();
    for name in ["xtask", "spec", "openapi", "alipay-core"] {
        let tag = "alipay.marketing.activity.voucher";
        let import = ["import", "--from", from.to_str().unwrap(), "--crate", name, "--tag", tag];
        let run = copy.xtask(&import);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(&format!("no crate can be called `{name}`")), "{}", run.stderr);
    }
    assert!(copy.files() == before);
}

#[test]
fn tags_are_listed() {
    let base = support::workspace().join(BASE);
    let run = xtask(&["tags", base.to_str().unwrap()]);
    assert_eq!(run.code, 0);
    let line = run.stdout.lines().nth(1).unwrap();
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>(),
        ["alipay.marketing.activity.voucher", "7", "98", "curated"]
    );
    // A folder is that of a crate, and nothing at all is the base of all groups.
    let of_folder = xtask(&["tags", "spec/alipay-voucher"]);
    assert_eq!(of_folder.stdout, run.stdout);
    let all = xtask(&["tags"]);
    assert_eq!((all.code, all.stderr.as_str()), (0, ""));
    assert_eq!(all.stdout.lines().count(), 464);
    let known = |tag: &str| {
        let mut lines = all.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines.find(|line| line.first() == Some(&tag)).unwrap().last().unwrap().to_string()
    };
    assert_eq!(known("alipay.marketing.activity.voucher"), "curated");
    assert_eq!(known("alipay.trade"), "inferred");
    assert_eq!(known("alipay.commerce.ec.department"), "bare");
}

#[test]
fn lint_warns_without_the_overlay_and_speaks_json() {
    let base = support::workspace().join(BASE);
    let base = base.to_str().unwrap();
    let run = xtask(&["lint", base]);
    assert_eq!(run.code, 0);
    for rule in ["money-not-decimal", "time-without-format", "undocumented"] {
        assert!(run.stderr.contains(&format!("warning[{rule}]")), "{rule}");
    }
    let run = xtask(&["lint", base, "--format", "json"]);
    assert_eq!(run.code, 0);
    let first: serde_json::Value =
        serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["severity"], "warning");
    assert!(first["line"].as_u64().unwrap() > 0);
}

#[test]
fn findings_of_one_sort_are_told_once() {
    let base = support::workspace().join(BASE);
    let base = base.to_str().unwrap();
    let short = xtask(&["lint", base]).stderr;
    assert!(short.lines().count() < 60, "{short}");
    assert!(short.contains("warning[undocumented]: `…` of `…` has no description: 3"), "{short}");
    assert_eq!(short.matches("has no description\n").count(), 6, "{short}");
    assert!(
        short.contains("more; --all shows each\n  hint: describe it in the overlay\n"),
        "{short}"
    );
    let total = short.lines().last().unwrap();
    assert!(total.starts_with("total: 0 errors, "), "{total}");

    let long = xtask(&["lint", base, "--all"]).stderr;
    let each = long.matches("warning[").count();
    assert!(total.contains(&format!("{each} warnings (")), "{total}");
    assert_eq!(long.lines().last().unwrap(), total);
    let json = xtask(&["lint", base, "--format", "json"]).stdout;
    assert_eq!(json.lines().count(), each);
}

#[test]
fn lint_looks_at_some_rules() {
    let base = support::workspace().join(BASE);
    let base = base.to_str().unwrap();
    let all = xtask(&["lint", base, "--all"]);
    let of = |rule: &str| all.stderr.matches(&format!("warning[{rule}]")).count();
    let (money, times) = (of("money-not-decimal"), of("time-without-format"));
    assert!(money > 0 && times > 0);

    let some = ["lint", base, "--only", "money-not-decimal,time-without-format"];
    let run = xtask(&[&some[..], &["--all"]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let rest = all.stderr.matches("warning[").count() - money - times;
    let total = format!(
        "total: 0 errors, {} warnings (money-not-decimal {money}, time-without-format {times}); not shown, of \
         other rules: 0 errors, {rest} warnings",
        money + times
    );
    assert_eq!(run.stderr.lines().last().unwrap(), total);
    assert_eq!(run.stderr.matches("warning[").count(), money + times);

    // The lines of JSON are those of all rules.
    let json = xtask(&[&some[..], &["--format", "json"]].concat());
    let every = xtask(&["lint", base, "--format", "json"]).stdout;
    let every: Vec<_> = every.lines().collect();
    assert_eq!(json.stdout.lines().count(), money + times);
    assert!(json.stdout.lines().all(|line| every.contains(&line)));
    assert_eq!((json.code, json.stderr.as_str()), (0, ""));

    // Of a rule without findings.
    let run = xtask(&["lint", base, "--only", "default-misfit"]);
    let none =
        format!("{base}: nothing found by default-misfit; not shown, of other rules: 0 errors, ");
    assert!(run.code == 0 && run.stderr.starts_with(&none), "{}", run.stderr);
    let run = xtask(&["lint", base, "--only", "undocumentd"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1));
    assert!(
        run.stderr.starts_with(
            "error: there is no rule \"undocumentd\" (did you mean `undocumented`?); "
        ) && run.stderr.contains(" example-misfit, "),
        "{}",
        run.stderr
    );
    let help = xtask(&["lint", "--help"]).stdout;
    for (rule, meaning) in alipay_openapi::lint::rules() {
        assert!(
            !meaning.is_empty() && help.contains(&format!("  {rule:21} {meaning}\n")),
            "{help}"
        );
    }
}

#[test]
fn errors_of_other_rules_fail_a_lint_of_one_rule() {
    let copy = Copy::new();
    copy.replace(BASE, "  schemas:\n", "  schemas:\n    Odd: {type: strng}\n");
    let base = copy.path(BASE);
    let only = |rule: &str, format: &str| {
        xtask(&["lint", base.to_str().unwrap(), "--only", rule, "--format", format])
    };
    for format in ["text", "json"] {
        let run = only("default-misfit", format);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
        assert!(run.stderr.contains("not shown, of other rules: 1 errors, "), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    // The code of an error is as good as a rule.
    let run = only("unknown-type", "text");
    assert!(run.code == 1 && run.stderr.contains("error[unknown-type]"), "{}", run.stderr);
}

#[test]
fn who_reads_the_first_line_only_ends_a_command_quietly() {
    let voucher = "spec/alipay-voucher";
    for arguments in [
        &["--help"][..],
        &["lint", "--help"],
        &["lint", BASE, "--format", "json"],
        &["tags"],
        &["diff", voucher, "spec/alipay-marketing", "--format", "json"],
    ] {
        let run = |closed: bool| {
            let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
                .args(arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            if closed {
                drop(child.stdout.take());
            }
            let output = child.wait_with_output().unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        assert_eq!(run(true), run(false), "{arguments:?}");
    }
}

#[test]
fn lint_looks_at_some_tags() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/story/2026-10-01.yaml");
    let run = xtask(&["lint", file, "--tag", "shop.ink", "--all"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("ShopInkMix") && !run.stderr.contains("ShopPen"), "{}", run.stderr);
    let run = xtask(&["lint", file, "--tag", "shop.inc"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[unknown-tag]"), "{}", run.stderr);
}

#[test]
fn every_command_explains_itself_with_an_example() {
    for command in ["generate", "import", "diff", "lint", "tags", "full-scale"] {
        let run = xtask(&[command, "--help"]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("Example"), "{command}: {}", run.stdout);
        assert!(run.stdout.contains(&format!("cargo xtask {command}")), "{command}");
    }
}

#[test]
fn a_crate_whose_files_cannot_be_read_is_not_refreshed() {
    let from = support::workspace().join(BASE);
    let cases = [
        ("openapi.yaml", "<<<<<<< HEAD\n", true, "syntax"),
        ("openapi.yaml", "", false, "empty-file"),
        ("openapi.yaml", "- a\n", false, "not-a-mapping"),
        ("openapi.yaml", "openapi: 3.0.3\npaths:\n", false, "missing-key"),
        ("openapi.yaml", "swagger: '2.0'\npaths: {}\n", false, "swagger"),
        ("overlay.yaml", "=======\n", true, "syntax"),
        ("retained.yaml", "actions: [\n", false, "syntax"),
        ("retained.yaml", "actions: [{target: $.paths}]\n", false, "bad-removal"),
        ("names.lock", ">>>>>>> main\n", true, "bad-lock"),
    ];
    for (file, text, before, code) in cases {
        let copy = Copy::new();
        let path = format!("spec/alipay-voucher/{file}");
        let text = if before { format!("{text}{}", copy.read(&path)) } else { text.to_owned() };
        copy.write(&path, &text);
        let files = copy.files();
        let import = ["import", "--from", from.to_str().unwrap(), "--crate", "alipay-voucher"];
        let run = copy.xtask(&import);
        assert_eq!(run.code, 1, "{file}: {text:.40}");
        let expected = [format!("{path}:"), format!("error[{code}]"), format!("or delete {path}")];
        for expected in expected {
            assert!(run.stderr.contains(&expected), "{expected}: {}", run.stderr);
        }
        assert!(copy.files() == files, "{file} {code}");
    }
}

#[test]
fn without_its_base_a_crate_begins_anew() {
    let copy = Copy::new();
    let base = copy.read(BASE);
    std::fs::remove_file(copy.path(BASE)).unwrap();
    let from = support::workspace().join(BASE);
    let import = ["import", "--from", from.to_str().unwrap(), "--crate", "alipay-voucher"];
    let run = copy.xtask(&import);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(copy.read(BASE), base);
}

/// A description of one operation that refunds a pen.
fn refund(version: &str, method: &str, asks: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: Pens, version: {version}}}\npaths:\n  /v3/shop/pen/refund:\n    {method}:\n      \
         operationId: shop.pen.refund\n      tags: [shop.pen]\n      {asks}\n      responses:\n        '200': {{description: Done}}\n\
         components:\n  schemas:\n    Refund:\n      type: object\n      properties:\n        note: {{type: string}}\n      \
         required: [note]\n"
    )
}

const BODY: &str =
    "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Refund'}}}}";
const NO_BODY: &str = "parameters: []";

#[test]
fn a_dropped_body_stays_or_is_said_to_be_lost() {
    let copy = Copy::bare();
    copy.write("old.yaml", &refund("2024-01-10", "post", BODY));
    copy.write("new.yaml", &refund("2026-09-23", "post", NO_BODY));
    copy.write("read.yaml", &refund("2026-09-23", "get", NO_BODY));
    let import = |file: &str, more: &[&str]| {
        let from = copy.path(file);
        let all = ["import", "--from", from.to_str().unwrap(), "--crate", "shop-pen"];
        let run = copy.xtask(&[&all[..], more].concat());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run
    };
    import("old.yaml", &["--tag", "shop.pen"]);
    let api = || copy.read("shop-pen/public-api.txt");
    let note_of = |api: &str| {
        api.lines().find(|line| line.contains("RefundRequest::note: ")).map(str::to_owned)
    };
    let before = note_of(&api()).unwrap();

    let run = import("new.yaml", &[]);
    assert!(
        run.stdout.contains(
            "  - the body of POST /v3/shop/pen/refund: dropped by Alipay; stays, deprecated\n"
        ),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    let run = copy.xtask(&["generate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(note_of(&api()), Some(before));
    assert!(api().contains("deprecated models::RefundRequest::note\n"), "{}", api());

    // Back to the old description, which a warning says.
    let run = import("old.yaml", &[]);
    assert!(
        run.stderr.starts_with(
            "warning[older-description]: the description is of 2024-01-10, and the base that it replaces of \
             2026-09-23: what has come since counts as dropped\n"
        ),
        "{}",
        run.stderr
    );
    assert!(!copy.path("spec/shop-pen/retained.yaml").exists());

    let run = import("read.yaml", &[]);
    assert!(
        run.stdout.contains(
            "  - `note` of the request of `shop.pen.refund`: dropped by Alipay, and cannot stay"
        ),
        "{}",
        run.stdout
    );
}

#[test]
fn an_older_description_of_all_groups_is_warned_of() {
    let copy = Copy::new();
    // The base that is there would not be replaced by a part of it.
    std::fs::remove_file(copy.path("spec/alipay/openapi.yaml")).unwrap();
    let import = |version: &str| {
        copy.write("alipay.yaml", &refund(version, "post", BODY));
        let from = copy.path("alipay.yaml");
        let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stderr.contains("warning[older-description]")
    };
    assert!(!import("2026-09-23"));
    assert!(import("2024-01-10"));
    assert!(!import("2024-01-10"));
}
