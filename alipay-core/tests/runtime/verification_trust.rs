//! The trust store of certificate mode, verifiers and signers of one's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Call, CertificateOwner, Client, Credentials, ErrorKind, Outcome,
    keys::{PrivateKey, PublicKey, SignatureError},
    sign::{SignError, Signer},
    transport::BoxFuture,
    verify::Verifier,
};
use bytes::Bytes;
use common::{
    ALIPAY, Create, Send, builder, case, certificate_credentials, certified, create_request,
    credentials, finished, key, send_request, signed, signed_at,
};
use insta::assert_snapshot;

/// Another certificate of Alipay's, for another key, valid in 2027 (UTC).
const NEXT: &str = include_str!("../fixtures/certificates/next.pem");
const NEXT_KEY: &str = include_str!("../fixtures/certificates/next_key.pem");
const NEXT_SERIAL: &str = "NEXT";
const BODY: &str = r#"{"activity_id":"1"}"#;

const YEAR_2027: u64 = 1_798_761_600;
const YEAR_2028: u64 = 1_830_297_600;

fn seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A client of certificate mode, at this time.
fn client(credentials: &Credentials, now: SystemTime) -> Client {
    builder(credentials.clone()).clock(now).timestamp_tolerance(None).build().unwrap()
}

/// A response signed with the next key, which names this certificate.
fn next_response(serial: Option<&str>) -> http::Response<Bytes> {
    let mut response = signed(200, BODY);
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    let text = format!("{}\n{}\n{BODY}\n", header("alipay-timestamp"), header("alipay-nonce"));
    let signature = PrivateKey::parse(NEXT_KEY).unwrap().sign(text.as_bytes()).unwrap();
    response.headers_mut().insert("alipay-signature", signature.parse().unwrap());
    if let Some(serial) = serial {
        response.headers_mut().insert("alipay-sn", serial.parse().unwrap());
    }
    response
}

fn create(client: &Client, response: http::Response<Bytes>) -> Result<(), String> {
    let result = finished::<Create>(client, &create_request(), response);
    result.map(drop).map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::Verification);
        assert_eq!(error.outcome(), Outcome::Unknown);
        error.to_string()
    })
}

