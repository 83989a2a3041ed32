//! What can be said on the command line.

use clap::{Parser, Subcommand};

use crate::commands::{call, completions, describe, doctor, keys, operations, sign, verify};
use crate::output::Color;

/// Tools for Alipay's OpenAPI v3: find, describe and call operations, check keys and signatures.
#[derive(Debug, Parser)]
#[command(
    name = "alipay",
    version,
    disable_help_subcommand = true,
    after_help = "Settings are read from the environment: ALIPAY_BASE_URL, ALIPAY_APP_ID, ALIPAY_PRIVATE_KEY and so on, each a\n\
        value, or `@` and the path of a file with it. Secrets are never arguments.\n\n\
        Exit codes: 0 good, 1 found something (a problem, a refused call, a wrong signature), 2 bad usage or\n\
        unreadable input."
)]
pub(crate) struct Arguments {
    /// Print JSON for programs
    #[arg(long, global = true, display_order = 1000)]
    pub(crate) json: bool,
    /// When to use colours; `auto` uses them on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, display_order = 1000, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find operations by English id or Chinese title
    #[command(after_help = operations::EXAMPLES)]
    Operations(operations::Options),
    /// Say whether a captured request, response, notification or order is signed right, or what is wrong
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Options),
    /// Sign a request, or in the gateway's place a response or a notification
    #[command(after_help = sign::EXAMPLES)]
    Sign(sign::Options),
    /// Show the fields, values and codes of an operation, and an example
    #[command(after_help = describe::EXAMPLES)]
    Describe(describe::Options),
    /// Call an operation
    #[command(after_help = call::EXAMPLES)]
    Call(call::Options),
    /// Say what of the settings is right, what is not, and what to do
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Options),
    /// Make, show and convert keys
    #[command(after_help = keys::EXAMPLES)]
    Keys(keys::Options),
    /// Print completions for a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Options),
}
