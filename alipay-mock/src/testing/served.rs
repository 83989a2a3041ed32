//! The gateway that generated tests call.

use std::sync::{Mutex, OnceLock, PoisonError};

use alipay_core::Client;
use alipay_core::model::{Field, ListStyle, Place};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::calls::{Callable, Observed, Started};
use super::failures::Failures;
use super::instances::{Instances, difference};
use crate::contract::fitted;
use crate::fault::Fault;
use crate::gateway::Gateway;
use crate::record::RecordedRequest;

/// A gateway that serves one description, started when the first operation is called.
pub struct Served {
    contract: &'static str,
    running: OnceLock<Result<Running, String>>,
}

struct Running {
    gateway: Gateway,
    client: Client,
    runtime: tokio::runtime::Runtime,
    /// One call at a time: a fault is for the next request.
    turn: Mutex<()>,
}

impl Served {
    /// A gateway for the contract that stands beside the tests.
    #[must_use]
    pub const fn new(contract: &'static str) -> Self {
        Self { contract, running: OnceLock::new() }
    }

    fn running(&self) -> Result<&Running, Failures> {
        let running = self.running.get_or_init(|| self.start());
        running.as_ref().map_err(|problem| Failures::of(problem.clone()))
    }

    fn start(&self) -> Result<Running, String> {
        let gateway = Gateway::builder().contract(self.contract).with_examples_only();
        let gateway = gateway.start_blocking().map_err(|problem| problem.to_string())?;
        let client = gateway.client().map_err(|problem| problem.to_string())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|problem| problem.to_string())?;
        Ok(Running { gateway, client, runtime, turn: Mutex::new(()) })
    }

    /// Calls every operation of a table: once with the instance of its request, which has to succeed (values that break the
    /// description's limits are replaced before),
    /// and once to be refused with its first own error code (the gateway's, if it has none), which the
    /// client has to read. The gateway has to receive exactly these requests. All codes of the
    /// operation have to be known. `instances` is the JSON generated with the table.
    ///
    /// # Errors
    ///
    /// Everything that is not so, and a table without operations.
    pub fn calls(&self, calls: &[&dyn Callable], instances: &str) -> Result<(), Failures> {
        let instances = Instances::read(instances)?;
        let running = self.running()?;
        if calls.is_empty() {
            return Err(Failures::of("the table has no operations".to_owned()));
        }
        let [mut called, mut refused, mut known] = std::array::from_fn(|_| Failures::default());
        for call in calls {
            let Some((request, code, codes)) = instances.call(call.id()) else {
                called.note(call.id(), ["there is no request for it".to_owned()]);
                continue;
            };
            let request = running.fitted(call.id(), request);
            called.note(call.id(), running.call(*call, &request).err());
            if let Some(code) = code {
                refused.note(call.id(), running.refuse(*call, &request, code).err());
            }
            for code in codes {
                known.note(call.id(), unknown(*call, code));
            }
        }
        let outcomes = [called.finish("calls"), refused.finish("refusals"), known.finish("codes")];
        outcomes.into_iter().reduce(Failures::both).unwrap_or(Ok(()))
    }
}

impl Running {
    /// The request within the limits of the description: examples know nothing of them.
    fn fitted(&self, id: &str, request: &Value) -> Value {
        let contract = self.gateway.catalogue().contract();
        let operation = contract.operations.iter().find(|operation| operation.id == id);
        match (operation, request) {
            (Some(operation), Value::Object(members)) => {
                Value::Object(fitted(contract, operation, members))
            }
            _ => request.clone(),
        }
    }

    /// The parameters in the path of a request.
    fn path(&self, record: &RecordedRequest) -> Result<Map<String, Value>, String> {
        let path = record.target.split('?').next().unwrap_or_default();
        let found = self.gateway.catalogue().find(&record.method, path);
        found.map(|found| found.path).map_err(|refusal| refusal.message)
    }

