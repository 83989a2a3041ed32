//! The page at `/`.

use std::fmt::Display;

use askama::Template;

use super::api::{self, Refused};
use super::calls::{self, Outcome, Part};
use super::guide::{self, Guide};
use super::operation::{self, Described, Search};
use super::state::{self, Activity, Message};
use crate::calendar;
use crate::delivery::Sender;
use crate::engine::Engine;
use crate::fault::{Fault, FaultState, FaultStatus};
use crate::trade::{OrderState, TradeStatus};
use crate::voucher::Operation;

/// How many calls, activities, messages, faults and operations the page shows.
const MOST: usize = 50;

/// What each page has.
struct Head {
    base_url: String,
    time: String,
    /// The same in milliseconds since 1970, if the clock runs.
    running_millis: Option<i64>,
    /// The name of what is shown.
    version: String,
    words: String,
    operation_count: usize,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    head: Head,
    request_count: u64,
    calls: Vec<calls::Row>,
    guide: Guide,
    /// Commands that make an activity, if there can be one.
    create: Option<&'static str>,
    activity_count: usize,
    activities: Vec<Activity>,
    order_count: usize,
    orders: Vec<OrderState>,
    messages: Vec<Message>,
    faults: Vec<FaultStatus>,
    success_faults: Vec<Fault>,
    request_faults: Vec<Fault>,
    search: Search<'a>,
}

#[derive(Template)]
#[template(path = "operation.html")]
struct OperationPage<'a> {
    head: Head,
    operation: Described<'a>,
}

/// The page that a query asks for: an operation, or all that happens.
pub(super) fn render(
    engine: &Engine,
    sender: &Sender,
    query: Option<&str>,
) -> Result<String, Refused> {
    // Before anything is read, so that a later change is not missed.
    let version = engine.version(engine.change_count());
    let search = operation::search(engine, api::words(query), MOST).map_err(|e| internal(&e))?;
    let now_millis = engine.clock.now_millis();
    let head = Head {
        base_url: engine.base_url.clone(),
        time: calendar::date_time(now_millis / 1000).to_string(),
        running_millis: engine.clock.runs().then_some(now_millis),
        version,
        words: search.words.clone(),
        operation_count: search.all,
    };
    if let Some(id) = api::parameter(query, "operation") {
        let operation = operation::describe(engine, &id).map_err(|e| internal(&e))?;
        let operation = operation
            .ok_or_else(|| Refused::new(404, "no operation has this id; look for it at /"))?;
        return OperationPage { head, operation }.render().map_err(|e| internal(&e));
    }
    let records = engine.records().newest(MOST);
    let (activity_count, activities) = state::activities(engine, MOST);
    let (success_faults, request_faults) = state::known_faults();
    let order_count = engine.orders().len();
    let page = Page {
        head,
        request_count: engine.request_count(),
        calls: calls::rows(engine, &records),
        guide: Guide::new(engine),
        create: engine.catalogue.serves(Operation::Create).then(guide::create),
        activity_count,
        activities,
        order_count,
        orders: engine.orders_newest(MOST),
        messages: state::messages(engine, sender, MOST),
        faults: state::faults(engine, MOST),
        success_faults,
        request_faults,
        search,
    };
    page.render().map_err(|e| internal(&e))
}

fn internal(problem: &dyn Display) -> Refused {
    Refused::new(500, problem.to_string())
}
