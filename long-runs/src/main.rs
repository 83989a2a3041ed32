//! Long runs: programs that go on for minutes, and look for what short tests do not find.
//!
//! Each ends with figures, or with what it found and exit code 1. `CONTRIBUTING.md` says how to start them. The tests
//! of this crate run each for a few seconds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a run that cannot go on has failed"
)]

mod checked;
mod gateway;
mod guards;
mod model;
mod process;
mod runtimes;
mod tally;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand, ValueEnum as _};

/// Runs of minutes that look for lost calls, false outcomes and leaks.
#[derive(Parser)]
#[command(name = "long-runs")]
struct Cli {
    #[command(subcommand)]
    run: Run,
}

#[derive(Subcommand)]
enum Run {
    /// The gateway under many connections, with faults at random, held against a model.
    Gateway {
        /// How long it goes on.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        #[arg(long, default_value_t = 32)]
        connections: u64,
        /// The same seed gives each connection the same calls and faults. Which call meets which fault is up to the
        /// threads.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// One client, used from many runtimes and threads that come and go.
    Runtimes {
        /// How long it goes on.
        #[arg(long, default_value_t = 120)]
        seconds: u64,
        /// How many threads use the client in each way.
        #[arg(long, default_value_t = 2)]
        threads: usize,
    },
    /// Notifications that come several times, from many threads, at each replay guard.
    Guards {
        #[arg(long, default_value_t = 100_000)]
        notifications: usize,
        #[arg(long, default_value_t = 16)]
        threads: usize,
        /// Which guard; all three if it is left out.
        #[arg(long)]
        guard: Option<guards::Kind>,
        /// How long a claim lasts, in seconds: longer than handling an event takes here.
        #[arg(long, default_value_t = 20)]
        lease: u64,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().run {
        Run::Gateway { seconds, connections, seed } => {
            gateway::run(Duration::from_secs(seconds), connections, seed)
        }
        Run::Runtimes { seconds, threads } => runtimes::run(Duration::from_secs(seconds), threads),
        Run::Guards { notifications, threads, guard, lease } => {
            let kinds =
                guard.map_or_else(|| guards::Kind::value_variants().to_vec(), |one| vec![one]);
            let lease = Duration::from_secs(lease);
            kinds.into_iter().try_for_each(|kind| guards::run(kind, notifications, threads, lease))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(found) => {
            eprintln!("error: {found}");
            ExitCode::FAILURE
        }
    }
}
