//! From a request to its answer, without any network.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::fault::Fault;
use crate::keys::GatewayKeys;
use crate::protocol::answer::{Answer, Seal};
use crate::protocol::nonces::Nonces;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RawRequest;
use crate::protocol::verify::{self, Accepted};
use crate::random;
use crate::record::{RecordedRequest, Records};
use crate::text;
use crate::voucher::{Failure, Operation, Service};

/// Called with each request once it is answered.
pub(crate) type Observer = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

/// Which error answers are signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorSigning {
    pub(crate) gateway: bool,
    pub(crate) business: bool,
}

/// What to do with a connection's request.
pub(crate) struct Outcome {
    /// How long to wait first.
    pub(crate) delay: Duration,
    /// The answer, or nothing: close the connection.
    pub(crate) answer: Option<Answer>,
}

/// Everything a gateway knows.
pub(crate) struct Engine {
    pub(crate) app_id: String,
    pub(crate) keys: GatewayKeys,
    pub(crate) clock: Clock,
    signing: ErrorSigning,
    observer: Option<Observer>,
    service: Mutex<Service>,
    nonces: Mutex<Nonces>,
    faults: Mutex<VecDeque<Fault>>,
    records: Mutex<Records>,
    trace_prefix: String,
    answered: AtomicU64,
}

/// Why an operation gave no result.
enum Error {
    Gateway(Refusal),
    Business(Failure),
}

impl Engine {
    pub(crate) fn new(
        app_id: String,
        keys: GatewayKeys,
        clock: Clock,
        service: Service,
        signing: ErrorSigning,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            app_id,
            keys,
            clock,
            signing,
            observer,
            service: Mutex::new(service),
            nonces: Mutex::default(),
            faults: Mutex::default(),
            records: Mutex::default(),
            trace_prefix: random::hex(8),
            answered: AtomicU64::new(0),
        }
    }

    pub(crate) fn service(&self) -> MutexGuard<'_, Service> {
        lock(&self.service)
    }

    pub(crate) fn fail_next(&self, fault: Fault) {
        lock(&self.faults).push_back(fault);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.records).all()
    }

    /// Answers a request, with the next fault if there is one.
    pub(crate) fn answer(&self, request: &RawRequest) -> Outcome {
        let now_millis = self.clock.now_millis();
        let trace_id = self.trace_id(now_millis);
        let mut record = RecordedRequest::new(request, &trace_id);
        let seal = Seal { keys: &self.keys, now_millis, trace_id: &trace_id };
        let fault = lock(&self.faults).pop_front();
        let accepted = self.verify(request, now_millis);
        if let Ok((_, accepted)) = &accepted {
            record.verified = true;
            record.set_plain_body(&accepted.plain);
        }
        let answer = match &fault {
            Some(fault) if !fault.is_processed() => unprocessed(&seal, fault),
            _ => {
                let answer = self.process(request, accepted, &seal, fault.as_ref(), &mut record);
                let closed = matches!(fault, Some(Fault::CloseAfterProcessing));
                Some(answer).filter(|_| !closed)
            }
        };
        self.keep(record, answer.as_ref(), fault.as_ref());
        let delay = match fault {
            Some(Fault::Delay(delay)) => delay,
            _ => Duration::ZERO,
        };
        Outcome { delay, answer }
    }

    /// Answers what could not be read as a request of the protocol.
    pub(crate) fn refuse(&self, request: &RawRequest, refusal: &Refusal) -> Answer {
        let now_millis = self.clock.now_millis();
        let trace_id = self.trace_id(now_millis);
        let mut record = RecordedRequest::new(request, &trace_id);
        let seal = Seal { keys: &self.keys, now_millis, trace_id: &trace_id };
        let answer = self.refusal(&seal, refusal, &mut record);
        self.keep(record, Some(&answer), None);
        answer
    }

    fn verify(
        &self,
        request: &RawRequest,
        now_millis: i64,
    ) -> Result<(Operation, Accepted), Refusal> {
        let operation = route(request)?;
        let mut nonces = lock(&self.nonces);
        let accepted = verify::check(request, &self.app_id, &self.keys, &mut nonces, now_millis)?;
        Ok((operation, accepted))
    }

    fn process(
        &self,
        request: &RawRequest,
        accepted: Result<(Operation, Accepted), Refusal>,
        seal: &Seal<'_>,
        fault: Option<&Fault>,
        record: &mut RecordedRequest,
    ) -> Answer {
        let result = accepted.map_err(Error::Gateway).and_then(|(operation, accepted)| {
            let input = input(operation, request, &accepted)?;
            let body =
                self.service().call(operation, &input, seal.now_millis).map_err(Error::Business)?;
            Ok((body, accepted.encrypted))
        });
        match result {
            Ok((body, encrypted)) => seal.success(&body, encrypted, fault),
            Err(Error::Gateway(refusal)) => self.refusal(seal, &refusal, record),
            Err(Error::Business(failure)) => {
                record.code = Some(failure.code.to_owned());
                record.message = Some(failure.message.clone());
                // Documented for a sibling: business failures are 400 as well.
                seal.error(400, failure.code, &failure.message, self.signing.business)
            }
        }
    }

    fn refusal(&self, seal: &Seal<'_>, refusal: &Refusal, record: &mut RecordedRequest) -> Answer {
        record.code = Some(refusal.code.to_owned());
        record.message = Some(refusal.message.clone());
        seal.error(refusal.status, refusal.code, &refusal.message, self.signing.gateway)
    }

    fn keep(&self, mut record: RecordedRequest, answer: Option<&Answer>, fault: Option<&Fault>) {
        record.status = answer.map(|answer| answer.status);
        if let Some(Fault::UnsignedError { code, .. } | Fault::SignedError { code, .. }) = fault {
            record.code = Some(code.clone());
        }
        if let Some(observer) = &self.observer {
            observer(&record);
        }
        lock(&self.records).push(record);
    }

    /// 30 hexadecimal digits: this gateway, the time, a running number.
    fn trace_id(&self, now_millis: i64) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        format!("{}{:013}{:09x}", self.trace_prefix, now_millis.max(0), number)
    }
}

