//! `alipay control`: looks into a running gateway, or changes something there. It always prints JSON.

use alipay_mock::program::{self, Control};

use super::embedded::{NAMES, done};
use crate::outcome::Outcome;
use crate::output::Output;

pub(crate) fn examples() -> String {
    NAMES.help_of_control()
}

pub(crate) fn run(options: &Control, output: &Output) -> Outcome {
    done(program::control(options, NAMES), output)
}
