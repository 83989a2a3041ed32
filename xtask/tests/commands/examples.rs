//! Each program of `examples/` does what it shows, and all examples but README's first program end quietly when nobody
//! reads what they print.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The programs in a folder, without `.rs`.
fn programs(folder: &str) -> Vec<String> {
    let files = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut names: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Builds the examples of the whole workspace, as the step after this test needs them.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--all-features", "--examples", "--locked"]);
    assert!(cargo.current_dir(root()).status().unwrap().success());
    // This test is `target/debug/deps/…`.
    env::current_exe().unwrap().parent().unwrap().with_file_name("examples")
}

/// The program, with no settings of whoever runs this test.
fn command(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join(name));
    for (variable, _) in env::vars_os() {
        let text = variable.to_string_lossy();
        if text.starts_with("ALIPAY_") || text == "DATABASE_URL" {
            command.env_remove(variable);
        }
    }
    command
}

#[test]
#[ignore = "builds all examples; `cargo xtask ci` runs it"]
fn examples_do_what_they_show() {
    let built = build();
    let journeys = programs("examples/examples");
    assert!(journeys.len() >= 11, "{journeys:?}");
    let mut wrong = Vec::new();
    for name in &journeys {
        let Output { status, stdout, stderr } = command(&built, name).output().unwrap();
        let stdout = String::from_utf8_lossy(&stdout);
        println!("== {name}\n{stdout}");
        if !status.success() || !stderr.is_empty() || stdout.is_empty() {
            wrong.push(format!("{name}: {status}\n{}", String::from_utf8_lossy(&stderr)));
        }
    }
    for name in journeys.iter().map(String::as_str).chain(["lifecycle", "notifications"]) {
        let mut program = command(&built, name);
        let mut program = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `| head -0`: the first line fails already.
        drop(program.stdout.take());
        let Output { status, stderr, .. } = program.wait_with_output().unwrap();
        if !status.success() || !stderr.is_empty() {
            let stderr = String::from_utf8_lossy(&stderr);
            wrong.push(format!("{name}, without a reader: {status}\n{stderr}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
