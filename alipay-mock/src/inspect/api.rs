//! The JSON interface below `/_mock/`.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::calendar;
use crate::clock::LATEST;
use crate::delivery::{Delivery, Sender, custom_message};
use crate::engine::Engine;
use crate::error::excerpt;
use crate::fault::{Fault, FaultRule, FaultStatus};
use crate::protocol::request::RawRequest;
use crate::trade::{OrderError, OrderState};
use crate::voucher::{ActivityState, Completion, ControlError, Review, Service};

type Result<T = Value> = std::result::Result<T, Refused>;

/// An error of this interface.
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// The member that names an order.
const NUMBER: &str = "out_trade_no";
/// The most items a list has.
const MOST: usize = 1000;
/// The earliest time that the clock is set to, in 1973: as seconds, such a number is of the year 5138.
const EARLIEST: i64 = 100_000_000_000;
/// The largest content of a message, in bytes of JSON. Messages are kept.
const LARGEST_CONTENT: usize = 64 * 1024;

/// Responds to a request; `name` is what follows the folder.
pub(super) fn respond(
    engine: &Engine,
    sender: &Sender,
    name: &str,
    request: &RawRequest,
) -> Result {
    let method = request.method.as_str();
    match (method, name) {
        ("GET", "operations") => operations(engine, request.query()),
        ("GET", "requests") => {
            let records = match parameter(request.query(), "trace_id") {
                Some(trace_id) => engine.records().find(&trace_id).into_iter().collect(),
                None => engine.records().newest(MOST),
            };
            Ok(records.iter().map(|record| engine.redaction.request(record)).collect())
        }
        ("DELETE", "requests") => {
            engine.records().clear();
            engine.changed();
            Ok(json!({}))
        }
        ("GET", "state") => {
            let state = engine.service().describe(MOST, engine.clock.now_millis());
            Ok(state.into_iter().map(|activity| engine.redaction.value(activity)).collect())
        }
        ("GET", "orders") => {
            let orders = engine.orders_newest(MOST);
            Ok(orders.into_iter().map(|order| shown_order(engine, order)).collect())
        }
        ("GET", "vouchers") => {
            let id = parameter(request.query(), "activity_id");
            let id = id.ok_or_else(|| bad("give `activity_id` in the query"))?;
            shown(engine.service().vouchers(&id, MOST, engine.clock.now_millis()))
        }
        ("GET", "faults") => {
            let faults = engine.faults().all();
            Ok(faults.iter().map(fault).collect())
        }
        ("DELETE", "faults") => {
            engine.faults().clear();
            engine.changed();
            Ok(json!({}))
        }
        ("GET", "clock") => Ok(clock(engine)),
        ("GET", "messages") => Ok(messages(engine)),
        ("GET", "deliveries") => Ok(deliveries(engine, sender)),
        ("POST", _) => {
            let done = post(engine, sender, name, &body(request)?);
            engine.changed();
            done
        }
        _ => Err(unknown()),
    }
}

fn unknown() -> Refused {
    Refused::new(
        404,
        "there are GET operations, requests, state, vouchers, orders, faults, clock, messages, deliveries, events; DELETE \
         requests, faults; POST faults, clock, messages, deliveries, pay, close, redeem, reject, pause, resume, exhaust, \
         complete, completion, review, styles",
    )
}

fn post(engine: &Engine, sender: &Sender, name: &str, body: &Map<String, Value>) -> Result {
    let now_millis = engine.clock.now_millis();
    match name {
        "faults" => {
            let rule = rule(body)?;
            let shown = rule.to_string();
            if engine.faults().push(rule) {
                return Ok(json!({"fault": shown}));
            }
            Err(Refused::new(
                409,
                "too many faults wait already, or this one is for no request (`*0`)",
            ))
        }
        "clock" => {
            move_clock(engine, body)?;
            engine.wake_sender();
            Ok(clock(engine))
        }
        "pay" if body.contains_key(NUMBER) => order(engine, body, Engine::pay_order),
        "close" => order(engine, body, Engine::close_order),
        "pay" => control(engine, body, |service, id| service.pay(id, now_millis)),
        "pause" => control(engine, body, |service, id| service.pause(id, true, now_millis)),
        "resume" => control(engine, body, |service, id| service.pause(id, false, now_millis)),
        "exhaust" => control(engine, body, |service, id| service.exhaust(id, now_millis)),
        "reject" => {
            let reason = string(body, "reason")?.ok_or_else(|| bad("give `reason`"))?;
            control(engine, body, |service, id| service.reject(id, reason, now_millis))
        }
        "redeem" => {
            let id = string(body, "voucher_id")?.ok_or_else(|| bad("give `voucher_id`"))?;
            let redeemed = engine.service().redeem(id, now_millis);
            engine.wake_sender();
            shown(redeemed)
        }
        "complete" if body.contains_key("activity_id") => {
            control(engine, body, |service, id| service.complete(id, now_millis))
        }
        "complete" => {
            engine.service().complete_pending(now_millis);
            engine.wake_sender();
            Ok(json!({}))
        }
        "completion" => {
            let completion = completion(body)?;
            if body.contains_key("activity_id") {
                return control(engine, body, |service, id| {
                    service.set_completion_of(id, completion, now_millis)
                });
            }
            engine.service().set_completion(completion);
            Ok(json!({}))
        }
        "styles" => {
            let old = body
                .get("old")
                .and_then(|old| old.as_bool().or_else(|| old.as_str()?.parse().ok()));
            let old = old.ok_or_else(|| bad("give `old`: true or false"))?;
            engine.service().set_old_twins(old);
            Ok(json!({}))
        }
        "review" => {
            let review = review(body)?;
            shown(engine.service().set_review(review).map(|()| json!({})))
        }
        "messages" => send(engine, sender, body),
        "deliveries" => {
            let id = string(body, "notify_id")?.ok_or_else(|| bad("give `notify_id`"))?;
            if sender.redeliver(engine, id) {
                return Ok(json!({"queued": id}));
            }
            Err(Refused::new(404, "no message with this `notify_id` was delivered"))
        }
        _ => Err(unknown()),
    }
}

