//! What a client was given blocks its thread, in blocking calls: only its own call is late, and what
//! was given up is never sent.

#![cfg(all(feature = "blocking", feature = "reqwest"))]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use alipay_core::{
    Call, Client, Credentials, ErrorKind, Outcome,
    clock::Clock,
    keys::{PrivateKey, SignatureError},
    operation::Method,
    sign::{SignError, Signer},
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
    verify::Verifier,
};
use bytes::Bytes;
use common::{Create, builder, create_request, credentials, signed};

/// What is waited for, as a hardware module is by libraries that know no futures.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(open, |open| !*open).unwrap());
    }
}

/// Tests that hang must fail.
impl Drop for Gate {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.open();
        }
    }
}

/// Signs so many times at once, and then when the gate is open.
struct Module {
    gate: Gate,
    at_once: AtomicUsize,
    key: PrivateKey,
}

impl Module {
    fn credentials(gate: &Gate, at_once: usize) -> Credentials {
        let key = PrivateKey::parse(common::key("app_private_pkcs8")).unwrap();
        let module = Self { gate: gate.clone(), at_once: at_once.into(), key };
        Credentials::keys_with_signer(common::key("app_id"), module, common::key("alipay_public"))
            .unwrap()
    }
}

impl Signer for Module {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        let left = |left: usize| left.checked_sub(1);
        if self.at_once.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_err() {
            self.gate.pass();
        }
        Signer::sign(&self.key, message)
    }
}

/// Responses well or fails, and counts.
#[derive(Clone, Default)]
struct Line {
    sent: Arc<AtomicUsize>,
    fails: Option<TransportErrorKind>,
}

impl Transport for Line {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            match self.fails {
                Some(kind) => Err(TransportError::new(kind)),
                None => Ok(signed(200, r#"{"activity_id":"7"}"#)),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

const SHORT: Duration = Duration::from_millis(200);

fn call(client: &Client) -> Call<Create> {
    Call::new(client, &create_request())
}

/// A client over this line, whose clock stands still.
fn client(credentials: Credentials, line: &Line) -> Client {
    builder(credentials).transport(line.clone()).jitter(Duration::ZERO).build().unwrap()
}

/// What was given up would be sent by now, if it were.
fn let_it_end(gate: &Gate) {
    gate.open();
    std::thread::sleep(Duration::from_millis(300));
}

#[test]
fn a_signer_that_blocks_delays_only_its_call() {
    let (gate, line) = (Gate::default(), Line::default());
    let blocked = client(Module::credentials(&gate, 0), &line);
    let start = Instant::now();
    let error = call(&blocked).timeout(SHORT).send_blocking().unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert_eq!(error.attempts(), 1);
    insta::assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: no response within 200ms; nothing was sent");

    // Others are served while it still blocks, and so are its own client's calls with another key.
    let other = client(credentials(), &line);
    call(&other).timeout(Duration::from_secs(3)).send_blocking().unwrap();
    assert_eq!(line.sent.load(Ordering::SeqCst), 1);
    let_it_end(&gate);
    assert_eq!(line.sent.load(Ordering::SeqCst), 1);
    call(&blocked).send_blocking().unwrap();
}

/// An order has no response.
#[test]
fn an_order_whose_signer_blocks_is_not_signed() {
    let (gate, line) = (Gate::default(), Line::default());
    let credentials = Module::credentials(&gate, 0);
    let blocked = builder(credentials).transport(line).timeout(SHORT).build().unwrap();
    let order = blocked.page_order("alipay.trade.page.pay");
    let error = order.biz_content(&serde_json::json!({})).sign_blocking().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    insta::assert_snapshot!(error, @"alipay.trade.page.pay: the order is not signed within 200ms; nothing was sent");
    gate.open();
}

/// Many blocked calls do not get in each other's way.
#[test]
fn each_call_has_a_thread() {
    let (gate, line) = (Gate::default(), Line::default());
    let blocked = client(Module::credentials(&gate, 0), &line);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope
                .spawn(|| call(&blocked).timeout(Duration::from_secs(30)).send_blocking().unwrap());
        }
        call(&client(credentials(), &line))
            .timeout(Duration::from_secs(5))
            .send_blocking()
            .unwrap();
        gate.open();
    });
    assert_eq!(line.sent.load(Ordering::SeqCst), 21);
}

/// What an earlier attempt may have done counts when a later one is given up.
#[test]
fn an_earlier_attempt_counts() {
    for (fails, outcome) in [
        (TransportErrorKind::Connect, Outcome::NotSent),
        (TransportErrorKind::Io, Outcome::Unknown),
    ] {
        let (gate, line) = (Gate::default(), Line { fails: Some(fails), ..Line::default() });
        let blocked = client(Module::credentials(&gate, 1), &line);
        let error = call(&blocked).timeout(SHORT).send_blocking().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, outcome));
        assert_eq!(error.attempts(), 2);
        let_it_end(&gate);
        assert_eq!(line.sent.load(Ordering::SeqCst), 1);
    }
}

struct Waiting(Gate);

impl Verifier for Waiting {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        self.0.pass();
        Ok(())
    }
}

/// What was sent may have been done, whatever happens to the response.
#[test]
fn a_verifier_that_blocks() {
    let (gate, line) = (Gate::default(), Line::default());
    let blocked = client(credentials().verifier(Waiting(gate.clone())).unwrap(), &line);
    let error = call(&blocked).timeout(SHORT).send_blocking().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
    gate.open();
}

struct Stopped(Gate);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        self.0.pass();
        common::now()
    }
}

struct Broken;

impl Clock for Broken {
    fn now(&self) -> SystemTime {
        unreachable!("on purpose")
    }
}

/// Before anything could be sent it is clear that nothing was.
#[test]
fn a_clock_that_blocks_or_panics() {
    let (gate, line) = (Gate::default(), Line::default());
    let over = || builder(credentials()).transport(line.clone());
    let stopped = over().timeout(SHORT).clock(Stopped(gate.clone())).build().unwrap();
    let broken = over().clock(Broken).build().unwrap();
    for (client, kind) in [(stopped, ErrorKind::Timeout), (broken, ErrorKind::Transport)] {
        let error = client.raw(Method::Post, "/v3/x").json(&1).send_blocking().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
        assert_eq!(error.operation(), Some("POST /v3/x"));
    }
    let_it_end(&gate);
    assert_eq!(line.sent.load(Ordering::SeqCst), 0);
}
