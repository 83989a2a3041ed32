//! The client: settings, credentials and a transport, shared by all calls.

mod base_url;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    clock::{Clock, SystemClock},
    credentials::Credentials,
    error::Error,
    finish::{Checks, Received},
    nonce::{NonceSource, RandomNonces},
    notification::{Notification, Returned, Verified},
    prepare::{Context, check_app_auth_token, no_aes_key},
    retry::{Balance, FullJitter, Jitter, RetryBudget, RetryPolicy},
    transport::{Limits, Transport},
    trust::TrustStore,
    verify::Used,
};
pub use base_url::Environment;
pub(crate) use base_url::{BaseUrl, read_http_host};

const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY: usize = 8 * 1024 * 1024;
/// Within this time an old response that was never used can pass for a new one, so it is less than the
/// 10 minutes in which Alipay accepts requests. A client whose clock is off by more refuses every
/// response, so it is more than a minute or two.
const TIMESTAMP_TOLERANCE: Duration = Duration::from_secs(300);
/// At 300 responses a second, those of the last 5 minutes; 2.5 MB.
const REMEMBERED_RESPONSES: usize = 100_000;
const DEFAULT_USER_AGENT: &str = concat!("alipay-core/", env!("CARGO_PKG_VERSION"), " (rust)");

/// A client for one app. Cheap to clone; all clones share connections and settings.
///
/// Its calls are awaited in any tokio runtime that has IO and time (`enable_all`); elsewhere they are an
/// error of the kind [`Configuration`](crate::ErrorKind::Configuration). It may be used in several runtimes,
/// at once and one after the other: each has connections of its own, which end with it. [Blocking
/// calls](crate::blocking) need no runtime. With a [transport](ClientBuilder::transport) of the caller's,
/// that one decides.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) base: BaseUrl,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) retry_balance: Balance,
    pub(crate) used: Used,
    pub(crate) app_auth_token: Option<SecretString>,
    pub(crate) user_agent: HeaderValue,
}

/// The settings that a client uses as they are given.
pub(crate) struct Settings {
    pub(crate) credentials: Credentials,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Arc<dyn NonceSource>,
    pub(crate) jitter: Arc<dyn Jitter>,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) limits: Limits,
    pub(crate) timestamp_tolerance: Option<Duration>,
    pub(crate) encrypted: bool,
}

impl Inner {
    pub(crate) fn receive(
        &self,
        context: Context,
        response: http::Response<Bytes>,
    ) -> Result<Received, Error> {
        let settings = &self.settings;
        let checks = Checks {
            credentials: &settings.credentials,
            used: &self.used,
            max_body: settings.limits.max_body,
            now: settings.clock.now(),
            tolerance: settings.timestamp_tolerance,
        };
        checks.receive(context, response)
    }
}

