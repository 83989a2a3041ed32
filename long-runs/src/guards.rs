//! Notifications that come several times, from many threads, at a replay guard: each event is handled once, and the
//! guard forgets as it should.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alipay_examples::replay_sqlite::SqliteReplayGuard;
#[cfg(unix)]
use alipay_examples::{postgres_server::PostgresServer, replay_postgres::PostgresReplayGuard};
use alipay_mock::{Encryption, Gateway};
use alipay_voucher::{
    Client,
    notification::{FAIL, Handled, MemoryReplayGuard, OnceError, ReplayGuard, SUCCESS},
};
use serde_json::json;

use crate::{checked::Checked, process, tally::Tally};

/// How many events are under way at a time: those of a round.
const ROUND: usize = 2000;
/// By how many threads each event is delivered, besides the deliveries of the round before.
const DELIVERIES: usize = 4;
/// How many events the guard in memory has room for: those of some rounds.
const CAPACITY: usize = 5 * ROUND;
const FILE: &str = "events.sqlite";
const TTL: Duration = Duration::from_secs(48 * 3600);

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Postgres,
}

/// Where events are remembered, and how many there are.
enum Store {
    Memory(Arc<MemoryReplayGuard>),
    Sqlite(tempfile::TempDir),
    #[cfg(unix)]
    Postgres(PostgresServer),
}

/// A notification, and what became of its event.
struct Event {
    number: usize,
    form: String,
    attempts: AtomicU32,
    in_work: AtomicBool,
    handled: AtomicU32,
}

/// Sends so many notifications to one guard from so many threads, and prints figures.
pub(crate) fn run(
    kind: Kind,
    notifications: usize,
    threads: usize,
    lease: Duration,
) -> Checked<()> {
    println!("guards: {notifications} notifications to {kind:?} from {threads} threads");
    let gateway = Gateway::builder().start_blocking().map_err(|error| error.to_string())?;
    let client = gateway.client().map_err(|error| error.to_string())?;
    let Some(store) = Store::new(kind, lease)? else {
        println!("  skipped: there is no PostgreSQL that this user can start");
        return Ok(());
    };
    let guards = [store.guard(&client, lease)?, store.guard(&client, lease)?];
    let run = Run { client, guards, threads, tally: Tally::default() };
    println!("  at start: {}, {} events", process::held(), store.events()?);
    let (mut dead, mut before) = (Vec::<Arc<Event>>::new(), Vec::<Arc<Event>>::new());
    let (mut signing, mut delivering) = (Duration::ZERO, Duration::ZERO);
    for first in (0..notifications).step_by(ROUND) {
        let start = Instant::now();
        let events = sign(&gateway, first..(first + ROUND).min(notifications), threads)?;
        signing += start.elapsed();
        let start = Instant::now();
        run.deliver_all(&events, &before)?;
        delivering += start.elapsed();
        before.iter().try_for_each(|event| event.is_done())?;
        dead.extend(events.iter().filter(|event| event.kills()).cloned());
        before = events;
        if first * 10 / notifications != (first + ROUND) * 10 / notifications {
            println!("  after {}: {}, {} events", first + ROUND, process::held(), store.events()?);
        }
    }
    before.iter().try_for_each(|event| event.is_done())?;
    // The claims of those that died end.
    thread::sleep(lease);
    // What was handled meanwhile may be forgotten by now, and would be handled again.
    dead.retain(|event| event.is_dead());
    run.deliver_all(&dead, &[])?;
    if let Some(event) = dead.iter().find(|event| event.handled.load(Ordering::SeqCst) != 1) {
        return Err(format!("event {}, whose handler died, was not handled once", event.number));
    }
    println!("  at the end: {}, {} events", process::held(), store.events()?);
    println!(
        "  {:.1} s to sign, {:.1} s to deliver, {} deliveries\n{}",
        signing.as_secs_f64(),
        delivering.as_secs_f64(),
        run.tally.sum("delivery: "),
        run.tally,
    );
    let (events, most) = (store.events()?, store.most(notifications));
    if events == most { Ok(()) } else { Err(format!("{events} events are remembered, not {most}")) }
}

