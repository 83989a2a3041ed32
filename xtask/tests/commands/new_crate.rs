//! A crate that `import` has made builds and passes its tests at once, and does so without a warning when
//! it keeps what Alipay has dropped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::support;

use std::fs;

use support::Copy;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/story");

/// Runs the crate's tests beside the runtime, with warnings as errors.
fn test(copy: &Copy) {
    copy.cargo(&["test", "--package", "shop-pen", "--tests", "--examples"]);
}

#[test]
#[ignore = "compiles a crate: run by `cargo xtask ci`"]
#[cfg(unix)]
fn a_new_crate_builds_and_passes() {
    let copy = Copy::bare();
    // The generated tests call the gateway.
    for member in ["alipay-core", "alipay-mock", "codegen", "openapi"] {
        std::os::unix::fs::symlink(support::workspace().join(member), copy.path(member)).unwrap();
    }
    fs::copy(support::workspace().join("Cargo.lock"), copy.path("Cargo.lock")).unwrap();
    let import = |version: &str, more: &[&str]| {
        let from = format!("{FOLDER}/{version}.yaml");
        let mut all = vec!["import", "--from", &from, "--crate", "shop-pen"];
        all.extend(more);
        let run = copy.xtask(&all);
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    import("2026-10-01", &["--tag", "shop.pen"]);
    test(&copy);
    import("2026-11-01", &[]);
    // The rename of a type is accepted; the names of the rest stay.
    assert_eq!(copy.xtask(&["generate"]).code, 0);
    assert!(copy.read("shop-pen/src/generated/operations/buy.rs").contains("#[deprecated("));
    test(&copy);
}
