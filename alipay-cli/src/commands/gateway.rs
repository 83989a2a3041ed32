//! `alipay gateway`: the local gateway.

use alipay_mock::program::{self, Serve};
use clap::{Args, Subcommand};

use super::embedded::{NAMES, done, without_json};
use crate::outcome::Outcome;
use crate::output::Output;

pub(crate) fn examples() -> String {
    NAMES.help_of_serve()
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print new keys for `--keys-from-env`, as variables for the gateway and its clients
    Keys,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    without_json("gateway", output)?;
    done(
        match options.command {
            Some(Command::Keys) => program::print_keys(),
            None => program::serve(&options.serve, NAMES),
        },
        output,
    )
}
