//! A crate for a domain has a module and a feature per tag, can grow, and can take in a crate that was made
//! for one of its tags: that becomes a re-export, and those who use it notice nothing.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::support;

use std::{fs, os::unix::fs::symlink, path::Path};

use support::{Copy, workspace};

const VOUCHER: &str = "alipay.marketing.activity.voucher";
/// A tag that the voucher's begins with.
const ACTIVITY: &str = "alipay.marketing.activity";

/// The voucher group's description with a group beside it, as Alipay's file has them side by side.
fn description() -> String {
    let base = fs::read_to_string(workspace().join("spec/alipay-voucher/openapi.yaml")).unwrap();
    let (before, after) = base.split_once("components:\n").unwrap();
    let (between, after) = after.split_once("  schemas:\n").unwrap();
    let operation = "  /v3/alipay/marketing/activity/{activity_id}:
    get:
      operationId: alipay.marketing.activity.query
      parameters:
      - in: path
        name: activity_id
        required: true
        schema:
          type: string
      responses:
        \"200\":
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/AlipayMarketingActivityQueryResponseModel'
          description: ''
        default:
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/alipay_domain_activity_query_default_response'
          description: ''
      tags:
      - alipay.marketing.activity
";
    let schemas = "    AlipayMarketingActivityQueryResponseModel:
      properties:
        activity_base_info:
          $ref: '#/components/schemas/ActivityBaseInfo'
        badge:
          $ref: '#/components/schemas/Badge'
      type: object
    Badge:
      properties:
        colour:
          type: string
      type: object
    AlipayMarketingActivityQueryErrorResponseModel:
      properties:
        code:
          enum:
          - ACTIVITY_NOT_EXIST
          type: string
        links:
          type: string
        message:
          type: string
      required:
      - code
      - message
      type: object
    alipay_domain_activity_query_default_response:
      anyOf:
      - $ref: '#/components/schemas/CommonErrorType'
      - $ref: '#/components/schemas/AlipayMarketingActivityQueryErrorResponseModel'
";
    format!("{before}{operation}components:\n{between}  schemas:\n{schemas}{after}")
}

/// A workspace with the voucher crate and a crate for its domain.
fn with_domain_crate() -> Copy {
    let copy = Copy::new();
    copy.write("alipay.yaml", &description());
    let from = copy.path("alipay.yaml");
    let from = from.to_str().unwrap();
    fs::create_dir(copy.path("spec/alipay-domain")).unwrap();
    let overlay = copy.read("spec/alipay-voucher/overlay.yaml");
    copy.write("spec/alipay-domain/overlay.yaml", &overlay);
    let domain = ["--crate", "alipay-domain", "--prefix", "alipay.marketing"];
    let import = ["import", "--from", from];
    // It begins with one tag and grows by another.
    let first = copy.xtask(&[&import[..], &domain, &["--tag", VOUCHER]].concat());
    assert_eq!(first.code, 0, "{}", first.stderr);
    let before = copy.read("spec/alipay-domain/names.lock");
    let more = ["--tag", VOUCHER, "--tag", ACTIVITY];
    let second = copy.xtask(&[&import[..], &domain[..2], &more].concat());
    assert_eq!(second.code, 0, "{}", second.stderr);
    let generated = copy.xtask(&["generate", "alipay-domain"]);
    assert_eq!(generated.code, 0, "{}", generated.stderr);
    let after = copy.read("spec/alipay-domain/names.lock");
    for line in before.lines().filter(|line| !line.contains("x-extensible-enum")) {
        assert!(after.contains(line), "the lock lost `{line}`");
    }
    copy
}

/// Brings into the copy what is not generated of a crate: README, guide, modules, examples and tests.
fn written_by_hand(krate: &str, copy: &Copy) {
    let (from, to) = (workspace().join(krate), copy.path(krate));
    fs::copy(from.join("README.md"), to.join("README.md")).unwrap();
    for entry in fs::read_dir(from.join("src")).unwrap() {
        let entry = entry.unwrap();
        let target = to.join("src").join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), target).unwrap();
        } else if entry.file_name() != "generated" {
            support::copy(&entry.path(), &target);
        }
    }
    for part in ["docs", "examples", "tests"].map(Path::new) {
        if from.join(part).exists() {
            support::copy(&from.join(part), &to.join(part));
        }
    }
}

