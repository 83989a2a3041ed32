//! A prepared request, and what is remembered of it to read its response.

use std::{fmt, sync::Arc, time::SystemTime};

use crate::{
    error::{Attempts, Error},
    operation::RequestInfo,
    transport::Body,
};

/// A signed request, and what is needed to read its response.
///
/// Send [`request`](Self::request) without changing a byte, with any HTTP stack, and give the response
/// to [`Client::finish`](crate::Client::finish) once. A repeat needs a new nonce, and so a new
/// `Prepared`.
pub struct Prepared {
    pub(super) request: http::Request<Body>,
    pub(super) context: Context,
}

/// What is remembered of a request to read its response.
#[derive(Clone)]
pub struct Context {
    pub(crate) info: Arc<RequestInfo>,
    pub(crate) request_id: Arc<str>,
    /// When it is signed, by this computer's clock.
    pub(crate) signed_at: SystemTime,
    pub(crate) attempts: Attempts,
}

impl Prepared {
    /// The request. Its headers hold a signature and may hold a token: do not log them.
    #[must_use]
    pub fn request(&self) -> &http::Request<Body> {
        &self.request
    }

    /// What [`Client::finish`](crate::Client::finish) needs.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Both parts.
    #[must_use]
    pub fn into_parts(self) -> (http::Request<Body>, Context) {
        (self.request, self.context)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

impl Context {
    /// The id that is sent with the request (`alipay-request-id`).
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Adds to an error which request and which attempt it is about.
    pub(crate) fn explain(&self, error: Error) -> Error {
        error.about(&self.info).during(self.attempts, Some(&self.request_id))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("operation", &self.info.operation)
            .field("request_id", &self.request_id)
            .field("encrypted", &self.info.encrypted)
            .finish_non_exhaustive()
    }
}
