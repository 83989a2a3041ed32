//! The gateway under many connections, with faults at random. Each connection has an activity of its own at a time, and
//! a [`Model`] that says what the gateway must hold after each step; the client and the faults belong to all.
//!
//! Held against the gateway's record, after each call:
//!
//! - a success has happened, once;
//! - what failed as `NotSent` or `Rejected` has changed nothing, and of what was not sent nothing arrived;
//! - what failed as `Unknown` has happened or not, and repeated with its number it happens once;
//! - each change has its message, and there are no others.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Debug,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alipay_mock::{Completion, Gateway};
use alipay_voucher::{
    Client, Error, ErrorKind, Outcome, RetryBudget, VoucherApi,
    messages::VoucherMessage,
    models::*,
    smallest::{self, Parts},
    value::LocalDateTime,
};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::{
    model::{self, How, Model, PER_USER, QUANTITY, Request, Seen, Step},
    process,
    tally::Tally,
};

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
/// Longer than the gateway takes for anything but a fault that hangs.
const ATTEMPT: Duration = Duration::from_secs(3);
/// How often a call is made again at most, until it is known what came of it.
const TURNS: usize = 300;
/// How long a connection waits when the gateway refuses connections.
const PAUSE: Duration = Duration::from_millis(20);
/// The codes of faults.
const CODES: [&str; 3] = ["BUSINESS_HAS_RISK", "app-call-limited", "BIZ_ERROR"];

type Checked<T> = Result<T, String>;

/// What all connections share.
struct World {
    gateway: Gateway,
    client: Client,
    tally: Arc<Tally>,
    /// How many requests with a number have arrived.
    arrived: Arc<Mutex<HashMap<String, u64>>>,
    /// The messages of each activity that nobody has looked at yet.
    messages: Mutex<HashMap<String, Vec<(String, String)>>>,
    cases: AtomicU64,
}

/// Runs for this time, and prints figures.
pub(crate) fn run(time: Duration, connections: u64, seed: u64) -> Checked<()> {
    let world = World::new()?;
    let (start, stopped) = (Instant::now(), OnceLock::new());
    let going_on = || start.elapsed() < time && stopped.get().is_none();
    println!("gateway: {connections} connections for {} s, seed {seed}", time.as_secs());
    println!("  at start: {}", process::held());
    let mut found: Checked<()> = Ok(());
    thread::scope(|scope| {
        let (world, going_on, stopped) = (&world, &going_on, &stopped);
        let workers: Vec<_> = (0..connections)
            .map(|number| {
                scope.spawn(move || work(world, number, seed ^ (number << 32), going_on, stopped))
            })
            .collect();
        let mut told = 0;
        while going_on() {
            thread::sleep(Duration::from_millis(200));
            if let Err(problem) = world.collect().and_then(|()| world.no_twins()) {
                stopped.get_or_init(|| NOBODY);
                found = Err(problem);
            }
            let tenth = start.elapsed().as_secs() * 10 / time.as_secs().max(1);
            if tenth > told && tenth < 10 {
                told = tenth;
                println!("  after {} s: {}", start.elapsed().as_secs(), process::held());
            }
        }
        for worker in workers {
            let result = worker.join().unwrap_or_else(|_| Err("a connection panicked".to_owned()));
            if found.is_ok() {
                found = result;
            }
        }
    });
    println!("  at the end: {}", process::held());
    println!(
        "  {} calls, {} requests, {} faults, {} changes of state, {} messages, {} activities\n{}",
        world.tally.sum("call: "),
        world.tally.sum("request: "),
        world.tally.sum("fault: "),
        world.tally.sum("change: "),
        world.tally.sum("message: "),
        world.cases.load(Ordering::SeqCst),
        world.tally,
    );
    found?;
    world.no_twins()
}

/// The number of no connection.
const NOBODY: u64 = u64::MAX;

/// One connection: one list of steps after the other. The first that finds something stops all others, and looks for
/// a shorter list that shows it.
fn work(
    world: &World,
    number: u64,
    seed: u64,
    going_on: &(dyn Fn() -> bool + Sync),
    stopped: &OnceLock<u64>,
) -> Checked<()> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: 100,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let bytes: Vec<u8> = seed.to_le_bytes().repeat(4);
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    while going_on() {
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        rng = runner.new_rng();
        let result = runner.run(&model::steps(), |steps| match one(world, &runtime, &steps) {
            Err(problem) if *stopped.get_or_init(|| number) == number => {
                Err(TestCaseError::fail(problem))
            }
            _ => Ok(()),
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(problem, steps)) => {
                return Err(format!("{problem}\nthese steps lead to it: {steps:?}"));
            }
            Err(other) => return Err(other.to_string()),
        }
    }
    Ok(())
}

