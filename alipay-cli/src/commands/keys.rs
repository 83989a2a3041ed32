//! `alipay keys`: makes pairs of keys, says what a file is, and writes keys in other forms.

mod convert;
mod generate;
mod new_file;
mod request;
mod show;

use clap::{Args, Subcommand};

use crate::outcome::Outcome;
use crate::output::Output;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay keys generate --out keys
  alipay keys generate --out keys --csr 'CN=example.com,O=Example Ltd,C=CN'
  alipay keys show keys/app_private_key.pem appCertPublicKey_2021000000000001.crt
  alipay keys convert keys/app_private_key.pem --to pkcs8 --out for_java.txt";

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a pair of keys, in the forms that Alipay's console and programs take
    #[command(after_help = generate::EXAMPLES)]
    Generate(generate::Options),
    /// Say what a file is, and whether two files belong together
    #[command(after_help = show::EXAMPLES)]
    Show(show::Options),
    /// Write a key in another form
    #[command(after_help = convert::EXAMPLES)]
    Convert(convert::Options),
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    match &options.action {
        Action::Generate(options) => generate::run(options, output),
        Action::Show(options) => show::run(options, output),
        Action::Convert(options) => convert::run(options, output),
    }
}
