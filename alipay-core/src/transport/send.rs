//! What a transport does, and how it fails.

use std::{error::Error as StdError, time::Duration};

use bytes::Bytes;

use super::body::Body;
use crate::future::BoxFuture;

/// Sends a request and returns its response; also waits for a time.
///
/// A request is signed to the byte, and may be a payment. An implementation
///
/// - sends target, headers and body as they are, to the request's host and no other;
/// - sends them once: neither it nor the HTTP client it uses follows redirects or repeats requests;
/// - reports that it did not send them only when it knows: see
///   [`Connect`](TransportErrorKind::Connect), [`Unsendable`](TransportErrorKind::Unsendable) and
///   [`Configuration`](TransportErrorKind::Configuration);
/// - returns the body as received, not decompressed.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request, whose URI is absolute. The body is mostly [bytes](Body::as_bytes); that of an
    /// upload is read while it is sent.
    ///
    /// The future may be dropped before it is done, when the call's time is up.
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Waits. Timeouts and the pauses before repeats are measured with it.
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

/// Why a request has no response.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
#[must_use]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of a [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The transport is set up wrongly, or is used where it cannot work: it needs a runtime, and there is
    /// none.
    ///
    /// It means that no byte of the request has left this computer. The call's error is of the kind
    /// [`Configuration`](crate::ErrorKind::Configuration), and the source is its message.
    #[error("the transport cannot be used")]
    Configuration,
    /// The transport cannot send such a request.
    ///
    /// It means that no byte of the request has left this computer: the call's outcome is
    /// [`NotSent`](crate::Outcome::NotSent).
    #[error("the request cannot be sent")]
    Unsendable,
    /// There was no connection (name, network, TLS) to send the request over, or it was closed before that.
    ///
    /// It means that no byte of the request has left this computer, neither in this attempt nor in a
    /// repeat or redirect within it. The call's outcome is [`NotSent`](crate::Outcome::NotSent), and it
    /// may be repeated whatever it does. When that is not certain, the kind is [`Io`](Self::Io).
    #[error("no connection")]
    Connect,
    /// It took too long; the request may have been sent.
    #[error("no response in time")]
    Timeout,
    /// The connection broke, or something else went wrong; the request may have been sent.
    #[error("the connection broke")]
    Io,
    /// The response's body is larger than allowed.
    #[error("the response is too large")]
    BodyTooLarge,
}

impl TransportError {
    /// An error of a kind.
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause. The message of its innermost source is shown: it should not hold the query of a
    /// URL.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    pub(crate) fn into_source(self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.source
    }
}
