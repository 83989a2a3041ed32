//! A replay guard in a PostgreSQL database, for several machines. Made to be copied.
//!
//! One row per event. A *claim* is a row that is not done, with a number that no other claim has, and an end: the
//! lease. Whoever claims the event after that end gets a new number.
//!
//! | step | what happens to the row |
//! | --- | --- |
//! | `begin` | is inserted, or taken over if its end has passed; otherwise the event is in progress or done |
//! | `confirm` | becomes done, and its end is when the event is forgotten |
//! | [`confirm_in`](PostgresReplayGuard::confirm_in) | the same, in your transaction, if the claim is the last |
//! | `release` | is deleted, if the claim is still the last and not done |
//! | [`clean`](PostgresReplayGuard::clean) | is deleted once its end has passed |
//!
//! **When a process dies** between `begin` and `confirm`, or loses the database, the event is in progress until the
//! lease ends: Alipay's deliveries get `fail`, and the first one after that is handled. If the work was done before the
//! process died, it is then done again, unless the work and `confirm_in` are one transaction: that one was rolled back
//! or has happened.
//!
//! **The clock** is that of the database, and the same for all machines. If it is set forward by more than the lease,
//! an event that is being handled can be claimed once more. `confirm_in` then lets one of both through.
//!
//! **The connection** belongs to a thread of the guard's own: the crate `postgres` may not be used, nor its client
//! dropped, on a thread of an asynchronous runtime. Callers wait for that thread. In an asynchronous program call the
//! guard in `spawn_blocking` if the database is far away. The connection is made again when it is lost. It has no TLS;
//! where the network is not your own, replace `NoTls` by a connector such as that of `postgres-native-tls`.

use std::{
    fmt,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use alipay_voucher::notification::{Begun, Claim, ReplayError, ReplayGuard};
use postgres::{Client, Config, Error, GenericClient, NoTls};

/// How long a claim lasts by default. Alipay delivers again after two minutes at the earliest.
const LEASE: Duration = Duration::from_secs(120);

/// The table. The lock is for processes that start at the same time.
const SCHEMA: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtext('alipay_event'));
    CREATE TABLE IF NOT EXISTS alipay_event (
        app_id text NOT NULL,
        event_id text NOT NULL,
        claim bigserial NOT NULL,
        done boolean NOT NULL,
        ends_at timestamptz NOT NULL,
        PRIMARY KEY (app_id, event_id)
    );
    CREATE INDEX IF NOT EXISTS alipay_event_ends_at ON alipay_event (ends_at);
    COMMIT";
/// Somebody may have locked a row, such as a transaction with `confirm_in`. Others do not wait for it for long.
const SESSION: &str = "SET statement_timeout = '5s'";
/// One statement, so that two machines cannot both find that there is no claim. `claim` counts up by itself.
const BEGIN: &str = "
    INSERT INTO alipay_event (app_id, event_id, done, ends_at)
    VALUES ($1, $2, false, now() + $3 * interval '1 second')
    ON CONFLICT (app_id, event_id) DO UPDATE
    SET claim = excluded.claim, done = false, ends_at = excluded.ends_at
    WHERE alipay_event.ends_at <= now()
    RETURNING claim";
const IS_DONE: &str = "SELECT done FROM alipay_event WHERE app_id = $1 AND event_id = $2";
/// A claim that has ended is confirmed, too, since the work was done.
const CONFIRM: &str = "
    INSERT INTO alipay_event (app_id, event_id, claim, done, ends_at)
    VALUES ($1, $2, $3, true, now() + $4 * interval '1 second')
    ON CONFLICT (app_id, event_id) DO UPDATE
    SET claim = excluded.claim, done = true, ends_at = excluded.ends_at";
const CONFIRM_OWN: &str = "
    UPDATE alipay_event SET done = true, ends_at = now() + $4 * interval '1 second'
    WHERE app_id = $1 AND event_id = $2 AND claim = $3 AND NOT done";
const RELEASE: &str = "
    DELETE FROM alipay_event WHERE app_id = $1 AND event_id = $2 AND claim = $3 AND NOT done";
const CLEAN: &str = "DELETE FROM alipay_event WHERE app_id = $1 AND ends_at <= now()";

/// A replay guard in a PostgreSQL database. Each process has its own.
pub struct PostgresReplayGuard {
    jobs: Sender<Job>,
    app_id: String,
    ttl: Duration,
    lease: Duration,
}

impl PostgresReplayGuard {
    /// Connects, for the events of one app. Each event is remembered for the time `ttl` after it was handled: more
    /// than the 25 hours in which Alipay repeats its deliveries.
    ///
    /// Makes the table if there is none. If the role may not do that, make it in your migrations, and leave the
    /// statement out here.
    ///
    /// Give `config` a `connect_timeout` and a `tcp_user_timeout`: all callers wait while the database's machine does
    /// not respond.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or refuses the role or the table.
    pub fn connect(
        config: Config,
        app_id: impl Into<String>,
        ttl: Duration,
    ) -> Result<Self, ReplayError> {
        let (jobs, queue) = mpsc::channel();
        let builder = thread::Builder::new().name("replay guard".to_owned());
        builder.spawn(move || serve(config, &queue)).map_err(|error| {
            ReplayError::new("there is no thread for the database").with_source(error)
        })?;
        let guard = Self { jobs, app_id: app_id.into(), ttl, lease: LEASE };
        guard.run(|client| client.batch_execute(SCHEMA))?;
        Ok(guard)
    }

