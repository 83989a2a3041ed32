//! `alipay doctor`: says what of the settings is right and what is not, and what to do.

mod network;
mod report;
mod settings;

use std::time::SystemTime;

use alipay_core::settings::{Input, Settings};
use clap::Args;

use crate::outcome::Outcome;
use crate::output::Output;
use report::Report;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay doctor
  alipay doctor --offline
  alipay doctor --json | jq -r '.findings[] | select(.state == \"problem\") | .text'

It reads the variables that a program with this SDK reads, finds all that is wrong with them, and then makes one
signed call that changes nothing (alipay.trade.query of an order that nobody has), which a wrong key would fail.
It shows no secret.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Look at the settings only, and call nobody
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let now = SystemTime::now();
    let settings = Settings::from_env_at(now);
    let mut report = Report::new(output);
    settings::examine(&settings, now, &mut report);
    let target = network::Target::of(&settings);
    let is_wrong = |input| settings.problems().iter().any(|found| found.input() == Some(input));
    // The AES key decides nothing about the other keys.
    let settings = if is_wrong(Input::AesKey) { settings.without(Input::AesKey) } else { settings };
    let credentials = settings.into_credentials().ok();
    if let Some(credentials) = &credentials {
        settings::chains(credentials, &mut report);
    }
    if options.offline {
        report.note("network", "not looked at (--offline)");
    } else {
        network::examine(target, credentials, &mut report)?;
    }
    report.finish()
}
