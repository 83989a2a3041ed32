//! Requests over `reqwest`.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};

use super::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind};

/// The default transport: a pool of connections, TLS by rustls; needs a tokio runtime.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// How to make another one, if this one is of our own making.
    settings: Option<Settings>,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    connect_timeout: Duration,
    /// Whether the proxies of the environment are left out.
    direct: bool,
}

impl ReqwestTransport {
    /// A transport over a client of the caller's making.
    ///
    /// Redirects, automatic retries and decompression must be off in it; see
    /// [`Transport`]. Its connect timeout is the one that counts.
    #[must_use]
    pub fn new(client: reqwest::Client) -> Self {
        Self { client, settings: None }
    }

    /// A transport over a client as the protocol needs it. `direct` leaves out the proxies of the
    /// environment.
    pub(crate) fn configured(connect_timeout: Duration, direct: bool) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(connect_timeout);
        let builder = if direct { builder.no_proxy() } else { builder };
        let settings = Settings { connect_timeout, direct };
        Ok(Self { client: builder.build()?, settings: Some(settings) })
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(exchange(&self.client, request, limits))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn detached(&self) -> Option<Arc<dyn Transport>> {
        let Settings { connect_timeout, direct } = self.settings?;
        let other = Self::configured(connect_timeout, direct).ok()?;
        Some(Arc::new(other))
    }
}

async fn exchange(
    client: &reqwest::Client,
    request: http::Request<Body>,
    limits: Limits,
) -> Result<http::Response<Bytes>, TransportError> {
    let target = request.uri().clone();
    let request = reqwest::Request::try_from(request).map_err(unsendable)?;
    // URLs are normalised on the way, and a signature is not: better not sent than refused.
    let url = request.url();
    if (target.path(), target.query()) != (url.path(), url.query()) {
        return Err(TransportError::new(TransportErrorKind::Unsendable)
            .with_source("the target would be changed on the way"));
    }
    let url = url.clone();
    let mut response = client.execute(request).await.map_err(|error| failed(error, &url))?;
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
    let first = response.chunk().await.map_err(|error| failed(error, &url))?.unwrap_or_default();
    if first.len() > limits.max_body {
        return Err(too_large());
    }
    let Some(second) = response.chunk().await.map_err(|error| failed(error, &url))? else {
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
        next = response.chunk().await.map_err(|error| failed(error, &url))?;
    }
    Ok(head.map(|()| body.freeze()))
}

fn unsendable(error: reqwest::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Unsendable).with_source(error.without_url())
}

fn failed(error: reqwest::Error, url: &reqwest::Url) -> TransportError {
    // A client that follows redirects may fail to connect when the request was sent already.
    let elsewhere = error.url().is_some_and(|at| at != url);
    let kind = if error.is_connect() && !elsewhere {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Unsendable
    } else {
        TransportErrorKind::Io
    };
    TransportError::new(kind).with_source(error.without_url())
}