/// Changes the activity that a body names.
fn control(
    engine: &Engine,
    body: &Map<String, Value>,
    change: impl FnOnce(&mut Service, &str) -> std::result::Result<ActivityState, ControlError>,
) -> Result {
    let id = string(body, "activity_id")?.ok_or_else(|| bad("give `activity_id`"))?;
    let changed = change(&mut engine.service(), id);
    engine.wake_sender();
    shown(changed)
}

/// Changes the order that a body names.
fn order(
    engine: &Engine,
    body: &Map<String, Value>,
    change: impl FnOnce(&Engine, &str) -> std::result::Result<OrderState, OrderError>,
) -> Result {
    let number = string(body, NUMBER)?.ok_or_else(|| bad(format!("give `{NUMBER}`")))?;
    match change(engine, number) {
        Ok(order) => Ok(shown_order(engine, order)),
        Err(e) => Err(refused(&e)),
    }
}

/// An order without personal data in its URLs.
fn shown_order(engine: &Engine, mut order: OrderState) -> Value {
    for url in [&mut order.notify_url, &mut order.return_url].into_iter().flatten() {
        *url = engine.redaction.target(url);
    }
    engine.redaction.value(json!(order))
}

/// Why an order is not changed.
pub(super) fn refused(error: &OrderError) -> Refused {
    let status = match error {
        OrderError::Unknown(_) => 404,
        OrderError::NotWaiting(_) => 409,
        OrderError::Keys(_) => 500,
    };
    Refused::new(status, error.to_string())
}

/// What a change has led to, or why there was none.
fn shown<T: Serialize>(result: std::result::Result<T, ControlError>) -> Result {
    match result {
        Ok(state) => serde_json::to_value(state).map_err(|e| Refused::new(500, e.to_string())),
        Err(e) => Err(Refused::new(if e.is_unknown() { 404 } else { 409 }, e.to_string())),
    }
}

fn completion(body: &Map<String, Value>) -> Result<Completion> {
    let wrong = || bad("give `after_ms`: milliseconds, or \"manual\"");
    if body.get("after_ms").is_some_and(|value| value == "manual") {
        return Ok(Completion::Manual);
    }
    let after = number(body, "after_ms").map_err(|_| wrong())?.ok_or_else(wrong)?;
    Ok(Completion::After(Duration::from_millis(after.unsigned_abs())))
}

fn review(body: &Map<String, Value>) -> Result<Review> {
    let reason = string(body, "reason")?;
    match (string(body, "result")?, reason) {
        (Some("off"), None) => Ok(Review::Off),
        (Some("approve"), None) => Ok(Review::Approve),
        (Some("reject"), Some(reason)) => Ok(Review::Reject(reason.to_owned())),
        _ => Err(bad("give `result`: \"off\", \"approve\", or \"reject\" with a `reason`")),
    }
}

/// Makes a message and posts it.
fn send(engine: &Engine, sender: &Sender, body: &Map<String, Value>) -> Result {
    let name = string(body, "message")?.ok_or_else(|| bad("give `message`"))?;
    let to = string(body, "to")?.ok_or_else(|| bad("give `to`, a URL"))?;
    let content = match body.get("content") {
        None => Map::new(),
        Some(value @ Value::Object(content)) => {
            let size = value.to_string().len();
            if size > LARGEST_CONTENT {
                return Err(bad(format!(
                    "`content` has {size} bytes of JSON, at most {LARGEST_CONTENT} allowed"
                )));
            }
            content.clone()
        }
        Some(_) => return Err(bad("`content` must be an object")),
    };
    let delivery = Delivery::to(to).map_err(|e| bad(e.to_string()))?;
    let encrypted = match body.get("encrypted") {
        None => false,
        Some(Value::Bool(encrypted)) => *encrypted,
        Some(_) => return Err(bad("`encrypted` must be true or false")),
    };
    let notice = custom_message(engine, name, content).map_err(|e| bad(e.to_string()))?;
    let (name, id) = (notice.name.clone(), notice.notify_id.clone());
    sender.send_once(engine, notice, delivery.encrypted(encrypted));
    Ok(json!({"message": name, "notify_id": id, "queued": true}))
}

