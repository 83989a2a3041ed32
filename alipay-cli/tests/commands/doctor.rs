//! `alipay doctor`: what it finds, and that it shows no secret. The mistakes that people make have a test each.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use alipay_core::keys::PrivateKey;
use alipay_mock::{Clock, Gateway, GatewayKeys};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, PKCS_RSA_SHA256};

use crate::harness::{Output, Run, alipay, canaries, two_gateways};

fn gateway() -> Gateway {
    Gateway::builder().start_blocking().unwrap()
}

fn doctor() -> Run {
    alipay(["doctor"])
}

/// The findings of a run in this state about this, as one text; all of that state if `about` is empty.
fn findings(output: &Output, state: &str, about: &str) -> String {
    let prefix = format!("{state:<8}{about}");
    let lines: Vec<_> = output.stdout.lines().filter(|line| line.starts_with(&prefix)).collect();
    lines.join("\n")
}

/// That this is the only problem, and what it says.
#[track_caller]
fn only_problem(output: &Output, about: &str, parts: &[&str]) {
    let problems = findings(output, "problem", "");
    assert!(problems.starts_with(&format!("problem {about}: ")), "{}", output.stdout);
    assert_eq!(problems.lines().count(), 1, "{}", output.stdout);
    for part in parts {
        assert!(problems.contains(part), "{part}\n{}", output.stdout);
    }
    assert!(output.stdout.contains("\n1 problem, "), "{}", output.stdout);
    canaries(output);
}

/// The settings of certificate mode, without encryption, as files in this folder.
fn certified(run: Run, gateway: &Gateway, folder: &Path) -> Run {
    let made = gateway.certificates().unwrap();
    let write = |name: &str, text: &str| file(folder, name, text.as_bytes());
    run.plain_settings(gateway)
        .without("ALIPAY_PUBLIC_KEY")
        .env("ALIPAY_APP_CERT", write("app.crt", &made.app))
        .env("ALIPAY_CERT", write("alipay.crt", &made.alipay))
        .env("ALIPAY_ROOT_CERT", write("root.crt", &made.root))
}

/// `@` and the path of a new file.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    format!("@{}", path.display())
}

#[test]
fn right_settings_have_no_problem() {
    // Its query of orders succeeds, whatever the number.
    let gateway = Gateway::builder().with_examples_only().start_blocking().unwrap();
    let output = doctor().settings(&gateway).run().ends(0);
    canaries(&output);
    assert_eq!(output.stderr, "");
    for (about, part) in [
        ("ALIPAY_BASE_URL: http://127.0.0.1", "not Alipay's own"),
        ("ALIPAY_APP_ID: ", gateway.app_id()),
        ("ALIPAY_PRIVATE_KEY: private key, PKCS#8, bare base64, 2048 bits; SHA-256", ""),
        ("ALIPAY_PUBLIC_KEY: public key, X.509, bare base64, 2048 bits; SHA-256", ""),
        ("ALIPAY_ENCRYPT_KEY: AES key, 128 bits", ""),
        ("keys: ", "not the app's own"),
        ("network: 127.0.0.1 is 127.0.0.1:", "connected in"),
        ("clock: ", ""),
        ("signed call: alipay.trade.query: Alipay accepts our signature", "verified"),
        ("encrypted call: alipay.trade.query is understood on both sides", ""),
    ] {
        let found = findings(&output, "ok", about);
        assert!(found.contains(part) && !found.is_empty(), "{about}\n{}", output.stdout);
    }
    assert!(output.stdout.ends_with("\nno problems, no warnings\n"), "{}", output.stdout);
}

#[test]
fn right_certificates_have_no_problem() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    let output = certified(doctor(), &gateway, folder.path()).run().ends(0);
    let made = gateway.certificates().unwrap();
    for part in [
        made.app_serial(),
        made.alipay_serial(),
        made.root_serial(),
        "ok      keys: the private key and the app's certificate belong together",
        "ok      certificates: each is in its place",
        "ok      ALIPAY_APP_CERT: its signatures lead up to a root certificate",
        "ok      ALIPAY_CERT: its signatures lead up to a root certificate",
        "so the app's certificate is the one that Alipay has",
        "note    ALIPAY_PUBLIC_KEY: not set; certificate mode",
    ] {
        assert!(output.stdout.contains(part), "{part}\n{}", output.stdout);
    }
    // A key beside certificates does nothing.
    let key = gateway.alipay_public_key();
    let both = certified(doctor(), &gateway, folder.path()).env("ALIPAY_PUBLIC_KEY", key);
    let both = both.run().ends(0);
    assert!(findings(&both, "warning", "ALIPAY_PUBLIC_KEY").contains("it is not used"));
}

