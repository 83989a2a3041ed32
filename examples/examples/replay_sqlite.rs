//! Messages handled once, although they come twice and the program restarts: a `ReplayGuard` in a SQLite database.
//!
//! The guard is `examples/src/replay_sqlite.rs`, made to be copied. Here it is in the same file as the application's
//! table, so that the work and its confirmation are one transaction. The example starts a gateway for the messages, and
//! posts nothing: it hands each form to the function that a server would call.

use std::{path::Path, process::ExitCode, time::Duration};

use alipay_examples::{
    activity,
    program::{Failure, exit_code, say},
    replay_sqlite::SqliteReplayGuard,
};
use alipay_mock::{Gateway, Message};
use alipay_voucher::{
    Credentials, VoucherApi,
    messages::VoucherMessage,
    notification::{Begun, FAIL, ReplayGuard, SUCCESS},
};
use rusqlite::Connection;

/// Longer than Alipay repeats its deliveries.
const TTL: Duration = Duration::from_secs(48 * 3600);

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let gateway = Gateway::start().await?;
    activity::with_a_voucher(&VoucherApi::new(gateway.client()?)).await?;
    let messages = gateway.take_messages()?;
    let [created, received] = messages.as_slice() else {
        return Err(format!("expected two messages, got {}", messages.len()).into());
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("shop.sqlite");

    let app = App::open(&file, gateway.credentials()?)?;
    deliver(&app, "created", created, SUCCESS)?;
    deliver(&app, "created, once more", created, SUCCESS)?;

    // The process dies with a claim: nobody confirms or releases it.
    let notification = app.credentials.verify_notification(received.form_body.as_bytes())?;
    let id = notification.event_id().ok_or("the message has no id")?;
    let Begun::First(_claim) = app.guard.begin(id)? else { return Err("claimed before".into()) };
    drop(app);

    let app = App::open(&file, gateway.credentials()?)?;
    deliver(&app, "after a restart: created", created, SUCCESS)?;
    deliver(&app, "received, still claimed", received, FAIL)?;
    // Two minutes by default, before which Alipay does not deliver again. Here they pass at once.
    app.connection.execute("UPDATE alipay_event SET ends_at = ends_at - 120", [])?;
    deliver(&app, "received, after the lease", received, SUCCESS)?;
    deliver(&app, "received, once more", received, SUCCESS)?;

    // A server calls this now and then.
    say(format_args!("rows deleted, since they are old: {}", app.guard.clean()?));
    let entries: i64 =
        app.connection.query_row("SELECT count(*) FROM entry", [], |row| row.get(0))?;
    if entries != 2 {
        return Err(format!("two events made {entries} entries").into());
    }
    gateway.shutdown().await;
    Ok(())
}

/// What a server works with.
struct App {
    credentials: Credentials,
    guard: SqliteReplayGuard,
    connection: Connection,
}

impl App {
    fn open(file: &Path, credentials: Credentials) -> Result<Self, Failure> {
        let guard = SqliteReplayGuard::open(file, credentials.app_id(), TTL)?;
        let connection = Connection::open(file)?;
        connection.execute("CREATE TABLE IF NOT EXISTS entry (what TEXT NOT NULL)", [])?;
        Ok(Self { credentials, guard, connection })
    }

    /// The response to one delivery.
    fn receive(&self, form_body: &[u8]) -> &'static str {
        self.take(form_body).unwrap_or_else(|problem| {
            say(format_args!("  {problem}"));
            FAIL
        })
    }

    fn take(&self, form_body: &[u8]) -> Result<&'static str, Failure> {
        let notification = self.credentials.verify_notification(form_body)?;
        let message = VoucherMessage::from_notification(&notification)?;
        let id = notification.event_id().ok_or("the message has no id")?;
        let claim = match self.guard.begin(id)? {
            Begun::First(claim) => claim,
            Begun::InProgress => return Ok(FAIL),
            Begun::Done => return Ok(SUCCESS),
        };
        // Both or neither.
        let work = || -> Result<(), Failure> {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute("INSERT INTO entry VALUES (?1)", [message.name()])?;
            self.guard.confirm_in(&transaction, &claim)?;
            Ok(transaction.commit()?)
        };
        match work() {
            Ok(()) => {
                say(format_args!("  handled: {}", message.name()));
                Ok(SUCCESS)
            }
            Err(problem) => {
                // If this fails, the claim ends by itself.
                let _ = self.guard.release(claim);
                Err(problem)
            }
        }
    }
}

fn deliver(app: &App, what: &str, message: &Message, expected: &str) -> Result<(), Failure> {
    say(what);
    let reply = app.receive(message.form_body.as_bytes());
    say(format_args!("  response: {reply}"));
    if reply == expected { Ok(()) } else { Err(format!("{what}: expected {expected}").into()) }
}