fn rule(body: &Map<String, Value>) -> Result<FaultRule> {
    let name = string(body, "fault")?.ok_or_else(|| bad("give `fault`"))?;
    let mut rule = match name.parse::<Fault>() {
        Ok(fault) => FaultRule::new(fault),
        Err(_) => name.parse().map_err(|e: crate::fault::ParseFaultError| bad(e.to_string()))?,
    };
    if let Some(path) = string(body, "path")? {
        rule = rule.outside_path(path).map_err(|e| bad(e.to_string()))?;
    }
    match body.get("times") {
        None => Ok(rule),
        Some(Value::String(all)) if all == "all" => Ok(rule.always()),
        Some(times) => match times.as_u64().or_else(|| times.as_str()?.parse().ok()) {
            Some(times) if times > 0 => Ok(rule.times(times)),
            _ => Err(bad("`times` must be a number above 0, or \"all\"")),
        },
    }
}

fn fault(status: &FaultStatus) -> Value {
    json!({
        "fault": status.rule.to_string(),
        "state": status.state.as_str(),
        "used_by": status.used_by,
        "passed_by": status.passed_by,
    })
}

/// All operations, or those that have the word asked for.
fn operations(engine: &Engine, query: Option<&str>) -> Result {
    let others = engine.catalogue.others().map_err(|e| Refused::new(500, e.to_string()))?;
    let words = words(query);
    let endpoints = engine.catalogue.endpoints().iter().chain(others);
    let shown = endpoints.filter(|endpoint| endpoint.is_about(&words)).map(|endpoint| {
        json!({
            "operation": endpoint.operation.id,
            "title": endpoint.operation.title,
            "method": endpoint.operation.method,
            "path": endpoint.operation.path,
            "stateful": endpoint.keeps_state(),
        })
    });
    Ok(shown.collect())
}

/// The words that operations are looked for by, in small letters: the parameter `find`.
pub(super) fn words(query: Option<&str>) -> String {
    parameter(query, "find").unwrap_or_default().trim().to_lowercase()
}

pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = query.unwrap_or_default().split('&');
    let value = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

fn clock(engine: &Engine) -> Value {
    let now_millis = engine.clock.now_millis();
    let time = calendar::date_time(now_millis / 1000).to_string();
    json!({"unix_millis": now_millis, "time": time})
}

fn move_clock(engine: &Engine, body: &Map<String, Value>) -> Result<()> {
    let end = || {
        let message = "the clock goes to the end of the year 9999 in Beijing: `unix_millis`";
        bad(format!("{message} {LATEST}"))
    };
    match (number(body, "advance_seconds")?, number(body, "unix_millis")?) {
        (Some(seconds), None) => {
            let left = LATEST.saturating_sub(engine.clock.now_millis()) / 1000;
            if seconds > left {
                return Err(end());
            }
            engine.clock.advance(Duration::from_secs(seconds.unsigned_abs()));
        }
        (None, Some(millis)) if millis > LATEST => return Err(end()),
        (None, Some(millis)) if millis < EARLIEST => {
            return Err(bad("`unix_millis` must be in milliseconds; it seems to be in seconds"));
        }
        (None, Some(millis)) => engine.clock.set(millis),
        _ => return Err(bad("give either `advance_seconds` or `unix_millis`")),
    }
    Ok(())
}

fn messages(engine: &Engine) -> Value {
    engine
        .newest_notices(MOST)
        .into_iter()
        .map(|notice| {
            json!({
                "message": notice.name,
                "notify_id": notice.notify_id,
                "content": engine.redaction.value(notice.content),
            })
        })
        .collect()
}

fn deliveries(engine: &Engine, sender: &Sender) -> Value {
    let attempts = sender.attempts();
    let newest = attempts.iter().rev();
    newest
        .map(|attempt| {
            json!({
                "message": attempt.message,
                "notify_id": attempt.notify_id,
                "url": engine.redaction.target(&attempt.url),
                "status": attempt.status,
                "accepted": attempt.accepted,
                "error": attempt.error,
            })
        })
        .collect()
}

fn bad(message: impl Into<String>) -> Refused {
    Refused::new(400, message)
}

/// The body of a request that changes something. A form on another site's page cannot send this
/// content type.
fn body(request: &RawRequest) -> Result<Map<String, Value>> {
    if request.media_type().as_deref() != Some("application/json") {
        return Err(Refused::new(415, "a JSON body needs Content-Type: application/json"));
    }
    if request.body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(bad("the body must be a JSON object")),
        Err(e) => Err(bad(format!("the body is not JSON: {e}"))),
    }
}

fn string<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(format!("`{}` must be a string", excerpt(name)))),
    }
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>> {
    match body.get(name) {
        None => Ok(None),
        Some(value) => match value.as_i64().or_else(|| value.as_str()?.parse().ok()) {
            Some(number) if number >= 0 => Ok(Some(number)),
            _ => Err(bad(format!("`{name}` must be a whole number, at least 0"))),
        },
    }
}