impl Store {
    /// `None` where there is no PostgreSQL.
    fn new(kind: Kind, lease: Duration) -> Checked<Option<Self>> {
        Ok(Some(match kind {
            Kind::Memory => {
                Self::Memory(Arc::new(MemoryReplayGuard::new(CAPACITY, TTL).lease(lease)))
            }
            Kind::Sqlite => {
                let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
                // This writes a lot. Guards take the mode of the file.
                rusqlite::Connection::open(folder.path().join(FILE))
                    .and_then(|file| file.pragma_update(None, "journal_mode", "WAL"))
                    .map_err(|error| error.to_string())?;
                Self::Sqlite(folder)
            }
            #[cfg(unix)]
            Kind::Postgres => {
                let server = PostgresServer::start().map_err(|error| error.to_string())?;
                return Ok(server.map(Self::Postgres));
            }
            #[cfg(not(unix))]
            Kind::Postgres => return Ok(None),
        }))
    }

    /// A guard with a connection of its own, where there are connections.
    fn guard(&self, client: &Client, lease: Duration) -> Checked<Arc<dyn ReplayGuard>> {
        Ok(match self {
            Self::Memory(guard) => Arc::clone(guard) as Arc<dyn ReplayGuard>,
            Self::Sqlite(folder) => {
                let file = folder.path().join(FILE);
                let guard = SqliteReplayGuard::open(file, client.app_id(), TTL);
                Arc::new(guard.map_err(|error| error.to_string())?.lease(lease))
            }
            #[cfg(unix)]
            Self::Postgres(server) => {
                let guard = PostgresReplayGuard::connect(server.config(), client.app_id(), TTL);
                Arc::new(guard.map_err(|error| format!("{error:?}"))?.lease(lease))
            }
        })
    }

    /// How many events it remembers of so many, while none of them is too old.
    fn most(&self, events: usize) -> usize {
        if matches!(self, Self::Memory(_)) { events.min(CAPACITY) } else { events }
    }

    /// How many events are remembered.
    fn events(&self) -> Checked<usize> {
        const COUNT: &str = "SELECT count(*) FROM alipay_event";
        let count: i64 = match self {
            Self::Memory(guard) => return Ok(guard.len()),
            Self::Sqlite(folder) => rusqlite::Connection::open(folder.path().join(FILE))
                .and_then(|connection| connection.query_row(COUNT, [], |row| row.get(0)))
                .map_err(|error| error.to_string())?,
            #[cfg(unix)]
            Self::Postgres(server) => server
                .config()
                .connect(postgres::NoTls)
                .and_then(|mut client| client.query_one(COUNT, &[])?.try_get(0))
                .map_err(|error| error.to_string())?,
        };
        usize::try_from(count).map_err(|error| error.to_string())
    }
}

/// Notifications as Alipay posts them, signed on all threads.
fn sign(
    gateway: &Gateway,
    numbers: std::ops::Range<usize>,
    threads: usize,
) -> Checked<Vec<Arc<Event>>> {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let own = numbers.clone().skip(thread).step_by(threads);
                scope.spawn(move || own.map(|number| Event::new(gateway, number)).collect())
            })
            .collect();
        let mut events = Vec::new();
        for worker in workers {
            let signed: Checked<Vec<_>> = worker.join().map_err(|_| "signing panicked")?;
            events.extend(signed?);
        }
        Ok(events)
    })
}

impl Event {
    fn new(gateway: &Gateway, number: usize) -> Checked<Arc<Self>> {
        let content = json!({ "activity_id": format!("{number}") });
        let content = content.as_object().cloned().unwrap_or_default();
        let message = gateway.message("created", content, Encryption::Off);
        Ok(Arc::new(Self {
            number,
            form: message.map_err(|error| error.to_string())?.form_body,
            attempts: AtomicU32::new(0),
            in_work: AtomicBool::new(false),
            handled: AtomicU32::new(0),
        }))
    }

