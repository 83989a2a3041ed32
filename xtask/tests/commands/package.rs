//! What is published: each package is looked into, and a release needs an address and a changelog.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{self, Run, xtask};

/// A workspace of one crate, which has what it should.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(TempDir::new().unwrap());
        workspace.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"pen\"]\n\
             [workspace.package]\nrepository = \"\"\n",
        );
        workspace.write(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"shop-pen\"\nversion = \"0.2.0\"\n",
        );
        workspace.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-01\n");
        workspace.write(
            "pen/Cargo.toml",
            "[package]\nname = \"shop-pen\"\nversion = \"0.2.0\"\nedition = \"2024\"\n\
             description = \"Pens\"\nlicense = \"MIT OR Apache-2.0\"\nrepository.workspace = true\n",
        );
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
            workspace.write(&format!("pen/{file}"), "\n");
        }
        workspace
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs `cargo xtask package`.
    fn package(&self, options: &[&str]) -> Run {
        let root = self.0.path().to_str().unwrap();
        xtask(&[&["--root", root, "package"], options].concat())
    }
}

/// What stops the command when all is well with a crate, if it is not one of ours.
const GOOD: &str = "error: `alipay-voucher` is not to be published\n";

#[test]
fn a_package_has_licences_and_a_readme() {
    let workspace = Workspace::new();
    assert_eq!(workspace.package(&[]).stderr, GOOD);
    for file in ["LICENSE-MIT", "README.md"] {
        fs::remove_file(workspace.0.path().join("pen").join(file)).unwrap();
    }
    let run = workspace.package(&[]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stderr,
        "error: shop-pen: LICENSE-MIT is missing: add or link it\n\
         error: shop-pen: README.md is missing: add or link it\n"
    );
}

#[test]
fn a_package_has_no_tests_keys_or_links() {
    let workspace = Workspace::new();
    workspace.write("pen/LICENSE-MIT", "../LICENSE-MIT");
    workspace.write("pen/src/app.pem", "");
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA".repeat(2);
    workspace.write("pen/src/key.txt", &format!("-----BEGIN PRIVATE KEY-----\n{key}\n"));
    workspace.write("pen/src/bare.rs", &format!("const KEY: &str = \"{key}\";\n"));
    let old = "MIIEpAIBAAKCAQEA".to_owned() + &"3q2+".repeat(12);
    workspace.write("pen/src/old.rs", &format!("const KEY: &str = \"BEGIN\\n{old}\";\n"));
    let public = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA".to_owned() + &"3q2+".repeat(12);
    workspace.write("pen/src/public.rs", &format!("const KEY: &str = \"{public}\";\n"));
    workspace
        .write("pen/src/words.txt", "A key begins with -----BEGIN PRIVATE KEY-----, and so on.\n");
    workspace.write("pen/tests/generated/contract.json", "{}");
    workspace.write("pen/tests/pens.rs", "");
    let run = workspace.package(&[]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stderr,
        "error: shop-pen: LICENSE-MIT has the text of a link: check out with `git config core.symlinks true`\n\
         error: shop-pen: src/app.pem does not belong in a package: see `include`\n\
         error: shop-pen: src/bare.rs has a private key: packages have none\n\
         error: shop-pen: src/key.txt has a private key: packages have none\n\
         error: shop-pen: src/old.rs has a private key: packages have none\n\
         error: shop-pen: tests/pens.rs does not belong in a package: see `include`\n"
    );
}

#[test]
fn a_release_needs_an_address_and_a_changelog() {
    let workspace = Workspace::new();
    let run = workspace.package(&["--for-release"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stderr,
        "error: `repository` is no address: set it in [workspace.package] of Cargo.toml (shop-pen)\n\
         error: CHANGELOG.md has no `## 0.2.0 - DATE`: put what is unreleased below it\n"
    );
    workspace.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n");
    let manifest = fs::read_to_string(workspace.0.path().join("Cargo.toml")).unwrap();
    let address = "repository = \"https://forge.invalid/shop\"";
    workspace.write("Cargo.toml", &manifest.replace("repository = \"\"", address));
    assert_eq!(workspace.package(&["--for-release"]).stderr, GOOD);
}

#[test]
fn releasing_names_what_is_published() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(support::workspace())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata.get("packages").and_then(Value::as_array).unwrap();
    let published =
        packages.iter().filter(|package| package.get("publish").is_some_and(Value::is_null));
    let mut published: Vec<_> =
        published.filter_map(|package| package.get("name")?.as_str()).collect();
    let releasing = fs::read_to_string(support::workspace().join("RELEASING.md")).unwrap();
    let (first, _) = releasing.split_once("\n## ").unwrap();
    let spans = first.split('`').skip(1).step_by(2);
    let mut named: Vec<_> = spans.filter(|span| span.starts_with("alipay-")).collect();
    published.sort_unstable();
    named.sort_unstable();
    assert_eq!(published, named);
}
