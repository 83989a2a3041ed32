//! What the example programs do alike: lines on standard output, and an exit code.

use std::{
    error::Error,
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    process::{self, ExitCode},
};

/// Whatever ends a program.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Prints a line. When nobody reads the lines any more, as after `| head -1`, the program ends with success.
pub fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        if error.kind() == ErrorKind::BrokenPipe {
            process::exit(0);
        }
        complain(format_args!("standard output: {error}"));
        process::exit(1);
    }
}

/// The exit code of a program: 1, and a line on standard error, if it failed.
#[must_use]
pub fn exit_code(result: Result<(), Failure>) -> ExitCode {
    let Err(failure) = result else { return ExitCode::SUCCESS };
    match failure.source() {
        Some(cause) => complain(format_args!("{failure}: {cause}")),
        None => complain(failure),
    }
    ExitCode::FAILURE
}

fn complain(problem: impl Display) {
    // There is nowhere else to say it.
    let _ = writeln!(io::stderr(), "error: {problem}");
}