    /// Whether its first handler dies.
    fn kills(&self) -> bool {
        self.number % 997 == 5
    }

    /// Its first handler has died or will die, and no other has handled it.
    fn is_dead(&self) -> bool {
        self.kills() && self.handled.load(Ordering::SeqCst) == 0
    }

    fn is_done(&self) -> Checked<()> {
        match self.handled.load(Ordering::SeqCst) {
            1 => Ok(()),
            _ if self.is_dead() => Ok(()),
            handled => Err(format!("event {} was handled {handled} times", self.number)),
        }
    }

    fn handle(&self) -> Result<(), String> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        if self.in_work.swap(true, Ordering::SeqCst) {
            return Err(format!("event {} is handled twice at once", self.number));
        }
        thread::yield_now();
        self.in_work.store(false, Ordering::SeqCst);
        if self.kills() && attempt == 0 {
            // As a panic, without its message.
            resume_unwind(Box::new("the handler dies"));
        }
        if self.number.is_multiple_of(7) && attempt == 0 {
            return Err(AGAIN.to_owned());
        }
        self.handled.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Why work fails that is to be done again.
const AGAIN: &str = "the work fails";

struct Run {
    client: Client,
    /// As two processes have them: each belongs to half of the threads.
    guards: [Arc<dyn ReplayGuard>; 2],
    threads: usize,
    tally: Tally,
}

impl Run {
    /// Each of these events is delivered by some threads until it is handled, and each of the earlier ones once more.
    fn deliver_all(&self, events: &[Arc<Event>], earlier: &[Arc<Event>]) -> Checked<()> {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads)
                .map(|thread| scope.spawn(move || self.deliver_share(thread, events, earlier)))
                .collect();
            let panicked = |_| Err("a delivery panicked".to_owned());
            workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(panicked))
        })
    }

    fn deliver_share(
        &self,
        thread: usize,
        events: &[Arc<Event>],
        earlier: &[Arc<Event>],
    ) -> Checked<()> {
        let (guard, threads) = (&self.guards[thread % 2], self.threads);
        // Half of those of each guard begin in the middle.
        let middle = thread / 2 % 2 * events.len() / 2;
        let own =
            |number: usize| (number + thread / 4).is_multiple_of((threads / DELIVERIES).max(1));
        for turn in 0..events.len() {
            let number = (turn + middle) % events.len();
            let event = &events[number];
            // Whose handler has died is delivered again when the claim has ended.
            while own(number) && self.deliver(guard, event)? != SUCCESS && !event.is_dead() {
                thread::sleep(Duration::from_millis(1));
            }
        }
        for event in earlier.iter().skip(thread).step_by(threads) {
            // One whose handler has died may be handled by another thread just now.
            if self.deliver(guard, event)? != SUCCESS && !event.kills() {
                return Err(format!("event {} is not remembered", event.number));
            }
        }
        Ok(())
    }

    /// The response to a delivery.
    fn deliver(&self, guard: &Arc<dyn ReplayGuard>, event: &Event) -> Checked<&'static str> {
        let notification = self.client.verify_notification(event.form.as_bytes());
        let notification = notification.map_err(|error| error.to_string())?;
        let id = notification.event_id().ok_or("a notification has no event")?;
        let once = || guard.once(id, || event.handle());
        let (what, reply) = match catch_unwind(AssertUnwindSafe(once)) {
            Ok(Ok(handled)) => {
                let what = match handled {
                    Handled::Now(()) => "handled",
                    Handled::Before => "handled before",
                    Handled::Elsewhere => "being handled",
                };
                (what, handled.reply())
            }
            Ok(Err(OnceError::Work(problem))) if problem == AGAIN => ("the work fails", FAIL),
            Ok(Err(OnceError::Work(problem))) => return Err(problem),
            Ok(Err(OnceError::Guard(error))) => return Err(format!("{error:?}")),
            Err(_) => ("the handler dies", FAIL),
        };
        self.tally.add(format!("delivery: {what}"));
        Ok(reply)
    }
}
