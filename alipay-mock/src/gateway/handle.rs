//! A running gateway.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[cfg(feature = "client")]
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::delivery::{self, DeliveryAttempt, DeliveryError, MessageError, Sender, Target};
use crate::engine::Engine;
use crate::error::KeysError;
use crate::fault::{Fault, FaultRule, FaultStatus};
use crate::keys::{Certificates, GatewayKeys};
use crate::protocol::message::{Encryption, Notice};
use crate::record::RecordedRequest;
use crate::server::Listener;
use crate::trade::{OrderError, OrderState};
use crate::voucher::{ActivityState, Completion, ControlError, Review, Service, VoucherState};

/// A message as the gateway would post it to the application gateway URL, or the notification of a payment to the
/// `notify_url` of its order.
///
/// `Debug` shows the name only: the body may identify a user.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// `msg_method`, for example `alipay.marketing.activity.message.created`; of a payment `trade_status_sync`.
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

/// A local gateway that serves until it is shut down or dropped.
///
/// It runs on its own threads, so it works with blocking clients, too.
pub struct Gateway {
    pub(super) engine: Arc<Engine>,
    pub(super) sender: Sender,
    pub(super) listener: Listener,
    pub(super) handle: Handle,
    pub(super) stop: watch::Sender<bool>,
    pub(super) served: Option<JoinHandle<()>>,
    // Last, so that everything else is dropped before the threads end.
    pub(super) _threads: Threads,
}