#[test]
#[ignore = "compiles a crate: run by `cargo xtask ci`"]
fn the_voucher_crate_becomes_part_of_its_domain() {
    let copy = with_domain_crate();
    let manifest = copy.read("alipay-domain/Cargo.toml");
    assert!(manifest.contains("activity-voucher = []") && manifest.contains("\nactivity = []"));
    let models = copy.read("alipay-domain/src/generated/models/mod.rs");
    for (feature, module) in [
        ("feature = \"activity\"", "badge"),
        ("feature = \"activity-voucher\"", "fix_voucher_info"),
        ("any(feature = \"activity-voucher\", feature = \"activity\")", "activity_base_info"),
    ] {
        assert!(models.contains(&format!("#[cfg({feature})]\nmod {module};")), "{models}");
    }

    let public_api = copy.read("alipay-voucher/public-api.txt");
    copy.replace(
        "spec/crates.toml",
        "[alipay-voucher]",
        "[alipay-voucher]\nre-exports = \"alipay-domain\"",
    );
    let run = copy.xtask(&["generate"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(copy.read("alipay-voucher/public-api.txt"), public_api);
    let models = copy.read("alipay-voucher/src/generated/models.rs");
    assert!(models.contains("pub use alipay_domain::{"), "{models}");
    assert_eq!(copy.xtask(&["generate", "--check"]).code, 0);

    // The rest of the voucher crate, its examples and its tests are built on it as they are. A crate that shares
    // types with it notices nothing, either.
    for krate in ["alipay-voucher", "alipay-marketing"] {
        written_by_hand(krate, &copy);
    }
    fs::copy(workspace().join("alipay-voucher/Cargo.toml"), copy.path("alipay-voucher/Cargo.toml"))
        .unwrap();
    copy.replace(
        "alipay-voucher/Cargo.toml",
        "[dependencies]",
        "[dependencies]\nalipay-domain = { path = \"../alipay-domain\", default-features = false, features = [\"activity-voucher\"] }",
    );
    // Of these the copy has only what the generator writes.
    for part in ["alipay-core", "alipay-mock"] {
        fs::remove_dir_all(copy.path(part)).unwrap();
    }
    for part in [
        "alipay-cli",
        "alipay-core",
        "alipay-mock",
        "benches",
        "codegen",
        "docs",
        "examples",
        "fuzz",
        "long-runs",
        "openapi",
        "xtask",
        "README.md",
    ] {
        symlink(workspace().join(part), copy.path(part)).unwrap();
    }
    // Cargo adds the new crate to it.
    fs::copy(workspace().join("Cargo.lock"), copy.path("Cargo.lock")).unwrap();
    copy.cargo(&["check", "--package", "alipay-domain", "--all-features"]);
    copy.cargo(&["check", "--package", "alipay-domain", "--features", "activity"]);
    copy.cargo(&["check", "--package", "alipay-voucher", "--all-targets"]);
    copy.cargo(&["check", "--package", "alipay-marketing", "--all-features", "--all-targets"]);
}

#[test]
fn what_the_domain_lacks_is_not_lost_unnoticed() {
    let copy = with_domain_crate();
    let overlay = "spec/alipay-domain/overlay.yaml";
    let text = copy.read(overlay);
    let (head, _) = text.split_once("\nactions:").unwrap();
    copy.write(overlay, &format!("{head}\nactions: []\n"));
    copy.replace(
        "spec/crates.toml",
        "[alipay-voucher]",
        "[alipay-voucher]\nre-exports = \"alipay-domain\"",
    );
    fs::remove_file(copy.path("spec/alipay-domain/names.lock")).unwrap();
    let before = copy.files();
    let run = copy.xtask(&["generate", "--all"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("error[missing-re-export]: `alipay-domain` does not have `"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("enum models::MerchantAccessMode"), "{}", run.stderr);
    assert_eq!(copy.files(), before);
}

#[test]
fn a_tag_outside_the_prefix_is_refused() {
    let copy = with_domain_crate();
    let from = copy.path("alipay.yaml");
    let before = copy.files();
    for tags in [["alipay.trade", VOUCHER], ["alipay.marketing", VOUCHER]] {
        let run = copy.xtask(&[
            "import",
            "--from",
            from.to_str().unwrap(),
            "--crate",
            "alipay-domain",
            "--tag",
            tags[0],
            "--tag",
            tags[1],
        ]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("has no place in a crate for `alipay.marketing`"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(copy.files(), before);
}
