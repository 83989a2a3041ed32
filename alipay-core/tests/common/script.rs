//! A transport that responses as it is told, and whose time passes at once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use alipay_core::{
    ClientBuilder, Credentials,
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
};
use bytes::Bytes;

/// What becomes of one request.
pub enum Step {
    Response(http::Response<Bytes>),
    Fail(TransportErrorKind),
    Hang,
}

/// A request as it arrived: its line, its headers, its body, each to the byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    }

    pub fn nonce(&self) -> String {
        let auth = self.header("authorization");
        auth.split("nonce=").nth(1).unwrap().split(',').next().unwrap().to_owned()
    }
}

#[derive(Clone, Default)]
pub struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

/// Pauses are shorter, deadlines are not.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

impl Script {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Self::default();
        script.steps.lock().unwrap().extend(steps);
        script
    }

    pub fn push(&self, step: Step) {
        self.steps.lock().unwrap().push_back(step);
    }

    /// Takes back a step that was not needed.
    pub fn take(&self) -> Option<Step> {
        self.steps.lock().unwrap().pop_front()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }

    /// A client over it, with the vectors' keys, and pauses as long as they can be.
    pub fn builder(&self) -> ClientBuilder {
        self.with(super::credentials())
    }

    /// The same with other keys.
    pub fn with(&self, credentials: Credentials) -> ClientBuilder {
        super::builder(credentials).transport(self.clone()).jitter(Duration::MAX)
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let step = self.steps.lock().unwrap().pop_front().expect("no more was to be sent");
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let value = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
            let headers = head.headers.iter();
            let headers = headers.map(|(name, text)| (name.to_string(), value(text))).collect();
            let line = format!("{} {}", head.method, head.uri);
            let body = body.into_bytes().await.unwrap();
            self.seen.lock().unwrap().push(Seen { line, headers, body });
            match step {
                Step::Response(response) => Ok(response),
                Step::Fail(kind) => Err(TransportError::new(kind)),
                Step::Hang => std::future::pending().await,
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        if duration < LONGEST_PAUSE {
            self.pauses.lock().unwrap().push(duration);
            return Box::pin(std::future::ready(()));
        }
        Box::pin(std::future::pending())
    }
}
