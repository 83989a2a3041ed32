//! Certificate mode: requests and responses name their certificates.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use alipay_mock::{Certificates, Gateway, GatewayKeys};
use support::{Call, NEW_YEAR, builder, gateway, test_keys};

fn certified<'a>(gateway: &'a Gateway, made: &Certificates) -> Call<'a> {
    let app_id = gateway.app_id();
    let nonce = format!("{:?}", std::time::Instant::now());
    let nonce: String = nonce.chars().filter(char::is_ascii_digit).collect();
    let pairs = format!(
        "app_id={app_id},app_cert_sn={},nonce={nonce},timestamp={NEW_YEAR}",
        made.app_serial(),
    );
    Call::query(gateway, "1").pairs(pairs)
}

#[test]
fn both_serials_must_be_right() {
    let gateway = gateway();
    let made = gateway.certificates().unwrap().clone();
    let refused = |call: Call<'_>, code: &str, part: &str| {
        let reply = call.send();
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{}", reply.body);
        assert!(reply.message().contains(part), "{}", reply.message());
    };
    let root = "alipay-root-cert-sn";
    let reply = certified(&gateway, &made).header(root, made.root_serial()).send();
    assert_eq!(reply.code(), "INVALID_PARAMETER");
    reply.verify().unwrap();
    assert_eq!(reply.header("alipay-sn"), Some(made.alipay_serial()));
    refused(certified(&gateway, &made), "missing-alipay-root-cert-sn", "alipay-root-cert-sn");
    let wrong = certified(&gateway, &made).header(root, made.app_serial());
    refused(wrong, "invalid-alipay-root-cert-sn", made.root_serial());
    let plain = Call::query(&gateway, "1").header(root, made.root_serial());
    refused(plain, "missing-app-cert-sn", "app_cert_sn");
    let pairs = format!("app_id={},app_cert_sn=1,nonce=1,timestamp={NEW_YEAR}", gateway.app_id());
    refused(Call::query(&gateway, "1").pairs(pairs), "app-cert-not-exist", made.app_serial());
    // Key mode works beside it, and its responses name no certificate.
    let reply = Call::query(&gateway, "1").send();
    assert_eq!((reply.code().as_str(), reply.header("alipay-sn")), ("INVALID_PARAMETER", None));
}

#[test]
fn certificates_can_be_kept_but_not_mixed() {
    let made = gateway().certificates().unwrap().clone();
    let kept = test_keys().with_certificates(&made.app, &made.alipay, &made.root).unwrap();
    assert_eq!(kept.certificates().unwrap(), &made);
    let error = |keys: GatewayKeys, app: &str| {
        keys.with_certificates(app, &made.alipay, &made.root).unwrap_err().to_string()
    };
    let other = GatewayKeys::generate().unwrap();
    assert!(error(other, &made.app).contains("app certificate: it was issued for another key"));
    // Those of another root, of the same keys.
    let root = &test_keys().certificates().unwrap().root.clone();
    let keys = test_keys().with_certificates(&made.app, &made.alipay, root).unwrap();
    let error_of_root = builder().keys(keys).start_blocking().unwrap_err().to_string();
    let expected =
        "the keys cannot be used: app certificate: it was not issued by the root certificate";
    assert_eq!(error_of_root, expected);
    assert!(error(test_keys(), "x").contains("app certificate: the text is not a certificate"));
    let shown = format!("{made:?}");
    assert!(shown.contains(made.app_serial()) && !shown.contains("BEGIN"), "{shown}");
}

#[test]
fn public_keys_are_checked_against_the_private_ones() {
    let keys = test_keys();
    keys.check_app_public_key(keys.app_public_key()).unwrap();
    keys.check_alipay_public_key(keys.alipay_public_key()).unwrap();
    let error = keys.check_alipay_public_key(keys.app_public_key()).unwrap_err().to_string();
    assert_eq!(error, "Alipay public key: it does not belong to the Alipay private key");
    let error = keys.check_app_public_key("x").unwrap_err().to_string();
    assert!(error.starts_with("app public key: "), "{error}");
}

#[test]
fn tokens_may_be_registered() {
    let gateway = builder().app_auth_token("good").start_blocking().unwrap();
    assert_eq!(Call::query(&gateway, "1").token("good").send().status, 400);
    let reply = Call::query(&gateway, "1").token("bad").send();
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid-app-auth-token"));
    assert!(!reply.body.contains("bad"));
    assert_eq!(Call::query(&gateway, "1").send().code(), "INVALID_PARAMETER");
}
