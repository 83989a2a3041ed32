//! The base of all groups, `spec/alipay`: what it holds, and what is made of it without a file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use crate::support::{self, CATALOGUE, CONTRACT, Copy, xtask};

const BASE: &str = "spec/alipay/openapi.yaml";

/// Neither of the base nor of what follows from it: this keeps the committed files fresh.
#[test]
fn importing_the_base_of_all_groups_again_changes_no_byte() {
    let copy = Copy::new();
    let before = copy.files();
    let from = copy.path(BASE);
    let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let size = copy.read(BASE).len();
    assert!(run.stdout.starts_with("spec/alipay: 746 operations, "), "{}", run.stdout);
    for file in [CATALOGUE, CONTRACT] {
        let committed = std::fs::read_to_string(support::workspace().join(file)).unwrap();
        let is_fresh = committed == copy.read(file);
        assert!(is_fresh, "{file}: run `cargo xtask import --from {BASE} --all-tags`");
    }
    assert!(run.stdout.ends_with(&format!(" properties, {size} bytes, unchanged\n")));
    assert!(copy.files() == before);
}

#[test]
fn what_follows_from_the_base_is_written_with_it() {
    let copy = Copy::new();
    let import = |description: &str| {
        copy.write("alipay.yaml", description);
        let from = copy.path("alipay.yaml");
        copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"])
    };
    // A small one tells as much as the whole, which it would not replace.
    std::fs::remove_file(copy.path(BASE)).unwrap();
    let base = copy.read("spec/alipay-voucher/openapi.yaml");
    for made in [CATALOGUE, CONTRACT] {
        copy.write(made, "by hand\n");
    }
    let run = import(&base);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(!run.stdout.contains("unchanged"), "{}", run.stdout);
    let (table, contract) = (copy.read(CATALOGUE), copy.read(CONTRACT));
    assert_eq!(table.matches("Entry { id: ").count(), 7, "{table}");
    assert_eq!(contract.matches(r#"{"id":"alipay."#).count(), 7, "{contract}");
    // A file that was changed by hand is made again, although the base is the same.
    for (made, good) in [(CATALOGUE, &table), (CONTRACT, &contract)] {
        copy.write(made, "by hand\n");
        let run = import(&base);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(!run.stdout.contains("unchanged"), "{}", run.stdout);
        assert_eq!(&copy.read(made), good);
    }
    // A description that nothing can be generated from is imported all the same.
    let operation = |verb: &str| format!("operationId: alipay.marketing.activity.voucher.{verb}\n");
    let with_id = |verb: &str| {
        let changed = base.replacen(&operation("query"), &operation(verb), 1);
        assert_ne!(changed, base);
        changed
    };
    let run = import(&with_id("send"));
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("error[duplicate-operation-id]"), "{}", run.stderr);
    assert!(
        run.stderr.contains(&format!("but {CATALOGUE} and {CONTRACT} are as they were")),
        "{}",
        run.stderr
    );
    assert!(!copy.read(BASE).contains(&operation("query")));
    assert!(copy.read(CATALOGUE) == table && copy.read(CONTRACT) == contract);
    // An operation that is new is in both.
    let run = import(&with_id("look"));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let id = "alipay.marketing.activity.voucher.look";
    let row = format!(r#"Entry {{ id: "{id}", method: Get, path: "/v3/alipay/marketing/activity/"#);
    assert!(copy.read(CATALOGUE).contains(&row), "{}", copy.read(CATALOGUE));
    assert!(copy.read(CONTRACT).contains(&format!(r#"{{"id":"{id}","method":"GET""#)));
    assert_eq!(copy.read(CATALOGUE).lines().count(), table.lines().count());
}

#[test]
fn a_description_of_a_part_does_not_replace_the_whole() {
    let copy = Copy::new();
    copy.write("none.yaml", "openapi: 3.0.3\ninfo: {title: None, version: '1'}\npaths: {}\n");
    let before = copy.files();
    for (file, operations) in [("spec/alipay-voucher/openapi.yaml", 7), ("none.yaml", 0)] {
        let from = copy.path(file);
        let run = copy.xtask(&["import", "--from", from.to_str().unwrap(), "--all-tags"]);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        let said = format!("{file} has {operations} operations, and {BASE} has 746: ");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
    }
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
    // A file of the user's takes its place, and the same makes the same.
    let base = support::workspace().join(BASE);
    let from = xtask(&[&generate[..], &["--check", "--from", base.to_str().unwrap()]].concat());
    assert_eq!(from.code, 0, "{}{}", from.stdout, from.stderr);
}

#[test]
fn a_group_that_is_none_is_told_what_is_below_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("x");
    let out = out.to_str().unwrap();
    let run = xtask(&["generate", "--tag", "alipay.fund", "--name", "x", "--out", out]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[unknown-tag]"), "{}", run.stderr);
    let hint = "hint: give those you want of the tags below it: `alipay.fund.";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
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
