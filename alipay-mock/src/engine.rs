//! From a request to its response, without any network.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::catalogue::{Catalogue, Endpoint, Found};
use crate::clock::{Clock, Times};
use crate::contract::{Input, check, example};
use crate::error::{By, Refusal, bad_request};
use crate::fault::{Fault, Faults, Needs, Success};
use crate::keys::GatewayKeys;
use crate::protocol::message::{Encryption, Notice};
use crate::protocol::nonce::{Nonces, random_hex};
use crate::protocol::order;
use crate::protocol::parameters::{self, Parameters};
use crate::protocol::request::RawRequest;
use crate::protocol::response::{Ending, Pace, Responder, WireResponse};
use crate::protocol::verify::{self, Accepted, Rules};
use crate::record::{RecordedRequest, Records};
use crate::redaction::Redaction;
use crate::trade::{self, OrderError, OrderState, Orders};
use crate::voucher::{self, Service};

/// Called with each request once it has its response.
pub(crate) type Observer = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

/// How many listen to changes at once. Each has a connection.
const LISTENERS: usize = 32;
/// Where the pages of orders are, below the gateway's address.
pub(crate) const CASHIER: &str = "/_mock/cashier/";
/// The header by which a request brings its own fault.
const FAULT_HEADER: &str = "alipay-mock-fault";

/// Which error responses are signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorSigning {
    pub(crate) gateway: bool,
    pub(crate) business: bool,
}

/// A gateway without its network.
pub(crate) struct Engine {
    pub(crate) app_id: String,
    /// The address for clients, without a slash at the end.
    pub(crate) base_url: String,
    /// The lines that set up a client, as the page shows them.
    pub(crate) setup: OnceLock<String>,
    /// The hosts by which the gateway knows itself.
    pub(crate) hosts: Vec<String>,
    pub(crate) keys: GatewayKeys,
    pub(crate) clock: Clock,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) redaction: Redaction,
    pub(crate) signing: ErrorSigning,
    pub(crate) lenient: bool,
    pub(crate) tokens: Vec<String>,
    pub(crate) observer: Option<Observer>,
    pub(crate) service: Mutex<Service>,
    pub(crate) orders: Mutex<Orders>,
    pub(crate) state: State,
}

/// The state of a running gateway, except for its vouchers and orders.
#[derive(Default)]
pub(crate) struct State {
    /// Wakes the sender when a message may be waiting.
    wake_sender: Notify,
    /// How many changes there were that the page shows.
    changes: watch::Sender<u64>,
    nonces: Mutex<Nonces>,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    trace_prefix: String,
    request_count: AtomicU64,
}

impl State {
    pub(crate) fn new() -> io::Result<Self> {
        let trace_prefix = random_hex()?.chars().take(8).collect();
        Ok(Self { trace_prefix, ..Self::default() })
    }
}

struct Passed<'a> {
    found: Found<'a>,
    accepted: Accepted,
}

