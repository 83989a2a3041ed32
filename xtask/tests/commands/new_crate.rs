//! A crate that `import` has made builds and passes its tests at once, and does so without a warning when
//! it keeps what Alipay has dropped. So does one that `generate` has made elsewhere, alone and in the workspace
//! of others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::support;

use std::{
    fs,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

#[cfg(unix)]
use support::Copy;
use support::{cargo, workspace, xtask};
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/story");

/// The crates are built in one folder, where the example of one would take the place of another's before it is
/// run.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the crate's tests beside the runtime, with warnings as errors.
#[cfg(unix)]
fn test(copy: &Copy) {
    copy.cargo(&["test", "--package", "shop-pen"]);
    assert_called(&cargo(&copy.path("shop-pen"), &["run", "--example", "first_call"]));
}

#[test]
#[ignore = "compiles a crate: run by `cargo xtask ci`"]
#[cfg(unix)]
fn a_new_crate_builds_and_passes() {
    let _turn = one_at_a_time();
    let copy = Copy::bare();
    // The generated tests call the gateway.
    for member in ["alipay-core", "alipay-mock", "codegen", "openapi"] {
        std::os::unix::fs::symlink(workspace().join(member), copy.path(member)).unwrap();
    }
    fs::copy(workspace().join("Cargo.lock"), copy.path("Cargo.lock")).unwrap();
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
    // Tests of its own may go on using what was dropped, as far as the lints of `cargo xtask ci` go.
    copy.write(
        "shop-pen/tests/own.rs",
        "//! Tests.\n\nuse shop_pen::models::BuyResponse;\n\n\
         #[test]\nfn another() {\n    assert!(BuyResponse::default().serial.is_none());\n}\n\n\
         #[test]\n#[expect(deprecated, reason = \"dropped, and kept\")]\n\
         fn its_own() {\n    assert!(BuyResponse::default().serial.is_none());\n}\n",
    );
    let lints = ["--all-targets", "--", "-D", "warnings", "-A", "deprecated"];
    copy.cargo(&[&["clippy", "--package", "shop-pen"][..], &lints].concat());
}

/// The example had a response from the gateway that it has started.
fn assert_called(printed: &str) {
    assert!(
        printed.contains("Response { status: 200") && printed.contains("verified: true"),
        "{printed}"
    );
}

/// A crate of two groups in a folder outside the workspace.
fn outside(out: &Path) {
    let from = format!("{FOLDER}/2026-10-01.yaml");
    let fixed = ["generate", "--from", &from, "--all-tags", "--name", "shop-all", "--out"];
    let run = xtask(&[&fixed[..], &[out.to_str().unwrap()]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
#[ignore = "compiles a crate: run by `cargo xtask ci`"]
fn a_crate_outside_works_as_its_readme_says() {
    let _turn = one_at_a_time();
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("shop-all");
    outside(&out);
    assert_called(&cargo(&out, &["run", "--all-features", "--example", "first_call"]));
    // The program of the README is one of the tests.
    let tests = cargo(&out, &["test", "--all-features", "--doc", "--", "--format", "pretty"]);
    assert!(tests.contains("README.md - ") && tests.contains(" 0 failed"), "{tests}");
    cargo(&out, &["test", "--all-features", "--tests"]);
    cargo(&out, &["check", "--all-targets"]);
    cargo(&out, &["doc", "--all-features", "--no-deps"]);
    cargo(&out, &["fmt", "--check"]);
}

#[test]
#[ignore = "compiles a crate: run by `cargo xtask ci`"]
fn a_crate_outside_works_in_the_workspace_of_others() {
    let _turn = one_at_a_time();
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"shop\"]\n");
    write(
        "shop/Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         shop-all = { path = \"../crates/shop-all\", features = [\"pen\"] }\n",
    );
    write(
        "shop/src/main.rs",
        "fn main() {\n    println!(\"{:?}\", shop_all::pen::models::BuyRequest::new());\n}\n",
    );
    fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    outside(&folder.path().join("crates/shop-all"));
    cargo(folder.path(), &["check", "--workspace"]);
    cargo(folder.path(), &["test", "--package", "shop-all", "--all-features", "--tests"]);
}
