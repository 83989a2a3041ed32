//! What is generated depends on descriptions, overlays and locks, and on nothing of the machine or the person.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::support::{CATALOGUE, CONTRACT, CRATES, Copy, copy, workspace};

/// The group of which crates are made.
const TAG: &str = "alipay.trade.order";

/// Two clones, one of them in a place with a blank and Chinese in its name, of another person with another language,
/// time zone, terminal and umask, on one processor. There, all that is committed is made again.
#[test]
fn another_clone_of_another_person_has_the_same_bytes() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let one = here.path().join("clone");
    let other = there.path().join("another place/克隆/clone");
    let committed = Copy::new();
    // What a crate outside has of its workspace.
    for file in ["Cargo.lock", "alipay-core/Cargo.toml", "alipay-mock/Cargo.toml"] {
        fs::copy(workspace().join(file), committed.path(file)).unwrap();
    }
    copy(&committed.path(""), &one);
    copy(&committed.path(""), &other);
    for made in CRATES
        .iter()
        .flat_map(|name| [format!("{name}/src/generated"), format!("{name}/tests/generated")])
    {
        fs::remove_dir_all(other.join(made)).unwrap();
    }
    let files = CRATES.iter().flat_map(|name| {
        [format!("{name}/public-api.txt"), format!("alipay-mock/src/contract/{name}.json")]
    });
    let alike = [CATALOGUE, CONTRACT].map(str::to_owned);
    for made in files.chain(alike) {
        fs::remove_file(other.join(made)).unwrap();
    }
    elsewhere(&other, there.path(), &["generate"]);
    let base = "spec/alipay/openapi.yaml";
    elsewhere(&other, there.path(), &["import", "--from", base, "--all-tags"]);

    let import = ["import", "--from", base, "--crate", "alipay-trade-order", "--tag", TAG];
    let outside = ["generate", "--tag", TAG, "--name", "outside", "--out", "../outside"];
    for arguments in [&import[..], &outside] {
        succeeds(Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments), &one);
        elsewhere(&other, there.path(), arguments);
    }
    for (one, other) in [
        (one.clone(), other.clone()),
        (one.with_file_name("outside"), other.with_file_name("outside")),
    ] {
        let (one, other) = (tree(&one), tree(&other));
        assert!(one.len() > 20);
        let paths = one.keys().chain(other.keys());
        let differing: BTreeSet<_> =
            paths.filter(|path| one.get(*path) != other.get(*path)).collect();
        assert!(differing.is_empty(), "{differing:?}");
    }
}

/// Runs the command line as another person has it.
fn elsewhere(root: &Path, home: &Path, arguments: &[&str]) {
    let own = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let one_processor = Command::new("taskset").args(["-c", "0", "true"]).output();
    let one_processor = one_processor.is_ok_and(|output| output.status.success());
    let prefix = if one_processor { "taskset -c 0" } else { "" };
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("umask 077; exec {prefix} \"$0\" \"$@\"")]);
    shell.arg(env!("CARGO_BIN_EXE_xtask")).args(arguments);
    // Where rustup finds the formatter.
    for (variable, folder) in [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")] {
        if std::env::var_os(variable).is_none() {
            shell.env(variable, own.join(folder));
        }
    }
    for (variable, value) in [
        ("LANG", "tr_TR.UTF-8"),
        ("LANGUAGE", "tr"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TZ", "Pacific/Apia"),
        ("USER", "somebody"),
        ("COLUMNS", "20"),
        ("TERM", "dumb"),
    ] {
        shell.env(variable, value);
    }
    succeeds(shell.env("HOME", home), root);
}

fn succeeds(command: &mut Command, root: &Path) {
    let output = command.arg("--root").arg(root).current_dir(root).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
}

/// Every file with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(inner) = open.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).unwrap().to_path_buf();
                found.insert(relative, fs::read(path).unwrap());
            }
        }
    }
    found
}
