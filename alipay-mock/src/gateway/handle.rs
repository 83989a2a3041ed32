//! A running gateway.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::delivery::{self, DeliveryAttempt, DeliveryError, MessageError, Sender, Target};
use crate::engine::Engine;
use crate::error::KeysError;
use crate::fault::{Fault, FaultRule};
use crate::keys::{Certificates, GatewayKeys};
use crate::protocol::message::{Encryption, Notice};
use crate::record::RecordedRequest;
use crate::server::Listener;
use crate::voucher::PayError;

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
    pub(super) engine: Arc<Engine>,
    pub(super) sender: Sender,
    pub(super) listener: Listener,
    pub(super) handle: Handle,
    pub(super) base_url: String,
    pub(super) stop: watch::Sender<bool>,
    pub(super) served: Option<JoinHandle<()>>,
    // Last, so that everything else is gone when the threads are told to end.
    pub(super) _threads: Threads,
}

/// The threads the server runs on. They are never waited for, so that a gateway may be dropped
/// in asynchronous code.
pub(super) struct Threads(pub(super) Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Gateway {
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

    /// The request that was answered with this trace id, if it is one of the last 1,000.
    #[must_use]
    pub fn request(&self, trace_id: &str) -> Option<RecordedRequest> {
        self.engine.records().find(trace_id)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.engine.records().clear();
    }

    /// All activities as query describes them, newest first, at most 1,000.
    #[must_use]
    pub fn activities(&self) -> Vec<Value> {
        let now_millis = self.engine.clock.now_millis();
        self.engine.service().describe(1000, now_millis)
    }

    /// An activity as query describes it; `None` when there is none with this id.
    #[must_use]
    pub fn activity(&self, activity_id: &str) -> Option<Value> {
        let now_millis = self.engine.clock.now_millis();
        self.engine.service().describe_one(activity_id, now_millis)
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
        self.listener.set(false).await;
    }

    /// Listens again after [`Self::refuse_connections`], at the same address.
    pub async fn accept_connections(&self) {
        self.listener.set(true).await;
    }

    /// Makes a signed message by hand. `name` is a full one or the last part of one, such as
    /// `expired`; what `content` leaves out comes from the description's example.
    pub fn message(
        &self,
        name: &str,
        content: Map<String, Value>,
        encryption: Encryption,
    ) -> Result<Message, MessageError> {
        let notice = delivery::custom_message(&self.engine, name, content)?;
        Ok(self.signed(&notice, encryption)?)
    }

    /// Posts a message to a URL, once; the attempt is the result, not among
    /// [`Self::deliveries`].
    pub async fn deliver(
        &self,
        message: &Message,
        url: &str,
    ) -> Result<DeliveryAttempt, DeliveryError> {
        let target = Target::parse(url).map_err(DeliveryError)?;
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
        self.sender.attempts()
    }

    /// Delivers a message once more; false when none with this `notify_id` was delivered.
    #[must_use]
    pub fn redeliver(&self, notify_id: &str) -> bool {
        self.sender.redeliver(&self.engine, notify_id)
    }

    /// The messages sent so far and not taken, oldest first, at most 10,000.
    pub fn messages(&self) -> Result<Vec<Message>, KeysError> {
        let notices = {
            let mut service = self.engine.service();
            service.settle(self.engine.clock.now_millis());
            service.notices()
        };
        // They are signed here and not when they happen, so that sending vouchers stays fast.
        notices.iter().map(|notice| self.signed(notice, Encryption::Off)).collect()
    }

    /// Takes the messages sent so far.
    pub fn take_messages(&self) -> Result<Vec<Message>, KeysError> {
        let notices = {
            let mut service = self.engine.service();
            service.settle(self.engine.clock.now_millis());
            service.take_notices()
        };
        notices.iter().map(|notice| self.signed(notice, Encryption::Off)).collect()
    }

    /// Pays in the budget of a `RECHARGE` activity whose publish or append waits for it, as its
    /// issuer would at `recharge_url`.
    pub fn pay(&self, activity_id: &str) -> Result<(), PayError> {
        let paid = self.engine.service().pay(activity_id, self.engine.clock.now_millis());
        self.engine.wake_sender.notify_one();
        paid
    }

    /// Lets every accepted operation take effect now, but those that wait for a payment.
    pub fn complete_pending(&self) {
        self.engine.service().complete_pending(self.engine.clock.now_millis());
        self.engine.wake_sender.notify_one();
    }

    /// Stops listening, and waits up to two seconds for requests in progress.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(served) = self.served.take() {
            let _ = served.await;
        }
    }

    fn signed(&self, notice: &Notice, encryption: Encryption) -> Result<Message, KeysError> {
        Ok(Message {
            name: notice.name.clone(),
            notify_id: notice.notify_id.clone(),
            form_body: notice.form_body(&self.engine.app_id, &self.engine.keys, encryption)?,
        })
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
