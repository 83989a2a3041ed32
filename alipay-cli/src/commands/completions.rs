//! `alipay completions`: completions for a shell.

use alipay_core::catalogue;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Command};
use clap_complete::Shell;

use crate::outcome::Outcome;
use crate::output::Output;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay completions bash > ~/.local/share/bash-completion/completions/alipay
  alipay completions zsh > ~/.zfunc/_alipay      with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  alipay completions fish > ~/.config/fish/completions/alipay.fish";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Shell that reads them
    shell: Shell,
}

/// The commands that take an operation.
const OF_OPERATIONS: [&str; 2] = ["call", "describe"];

/// `command` is the whole command line.
pub(crate) fn run(options: &Options, command: Command, output: &Output) -> Outcome {
    // They take a method and path, too; only the ids are completed.
    let mut command = OF_OPERATIONS.into_iter().fold(command, |command, name| {
        let ids = catalogue::all().iter().map(|entry| {
            let id = PossibleValue::new(entry.id);
            entry.title.map_or(id.clone(), |title| id.help(title))
        });
        let ids = PossibleValuesParser::new(ids);
        command.mut_subcommand(name, |command| {
            command.mut_arg("operation", |operation| operation.value_parser(ids))
        })
    });
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "alipay", &mut script);
    output.bytes(&script);
    if options.shell == Shell::Fish {
        output.bytes(fish().as_bytes());
    }
    output.finish()
}

/// Fish completes no values of arguments by what clap writes for it.
fn fish() -> String {
    let condition = format!("__fish_seen_subcommand_from {}", OF_OPERATIONS.join(" "));
    let lines = catalogue::all().iter().map(|entry| {
        let title = entry.title.unwrap_or_default().replace('\'', r"\'");
        format!("complete -c alipay -n '{condition}' -f -a {} -d '{title}'\n", entry.id)
    });
    lines.collect()
}