/// The answer of a fault that keeps the request from its operation.
fn unprocessed(seal: &Seal<'_>, fault: &Fault) -> Option<Answer> {
    let message = "an error the gateway was told to make";
    match fault {
        Fault::Html502 => Some(Seal::html_502()),
        Fault::Status(status) => Some(seal.bare(*status)),
        Fault::UnsignedError { status, code } => Some(seal.error(*status, code, message, false)),
        Fault::SignedError { status, code } => Some(seal.error(*status, code, message, true)),
        _ => None,
    }
}

/// The operation behind method and path.
fn route(request: &RawRequest) -> Result<Operation, Refusal> {
    let Some(operation) = Operation::at(request.path()) else {
        let message = format!("no operation has the path {}", text::shown(request.path()));
        return Err(Refusal::new(404, "invalid-method", message));
    };
    if request.method != operation.method() {
        let message = format!("this path takes {} only", operation.method());
        return Err(Refusal::new(405, "invalid-method", message));
    }
    Ok(operation)
}

/// The operation's parameters: the query of a GET, else the JSON body.
fn input(
    operation: Operation,
    request: &RawRequest,
    accepted: &Accepted,
) -> Result<Map<String, Value>, Error> {
    if operation.method() == "GET" {
        return query_parameters(request.query().unwrap_or_default()).map_err(Error::Business);
    }
    let illegal = |message: String| Error::Gateway(Refusal::bad_request("illegal-json", message));
    match serde_json::from_slice(&accepted.plain) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(illegal("the body is JSON, but not an object".to_owned())),
        Err(_) if accepted.plain.is_empty() => Err(illegal("the body is empty".to_owned())),
        // The reader's message tells what and where, not what was there.
        Err(e) => Err(illegal(format!("the body is not JSON: {e}"))),
    }
}

fn query_parameters(query: &str) -> Result<Map<String, Value>, Failure> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let shown = text::shown(&name);
        if parameters.insert(name, value.into()).is_some() {
            return Err(Failure::invalid(format!("`{shown}` is given twice")));
        }
    }
    Ok(parameters)
}

fn decoded(text: &str) -> Result<String, Failure> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(Failure::invalid("the query is not UTF-8")),
    }
}

/// A panic elsewhere leaves nothing half done that would matter to a test gateway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
