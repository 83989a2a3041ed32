//! `alipay operations`: finds operations by their names.

use std::collections::BTreeSet;

use alipay_mock::description::Operations;
use clap::Args;
use serde_json::json;

use crate::lookup;
use crate::outcome::{Failure, Outcome};
use crate::output::{Line, Output};

pub(crate) const EXAMPLES: &str = "Examples:
  alipay operations trade query
  alipay operations 退款
  alipay operations --json voucher | jq -r '.[].id'";

/// The longest word that is compared with others.
const LONGEST: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Words of the id, path or title; all of them must be there. Without one, all operations
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let operations = lookup::operations()?;
    let words = options.words.join(" ");
    let found = operations.search(&words);
    if output.is_json() {
        let found = found.iter().map(|operation| {
            json!({
                "id": operation.id(),
                "method": operation.method(),
                "path": operation.path(),
                "title": operation.title(),
            })
        });
        output.document(&found.collect::<Vec<_>>());
    } else {
        for operation in &found {
            output.line(Line::new().strong(operation.id()).plain("  ").plain(operation.title()));
        }
    }
    if !found.is_empty() {
        return Ok(());
    }
    let near = lookup::nearest(&words);
    let advice = match (near.as_slice(), nearest_words(&operations, &options.words)) {
        ([], Some(words)) => format!("did you mean `{words}`?"),
        ([], None) => "try fewer words, or Chinese ones".to_owned(),
        (near, _) => format!("did you mean `{}`?", near.join("`, `")),
    };
    output.problem(format_args!("no operation has `{words}` in its id, path or title: {advice}"));
    Err(Failure::Found)
}

/// The words, each of which no id has replaced by the nearest that one has.
fn nearest_words(operations: &Operations, words: &[String]) -> Option<String> {
    let all = operations.all();
    let known: BTreeSet<&str> = all.iter().flat_map(|one| one.id().split('.')).collect();
    let meant = words.iter().map(|word| {
        let word = word.to_lowercase();
        if word.len() > LONGEST || !operations.search(&word).is_empty() {
            return Some(word);
        }
        let near = known.iter().map(|known| (strsim::damerau_levenshtein(&word, known), *known));
        near.min().filter(|(slips, _)| slips * 3 <= word.len()).map(|(_, known)| known.to_owned())
    });
    let meant = meant.collect::<Option<Vec<_>>>()?.join(" ");
    (!operations.search(&meant).is_empty()).then_some(meant)
}
