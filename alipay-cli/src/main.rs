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
use output::Output;

fn main() -> ExitCode {
    let Arguments { json, color, command } = Arguments::parse();
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
            output.problem(message);
            ExitCode::from(2)
        }
    }
}
