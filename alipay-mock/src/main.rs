//! The program `alipay-mock`. Its commands are in the library, for other programs.

#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use alipay_mock::program::{self, Control, Names, Serve, Trigger};
use clap::{Parser, Subcommand};

const NAMES: Names = Names::new("alipay-mock", "alipay-mock");

/// A local gateway for all operations of Alipay's OpenAPI v3. Payment vouchers, what stands around them, and orders for pages and apps keep a state.
#[derive(Debug, Parser)]
#[command(
    name = "alipay-mock",
    version,
    args_conflicts_with_subcommands = true,
    after_help = NAMES.help_of_serve()
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Post one signed message to a URL
    #[command(after_help = NAMES.help_of_trigger())]
    Trigger(Trigger),
    /// Print new keys for `--keys-from-env`, as variables for the gateway and its clients
    Keys,
    /// Look into a running gateway, or change something there
    #[command(after_help = NAMES.help_of_control())]
    Control(Control),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Trigger(options)) => program::trigger(options, NAMES),
        Some(Command::Keys) => program::print_keys(),
        Some(Command::Control(options)) => program::control(options, NAMES),
        None => program::serve(&arguments.serve, NAMES),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Without stderr there is still the exit code.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}
