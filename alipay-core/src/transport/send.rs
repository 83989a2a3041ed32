//! What a transport has to do, and how it fails.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use super::body::Body;
use crate::future::BoxFuture;

/// Sends one request and gives back its response, and waits.
///
/// What it is given is signed to the byte, and may be a payment. An implementation
///
/// - sends target, headers and body as they are, to the host they are for and no other;
/// - sends them once: it follows no redirects and repeats nothing, nor does what it is made of;
/// - says that it did not send them only when it knows: see
///   [`Connect`](TransportErrorKind::Connect) and [`Unsendable`](TransportErrorKind::Unsendable);
/// - gives back the body as received, not decompressed.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request; the URI is absolute. The body is mostly [bytes](Body::as_bytes); that of an
    /// upload is read while it is sent.
    ///
    /// The future may be dropped before it is done, when the call's time is up.
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Waits. The call's timeouts are measured with it, and the pauses before repeats.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// A transport of the same kind that shares no connections with this one; `None` when this one
    /// may be used from any thread and any runtime, which is the default.
    ///
    /// Blocking calls use it: a connection of a pool is driven by the runtime it was made in, and
    /// that one stands still while a blocking call is made from it.
    fn detached(&self) -> Option<Arc<dyn Transport>> {
        None
    }
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

/// A request that got no response.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How a request came to get no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The transport cannot send such a request.
    ///
    /// It vouches that no byte of the request has left this computer: the call's outcome is
    /// [`NotSent`](crate::Outcome::NotSent).
    Unsendable,
    /// There was no connection (name, network, TLS) to send the request over.
    ///
    /// It vouches that no byte of the request has left this computer, in this attempt or in a
    /// repeat or redirect within it: the call's outcome is [`NotSent`](crate::Outcome::NotSent),
    /// and it is repeated even if that were not safe otherwise. When that is not known for certain,
    /// the kind is [`Io`](Self::Io).
    Connect,
    /// It took too long; the request may have been sent.
    Timeout,
    /// The connection broke, or something else went wrong; the request may have been sent.
    Io,
    /// The response's body is larger than allowed.
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
            TransportErrorKind::Timeout => "no response in time",
            TransportErrorKind::Io => "the connection broke",
            TransportErrorKind::BodyTooLarge => "the response is too large",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
