//! `cargo xtask ci`: what a newcomer runs, in the order that fails fastest.

use std::{path::Path, process::Command};

use crate::{Failure, Outcome};

/// The steps: what each proves, its cargo arguments, and an environment variable where one is needed.
const STEPS: &[(&str, &[&str], Option<(&str, &str)>)] = &[
    ("formatting", &["fmt", "--all", "--", "--check"], None),
    (
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        None,
    ),
    (
        "documentation",
        &["doc", "--workspace", "--no-deps", "--all-features", "--locked"],
        Some(("RUSTDOCFLAGS", "-D warnings")),
    ),
    // Last, so that the last lines printed are the tests'. A missing snapshot must not be written.
    ("tests", &["test", "--workspace", "--locked"], Some(("INSTA_UPDATE", "no"))),
];

/// Runs all steps and stops at the first that fails.
pub(crate) fn run(root: &Path) -> Outcome {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (what, arguments, variable) in STEPS {
        println!("== {what}: cargo {}", arguments.join(" "));
        let mut command = Command::new(&cargo);
        command.args(*arguments).envs(*variable).current_dir(root);
        let status = command
            .status()
            .map_err(|error| Failure::Unusable(format!("cannot run cargo: {error}")))?;
        if !status.success() {
            eprintln!("error: {what} failed");
            return Err(Failure::Found);
        }
    }
    Ok(())
}
