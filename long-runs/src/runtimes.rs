//! One client, used from many runtimes and threads that come and go: each call gets the response of its own request, or
//! an error that says what became of its runtime; nothing panics, and nothing is left behind.

use std::{
    future::poll_fn,
    panic,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use alipay_mock::Gateway;
use alipay_voucher::{
    Call, Client, Error, ErrorKind, Outcome, Response, VoucherApi,
    models::{MerchantAccessMode, QueryRequest, QueryResponse},
    operations::Query,
    smallest::{self, Parts},
    value::LocalDateTime,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::{self, LocalSet},
};

use crate::{checked::Checked, process, tally::Tally};

/// How many activities there are to ask for.
const ACTIVITIES: u64 = 20;
/// What blocking calls keep until the program ends: their runtime, on a thread of its own.
const KEPT: (usize, usize) = (8, 2);

/// The ways in which threads use the client.
const WAYS: [(&str, Way); 8] = [
    ("a runtime of one thread per round", one_thread),
    ("a runtime of two threads per round", two_threads),
    ("a runtime that all share", shared),
    ("blocking", blocking),
    ("blocking, within a runtime", blocking_within),
    ("a runtime that ends during calls", ends),
    ("a call that outlives its runtime", outlives),
    ("a call that is dropped", dropped),
];

type Way = fn(&Shop, u64) -> Checked<()>;

struct Shop {
    client: Client,
    /// The ids of the activities.
    ids: Vec<String>,
    runtime: Handle,
    tally: Tally,
}

/// Runs for this time, with so many threads for each way, and prints figures.
pub(crate) fn run(time: Duration, threads: usize) -> Checked<()> {
    println!("runtimes: {} threads for {} s", threads * WAYS.len(), time.as_secs());
    let before = process::held();
    println!("  at start: {before}");
    let gateway = Gateway::builder().start_blocking().map_err(|error| error.to_string())?;
    let runtime = two();
    let shop = Shop::open(&gateway, runtime.handle().clone())?;
    let panics = Panics::count();
    let start = Instant::now();
    let rounds = AtomicU64::new(0);
    let result: Checked<()> = thread::scope(|scope| {
        let (shop, rounds) = (&shop, &rounds);
        let workers: Vec<_> = (0..threads)
            .flat_map(|_| WAYS)
            .map(|(name, way)| {
                scope.spawn(move || {
                    while start.elapsed() < time {
                        let round = rounds.fetch_add(1, Ordering::SeqCst);
                        way(shop, round).map_err(|problem| format!("{name}: {problem}"))?;
                        shop.tally.add(format!("round: {name}"));
                    }
                    Ok(())
                })
            })
            .collect();
        let panicked = |_| Err("a thread panicked".to_owned());
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(panicked))
    });
    let panics = panics.end();
    println!("  at the end: {}", process::held());
    println!("  {} calls, {} panics\n{}", shop.tally.sum("call: "), panics.len(), shop.tally);
    result.and_then(|()| if panics.is_empty() { Ok(()) } else { Err(panics.join("\n")) })?;
    drop((shop, runtime, gateway));
    let (files, threads) = (before.files + KEPT.0, before.threads + KEPT.1);
    let left = process::settled(process::Held { files, threads, ..before })?;
    println!("  afterwards: {left}");
    Ok(())
}

impl Shop {
    fn open(gateway: &Gateway, runtime: Handle) -> Checked<Self> {
        let client = gateway.client().map_err(|error| error.to_string())?;
        let now =
            LocalDateTime::try_from(std::time::SystemTime::now()).map_err(|e| e.to_string())?;
        let create = |number: u64| {
            let parts =
                Parts::sample(format!("{number}").parse().unwrap(), "2088102111111111", now);
            let created = VoucherApi::new(client.clone()).create(smallest::no_cash(parts));
            let created = created.send_blocking().map_err(|error| error.to_string())?;
            created.activity_id.clone().ok_or_else(|| "create gives no id".to_owned())
        };
        let ids = (0..ACTIVITIES).map(create).collect::<Checked<_>>()?;
        Ok(Self { client, ids, runtime, tally: Tally::default() })
    }

    fn id(&self, number: u64) -> &str {
        &self.ids[usize::try_from(number % ACTIVITIES).unwrap()]
    }

    /// A call of a clone of the client.
    fn ask(&self, number: u64) -> Call<Query> {
        let mode = MerchantAccessMode::SelfMode;
        VoucherApi::new(self.client.clone()).query(QueryRequest::new(self.id(number), mode))
    }

    /// It has the response of its own request.
    fn is_own(&self, number: u64, result: Result<Response<QueryResponse>, Error>) -> Checked<()> {
        let response = result.map_err(|error| error.to_string())?;
        self.tally.add("call: success");
        match response.activity_id.as_deref() {
            Some(id) if id == self.id(number) => Ok(()),
            other => Err(format!("asked for {}, and got {other:?}", self.id(number))),
        }
    }