impl Engine {
    pub(crate) fn service(&self) -> MutexGuard<'_, Service> {
        lock(&self.service)
    }

    /// The service, with all changes completed that are due.
    pub(crate) fn settled(&self) -> MutexGuard<'_, Service> {
        let mut service = self.service();
        service.settle(self.clock.now_millis());
        service
    }

    pub(crate) fn orders(&self) -> MutexGuard<'_, Orders> {
        lock(&self.orders)
    }

    /// The orders, with those closed whose time is over.
    pub(crate) fn settled_orders(&self) -> MutexGuard<'_, Orders> {
        let mut orders = self.orders();
        orders.settle(self.clock.now_millis());
        orders
    }

    /// What has become of an order.
    pub(crate) fn order(&self, number: &str) -> Result<OrderState, OrderError> {
        self.settled_orders().state(number, &self.pages())
    }

    /// The newest orders, newest first, at most `most`.
    pub(crate) fn orders_newest(&self, most: usize) -> Vec<OrderState> {
        let (orders, pages) = (self.settled_orders(), self.pages());
        let newest = orders.newest(most).into_iter();
        newest.filter_map(|number| orders.state(&number, &pages).ok()).collect()
    }

    /// The buyer pays an order.
    pub(crate) fn pay_order(&self, number: &str) -> Result<OrderState, OrderError> {
        let now_millis = self.clock.now_millis();
        self.orders().pay(number, &self.app_id, &self.keys, now_millis)?;
        self.wake_sender();
        self.order(number)
    }

    /// An order ends without a payment.
    pub(crate) fn close_order(&self, number: &str) -> Result<OrderState, OrderError> {
        self.orders().close(number, self.clock.now_millis())?;
        self.wake_sender();
        self.order(number)
    }

    fn pages(&self) -> String {
        format!("{}{CASHIER}", self.base_url)
    }

    /// The newest messages, newest first, at most `most`.
    pub(crate) fn newest_notices(&self, most: usize) -> Vec<Notice> {
        let mut notices = self.settled().outbox.newest(most);
        notices.extend(self.settled_orders().outbox.newest(most));
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.utc_millis));
        notices.truncate(most);
        notices
    }

    /// All messages, oldest first.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let mut notices = self.settled().outbox.notices();
        notices.extend(self.settled_orders().outbox.notices());
        notices.sort_by_key(|notice| notice.utc_millis);
        notices
    }

    /// Takes all messages, oldest first.
    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        let mut notices = self.settled().outbox.take_notices();
        notices.extend(self.settled_orders().outbox.take_notices());
        notices.sort_by_key(|notice| notice.utc_millis);
        notices
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.state.faults)
    }

    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        lock(&self.state.records)
    }

    /// A message may be waiting, since something has changed.
    pub(crate) fn wake_sender(&self) {
        self.state.wake_sender.notify_one();
        self.changed();
    }

    /// Something has changed that the page shows.
    pub(crate) fn changed(&self) {
        self.state.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    /// Receives the number of changes; `None` if too many listen already.
    pub(crate) fn listen(&self) -> Option<watch::Receiver<u64>> {
        let changes = &self.state.changes;
        (changes.receiver_count() < LISTENERS).then(|| changes.subscribe())
    }

    pub(crate) fn change_count(&self) -> u64 {
        *self.state.changes.borrow()
    }

    /// A name for what the page shows after this many changes. No other gateway has it.
    pub(crate) fn version(&self, changes: u64) -> String {
        format!("{}-{changes}", self.state.trace_prefix)
    }

    /// Waits until a message may be waiting.
    pub(crate) async fn woken(&self) {
        self.state.wake_sender.notified().await;
    }

    pub(crate) fn request_count(&self) -> u64 {
        self.state.request_count.load(Ordering::Relaxed)
    }

    /// Responds to a request, with the next fault if there is one.
    pub(crate) fn respond(&self, request: &RawRequest) -> Ending {
        if request.path() == parameters::PATH {
            return Ending::Respond(Duration::ZERO, self.take_order(request));
        }
        let own = match own_fault(request) {
            Ok(own) => own,
            Err(refusal) => return Ending::Respond(Duration::ZERO, self.refuse(request, refusal)),
        };
        let began = Instant::now();
        let now = self.clock.read();
        let trace_id = self.trace_id(now.gateway);
        let mut record = RecordedRequest::new(request, &trace_id, now.gateway);
        let responder = self.responder(request, now, &trace_id);
        let passed = self.verify(request, now);
        if let Ok(passed) = &passed {
            record.verified = true;
            record.operation = Some(passed.found.endpoint.operation.id.clone());
            record.set_plain_body(&passed.accepted.plain);
            record.string_to_sign = Some(passed.accepted.string_to_sign.clone());
        }
        let queued = own.is_none() && self.is_call(request);
        let early = match &own {
            Some(own) => Some(own.clone()).filter(|own| own.needs() == Needs::Request),
            None if queued => self.faults().take(request.path(), &trace_id),
            None => None,
        };
        // The fault of a success, once it is one.
        let late = |success: Option<Success>| match &own {
            _ if early.is_some() => None,
            Some(own) => {
                let met =
                    |success: Success| own.needs().are_met(success.has_body, success.is_encrypted);
                Some(own.clone()).filter(|_| success.is_some_and(met))
            }
            None if queued => self.faults().take_after(request.path(), &trace_id, success),
            None => None,
        };
        let mut used = early.clone();
        let instead = early.as_ref().and_then(|fault| responder.instead(fault));
        if let Some(Ending::Respond(_, response)) = &instead {
            record.set_response(&response.body);
        }
        let ending = instead.unwrap_or_else(|| {
            let operated = passed.and_then(|passed| self.operate(request, passed, now.gateway));
            let (response, fault) = self.finish(operated, &responder, late, &mut record);
            used = used.take().or(fault);
            let sent = |delay, pace| Ending::Respond(delay, WireResponse { pace, ..response });
            match &early {
                Some(Fault::CloseAfterProcessing) => Ending::Close,
                Some(Fault::Hang) => Ending::Hang,
                Some(Fault::Delay(delay)) => sent(*delay, Pace::Whole),
                Some(Fault::SlowDrip(time)) => sent(Duration::ZERO, Pace::Drip(*time)),
                Some(Fault::HalfBody) => sent(Duration::ZERO, Pace::Half),
                Some(Fault::ResetAfterHeaders) => sent(Duration::ZERO, Pace::Reset),
                _ => sent(Duration::ZERO, Pace::Whole),
            }
        });
        if let Some(Fault::UnsignedError { code, .. } | Fault::SignedError { code, .. }) = &used {
            record.code = Some(code.clone());
        }
        record.idle_fault = own.filter(|_| used.is_none());
        record.fault = used;
        record.duration = began.elapsed();
        if let Ending::Respond(delay, response) = &ending {
            record.status = Some(response.status);
            record.duration += *delay;
            if let Pace::Drip(time) = response.pace {
                record.duration += time;
            }
        } else {
            record.set_response(b"");
        }
        self.keep(record);
        self.wake_sender();
        ending
    }

    /// Responds to an order that a buyer brings: with the way to its page, or with one that says why it is refused. Faults are
    /// for calls.
    fn take_order(&self, request: &RawRequest) -> WireResponse {
        let began = Instant::now();
        let now = self.clock.read();
        let trace_id = self.trace_id(now.gateway);
        let mut record = RecordedRequest::new(request, &trace_id, now.gateway);
        let response = match self.placed(request, now, &mut record) {
            Ok(page) => WireResponse::redirect(&format!("{CASHIER}{page}"), &trace_id),
            Err(refusal) => {
                let page = trade::refusal_page(&refusal, &trace_id);
                record.code = Some(refusal.code.to_owned());
                record.message = Some(refusal.message);
                record.diagnosis = refusal.diagnosis.map(|diagnosis| *diagnosis);
                // The real gateway's page of errors has the status 200, as programs that expected JSON report.
                WireResponse::page(page.unwrap_or_else(|e| e.to_string()), &trace_id)
            }
        };
        record.set_response(&response.body);
        record.status = Some(response.status);
        record.duration = began.elapsed();
        self.keep(record);
        self.wake_sender();
        response
    }

    /// The name of the page of an order.
    fn placed(
        &self,
        request: &RawRequest,
        now: Times,
        record: &mut RecordedRequest,
    ) -> Result<String, Refusal> {
        let parameters = Parameters::read(request)?;
        record.operation = parameters.method().map(|method| method.name().to_owned());
        // The form has all parameters, this one has what people look for.
        record.set_plain_body(parameters.content().unwrap_or_default());
        let rules = Rules { app_id: &self.app_id, keys: &self.keys, tokens: &self.tokens };
        let verified = order::check(&parameters, rules, now)?;
        record.verified = true;
        record.string_to_sign = Some(verified.string_to_sign.clone());
        let accepted = order::open(&parameters, &verified, rules)?;
        record.set_plain_body(serde_json::json!(accepted.content).to_string().as_bytes());
        self.settled_orders().place(accepted, self.lenient, now.gateway)
    }

    /// Whether a request is a call of an operation, or is meant to be one. What browsers ask for by themselves is none.
    fn is_call(&self, request: &RawRequest) -> bool {
        let by_itself = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        !by_itself
            || request.headers.contains_key(http::header::AUTHORIZATION)
            || self.catalogue.find(&request.method, request.path()).is_ok()
    }

    /// Responds to a request that cannot be read.
    pub(crate) fn refuse(&self, request: &RawRequest, refusal: Refusal) -> WireResponse {
        let now = self.clock.read();
        let trace_id = self.trace_id(now.gateway);
        let mut record = RecordedRequest::new(request, &trace_id, now.gateway);
        let responder = self.responder(request, now, &trace_id);
        let response = self.refusal(&responder, refusal, &mut record);
        record.status = Some(response.status);
        record.set_response(&response.body);
        self.keep(record);
        response
    }

    fn responder<'a>(
        &'a self,
        request: &RawRequest,
        now: Times,
        trace_id: &'a str,
    ) -> Responder<'a> {
        let now_millis = verify::timestamp(request).map_or(now.gateway, |sent| now.of(sent));
        let named = |header: &str| header.contains("app_cert_sn=");
        let certificates = request.header("authorization").is_some_and(named);
        Responder { keys: &self.keys, now_millis, trace_id, certificates }
    }

    fn verify(&self, request: &RawRequest, now: Times) -> Result<Passed<'_>, Refusal> {
        let found = self.catalogue.find(&request.method, request.path())?;
        let rules = Rules { app_id: &self.app_id, keys: &self.keys, tokens: &self.tokens };
        // Signatures are checked before the lock is taken, so that requests do not wait for each other.
        // A nonce is kept while its request could be accepted by either clock.
        let nonces =
            |nonce: &str, until| lock(&self.state.nonces).insert(nonce, now.earlier(), until);
        let accepted = verify::check(request, rules, nonces, now)?;
        Ok(Passed { found, accepted })
    }

    /// The response, and the fault that it got as a success.
    fn finish(
        &self,
        operated: Result<(String, Encryption), Refusal>,
        responder: &Responder<'_>,
        late: impl FnOnce(Option<Success>) -> Option<Fault>,
        record: &mut RecordedRequest,
    ) -> (WireResponse, Option<Fault>) {
        let success = operated.as_ref().ok().map(|(body, encryption)| Success {
            has_body: !body.is_empty(),
            is_encrypted: *encryption == Encryption::Aes,
        });
        let fault = late(success);
        let plain = operated.as_ref().ok().map(|(body, _)| body.clone());
        let response = operated
            .and_then(|(body, encryption)| responder.success(&body, encryption, fault.as_ref()))
            .unwrap_or_else(|refusal| self.refusal(responder, refusal, record));
        match plain {
            Some(plain) if response.is_encrypted() => record.set_response(plain.as_bytes()),
            _ => record.set_response(&response.body),
        }
        (response, fault)
    }

    /// The response's body and its encryption.
    fn operate(
        &self,
        request: &RawRequest,
        passed: Passed<'_>,
        now_millis: i64,
    ) -> Result<(String, Encryption), Refusal> {
        let Passed { found: Found { endpoint, contract, path }, accepted } = passed;
        let Endpoint { operation, voucher, trade, .. } = endpoint;
        let input = Input::read(contract, operation, request, &accepted, path)?;
        if !self.lenient {
            // Which fields an operation of two styles requires depends on that of its request. The
            // service knows that better than the description.
            let required = !voucher.is_some_and(voucher::Operation::has_styles);
            check(contract, operation, &input, required)?;
        }
        let body = match (*voucher, *trade) {
            (None, None) => Ok(Value::Object(example(contract, &operation.response)).to_string()),
            (None, Some(operation)) => self.orders().call(operation, &input.merged(), now_millis),
            (Some(voucher::Operation::Upload), _) => {
                self.service().upload(&input.body, &input.files, now_millis)
            }
            (Some(operation), _) => self.service().call(operation, &input.merged(), now_millis),
        };
        // The service does not know where a field comes from.
        let body =
            body.map_err(|refusal| refusal.located(|field| contract.location(operation, field)))?;
        Ok((body, accepted.encryption))
    }

    fn refusal(
        &self,
        responder: &Responder<'_>,
        refusal: Refusal,
        record: &mut RecordedRequest,
    ) -> WireResponse {
        let Refusal { by, status, code, message, details, diagnosis } = refusal;
        let response = responder.error(status, code, &message, &details, diagnosis.as_deref());
        record.diagnosis = diagnosis.map(|diagnosis| *diagnosis);
        record.code = Some(code.to_owned());
        record.message = Some(message);
        let sign = match by {
            By::Gateway => self.signing.gateway,
            By::Operation => self.signing.business,
        };
        if sign { responder.signed(response) } else { response }
    }

    fn keep(&self, record: RecordedRequest) {
        if let Some(observer) = &self.observer {
            observer(&record);
        }
        self.records().push(record);
        self.changed();
    }

    /// 30 hexadecimal digits: the gateway, the time, a running number.
    fn trace_id(&self, now_millis: i64) -> String {
        let number = self.state.request_count.fetch_add(1, Ordering::Relaxed);
        format!("{}{:013}{:09x}", self.state.trace_prefix, now_millis.max(0), number)
    }
}

/// The fault that a request brings itself.
fn own_fault(request: &RawRequest) -> Result<Option<Fault>, Refusal> {
    match request.header(FAULT_HEADER).map(str::parse::<Fault>) {
        None => Ok(None),
        Some(Ok(fault)) => Ok(Some(fault)),
        Some(Err(e)) => bad_request("invalid-parameter", format!("{FAULT_HEADER}: {e}")),
    }
}

/// Ignores poisoning: after a panic the state is still good enough for a test gateway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