impl Client {
    /// Sets up a client.
    ///
    /// ```no_run
    /// use alipay_core::{Client, Credentials, Environment};
    ///
    /// # fn f(private_key: &str, alipay_public_key: &str) -> Result<(), alipay_core::Error> {
    /// let credentials = Credentials::keys("2021000000000001", private_key, alipay_public_key)?;
    /// let client = Client::builder(credentials).environment(Environment::Sandbox).build()?;
    /// # Ok(()) }
    /// ```
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let settings = Settings {
            credentials,
            clock: Arc::new(SystemClock),
            nonces: Arc::new(RandomNonces),
            jitter: Arc::new(FullJitter),
            retry: RetryPolicy::default(),
            timeout: TIMEOUT,
            attempt_timeout: None,
            limits: Limits { max_body: MAX_BODY, connect_timeout: CONNECT_TIMEOUT },
            timestamp_tolerance: Some(TIMESTAMP_TOLERANCE),
            encrypted: false,
        };
        ClientBuilder {
            settings,
            base_url: Environment::Production.base_url().to_owned(),
            http_host: None,
            way: Way::Default,
            retry_budget: RetryBudget::default(),
            remembered_responses: REMEMBERED_RESPONSES,
            app_auth_token: None,
            user_agent: DEFAULT_USER_AGENT.to_owned(),
        }
    }

    /// The app's id.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.inner.settings.credentials.app_id()
    }

    /// The keys and certificates that are trusted, and when they expire. Certificates can be added while
    /// the client runs.
    #[must_use]
    pub fn trust(&self) -> &TrustStore {
        self.inner.settings.credentials.trust()
    }

    /// Verifies a notification that was posted to the app's gateway address; `form_body` is the
    /// body as received. See [`crate::notification`], and for its errors
    /// [`Credentials::verify_notification`].
    pub fn verify_notification(&self, form_body: &[u8]) -> Result<Verified<Notification>, Error> {
        self.inner
            .settings
            .credentials
            .verify_notification_at(form_body, self.inner.settings.clock.now())
    }

    /// Verifies what Alipay has added to the `return_url` of an [order](crate::order): `query` is the query of the
    /// address as the browser sent it. It proves no payment: see [`Returned`], and for its errors
    /// [`Credentials::verify_return`].
    pub fn verify_return(&self, query: &str) -> Result<Verified<Returned>, Error> {
        let settings = &self.inner.settings;
        settings.credentials.verify_return_at(query, settings.clock.now())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("credentials", &self.inner.settings.credentials)
            .field("base_url", &self.inner.base.url)
            .field("timeout", &self.inner.settings.timeout)
            .field("encrypted", &self.inner.settings.encrypted)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`]. A wrong setting is an error of [`build`](Self::build).
#[must_use]
pub struct ClientBuilder {
    settings: Settings,
    base_url: String,
    http_host: Option<String>,
    way: Way,
    retry_budget: RetryBudget,
    remembered_responses: usize,
    app_auth_token: Option<SecretString>,
    user_agent: String,
}

impl ClientBuilder {
    /// Which of Alipay's gateways to call; production unless set.
    pub fn environment(mut self, environment: Environment) -> Self {
        environment.base_url().clone_into(&mut self.base_url);
        self
    }

    /// Calls another gateway, such as a local one for tests: `https://host[:port]`, without a path.
    /// Plain `http` is allowed for this computer only (`localhost`, `127.0.0.1`, `[::1]`), unless
    /// [`allow_http_for`](Self::allow_http_for) names the host; it needs no root certificates. The proxies
    /// of the environment are not used for a gateway on this computer.
    pub fn base_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.base_url);
        self
    }

    /// Allows plain `http` to a gateway for tests on this host, as that of `alipay-mock` in another
    /// container: a name or an IP address, without scheme and port. It is for a network that nobody else
    /// listens in: requests and responses are signed, but not secret. The proxies of the environment are
    /// not used for it.
    ///
    /// Alipay's own hosts are refused: `alipay.com`, `alipaydev.com` and all below them.
    ///
    /// ```
    /// use alipay_core::{Client, Credentials};
    ///
    /// # fn f(credentials: Credentials) -> Result<(), alipay_core::Error> {
    /// let client = Client::builder(credentials)
    ///     .base_url("http://alipay-mock:8787")
    ///     .allow_http_for("alipay-mock")
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn allow_http_for(mut self, host: &str) -> Self {
        self.http_host = Some(host.to_owned());
        self
    }

    /// The longest time a call may take in all, repeats included; 30 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// The longest time one attempt of a call may take. Unless set, an attempt of a call that cannot be
    /// repeated has all the time of the call. Otherwise the attempts share it: 10 of 30 seconds each
    /// with three attempts.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = Some(timeout);
        self
    }

    /// How often a call that failed is repeated, if a repeat is safe: by default up to three attempts.
    /// See [`crate::retry`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Tries each call once.
    pub fn no_retry(self) -> Self {
        self.retry(RetryPolicy::none())
    }

    /// How many repeats all calls together may make.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.retry_budget = budget;
        self
    }

    /// The longest time to get a connection; 5 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.limits.connect_timeout = timeout;
        self
    }

    /// The largest response that is read, in bytes; 8 MiB unless set.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.limits.max_body = bytes;
        self
    }

    /// How far Alipay's clock and this computer's may be apart; 5 minutes unless set, `None` for any.
    ///
    /// A response is signed after its request and before it is received. If its time lies outside by
    /// more than this, it is refused: it is old, or the clock is wrong. Alipay itself refuses requests
    /// whose time is more than 10 minutes off.
    pub fn timestamp_tolerance(mut self, tolerance: Option<Duration>) -> Self {
        self.settings.timestamp_tolerance = tolerance;
        self
    }

    /// How many of the last responses are remembered, so that none is used twice: at least this many,
    /// and up to twice as many; 100,000 unless set. Each takes 10 to 20 bytes.
    ///
    /// The signature of a response does not say which request it is for. So a copy of a response is
    /// refused ([`Verification`](crate::ErrorKind::Verification)). Each client has a memory of its own,
    /// which its clones share. With 0 it has none: for tests that give one recorded response to
    /// several calls.
    pub fn remembered_responses(mut self, count: usize) -> Self {
        self.remembered_responses = count;
        self
    }

    /// Calls on behalf of another merchant, unless a call has a token of its own.
    pub fn app_auth_token(mut self, token: &str) -> Self {
        self.app_auth_token = Some(SecretString::from(token));
        self
    }

    /// Whether calls are encrypted, unless a call says otherwise; they are not unless set. Some
    /// operations of Alipay's do not take encrypted content.
    pub fn encrypted(mut self, encrypted: bool) -> Self {
        self.settings.encrypted = encrypted;
        self
    }

    /// The `User-Agent` header.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Changes the HTTP client, which is [`reqwest`](crate::transport::reqwest)'s (0.13), before it
    /// is made: a proxy, a root certificate, the size of its pool.
    ///
    /// ```no_run
    /// use alipay_core::{Client, Credentials, transport::reqwest};
    ///
    /// # fn f(credentials: Credentials, pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::all("http://proxy.example:3128")?;
    /// let root = reqwest::Certificate::from_pem(pem)?;
    /// let client = Client::builder(credentials)
    ///     .http_client(move |http| http.proxy(proxy.clone()).add_root_certificate(root.clone()))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// The builder it is given has this client's settings. What the protocol needs is set
    /// afterwards and cannot be changed: no redirects, no repeats of `reqwest`'s own, no `referer`,
    /// no decompression. Two things cannot be undone afterwards: do not switch cookies on, and set no
    /// `default_headers` of HTTP's own, such as `host` and `accept-encoding`. They do not replace
    /// headers that a request has itself, nor the length of a body.
    ///
    /// Each tokio runtime that calls are made in has an HTTP client of its own, and so have
    /// [blocking calls](crate::blocking): it is called for each of them.
    #[cfg(feature = "reqwest")]
    pub fn http_client(
        mut self,
        configure: impl Fn(
            crate::transport::reqwest::ClientBuilder,
        ) -> crate::transport::reqwest::ClientBuilder
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.way = Way::Http(Arc::new(configure));
        self
    }

    /// Sends requests with a `reqwest` client of the caller's. Its settings are not known and cannot be
    /// changed, so this gives up:
    ///
    /// - **Proof that nothing was sent.** A client that follows redirects or repeats requests may fail
    ///   to connect after it has sent the request. So a connection that cannot be made counts as
    ///   [`Unknown`](crate::Outcome::Unknown), not as [`NotSent`](crate::Outcome::NotSent), and a
    ///   call that is not safe to repeat is not repeated.
    /// - **One request for each attempt.** Such a client may send a request twice unnoticed.
    /// - **Secrets for one host.** On a redirect to another host `reqwest` takes the `authorization`
    ///   header out, but not `alipay-app-auth-token`, nor the body: the merchant's token goes along.
    ///   The response of another host is refused, but it has the token by then.
    /// - **The body as received.** A client that decompresses makes signatures wrong. It is kept from
    ///   asking for compression (`accept-encoding: identity`), but not from undoing it.
    /// - **Connections that last.** They belong to the runtime they were made in. In another runtime a call
    ///   waits in vain while the first one stands still, and fails when it ends. Make such a client for
    ///   each runtime.
    ///
    /// The client's own connect timeout counts. [`http_client`](Self::http_client) gives up none of
    /// this. If the client must be used all the same, make it with
    /// `redirect(Policy::none())`, `retry(retry::never())`, `referer(false)` and without
    /// decompression and cookies.
    #[cfg(feature = "reqwest")]
    pub fn http_client_unchecked(self, client: crate::transport::reqwest::Client) -> Self {
        self.transport(crate::transport::ReqwestTransport::unchecked(client))
    }

    /// Sends requests with another transport.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.way = Way::Other(Arc::new(transport));
        self
    }

    /// Takes the time from another clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Takes nonces, request ids and the boundaries of uploads from another source.
    pub fn nonces(mut self, nonces: impl NonceSource) -> Self {
        self.settings.nonces = Arc::new(nonces);
        self
    }

    /// Takes the length of the pauses before repeats from another source.
    pub fn jitter(mut self, jitter: impl Jitter) -> Self {
        self.settings.jitter = Arc::new(jitter);
        self
    }

    /// Makes the client. A wrong setting is an error of the kind
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn build(self) -> Result<Client, Error> {
        let app_auth_token = self
            .app_auth_token
            .map(|token| check_app_auth_token(token.expose_secret()))
            .transpose()
            .map_err(|error| Error::configuration(error.to_string()))?;
        if self.settings.encrypted && self.settings.credentials.aes_key().is_none() {
            return Err(no_aes_key());
        }
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|_| {
            Error::configuration("the user agent has characters unfit for a header")
        })?;
        let base = BaseUrl::parse(&self.base_url, self.http_host.as_deref())?;
        let transport = match self.way {
            Way::Other(transport) => transport,
            #[cfg(feature = "reqwest")]
            Way::Http(configure) => http_transport(&base, self.settings.limits, Some(configure))?,
            #[cfg(feature = "reqwest")]
            Way::Default => http_transport(&base, self.settings.limits, None)?,
            #[cfg(not(feature = "reqwest"))]
            Way::Default => {
                return Err(Error::configuration(
                    "there is no transport: give one, or switch the feature `reqwest` on",
                ));
            }
        };
        Ok(Client {
            inner: Arc::new(Inner {
                settings: self.settings,
                base,
                transport,
                retry_balance: Balance::new(self.retry_budget),
                used: Used::new(self.remembered_responses),
                app_auth_token,
                user_agent,
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.settings.credentials)
            .field("timeout", &self.settings.timeout)
            .field("retry", &self.settings.retry)
            .field("encrypted", &self.settings.encrypted)
            .finish_non_exhaustive()
    }
}

enum Way {
    Default,
    /// The default one, with these changes.
    #[cfg(feature = "reqwest")]
    Http(crate::transport::Configure),
    Other(Arc<dyn Transport>),
}

#[cfg(feature = "reqwest")]
fn http_transport(
    base: &BaseUrl,
    limits: Limits,
    configure: Option<crate::transport::Configure>,
) -> Result<Arc<dyn Transport>, Error> {
    use crate::transport::{self, ReqwestTransport};

    let settings = transport::Settings {
        connect_timeout: limits.connect_timeout,
        direct: base.direct,
        plain: base.is_plain(),
        configure,
    };
    let error = match ReqwestTransport::configured(&settings) {
        Ok(transport) => return Ok(Arc::new(transport)),
        Err(error) => error,
    };
    // It may be the caller's changes, or that the system has no root certificates.
    let unchanged = transport::Settings { configure: None, ..settings.clone() };
    let without = transport::Settings { plain: true, ..settings };
    let problem = if ReqwestTransport::configured(&unchanged).is_err()
        && ReqwestTransport::configured(&without).is_ok()
    {
        "the HTTP client finds no root certificates (install `ca-certificates`, set \
         `SSL_CERT_FILE`, or give them with `http_client`)"
    } else {
        "the HTTP client cannot be set up"
    };
    Err(Error::configuration(problem).with_source(error))
}
