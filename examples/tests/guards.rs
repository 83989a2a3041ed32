//! The replay guards in memory, in SQLite and in PostgreSQL keep the same promises, also when several processes race
//! for the same events.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    process::{Child, Command},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use alipay_examples::replay_sqlite::SqliteReplayGuard;
#[cfg(unix)]
use alipay_examples::{postgres_server::PostgresServer, replay_postgres::PostgresReplayGuard};
use alipay_voucher::notification::{
    Begun, Claim, FAIL, Handled, MemoryReplayGuard, OnceError, ReplayError, ReplayGuard, SUCCESS,
};

const APP: &str = "2021000000000001";
const TTL: Duration = Duration::from_secs(48 * 3600);
/// The default of all guards.
const LEASE: Duration = Duration::from_secs(120);

/// Where events are remembered, for guards of several threads or machines.
trait Store: Sync {
    /// A guard for one of them, with a connection of its own where there are connections.
    fn guard(&self) -> Arc<dyn ReplayGuard>;

    /// Lets time pass.
    fn pass(&self, time: Duration);
}

struct Memory {
    guard: Arc<MemoryReplayGuard>,
    passed: Arc<Mutex<Duration>>,
}

impl Memory {
    fn new() -> Self {
        let (start, passed) = (Instant::now(), Arc::<Mutex<Duration>>::default());
        let clock = Arc::clone(&passed);
        let guard = MemoryReplayGuard::new(1000, TTL);
        let guard = guard.instants(move || start + *clock.lock().unwrap());
        Self { guard: Arc::new(guard), passed }
    }
}

impl Store for Memory {
    fn guard(&self) -> Arc<dyn ReplayGuard> {
        Arc::clone(&self.guard) as Arc<dyn ReplayGuard>
    }

    fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }
}

struct Sqlite(tempfile::TempDir);

impl Sqlite {
    fn new() -> Self {
        let store = Self(tempfile::tempdir().unwrap());
        // The test writes a lot, and its data need not survive a power failure. Guards take the mode of the file.
        store.connect().pragma_update(None, "journal_mode", "WAL").unwrap();
        store
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("events.sqlite")
    }

    fn open(&self) -> SqliteReplayGuard {
        SqliteReplayGuard::open(self.file(), APP, TTL).unwrap()
    }

    fn connect(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}

impl Store for Sqlite {
    fn guard(&self) -> Arc<dyn ReplayGuard> {
        Arc::new(self.open())
    }

    fn pass(&self, time: Duration) {
        let earlier = "UPDATE alipay_event SET ends_at = ends_at - ?1";
        self.connect().execute(earlier, [time.as_secs_f64()]).unwrap();
    }
}

#[cfg(unix)]
struct Postgres(PostgresServer);

#[cfg(unix)]
impl Postgres {
    /// `None`, and a line that says so, where there is none to start.
    fn new(test: &str) -> Option<Self> {
        let server = PostgresServer::start().unwrap();
        if server.is_none() {
            // A macro's line would be kept back, since the test passes.
            let line = "skipped: there is no PostgreSQL that this user can start (on Debian: \
                        apt-get install postgresql)\n";
            std::io::stderr().write_all(format!("test {test} ... {line}").as_bytes()).unwrap();
        }
        server.map(Self)
    }

    fn open(&self) -> PostgresReplayGuard {
        PostgresReplayGuard::connect(self.0.config(), APP, TTL).unwrap()
    }

    fn connect(&self) -> postgres::Client {
        self.0.config().connect(postgres::NoTls).unwrap()
    }
}

#[cfg(unix)]
impl Store for Postgres {
    fn guard(&self) -> Arc<dyn ReplayGuard> {
        Arc::new(self.open())
    }

