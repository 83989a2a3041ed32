//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Maintains the generated client crates of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// The workspace, when it is not the one this program was built in.
    #[arg(long, global = true, hide = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Generates client crates from their descriptions.
    #[command(after_help = GENERATE)]
    Generate(Generate),
    /// Cuts the operations of some tags out of Alipay's description, as the base of a crate.
    #[command(after_help = IMPORT)]
    Import(Import),
    /// Lists what is wrong, or worth a look, in a description.
    #[command(after_help = LINT)]
    Lint(Lint),
    /// Lists the tags of a description with their numbers of operations and schemas.
    #[command(after_help = TAGS)]
    Tags(Tags),
    /// Runs what the continuous integration runs.
    Ci,
}

const GENERATE: &str = "Examples:
  cargo xtask generate                     all crates of spec/crates.toml
  cargo xtask generate --check             say what is out of date, change nothing
  cargo xtask generate --from alipay.yaml --tag alipay.trade --name alipay-trade --out /tmp/alipay-trade

Exit codes: 0 good, 1 found something (drift, errors in a description), 2 bad usage or unreadable input.";
const IMPORT: &str = "Example:
  cargo xtask import --from alipay.yaml --crate alipay-voucher

Exit codes: 0 good, 1 found something, 2 bad usage or unreadable input.";
const LINT: &str = "Example:
  cargo xtask lint spec/alipay-voucher/openapi.yaml --overlay spec/alipay-voucher/overlay.yaml

Exit codes: 0 good (there may be warnings), 1 found errors, 2 bad usage or unreadable input.";
const TAGS: &str = "Example:
  cargo xtask tags alipay.yaml

Exit codes: 0 good, 1 errors in the description, 2 bad usage or unreadable input.";

#[derive(Args)]
pub(crate) struct Generate {
    /// Changes nothing; prints what differs and fails if anything does.
    #[arg(long)]
    pub(crate) check: bool,
    /// The crates of spec/crates.toml to generate; all if none is named.
    #[arg(value_name = "CRATE", conflicts_with = "from")]
    pub(crate) crates: Vec<String>,
    /// A description to make a complete crate from, outside the manifest.
    #[arg(long, value_name = "FILE", requires = "name", requires = "out")]
    pub(crate) from: Option<PathBuf>,
    /// The tags to generate; may be given several times.
    #[arg(long = "tag", value_name = "TAG", requires = "from")]
    pub(crate) tags: Vec<String>,
    /// Generates every tag of the description.
    #[arg(long, requires = "from", conflicts_with = "tags")]
    pub(crate) all_tags: bool,
    /// The name of the crate made from FILE.
    #[arg(long, value_name = "CRATE", requires = "from")]
    pub(crate) name: Option<String>,
    /// The folder of the crate made from FILE.
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) out: Option<PathBuf>,
    /// An overlay to apply to FILE.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(crate) overlay: Option<PathBuf>,
    /// Where the crate made from FILE finds alipay-core; by default in this workspace.
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) core_path: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Import {
    /// Alipay's description, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// The crate whose base is made or refreshed.
    #[arg(long = "crate", value_name = "NAME")]
    pub(crate) name: String,
    /// The tags to take; by default those of the manifest.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Keeps Alipay's texts. They are Alipay's: don't publish the result.
    #[arg(long)]
    pub(crate) with_prose: bool,
}

#[derive(Args)]
pub(crate) struct Lint {
    /// The description.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The overlay to apply to it.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

#[derive(Args)]
pub(crate) struct Tags {
    /// The description.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
