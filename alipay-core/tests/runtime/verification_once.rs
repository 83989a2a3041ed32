//! A response is used once, and is not older than its request.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::common;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use alipay_core::{
    Client, Error, ErrorKind, Outcome, Prepared, clock::Clock, operation::Method, prepare::Context,
};
use bytes::Bytes;
use common::{
    Create, NOW, Send, Stop, builder, create_request, credentials, finished, now,
    script::{Script, Step},
    send_request, signed, signed_at,
};
use insta::assert_snapshot;

const BODY: &str = r#"{"order_id":"1","status":"SUCCESS"}"#;

fn client() -> Client {
    builder(credentials()).build().unwrap()
}

fn transfer(client: &Client) -> Prepared {
    let call = client.raw(Method::Post, "/v3/alipay/fund/trans/uni/transfer");
    call.json(&serde_json::json!({"trans_amount": "100.00"})).prepare().unwrap()
}

fn finish(
    client: &Client,
    context: &Context,
    response: &http::Response<Bytes>,
) -> Result<(), Error> {
    client
        .finish::<alipay_core::Raw>(context, response.clone())
        .map(|reply| assert!(reply.verified()))
}

/// What a call gives that gets this response.
fn call(client: &Client, response: &http::Response<Bytes>) -> Result<(), Error> {
    finish(client, transfer(client).context(), response)
}

fn assert_refused(result: Result<(), Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
    assert!(!error.authenticated() && !error.is_retryable());
    error.to_string()
}

#[test]
fn a_copy_of_a_response_is_refused() {
    let client = client();
    let response = signed(200, BODY);
    call(&client, &response).unwrap();
    assert_snapshot!(assert_refused(call(&client, &response)), @"POST /v3/alipay/fund/trans/uni/transfer: the response is a copy of one that was used before (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
    // As the response to another operation, with another status, through a clone.
    let clone = client.clone();
    assert_refused(finished::<Stop>(&clone, &common::Nothing {}, response.clone()).map(drop));
    assert_refused(finished::<Create>(&clone, &create_request(), response.clone()).map(drop));
    let (mut head, body) = response.clone().into_parts();
    head.status = http::StatusCode::BAD_REQUEST;
    assert_refused(call(&client, &http::Response::from_parts(head, body)));
    // What Alipay makes anew is another response, and no other client has used this one.
    call(&client, &signed(200, BODY)).unwrap();
    call(&self::client(), &response).unwrap();
}

/// A refusal that is used twice would say of a payment that was made that nothing was done.
#[test]
fn a_copy_of_a_refusal_is_refused() {
    let client = client();
    let response = signed(400, r#"{"code":"INVALID_PARAMETER"}"#);
    assert_eq!(call(&client, &response).unwrap_err().outcome(), Outcome::Rejected);
    let error = finished::<Send>(&client, &send_request(), response).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
    assert_eq!(error.code_text(), None);
}

#[test]
fn a_response_is_read_once_even_for_its_own_request() {
    let client = client();
    let (prepared, response) = (transfer(&client), signed(200, BODY));
    finish(&client, prepared.context(), &response).unwrap();
    assert_refused(finish(&client, prepared.context(), &response));
}

/// Only what Alipay signed counts as used.
#[test]
fn a_forged_response_uses_nothing_up() {
    let client = client();
    let response = signed(200, BODY);
    let mut forged = response.clone();
    let signature = signed(200, "{}").headers()["alipay-signature"].clone();
    forged.headers_mut().insert("alipay-signature", signature);
    assert_refused(call(&client, &forged));
    call(&client, &response).unwrap();
}

#[test]
fn the_memory_is_as_large_as_it_is_set() {
    let small = builder(credentials()).remembered_responses(3).build().unwrap();
    let responses: Vec<_> = (0..20).map(|_| signed(200, BODY)).collect();
    for (index, response) in responses.iter().enumerate() {
        call(&small, response).unwrap();
        for last in responses.iter().take(index + 1).rev().take(3) {
            assert_refused(call(&small, last));
        }
    }
    call(&small, responses.first().unwrap()).unwrap();
    let none = builder(credentials()).remembered_responses(0).build().unwrap();
    (0..3).for_each(|_| call(&none, responses.first().unwrap()).unwrap());
}

/// A clock that is set.
#[derive(Clone)]
struct Watch(Arc<Mutex<SystemTime>>);

impl Watch {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(now())))
    }

    fn forward(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for Watch {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// So many seconds after the watch was made.
fn signed_after(seconds: i64) -> http::Response<Bytes> {
    let now = i64::try_from(NOW).unwrap();
    signed_at(&(now + 1000 * seconds).to_string(), 200, BODY)
}

/// The age of a response is that before its request, however long the response takes.
#[test]
fn a_response_is_signed_between_request_and_receipt() {
    let watch = Watch::new();
    let client = builder(credentials()).clock(watch.clone()).build().unwrap();
    let prepared = transfer(&client);
    watch.forward(3600);
    let check = |seconds| finish(&client, prepared.context(), &signed_after(seconds));
    for good in [-300, 0, 1, 1800, 3600, 3900] {
        check(good).unwrap();
    }
    let old = assert_refused(check(-301));
    assert_snapshot!(old, @"POST /v3/alipay/fund/trans/uni/transfer: the response was signed 301 s before its request, by this computer's clock: the clock is wrong, or the response is an old one (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
    let early = assert_refused(check(3901));
    assert_snapshot!(early, @"POST /v3/alipay/fund/trans/uni/transfer: the response was signed 301 s after it came, by this computer's clock: the clock is wrong (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
    // A response that was never used, and kept for another request.
    let next = transfer(&client);
    assert_refused(finish(&client, next.context(), &signed_after(3200)));
    finish(&client, next.context(), &signed_after(3400)).unwrap();
}

/// A clock that is off all the time, by as much as may be, goes unnoticed.
#[tokio::test]
async fn clocks_may_differ() {
    for (off, good) in
        [(-301, false), (-290, true), (-180, true), (180, true), (290, true), (301, false)]
    {
        let script = Script::new([Step::Response(signed_after(off))]);
        let client = script.builder().no_retry().build().unwrap();
        let call = client.raw(Method::Post, "/v3/x").json(&1).await;
        assert_eq!(call.is_ok(), good, "{off}");
    }
}