    fn pass(&self, time: Duration) {
        let earlier = "UPDATE alipay_event SET ends_at = ends_at - $1 * interval '1 second'";
        self.connect().execute(earlier, &[&time.as_secs_f64()]).unwrap();
    }
}

#[test]
fn the_guard_in_memory_keeps_its_promises() {
    let store = Memory::new();
    claims_end(&store);
    race(&store);
}

#[test]
fn the_guard_in_sqlite_keeps_its_promises() {
    let store = Sqlite::new();
    claims_end(&store);
    race(&store);
    processes_race(&store, "SQLITE_EVENTS", store.file().to_str().unwrap());
    let clean = || store.open().clean().unwrap() as u64;
    cleaning(&store, &clean);
    let other = SqliteReplayGuard::open(store.file(), "2021000000000002", TTL).unwrap();
    apps_are_apart(&store, &other, &clean);
}

#[cfg(unix)]
#[test]
fn the_guard_in_postgres_keeps_its_promises() {
    let Some(store) = Postgres::new("the_guard_in_postgres_keeps_its_promises") else { return };
    claims_end(&store);
    race(&store);
    let address = store.0.config().get_hosts().first().cloned();
    let Some(postgres::config::Host::Unix(folder)) = address else { panic!("{address:?}") };
    processes_race(&store, "POSTGRES_EVENTS", folder.to_str().unwrap());
    let clean = || store.open().clean().unwrap();
    cleaning(&store, &clean);
    let other = PostgresReplayGuard::connect(store.0.config(), "2021000000000002", TTL).unwrap();
    apps_are_apart(&store, &other, &clean);
}

/// `f`irst, `p`in progress, `d`one. A first one is left claimed.
fn begun(guard: &dyn ReplayGuard, id: &str) -> char {
    match guard.begin(id).unwrap() {
        Begun::First(_) => 'f',
        Begun::InProgress => 'p',
        Begun::Done => 'd',
    }
}

fn first(guard: &dyn ReplayGuard, id: &str) -> Claim {
    match guard.begin(id).unwrap() {
        Begun::First(claim) => claim,
        other => panic!("{id}: {other:?}"),
    }
}

/// What one machine does with a claim is seen by the other, and a claim ends by itself.
fn claims_end(store: &dyn Store) {
    let (here, there) = (&*store.guard(), &*store.guard());

    let claim = first(here, "handled");
    assert_eq!((begun(there, "handled"), begun(here, "handled")), ('p', 'p'));
    here.confirm(claim).unwrap();
    assert_eq!((begun(there, "handled"), begun(here, "handled")), ('d', 'd'));

    here.release(first(here, "released")).unwrap();
    let claim = first(there, "released");
    there.confirm(claim).unwrap();

    // The first machine was only slow. What it gives up is no longer its own.
    let late = first(here, "released late");
    store.pass(LEASE.saturating_sub(Duration::from_secs(60)));
    assert_eq!(begun(there, "released late"), 'p');
    store.pass(Duration::from_secs(61));
    let own = first(there, "released late");
    here.release(late).unwrap();
    assert_eq!(begun(here, "released late"), 'p');
    there.confirm(own).unwrap();
    assert_eq!(begun(here, "released late"), 'd');

    // It has done the work: that counts, frees the event for nobody, and cannot be taken back.
    let late = first(here, "confirmed late");
    store.pass(LEASE);
    let other = first(there, "confirmed late");
    here.confirm(late).unwrap();
    assert_eq!(begun(there, "confirmed late"), 'd');
    there.release(other).unwrap();
    assert_eq!(begun(there, "confirmed late"), 'd');

    // Nobody else wanted it meanwhile.
    let late = first(here, "confirmed late, alone");
    store.pass(LEASE);
    here.confirm(late).unwrap();
    assert_eq!(begun(there, "confirmed late, alone"), 'd');

    store.pass(TTL.saturating_sub(2 * LEASE));
    assert_eq!(begun(there, "confirmed late, alone"), 'd');
    store.pass(2 * LEASE);
    assert_eq!(begun(there, "confirmed late, alone"), 'f');
}

const DELIVERIES: usize = 6;
const EVENTS: usize = 30;

/// What becomes of an event whenever it is handled.
#[derive(Default)]
struct Event {
    attempts: AtomicU32,
    in_work: AtomicBool,
    handled: AtomicU32,
}

impl Event {
    /// Every third event fails twice, and every fifth kills its first handler.
    fn handle(&self, number: usize) -> Result<(), &'static str> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        assert!(
            !self.in_work.swap(true, Ordering::SeqCst),
            "event {number} is handled twice at once"
        );
        thread::yield_now();
        self.in_work.store(false, Ordering::SeqCst);
        if number.is_multiple_of(5) && attempt == 0 {
            // As a panic, without its message.
            resume_unwind(Box::new("the handler dies"));
        }
        if number.is_multiple_of(3) && attempt < 2 {
            return Err("the handler fails");
        }
        self.handled.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Threads with guards of their own deliver all events, in different orders, until each is handled or its handler
/// has died; then once more, after the claims of the dead have ended.
fn race(store: &dyn Store) {
    let events: Vec<Event> = (0..EVENTS).map(|_| Event::default()).collect();
    let lives = |number: usize| !number.is_multiple_of(5);
    deliver_all(store, &events, &lives);
    for (number, event) in events.iter().enumerate() {
        let handled = event.handled.load(Ordering::SeqCst);
        assert_eq!(handled, u32::from(lives(number)), "event {number}");
    }
    store.pass(LEASE);
    deliver_all(store, &events, &|_| true);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.handled.load(Ordering::SeqCst), 1, "event {number}");
        assert_eq!(begun(&*store.guard(), &format!("race {number}")), 'd', "event {number}");
    }
}