    /// Sets how long a claim lasts; two minutes by default. It must be longer than handling a message takes.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Confirms a claim in the transaction of the work, so that both happen or neither does. For a transaction of
    /// the same database: call `begin`, begin the transaction, work, call this, commit.
    ///
    /// # Errors
    ///
    /// When the claim has ended and another delivery has claimed the event since. Roll back, and respond with
    /// [`FAIL`](alipay_voucher::notification::FAIL).
    pub fn confirm_in(
        &self,
        transaction: &mut impl GenericClient,
        claim: &Claim,
    ) -> Result<(), ReplayError> {
        let (number, ttl) = (number(claim)?, self.ttl.as_secs_f64());
        match transaction.execute(CONFIRM_OWN, &[&self.app_id, &claim.id(), &number, &ttl]) {
            Ok(0) => Err(ReplayError::new("the claim has ended, and another has the event")),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes rows that are not needed any more, and returns how many there were. Call it now and then, such as
    /// once an hour, on one machine.
    ///
    /// # Errors
    ///
    /// When the database cannot be written to.
    pub fn clean(&self) -> Result<u64, ReplayError> {
        let app_id = self.app_id.clone();
        self.run(move |client| client.execute(CLEAN, &[&app_id]))
    }

    /// Runs statements on the thread of the connection, and waits for it.
    fn run<T: Send + 'static>(
        &self,
        statements: impl Fn(&mut Client) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ReplayError> {
        let ended = || ReplayError::new("the thread of the database has ended");
        let (reply, result) = mpsc::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever asked waits for this.
            let _ = reply.send(connection.run(&statements));
        });
        self.jobs.send(job).map_err(|_| ended())?;
        result.recv().map_err(|_| ended())?.map_err(failed)
    }
}

impl ReplayGuard for PostgresReplayGuard {
    fn begin(&self, id: &str) -> Result<Begun, ReplayError> {
        let (app_id, event) = (self.app_id.clone(), id.to_owned());
        let lease = self.lease.as_secs_f64();
        self.run(move |client| {
            if let Some(row) = client.query_opt(BEGIN, &[&app_id, &event, &lease])? {
                let number: i64 = row.try_get(0)?;
                return Ok(Begun::First(Claim::new(&event, number.cast_unsigned())));
            }
            // A row that was deleted meanwhile counts as in progress: Alipay delivers again.
            let row = client.query_opt(IS_DONE, &[&app_id, &event])?;
            Ok(match row.map(|row| row.try_get(0)).transpose()? {
                Some(true) => Begun::Done,
                Some(false) | None => Begun::InProgress,
            })
        })
    }

    fn confirm(&self, claim: Claim) -> Result<(), ReplayError> {
        let (app_id, number, ttl) = (self.app_id.clone(), number(&claim)?, self.ttl.as_secs_f64());
        self.run(move |client| {
            client.execute(CONFIRM, &[&app_id, &claim.id(), &number, &ttl]).map(drop)
        })
    }

    fn release(&self, claim: Claim) -> Result<(), ReplayError> {
        let (app_id, number) = (self.app_id.clone(), number(&claim)?);
        self.run(move |client| client.execute(RELEASE, &[&app_id, &claim.id(), &number]).map(drop))
    }
}

impl fmt::Debug for PostgresReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresReplayGuard").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread of the connection. It ends with the guard.
fn serve(config: Config, jobs: &Receiver<Job>) {
    let mut connection = Connection { config, client: None };
    for job in jobs {
        job(&mut connection);
    }
}

struct Connection {
    config: Config,
    client: Option<Client>,
}

impl Connection {
    /// Runs statements, and once more on a new connection if the old one turns out to be lost. They may have run
    /// then: a second `begin` finds the claim of the first, and the other steps have the same effect twice.
    fn run<T>(&mut self, statements: impl Fn(&mut Client) -> Result<T, Error>) -> Result<T, Error> {
        if let Some(client) = &mut self.client {
            let result = statements(client);
            if result.is_ok() || !client.is_closed() {
                return result;
            }
        }
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(SESSION)?;
        let result = statements(&mut client);
        self.client = Some(client);
        result
    }
}

/// The number as the database has it.
fn number(claim: &Claim) -> Result<i64, ReplayError> {
    i64::try_from(claim.number()).map_err(|_| ReplayError::new("the claim is of another guard"))
}

fn failed(error: Error) -> ReplayError {
    ReplayError::new("the database cannot be used").with_source(error)
}