/// The threads of the server. Nobody waits for them, so that a gateway may be dropped in
/// asynchronous code.
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
        &self.engine.base_url
    }

    /// Has the page show these lines to those who have not called the gateway yet: they set up a client in a shell. The
    /// first that are given count.
    pub fn show_setup(&self, lines: impl Into<String>) {
        let _ = self.engine.setup.set(lines.into());
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// What of the description that was asked for cannot be kept to, a line each: patterns that are not checked, and fields
    /// that responses lack since no value is found that fits their limits. None of Alipay's own.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.engine.catalogue.notes()
    }

    /// What it serves.
    #[cfg(feature = "client")]
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.engine.catalogue
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

    /// The certificates of certificate mode. The gateway accepts requests in either mode, and
    /// responds in the same mode.
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

    /// The request whose response has this trace id, if it is one of the last 1,000.
    #[must_use]
    pub fn request(&self, trace_id: &str) -> Option<RecordedRequest> {
        self.engine.records().find(trace_id)
    }

    /// Removes the requests so far.
    pub fn clear_requests(&self) {
        self.engine.records().clear();
        self.engine.changed();
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

    /// Adds a fault for the next request that has none yet. Faults queue up: each is used for one
    /// request. One that spoils a success waits for the next success.
    pub fn fail_next(&self, fault: Fault) {
        self.fail(FaultRule::new(fault));
    }

    /// Adds a rule for faults. If several rules apply to a request, the first counts. At most 10,000
    /// rules wait.
    pub fn fail(&self, rule: FaultRule) {
        self.engine.faults().push(rule);
        self.engine.changed();
    }

    /// The faults to come, in their order; then those that have happened, the last one first, at most 100.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultStatus> {
        self.engine.faults().all()
    }

    /// Removes all faults to come, and forgets those that have happened.
    pub fn clear_faults(&self) {
        self.engine.faults().clear();
        self.engine.changed();
    }

    /// Closes the port, so that new connections are refused, and ends idle connections.
    pub async fn refuse_connections(&self) {
        self.listener.close().await;
    }

    /// Listens again after [`Self::refuse_connections`], at the same address.
    pub async fn accept_connections(&self) {
        self.listener.open().await;
    }

    /// Makes a signed message. `name` is a full name, or the last part of one, such as `expired`.
    /// Members that `content` leaves out come from the description's example.
    pub fn message(
        &self,
        name: &str,
        content: Map<String, Value>,
        encryption: Encryption,
    ) -> Result<Message, MessageError> {
        let notice = delivery::custom_message(&self.engine, name, content)?;
        Ok(self.signed(&notice, encryption)?)
    }

    /// Posts a message to a URL once. The result is not added to [`Self::deliveries`].
    pub async fn deliver(
        &self,
        message: &Message,
        url: &str,
    ) -> Result<DeliveryAttempt, DeliveryError> {
        let target = Target::parse(url).map_err(DeliveryError)?;
        let form = message.form_body.clone();
        // On the gateway's own threads, so that callers need no I/O driver.
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

    /// Delivers a message once more. False if none with this `notify_id` was delivered.
    #[must_use]
    pub fn redeliver(&self, notify_id: &str) -> bool {
        self.sender.redeliver(&self.engine, notify_id)
    }

    /// The messages so far, without those that were taken; oldest first, at most 10,000.
    pub fn messages(&self) -> Result<Vec<Message>, KeysError> {
        let notices = self.engine.notices();
        // They are signed here and not earlier, so that sending vouchers stays fast.
        notices.iter().map(|notice| self.signed(notice, Encryption::Off)).collect()
    }

    /// Takes the messages so far.
    pub fn take_messages(&self) -> Result<Vec<Message>, KeysError> {
        let notices = self.engine.take_notices();
        notices.iter().map(|notice| self.signed(notice, Encryption::Off)).collect()
    }

    /// How an activity's life goes: status, running operation, review, counts.
    pub fn activity_state(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.engine.service().state(activity_id, self.now_millis())
    }

    /// What has become of a voucher. One that expired more than six months ago is unknown, as it is to Alipay.
    pub fn voucher_state(&self, voucher_id: &str) -> Result<VoucherState, ControlError> {
        self.engine.service().voucher(voucher_id, self.now_millis())
    }

    /// The vouchers of an activity that were sent, oldest first, at most 1,000.
    pub fn vouchers(&self, activity_id: &str) -> Result<Vec<VoucherState>, ControlError> {
        self.engine.service().vouchers(activity_id, 1000, self.now_millis())
    }

    /// The orders that pages and apps have brought, newest first, at most 1,000.
    #[must_use]
    pub fn orders(&self) -> Vec<OrderState> {
        self.engine.orders_newest(1000)
    }

    /// What has become of an order.
    pub fn order(&self, out_trade_no: &str) -> Result<OrderState, OrderError> {
        self.engine.order(out_trade_no)
    }

    /// Pays an order, as the buyer does on its page, and posts the notification of it. The buyer would then be sent to
    /// [`OrderState::return_url`].
    ///
    /// # Errors
    ///
    /// When the order is unknown, or does not wait for its payment.
    pub fn pay_order(&self, out_trade_no: &str) -> Result<OrderState, OrderError> {
        self.engine.pay_order(out_trade_no)
    }

    /// Closes an order that is not paid, and posts the notification of it.
    ///
    /// # Errors
    ///
    /// When the order is unknown, or does not wait for its payment.
    pub fn close_order(&self, out_trade_no: &str) -> Result<OrderState, OrderError> {
        self.engine.close_order(out_trade_no)
    }

    /// Pays the budget of a `RECHARGE` activity whose publish or append waits for it, as its issuer
    /// would at `recharge_url`.
    ///
    /// # Errors
    ///
    /// When nothing waits for a payment. A budget that is not paid within three days: the link expires, the publish or append has
    /// no effect, and no message says so.
    pub fn pay(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.pay(activity_id, now))
    }

    /// Redeems a voucher, as a payment would, and sends the message of it. A voucher whose activity sets
    /// `voucher_max_use_times` is `USED` after as many times.
    ///
    /// # Errors
    ///
    /// When the voucher was used before, is not valid now, or the activity's `quantity_limit_per_user` of uses is reached.
    pub fn redeem(&self, voucher_id: &str) -> Result<VoucherState, ControlError> {
        self.control(|service, now| service.redeem(voucher_id, now))
    }

    /// Has the review reject an accepted publish: query then has `audit_result_info` with `REJECT` and this
    /// reason, and the activity stays as it is. A later publish is reviewed anew (inferred).
    ///
    /// The publish must not have taken effect; see [`GatewayBuilder::completion`](crate::GatewayBuilder::completion).
    /// [`Self::set_review`] rejects each publish when it would take effect.
    ///
    /// # Errors
    ///
    /// When no publish of the activity is pending.
    pub fn reject(&self, activity_id: &str, reason: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.reject(activity_id, reason, now))
    }

    /// What the review does with each publish that takes effect from now on.
    ///
    /// # Errors
    ///
    /// When the reason of a rejection has more than 500 characters.
    pub fn set_review(&self, review: Review) -> Result<(), ControlError> {
        self.engine.service().set_review(review)
    }

    /// Pauses an activity, as the merchant can with another tool: no operation of the description does. The status is
    /// documented; that `send` then responds with `ACTIVITY_NOT_ACTIVE` is inferred. No message says so.
    ///
    /// # Errors
    ///
    /// When the activity is not active.
    pub fn pause(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.pause(activity_id, true, now))
    }

    /// Has a paused activity go on.
    ///
    /// # Errors
    ///
    /// When the activity is not paused.
    pub fn resume(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.pause(activity_id, false, now))
    }

    /// Uses up the vouchers that are left, as if other users had received them: `send` then responds with
    /// `BUDGET_NOT_ENOUGH`, until append raises the total.
    ///
    /// # Errors
    ///
    /// When no activity has this id.
    pub fn exhaust(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.exhaust(activity_id, now))
    }

    /// Whether query has the fields of the older style, too, from now on; see
    /// [`GatewayBuilder::old_twins`](crate::GatewayBuilder::old_twins).
    pub fn set_old_twins(&self, old_twins: bool) {
        self.engine.service().set_old_twins(old_twins);
    }

    /// When operations take effect that are accepted from now on.
    pub fn set_completion(&self, completion: Completion) {
        self.engine.service().set_completion(completion);
    }

    /// The same, for one activity.
    ///
    /// # Errors
    ///
    /// When no activity has this id.
    pub fn set_completion_of(
        &self,
        activity_id: &str,
        completion: Completion,
    ) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.set_completion_of(activity_id, completion, now))
    }

    /// Completes the accepted operation of an activity now.
    ///
    /// # Errors
    ///
    /// When none is running, or it waits for a payment.
    pub fn complete(&self, activity_id: &str) -> Result<ActivityState, ControlError> {
        self.control(|service, now| service.complete(activity_id, now))
    }

    /// Completes every accepted operation now, except those that wait for a payment.
    pub fn complete_pending(&self) {
        self.engine.service().complete_pending(self.now_millis());
        self.engine.wake_sender();
    }

    fn now_millis(&self) -> i64 {
        self.engine.clock.now_millis()
    }

    /// Changes something that may have a message.
    fn control<T>(
        &self,
        change: impl FnOnce(&mut Service, i64) -> Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let changed = change(&mut self.engine.service(), self.now_millis());
        self.engine.wake_sender();
        changed
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
        f.debug_struct("Gateway").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
