//! The page at `/`.

use std::fmt::Display;

use askama::Template;
use serde_json::{Map, Value};

use super::api::Refused;
use crate::calendar;
use crate::catalogue::Endpoint;
use crate::engine::Engine;
use crate::fault::FaultState;
use crate::record::RecordedRequest;

/// How many calls, activities, faults and operations that were looked for the page shows.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    app_id: &'a str,
    request_count: u64,
    time: String,
    /// The names of the lists below `/_mock/`.
    lists: [&'static str; 7],
    calls: Vec<Call>,
    activity_count: usize,
    activities: Vec<Activity>,
    faults: Vec<String>,
    endpoints: &'a [Endpoint],
    other_count: usize,
    /// What other operations are looked for by.
    word: &'a str,
    /// Those found.
    others: Vec<&'a Endpoint>,
}

struct Call {
    record: RecordedRequest,
    time: String,
    details: String,
    ok: bool,
    reason: String,
}

struct Activity {
    id: String,
    details: String,
    name: String,
    status: String,
    in_progress: String,
    issued: u64,
}

/// The faults to come.
fn faults(engine: &Engine) -> Vec<String> {
    let all = engine.faults().all();
    let to_come = all.iter().filter(|fault| fault.state != FaultState::Used).take(MOST);
    to_come.map(|fault| fault.rule.to_string()).collect()
}

/// The page; with a `word`, other operations that have it are shown.
pub(super) fn render(engine: &Engine, word: &str) -> Result<String, Refused> {
    let internal = |problem: &dyn Display| Refused::new(500, problem.to_string());
    let others = engine.catalogue.others().map_err(|e| internal(&e))?;
    let now_millis = engine.clock.now_millis();
    let (activity_count, activities) = {
        let mut service = engine.service();
        let newest = service.describe(MOST, now_millis);
        (service.len(), newest)
    };
    let newest = engine.records().newest(MOST);
    let page = Page {
        app_id: &engine.app_id,
        request_count: engine.request_count(),
        time: calendar::date_time(now_millis / 1000).to_string(),
        lists: ["requests", "state", "messages", "deliveries", "faults", "clock", "operations"],
        calls: newest.into_iter().map(|record| call(engine, record)).collect(),
        activity_count,
        activities: activities.into_iter().map(|state| activity(engine, state)).collect(),
        faults: faults(engine),
        endpoints: engine.catalogue.endpoints(),
        other_count: others.len(),
        word,
        others: others
            .iter()
            .filter(|endpoint| !word.is_empty() && endpoint.is_about(word))
            .take(MOST)
            .collect(),
    };
    page.render().map_err(|e| internal(&e))
}

fn call(engine: &Engine, record: RecordedRequest) -> Call {
    let shown = engine.redaction.request(&record);
    let members = ["target", "headers", "body"].into_iter();
    let details: Map<String, Value> =
        members.filter_map(|name| Some((name.to_owned(), shown.get(name)?.clone()))).collect();
    Call {
        time: calendar::date_time(record.unix_millis / 1000).time().to_string(),
        details: format!("{:#}", Value::Object(details)),
        ok: record.status.is_some_and(|status| status < 300),
        reason: match (record.error(), &record.fault) {
            (Some(error), _) => error,
            (None, Some(fault)) => format!("fault {fault}"),
            (None, None) => String::new(),
        },
        record,
    }
}

fn activity(engine: &Engine, state: Value) -> Activity {
    let string = |pointer: &str| match state.pointer(pointer) {
        Some(Value::String(string)) => string.clone(),
        _ => String::new(),
    };
    let name = string("/activity_base_info/activity_name");
    Activity {
        id: string("/activity_id"),
        name: if name.is_empty() { string("/activity_name") } else { name },
        status: string("/activity_status"),
        in_progress: string("/activity_base_info/activity_operation_status"),
        issued: state.pointer("/summary/publish_count").and_then(Value::as_u64).unwrap_or(0),
        details: format!("{:#}", engine.redaction.value(state)),
    }
}
