//! `alipay call`.

use std::fs;

use alipay_mock::{Fault, FaultRule, Gateway};
use serde_json::{Value, json};

use crate::harness::{Run, alipay, canaries, personal, two_gateways};

const QUERY: &str = "alipay.trade.query";
const SEND: &str = "alipay.marketing.activity.voucher.send";

fn gateway() -> Gateway {
    Gateway::builder().start_blocking().unwrap()
}

/// One whose query of orders succeeds, whatever the number.
fn gateway_of_examples() -> Gateway {
    Gateway::builder().with_examples_only().start_blocking().unwrap()
}

/// A call of the query with a body that may be sent.
fn query(more: &[&str]) -> Run {
    let arguments = ["call", QUERY, "--body", r#"{"out_trade_no":"20261127_0001"}"#];
    alipay(arguments.into_iter().chain(more.iter().copied()))
}

#[test]
fn the_response_is_printed_and_what_is_known_of_the_call() {
    let gateway = gateway_of_examples();
    let done = query(&[]).settings(&gateway).run().ends(0);
    assert_eq!(done.json()["trade_no"], "2013112011001004330000121536");
    assert!(done.stderr.starts_with("succeeded: HTTP 200, trace id "), "{}", done.stderr);
    let requests = gateway.requests();
    assert_eq!(requests.len(), 1);
    canaries(&done);

    let done = query(&["--json"]).settings(&gateway).run().ends(0);
    let document = done.json();
    assert_eq!(document["operation"], QUERY);
    assert_eq!((&document["status"], &document["outcome"]), (&json!(200), &json!("succeeded")));
    assert_eq!((&document["attempts"], &document["verified"]), (&json!(1), &json!(true)));
    assert_eq!(document["body"]["trade_no"], "2013112011001004330000121536");
    assert!(done.stderr.is_empty(), "{}", done.stderr);
}

#[test]
fn a_method_and_path_are_called_too() {
    let gateway = gateway();
    let id = "2016042700826004508401111111";
    let path = format!("/v3/alipay/marketing/activity/{id}");
    let query = ["--query", "merchant_access_mode=SELF_MODE"];
    let written = ["call", "GET", &path];
    let template = ["call", "GET /v3/alipay/marketing/activity/{activity_id}", "--path"];
    let value = format!("activity_id={id}");
    for arguments in [&written[..], &[&template[..], &[&value]].concat()] {
        let run = alipay(arguments.iter().chain(&query)).settings(&gateway);
        let document = run.env("NO_COLOR", "1").run();
        // The gateway has no such activity, and says so.
        document.ends(1);
        let sent = gateway.requests();
        assert!(sent.last().unwrap().target.starts_with(&path), "{sent:?}");
    }
    let with_query = alipay(["call", "GET", &format!("{path}?a=1")]).run().ends(2);
    assert!(with_query.stderr.contains("give it with `--query"), "{}", with_query.stderr);
    let one_too_many = [&template[..], &[&value, "--path", "activity_id=2"], &query].concat();
    let one_too_many = alipay(one_too_many).settings(&gateway).run().ends(2);
    let said = "error: path /activity_id: `activity_id` is given twice\n";
    assert!(one_too_many.stderr.starts_with(said), "{}", one_too_many.stderr);
    let twice = [&written[..], &query, &["--path", &value]].concat();
    let twice = alipay(twice).settings(&gateway).run().ends(2);
    assert!(twice.stderr.contains("leave out `--path`"), "{}", twice.stderr);
}

#[test]
fn a_request_that_is_wrong_is_not_sent() {
    let gateway = gateway();
    let body = r#"{"out_trade_no":7,"trade_n":"1"}"#;
    let wrong = alipay(["call", QUERY, "--body", body]).settings(&gateway).run().ends(2);
    assert!(wrong.stderr.contains("error: body /out_trade_no: `out_trade_no` must be a string\n"));
    assert!(wrong.stderr.contains("error: body /trade_n: unknown field `trade_n`"));
    assert!(wrong.stderr.contains("`--unchecked` sends it anyway"));
    let wrong = alipay(["call", QUERY, "--body", body, "--json"]).settings(&gateway).run().ends(2);
    assert_eq!(wrong.json()["findings"][0]["pointer"], "/out_trade_no");
    assert_eq!(wrong.json()["outcome"], "not_sent");
    assert_eq!(gateway.requests().len(), 0);

    let append = "alipay.marketing.activity.voucher.append";
    let lacks = alipay(["call", append]).settings(&gateway).run().ends(2);
    assert!(lacks.stderr.contains("is required"), "{}", lacks.stderr);
    for (body, why) in
        [("{", "--body is not JSON: "), ("[1]", "the body is JSON, but not an object")]
    {
        let wrong = alipay(["call", QUERY, "--body", body]).settings(&gateway).run().ends(2);
        assert!(wrong.stderr.contains(why), "{}", wrong.stderr);
    }
    let twice = r#"{"out_trade_no":"1","out_trade_no":"2"}"#;
    let wrong = alipay(["call", QUERY, "--body", twice]).settings(&gateway).run().ends(2);
    assert!(wrong.stderr.starts_with("error: body: "), "{}", wrong.stderr);
    let get = "alipay.marketing.activity.voucher.query";
    let wrong = alipay(["call", get, "--body", "{}"]).settings(&gateway).run().ends(2);
    assert!(wrong.stderr.contains("a GET has no body"), "{}", wrong.stderr);
    assert_eq!(gateway.requests().len(), 0);

    // The gateway says the same of it.
    let sent = alipay(["call", QUERY, "--body", body, "--unchecked"]).settings(&gateway);
    let refused = sent.run().ends(1);
    assert!(refused.stderr.contains("ACQ.INVALID_PARAMETER"), "{}", refused.stderr);
    assert!(refused.stderr.contains("\n  body trade_n: "), "{}", refused.stderr);
    assert_eq!(gateway.requests().len(), 1);
}

#[test]
fn a_dry_run_needs_no_keys_and_sends_nothing() {
    let right = query(&["--dry-run"]).run().ends(0);
    assert_eq!(right.stdout, format!("{QUERY}: the request is right; nothing was sent\n"));
    assert_eq!(query(&["--dry-run", "--json"]).run().ends(0).json()["findings"], json!([]));

    let gateway = gateway();
    let explained = query(&["--dry-run", "--explain"]).plain_settings(&gateway).run().ends(0);
    assert_eq!(gateway.requests().len(), 0);
    let (head, signed) = explained.stdout.split_once("\n\nString to sign (").unwrap();
    assert!(head.starts_with(&format!("POST {}/v3/alipay/trade/query\n", gateway.base_url())));
    assert!(head.contains("\nauthorization: ALIPAY-SHA256withRSA app_id="), "{head}");
    let lines: Vec<_> = signed.lines().skip(1).collect();
    assert!(lines[0].starts_with("app_id=2021") && lines[0].contains(",timestamp="), "{signed}");
    let rest = ["POST", "/v3/alipay/trade/query", r#"{"out_trade_no":"20261127_0001"}"#];
    assert_eq!(lines[1..], rest);
    assert!(query(&["--dry-run", "--explain"]).run().ends(2).stderr.contains("ALIPAY_BASE_URL"));
}

#[test]
fn what_is_explained_is_what_is_sent() {
    let gateway = gateway_of_examples();
    gateway.fail(FaultRule::new(Fault::Status(503)).times(1));
    let done = query(&["--explain", "--json"]).settings(&gateway).run().ends(0).json();
    let explained = done["requests"].as_array().unwrap();
    let sent = gateway.requests();
    assert_eq!((explained.len(), sent.len(), &done["attempts"]), (2, 2, &json!(2)));
    let known = sent.last().unwrap().string_to_sign.clone().unwrap();
    assert_eq!(explained[1]["string_to_sign"], known);

    let shown = query(&["--explain"]).settings(&gateway).run().ends(0);
    assert!(shown.stderr.contains("\nString to sign ("), "{}", shown.stderr);
    assert!(shown.json().is_object());
}

#[test]
fn tokens_are_secrets() {
    let gateway = Gateway::builder().with_examples_only().app_auth_token(personal::TOKEN);
    let gateway = gateway.start_blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token.txt");
    fs::write(&file, format!("{}\n", personal::TOKEN)).unwrap();
    let named = format!("@{}", file.display());

    let from_variable = || query(&["--explain"]).env("ALIPAY_APP_AUTH_TOKEN", personal::TOKEN);
    let file_of_variable = query(&["--explain"]).env("ALIPAY_APP_AUTH_TOKEN", &named);
    let from_file = query(&["--explain", "--app-auth-token", &named]);
    let from_stdin = query(&["--explain", "--app-auth-token", "-"]).stdin(personal::TOKEN);
    for run in [from_variable(), file_of_variable, from_file, from_stdin] {
        let done = run.settings(&gateway).run().ends(0);
        assert!(done.stderr.contains("alipay-app-auth-token: [redacted]\n"), "{}", done.stderr);
        assert!(done.stderr.contains("\n[redacted]\n"), "{}", done.stderr);
        canaries(&done);
    }
    let json = query(&["--explain", "--json", "--app-auth-token", &named]);
    canaries(&json.settings(&gateway).run().ends(0));

    // As an argument it is refused, and not repeated.
    let refused = query(&["--app-auth-token", personal::TOKEN]).settings(&gateway).run().ends(2);
    assert!(refused.stderr.contains("--app-auth-token takes `@`"), "{}", refused.stderr);
    canaries(&refused);
    let twice = alipay(["call", QUERY, "--body", "-", "--app-auth-token", "-"]).stdin("{}");
    assert!(twice.settings(&gateway).run().ends(2).stderr.contains("can be read once only"));
}

#[test]
fn content_is_encrypted_if_there_is_a_key_or_it_is_asked_for() {
    let gateway = gateway_of_examples();
    let explained = query(&["--explain"]).settings(&gateway).run().ends(0);
    assert!(explained.stderr.contains("alipay-encrypt-type: AES\n"), "{}", explained.stderr);
    assert!(!explained.stderr.contains("20261127_0001"), "{}", explained.stderr);
    let explained = query(&["--explain", "--plain"]).settings(&gateway).run().ends(0);
    assert!(!explained.stderr.contains("alipay-encrypt-type"), "{}", explained.stderr);
    let without = query(&["--encrypted"]).plain_settings(&gateway).run().ends(2);
    assert!(without.stderr.contains("the credentials lack the AES key"), "{}", without.stderr);
}

#[test]
fn another_key_is_told() {
    let (gateway, other) = two_gateways();
    // Our key is not the one that the gateway knows.
    let wrong =
        query(&["--json"]).settings(&gateway).env("ALIPAY_PRIVATE_KEY", other.app_private_key());
    let wrong = wrong.run().ends(1).json();
    assert_eq!(wrong["error"]["code"], "invalid-signature", "{wrong}");
    assert_eq!(wrong["outcome"], "unknown", "the refusal is not signed");
    // Alipay's key is not the one that signs the response.
    let wrong = query(&[]).settings(&gateway).env("ALIPAY_PUBLIC_KEY", other.alipay_public_key());
    let wrong = wrong.run().ends(1);
    assert!(wrong.stderr.contains("signature"), "{}", wrong.stderr);
    assert_eq!(wrong.stdout, "");
    canaries(&wrong);
}

#[test]
fn an_unknown_outcome_is_explained_and_only_what_is_safe_is_repeated() {
    let gateway = gateway();
    let send = |more: &[&str]| {
        let body = json!({
            "activity_id": "2016042700826004508401111111",
            "merchant_access_mode": "SELF_MODE",
            "out_biz_no": "20261127-0001",
            "user_id": personal::USER_ID,
        });
        let arguments = ["call", SEND, "--body", "-", "--timeout", "5"].into_iter();
        alipay(arguments.chain(more.iter().copied())).stdin(body.to_string()).settings(&gateway)
    };
    let fail = || gateway.fail(FaultRule::new(Fault::Status(503)).times(1));
    fail();
    let unknown = send(&[]).run().ends(1);
    assert!(unknown.stderr.contains("nobody knows whether Alipay has carried out this call"));
    assert!(unknown.stderr.contains("`--repeat`"), "{}", unknown.stderr);
    assert_eq!(gateway.requests().len(), 1);
    canaries(&unknown);

    gateway.clear_requests();
    fail();
    let document = send(&["--json"]).run().ends(1).json();
    assert_eq!((&document["outcome"], &document["status"]), (&json!("unknown"), &json!(503)));
    assert_eq!(document["body"], Value::Null);
    gateway.clear_requests();
    gateway.clear_faults();
    fail();
    // The activity is not there, so the repeat is refused.
    let repeated = send(&["--repeat"]).run().ends(1);
    assert_eq!(gateway.requests().len(), 2, "{}", repeated.stderr);

    gateway.clear_requests();
    gateway.clear_faults();
    fail();
    assert!(query(&["--once"]).settings(&gateway).run().ends(1).stderr.contains("HTTP 503"));
    assert_eq!(gateway.requests().len(), 1);
}

#[test]
fn personal_data_that_a_server_repeats_is_not_shown() {
    let gateway = gateway();
    let body = json!({ "out_trade_no": personal::USER_ID, personal::PHONE: personal::OPEN_ID });
    let arguments = ["call", QUERY, "--unchecked", "--body", "-"];
    for more in [&[][..], &["--json"]] {
        let run = alipay(arguments.iter().chain(more)).stdin(body.to_string());
        let refused = run.plain_settings(&gateway).run().ends(1);
        refused.hides([personal::USER_ID, personal::OPEN_ID]);
    }
}

#[test]
fn files_are_uploaded() {
    let gateway = gateway();
    let folder = tempfile::tempdir().unwrap();
    // The smallest start of a PNG.
    fs::write(folder.path().join("photo.png"), b"\x89PNG\r\n\x1a\n0000").unwrap();
    let upload = |more: &[&str]| {
        let arguments =
            ["call", "alipay.merchant.item.file.upload", "--body", r#"{"scene":"SYNC_ORDER"}"#];
        let run = alipay(arguments.into_iter().chain(more.iter().copied()));
        run.folder(folder.path()).settings(&gateway).run()
    };
    let done = upload(&["--file", "file_content=@photo.png"]).ends(0);
    assert!(done.json()["material_id"].is_string(), "{}", done.stdout);
    let sent = gateway.requests();
    assert!(sent.last().unwrap().to_string().contains("file/upload"), "{sent:?}");
    let wrong = upload(&["--file", "image=@photo.png"]).ends(2);
    assert!(wrong.stderr.contains("unknown field `image`"), "{}", wrong.stderr);
    let missing = upload(&["--file", "file_content=@none.png"]).ends(2);
    assert!(missing.stderr.starts_with("error: cannot open none.png: "), "{}", missing.stderr);
    // A folder would fail while it is sent, and a pipe looks as if it were empty.
    gateway.clear_requests();
    let others: &[&str] = if cfg!(unix) { &[".", "/dev/null"] } else { &["."] };
    for other in others {
        let refused = upload(&["--file", &format!("file_content=@{other}")]).ends(2);
        assert!(refused.stderr.starts_with(&format!("error: cannot open {other}: ")));
        assert!(!refused.stderr.contains("nobody knows"), "{}", refused.stderr);
    }
    let part = ["--file", "file_content=@photo.png"];
    let twice = upload(&[part, part].concat()).ends(2);
    assert!(twice.stderr.contains("the part `file_content` is there twice"), "{}", twice.stderr);
    assert_eq!(gateway.requests().len(), 0);
}

#[test]
fn what_the_description_lacks_is_called_unchecked() {
    let gateway = gateway();
    let new = ["call", "POST", "/v3/alipay/trade/newest", "--body", "{}"];
    let unknown = alipay(new).settings(&gateway).run().ends(2);
    assert!(unknown.stderr.contains("has no operation `POST /v3/alipay/trade/newest`"));
    assert_eq!(gateway.requests().len(), 0);
    let sent = alipay(new.into_iter().chain(["--unchecked"])).settings(&gateway).run().ends(1);
    assert!(sent.stderr.contains("invalid-method"), "{}", sent.stderr);
    assert_eq!(gateway.requests().len(), 1);
}

#[test]
fn without_a_connection_nothing_is_sent() {
    let run = query(&["--timeout", "2", "--json"]).settings(&gateway());
    let document = run.env("ALIPAY_BASE_URL", "http://127.0.0.1:1").run().ends(1).json();
    assert_eq!((&document["outcome"], &document["status"]), (&json!("not_sent"), &Value::Null));
    assert_eq!(document["error"]["kind"], "Connect");
}

#[test]
fn certificate_mode_works() {
    let gateway = gateway_of_examples();
    let made = gateway.certificates().unwrap();
    let done = query(&["--explain"])
        .settings(&gateway)
        .without("ALIPAY_PUBLIC_KEY")
        .env("ALIPAY_APP_CERT", &made.app)
        .env("ALIPAY_CERT", &made.alipay)
        .env("ALIPAY_ROOT_CERT", &made.root)
        .run()
        .ends(0);
    assert!(done.stderr.contains(",app_cert_sn="), "{}", done.stderr);
    assert!(done.stderr.contains("alipay-root-cert-sn: "), "{}", done.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_write_says_that_it_may_have_happened() {
    let gateway = gateway();
    let body = r#"{"activity_id":"1","merchant_access_mode":"SELF_MODE","out_biz_no":"2"}"#;
    let interrupted = |signal: &str, more: &[&str]| {
        gateway.clear_requests();
        gateway.fail(FaultRule::new(Fault::Hang).times(1));
        let arguments = ["call", SEND, "--body", body].into_iter().chain(more.iter().copied());
        let child = alipay(arguments).settings(&gateway).spawn();
        while gateway.requests().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let id = child.id().to_string();
        std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("nobody knows whether"), "{stderr}");
        (String::from_utf8(output.stdout).unwrap(), stderr)
    };
    for signal in ["-INT", "-TERM"] {
        let (_, stderr) = interrupted(signal, &[]);
        assert!(stderr.contains("interrupted, maybe after the request was sent"), "{stderr}");
    }
    let (stdout, _) = interrupted("-INT", &["--json"]);
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&document["operation"], &document["outcome"]), (&json!(SEND), &json!("unknown")));
    assert_eq!(document["error"]["kind"], "Interrupted");
}

/// The exit code 2 says that nothing was sent.
#[cfg(target_os = "linux")]
#[test]
fn a_response_that_cannot_be_written_was_received_all_the_same() {
    let gateway = gateway_of_examples();
    let settings = query(&[]).settings(&gateway);
    let output = settings.stdout("/dev/full").run().ends(1);
    assert!(output.stderr.contains("succeeded: HTTP 200"), "{}", output.stderr);
    assert!(output.stderr.contains("error: cannot write the output: "), "{}", output.stderr);
    assert_eq!(gateway.requests().len(), 1);
}
