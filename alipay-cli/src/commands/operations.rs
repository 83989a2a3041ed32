//! `alipay operations`: finds operations by their names.

use alipay_mock::description::Operations;
use clap::Args;
use serde_json::json;

use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(crate) const EXAMPLES: &str = "Examples:
  alipay operations trade query
  alipay operations 退款
  alipay operations --json voucher | jq -r '.[].id'";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Words of the id, path or title; all of them must be there. Without one, all operations
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let operations = Operations::of_alipay().map_err(Failure::unusable)?;
    let words = options.words.join(" ");
    let found = operations.search(&words);
    if output.is_json() {
        let found: Vec<_> = found
            .iter()
            .map(|operation| {
                json!({
                    "id": operation.id(),
                    "method": operation.method(),
                    "path": operation.path(),
                    "title": operation.title(),
                })
            })
            .collect();
        output.document(&found);
        return if found.is_empty() { Err(Failure::Found) } else { Ok(()) };
    }
    for operation in &found {
        output.line(Line::new().strong(operation.id()).plain("  ").plain(operation.title()));
    }
    if found.is_empty() {
        output.problem(format_args!("no operation has `{words}` in its id, path or title"));
        return Err(Failure::Found);
    }
    Ok(())
}
