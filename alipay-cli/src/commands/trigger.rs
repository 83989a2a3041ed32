//! `alipay trigger`: posts a signed message, as the local gateway does.

use alipay_mock::program::{self, Trigger};

use super::embedded::{NAMES, done, without_json};
use crate::outcome::Outcome;
use crate::output::Output;

pub(crate) fn examples() -> String {
    NAMES.help_of_trigger()
}

pub(crate) fn run(options: &Trigger, output: &Output) -> Outcome {
    without_json("trigger", output)?;
    done(program::trigger(options, NAMES), output)
}
