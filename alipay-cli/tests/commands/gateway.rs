//! `alipay gateway`, `alipay trigger` and `alipay control`: the program of `alipay-mock`, which has tests of its own.

use crate::harness::alipay;
use crate::listen::Listening;

#[test]
fn a_gateway_runs_is_controlled_and_posts_messages() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let keys = keys.to_str().unwrap();
    let mut gateway = Listening::start(alipay(["gateway", "--keys", keys]));
    let url = gateway.url.split_once(',').unwrap().0.to_owned();

    let state = alipay(["control", "state", "--gateway", &url]).run().ends(0);
    assert!(state.json().is_array() || state.json().is_object());
    let clock = ["control", "clock", "advance_seconds=60"];
    alipay(clock).env("ALIPAY_BASE_URL", &url).run().ends(0);
    let refused =
        alipay(["control", "pay", "activity_id=1"]).env("ALIPAY_BASE_URL", &url).run().ends(1);
    assert!(refused.stderr.starts_with("error: the gateway refuses this with 404: "));
    let problem = alipay(["control", "Pay"]).env("ALIPAY_BASE_URL", &url).run().ends(2).stderr;
    assert_eq!(problem, "error: `Pay` is no action; see `alipay control --help`\n");

    let public = format!("{keys}/alipay_public_key.txt");
    let arguments = ["listen", "--once", "--public-key", &public, "--app-id", "2021000000000001"];
    let listening = Listening::start(alipay(arguments));
    let trigger = ["trigger", "created", "--keys", keys, "--to", &listening.url];
    let sent = alipay(trigger).run().ends(0).stdout;
    assert!(
        sent.starts_with("alipay.marketing.activity.message.created ")
            && sent.ends_with(" 200 accepted\n")
    );
    listening.ended().ends(0);
    // Nobody is there any more.
    let dead = ["trigger", "created", "--keys", keys, "--to", "http://127.0.0.1:9/"];
    alipay(dead).run().ends(1);
    alipay(dead.into_iter().chain(["--times", "0"])).run().ends(2);

    assert_eq!(gateway.line(), "");
    let output = gateway.stopped("-TERM").ends(0);
    assert_eq!(output.stderr, "");
    alipay(["control", "state", "--gateway", &url]).run().ends(1);
}

#[test]
fn its_keys_are_printed_as_variables() {
    let printed = alipay(["gateway", "keys"]).run().ends(0).stdout;
    let names: Vec<&str> = printed.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert!(names.contains(&"ALIPAY_PRIVATE_KEY") && names.contains(&"ALIPAY_MOCK_PRIVATE_KEY"));
    let problem = alipay(["gateway", "--keys-from-env"]).run().ends(2).stderr;
    assert!(problem.contains("`alipay gateway keys` prints keys"), "{problem}");
}

#[test]
fn help_and_errors_call_it_as_it_is_called() {
    for command in [&["gateway"][..], &["trigger"], &["control"]] {
        let arguments = [command, &["--help"]].concat();
        let help = alipay(arguments).run().ends(0).stdout;
        assert!(!help.contains("alipay-mock ") && help.contains("Example"), "{help}");
    }
    let problem = alipay(["--json", "gateway"]).run().ends(2).stderr;
    assert!(problem.starts_with("error: `alipay gateway` prints lines only"));
}