#[test]
fn programs_read_the_same() {
    let (gateway, other) = two_gateways();
    let run = || alipay(["doctor", "--json"]).settings(&gateway);
    let right = run().run().ends(0).json();
    assert_eq!((&right["ok"], &right["problems"]), (&true.into(), &0.into()));
    let wrong = run().env("ALIPAY_PUBLIC_KEY", other.alipay_public_key()).run().ends(1).json();
    assert_eq!((&wrong["ok"], &wrong["problems"]), (&false.into(), &1.into()));
    let findings = wrong["findings"].as_array().unwrap();
    let problem = findings.iter().find(|finding| finding["state"] == "problem").unwrap();
    assert_eq!(problem["about"], "ALIPAY_PUBLIC_KEY");
    assert!(findings.len() > 10);
}

#[test]
fn nothing_is_sent_offline() {
    let gateway = gateway();
    let output = alipay(["doctor", "--offline"]).settings(&gateway).run().ends(0);
    assert!(output.stdout.contains("network: not looked at"), "{}", output.stdout);
    assert!(gateway.requests().is_empty());
}

#[test]
fn all_is_said_at_once_and_the_gateway_is_still_greeted() {
    let gateway = gateway();
    let output = doctor()
        .env("ALIPAY_BASE_URL", gateway.base_url())
        .env("ALIPAY_APP_ID", "2021 0000")
        .env("ALIPAY_PRIVATE_KEY", "c2VjcmV0IHNlY3JldCBzZWNyZXQ=")
        .env("ALIPAY_PUBLIC_KEY", "@/nowhere/at/all")
        .env("ALIPAY_ENCRYPT_KEY", "c2VjcmV0")
        .run()
        .ends(1);
    for about in ["APP_ID", "PRIVATE_KEY", "PUBLIC_KEY", "ENCRYPT_KEY"] {
        let found = findings(&output, "problem", &format!("ALIPAY_{about}: "));
        assert_eq!(found.lines().count(), 1, "{}", output.stdout);
    }
    assert!(output.stdout.contains("ok      network: http://127.0.0.1"), "{}", output.stdout);
    assert!(output.stdout.contains("signed call: not made"), "{}", output.stdout);
    assert!(output.stdout.ends_with("4 problems, no warnings\n"), "{}", output.stdout);
    assert!(!output.stdout.contains("c2VjcmV0"));
}

#[test]
fn nothing_set_is_no_crash() {
    let output = doctor().run().ends(1);
    assert!(output.stdout.contains("network: not looked at: the base URL comes first"));
    assert!(output.stdout.ends_with("4 problems, no warnings\n"), "{}", output.stdout);
}

// The mistakes.

#[test]
fn the_apps_own_public_key_as_alipays() {
    let gateway = gateway();
    let own = PrivateKey::parse(gateway.app_private_key()).unwrap().public_key().to_base64();
    let output = doctor().settings(&gateway).env("ALIPAY_PUBLIC_KEY", own).run().ends(1);
    only_problem(
        &output,
        "ALIPAY_PUBLIC_KEY",
        &["this is the app's own public key (应用公钥)", "give Alipay's, which the console shows"],
    );
}

#[test]
fn a_private_key_of_another_pair_than_the_uploaded_one() {
    let (gateway, other) = two_gateways();
    let key = other.app_private_key();
    let output = doctor().settings(&gateway).env("ALIPAY_PRIVATE_KEY", key).run().ends(1);
    only_problem(
        &output,
        "ALIPAY_PRIVATE_KEY",
        &["Alipay does not accept its signatures", "upload the public key", "invalid-signature"],
    );
}

#[test]
fn another_key_as_alipays() {
    let (gateway, other) = two_gateways();
    let key = other.alipay_public_key();
    let output = doctor().settings(&gateway).env("ALIPAY_PUBLIC_KEY", key).run().ends(1);
    only_problem(&output, "ALIPAY_PUBLIC_KEY", &["signature is wrong (验签失败)"]);
}

