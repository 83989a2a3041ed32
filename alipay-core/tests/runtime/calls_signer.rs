//! Calls whose key is held elsewhere.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alipay_core::{
    Call, Credentials, ErrorKind, Outcome,
    clock::SystemClock,
    keys::PrivateKey,
    sign::{SignError, Signer},
    transport::{BoxFuture, TransportErrorKind},
};
use common::{
    Create, builder, case, create_request, key,
    script::{Script, Step},
    signed,
};

/// A key that takes a while, or fails, or never responses.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    key: Arc<PrivateKey>,
    pub(crate) asked: Arc<AtomicUsize>,
    how: How,
}

#[derive(Clone, Copy)]
pub(crate) enum How {
    Well,
    Fails,
    Hangs,
}

impl Elsewhere {
    pub(crate) fn new(how: How) -> Self {
        let key = Arc::new(PrivateKey::parse(key("app_private_pkcs8")).unwrap());
        Self { key, asked: Arc::default(), how }
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::keys_with_signer(key("app_id"), self.clone(), key("alipay_public")).unwrap()
    }
}

impl Signer for Elsewhere {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::task::yield_now().await;
            match self.how {
                How::Well => Signer::sign(&*self.key, message).await,
                How::Fails => Err(SignError::new("the vault is sealed")),
                How::Hangs => std::future::pending().await,
            }
        })
    }
}

#[tokio::test]
async fn the_signature_is_the_same() {
    let client = builder(Elsewhere::new(How::Well).credentials()).build().unwrap();
    let prepared = Call::<Create>::new(&client, &create_request()).prepare_async().await.unwrap();
    let vector = &case("post-json")["request"]["headers"]["authorization"];
    assert_eq!(prepared.request().headers()["authorization"], vector.as_str().unwrap());

    let error = Call::<Create>::new(&client, &create_request()).prepare().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    assert!(error.to_string().contains("prepare_async"), "{error}");
}

#[tokio::test]
async fn each_attempt_is_signed() {
    let signer = Elsewhere::new(How::Well);
    let script = Script::new([
        Step::Fail(TransportErrorKind::Io),
        Step::Response(signed(200, r#"{"activity_id":"1"}"#)),
    ]);
    let client = builder(signer.credentials()).transport(script.clone()).build().unwrap();
    let created = Call::<Create>::new(&client, &create_request()).await.unwrap();
    assert_eq!((created.attempts(), signer.asked.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(script.seen().len(), 2);
}

#[tokio::test]
async fn without_a_signature_nothing_is_sent() {
    let script = Script::default();
    let client = builder(Elsewhere::new(How::Fails).credentials()).transport(script.clone());
    let client = client.build().unwrap();
    let error = Call::<Create>::new(&client, &create_request()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
    insta::assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the request cannot be signed: the vault is sealed");

    let signer = Elsewhere::new(How::Hangs);
    let client = builder(signer.credentials()).transport(script.clone()).build().unwrap();
    let call = Call::<Create>::new(&client, &create_request());
    let error = call.timeout(Duration::from_millis(20)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert_eq!(script.seen(), []);
}

/// A signer that blocks its thread lets no deadline through. Its signature comes too late.
#[tokio::test]
async fn what_is_signed_too_late_is_not_sent() {
    struct Blocks(Elsewhere);

    impl Signer for Blocks {
        fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
            std::thread::sleep(Duration::from_millis(60));
            Signer::sign(&*self.0.key, message)
        }
    }

    let signer = Blocks(Elsewhere::new(How::Well));
    let credentials =
        Credentials::keys_with_signer(key("app_id"), signer, key("alipay_public")).unwrap();
    let script = Script::default();
    let client = builder(credentials).clock(SystemClock).transport(script.clone()).build().unwrap();
    let call = || Call::<Create>::new(&client, &create_request());
    let (late, long) = (Duration::from_millis(20), Duration::from_secs(60));
    for call in [call().timeout(late), call().timeout(long).attempt_timeout(late).no_retry()] {
        let error = call.await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    }
    assert_eq!(script.seen(), []);
}
