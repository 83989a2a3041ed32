//! Requests over `reqwest`.

use std::{
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderValue};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::client::legacy;

use super::{
    body::Body,
    runtimes::{Runtime, Runtimes},
    send::{Limits, Transport, TransportError, TransportErrorKind},
};
use crate::future::BoxFuture;

/// How long a connection without calls is kept: less than by most servers, so that a call seldom meets one
/// that the server is closing.
const IDLE: Duration = Duration::from_secs(30);

/// The caller's changes to an HTTP client. It is called for each client that is made.
pub(crate) type Configure =
    Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The default transport: pools of connections, TLS by rustls. It needs a tokio runtime with IO and
/// time, and has connections of its own in each runtime it is used in.
#[derive(Clone)]
pub struct ReqwestTransport {
    origin: Origin,
    runtimes: Arc<Runtimes>,
}

/// Who made the client. What its errors prove depends on that.
#[derive(Clone)]
enum Origin {
    /// This crate: it makes no redirects and no repeats.
    Own(Arc<Own>),
    /// The caller: its settings are not known.
    Foreign(reqwest::Client),
}

struct Own {
    settings: Settings,
    /// The client that was made with the transport, to see that it can be. The first runtime gets it.
    first: Mutex<Option<reqwest::Client>>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    /// Whether the proxies of the environment are left out.
    pub(crate) direct: bool,
    /// Whether the gateway speaks plain HTTP, so that no certificates are needed.
    pub(crate) plain: bool,
    pub(crate) configure: Option<Configure>,
}

impl Settings {
    fn client(&self) -> reqwest::Result<reqwest::Client> {
        // The defaults change if another crate of the program switches on features of `reqwest`.
        let builder = reqwest::Client::builder()
            .tls_backend_rustls()
            .no_hickory_dns()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE);
        let builder = if self.direct { builder.no_proxy() } else { builder };
        let builder = if self.plain { builder.tls_certs_only([]) } else { builder };
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
        Self { origin: Origin::Foreign(client), runtimes: Arc::default() }
    }

    /// A transport over a client as the protocol needs it.
    pub(crate) fn configured(settings: &Settings) -> reqwest::Result<Self> {
        let first = Mutex::new(Some(settings.client()?));
        let own = Own { settings: settings.clone(), first };
        Ok(Self { origin: Origin::Own(Arc::new(own)), runtimes: Arc::default() })
    }

    /// The client whose connections are this runtime's.
    fn client<'a>(&'a self, runtime: &'a Runtime) -> Result<&'a reqwest::Client, TransportError> {
        let own = match &self.origin {
            Origin::Own(own) => own,
            Origin::Foreign(client) => return Ok(client),
        };
        runtime.client(|| {
            let first = own.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            first.map_or_else(|| own.settings.client(), Ok).map_err(|error| innermost(&error))
        })
    }

    async fn exchange(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let runtime = self.runtimes.here()?;
        let work = self.exchange_over(self.client(&runtime)?, request, limits);
        let kind = match runtime.drive(work).await {
            // Its connections break when it ends.
            Some(Err(error)) if runtime.ended() => error.kind(),
            Some(result) => return result,
            None => TransportErrorKind::Io,
        };
        Err(TransportError::new(kind)
            .with_source("the tokio runtime that the call was made in has ended"))
    }

    async fn exchange_over(
        &self,
        client: &reqwest::Client,
        mut request: http::Request<Body>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let target = request.uri().clone();
        let length = request.body().len();
        if length > 0 {
            // A length among the client's default headers would cut the body off.
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        if let Origin::Foreign(_) = self.origin {
            // It may ask for what it can decompress, unless the request says what it wants.
            let identity = HeaderValue::from_static("identity");
            request.headers_mut().entry(ACCEPT_ENCODING).or_insert(identity);
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
        // Between two calls, and while a call is signed, a runtime of one thread does not look at its
        // connections. Now it does, and drops those that the server has closed.
        tokio::task::yield_now().await;
        let response = client.execute(request).await.map_err(|error| match self.origin {
            Origin::Own(_) => failed(error),
            Origin::Foreign(_) => failed_anyhow(error),
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
        let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let mut body = Limited::new(body, limits.max_body);
        // Copied, since a chunk of one byte may hold the whole buffer that it was read into.
        let mut received = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                error.downcast().map_or_else(|_| too_large(), |error| broke(*error))
            })?;
            if let Ok(data) = frame.into_data() {
                received.extend_from_slice(&data);
            }
        }
        Ok(http::Response::from_parts(head, received.freeze()))
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
        let Ok(runtime) = self.runtimes.here() else {
            // Sending says so.
            return Box::pin(std::future::pending());
        };
        let sleep = tokio::time::sleep(duration);
        Box::pin(async move {
            // If the runtime ends, nothing is left to wait for.
            let _ = runtime.drive(sleep).await;
        })
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
///
/// Only the outermost causes tell whether the request was sent. Deeper down there may be a connection that
/// has nothing to do with this request: a file to upload may itself come from a server. Errors of the
/// *builder* kind do not tell either: `reqwest` makes them of the `location` of a response, too.
fn failed(error: reqwest::Error) -> TransportError {
    let client = error.source().and_then(|cause| cause.downcast_ref::<legacy::Error>());
    if client.is_some_and(legacy::Error::is_connect) {
        return TransportError::new(TransportErrorKind::Connect).with_source(error.without_url());
    }
    let connection =
        client.and_then(StdError::source).and_then(|cause| cause.downcast_ref::<hyper::Error>());
    // hyper gives the request back, or has not taken it yet.
    if connection.is_some_and(|error| error.is_canceled() || error.is_closed()) {
        return TransportError::new(TransportErrorKind::Connect)
            .with_source("the connection was closed before the request was sent");
    }
    broke(error)
}

/// The error of a client of the caller's. It may have followed a redirect or repeated the request: even
/// if it could not connect, the request may have been sent.
fn failed_anyhow(error: reqwest::Error) -> TransportError {
    if !error.is_connect() {
        return broke(error);
    }
    TransportError::new(TransportErrorKind::Io).with_source(format!(
        "{} (the HTTP client is one of your own, and may have sent the request before that)",
        innermost(&error)
    ))
}

/// The message of the innermost cause.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// An error after the request was sent, or may have been.
fn broke(error: reqwest::Error) -> TransportError {
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Io };
    TransportError::new(kind).with_source(error.without_url())
}
