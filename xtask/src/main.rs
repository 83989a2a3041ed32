//! The command line of this repository; `cargo xtask --help` lists the commands.
//!
//! All input and output of the generator is here: [`alipay_codegen`] itself reads and writes nothing.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line")]

mod bench;
mod ci;
mod cli;
mod diff;
mod files;
mod full_scale;
mod generate;
mod given;
mod import;
mod lint;
mod manifest;
mod members;
mod summary;
mod tags;

use std::process::ExitCode;

use clap::Parser;

/// How a command ended, other than well.
enum Failure {
    /// It found something: drift, an error in a description. Everything was said already.
    Found,
    /// It could not do its work: bad usage, a file that cannot be read.
    Unusable(String),
}

type Outcome = Result<(), Failure>;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let root = arguments.root.unwrap_or_else(files::workspace_root);
    let outcome = match arguments.command {
        cli::Command::Generate(options) => generate::run(&root, &options),
        cli::Command::Import(options) => import::run(&root, &options),
        cli::Command::Diff(options) => diff::run(&root, &options),
        cli::Command::Lint(options) => lint::run(&options),
        cli::Command::Tags(options) => tags::run(&options),
        cli::Command::Bench(options) => bench::run(&root, &options),
        cli::Command::FullScale(options) => full_scale::run(&root, &options),
        cli::Command::Ci => ci::run(&root),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Unusable(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
