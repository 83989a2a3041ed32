//! The gateway as its users see it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::catalogue::Catalogue;
use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::courier::{Courier, Delivery, DeliveryAttempt, DeliveryError};
use crate::engine::{Engine, ErrorSigning, Observer, Parts};
use crate::fault::{Fault, FaultRule};
use crate::inspect::Inspector;
use crate::keys::{GatewayKeys, KeysError};
use crate::messages::{self, UnknownMessage};
use crate::protocol::message::Notice;
use crate::record::RecordedRequest;
use crate::redaction::Redaction;
use crate::server::{self, Door, Server};
use crate::voucher::{PayError, Service, Settings};

#[cfg(feature = "spec")]
use crate::description::{Description, DescriptionError};

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
    /// The description cannot be served.
    #[cfg(feature = "spec")]
    #[error("the description is of no use:\n{0}")]
    Description(#[from] DescriptionError),
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
    /// The id of the message, the same in every delivery.
    pub notify_id: String,
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
    courier: Courier,
    door: Door,
    handle: Handle,
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

    /// The certificates of certificate mode. The gateway takes requests in either mode, and answers
    /// in the same.
    pub fn certificates(&self) -> Result<&Certificates, KeysError> {
        self.engine.keys.certificates()
    }

    /// The gateway's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.engine.clock
    }

    /// The last 1,000 requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.records().all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.engine.records().clear();
    }

    /// All activities as query describes them, newest first, at most 1,000.
    #[must_use]
    pub fn activities(&self) -> Vec<Value> {
        let now_millis = self.engine.clock.now_millis();
        let mut service = self.engine.service();
        service.settle(now_millis);
        service.describe(1000, now_millis)
    }

    /// An activity as query describes it; `None` when there is none with this id.
    #[must_use]
    pub fn activity(&self, activity_id: &str) -> Option<Value> {
        let now_millis = self.engine.clock.now_millis();
        let mut service = self.engine.service();
        service.settle(now_millis);
        service.describe_one(activity_id, now_millis)
    }

    /// Makes the next request that has no fault yet go wrong. Faults queue up: each is used for
    /// one request, whatever becomes of it.
    pub fn fail_next(&self, fault: Fault) {
        self.engine.fail(FaultRule::new(fault));
    }

    /// Makes requests go wrong as often and where the rule says. Of several rules about a request
    /// the first counts; at most 10,000 wait.
    pub fn fail(&self, rule: FaultRule) {
        self.engine.fail(rule);
    }

    /// Forgets all faults to come.
    pub fn clear_faults(&self) {
        self.engine.faults().clear();
    }

    /// Gives up the port, so that new connections are refused, and ends those that wait for a next
    /// request.
    pub async fn refuse_connections(&self) {
        self.door.set(false).await;
    }

    /// Listens again after [`Self::refuse_connections`], at the same address.
    pub async fn accept_connections(&self) {
        self.door.set(true).await;
    }

    /// Makes a signed message by hand. `name` is a full one or the last part of one, such as
    /// `expired`; what `content` leaves out comes from the description's example.
    pub fn message(
        &self,
        name: &str,
        content: Map<String, Value>,
        encrypted: bool,
    ) -> Result<Message, UnknownMessage> {
        let notice = messages::by_hand(&self.engine, name, content)?;
        Ok(self.signed(&notice, encrypted))
    }

    /// Posts a message to a URL, once; the attempt is the result, not among
    /// [`Self::deliveries`].
    pub async fn deliver(
        &self,
        message: &Message,
        url: &str,
    ) -> Result<DeliveryAttempt, DeliveryError> {
        let target = crate::post::Target::parse(url).map_err(DeliveryError)?;
        let form = message.form_body.clone();
        // On the gateway's own threads: callers need no driver for it.
        let posted = self.handle.spawn(async move { target.post(form).await }).await;
        let reply = posted.unwrap_or_else(|e| Err(e.to_string()));
        let (name, notify_id) = (message.name.clone(), message.notify_id.clone());
        Ok(DeliveryAttempt::new(name, notify_id, url.to_owned(), reply))
    }

    /// The attempts to deliver messages so far, oldest first, at most 1,000.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryAttempt> {
        self.courier.attempts()
    }

    /// Delivers a message once more; false when none with this `notify_id` was delivered.
    #[must_use]
    pub fn redeliver(&self, notify_id: &str) -> bool {
        self.courier.redeliver(&self.engine, notify_id)
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
        let paid = self.engine.service().pay(activity_id, self.engine.clock.now_millis());
        self.engine.news.notify_one();
        paid
    }

    /// Lets every accepted operation take effect now, but those that wait for a payment.
    pub fn complete_pending(&self) {
        self.engine.service().complete_pending(self.engine.clock.now_millis());
        self.engine.news.notify_one();
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
        notices.iter().map(|notice| self.signed(notice, false)).collect()
    }

    fn signed(&self, notice: &Notice, encrypted: bool) -> Message {
        Message {
            name: notice.name.clone(),
            notify_id: notice.notify_id.clone(),
            form_body: notice.form_body(&self.engine.app_id, &self.engine.keys, encrypted),
        }
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
    lenient: bool,
    redact: bool,
    tokens: Vec<String>,
    delivery: Option<Delivery>,
    #[cfg(feature = "spec")]
    description: Option<Texts>,
}

