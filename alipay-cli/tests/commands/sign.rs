//! `alipay sign`: what it signs verifies, by `alipay verify` and by the gateway.

use alipay_core::keys::PrivateKey;
use alipay_mock::Gateway;

use crate::harness::{Run, alipay, personal};

const BODY: &str = r#"{"out_trade_no":"1","amount":1.00}"#;

fn sign<'a>(more: impl IntoIterator<Item = &'a str>) -> Run {
    alipay(["sign"].into_iter().chain(more))
}

#[test]
fn a_request_is_signed_as_it_is_sent() {
    let gateway = Gateway::builder().start_blocking().unwrap();
    let target = "/v3/alipay/trade/query?a=1%202";
    let by_options =
        sign(["--path", target, "--body", BODY]).plain_settings(&gateway).run().ends(0);
    let file = format!("POST {target} HTTP/1.1\ncontent-type: application/json\n\n{BODY}\n");
    let by_file = sign(["-"]).plain_settings(&gateway).stdin(file).run().ends(0);
    for signed in [by_options, by_file] {
        assert!(signed.stdout.ends_with(&format!("\n\n{BODY}\n")), "{}", signed.stdout);
        let verify = alipay(["verify", "-"]).plain_settings(&gateway).stdin(signed.stdout);
        assert!(verify.run().ends(0).stdout.starts_with("verified: the request"));
    }
    let json = sign(["--path", target, "--body", BODY, "--json", "--at", "2026-01-01 08:00:00"])
        .plain_settings(&gateway)
        .run()
        .ends(0)
        .json();
    let text = json["string_to_sign"].as_str().unwrap();
    assert!(text.contains("timestamp=1767225600000\nPOST\n"), "{text}");
    assert!(text.ends_with(&format!("\n{target}\n{BODY}\n")), "{text}");
    let key = PrivateKey::parse(gateway.app_private_key()).unwrap();
    assert_eq!(json["signature"], key.sign(text.as_bytes()).unwrap());
}

#[test]
fn neither_key_nor_token_is_shown() {
    let gateway = Gateway::builder().start_blocking().unwrap();
    let signed = sign(["--path", "/v3/x", "--body", "{}", "--explain", "--encrypted"])
        .settings(&gateway)
        .env("ALIPAY_APP_AUTH_TOKEN", personal::TOKEN)
        .run()
        .ends(0);
    signed.hides([personal::TOKEN]);
    assert!(signed.stdout.contains("alipay-encrypt-type: AES"), "{}", signed.stdout);
    assert!(signed.stdout.contains("string to sign"), "{}", signed.stdout);
}

#[test]
fn responses_and_notifications_are_signed_in_alipays_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let key = PrivateKey::generate().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, key.to_pkcs8_pem().unwrap().as_str()).unwrap();
        (key, path.display().to_string())
    };
    let (key, right) = write("right.pem");
    let (_, other) = write("other.pem");
    let form = "app_id=1&notify_id=2&charset=UTF-8&version=1.0&passback=a%2Bb%26c+d";
    let json =
        r#"{"app_id":"1","notify_id":"2","charset":"UTF-8","version":"1.0","passback":"a+b&c d"}"#;
    for (role, text) in [("response", BODY), ("notification", form), ("notification", json)] {
        for (by, code) in [(&right, 0), (&other, 1)] {
            let signed = sign(["-", "--as", role, "--private-key", by]).stdin(text).run().ends(0);
            let verify = alipay(["verify", "-"])
                .env("ALIPAY_APP_ID", "1")
                .env("ALIPAY_PUBLIC_KEY", key.public_key().to_base64())
                .stdin(signed.stdout);
            verify.run().ends(code);
        }
        let without = sign(["-", "--as", role]).stdin(text).run().ends(2);
        assert!(without.stderr.contains("--private-key FILE"), "{}", without.stderr);
    }
}

#[test]
fn what_cannot_be_signed_is_said() {
    let gateway = Gateway::builder().start_blocking().unwrap();
    for (arguments, problem) in [
        (["--path", "/v3/x", "--body", "no"], "the body is not JSON"),
        (["--path", "v3/x", "--body", "{}"], "must begin with `/`"),
        (["--path", "/v3/x", "--method", "BREW"], "it has to be GET"),
    ] {
        let output = sign(arguments).plain_settings(&gateway).run().ends(2);
        assert!(output.stderr.contains(problem), "{problem}: {}", output.stderr);
    }
    let unset = sign(["--path", "/v3/x"]).run().ends(2);
    assert!(unset.stderr.contains("ALIPAY_PRIVATE_KEY"), "{}", unset.stderr);
    for name in ["ALIPAY_APP_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_ENCRYPT_KEY"] {
        let run = sign(["--path", "/v3/x", "--encrypted"]).plain_settings(&gateway);
        let gone = run.env(name, "@/nowhere/key").run().ends(2).stderr;
        assert!(
            gone.starts_with(&format!("error: {name}: the file /nowhere/key cannot")),
            "{gone}"
        );
    }
}
