//! Same clock, nonces and jitter: same bytes, same pauses.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use crate::common;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    Call,
    clock::Clock,
    nonce::{NoRandomness, NonceSource},
    operation::Method,
    retry::Jitter,
    transport::TransportErrorKind,
    value::File,
};
use common::{
    Create, Query, Send, create_request, query_request,
    script::{Script, Seen, Step},
    send_request, signed,
};

struct Counter(AtomicU64);

impl NonceSource for Counter {
    fn next(&self) -> Result<[u8; 16], NoRandomness> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes())
    }
}

/// A clock that is 250 ms further each time it is looked at.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH
            + Duration::from_millis(common::NOW + 250 * self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// Growing parts of the longest pause.
struct Thirds(AtomicU64);

impl Jitter for Thirds {
    fn pause(&self, longest: Duration) -> Duration {
        let third = u32::try_from(self.0.fetch_add(1, Ordering::SeqCst) % 3).unwrap();
        longest * third / 3
    }
}

/// All requests and pauses of a session with repeats, encryption, uploads and raw calls.
async fn session(seed: u64) -> (Vec<Seen>, Vec<Duration>) {
    let script = Script::default();
    let client = script
        .builder()
        .clock(Ticking(AtomicU64::new(0)))
        .nonces(Counter(AtomicU64::new(seed)))
        .jitter(Thirds(AtomicU64::new(1)))
        .attempt_timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let broken = || script.push(Step::Fail(TransportErrorKind::Io));
    let refused = || script.push(Step::Response(signed(400, r#"{"code":"NO"}"#)));
    broken();
    broken();
    refused();
    Call::<Create>::new(&client, &create_request()).await.unwrap_err();
    broken();
    refused();
    Call::<Send>::new(&client, &send_request()).encrypted().await.unwrap_err();
    broken();
    refused();
    Call::<Query>::new(&client, &query_request()).app_auth_token("t").await.unwrap_err();
    broken();
    refused();
    client
        .raw(Method::Post, "/v3/alipay/open/file/upload")
        .json(&serde_json::json!({"biz_code": "图片"}))
        .file("file_content", File::bytes("a.jpg", b"\xff\xd8".as_slice()))
        .idempotent()
        .await
        .unwrap_err();
    (script.seen(), script.pauses())
}

#[tokio::test]
async fn two_runs_are_equal_to_the_byte() {
    let (first, pauses) = session(1).await;
    assert_eq!((first.len(), pauses.len()), (9, 5));
    assert_eq!(session(1).await, (first.clone(), pauses));
    // And it is the nonces that make the difference, in each of the requests.
    let (other, _) = session(1000).await;
    assert!(first.iter().zip(&other).all(|(one, other)| one.headers != other.headers));
}
