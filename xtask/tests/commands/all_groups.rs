//! The base of all groups, `spec/alipay`: what it holds, and what is made of it without a file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support::{self, Copy, xtask};

const BASE: &str = "spec/alipay/openapi.yaml";

#[test]
fn importing_the_base_of_all_groups_again_changes_no_byte() {
    let copy = Copy::new();
    let before = copy.files();
    let from = copy.path(BASE);
    let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let size = copy.read(BASE).len();
    assert!(run.stdout.starts_with("spec/alipay: 746 operations, "), "{}", run.stdout);
    assert!(run.stdout.ends_with(&format!(" properties, {size} bytes, unchanged\n")));
    assert!(copy.files() == before);
}

#[test]
fn the_bases_of_crates_agree_with_that_of_all_groups() {
    let copy = Copy::new();
    let from = copy.path(BASE);
    let version = |path: &str| {
        let text = copy.read(path);
        text.lines().find(|line| line.starts_with("  version: ")).unwrap().to_owned()
    };
    for name in support::CRATES {
        // Bases of different days may differ.
        if version(&format!("spec/{name}/openapi.yaml")) == version(BASE) {
            let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--crate", name]);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""));
            assert!(run.stdout.ends_with(", unchanged\n"), "{}", run.stdout);
        }
    }
}

#[test]
fn all_tags_belong_to_no_crate() {
    let copy = Copy::new();
    let before = copy.files();
    let from = copy.path(BASE);
    let from = from.to_str().unwrap();
    for more in [
        vec!["--crate", "alipay-trade"],
        vec!["--tag", "alipay.trade"],
        vec!["--prefix", "alipay"],
        vec!["--with-prose"],
    ] {
        let run = copy.xtask(&[&["import", "--from", from, "--all-tags"], &more[..]].concat());
        assert_eq!(run.code, 2, "{more:?}");
        assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    }
    let run = copy.xtask(&["import", "--from", from, "--crate", "alipay", "--tag", "alipay.trade"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no crate can be called `alipay`"), "{}", run.stderr);
    assert!(copy.files() == before);
}

#[test]
fn the_base_of_all_groups_can_be_read() {
    let run = xtask(&["lint", "spec/alipay", "--format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().count() > 1000);
    assert!(!run.stdout.contains(r#""severity":"error""#));
}

#[test]
fn a_crate_of_any_group_needs_no_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("alipay-trade");
    let out = out.to_str().unwrap();
    let generate = ["generate", "--tag", "alipay.trade", "--name", "alipay-trade", "--out", out];
    let run = xtask(&generate);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for file in ["Cargo.toml", "src/lib.rs", "src/generated/api.rs", "tests/generated/main.rs"] {
        assert!(std::path::Path::new(out).join(file).exists(), "{file}");
    }
    // What Alipay calls an operation is in its documentation.
    let api = std::fs::read_to_string(std::path::Path::new(out).join("src/generated/api.rs"));
    assert!(api.unwrap().contains("统一收单交易退款接口"));
    let check = xtask(&[&generate[..], &["--check"]].concat());
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    // A file of the user's takes its place.
    let base = support::workspace().join(BASE);
    let from = xtask(&[&generate[..], &["--check", "--from", base.to_str().unwrap()]].concat());
    assert_eq!(from.code, 0, "{}{}", from.stdout, from.stderr);
}

#[test]
fn a_group_that_is_none_is_told_what_is_below_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("x");
    let out = out.to_str().unwrap();
    for (tag, hint) in [
        ("alipay.fund", "hint: give those you want of the tags below it: `alipay.fund."),
        ("alipay.trad", "hint: did you mean one of these? `alipay.trade`, "),
    ] {
        let run = xtask(&["generate", "--tag", tag, "--name", "x", "--out", out]);
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains("error[unknown-tag]"), "{}", run.stderr);
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
    assert!(!std::path::Path::new(out).exists());
}

#[test]
fn without_the_base_of_all_groups_a_file_is_asked_for() {
    let copy = Copy::new();
    std::fs::remove_file(copy.path(BASE)).unwrap();
    let out = copy.path("x");
    let out = out.to_str().unwrap();
    let advice = format!("there is no {BASE}: ");
    for arguments in
        [vec!["tags"], vec!["generate", "--tag", "alipay.trade", "--name", "x", "--out", out]]
    {
        let run = copy.xtask(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(&advice), "{}", run.stderr);
    }
    // It is made anew from a description, whatever that is.
    let from = copy.path("spec/alipay-voucher/openapi.yaml");
    let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("spec/alipay: 7 operations, 98 schemas, 327 properties, "));
    assert!(run.stdout.contains("next: `cargo xtask diff HEAD:spec/alipay spec/alipay`"));
    let tags = copy.xtask(&["tags"]);
    assert_eq!(tags.stdout.lines().count(), 2, "{}", tags.stdout);
}

#[test]
fn a_crate_of_the_manifest_and_one_outside_it_are_two_things() {
    for more in [vec!["--tag", "alipay.trade"], vec!["--all-tags"], vec!["--name", "x"]] {
        let run = xtask(&[&["generate", "alipay-voucher"], &more[..]].concat());
        assert_eq!(run.code, 2, "{more:?}");
        assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    }
    let run = xtask(&["generate", "--tag", "alipay.trade"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--name <CRATE>") && run.stderr.contains("--out <DIR>"));
}