/// A description's name and text, and those of its overlay.
#[cfg(feature = "spec")]
struct Texts {
    base: (String, String),
    overlay: Option<(String, String)>,
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
            lenient: false,
            redact: true,
            tokens: Vec::new(),
            delivery: None,
            #[cfg(feature = "spec")]
            description: None,
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

    /// The description to serve, YAML or JSON, and the overlay that refines it; each with the name
    /// errors call it by. Default: the payment vouchers.
    ///
    /// Voucher operations in it have their state; every other operation answers with the
    /// description's examples.
    #[cfg(feature = "spec")]
    #[must_use]
    pub fn description(
        mut self,
        base: (impl Into<String>, impl Into<String>),
        overlay: Option<(&str, &str)>,
    ) -> Self {
        let base = (base.0.into(), base.1.into());
        let overlay = overlay.map(|(name, text)| (name.to_owned(), text.to_owned()));
        self.description = Some(Texts { base, overlay });
        self
    }

    /// Whether requests may differ from the description: unknown fields, other types, missing
    /// fields, values out of range. Default: no. What the state needs is asked for all the same.
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
    /// `invalid-app-auth-token`. Default: any is taken.
    #[must_use]
    pub fn app_auth_token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Delivers messages as they happen. Default: they only wait in [`Gateway::messages`].
    #[must_use]
    pub fn deliver_messages(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
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
    pub fn start_blocking(mut self) -> Result<Gateway, StartError> {
        let (port, read_timeout) = (self.port, self.read_timeout);
        let delivery = self.delivery.take();
        let mut engine = self.engine()?;
        if delivery.is_some() {
            engine.deliver();
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = |source| StartError::Listen { port, source };
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
        let engine = Arc::new(engine);
        let (stop, stopped) = watch::channel(false);
        let courier = Courier::default();
        let door = Door::new(address);
        let inspector = Inspector { engine: Arc::clone(&engine), courier: courier.clone() };
        let shared = Arc::new(Server::new(inspector, door.clone(), read_timeout));
        handle.spawn(courier.clone().run(Arc::clone(&engine), delivery, stopped.clone()));
        let served = Some(handle.spawn(server::serve(listener, shared, stopped)));
        Ok(Gateway {
            engine,
            courier,
            door,
            handle,
            base_url: format!("http://{address}"),
            stop,
            served,
            _threads: threads,
        })
    }

    /// Everything but the network.
    pub(crate) fn engine(self) -> Result<Engine, StartError> {
        let keys = match self.keys {
            Some(keys) => keys,
            None => GatewayKeys::shared()?,
        };
        #[cfg(feature = "spec")]
        let (catalogue, redaction) = served(self.description.as_ref(), self.redact)?;
        #[cfg(not(feature = "spec"))]
        let (catalogue, redaction) = (Arc::new(Catalogue::vouchers()), Redaction::new(self.redact));
        Ok(Engine::new(Parts {
            app_id: self.app_id,
            keys,
            clock: self.clock,
            catalogue,
            service: Service::new(self.settings),
            signing: self.signing,
            lenient: self.lenient,
            tokens: self.tokens,
            redaction,
            observer: self.observer,
        }))
    }
}

/// The operations to serve, and what of their requests is to be hidden.
#[cfg(feature = "spec")]
fn served(
    texts: Option<&Texts>,
    redact: bool,
) -> Result<(Arc<Catalogue>, Redaction), DescriptionError> {
    let description = match texts {
        None => Description::vouchers()?,
        Some(Texts { base, overlay }) => {
            let overlay = overlay.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
            Description::read((&base.0, &base.1), overlay)?
        }
    };
    Ok((description.catalogue, Redaction::new(redact, description.types)))
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
