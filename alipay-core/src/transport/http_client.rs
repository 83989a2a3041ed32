//! Requests over `reqwest`.

use std::{error::Error as _, fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use hyper_util::client::legacy;

use super::{
    body::Body,
    send::{Limits, Transport, TransportError, TransportErrorKind},
};
use crate::future::BoxFuture;

/// The caller's changes to an HTTP client. It is called for each client that is made.
pub(crate) type Configure =
    Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The default transport: a pool of connections, TLS by rustls; needs a tokio runtime.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    origin: Origin,
}

/// Who made the client. What its errors prove depends on that.
#[derive(Clone)]
enum Origin {
    /// This crate, with these settings: it makes no redirects and no repeats.
    Own(Settings),
    /// The caller: its settings are not known.
    Foreign,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    /// Whether the proxies of the environment are left out.
    pub(crate) direct: bool,
    pub(crate) configure: Option<Configure>,
}

impl Settings {
    fn client(&self) -> reqwest::Result<reqwest::Client> {
        // The defaults change if another crate of the program switches on features of `reqwest`.
        let builder = reqwest::Client::builder()
            .tls_backend_rustls()
            .no_hickory_dns()
            .connect_timeout(self.connect_timeout);
        let builder = if self.direct { builder.no_proxy() } else { builder };
        let builder = match &self.configure {
            Some(configure) => configure(builder),
            None => builder,
        };
        // Last, so that nothing undoes it: the request is sent once, to one server, and the response
        // is handed over as received. Cookies can be switched on in a builder, but not off, and default
        // headers can be added, but not taken out.
        builder
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .build()
    }
}

impl ReqwestTransport {
    /// A transport over a client of the caller's;
    /// [`ClientBuilder::http_client_unchecked`](crate::ClientBuilder::http_client_unchecked) says what
    /// that gives up.
    #[must_use]
    pub fn unchecked(client: reqwest::Client) -> Self {
        Self { client, origin: Origin::Foreign }
    }

    /// A transport over a client as the protocol needs it.
    pub(crate) fn configured(settings: Settings) -> reqwest::Result<Self> {
        Ok(Self { client: settings.client()?, origin: Origin::Own(settings) })
    }

    async fn exchange(
        &self,
        mut request: http::Request<Body>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let target = request.uri().clone();
        let length = request.body().len();
        if length > 0 {
            // A length among the client's default headers would cut the body off.
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        let request = reqwest::Request::try_from(request).map_err(|error| {
            TransportError::new(TransportErrorKind::Unsendable).with_source(error.without_url())
        })?;
        // `reqwest` normalises URLs. A changed target would not match the signature.
        let url = request.url();
        if (target.path(), target.query()) != (url.path(), url.query()) {
            return Err(TransportError::new(TransportErrorKind::Unsendable)
                .with_source("the target would be changed on the way"));
        }
        let url = url.clone();
        let mut response =
            self.client.execute(request).await.map_err(|error| match self.origin {
                Origin::Own(_) => failed(error),
                Origin::Foreign => failed_anyhow(error),
            })?;
        if *response.url() != url {
            return Err(TransportError::new(TransportErrorKind::Io)
                .with_source("the HTTP client followed a redirect; switch that off in it"));
        }
        let too_large = || TransportError::new(TransportErrorKind::BodyTooLarge);
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |size| size > limits.max_body) {
            return Err(too_large());
        }
        let mut head = http::Response::new(());
        *head.status_mut() = response.status();
        *head.version_mut() = response.version();
        *head.headers_mut() = std::mem::take(response.headers_mut());
        let first = response.chunk().await.map_err(broke)?.unwrap_or_default();
        if first.len() > limits.max_body {
            return Err(too_large());
        }
        let Some(second) = response.chunk().await.map_err(broke)? else {
            // Most bodies come in one piece, which then is not copied.
            return Ok(head.map(|()| first));
        };
        let mut body = BytesMut::from(&*first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if body.len().saturating_add(chunk.len()) > limits.max_body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
            next = response.chunk().await.map_err(broke)?;
        }
        Ok(head.map(|()| body.freeze()))
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request, limits))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn detached(&self) -> Option<Arc<dyn Transport>> {
        let Origin::Own(settings) = &self.origin else { return None };
        let other = Self::configured(settings.clone()).ok()?;
        Some(Arc::new(other))
    }
}

/// Proxies and default headers can hold secrets, so the client is not shown.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = matches!(self.origin, Origin::Own(_));
        f.debug_struct("ReqwestTransport").field("own", &own).finish_non_exhaustive()
    }
}

/// The error of this crate's own client, before there was a response.
fn failed(error: reqwest::Error) -> TransportError {
    if got_no_connection(&error) {
        return TransportError::new(TransportErrorKind::Connect).with_source(error.without_url());
    }
    broke(error)
}

/// Whether there was no connection to send the request over.
///
/// Only the outermost cause tells. Deeper down there may be a connection that has nothing to do with
/// this request: a file to upload may itself come from a server. Errors of the *builder* kind do not
/// tell either: `reqwest` makes them of the `location` of a response, too.
fn got_no_connection(error: &reqwest::Error) -> bool {
    error
        .source()
        .and_then(|cause| cause.downcast_ref::<legacy::Error>())
        .is_some_and(legacy::Error::is_connect)
}

/// The error of a client of the caller's. It may have followed a redirect or repeated the request: even
/// if it could not connect, the request may have been sent.
fn failed_anyhow(error: reqwest::Error) -> TransportError {
    if !error.is_connect() {
        return broke(error);
    }
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    TransportError::new(TransportErrorKind::Io).with_source(format!(
        "{cause} (the HTTP client is one of your own, and may have sent the request before that)"
    ))
}

/// An error after the request was sent, or may have been.
fn broke(error: reqwest::Error) -> TransportError {
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Io };
    TransportError::new(kind).with_source(error.without_url())
}
