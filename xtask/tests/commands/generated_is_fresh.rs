//! The committed crates are what the committed descriptions generate.

use crate::support;

#[test]
fn generated_is_fresh() {
    let run = support::xtask(&["generate", "--check"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    // Standard output has the differences.
    assert_eq!(run.stdout, "");
    let says = |name: &&str| run.stderr.contains(&format!("{name}: up to date, "));
    assert!(support::CRATES.iter().all(says) && run.stderr.lines().count() == 2, "{}", run.stderr);
}
