//! The gateway as its users see it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::engine::{Engine, ErrorSigning, Observer};
use crate::fault::Fault;
use crate::keys::{GatewayKeys, KeysError};
use crate::record::RecordedRequest;
use crate::server;
use crate::voucher::{PayError, Service, Settings};

/// The app a gateway knows unless told otherwise.
const APP_ID: &str = "2021000000000001";
/// How long a request may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// When an accepted publish, append, modify or stop takes effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Completion {
    /// So much later by the gateway's clock. With zero the next request finds it done.
    After(Duration),
    /// When [`Gateway::complete_pending`] is called.
    Manual,
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The keys could not be made.
    #[error("cannot make keys: {0}")]
    Keys(#[from] KeysError),
    /// The port is in use or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for any")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no thread or no I/O driver.
    #[error("cannot start the server: {0}")]
    Runtime(std::io::Error),
}

/// A message as the gateway would post it to the application gateway URL.
///
/// `Debug` shows the name only: the body may name a user.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// `msg_method`, for example `alipay.marketing.activity.message.created`.
    pub name: String,
    /// The signed body, `application/x-www-form-urlencoded`.
    pub form_body: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A local gateway that serves on 127.0.0.1 until it is shut down or dropped.
///
/// It runs on threads of its own, so it works with blocking clients, too.
pub struct Gateway {
    engine: Arc<Engine>,
    base_url: String,
    stop: watch::Sender<bool>,
    served: Option<JoinHandle<()>>,
    // Last, so that everything else is gone when the threads are told to end.
    _threads: Threads,
}

/// The threads the server runs on. They are never waited for, so that a gateway may be dropped
/// in asynchronous code.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Gateway {
    /// Starts a gateway with default settings on a free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Settings for a gateway.
    #[must_use]
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::default()
    }

    /// The base address for a client, such as `http://127.0.0.1:41234`, without a slash at the
    /// end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The only app the gateway knows.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.engine.app_id
    }

    /// The keys of both sides.
    #[must_use]
    pub fn keys(&self) -> &GatewayKeys {
        &self.engine.keys
    }

    /// The app's private key for a client's credentials, base64 of PKCS#8.
    #[must_use]
    pub fn app_private_key(&self) -> &str {
        self.engine.keys.app_private_key()
    }

    /// Alipay's public key for a client's credentials, base64 of SubjectPublicKeyInfo.
    #[must_use]
    pub fn alipay_public_key(&self) -> &str {
        self.engine.keys.alipay_public_key()
    }

    /// The AES key of content encryption for a client's credentials, in base64.
    #[must_use]
    pub fn encrypt_key(&self) -> &str {
        self.engine.keys.encrypt_key()
    }

    /// The gateway's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.engine.clock
    }

    /// The last 1,000 requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.requests()
    }

    /// Makes the next request that has no fault yet go wrong. Faults queue up: each is used for
    /// one request, whatever becomes of it.
    pub fn fail_next(&self, fault: Fault) {
        self.engine.fail_next(fault);
    }

    /// The messages sent so far and not taken, oldest first, at most 10,000.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.read_messages(false)
    }

    /// Takes the messages sent so far.
    #[must_use]
    pub fn take_messages(&self) -> Vec<Message> {
        self.read_messages(true)
    }

    /// Pays in the budget of a `RECHARGE` activity whose publish or append waits for it, as its
    /// issuer would at `recharge_url`.
    pub fn pay(&self, activity_id: &str) -> Result<(), PayError> {
        self.engine.service().pay(activity_id, self.engine.clock.now_millis())
    }

    /// Lets every accepted operation take effect now, but those that wait for a payment.
    pub fn complete_pending(&self) {
        self.engine.service().complete_pending(self.engine.clock.now_millis());
    }

    /// Stops listening, and waits up to two seconds for requests in progress.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(served) = self.served.take() {
            let _ = served.await;
        }
    }

    fn read_messages(&self, take: bool) -> Vec<Message> {
        let notices = {
            let mut service = self.engine.service();
            service.settle(self.engine.clock.now_millis());
            let notices = service.notices();
            if take {
                service.clear_notices();
            }
            notices
        };
        // Signed here and not when they happen, so that sending vouchers stays fast.
        let signed = notices.iter().map(|notice| Message {
            name: notice.name.to_owned(),
            form_body: notice.form_body(&self.engine.app_id, &self.engine.keys),
        });
        signed.collect()
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Settings of a [`Gateway`].
pub struct GatewayBuilder {
    port: u16,
    app_id: String,
    keys: Option<GatewayKeys>,
    clock: Clock,
    signing: ErrorSigning,
    settings: Settings,
    read_timeout: Duration,
    observer: Option<Observer>,
}

impl Default for GatewayBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            app_id: APP_ID.to_owned(),
            keys: None,
            clock: Clock::system(),
            signing: ErrorSigning { gateway: false, business: true },
            settings: Settings {
                completion: Completion::After(Duration::ZERO),
                auto_pay: false,
                empty_acknowledgements: false,
                cross_field_rules: true,
            },
            read_timeout: READ_TIMEOUT,
            observer: None,
        }
    }
}

