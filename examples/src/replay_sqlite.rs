//! A replay guard in a SQLite database: for the processes of one machine, and across restarts. Made to be copied.
//!
//! One row per event. A *claim* is a row that is not done, with a number that no other claim of the event has, and an
//! end: the lease. Whoever claims the event after that end gets a new number.
//!
//! | step | what happens to the row |
//! | --- | --- |
//! | `begin` | is inserted, or taken over if its end has passed; otherwise the event is in progress or done |
//! | `confirm` | becomes done, and its end is when the event is forgotten |
//! | [`confirm_in`](SqliteReplayGuard::confirm_in) | the same, in your transaction, if the claim is the last |
//! | `release` | is deleted, if the claim is still the last and not done |
//! | [`clean`](SqliteReplayGuard::clean) | is deleted once its end has passed |
//!
//! **When a process dies** between `begin` and `confirm`, the event is in progress until the lease ends: Alipay's
//! deliveries get `fail`, and the first one after that is handled. If the work was done before the process died, it is
//! then done again, unless the work and `confirm_in` are one transaction: that one was rolled back or has happened.
//!
//! **The clock** is that of the machine. If it is set back, claims and memories last longer; if it is set forward by
//! more than the lease, an event that is being handled can be claimed once more. `confirm_in` then lets one of both
//! through.
//!
//! **The file** may be that of the application's own tables, so that one transaction can write both. It may not be
//! on a network drive. A write lasts until it is on the disk, some milliseconds: in an asynchronous program call the
//! guard in `spawn_blocking` if that is too long for a thread of the runtime.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alipay_voucher::notification::{Begun, Claim, ReplayError, ReplayGuard};
use rusqlite::{Connection, OptionalExtension, params};

/// How long a claim lasts by default. Alipay delivers again after two minutes at the earliest.
const LEASE: Duration = Duration::from_secs(120);
/// How long a statement waits for the writes of others.
const PATIENCE: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS alipay_event (
        app_id TEXT NOT NULL,
        event_id TEXT NOT NULL,
        claim INTEGER NOT NULL,
        done INTEGER NOT NULL,
        ends_at REAL NOT NULL,
        PRIMARY KEY (app_id, event_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS alipay_event_ends_at ON alipay_event (ends_at);";
/// One statement, so that two processes cannot both find that there is no claim. The number is random, since rows
/// are deleted, and one that counts up would be given out twice.
const BEGIN: &str = "
    INSERT INTO alipay_event (app_id, event_id, claim, done, ends_at)
    VALUES (?1, ?2, random() & 0x7fffffffffffffff, 0, unixepoch('now', 'subsec') + ?3)
    ON CONFLICT DO UPDATE SET claim = excluded.claim, done = 0, ends_at = excluded.ends_at
    WHERE ends_at <= unixepoch('now', 'subsec')
    RETURNING claim";
const IS_DONE: &str = "SELECT done FROM alipay_event WHERE app_id = ?1 AND event_id = ?2";
/// A claim that has ended is confirmed, too, since the work was done.
const CONFIRM: &str = "
    INSERT INTO alipay_event (app_id, event_id, claim, done, ends_at)
    VALUES (?1, ?2, ?3, 1, unixepoch('now', 'subsec') + ?4)
    ON CONFLICT DO UPDATE SET claim = excluded.claim, done = 1, ends_at = excluded.ends_at";
const CONFIRM_OWN: &str = "
    UPDATE alipay_event SET done = 1, ends_at = unixepoch('now', 'subsec') + ?4
    WHERE app_id = ?1 AND event_id = ?2 AND claim = ?3 AND done = 0";
const RELEASE: &str =
    "DELETE FROM alipay_event WHERE app_id = ?1 AND event_id = ?2 AND claim = ?3 AND done = 0";
const CLEAN: &str =
    "DELETE FROM alipay_event WHERE app_id = ?1 AND ends_at <= unixepoch('now', 'subsec')";

/// A replay guard in a SQLite database. Each process has its own, with a connection of its own.
#[derive(Debug)]
pub struct SqliteReplayGuard {
    connection: Mutex<Connection>,
    app_id: String,
    ttl: Duration,
    lease: Duration,
}

impl SqliteReplayGuard {
    /// Opens the database, which is made if there is none, for the events of one app. Each event is remembered for
    /// the time `ttl` after it was handled: more than the 25 hours in which Alipay repeats its deliveries.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or is no database.
    pub fn open(
        path: impl AsRef<Path>,
        app_id: impl Into<String>,
        ttl: Duration,
    ) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection), app_id: app_id.into(), ttl, lease: LEASE })
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
    pub fn confirm_in(&self, transaction: &Connection, claim: &Claim) -> Result<(), ReplayError> {
        let values = params![self.app_id, claim.id(), number(claim)?, self.ttl.as_secs_f64()];
        match transaction.execute(CONFIRM_OWN, values) {
            Ok(0) => Err(ReplayError::new("the claim has ended, and another has the event")),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes rows that are not needed any more, and returns how many there were. Call it now and then, such as
    /// once an hour.
    ///
    /// # Errors
    ///
    /// When the database cannot be written to.
    pub fn clean(&self) -> Result<usize, ReplayError> {
        self.connection().execute(CLEAN, [&self.app_id]).map_err(failed)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // Each statement is a transaction of its own, so a panic leaves nothing half done.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReplayGuard for SqliteReplayGuard {
    fn begin(&self, id: &str) -> Result<Begun, ReplayError> {
        let connection = self.connection();
        let values = params![self.app_id, id, self.lease.as_secs_f64()];
        let mut statement = connection.prepare(BEGIN).map_err(failed)?;
        let claims = statement.query_map(values, |row| row.get::<_, i64>(0)).map_err(failed)?;
        // To the end of the rows: it is then that the claim is committed, or cannot be. `query_row` would not tell.
        let claims: Vec<_> = claims.collect::<rusqlite::Result<_>>().map_err(failed)?;
        if let Some(claim) = claims.first() {
            return Ok(Begun::First(Claim::new(id, claim.cast_unsigned())));
        }
        let done = connection.query_row(IS_DONE, [&self.app_id, id], |row| row.get(0));
        // A row that was deleted meanwhile counts as in progress: Alipay delivers again.
        Ok(match done.optional().map_err(failed)? {
            Some(true) => Begun::Done,
            Some(false) | None => Begun::InProgress,
        })
    }

    fn confirm(&self, claim: Claim) -> Result<(), ReplayError> {
        let values = params![self.app_id, claim.id(), number(&claim)?, self.ttl.as_secs_f64()];
        self.connection().execute(CONFIRM, values).map(drop).map_err(failed)
    }

    fn release(&self, claim: Claim) -> Result<(), ReplayError> {
        let values = params![self.app_id, claim.id(), number(&claim)?];
        self.connection().execute(RELEASE, values).map(drop).map_err(failed)
    }
}

/// The number as the database has it.
fn number(claim: &Claim) -> Result<i64, ReplayError> {
    i64::try_from(claim.number()).map_err(|_| ReplayError::new("the claim is of another guard"))
}

fn failed(error: rusqlite::Error) -> ReplayError {
    ReplayError::new("the database cannot be used").with_source(error)
}
