//! Clients where there is no tokio runtime, one that lacks something, or several that come and go.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use crate::common;

use std::{
    net::TcpListener,
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use alipay_core::{
    Client, ClientBuilder, Error, ErrorKind, Outcome,
    operation::Method,
    transport::reqwest::dns::{Addrs, Name, Resolve, Resolving},
};
use common::{
    credentials,
    server::{Server, created},
};
use serde_json::Value as Json;
use tokio::runtime::{Builder, Handle, Runtime};

fn at(url: &str) -> ClientBuilder {
    let builder = Client::builder(credentials()).clock(common::now()).base_url(url);
    builder.timeout(Duration::from_secs(20))
}

fn client(server: &Server) -> Client {
    at(&server.url).build().unwrap()
}

/// A call that is not safe to repeat.
async fn transfer(client: Client) -> Result<Json, Error> {
    let call = client.raw(Method::Post, "/v3/alipay/fund/trans/uni/transfer");
    Ok((*call.json(&serde_json::json!({"amount": 1})).await?).clone())
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An executor that is not tokio's.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        thread::park();
    }
}

/// Polls a few times, in which a request is sent, but not responded to.
async fn begin<F: Future + Unpin>(future: &mut F) {
    for _ in 0..20 {
        let begun = std::future::poll_fn(|context| {
            Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
        });
        assert!(begun.await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A server that accepts connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn assert_misplaced(result: Result<Json, Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    assert!(!error.is_retryable());
    error.to_string()
}

#[test]
fn without_a_runtime() {
    let server = Server::start(created);
    let client = client(&server);
    let text = assert_misplaced(block_on(transfer(client.clone())));
    insta::assert_snapshot!(text, @"POST /v3/alipay/fund/trans/uni/transfer: the transport cannot be used: there is no tokio runtime here: await the call in one with IO and time (`enable_all`), or use `send_blocking`");
    // Neither that nor the way out spoils the client.
    #[cfg(feature = "blocking")]
    client.raw(Method::Post, "/v3/x").json(&1).send_blocking().unwrap();
    one_thread().block_on(transfer(client.clone())).unwrap();
    assert_misplaced(block_on(transfer(client)));
}

#[test]
fn in_a_runtime_that_lacks_something() {
    let server = Server::start(created);
    let client = client(&server);
    for (io, time) in [(false, false), (true, false), (false, true)] {
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            if io {
                builder.enable_io();
            }
            if time {
                builder.enable_time();
            }
            let runtime = builder.worker_threads(1).build().unwrap();
            let lacks = if time { "IO" } else { "time" };
            let says = format!("this tokio runtime has no {lacks}: await");
            for _ in 0..2 {
                let text = assert_misplaced(runtime.block_on(transfer(client.clone())));
                assert!(text.contains(&says) && text.contains("`enable_all`"), "{text}");
            }
            let spawned = runtime.spawn(transfer(client.clone()));
            assert_misplaced(runtime.block_on(spawned).unwrap());
            #[cfg(feature = "blocking")]
            runtime.block_on(async {
                client.raw(Method::Post, "/v3/x").json(&1).send_blocking().unwrap();
            });
        }
    }
    one_thread().block_on(transfer(client)).unwrap();
}

/// A runtime of one thread that nobody waits in drives no connection.
#[test]
fn a_runtime_that_stands_still_holds_up_no_other() {
    let server = Server::start(created);
    let client = client(&server);
    let (first, second) = (one_thread(), two_threads());
    for runtime in [&first, &second, &first, &second] {
        runtime.block_on(transfer(client.clone())).unwrap();
    }
    // Each keeps its own.
    assert_eq!(server.connections(), 2);
    #[cfg(feature = "blocking")]
    {
        client.raw(Method::Post, "/v3/x").json(&1).send_blocking().unwrap();
        assert_eq!(server.connections(), 3);
    }
}

/// As tests do that share a client: each has a runtime of its own.
#[test]
fn many_runtimes_on_many_threads() {
    let server = Server::start(created);
    let client = client(&server);
    thread::scope(|scope| {
        for number in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for _ in 0..30 {
                    let runtime = if number % 4 == 0 { two_threads() } else { one_thread() };
                    let other = runtime.spawn(transfer(client.clone()));
                    runtime.block_on(transfer(client.clone())).unwrap();
                    runtime.block_on(other).unwrap().unwrap();
                }
            });
        }
    });
}

#[test]
fn another_runtime_ends_during_a_call() {
    let server = Server::start(|| {
        thread::sleep(Duration::from_millis(100));
        created()
    });
    let client = client(&server);
    let first = one_thread();
    first.block_on(transfer(client.clone())).unwrap();
    let other = client.clone();
    let call = thread::spawn(move || one_thread().block_on(transfer(other)));
    thread::sleep(Duration::from_millis(30));
    drop(first);
    call.join().unwrap().unwrap();
}

