//! The committed crates are what the committed descriptions generate.

use crate::support;

#[test]
fn generated_is_fresh() {
    let run = support::xtask(&["generate", "--check"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}
