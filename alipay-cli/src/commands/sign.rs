//! `alipay sign`.
pub(crate) const EXAMPLES: &str = "";
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}
pub(crate) fn run(_: &Options, _: &crate::output::Output) -> crate::outcome::Outcome {
    Ok(())
}