/// A call that is waited for when its runtime is gone says so, wherever that is.
#[test]
fn the_runtime_ends_during_the_call() {
    let (_listener, url) = silent();
    let client = at(&url).build().unwrap();
    for elsewhere in [true, false] {
        let first = two_threads();
        let mut call = Box::pin(transfer(client.clone()));
        first.block_on(begin(&mut call));
        let handle = first.handle().clone();
        drop(first);
        let result = if elsewhere {
            one_thread().block_on(call)
        } else {
            let _within = handle.enter();
            block_on(call)
        };
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::Unknown));
        let text = error.to_string();
        assert!(text.contains("the tokio runtime that the call was made in has ended"), "{text}");
        // A new call is not even begun there.
        let _within = handle.enter();
        let text = assert_misplaced(block_on(transfer(client.clone())));
        assert!(text.contains("this tokio runtime has ended"), "{text}");
    }
}

/// The runtime ends while another executor polls the call.
#[test]
fn the_runtime_ends_while_another_executor_waits() {
    let (_listener, url) = silent();
    let client = at(&url).build().unwrap();
    for _ in 0..10 {
        let runtime = two_threads();
        let handle = runtime.handle().clone();
        let (sender, receiver) = mpsc::channel();
        let call = client.raw(Method::Get, "/v3/x").send();
        let waiting = thread::spawn(move || {
            let _within = handle.enter();
            sender.send(()).unwrap();
            block_on(call)
        });
        receiver.recv().unwrap();
        thread::sleep(Duration::from_millis(20));
        drop(runtime);
        waiting.join().unwrap().unwrap_err();
    }
}

#[test]
fn a_call_is_dropped_where_it_was_not_made() {
    let (_listener, url) = silent();
    let client = at(&url).build().unwrap();
    for ended in [true, false] {
        let runtime = two_threads();
        let mut call = Box::pin(transfer(client.clone()));
        runtime.block_on(begin(&mut call));
        let spawned = runtime.spawn(transfer(client.clone()));
        if ended {
            runtime.shutdown_background();
            // It may fail by itself before it is dropped.
            assert!(
                block_on(spawned).map_or_else(|error| error.is_cancelled(), |done| done.is_err())
            );
        }
        drop(call);
    }
    drop(client);
}

#[test]
fn a_thread_of_a_runtime_that_may_block() {
    let server = Server::start(created);
    let client = client(&server);
    one_thread().block_on(async {
        transfer(client.clone()).await.unwrap();
        let other = client.clone();
        let blocks = move || Handle::current().block_on(transfer(other));
        tokio::task::spawn_blocking(blocks).await.unwrap().unwrap();
    });
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn made_in_one_runtime_and_used_in_another() {
    let server = Server::start(created);
    let made = client(&server);
    let used = made.clone();
    thread::spawn(move || one_thread().block_on(transfer(used)).unwrap()).join().unwrap();
    transfer(made).await.unwrap();
}

/// It is held by every HTTP client that is alive.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async {
            let nowhere: Addrs = Box::new(std::iter::empty());
            Ok(nowhere)
        })
    }
}

/// What a client has for a runtime ends with either of the two.
#[test]
fn nothing_is_left_behind() {
    let server = Server::start(created);
    let resolver = Arc::new(Resolver);
    let held = Arc::clone(&resolver);
    let client = at(&server.url)
        .http_client(move |http| http.dns_resolver(Arc::clone(&held)))
        .build()
        .unwrap();
    let before = Arc::strong_count(&resolver);
    let lasting = one_thread();
    for _ in 0..3 {
        lasting.block_on(transfer(client.clone())).unwrap();
        for runtime in [one_thread(), two_threads()] {
            runtime.block_on(transfer(client.clone())).unwrap();
        }
    }
    // The tasks of a runtime with threads end on these.
    wait_until(|| Arc::strong_count(&resolver) == before);
    assert!(lasting.metrics().num_alive_tasks() > 0);
    drop(client);
    wait_until(|| Arc::strong_count(&resolver) == 1);
    wait_until(|| {
        lasting.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        lasting.metrics().num_alive_tasks() == 0
    });
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("it did not come to that");
}

/// A server closes a connection while nobody drives it. The next call notices that, and sends nothing on it.
#[test]
fn a_connection_that_was_closed_meanwhile() {
    let server = Server::closing_after(1);
    let client = client(&server);
    let runtime = one_thread();
    for calls in 1..=20 {
        if calls % 2 == 0 {
            runtime.block_on(transfer(client.clone())).unwrap();
        } else {
            let call = runtime.spawn(transfer(client.clone()));
            runtime.block_on(call).unwrap().unwrap();
        }
        server.wait_until_closed(calls);
    }
    assert_eq!((server.seen().len(), server.connections()), (20, 20));
}
