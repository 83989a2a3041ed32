//! What can be said on the command line.

use alipay_mock::program::{Control, Trigger};
use clap::{Parser, Subcommand};

use crate::commands::{
    call, completions, control, describe, doctor, gateway, keys, listen, operations, order, sign,
    trigger, verify,
};
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
    /// Receive notifications on a port, verify and print them, and pass them on
    #[command(after_help = listen::EXAMPLES)]
    Listen(listen::Options),
    /// Sign an order that a buyer's browser or app takes to Alipay; nothing is sent
    #[command(after_help = order::EXAMPLES)]
    Order(order::Options),
    /// Run a local gateway for tests: all operations, with signatures; payment vouchers and orders keep a state
    #[command(after_help = gateway::examples())]
    Gateway(gateway::Options),
    /// Post one signed message to a URL, as the local gateway does
    #[command(after_help = trigger::examples())]
    Trigger(Trigger),
    /// Look into a running local gateway, or change something there
    #[command(after_help = control::examples())]
    Control(Control),
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
