//! What the commands of `alipay-mock` are called here, and how they end.

use alipay_mock::program::{self, Names};

use crate::outcome::{Failure, Outcome};
use crate::output::Output;

pub(super) const NAMES: Names = Names::new("alipay gateway", "alipay");

/// Refuses `--json` where it would change nothing.
pub(super) fn without_json(command: &str, output: &Output) -> Outcome {
    if output.is_json() {
        return Err(Failure::Unusable(format!(
            "`alipay {command}` prints lines only; `alipay control` prints what the gateway knows as JSON"
        )));
    }
    Ok(())
}

pub(super) fn done(result: Result<(), program::Failure>, output: &Output) -> Outcome {
    match result {
        Ok(()) => Ok(()),
        Err(program::Failure::Refused(problem)) => {
            output.problem(problem);
            Err(Failure::Found)
        }
        Err(failure) => Err(Failure::unusable(failure)),
    }
}
