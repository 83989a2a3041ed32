//! Tests with a named case for each fixture, so that one that fails does not hide the others.

mod constructs;
mod diff;
mod features;
mod generated_tests;
mod public_api;
mod ratings;
mod support;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let files = [
        ("constructs", constructs::tests()),
        ("diff", diff::tests()),
        ("features", features::tests()),
        ("generated_tests", generated_tests::tests()),
        ("public_api", public_api::tests()),
        ("ratings", ratings::tests()),
    ];
    let tests = files
        .into_iter()
        .flat_map(|(file, tests)| tests.into_iter().map(move |test| test.with_kind(file)));
    libtest_mimic::run(&Arguments::from_args(), tests.collect()).exit_code()
}