fn one(world: &World, runtime: &Runtime, steps: &[Step]) -> Checked<()> {
    let number = world.cases.fetch_add(1, Ordering::SeqCst);
    runtime.block_on(async {
        let mut case = Case::create(world, number).await?;
        for step in steps {
            let done = case.step(step).await;
            let done = done.map_err(|problem| format!("{step:?}: {problem}\n{:?}", case.model))?;
            if matches!(done, Done::Abandoned) {
                break;
            }
        }
        case.end()
    })
}

impl World {
    fn new() -> Checked<Self> {
        let tally = Arc::<Tally>::default();
        let arrived = Arc::<Mutex<HashMap<String, u64>>>::default();
        let (of_tally, of_arrived) = (Arc::clone(&tally), Arc::clone(&arrived));
        let builder =
            Gateway::builder().completion(Completion::Manual).on_request(move |request| {
                let status =
                    request.status.map_or("closed".to_owned(), |status| status.to_string());
                of_tally.add(format!("request: {status}"));
                if let Some(fault) = &request.fault {
                    of_tally.add(format!("fault: {fault}"));
                }
                let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
                if let Some(number) = body["out_biz_no"].as_str() {
                    *of_arrived.lock().unwrap().entry(number.to_owned()).or_default() += 1;
                }
            });
        let gateway = builder.start_blocking().map_err(|error| error.to_string())?;
        let client = gateway.client_builder().and_then(|builder| {
            builder
                .attempt_timeout(ATTEMPT)
                .timeout(4 * ATTEMPT)
                .jitter(Duration::from_millis(5))
                .retry_budget(RetryBudget::unlimited())
                .build()
        });
        let client = client.map_err(|error| error.to_string())?;
        let (messages, cases) = (Mutex::default(), AtomicU64::default());
        Ok(Self { gateway, client, tally, arrived, messages, cases })
    }