impl GatewayBuilder {
    /// The TCP port on 127.0.0.1. Default: 0, any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The app id. Default: `2021000000000001`.
    #[must_use]
    pub fn app_id(mut self, app_id: impl Into<String>) -> Self {
        self.app_id = app_id.into();
        self
    }

    /// The keys of both sides. Default: keys made once per process.
    #[must_use]
    pub fn keys(mut self, keys: GatewayKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// The clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// When accepted operations take effect. Default: before the next request.
    #[must_use]
    pub fn completion(mut self, completion: Completion) -> Self {
        self.settings.completion = completion;
        self
    }

    /// Whether pre-paid budgets count as paid at once. Default: no, [`Gateway::pay`] does it.
    #[must_use]
    pub fn auto_pay(mut self, auto_pay: bool) -> Self {
        self.settings.auto_pay = auto_pay;
        self
    }

    /// Whether the gateway's own refusals (codes like `invalid-signature`) are signed. Default:
    /// no, as seen at the real gateway.
    #[must_use]
    pub fn sign_gateway_errors(mut self, sign: bool) -> Self {
        self.signing.gateway = sign;
        self
    }

    /// Whether business failures (codes like `INVALID_PARAMETER`) are signed. Default: yes; what
    /// the real gateway does is not published.
    #[must_use]
    pub fn sign_business_errors(mut self, sign: bool) -> Self {
        self.signing.business = sign;
        self
    }

    /// Whether modify and stop answer with an empty body instead of `{}`. Default: no.
    #[must_use]
    pub fn empty_acknowledgements(mut self, empty: bool) -> Self {
        self.settings.empty_acknowledgements = empty;
        self
    }

    /// Whether rules between fields of create and modify are checked. Default: yes. Names, types,
    /// formats and what the state needs are always checked.
    #[must_use]
    pub fn cross_field_rules(mut self, check: bool) -> Self {
        self.settings.cross_field_rules = check;
        self
    }

    /// How long a request's head, and then its body, may take to arrive. Default: 30 seconds.
    #[must_use]
    pub fn read_timeout(mut self, read_timeout: Duration) -> Self {
        self.read_timeout = read_timeout;
        self
    }

    /// Called with each request once it is answered, on a thread of the gateway.
    #[must_use]
    pub fn on_request(
        mut self,
        observer: impl Fn(&RecordedRequest) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts the gateway.
    ///
    /// Asynchronous for the sake of its callers; see [`Self::start_blocking`].
    #[allow(clippy::unused_async, reason = "leaves room to start without blocking")]
    pub async fn start(self) -> Result<Gateway, StartError> {
        self.start_blocking()
    }

    /// Starts the gateway from code that is not asynchronous.
    pub fn start_blocking(self) -> Result<Gateway, StartError> {
        let keys = match self.keys {
            Some(keys) => keys,
            None => GatewayKeys::shared()?,
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen = |source| StartError::Listen { port: self.port, source };
        let listener = std::net::TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("alipay-mock")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let handle = runtime.handle().clone();
        let threads = Threads(Some(runtime));
        let listener = {
            let _entered = handle.enter();
            tokio::net::TcpListener::from_std(listener).map_err(StartError::Runtime)?
        };
        let engine = Arc::new(Engine::new(
            self.app_id,
            keys,
            self.clock,
            Service::new(self.settings),
            self.signing,
            self.observer,
        ));
        let (stop, stopped) = watch::channel(false);
        let serving = server::serve(listener, Arc::clone(&engine), self.read_timeout, stopped);
        let served = Some(handle.spawn(serving));
        Ok(Gateway {
            engine,
            base_url: format!("http://{address}"),
            stop,
            served,
            _threads: threads,
        })
    }
}

impl fmt::Debug for GatewayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayBuilder")
            .field("port", &self.port)
            .field("app_id", &self.app_id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
