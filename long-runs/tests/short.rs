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

fn handles_each_event_once(guard: &str) {
    let arguments = ["guards", "--notifications", "300", "--lease", "5", "--guard", guard];
    let printed = run(&arguments);
    let handled = printed.contains("      300  delivery: handled\n");
    assert!(handled || printed.contains("skipped: "), "{printed}");
}

#[test]
fn the_guard_in_memory_handles_each_event_once() {
    handles_each_event_once("memory");
}

#[test]
fn the_guard_in_sqlite_handles_each_event_once() {
    handles_each_event_once("sqlite");
}

#[test]
fn the_guard_in_postgres_handles_each_event_once() {
    handles_each_event_once("postgres");
}