    /// The same, or an error that says what became of the runtime.
    fn is_own_or_ended(
        &self,
        number: u64,
        result: Result<Response<QueryResponse>, Error>,
    ) -> Checked<()> {
        match result {
            Err(error) => {
                let kind = error.kind();
                let outcome = match kind {
                    ErrorKind::Transport => Outcome::Unknown,
                    ErrorKind::Configuration | ErrorKind::Connect => Outcome::NotSent,
                    _ => return Err(format!("{kind:?}: {error}")),
                };
                if error.outcome() != outcome {
                    return Err(format!("{kind:?}, {:?}: {error}", error.outcome()));
                }
                self.tally.add(format!("call: its runtime has ended, {kind:?}"));
                Ok(())
            }
            result => self.is_own(number, result),
        }
    }
}

fn one() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn two() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn one_thread(shop: &Shop, round: u64) -> Checked<()> {
    one().block_on(async {
        let (first, second) = tokio::join!(shop.ask(round), shop.ask(round + 1));
        shop.is_own(round, first)?;
        shop.is_own(round + 1, second)?;
        shop.is_own(round + 2, shop.ask(round + 2).await)
    })
}

fn two_threads(shop: &Shop, round: u64) -> Checked<()> {
    spawned(shop, round, two().handle())
}

fn shared(shop: &Shop, round: u64) -> Checked<()> {
    spawned(shop, round, &shop.runtime)
}

/// Calls of tasks, of the thread that waits for them, and of one where blocking is allowed.
fn spawned(shop: &Shop, round: u64, runtime: &Handle) -> Checked<()> {
    let calls: Vec<_> =
        (round..round + 6).map(|n| (n, runtime.spawn(shop.ask(n).into_future()))).collect();
    shop.is_own(round, runtime.block_on(shop.ask(round).into_future()))?;
    let (call, handle) = (shop.ask(round).into_future(), runtime.clone());
    let waits = runtime.spawn_blocking(move || handle.block_on(call));
    shop.is_own(round, runtime.block_on(waits).map_err(|error| error.to_string())?)?;
    for (number, call) in calls {
        shop.is_own(number, runtime.block_on(call).map_err(|error| error.to_string())?)?;
    }
    Ok(())
}

fn blocking(shop: &Shop, round: u64) -> Checked<()> {
    shop.is_own(round, shop.ask(round).send_blocking())
}

fn blocking_within(shop: &Shop, round: u64) -> Checked<()> {
    one().block_on(LocalSet::new().run_until(async {
        let other = task::spawn_local(shop.ask(round + 1).into_future());
        shop.is_own(round, shop.ask(round).send_blocking())?;
        shop.is_own(round + 1, other.await.map_err(|error| error.to_string())?)
    }))
}

/// A while in which calls are at different stages, and some are done.
fn while_of(round: u64) -> Duration {
    Duration::from_micros(round * 137 % 30_000)
}

fn ends(shop: &Shop, round: u64) -> Checked<()> {
    let runtime = two();
    let calls: Vec<_> =
        (round..round + 6).map(|n| (n, runtime.spawn(shop.ask(n).into_future()))).collect();
    thread::sleep(while_of(round));
    if round.is_multiple_of(2) {
        runtime.shutdown_background();
    } else {
        drop(runtime);
    }
    for (number, call) in calls {
        match one().block_on(call) {
            Ok(result) => shop.is_own_or_ended(number, result)?,
            Err(error) if error.is_cancelled() => shop.tally.add("call: cancelled"),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

fn outlives(shop: &Shop, round: u64) -> Checked<()> {
    let mut call = Box::pin(shop.ask(round).into_future());
    let runtime = if round.is_multiple_of(3) { one() } else { two() };
    let done = runtime.block_on(async {
        let done = poll_fn(|context| {
            Poll::Ready(match call.as_mut().poll(context) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            })
        });
        let done = done.await;
        tokio::time::sleep(while_of(round)).await;
        done
    });
    drop(runtime);
    let result = match done {
        Some(result) => result,
        None => one().block_on(call),
    };
    shop.is_own_or_ended(round, result)
}

fn dropped(shop: &Shop, round: u64) -> Checked<()> {
    let runtime = if round.is_multiple_of(2) { one() } else { two() };
    runtime.block_on(async {
        for number in round..round + 3 {
            let call = shop.ask(number).into_future();
            match tokio::time::timeout(while_of(number), call).await {
                Ok(result) => shop.is_own(number, result)?,
                Err(_) => shop.tally.add("call: dropped"),
            }
            shop.is_own(number + 1, shop.ask(number + 1).await)?;
        }
        Ok(())
    })
}

/// The panics of all threads, also those that somebody catches.
struct Panics(Arc<Mutex<Vec<String>>>);

impl Panics {
    fn count() -> Self {
        let all = Arc::<Mutex<Vec<String>>>::default();
        let hook = Arc::clone(&all);
        panic::set_hook(Box::new(move |info| hook.lock().unwrap().push(info.to_string())));
        Self(all)
    }

    fn end(self) -> Vec<String> {
        drop(panic::take_hook());
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
