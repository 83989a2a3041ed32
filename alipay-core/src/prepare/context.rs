//! A prepared request, and what is remembered of it to read its response.

use std::{fmt, sync::Arc, time::SystemTime};

use bytes::Bytes;

use crate::{
    error::{Attempts, Error},
    headers::APP_AUTH_TOKEN,
    operation::RequestInfo,
    sign::Signable,
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
    /// The fields of the authorization header except the signature.
    pub(super) auth: String,
    /// The part of the body that is signed.
    pub(super) signed: Bytes,
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

    /// The string that the signature covers, to be compared with that of another program: method, target and body
    /// (of an upload the part `data`) as they are sent. With an app auth token that is its last line; do not
    /// log it then.
    #[must_use]
    pub fn string_to_sign(&self) -> Vec<u8> {
        let (head, token) = (&self.request, self.request.headers().get(&APP_AUTH_TOKEN));
        let signable = Signable {
            auth: &self.auth,
            method: head.method().as_str(),
            target: head.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
            body: &self.signed,
            app_auth_token: token.and_then(|token| token.to_str().ok()),
        };
        signable.parts().concat()
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
