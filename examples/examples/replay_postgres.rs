//! Messages handled once, although several machines receive them: a `ReplayGuard` in a PostgreSQL database.
//!
//! The guard is `examples/src/replay_postgres.rs`, made to be copied. Each machine has its own, with a connection of its
//! own. Here two play: a message comes to both at the same time, one of them dies while it handles another, and the
//! database is restarted.
//!
//! `DATABASE_URL` is the database, as `host=127.0.0.1 user=shop dbname=shop`. Without it the example starts a server of
//! its own, if PostgreSQL is installed (on Debian: `apt-get install postgresql`), and otherwise says so and ends.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use alipay_examples::{
    activity,
    program::{Failure, exit_code, say, setting},
    replay_postgres::PostgresReplayGuard,
};
use alipay_mock::{Gateway, Message};
use alipay_voucher::{
    Credentials, VoucherApi,
    messages::VoucherMessage,
    notification::{Begun, FAIL, ReplayGuard, SUCCESS},
};
use postgres::{Config, NoTls};

/// Longer than Alipay repeats its deliveries.
const TTL: Duration = Duration::from_secs(48 * 3600);
/// The name by which the example finds the connections of its guards.
const NAME: &str = "replay_postgres";

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let url = setting("DATABASE_URL", "")?;
    if !url.is_empty() {
        return work(url.parse()?).await;
    }
    #[cfg(unix)]
    {
        use alipay_examples::postgres_server::PostgresServer;
        if let Some(server) = tokio::task::spawn_blocking(PostgresServer::start).await?? {
            return work(server.config()).await;
        }
    }
    say(
        "skipped: DATABASE_URL is not set, and there is no PostgreSQL that this user can start (on Debian: \
         apt-get install postgresql)",
    );
    Ok(())
}

async fn work(database: Config) -> Result<(), Failure> {
    let gateway = Gateway::start().await?;
    activity::with_a_voucher(&VoucherApi::new(gateway.client()?)).await?;
    let messages = gateway.take_messages()?;
    let [created, received] = messages.as_slice() else {
        return Err(format!("expected two messages, got {}", messages.len()).into());
    };
    let one = Machine::new("one", &gateway, &database)?;
    let two = Machine::new("two", &gateway, &database)?;

    // At the same time: one of them handles it. The other says `fail` if it comes while that is going on.
    let replies = tokio::join!(one.receive("created", created), two.receive("created", created));
    if one.handled() + two.handled() != 1 || (FAIL, FAIL) == replies {
        return Err(format!("a message that came to both: {replies:?}").into());
    }
    expect(one.receive("created, once more", created).await, SUCCESS)?;

    // A machine dies with a claim: nobody confirms or releases it.
    let notification = one.credentials.verify_notification(received.form_body.as_bytes())?;
    let id = notification.event_id().ok_or("the message has no id")?;
    let Begun::First(_claim) = one.guard.begin(id)? else { return Err("claimed before".into()) };
    say("one       dies with a message");
    drop(one);
    expect(two.receive("received, still claimed", received).await, FAIL)?;
    // Two minutes by default, before which Alipay does not deliver again. Here they pass at once.
    let earlier =
        "UPDATE alipay_event SET ends_at = ends_at - interval '2 minutes' WHERE event_id = $1";
    execute(&database, earlier, id.to_owned()).await?;
    expect(two.receive("received, after the lease", received).await, SUCCESS)?;
    expect(two.receive("received, once more", received).await, SUCCESS)?;

    // Connections are lost when the database restarts. The next step makes a new one.
    let disconnect =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    execute(&database, disconnect, NAME.to_owned()).await?;
    expect(two.receive("after a lost connection", received).await, SUCCESS)?;
    say(format_args!("two       rows deleted, since they are old: {}", two.guard.clean()?));
    gateway.shutdown().await;
    Ok(())
}

/// What one machine works with.
struct Machine {
    name: &'static str,
    credentials: Credentials,
    guard: PostgresReplayGuard,
    handled: AtomicU32,
}

impl Machine {
    fn new(name: &'static str, gateway: &Gateway, database: &Config) -> Result<Arc<Self>, Failure> {
        let credentials = gateway.credentials()?;
        let mut database = database.clone();
        database.application_name(NAME);
        let guard = PostgresReplayGuard::connect(database, credentials.app_id(), TTL)?;
        Ok(Arc::new(Self { name, credentials, guard, handled: AtomicU32::new(0) }))
    }

    /// The response to one delivery. The guard waits for the database, so it is called aside.
    async fn receive(self: &Arc<Self>, what: &str, message: &Message) -> &'static str {
        let (machine, form) = (Arc::clone(self), message.form_body.clone());
        let taken = tokio::task::spawn_blocking(move || machine.take(form.as_bytes())).await;
        let reply = taken.unwrap_or_else(|error| Err(error.into())).unwrap_or_else(|problem| {
            say(format_args!("{:<9} {problem}", self.name));
            FAIL
        });
        say(format_args!("{:<9} {what}: {reply}", self.name));
        reply
    }

    fn take(&self, form_body: &[u8]) -> Result<&'static str, Failure> {
        let notification = self.credentials.verify_notification(form_body)?;
        let message = VoucherMessage::from_notification(&notification)?;
        let id = notification.event_id().ok_or("the message has no id")?;
        let work = || {
            self.handle(&message);
            Ok::<(), Failure>(())
        };
        Ok(self.guard.once(id, work)?.reply())
    }

    /// The work. Where it writes to the same database, `PostgresReplayGuard::confirm_in` makes it happen once in any
    /// case; `replay_sqlite` shows how.
    fn handle(&self, message: &VoucherMessage) {
        say(format_args!("{:<9} handles {}", self.name, message.name()));
        self.handled.fetch_add(1, Ordering::Relaxed);
    }

    fn handled(&self) -> u32 {
        self.handled.load(Ordering::Relaxed)
    }
}

fn expect(reply: &str, expected: &str) -> Result<(), Failure> {
    if reply == expected { Ok(()) } else { Err(format!("expected {expected}").into()) }
}

/// A statement with one parameter, from a connection of its own.
async fn execute(
    database: &Config,
    statement: &'static str,
    parameter: String,
) -> Result<(), Failure> {
    let database = database.clone();
    let work = move || database.connect(NoTls)?.execute(statement, &[&parameter]);
    // `postgres` has an asynchronous runtime inside, which may not run in another.
    tokio::task::spawn_blocking(work).await??;
    Ok(())
}
