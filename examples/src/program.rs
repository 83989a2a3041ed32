//! What the programs do alike: settings, lines on standard output, and an exit code.

use std::{
    env::{self, VarError},
    error::Error,
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    process::{self, ExitCode},
};

use alipay_voucher::{Accepted, Response};

/// Whatever ends a program.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A variable of the environment, or the value otherwise.
///
/// # Errors
///
/// It is not UTF-8.
pub fn setting(name: &str, otherwise: &str) -> Result<String, Failure> {
    match env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(value),
        Ok(_) | Err(VarError::NotPresent) => Ok(otherwise.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name}: it is not UTF-8").into()),
    }
}

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

/// Prints a line about a call: the step, the HTTP status, what came of it, and the trace id.
pub fn say_response<T>(step: &str, response: &Response<T>, outcome: impl Display) {
    let trace = response.trace_id().unwrap_or("-");
    let status = response.status().as_u16();
    let outcome = outcome.to_string();
    say(format_args!("{step:<8} {status} {outcome:<40} trace {trace}"));
}

/// Prints a line about a change that was accepted, and which message completes it.
pub fn say_accepted<T>(step: &str, accepted: &Accepted<T>) {
    let message = accepted.completed_by();
    let short = message.strip_prefix("alipay.marketing.activity.").unwrap_or(message);
    say_response(step, accepted, format_args!("accepted, {short} completes it"));
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