fn deliver_all(
    store: &dyn Store,
    events: &[Event],
    until_success: &(dyn Fn(usize) -> bool + Sync),
) {
    thread::scope(|scope| {
        for delivery in 0..DELIVERIES {
            scope.spawn(move || {
                let guard = store.guard();
                for turn in 0..EVENTS {
                    let number = (turn * 7 + delivery * 5) % EVENTS;
                    while deliver(&guard, number, &events[number]) != SUCCESS
                        && until_success(number)
                    {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
    });
}

/// The response to a delivery.
fn deliver(guard: &Arc<dyn ReplayGuard>, number: usize, event: &Event) -> &'static str {
    let once = || guard.once(&format!("race {number}"), || event.handle(number));
    match catch_unwind(AssertUnwindSafe(once)) {
        Ok(Ok(handled)) => handled.reply(),
        Ok(Err(OnceError::Work(_))) | Err(_) => FAIL,
        Ok(Err(OnceError::Guard(error))) => panic!("{error:?}"),
    }
}

/// Where a process of the race writes down what it has handled.
const LEDGER: &str = "EVENTS_LEDGER";
/// What it does besides: die with a claim.
const DIES: &str = "EVENTS_DIES";

fn processes_race(store: &dyn Store, variable: &str, address: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let start = |dies: bool| -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "a_process_of_the_race", "--test-threads=1", "-q"]);
        command.env(variable, address).env(LEDGER, &ledger);
        if dies {
            command.env(DIES, "yes");
        }
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };

    assert!(!start(true).wait().unwrap().success());
    let guard = store.guard();
    assert_eq!(begun(&*guard, "process 0"), 'p');
    store.pass(LEASE);

    let processes: Vec<Child> = (0..3).map(|_| start(false)).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let text = fs::read_to_string(&ledger).unwrap();
    let mut times = BTreeMap::<&str, u32>::new();
    for line in text.lines() {
        *times.entry(line).or_default() += 1;
    }
    assert_eq!(times.len(), EVENTS, "{text}");
    assert!(times.values().all(|times| *times == 1), "{text}");
}

/// Does nothing when it is run as a test, without the variables that [`processes_race`] sets.
#[test]
fn a_process_of_the_race() {
    let guard: Arc<dyn ReplayGuard> = if let Some(file) = env::var_os("SQLITE_EVENTS") {
        Arc::new(SqliteReplayGuard::open(Path::new(&file), APP, TTL).unwrap())
    } else if let Some(guard) = postgres_of_the_race() {
        guard
    } else {
        return;
    };
    if env::var_os(DIES).is_some() {
        let _left = first(&*guard, "process 0");
        std::process::abort();
    }
    let ledger = env::var_os(LEDGER).unwrap();
    let mut ledger = fs::OpenOptions::new().append(true).create(true).open(ledger).unwrap();
    for number in 0..EVENTS {
        let id = format!("process {number}");
        loop {
            // One write, which other processes cannot interrupt.
            let work = || ledger.write_all(format!("{id}\n").as_bytes());
            match guard.once(&id, work).unwrap() {
                Handled::Now(()) | Handled::Before => break,
                Handled::Elsewhere => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

#[cfg(unix)]
fn postgres_of_the_race() -> Option<Arc<dyn ReplayGuard>> {
    let folder = env::var_os("POSTGRES_EVENTS")?;
    let mut config = postgres::Config::new();
    config.host_path(Path::new(&folder)).user("postgres").dbname("postgres");
    Some(Arc::new(PostgresReplayGuard::connect(config, APP, TTL).unwrap()))
}

#[cfg(not(unix))]
fn postgres_of_the_race() -> Option<Arc<dyn ReplayGuard>> {
    None
}

/// Only rows whose time is over are deleted.
fn cleaning(store: &dyn Store, clean: &dyn Fn() -> u64) {
    let guard = store.guard();
    store.pass(2 * TTL);
    assert!(clean() > 0);
    assert_eq!(clean(), 0);
    guard.confirm(first(&*guard, "clean: done")).unwrap();
    let _left = first(&*guard, "clean: claimed");
    assert_eq!(clean(), 0);
    store.pass(LEASE);
    assert_eq!(clean(), 1);
    assert_eq!((begun(&*guard, "clean: done"), begun(&*guard, "clean: claimed")), ('d', 'f'));
}

/// The events of one app are not those of another, also when rows are deleted.
fn apps_are_apart(store: &dyn Store, other: &dyn ReplayGuard, clean: &dyn Fn() -> u64) {
    let guard = store.guard();
    store.pass(2 * TTL);
    clean();
    guard.confirm(first(&*guard, "of both")).unwrap();
    assert_eq!((begun(other, "of both"), begun(&*guard, "of both")), ('f', 'd'));
    store.pass(2 * TTL);
    assert_eq!(clean(), 1);
}

const WORK: &str = "CREATE TABLE work (event_id text NOT NULL)";

/// Work and confirmation in one transaction are for the last claim, and leave the work of two events.
fn the_last_claim_confirms(
    store: &dyn Store,
    guard: &dyn ReplayGuard,
    work: impl Fn(&Claim) -> Result<(), ReplayError>,
) {
    let slow = first(guard, "e");
    store.pass(LEASE);
    let last = first(guard, "e");
    let error = work(&slow).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the replay guard: the claim has ended, and another has the event"
    );
    assert_eq!(begun(guard, "e"), 'p');
    work(&last).unwrap();
    assert_eq!(begun(guard, "e"), 'd');
    assert!(work(&last).is_err());
    // As a caller does who cannot tell whether the transaction was committed.
    guard.release(last).unwrap();
    assert_eq!(begun(guard, "e"), 'd');
    // A claim that has ended is good as long as nobody else has claimed the event.
    let late = first(guard, "alone");
    store.pass(LEASE);
    work(&late).unwrap();
}

/// Work and confirmation in one transaction happen once, even though the lease has ended and both handlers are alive.
#[test]
fn a_transaction_in_sqlite_is_for_the_last_claim_only() {
    let store = Sqlite::new();
    let guard = store.open();
    store.connect().execute(WORK, []).unwrap();
    let work = |claim: &Claim| -> Result<(), ReplayError> {
        let mut connection = store.connect();
        let transaction = connection.transaction().unwrap();
        transaction.execute("INSERT INTO work VALUES (?1)", [claim.id()]).unwrap();
        guard.confirm_in(&transaction, claim)?;
        transaction.commit().unwrap();
        Ok(())
    };
    the_last_claim_confirms(&store, &guard, work);
    let rows = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    assert_eq!(store.connect().query_row("SELECT count(*) FROM work", [], rows).unwrap(), 2);
}

/// A claim counts once it is on the disk, which others may prevent.
#[test]
fn a_claim_that_sqlite_cannot_write_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.sqlite");
    let guard = SqliteReplayGuard::open(&file, APP, TTL).unwrap();
    let reader = rusqlite::Connection::open(&file).unwrap();
    // Without a write-ahead log nothing is committed while somebody reads.
    let reading = reader.unchecked_transaction().unwrap();
    let count = "SELECT count(*) FROM alipay_event";
    assert_eq!(reading.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    let error = guard.begin("e").unwrap_err();
    assert_eq!(error.to_string(), "the replay guard: the database cannot be used");
    drop(reading);
    assert_eq!(begun(&guard, "e"), 'f');
}

/// The same, and what another delivery sees while the transaction is open.
#[cfg(unix)]
#[test]
fn a_transaction_in_postgres_is_for_the_last_claim_only() {
    let name = "a_transaction_in_postgres_is_for_the_last_claim_only";
    let Some(store) = Postgres::new(name) else { return };
    let guard = store.open();
    store.connect().batch_execute(WORK).unwrap();
    let work = |claim: &Claim| -> Result<(), ReplayError> {
        let mut connection = store.connect();
        let mut transaction = connection.transaction().unwrap();
        transaction.execute("INSERT INTO work VALUES ($1)", &[&claim.id()]).unwrap();
        guard.confirm_in(&mut transaction, claim)?;
        transaction.commit().unwrap();
        Ok(())
    };
    the_last_claim_confirms(&store, &guard, work);
    let rows: i64 = store.connect().query_one("SELECT count(*) FROM work", &[]).unwrap().get(0);
    assert_eq!(rows, 2);
}

/// The database restarts: the guard connects again by itself.
#[cfg(unix)]
#[test]
fn the_guard_in_postgres_survives_a_lost_connection() {
    let name = "the_guard_in_postgres_survives_a_lost_connection";
    let Some(store) = Postgres::new(name) else { return };
    let guard = store.open();
    let claim = first(&guard, "e");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND usename = 'postgres'";
    store.connect().execute(others, &[]).unwrap();
    guard.confirm(claim).unwrap();
    assert_eq!(begun(&guard, "e"), 'd');
    drop(store);
    let error = guard.begin("f").unwrap_err();
    assert_eq!(error.to_string(), "the replay guard: the database cannot be used");
}
