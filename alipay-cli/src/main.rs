//! The command `alipay`: for people who use Alipay's OpenAPI v3 from any language. `alipay --help` lists what it does.

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod arguments;
mod captured;
mod commands;
mod facts;
mod input;
mod known_keys;
mod lookup;
mod moment;
mod outcome;
mod output;
mod runtime;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command};
use commands::{
    call, completions, control, describe, doctor, gateway, keys, listen, operations, order, sign,
    trigger, verify,
};
use outcome::Failure;
use output::{Color, Output};

/// Help and the version, or what is wrong with the arguments.
fn misused(problem: &clap::Error) -> ExitCode {
    // Without standard error there is still the exit code.
    let _ = problem.print();
    let Ok(code @ 1..) = u8::try_from(problem.exit_code()) else { return ExitCode::SUCCESS };
    // The arguments that could not be read may say so all the same.
    let is_json = std::env::args_os()
        .skip(1)
        .take_while(|given| given != "--")
        .any(|given| given == "--json");
    let message = problem.to_string();
    let message = message.trim_start_matches("error: ").lines().next().unwrap_or_default();
    Output::new(is_json, Color::Never).error_document(message);
    ExitCode::from(code)
}

fn main() -> ExitCode {
    let Arguments { json, color, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(problem) => return misused(&problem),
    };
    let output = Output::new(json, color);
    let outcome = match command {
        Command::Call(options) => call::run(&options, &output),
        Command::Completions(options) => completions::run(&options, Arguments::command(), &output),
        Command::Describe(options) => describe::run(&options, &output),
        Command::Doctor(options) => doctor::run(&options, &output),
        Command::Keys(options) => keys::run(&options, &output),
        Command::Operations(options) => operations::run(&options, &output),
        Command::Listen(options) => listen::run(&options, &output),
        Command::Order(options) => order::run(&options, &output),
        Command::Gateway(options) => gateway::run(&options, &output),
        Command::Trigger(options) => trigger::run(&options, &output),
        Command::Control(options) => control::run(&options, &output),
        Command::Sign(options) => sign::run(&options, &output),
        Command::Verify(options) => verify::run(&options, &output),
    };
    // What could not be written was not said.
    match outcome.and(output.finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Unusable(message)) => {
            output.problem(&message);
            output.error_document(&message);
            ExitCode::from(2)
        }
    }
}
