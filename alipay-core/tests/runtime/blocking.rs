//! Blocking calls, outside and inside of runtimes.

#![cfg(all(feature = "blocking", feature = "reqwest"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use alipay_core::{
    Call, Client, ErrorKind, Outcome,
    operation::Method,
    transport::{Body, BoxFuture, Limits, Transport, TransportError},
};
use bytes::Bytes;
use common::{
    Create, SameNonce, builder, create_request, credentials,
    server::{Server, created},
};

fn client(url: &str) -> Client {
    let builder = Client::builder(credentials()).clock(common::now()).nonces(SameNonce);
    builder.timeout(Duration::from_secs(5)).base_url(url).build().unwrap()
}

fn call(client: &Client) -> Call<Create> {
    Call::new(client, &create_request())
}

fn assert_created(client: &Client) {
    let created = call(client).send_blocking().unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("7"));
    assert_eq!(created.attempts(), 1);
}

#[test]
fn without_a_runtime() {
    let client = client(&Server::start(created).url);
    assert_created(&client);
    let response = client.raw(Method::Post, "/v3/x").send_blocking().unwrap();
    assert_eq!(response["activity_id"], "7");
    call(&client).timeout(Duration::MAX).send_blocking().unwrap();
    // From many threads, over the same connections.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..10).for_each(|_| assert_created(&client)));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_worker_of_a_runtime() {
    let client = client(&Server::start(created).url);
    call(&client).await.unwrap();
    assert_created(&client);
    // On every worker at once.
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { assert_created(&client) })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    call(&client).await.unwrap();
}

#[tokio::test]
async fn where_a_runtime_lets_one_block() {
    let client = client(&Server::start(created).url);
    let other = client.clone();
    tokio::task::spawn_blocking(move || assert_created(&other)).await.unwrap();
}

/// The runtime that drives the connections of the calls before stands still meanwhile.
#[tokio::test(flavor = "current_thread")]
async fn on_the_only_thread_of_a_runtime() {
    let client = client(&Server::start(created).url);
    let start = Instant::now();
    for _ in 0..3 {
        call(&client).await.unwrap();
        assert_created(&client);
    }
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn deadlines_and_errors_are_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = client(&format!("http://{}", listener.local_addr().unwrap()));
    let late = call(&silent).timeout(Duration::from_millis(200)).no_retry().send_blocking();
    let error = late.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
    drop(listener);
    let error = call(&silent).no_retry().send_blocking().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotSent));
    let error = call(&silent).request_id("a b").send_blocking().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
}

/// A transport that panics.
struct Panicking;

impl Transport for Panicking {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { unreachable!("on purpose") })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[test]
fn a_panic_of_a_transport_reaches_no_one_else() {
    let client = builder(credentials()).transport(Panicking).build().unwrap();
    for _ in 0..2 {
        let error = call(&client).send_blocking().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::Unknown));
    }
}

/// A transport that makes a blocking call of its own, where it is asked or in a task.
struct Nested {
    client: Client,
    in_a_task: bool,
}

impl Transport for Nested {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let call = call(&self.client).no_retry();
        Box::pin(async {
            let error = if self.in_a_task {
                tokio::spawn(async { call.send_blocking().unwrap_err() }).await.unwrap()
            } else {
                call.send_blocking().unwrap_err()
            };
            let kind = alipay_core::transport::TransportErrorKind::Unsendable;
            Err(TransportError::new(kind).with_source(error))
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[test]
fn a_blocking_call_within_another() {
    for (in_a_task, kind) in [(false, ErrorKind::Transport), (true, ErrorKind::Configuration)] {
        let inner = builder(credentials()).transport(Panicking).build().unwrap();
        let nested = Nested { client: inner, in_a_task };
        let client = builder(credentials()).transport(nested).build().unwrap();
        let error = call(&client).no_retry().send_blocking().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap();
        let cause = cause.downcast_ref::<alipay_core::Error>().unwrap();
        assert_eq!(cause.kind(), kind);
        if in_a_task {
            assert_eq!(cause.outcome(), Outcome::NotSent);
            assert!(error.to_string().contains("would block them"), "{error}");
        }
    }
}
