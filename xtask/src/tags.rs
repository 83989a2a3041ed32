//! `cargo xtask tags`.

use alipay_openapi::diag::Sink;

use crate::{Failure, Outcome, cli, files};

/// Lists the tags of a description.
pub(crate) fn run(options: &cli::Tags) -> Outcome {
    let source = files::read(&options.file, &files::workspace_root())?;
    let mut sink = Sink::new();
    let raw = alipay_openapi::load::load(&source, &mut sink);
    crate::lint::report(sink);
    let Some(raw) = raw else { return Err(Failure::Found) };
    let tags = alipay_openapi::import::tags(&raw);
    let width = tags.iter().map(|tag| tag.tag.len()).max().unwrap_or(0).max("tag".len());
    files::say(&format!("{:width$}  operations  schemas", "tag"));
    for tag in &tags {
        files::say(&format!("{:width$}  {:>10}  {:>7}", tag.tag, tag.operations, tag.schemas));
    }
    Ok(())
}
