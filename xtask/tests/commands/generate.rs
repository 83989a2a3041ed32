//! `cargo xtask generate`: drift is noticed, good input is written, bad input changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support;

use std::fs;

use alipay_openapi::{
    diag::Sink,
    load::{Source, parse},
};
use support::Copy;

const BASE: &str = "spec/alipay-voucher/openapi.yaml";
const OVERLAY: &str = "spec/alipay-voucher/overlay.yaml";
const SEND: &str = "alipay-voucher/src/generated/operations/send.rs";

#[test]
fn an_edited_byte_is_drift_and_generating_repairs_it() {
    let copy = Copy::new();
    let good = copy.read(SEND);
    copy.replace(SEND, "pub struct SendRequest", "pub struct SentRequest");
    let run = copy.xtask(&["generate", "--check"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("--- alipay-voucher/src/generated/operations/send.rs"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("-    pub struct SentRequest"), "{}", run.stdout);
    assert!(run.stdout.contains("+    pub struct SendRequest"), "{}", run.stdout);
    assert!(run.stderr.contains("run `cargo xtask generate` and commit"), "{}", run.stderr);
    assert_ne!(copy.read(SEND), good, "a check changes nothing");

    assert_eq!(copy.xtask(&["generate"]).code, 0);
    assert_eq!(copy.read(SEND), good);
}

#[test]
fn a_changed_type_in_the_base_is_drift() {
    let copy = Copy::new();
    let text = copy.read(BASE);
    let at = text.find("voucher_quantity:").unwrap();
    let (before, after) = text.split_at(at);
    fs::write(
        copy.path(BASE),
        format!("{before}{}", after.replacen("type: integer", "type: boolean", 1)),
    )
    .unwrap();
    let run = copy.xtask(&["generate", "--check"]);
    // The overlay's limits of a number do not fit a boolean: that is said, with the place.
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.is_empty() || run.stderr.contains(".yaml:"), "{}", run.stderr);
}

#[test]
fn a_new_text_in_the_overlay_is_drift() {
    let copy = Copy::new();
    copy.replace(
        OVERLAY,
        "Id of the voucher that this call issued",
        "Number of the voucher issued",
    );
    let run = copy.xtask(&["generate", "--check"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("+        /// Number of the voucher issued"), "{}", run.stdout);
}

#[test]
fn unchanged_files_are_not_touched_and_strays_are_removed() {
    let copy = Copy::new();
    let stray = copy.path("alipay-voucher/src/generated/models/stray.rs");
    fs::write(&stray, "// left over\n").unwrap();
    let before = fs::metadata(copy.path(SEND)).unwrap().modified().unwrap();
    let run = copy.xtask(&["generate", "--check"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("stray.rs"), "{}", run.stdout);
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("0 files written, 1 removed"), "{}", run.stdout);
    assert!(!stray.exists());
    assert_eq!(fs::metadata(copy.path(SEND)).unwrap().modified().unwrap(), before);
}

/// Each way to spoil the inputs: what is done, and what has to be said, and where.
#[test]
fn bad_input_is_said_and_changes_nothing() {
    type Spoil = fn(&Copy);
    let rows: [(&str, Spoil, &str); 7] = [
        (
            "a reference to nowhere",
            |copy| {
                copy.replace(
                    BASE,
                    "$ref: \"#/components/schemas/FixVoucherInfo\"",
                    "$ref: \"#/components/schemas/FixVoucherInf\"",
                );
            },
            "openapi.yaml:",
        ),
        (
            "a duplicate operationId",
            |copy| {
                copy.replace(
                    BASE,
                    "operationId: alipay.marketing.activity.voucher.stop",
                    "operationId: alipay.marketing.activity.voucher.send",
                );
            },
            "error[duplicate-operation-id]",
        ),
        (
            "an unsupported construct",
            |copy| copy.replace(BASE, "type: boolean", "type: array"),
            "error[unsupported-construct]",
        ),
        (
            "an overlay target that matches nothing",
            |copy| {
                copy.replace(
                    OVERLAY,
                    "target: $.components.schemas.FixVoucherInfo",
                    "target: $.components.schemas.FixVoucherInf",
                );
            },
            "error[unmatched-target]",
        ),
        ("broken YAML", |copy| copy.replace(BASE, "paths:\n", "paths: [\n"), "error[syntax]"),
        (
            "a file that is not a description",
            |copy| fs::write(copy.path(BASE), "shopping: [milk, eggs]\n").unwrap(),
            "error[not-a-description]",
        ),
        ("an empty file", |copy| fs::write(copy.path(BASE), "").unwrap(), "error[empty-file]"),
    ];
    for (what, spoil, expected) in rows {
        let copy = Copy::new();
        spoil(&copy);
        let before = copy.files();
        let run = copy.xtask(&["generate"]);
        assert_eq!(run.code, 1, "{what}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{what}: {}", run.stderr);
        let first = run.stderr.lines().next().unwrap();
        let place: Vec<_> = first.splitn(4, ':').collect();
        assert!(place[0].starts_with("spec/alipay-voucher/"), "{what}: {first}");
        assert!(
            place[1].parse::<u32>().is_ok() && place[2].parse::<u32>().is_ok(),
            "{what}: {first}"
        );
        assert!(copy.files() == before, "{what} changed files");
    }
}

#[test]
fn unreadable_input_and_bad_usage_exit_with_2() {
    let copy = Copy::new();
    fs::remove_file(copy.path(BASE)).unwrap();
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot read spec/alipay-voucher/openapi.yaml"), "{}", run.stderr);

    fs::write(copy.path(BASE), b"openapi: \xff").unwrap();
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("not UTF-8"), "{}", run.stderr);

    let run = copy.xtask(&["generate", "alipay-vouchers"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no crate `alipay-vouchers`"), "{}", run.stderr);

    fs::write(copy.path("spec/crates.toml"), "[alipay-voucher\n").unwrap();
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("spec/crates.toml"), "{}", run.stderr);

    assert_eq!(support::xtask(&["generat"]).code, 2);
    assert_eq!(support::xtask(&["generate", "--from", "x.yaml"]).code, 2);
}

#[test]
fn a_complete_crate_can_be_made_outside_the_manifest() {
    let copy = Copy::new();
    let out = copy.path("elsewhere/alipay-pilot");
    let core = support::workspace().join("alipay-core");
    let arguments = |check: bool| {
        let mut all = vec![
            "generate".to_owned(),
            "--from".to_owned(),
            copy.path(BASE).display().to_string(),
            "--all-tags".to_owned(),
            "--name".to_owned(),
            "alipay-pilot".to_owned(),
            "--out".to_owned(),
            out.display().to_string(),
            "--core-path".to_owned(),
            core.display().to_string(),
        ];
        if check {
            all.push("--check".to_owned());
        }
        all
    };
    let run = |check| {
        let all = arguments(check);
        copy.xtask(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let made = run(false);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for file in ["Cargo.toml", "src/lib.rs", "README.md", "src/generated/mod.rs", "names.lock"] {
        assert!(out.join(file).exists(), "{file} is missing");
    }
    let again = run(true);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
}

#[test]
fn a_rename_stops_until_it_is_accepted() {
    let copy = Copy::new();
    let lock = "spec/alipay-voucher/names.lock";
    let line = "/components/schemas/FixVoucherInfo\tmodels::FixVoucherInfo\n";
    copy.replace(lock, line, "/components/schemas/FixVoucherInfo\tmodels::FixedVoucherInfo\n");
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[renamed-item]"), "{}", run.stderr);
    assert!(run.stderr.starts_with("spec/alipay-voucher/openapi.yaml:"), "{}", run.stderr);
    assert!(run.stderr.contains("FixedVoucherInfo"), "{}", run.stderr);
    copy.replace(lock, "/components/schemas/FixVoucherInfo\tmodels::FixedVoucherInfo\n", "");
    assert_eq!(copy.xtask(&["generate"]).code, 0);
    assert!(copy.read(lock).contains(line));
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let copy = Copy::new();
    copy.replace(
        BASE,
        "        voucher_quantity:\n",
        "        gift_wrapped:\n          type: boolean\n        voucher_quantity:\n",
    );
    let before = copy.files();
    let run = copy.xtask(&["generate", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("files would be written"), "{}", run.stdout);
    assert!(run.stdout.contains("::gift_wrapped: Option<bool>"), "{}", run.stdout);
    assert!(run.stdout.contains("~ alipay-voucher/public-api.txt"), "{}", run.stdout);
    assert!(copy.files() == before);
    // The same is said when it is done.
    let done = copy.xtask(&["generate"]);
    assert_eq!(done.stdout, run.stdout.replace("would be written", "written"));
}

#[test]
fn a_changed_text_of_the_public_api_is_drift() {
    let copy = Copy::new();
    copy.replace("alipay-voucher/public-api.txt", "struct VoucherApi\n", "");
    let run = copy.xtask(&["generate", "--check"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("+struct VoucherApi"), "{}", run.stdout);
}

#[test]
fn the_provenance_of_a_crate_can_be_recomputed() {
    let copy = Copy::new();
    let base = copy.read(BASE);
    let version = base.lines().find_map(|line| line.strip_prefix("  version: \"")).unwrap();
    let version = version.trim_end_matches('"');
    let check = |overlay: &str| {
        let canonical = |text: &str| {
            let raw = parse(&Source::new("file", text), &mut Sink::new()).unwrap();
            raw.value.to_string()
        };
        let digest =
            alipay_codegen::digest::digest([canonical(&base).as_str(), &canonical(overlay)]);
        let meta = copy.read("alipay-voucher/src/generated/meta.rs");
        assert!(meta.contains(&format!("DESCRIPTION_VERSION: &str = \"{version}\"")), "{meta}");
        assert!(meta.contains(&format!("DESCRIPTION_DIGEST: &str = \"{digest}\"")), "{meta}");
        // The table is part of the crate's documentation.
        let table = copy.read("alipay-voucher/src/generated/OPERATIONS.md");
        assert!(table.contains(&format!("Alipay's description {version} ")), "{table}");
        assert!(table.contains(&format!("`{digest}`")), "{table}");
        digest
    };
    let overlay = copy.read(OVERLAY);
    let first = check(&overlay);
    // What either file says counts, and not how it is written.
    let changed = format!("{overlay}x-remark: one\n");
    copy.write(OVERLAY, &changed);
    assert_eq!(copy.xtask(&["generate"]).code, 0);
    assert_ne!(check(&changed), first);
    copy.write(OVERLAY, &format!("\u{feff}# A remark.\r\n{}", overlay.replace('\n', "\r\n")));
    assert_eq!(copy.xtask(&["generate"]).code, 0);
    assert_eq!(check(&overlay), first);
}

#[test]
#[cfg(unix)]
fn whoever_closes_the_pipe_early_has_seen_enough() {
    for arguments in [["lint", BASE], ["tags", BASE]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(support::workspace());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(command.status().unwrap().code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn a_crate_is_not_made_in_the_place_of_something_else() {
    let copy = Copy::new();
    copy.write("other/Cargo.toml", "[package]\nname = \"other\"\n");
    copy.write("workspace/Cargo.toml", "[workspace]\n");
    copy.write("notes/todo.txt", "work\n");
    let from = copy.path(BASE).display().to_string();
    let core = support::workspace().join("alipay-core").display().to_string();
    let before = copy.files();
    for (out, core, expected) in [
        ("other", &core, "other holds the crate `other`, and not `alipay-pilot`"),
        ("workspace", &core, "workspace holds a workspace, and not `alipay-pilot`"),
        ("notes", &core, "notes is not empty, and holds no crate"),
        ("new", &copy.path("other").display().to_string(), "is not the crate alipay-core"),
    ] {
        let out = copy.path(out).display().to_string();
        let run = copy.xtask(&[
            "generate",
            "--from",
            &from,
            "--all-tags",
            "--name",
            "alipay-pilot",
            "--out",
            &out,
            "--core-path",
            core,
        ]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    assert!(copy.files() == before);
}

/// A description whose second operation has what cannot be generated, and an extension that is not known.
const HALF: &str = r#"
openapi: 3.0.3
info: {title: Half, version: "1"}
paths:
  /v3/shop/good:
    get:
      operationId: shop.good
      tags: [shop]
      responses: {"200": {description: ok}}
  /v3/shop/bad:
    post:
      operationId: shop.bad
      tags: [shop]
      x-alipay-new: true
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {not: {type: string}}}}}}}
      responses: {"200": {description: ok}}
"#;

#[test]
fn one_construct_does_not_cost_a_group() {
    let copy = Copy::new();
    copy.write("half.yaml", HALF);
    let run = |more: &[&str]| {
        let file = copy.path("half.yaml").to_str().unwrap().to_owned();
        let out = copy.path("half").to_str().unwrap().to_owned();
        let core = support::workspace().join("alipay-core").to_str().unwrap().to_owned();
        let fixed = ["generate", "--from", &file, "--tag", "shop", "--name", "alipay-half"];
        let places = ["--out", &out, "--core-path", &core];
        copy.xtask(&[&fixed[..], &places, more].concat())
    };
    let refused = run(&["--ignore-extension", "x-alipay-new"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(!refused.stderr.contains("unknown-shape"), "{}", refused.stderr);
    assert!(refused.stderr.contains("unsupported-construct"), "{}", refused.stderr);
    let done = run(&["--ignore-extension", "x-alipay-new", "--skip-unsupported"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let said = "  POST /v3/shop/bad  unsupported-construct: `not` cannot be generated, at ";
    assert!(done.stdout.contains(said), "{}", done.stdout);
    let table = copy.read("half/src/generated/OPERATIONS.md");
    assert!(table.contains("Left out") && table.contains("`POST /v3/shop/bad`"), "{table}");
    assert!(table.contains("`GET /v3/shop/good`"), "{table}");
    assert_eq!(run(&["--ignore-extension", "new"]).code, 2);
}
