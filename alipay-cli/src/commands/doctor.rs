//! `alipay doctor`: says what of the settings is right and what is not, and what to do.

mod network;
mod report;
mod settings;

use std::time::SystemTime;

use alipay_core::settings::Settings;
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
    network::examine(settings, options.offline, &mut report)?;
    report.finish()
}
