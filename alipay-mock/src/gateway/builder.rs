//! The settings of a gateway, and its start.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use super::address;
use super::handle::{Gateway, Threads};
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::contract::ContractError;
use crate::delivery::{Delivery, Sender};
use crate::engine::{Engine, ErrorSigning, Observer, State};
use crate::error::KeysError;
use crate::keys::GatewayKeys;
use crate::record::RecordedRequest;
use crate::redaction::Redaction;
use crate::server::{self, Listener, Server};
use crate::trade::Orders;
use crate::voucher::{Completion, Operation, Review, Service, Settings};

const HOST: &str = "127.0.0.1";
const APP_ID: &str = "2021000000000001";
/// How long the headers or the body of a request may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The keys cannot be made, or their certificates are not for this gateway's app.
    #[error("the keys cannot be used: {0}")]
    Keys(#[from] KeysError),
    /// The port is in use or not allowed, or the host is not one of this computer.
    #[error("cannot listen on {address}: {source}; {}", address::hint(source))]
    Listen {
        /// The requested host and port.
        address: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The [public URL](GatewayBuilder::public_url) is not one.
    #[error("the public URL: {0}")]
    PublicUrl(&'static str),
    /// The contract cannot be read.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The system provides no thread, no I/O driver or no random bytes.
    #[error("cannot start the server: {0}")]
    Runtime(std::io::Error),
}

/// Settings of a [`Gateway`].
pub struct GatewayBuilder {
    host: String,
    port: u16,
    public_url: Option<String>,
    app_id: String,
    keys: Option<GatewayKeys>,
    clock: Clock,
    signing: ErrorSigning,
    settings: Settings,
    read_timeout: Duration,
    observer: Option<Observer>,
    lenient: bool,
    redact: bool,
    tokens: Vec<String>,
    delivery: Option<Delivery>,
    contract: Option<String>,
    examples_only: bool,
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
}

impl Default for GatewayBuilder {
    fn default() -> Self {
        Self {
            host: HOST.to_owned(),
            port: 0,
            public_url: None,
            app_id: APP_ID.to_owned(),
            keys: None,
            clock: Clock::system(),
            signing: ErrorSigning { gateway: false, business: true },
            settings: Settings {
                completion: Completion::After(Duration::ZERO),
                review: Review::Off,
                auto_pay: false,
                old_twins: false,
                empty_acknowledgements: false,
                cross_field_rules: true,
                known_images: true,
                numbers_per_operation: false,
                sample_recipient_names: false,
            },
            read_timeout: READ_TIMEOUT,
            observer: None,
            lenient: false,
            redact: true,
            tokens: Vec::new(),
            delivery: None,
            contract: None,
            examples_only: false,
        }
    }
}

impl GatewayBuilder {
    /// The address or name of this computer to listen on, such as `0.0.0.0` or `::` for all of its
    /// addresses. Default: `127.0.0.1`, which others cannot reach.
    ///
    /// Whoever reaches it reaches the page and `/_mock/` as well, which show requests and control the gateway:
    /// open it to networks that you trust.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The URL by which clients reach the gateway, `http://host:port`, where that is not where it listens: in
    /// another container or behind a proxy. It is [`Gateway::base_url`]. Default: what [`host`](Self::host)
    /// says; if that is all addresses, the one that this computer has in its network.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The TCP port. Default: 0, any free one.
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

    /// The clock that decides what happens. Default: the system's. Clients may have [another](Clock).
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

    /// What the review does with each publish when it takes effect. Default: there is none;
    /// [`Gateway::reject`] rejects one.
    #[must_use]
    pub fn review(mut self, review: Review) -> Self {
        self.settings.review = review;
        self
    }

    /// Whether query has the fields of the older style, too, for an activity that was sent in the newer one. Default: no, as on
    /// the official page; what was sent in the older style is always there.
    #[must_use]
    pub fn old_twins(mut self, old_twins: bool) -> Self {
        self.settings.old_twins = old_twins;
        self
    }

    /// Whether prepaid budgets count as paid at once. Default: no, [`Gateway::pay`] pays them.
    #[must_use]
    pub fn auto_pay(mut self, auto_pay: bool) -> Self {
        self.settings.auto_pay = auto_pay;
        self
    }

    /// Whether the gateway's own errors (codes like `invalid-signature`) are signed. Default: no, as
    /// observed at the real gateway.
    #[must_use]
    pub fn sign_gateway_errors(mut self, sign: bool) -> Self {
        self.signing.gateway = sign;
        self
    }

    /// Whether business errors (codes like `INVALID_PARAMETER`) are signed. Default: yes. What the
    /// real gateway does is not published.
    #[must_use]
    pub fn sign_business_errors(mut self, sign: bool) -> Self {
        self.signing.business = sign;
        self
    }

    /// Whether the body of a modify or stop response is empty instead of `{}`. Default: no.
    #[must_use]
    pub fn empty_acknowledgements(mut self, empty: bool) -> Self {
        self.settings.empty_acknowledgements = empty;
        self
    }

    /// Whether rules between fields of create and modify are checked, and whether `publish_end_time` has passed
    /// when an activity is created or published. Default: yes. Names, types, formats, and the fields that the
    /// state needs, are always checked.
    #[must_use]
    pub fn cross_field_rules(mut self, check: bool) -> Self {
        self.settings.cross_field_rules = check;
        self
    }

    /// Whether the images of an activity have to be uploaded here before. Default: yes, if the operation
    /// that uploads them is served.
    #[must_use]
    pub fn known_images(mut self, check: bool) -> Self {
        self.settings.known_images = check;
        self
    }

    /// Whether each operation has `out_biz_no`s of its own. Default: no; Alipay asks for a number that is unique among
    /// all requests of the caller, and one that another operation has used is refused (inferred).
    #[must_use]
    pub fn numbers_per_operation(mut self, own: bool) -> Self {
        self.settings.numbers_per_operation = own;
        self
    }

    /// Whether the message about a received voucher names its user `receive_user_id` or `receive_open_id`, as a
    /// sample of 2021 does for the first, instead of `user_id` or `open_id`, as the documented message about
    /// expired vouchers does. Default: no. No page says which is right: `alipay_voucher::recipient::Recipient::of` reads both.
    #[must_use]
    pub fn sample_recipient_names(mut self, sample: bool) -> Self {
        self.settings.sample_recipient_names = sample;
        self
    }

    /// What to serve: a contract, which `cargo xtask generate` writes beside the tests of each generated
    /// crate. Default: all of Alipay's operations.
    ///
    /// Operations of `alipay-voucher` and `alipay-marketing` keep their state. The response of any other operation
    /// has the description's examples, and where one breaks the description a value that is made to fit.
    #[must_use]
    pub fn contract(mut self, contract: impl Into<String>) -> Self {
        self.contract = Some(contract.into());
        self
    }

    /// Responds to operations that have a state with the description's examples, too, and keeps none. Any
    /// request that fits the description then succeeds.
    #[must_use]
    pub fn with_examples_only(mut self) -> Self {
        self.examples_only = true;
        self
    }

    /// Whether requests may differ from the description: unknown fields, other types, missing
    /// fields, values out of range. Default: no. The fields that the state needs are always required.
    #[must_use]
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Whether the page and the JSON below `/_mock/` hide personal data. Default: yes.
    /// [`Gateway::requests`] never does.
    #[must_use]
    pub fn redact(mut self, redact: bool) -> Self {
        self.redact = redact;
        self
    }

    /// Registers an app auth token. Once there is one, others are refused with
    /// `invalid-app-auth-token`. Default: any token is accepted.
    #[must_use]
    pub fn app_auth_token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Delivers messages as they happen. Default: they are only kept for [`Gateway::messages`].
    #[must_use]
    pub fn deliver_messages(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// How long a request's headers, and then its body, may take to arrive, a connection may wait for its next
    /// request, and a client may read nothing of a response. Default: 30 seconds.
    #[must_use]
    pub fn read_timeout(mut self, read_timeout: Duration) -> Self {
        self.read_timeout = read_timeout;
        self
    }

    /// Called with each request once it has its response, on a thread of the gateway.
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
    /// The same as [`Self::start_blocking`]. It is asynchronous so that a later version can wait.
    #[allow(clippy::unused_async, reason = "leaves room to start without blocking")]
    pub async fn start(self) -> Result<Gateway, StartError> {
        self.start_blocking()
    }

    /// Starts the gateway from code that is not asynchronous.
    pub fn start_blocking(mut self) -> Result<Gateway, StartError> {
        let (port, read_timeout) = (self.port, self.read_timeout);
        let host = address::bare(&self.host).to_owned();
        let public_url = self.public_url.as_deref().map(address::read_public_url).transpose();
        let public_url = public_url.map_err(StartError::PublicUrl)?;
        let delivery = self.delivery.take();
        let mut engine = self.engine()?;
        engine.hosts.push(host.clone());
        engine.hosts.extend(public_url.as_deref().and_then(address::host_of));
        if delivery.is_some() {
            engine.service().outbox.deliver();
        }
        let listen = |source| StartError::Listen { address: address::shown(&host, port), source };
        let socket = address::listen(&host, port).map_err(listen)?;
        let address = socket.local_addr().map_err(listen)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("alipay-mock")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let handle = runtime.handle().clone();
        let threads = Threads(Some(runtime));
        let socket = {
            let _entered = handle.enter();
            tokio::net::TcpListener::from_std(socket).map_err(StartError::Runtime)?
        };
        engine.base_url = public_url.unwrap_or_else(|| address::url(&host, address));
        let engine = Arc::new(engine);
        let (stop, stopped) = watch::channel(false);
        let sender = Sender::default();
        let listener = Listener::new(address);
        let shared =
            Server::new(Arc::clone(&engine), sender.clone(), listener.clone(), read_timeout);
        handle.spawn(sender.clone().run(Arc::clone(&engine), delivery, stopped.clone()));
        let served = Some(handle.spawn(server::serve(socket, Arc::new(shared), stopped)));
        Ok(Gateway { engine, sender, listener, handle, stop, served, _threads: threads })
    }

    /// Everything but the network.
    pub(crate) fn engine(self) -> Result<Engine, StartError> {
        let catalogue = Catalogue::shared(self.contract.as_deref(), self.examples_only)?;
        let mut settings = self.settings.clone();
        settings.known_images &= catalogue.serves(Operation::Upload);
        let service = Service::new(settings).map_err(StartError::Runtime)?;
        let redaction = Redaction::new(self.redact, Arc::clone(&catalogue));
        let keys = match self.keys {
            Some(keys) => keys,
            None => GatewayKeys::shared()?,
        };
        keys.check_certificates(&self.app_id)?;
        Ok(Engine {
            app_id: self.app_id,
            base_url: String::new(),
            setup: OnceLock::new(),
            hosts: Vec::new(),
            keys,
            clock: self.clock,
            catalogue,
            redaction,
            signing: self.signing,
            lenient: self.lenient,
            tokens: self.tokens,
            observer: self.observer,
            service: Mutex::new(service),
            orders: Mutex::new(Orders::new().map_err(StartError::Runtime)?),
            state: State::new().map_err(StartError::Runtime)?,
        })
    }
}

impl fmt::Debug for GatewayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayBuilder")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("app_id", &self.app_id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
