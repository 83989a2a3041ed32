//! `cargo xtask ci`: what a newcomer runs, in the order that fails fastest.

use std::{path::Path, process::Command};

use crate::{
    outcome::{Failure, Outcome},
    terminal::{complain, say},
};

/// One step.
struct Step {
    /// What it proves.
    what: &'static str,
    /// The arguments of cargo, separated by blanks.
    arguments: &'static str,
    /// An environment variable it needs.
    variable: Option<(&'static str, &'static str)>,
}

const STEPS: &[Step] = &[
    Step { what: "formatting", arguments: "fmt --all -- --check", variable: None },
    Step {
        what: "formatting of the fuzz targets",
        arguments: "fmt --manifest-path fuzz/Cargo.toml -- --check",
        variable: None,
    },
    // What Alipay drops is deprecated from one refresh to the next, and tests and examples may go on using it: building
    // them warns of it.
    Step {
        what: "lints",
        arguments: "clippy --workspace --all-targets --all-features --locked -- -D warnings -A deprecated",
        variable: None,
    },
    Step {
        what: "documentation",
        arguments: "doc --workspace --no-deps --all-features --locked",
        variable: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
    Step {
        what: "the example of all operations",
        arguments: "run --locked --all-features -p alipay-voucher --example lifecycle",
        variable: None,
    },
    Step {
        what: "the example of notifications",
        arguments: "run --locked --all-features -p alipay-voucher --example notifications",
        variable: None,
    },
    Step {
        what: "lints without a transport",
        arguments: "clippy --locked -p alipay-core -p alipay-marketing -p alipay-voucher --no-default-features \
                    --features rsa -- -D warnings",
        variable: None,
    },
    Step {
        what: "tests of the pure-Rust backend",
        arguments: "test --locked -p alipay-core --no-default-features --features rsa,reqwest",
        variable: Some(("INSTA_UPDATE", "no")),
    },
    // What other crates of a program switch on is on for all of them. These are in no lock file: the
    // workspace is never built with them otherwise.
    Step {
        what: "the HTTP client, with features of reqwest that others may switch on",
        arguments: "test --locked -p alipay-core --test http_client --features \
                    reqwest/brotli,reqwest/cookies,reqwest/deflate,reqwest/gzip,reqwest/zstd",
        variable: Some(("FEATURES_OF_REQWEST", "on")),
    },
    Step {
        what: "benches, each once to see that it works",
        arguments: "test --locked -p alipay-benches --benches",
        variable: None,
    },
    Step {
        what: "packages, and a program that has nothing else",
        arguments: "run --locked -p xtask -- package",
        variable: None,
    },
    Step {
        what: "tests that compile generated crates, and the examples of whole journeys",
        arguments: "test --locked -p xtask -- --ignored",
        variable: None,
    },
    // Last, so that the last lines printed are the tests'. A missing snapshot must not be written.
    Step {
        what: "tests",
        arguments: "test --workspace --all-features --locked",
        variable: Some(("INSTA_UPDATE", "no")),
    },
];

/// Runs all steps and stops at the first that fails.
pub(crate) fn run(root: &Path) -> Outcome {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for Step { what, arguments, variable } in STEPS {
        say(&format!("== {what}: cargo {arguments}"));
        let mut command = Command::new(&cargo);
        command.args(arguments.split(' ')).envs(*variable).current_dir(root);
        let status = command
            .status()
            .map_err(|error| Failure::Unusable(format!("cannot run cargo: {error}")))?;
        if !status.success() {
            complain(&format!("error: {what} failed"));
            return Err(Failure::Found);
        }
    }
    Ok(())
}