    fn call(&self, call: &dyn Callable, request: &Value) -> Result<(), String> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Started { fields, response } = start(call, &self.client, request)?;
        let Observed { verified, trace_id, raw, model } = self
            .runtime
            .block_on(response)
            .map_err(|error| format!("{error}; {}", self.last_message()))?;
        if !verified {
            return Err("the response was not verified".to_owned());
        }
        let record = self.record(trace_id.as_deref(), call.id())?;
        if record.status != Some(200) {
            return Err(format!("the gateway responded with {:?}", record.status));
        }
        arrived(request, fields, &record, &self.path(&record)?)?;
        let raw: Value = serde_json::from_slice(&raw).map_err(|e| format!("response: {e}"))?;
        match difference(&raw, &model?, "") {
            Some(difference) => Err(format!("response: {difference}")),
            None => Ok(()),
        }
    }

    fn refuse(&self, call: &dyn Callable, request: &Value, code: &str) -> Result<(), String> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Started { response, .. } = start(call, &self.client, request)?;
        self.gateway.fail_next(Fault::SignedError { status: 400, code: code.to_owned() });
        let Err(error) = self.runtime.block_on(response) else {
            return Err(format!("should be refused with {code}, but succeeds"));
        };
        self.record(error.trace_id(), call.id())?;
        match call.code(&error) {
            Some((shown, text)) if text == code && !shown.contains("Unknown(") => Ok(()),
            Some((shown, _)) => {
                Err(format!("was refused with {code}, which the client reads as {shown}"))
            }
            None => Err(format!("should be refused with {code}: {error}")),
        }
    }

    /// The gateway's record of a request, which has to be one of this operation.
    fn record(&self, trace_id: Option<&str>, id: &str) -> Result<RecordedRequest, String> {
        let trace_id = trace_id.ok_or("there is no trace id")?;
        let record =
            self.gateway.request(trace_id).ok_or("the gateway has received no such request")?;
        match &record.operation {
            Some(operation) if operation == id && record.verified => Ok(record),
            Some(operation) => Err(format!("the gateway received it as {operation}")),
            None => Err("the gateway did not accept it".to_owned()),
        }
    }

    /// The message of the last request's error, for people.
    fn last_message(&self) -> String {
        let record = self.gateway.requests().pop();
        record.and_then(|record| record.message).unwrap_or_default()
    }
}

fn start(call: &dyn Callable, client: &Client, request: &Value) -> Result<Started, String> {
    call.start(client, request).map_err(|problem| format!("the request cannot be read: {problem}"))
}

/// What is wrong with a code of the description.
fn unknown(call: &dyn Callable, code: &str) -> Option<String> {
    let (shown, text) = call.read_code(code);
    if shown.contains("Unknown(") {
        return Some(format!("the code {code} is not known"));
    }
    (text != code).then(|| format!("the code {code} becomes {text}"))
}

/// Whether all of a request was received, each field in its place.
fn arrived(
    request: &Value,
    fields: &[Field],
    record: &RecordedRequest,
    path: &Map<String, Value>,
) -> Result<(), String> {
    let placed = |place: Place| -> Map<String, Value> {
        let of_place = fields.iter().filter(|field| field.place == place);
        let values = of_place.filter_map(|field| {
            Some((field.name.to_owned(), request.get(&*field.key(fields))?.clone()))
        });
        values.collect()
    };
    let body = Value::Object(placed(Place::Body));
    let sent = match record.body.as_str() {
        "" => Value::Object(Map::new()),
        sent => serde_json::from_str(sent).map_err(|e| format!("the body is not JSON: {e}"))?,
    };
    if let Some(difference) = difference(&body, &sent, "") {
        return Err(format!("body: {difference}"));
    }
    let query = record.target.split_once('?').map_or("", |(_, query)| query);
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<_> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    for (name, value) in placed(Place::Query) {
        let style = fields
            .iter()
            .find(|field| field.place == Place::Query && field.name == name)
            .map(|field| field.list);
        for value in in_query(&value, style.unwrap_or_default()) {
            let at = pairs.iter().position(|pair| *pair == (name.clone(), value.clone()));
            let at = at.ok_or_else(|| format!("query: `{name}` is lost or changed"))?;
            pairs.remove(at);
        }
    }
    if let Some((name, _)) = pairs.first() {
        return Err(format!("query: `{name}` was never sent"));
    }
    for (name, value) in placed(Place::Path) {
        if path.get(&name).and_then(Value::as_str) != Some(&*plain(&value)) {
            return Err(format!("path: `{name}` is lost or changed"));
        }
    }
    Ok(())
}

/// The values of a parameter as they are in the decoded query.
fn in_query(value: &Value, style: ListStyle) -> Vec<String> {
    let Value::Array(items) = value else { return vec![plain(value)] };
    let items: Vec<String> = items.iter().map(plain).collect();
    match style {
        _ if items.is_empty() => Vec::new(),
        ListStyle::Commas => vec![items.join(",")],
        ListStyle::Spaces => vec![items.join(" ")],
        ListStyle::Pipes => vec![items.join("|")],
        _ => items,
    }
}

/// A value as it is written outside of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
