//! The command line of this repository; `cargo xtask --help` lists the commands.
//!
//! All input and output of the generator is here: [`alipay_codegen`] itself reads and writes nothing.

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod cli;
mod commands;
mod crates;
mod files;
mod given;
mod hold;
mod manifest;
mod members;
mod outcome;
mod outside;
mod summary;
mod terminal;
mod transaction;

use std::process::ExitCode;

use clap::Parser;

use commands::{ci, diff, full_scale, generate, import, look, package};
use outcome::Failure;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let root = arguments.root.unwrap_or_else(files::workspace_root);
    terminal::show_all(arguments.all);
    let outcome = match arguments.command {
        cli::Command::Generate(options) => generate::run(&root, &options),
        cli::Command::Import(options) => import::run(&root, &options),
        cli::Command::Diff(options) => diff::run(&root, &options),
        cli::Command::Lint(options) => look::lint(&root, &options),
        cli::Command::Tags(options) => look::tags(&root, &options),
        cli::Command::FullScale(options) => full_scale::run(&root, &options),
        cli::Command::Package(options) => package::run(&root, &options),
        cli::Command::Ci => ci::run(&root),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Unusable(message)) => {
            terminal::complain(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}
