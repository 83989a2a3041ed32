//! `alipay completions`: completions for a shell.

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

/// `command` is the whole command line.
pub(crate) fn run(options: &Options, mut command: Command, output: &Output) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "alipay", &mut script);
    output.bytes(&script);
    output.finish()
}