#[test]
fn a_certificate_is_added_while_calls_are_made() {
    let credentials = certificate_credentials();
    let client = client(&credentials, certified());
    let (serials, first) = (credentials.trust().serials(), signed(200, BODY));
    assert_eq!(serials.len(), 1);
    create(&client, first).unwrap();
    create(&client, next_response(None)).unwrap_err();
    assert_snapshot!(create(&client, next_response(Some(NEXT_SERIAL))).unwrap_err(), @"alipay.marketing.activity.voucher.create: the response is signed with Alipay's certificate (支付宝公钥证书) NEXT, which is not among the given ones; download the present one from the console (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");

    // Through a clone, and the client believes it.
    let store = credentials.clone().trust().clone();
    let serial = store.add_alipay_certificate_at(NEXT, certified()).unwrap();
    assert_eq!(credentials.trust().serials(), [serials[0].clone(), serial.clone()]);
    create(&client, next_response(Some(&serial))).unwrap();
    create(&client, next_response(None)).unwrap();
    create(&client, signed(200, BODY)).unwrap();
    // The one certificate does not vouch for the other.
    create(&client, next_response(Some(&serials[0]))).unwrap_err();

    assert_eq!(store.add_alipay_certificate_at(NEXT, certified()).unwrap(), serial);
    assert_eq!(store.serials().len(), 2);
    for bad in ["", key("app_cert"), key("alipay_root_cert"), key("alipay_public")] {
        let error = store.add_alipay_certificate_at(bad, certified()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
    for (now, text) in [(YEAR_2027 - 1, "it is valid only from"), (YEAR_2028 + 1, "it expired at")]
    {
        let error = store.add_alipay_certificate_at(NEXT, seconds(now)).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
    assert_eq!(store.serials().len(), 2);
}

#[test]
fn a_certificate_is_believed_until_it_expires() {
    let private = key("app_private_pkcs8");
    let credentials = Credentials::certificates_at(
        certified(),
        key("app_id"),
        private,
        key("app_cert"),
        [NEXT],
        key("alipay_root_cert"),
    )
    .unwrap();
    let serial = credentials.trust().serials().remove(0);
    let last = client(&credentials, seconds(YEAR_2028));
    create(&last, next_response(Some(&serial))).unwrap();
    let late = client(&credentials, seconds(YEAR_2028 + 1));
    // Sent in time; the response comes too late.
    let made = Call::<Create>::new(&last, &create_request()).prepare().unwrap();
    let create_late = |response| {
        let error = late.finish::<Create>(made.context(), response).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
        error.to_string()
    };
    assert_snapshot!(create_late(next_response(Some(&serial))), @"alipay.marketing.activity.voucher.create: the response is signed with Alipay's certificate (支付宝公钥证书) 616c025930bb01a1b5fe3d1931965ceb, which has expired; download the present one from the console (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    assert_snapshot!(create_late(next_response(None)), @"alipay.marketing.activity.voucher.create: the response cannot be verified: Alipay's certificate (支付宝公钥证书) has expired (all that were given); download the present one from the console (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    // Another one that is still good carries on; the expired one is not believed for it.
    credentials.trust().add_alipay_certificate_at(key("alipay_cert"), certified()).unwrap();
    create(&late, signed(200, BODY)).unwrap();
    create(&late, next_response(None)).unwrap_err();
    assert_snapshot!(create(&late, next_response(Some(&serial))).unwrap_err(), @"alipay.marketing.activity.voucher.create: the response is signed with Alipay's certificate (支付宝公钥证书) 616c025930bb01a1b5fe3d1931965ceb, which has expired; download the present one from the console (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

/// A call whose response cannot be verified is not made.
#[tokio::test]
async fn without_a_certificate_of_alipays_that_is_valid_nothing_is_sent() {
    let credentials = Credentials::certificates_at(
        certified(),
        key("app_id"),
        key("app_private_pkcs8"),
        key("app_cert"),
        [NEXT],
        key("alipay_root_cert"),
    )
    .unwrap();
    let call = |client: &Client| Call::<Create>::new(client, &create_request());
    call(&client(&credentials, seconds(YEAR_2028))).prepare().unwrap();
    let late = client(&credentials, seconds(YEAR_2028 + 1));
    let error = call(&late).prepare().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: Alipay's certificate (支付宝公钥证书): all that were given have expired, so that no response could be verified; download the present one from the console, and add it with TrustStore::add_alipay_certificate");
    for error in [call(&late).prepare_async().await.unwrap_err(), call(&late).await.unwrap_err()] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    }
    credentials.trust().add_alipay_certificate_at(key("alipay_cert"), certified()).unwrap();
    call(&late).prepare().unwrap();
}

#[test]
fn the_store_tells_what_it_holds_and_until_when() {
    let credentials = certificate_credentials();
    let store = credentials.trust();
    store.add_alipay_certificate_at(NEXT, certified()).unwrap();
    let [app, alipay, next] = &store.certificates()[..] else {
        unreachable!("three were given");
    };
    assert_eq!(app.owner, CertificateOwner::App);
    assert_eq!(Some(&*app.serial), credentials.app_certificate_serial());
    assert_eq!(app.subject, "CN=2088000000000000-2021000000000001,OU=Alipay,O=merchant test,C=CN");
    assert_eq!((app.not_before, app.not_after), (seconds(1_795_321_307), seconds(2_741_401_307)));
    assert_eq!([alipay.owner, next.owner], [CertificateOwner::Alipay; 2]);
    assert_eq!(store.serials(), [&*alipay.serial, &*next.serial]);
    assert_eq!((next.not_before, next.not_after), (seconds(YEAR_2027), seconds(YEAR_2028)));
    // The app's is the first after which nothing works, as long as one of Alipay's lasts longer.
    assert_eq!(store.expires_at(), Some(app.not_after));
    let debug = format!("{store:?}");
    assert!(debug.contains(&next.serial) && !debug.contains("2088000000000000"), "{debug}");

    let keys = common::credentials();
    assert!(keys.trust().certificates().is_empty() && keys.trust().serials().is_empty());
    assert_eq!(keys.trust().expires_at(), None);

    let only = Credentials::certificates_at(
        certified(),
        key("app_id"),
        key("app_private_pkcs8"),
        key("app_cert"),
        [NEXT],
        key("alipay_root_cert"),
    );
    assert_eq!(only.unwrap().trust().expires_at(), Some(seconds(YEAR_2028)));
}

/// Refuses all but what it was told to take, and then what Alipay's key does not match.
struct Policy {
    open: &'static AtomicBool,
    key: PublicKey,
}

impl Verifier for Policy {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        assert_eq!(signature.len(), 256);
        if self.open.load(Ordering::Relaxed) {
            Verifier::verify(&self.key, message, signature)
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

#[test]
fn a_verifier_takes_the_place_of_the_key() {
    static OPEN: AtomicBool = AtomicBool::new(false);
    let policy = Policy { open: &OPEN, key: ALIPAY.public_key().clone() };
    let client = client(&credentials().verifier(policy).unwrap(), common::now());
    create(&client, signed(200, BODY)).unwrap_err();
    OPEN.store(true, Ordering::Relaxed);
    create(&client, signed(200, BODY)).unwrap();
    create(&client, next_response(None)).unwrap_err();
    let mut unsigned = signed(200, BODY);
    unsigned.headers_mut().remove("alipay-signature");
    create(&client, unsigned).unwrap_err();
    create(&client, signed_at("soon", 200, BODY)).unwrap_err();
}

/// A key that is elsewhere, in a task that returns when it likes.
struct Remote {
    sign: fn(&[u8]) -> Result<Vec<u8>, SignError>,
}

impl Signer for Remote {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            (self.sign)(message)
        })
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as signers return")]
fn well(message: &[u8]) -> Result<Vec<u8>, SignError> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = PrivateKey::parse(key("app_private_pkcs8")).unwrap();
    Ok(STANDARD.decode(key.sign(message).unwrap()).unwrap())
}

fn remote(sign: fn(&[u8]) -> Result<Vec<u8>, SignError>) -> [Credentials; 2] {
    let (app, alipay, root) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    [
        Credentials::keys_with_signer(key("app_id"), Remote { sign }, key("alipay_public")),
        Credentials::certificates_with_signer_at(
            certified(),
            key("app_id"),
            Remote { sign },
            app,
            [alipay],
            root,
        ),
    ]
    .map(Result::unwrap)
}

#[tokio::test]
async fn a_signer_signs_as_the_key_at_hand_does() {
    let local = [credentials(), certificate_credentials()];
    for (remote, local) in remote(well).into_iter().zip(local) {
        let request = |credentials| {
            let client = builder(credentials).build().unwrap();
            Call::<Send>::new(&client, &send_request())
        };
        let local = request(local).prepare().unwrap();
        let remote_request = request(remote.clone()).prepare_async().await.unwrap();
        assert_eq!(remote_request.request().headers(), local.request().headers());
        assert_eq!(remote_request.request().uri(), local.request().uri());
        // Without waiting there is no signature to be had.
        let error = request(remote).prepare().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    }
    let vector = &case("cert-post-token")["request"]["headers"]["authorization"];
    let client = builder(remote(well)[1].clone()).build().unwrap();
    let token = &case("cert-post-token")["request"]["headers"]["alipay-app-auth-token"];
    let call = Call::<Send>::new(&client, &send_request()).app_auth_token(token.as_str().unwrap());
    let prepared = call.prepare_async().await.unwrap();
    assert_eq!(prepared.request().headers()["authorization"], vector.as_str().unwrap());
}

#[tokio::test]
async fn a_signer_that_fails_fails_the_call_before_it_is_sent() {
    let fails = |_: &[u8]| Err(SignError::new("the key service is closed"));
    let short = |_: &[u8]| Ok(b"short".to_vec());
    let wrong = |_: &[u8]| Ok(vec![1; 256]);
    let mut texts = Vec::new();
    for sign in [fails, short, wrong] {
        for credentials in remote(sign) {
            let client = builder(credentials).build().unwrap();
            match Call::<Send>::new(&client, &send_request()).prepare_async().await {
                Ok(_) => texts.push("signed".to_owned()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Request);
                    assert_eq!(error.outcome(), Outcome::NotSent);
                    texts.push(error.to_string());
                }
            }
        }
    }
    assert_snapshot!(texts.join("\n"), @r"
alipay.marketing.activity.voucher.send: the request cannot be signed: the key service is closed
alipay.marketing.activity.voucher.send: the request cannot be signed: the key service is closed
alipay.marketing.activity.voucher.send: the request cannot be signed: the signer returned 5 bytes; an RSA2 signature has at least 256: return its bytes, not base64
alipay.marketing.activity.voucher.send: the request cannot be signed: the signer returned 5 bytes; an RSA2 signature has at least 256: return its bytes, not base64
signed
alipay.marketing.activity.voucher.send: the request cannot be signed: the signer's signature does not match the app's certificate (应用公钥证书): it must be RSA with PKCS#1 v1.5 padding over SHA-256, made with the key the certificate was issued for
");
}