    /// Counts a call. Waits for a moment when it was not sent: the port is closed then.
    async fn count<T>(&self, result: &Result<T, Error>) {
        self.tally.add(match result {
            Ok(_) => "call: success".to_owned(),
            Err(error) => format!("call: {:?}, {:?}", error.outcome(), error.kind()),
        });
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Connect) {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What the gateway holds of an activity.
    fn look(&self, id: &str) -> Checked<Seen> {
        let state = self.gateway.activity_state(id).map_err(|error| error.to_string())?;
        let activity = self.gateway.activity(id).ok_or("the activity is lost")?;
        Ok(Seen {
            status: state.status.as_str(),
            operation: state.operation,
            quantity: state.quantity,
            sent: state.sent,
            used: state.used,
            name: name_of(&activity).to_owned(),
        })
    }

    /// Takes the messages that have come, each verified and read as an application does it.
    fn collect(&self) -> Checked<()> {
        let mut messages = self.messages.lock().unwrap();
        for message in self.gateway.take_messages().map_err(|error| error.to_string())? {
            let verified = self.client.verify_notification(message.form_body.as_bytes());
            let verified = verified.map_err(|error| error.to_string())?;
            let read = VoucherMessage::from_notification(&verified).map_err(|e| e.to_string())?;
            let (activity, about) = match read {
                VoucherMessage::Created(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Modified(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Appended(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Stopped(message) => (message.activity_id, message.out_biz_no),
                VoucherMessage::Received(message) => (message.activity_id, message.voucher_id),
                VoucherMessage::Used(message) => (message.activity_id, message.voucher_id),
                other => return Err(format!("nobody expects {}", other.name())),
            };
            let (Some(activity), Some(about)) = (activity, about) else {
                return Err(format!("a message says too little: {}", message.name));
            };
            let kind = message.name.rsplit('.').next().unwrap_or_default().to_owned();
            self.tally.add(format!("message: {kind}"));
            messages.entry(activity).or_default().push((kind, about));
        }
        Ok(())
    }

    /// No number has made two activities: each has a name of its own.
    fn no_twins(&self) -> Checked<()> {
        let mut names = BTreeSet::new();
        for activity in self.gateway.activities() {
            let name = name_of(&activity).split(' ').next().unwrap_or_default().to_owned();
            if let Some(twin) = names.replace(name) {
                return Err(format!("two activities were created for {twin}"));
            }
        }
        Ok(())
    }
}

fn name_of(activity: &Value) -> &str {
    activity["activity_base_info"]["activity_name"].as_str().unwrap_or_default()
}

/// Whether the case goes on.
enum Done {
    Settled,
    /// A request that the state refuses may still be under way, and would succeed in a later state.
    Abandoned,
}

/// What came of calls with the same number at the same time.
struct Results(Vec<Result<Option<String>, Error>>);

impl Results {
    fn any_success(&self) -> bool {
        self.0.iter().any(Result::is_ok)
    }

    fn any(&self, outcome: Outcome) -> bool {
        self.0.iter().any(|result| result.as_ref().is_err_and(|e| e.outcome() == outcome))
    }

    /// What was refused at last was refused with this code, or with that of a fault.
    fn refused(&self, code: &str) -> Checked<()> {
        let errors = self.0.iter().filter_map(|result| result.as_ref().err());
        let mut rejected = errors
            .filter(|error| error.outcome() == Outcome::Rejected && error.kind() == ErrorKind::Api);
        let other = rejected.find(|error| {
            error.code_text().is_none_or(|found| found != code && !CODES.contains(&found))
        });
        other.map_or(Ok(()), |error| Err(format!("expected {code}, got {error}")))
    }

    /// The id that a success has; all have the same.
    fn made(&self) -> Checked<Option<&str>> {
        let made: BTreeSet<&str> =
            self.0.iter().filter_map(|r| r.as_ref().ok()?.as_deref()).collect();
        if made.len() > 1 {
            return Err(format!("one number has made two things: {made:?}"));
        }
        Ok(made.first().copied())
    }

    fn shown(&self) -> String {
        let shown = self.0.iter().map(|result| match result {
            Ok(_) => "success".to_owned(),
            Err(error) => format!("{:?}: {error}", error.outcome()),
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// One activity, and what is known of it.
struct Case<'a> {
    world: &'a World,
    api: VoucherApi,
    name: String,
    id: String,
    model: Model,
    /// How many numbers were used.
    numbers: u64,
}

impl<'a> Case<'a> {
    async fn create(world: &'a World, case: u64) -> Checked<Self> {
        let name = format!("c{case}");
        let api = VoucherApi::new(world.client.clone());
        let mut new = Self {
            world,
            api,
            id: String::new(),
            model: Model::new(name.clone()),
            numbers: 0,
            name,
        };
        let number = new.number();
        let request = create_request(&new.name, &number)?;
        let is_there = || {
            let activities = world.gateway.activities();
            activities.iter().any(|activity| name_of(activity) == new.name)
        };
        let mut may_be_there = false;
        for _ in 0..TURNS {
            let result = new.api.create(&request).await;
            world.count(&result).await;
            match result {
                Ok(created) => {
                    may_be_there = true;
                    if let Some(id) = &created.activity_id {
                        new.id.clone_from(id);
                        world.tally.add("change: create");
                        new.agrees(&world.look(&new.id)?)?;
                        return Ok(new);
                    }
                }
                Err(error) if error.outcome() == Outcome::Unknown => may_be_there = true,
                Err(error) if !may_be_there && is_there() => {
                    return Err(format!("an activity was created in spite of {error}"));
                }
                Err(_) => {}
            }
        }
        Err("create never succeeds".to_owned())
    }

    /// How many requests with this number have arrived.
    fn arrived(&self, number: &str) -> u64 {
        self.world.arrived.lock().unwrap().get(number).copied().unwrap_or_default()
    }

    /// A new `out_biz_no`.
    fn number(&mut self) -> String {
        self.numbers += 1;
        format!("{}-{}", self.name, self.numbers)
    }

    fn agrees(&self, seen: &Seen) -> Checked<()> {
        same("the gateway has", seen, self.model.seen())
    }

    async fn step(&mut self, step: &Step) -> Checked<Done> {
        match step {
            Step::Fault(fault) => {
                self.world.gateway.fail_next(fault.parse().map_err(|_| "no such fault")?);
            }
            Step::Call { request, how } => return self.call(request.clone(), *how).await,
            Step::Again { ago, how } if !self.model.known.is_empty() => {
                let (request, number, made) = ago.get(&self.model.known).clone();
                self.again(&request, &number, made.as_deref(), *how).await?;
            }
            Step::Taken { ago, request } if !self.model.known.is_empty() => {
                let (known, number, _) = ago.get(&self.model.known).clone();
                if known != *request {
                    let how = How { encrypted: false, twice: false };
                    let code = "INVALID_PARAMETER";
                    return self.refused(request, &number, how, code).await;
                }
            }
            Step::Query { encrypted } => self.query(*encrypted).await?,
            Step::Complete => {
                let completed = self.world.gateway.complete(&self.id).is_ok();
                same("completed", &completed, &self.model.complete())?;
                if completed {
                    self.world.tally.add("change: takes effect");
                }
            }
            Step::Redeem { ago } if !self.model.vouchers.is_empty() => {
                let index = ago.index(self.model.vouchers.len());
                let redeemed = self.world.gateway.redeem(&self.model.vouchers[index].0).is_ok();
                same("redeemed", &redeemed, &self.model.redeem(index))?;
                if redeemed {
                    self.world.tally.add("change: redeem");
                }
            }
            Step::Again { .. } | Step::Taken { .. } | Step::Redeem { .. } => {}
        }
        self.agrees(&self.world.look(&self.id)?)?;
        Ok(Done::Settled)
    }

    /// A new request, until it is known what came of it.
    async fn call(&mut self, request: Request, how: How) -> Checked<Done> {
        let number = self.number();
        if let Some(code) = self.model.refusal(&request) {
            return self.refused(&request, &number, how, code).await;
        }
        let (before, after) = (self.model.seen().clone(), self.model.after(&request));
        let (mut may_have, mut has) = (false, false);
        for turn in 0..TURNS {
            let how = How { twice: how.twice && turn == 0, ..how };
            let arrived = self.arrived(&number);
            let results = self.send(&request, &number, how).await;
            let seen = self.world.look(&self.id)?;
            let what = || format!("{} after {}", number, results.shown());
            if results.any_success() {
                (may_have, has) = (true, true);
            }
            may_have |= results.any(Outcome::Unknown);
            if seen != before || has {
                same(&what(), &seen, &after)?;
                has = true;
            }
            if seen != before && !may_have {
                return Err(format!("it has happened: {}", what()));
            }
            // What was given up in an earlier turn may have arrived only now.
            let not_sent = !may_have && !results.any(Outcome::Rejected);
            if not_sent && self.arrived(&number) != arrived {
                return Err(format!("it was sent: {}", what()));
            }
            let made = results.made()?.map(str::to_owned);
            let is_whole = made.is_some() || !matches!(request, Request::Send(_));
            if results.any_success() && is_whole {
                let name = format!("{request:?}");
                let name = name.split('(').next().unwrap_or_default();
                self.world.tally.add(format!("change: {}", name.to_lowercase()));
                self.model.happened(request, number, made);
                return Ok(Done::Settled);
            }
        }
        Err(format!("{request:?} never succeeds"))
    }

    /// A request that is refused with this code, and changes nothing.
    async fn refused(
        &self,
        request: &Request,
        number: &str,
        how: How,
        code: &str,
    ) -> Checked<Done> {
        for _ in 0..TURNS {
            let start = Instant::now();
            let results = self.send(request, number, how).await;
            self.agrees(&self.world.look(&self.id)?)?;
            if results.any_success() {
                return Err(format!("{number} succeeds, and {code} was expected"));
            }
            results.refused(code)?;
            // What was given up may arrive later.
            if start.elapsed() >= ATTEMPT {
                return Ok(Done::Abandoned);
            }
            if results.any(Outcome::Rejected) {
                return Ok(Done::Settled);
            }
        }
        Err(format!("{number} is never refused"))
    }

    /// A request that has succeeded: it has the same response, and changes nothing.
    async fn again(
        &self,
        request: &Request,
        number: &str,
        expected: Option<&str>,
        how: How,
    ) -> Checked<()> {
        for _ in 0..TURNS {
            let results = self.send(request, number, how).await;
            self.agrees(&self.world.look(&self.id)?)?;
            results.refused("none")?;
            if results.any_success() {
                return match results.made()? {
                    Some(made) if Some(made) != expected => {
                        Err(format!("{number} has made {made}, and {expected:?} before"))
                    }
                    _ => Ok(()),
                };
            }
        }
        Err(format!("{number} never succeeds again"))
    }

    async fn query(&self, encrypted: bool) -> Checked<()> {
        for _ in 0..TURNS {
            let call = self.api.query(QueryRequest::new(&self.id, MODE));
            let result = if encrypted { call.encrypted().await } else { call.await };
            self.world.count(&result).await;
            let Ok(found) = result else { continue };
            // Signed, and empty.
            if found.activity_id.is_none() {
                continue;
            }
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let base = found.activity_base_info.as_ref();
            let inventory = found.voucher_inventory_info.as_ref();
            let status = QueryResponse::status(&found).map(AsRef::as_ref);
            let seen = self.model.seen();
            let name = base.and_then(|base| base.activity_name.as_deref());
            let sent = inventory.and_then(|inventory| inventory.send_count);
            return same(
                "query",
                &(text(found.activity_id.as_deref()), text(status), text(name), sent),
                &(
                    self.id.clone(),
                    seen.status.to_owned(),
                    seen.name.clone(),
                    i64::try_from(seen.sent).ok(),
                ),
            );
        }
        Err("query never succeeds".to_owned())
    }

    async fn send(&self, request: &Request, number: &str, how: How) -> Results {
        let once = || self.send_once(request, number, how.encrypted);
        let results = if how.twice {
            let (first, second) = tokio::join!(once(), once());
            vec![first, second]
        } else {
            vec![once().await]
        };
        for result in &results {
            self.world.count(result).await;
        }
        Results(results)
    }

    /// Sends a request. The id is that of the voucher, if one was sent.
    async fn send_once(
        &self,
        request: &Request,
        number: &str,
        encrypted: bool,
    ) -> Result<Option<String>, Error> {
        macro_rules! sent {
            ($call:expr) => {{
                let call = $call;
                if encrypted { call.encrypted().await? } else { call.await? }
            }};
        }
        let (api, id) = (&self.api, &self.id);
        let number = number.parse().unwrap();
        match request {
            Request::Publish => drop(sent!(api.publish(PublishRequest::new(id, number, MODE)))),
            Request::Append(total) => {
                let total = i64::try_from(*total).unwrap();
                drop(sent!(api.append(AppendRequest::new(id, number, MODE, total))));
            }
            Request::Rename(name) => {
                let name = model::renamed(&self.name, *name);
                let base = ActivityBaseInfo::new().activity_id(id).activity_name(name);
                drop(sent!(api.modify(ModifyRequest::new(number, MODE, base))));
            }
            Request::Stop => drop(sent!(api.stop(StopRequest::new(id, number, MODE)))),
            Request::Send(user) => {
                let request = SendRequest::new(id, number, MODE);
                let sent = sent!(api.send(request.user_id(format!("20880000000000{user:02}"))));
                return Ok(sent.voucher_id.clone());
            }
        }
        Ok(None)
    }

    /// Whatever has happened is in the record, and nothing else.
    fn end(self) -> Checked<()> {
        self.agrees(&self.world.look(&self.id)?)?;
        let vouchers = self.world.gateway.vouchers(&self.id).map_err(|error| error.to_string())?;
        let vouchers: Vec<_> =
            vouchers.into_iter().map(|v| (v.voucher_id, v.used_times > 0)).collect();
        same("vouchers", &vouchers, &self.model.vouchers)?;
        self.world.collect()?;
        let came = self.world.messages.lock().unwrap().remove(&self.id).unwrap_or_default();
        let own =
            self.model.messages.iter().map(|(kind, about)| ((*kind).to_owned(), about.clone()));
        same("messages", &came, &own.collect())?;
        let mut arrived = self.world.arrived.lock().unwrap();
        for number in 1..=self.numbers {
            arrived.remove(&format!("{}-{number}", self.name));
        }
        Ok(())
    }
}

fn same<T: Debug + PartialEq>(what: &str, found: &T, expected: &T) -> Checked<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, expected {expected:?}"))
}

fn create_request(name: &str, number: &str) -> Checked<CreateRequest> {
    let now = LocalDateTime::try_from(std::time::SystemTime::now()).map_err(|e| e.to_string())?;
    let number = number.parse().map_err(|_| "no number")?;
    let parts = Parts {
        quantity: u32::try_from(QUANTITY).unwrap(),
        ..Parts::sample(number, "2088102111111111", now)
    };
    let mut request = smallest::no_cash(parts);
    request.activity_base_info.activity_name = Some(name.to_owned());
    let mode = &mut request.voucher_send_mode_info;
    mode.voucher_send_rule_info.as_mut().unwrap().quantity_limit_per_user =
        Some(i64::try_from(PER_USER).unwrap());
    Ok(request)
}
