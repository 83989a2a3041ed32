//! Each long run works, for some seconds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

/// What a run prints that finds nothing. It is a process of its own, whose memory, files and threads are its own.
fn run(arguments: &[&str]) -> String {
    let run =
        Command::new(env!("CARGO_BIN_EXE_alipay-long-runs")).args(arguments).output().unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    let complaints = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success() && complaints.is_empty(), "{printed}\n{complaints}");
    printed
}

#[test]
fn the_gateway_agrees_with_its_model_under_faults() {
    let printed = run(&["gateway", "--seconds", "5", "--connections", "8"]);
    for what in ["change: send", "call: success", "call: Unknown", "call: Rejected", "fault: "] {
        assert!(printed.contains(what), "{printed}");
    }
}

#[test]
fn a_client_serves_runtimes_that_come_and_go() {
    let printed = run(&["runtimes", "--seconds", "3", "--threads", "1"]);
    assert_eq!(printed.matches("round: ").count(), 8, "{printed}");
}

#[test]
fn each_guard_handles_each_event_once() {
    let printed = run(&["guards", "--notifications", "1000", "--lease", "5"]);
    let handled = printed.matches("1000  delivery: handled\n").count();
    assert_eq!(handled + printed.matches("skipped: ").count(), 3, "{printed}");
}