#[test]
fn the_app_id_of_another_environment() {
    let gateway = gateway();
    let output = doctor().settings(&gateway).env("ALIPAY_APP_ID", "9021000000000001").run().ends(1);
    only_problem(&output, "ALIPAY_APP_ID", &["does not know this app", "the sandbox (https://"]);
}

#[test]
fn the_id_of_a_merchant_as_that_of_the_app() {
    let gateway = gateway();
    let output = doctor().settings(&gateway).env("ALIPAY_APP_ID", "2088000000000001").run().ends(1);
    let found = findings(&output, "warning", "ALIPAY_APP_ID");
    assert!(found.contains("as the ids of merchants do (PID, 2088…)"), "{}", output.stdout);
}

#[test]
fn https_where_there_is_plain_http() {
    let gateway = gateway();
    let url = gateway.base_url().replace("http://", "https://");
    let output = doctor().settings(&gateway).env("ALIPAY_BASE_URL", url).run().ends(1);
    only_problem(&output, "network", &["does not speak TLS", "is it http that is meant"]);
}

#[test]
fn gateway_do_as_base_url() {
    let gateway = gateway();
    let url = "https://openapi.alipay.com/gateway.do";
    let output = doctor().settings(&gateway).env("ALIPAY_BASE_URL", url).run().ends(1);
    only_problem(&output, "ALIPAY_BASE_URL", &["/gateway.do belongs to the older protocol"]);
}

#[test]
fn an_expired_app_certificate() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    let ago = |days: u64| SystemTime::now() - Duration::from_secs(days * 86_400);
    let app = certificate(gateway.app_private_key(), ago(400), ago(3));
    let run = certified(doctor(), &gateway, folder.path());
    let output = run.env("ALIPAY_APP_CERT", file(folder.path(), "old.crt", app.as_bytes()));
    let output = output.run().ends(1);
    only_problem(&output, "ALIPAY_APP_CERT", &["it expired at ", "download the present one"]);
    // It is the right one otherwise.
    assert!(output.stdout.contains("the private key and the app's certificate belong together"));
}

#[test]
fn a_certificate_that_expires_soon() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    let now = SystemTime::now();
    let days = |days: u64| Duration::from_secs(days * 86_400 + 3600);
    let app = certificate(gateway.app_private_key(), now - days(300), now + days(5));
    let run = certified(alipay(["doctor", "--offline"]), &gateway, folder.path());
    let output = run.env("ALIPAY_APP_CERT", file(folder.path(), "soon.crt", app.as_bytes()));
    let output = output.run().ends(0);
    let found = findings(&output, "warning", "ALIPAY_APP_CERT");
    assert!(found.contains("in 5 days"), "{}", output.stdout);
    assert!(found.contains("cannot be checked up to a root: the certificate of an issuer"));
}

#[test]
fn a_certificate_of_another_key() {
    let ((gateway, other), folder) = (two_gateways(), tempfile::tempdir().unwrap());
    let run = certified(doctor(), &gateway, folder.path());
    let output = run.env("ALIPAY_PRIVATE_KEY", other.app_private_key()).run().ends(1);
    only_problem(&output, "ALIPAY_APP_CERT", &["it was issued for another key than the app's"]);
}

#[test]
fn certificates_that_alipay_does_not_have() {
    let ((gateway, other), folder) = (two_gateways(), tempfile::tempdir().unwrap());
    // All of another app, or before the certificate was renewed.
    let output = certified(doctor(), &other, folder.path())
        .env("ALIPAY_BASE_URL", gateway.base_url())
        .run()
        .ends(1);
    only_problem(&output, "ALIPAY_APP_CERT", &["Alipay does not take it", "app-cert-not-exist"]);
    // One of Alipay's that it no longer signs with.
    let old = &other.certificates().unwrap().alipay;
    let output = certified(doctor(), &gateway, folder.path()).env("ALIPAY_CERT", old).run().ends(1);
    only_problem(&output, "ALIPAY_CERT", &["which is not among the given ones; download"]);
    let bundle = &other.certificates().unwrap().root;
    let output = certified(doctor(), &gateway, folder.path()).env("ALIPAY_ROOT_CERT", bundle);
    only_problem(&output.run().ends(1), "ALIPAY_ROOT_CERT", &["download alipayRootCert.crt"]);
}

