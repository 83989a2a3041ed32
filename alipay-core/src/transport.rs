//! The way to the server, behind a trait.

#[cfg(feature = "reqwest")]
mod http_client;

use std::{error::Error as StdError, fmt, pin::Pin, time::Duration};

use bytes::Bytes;

#[cfg(feature = "reqwest")]
pub use http_client::ReqwestTransport;

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and gives back its answer, and waits.
///
/// What it is given is signed to the byte. An implementation must send target, headers and body as
/// they are, must not follow redirects, must not send the request twice by itself, and must give
/// back the body as received.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request; the URI is absolute.
    ///
    /// The future may be dropped before it is done, when the call's time is up.
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Waits. The call's timeout is measured with it.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// Limits a transport has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of a body; reading stops with
    /// [`TransportErrorKind::BodyTooLarge`] as soon as there are more.
    pub max_body: usize,
    /// The longest time to get a connection.
    pub connect_timeout: Duration,
}

/// A request that got no answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How a request came to get no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The transport cannot send such a request; it was not sent.
    Unsendable,
    /// There was no connection (name, network, TLS); the request was not sent.
    Connect,
    /// It took too long; the request may have been sent.
    Timeout,
    /// The connection broke; the request may have been sent.
    Io,
    /// The answer's body is larger than allowed.
    BodyTooLarge,
}

impl TransportError {
    /// An error of a kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause. Its innermost text is shown to people: it should not hold a URL's query.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// How it came.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    pub(crate) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Unsendable => "the request cannot be sent",
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::Timeout => "no answer in time",
            TransportErrorKind::Io => "the connection broke",
            TransportErrorKind::BodyTooLarge => "the answer is too large",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Waits for a future, but not longer than the transport takes to sleep. `None` when that was first.
pub(crate) async fn within<T>(
    transport: &dyn Transport,
    limit: Duration,
    mut work: BoxFuture<'_, T>,
) -> Option<T> {
    let mut sleep = transport.sleep(limit);
    std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(done) = work.as_mut().poll(context) {
            return std::task::Poll::Ready(Some(done));
        }
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}