#[test]
fn certificates_in_each_others_place() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    let made = gateway.certificates().unwrap();
    let output = certified(doctor(), &gateway, folder.path())
        .env("ALIPAY_APP_CERT", &made.alipay)
        .env("ALIPAY_CERT", &made.app)
        .run()
        .ends(1);
    let found = findings(&output, "problem", "ALIPAY_CERT: ");
    assert!(found.contains("this is the app's certificate (应用公钥证书)"), "{}", output.stdout);
    let found = findings(&output, "problem", "ALIPAY_APP_CERT: ");
    assert!(found.contains("it was issued for another key"), "{}", output.stdout);
}

#[test]
fn a_clock_20_minutes_off() {
    let clock = Clock::system();
    clock.advance(Duration::from_secs(20 * 60));
    let keys = GatewayKeys::generate().unwrap();
    let gateway = Gateway::builder().keys(keys).clock(clock).start_blocking().unwrap();
    let behind = in_the_future(&gateway);
    let run = || doctor().plain_settings(&gateway).env("ALIPAY_BASE_URL", &behind);
    let output = run().run().ends(1);
    only_problem(
        &output,
        "clock",
        &["about 20 minutes", "behind the gateway's", "set it right (NTP)"],
    );
    // It hides no other mistake.
    assert!(output.stdout.contains("ok      signed call: "), "{}", output.stdout);
    let other = GatewayKeys::generate().unwrap();
    let both = run().env("ALIPAY_PRIVATE_KEY", other.app_private_key()).run().ends(1);
    let found = findings(&both, "problem", "ALIPAY_PRIVATE_KEY: ");
    assert!(found.contains("does not accept its signatures"), "{}", both.stdout);
}

#[test]
fn a_wrong_aes_key() {
    let (gateway, other) = two_gateways();
    let key = other.encrypt_key();
    let output = doctor().settings(&gateway).env("ALIPAY_ENCRYPT_KEY", key).run().ends(1);
    only_problem(
        &output,
        "ALIPAY_ENCRYPT_KEY",
        &["not the key that Alipay has", "接口内容加密方式"],
    );
    assert!(output.stdout.contains("ok      signed call: "), "{}", output.stdout);
}

#[test]
fn an_aes_key_that_is_none() {
    let gateway = gateway();
    let output = doctor().settings(&gateway).env("ALIPAY_ENCRYPT_KEY", "c2VjcmV0").run().ends(1);
    only_problem(&output, "ALIPAY_ENCRYPT_KEY", &["the key has 6 bytes"]);
    // It hides nothing of the other keys.
    assert!(output.stdout.contains("ok      signed call: "), "{}", output.stdout);
}

#[test]
fn refusals_prove_what_they_prove() {
    let gateway = gateway();
    let refused = |fault: &str| {
        gateway.fail_next(fault.parse().unwrap());
        doctor().plain_settings(&gateway).run().ends(0)
    };
    let signed = refused("signed-error:400:ACQ.TRADE_NOT_EXIST");
    let found = findings(&signed, "ok", "signed call: ");
    assert!(found.contains("refused with ACQ.TRADE_NOT_EXIST, and that is signed"), "{found}");
    let passed = refused("error:400:ACQ.TRADE_NOT_EXIST");
    let found = findings(&passed, "warning", "signed call: ");
    assert!(found.contains("so Alipay accepts our signature"), "{}", passed.stdout);
    let unsigned = refused("error:401:insufficient-isv-permissions");
    let found = findings(&unsigned, "warning", "signed call: ");
    assert!(found.contains("it proves neither key"), "{}", unsigned.stdout);
}

#[test]
fn a_root_bundle_with_a_certificate_for_sm2() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    let vectors = include_str!("../../../alipay-core/tests/fixtures/vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let bundle = vectors["keys"]["alipay_root_cert"].as_str().unwrap();
    let bundle = format!("{}{bundle}", gateway.certificates().unwrap().root);
    let run = certified(alipay(["doctor", "--offline"]), &gateway, folder.path());
    let output = run.env("ALIPAY_ROOT_CERT", bundle).run().ends(0);
    let found = findings(&output, "note", "ALIPAY_ROOT_CERT: ");
    assert!(found.contains("not signed with RSA, but for SM2"), "{}", output.stdout);
}

#[test]
fn a_pkcs12_file() {
    let (gateway, folder) = (gateway(), tempfile::tempdir().unwrap());
    // The beginning of one, in the form that Java writes.
    let bytes = [&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30][..], &[0x81; 64]].concat();
    let store = file(folder.path(), "app.p12", &bytes);
    let output = doctor().settings(&gateway).env("ALIPAY_PRIVATE_KEY", store).run().ends(1);
    only_problem(
        &output,
        "ALIPAY_PRIVATE_KEY",
        &["this is a key store (PKCS#12; .p12, .pfx)", "openssl pkcs12 -in FILE"],
    );
}

#[test]
fn no_gateway_there() {
    let gateway = gateway();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let output = doctor().plain_settings(&gateway).env("ALIPAY_BASE_URL", closed).run().ends(1);
    only_problem(&output, "network", &["no connection to 127.0.0.1", "is a proxy needed"]);
    assert!(output.stdout.contains("signed call: not made: there is no connection"));

    let page = serve(|_| "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>".into());
    let output = doctor().plain_settings(&gateway).env("ALIPAY_BASE_URL", page).run().ends(1);
    only_problem(&output, "ALIPAY_BASE_URL", &["no gateway of OpenAPI v3 responds there"]);
    let page = serve(|_| "HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\n<html>".into());
    let output = doctor().plain_settings(&gateway).env("ALIPAY_BASE_URL", page).run().ends(1);
    only_problem(&output, "ALIPAY_BASE_URL", &["no gateway of OpenAPI v3 responds there"]);
}

#[test]
fn the_password_of_a_proxy_is_not_shown() {
    let gateway = gateway();
    let output = doctor()
        .settings(&gateway)
        .env("HTTPS_PROXY", "http://me:canary-password@proxy.example:3128")
        .secret("canary-password")
        .run()
        .ends(0);
    let found = findings(&output, "note", "HTTPS_PROXY: the proxy proxy.example:3128");
    assert!(found.contains("not used for this gateway"), "{}", output.stdout);
}

/// A certificate for this key, of an issuer that nobody knows.
fn certificate(private_key: &str, from: SystemTime, until: SystemTime) -> String {
    let key = |base64: &str| {
        let der = STANDARD.decode(base64).unwrap();
        KeyPair::from_pkcs8_der_and_sign_algo(&der.into(), &PKCS_RSA_SHA256).unwrap()
    };
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name.push(DnType::CommonName, "Nobody");
    let issuer = Issuer::new(issuer, key(private_key));
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, "App");
    parameters.not_before = from.into();
    parameters.not_after = until.into();
    let certificate = parameters.signed_by(&key(private_key), &issuer).unwrap();
    let base64 = STANDARD.encode(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

/// A server that responds to each request with what this makes of it.
fn serve(respond: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    thread::spawn(move || {
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            if let Some(request) = whole(&mut stream) {
                // The program may have ended.
                let _ = stream.write_all(&respond(&request));
            }
        }
    });
    url
}

/// A request with its body; `None` if none comes.
fn whole(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).unwrap_or(0);
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(bytes);
            }
        }
        if count == 0 {
            return None;
        }
    }
}

/// A gateway whose clock is 20 minutes ahead, and that knows no other, as Alipay's: it refuses what was sent by this
/// computer's clock. The rest is the other gateway's.
fn in_the_future(gateway: &Gateway) -> String {
    let address = gateway.base_url().strip_prefix("http://").unwrap().to_owned();
    serve(move |request| {
        let later = SystemTime::now() + Duration::from_secs(20 * 60);
        let text = String::from_utf8(request.to_vec()).unwrap();
        let sent = text.split_once("timestamp=").map_or("0", |(_, rest)| rest);
        let sent = sent.split(',').next().unwrap().parse().unwrap();
        let off = later.duration_since(SystemTime::UNIX_EPOCH + Duration::from_millis(sent));
        if off.is_ok_and(|off| off > Duration::from_secs(600)) {
            let date = httpdate::fmt_http_date(later);
            let body = r#"{"code":"invalid-timestamp","message":"x"}"#;
            let length = body.len();
            return format!(
                "HTTP/1.1 400 Bad Request\r\ndate: {date}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .into_bytes();
        }
        let mut stream = TcpStream::connect(&address).unwrap();
        // The gateway closes the connection after it.
        let text = text.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(text.as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        response
    })
}
