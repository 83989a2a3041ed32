//! A server that receives Alipay's messages, with axum: it verifies each, recognises repeats, handles what is new
//! and responds.
//!
//! Without arguments it plays Alipay, too: it starts a gateway, works on an activity, and posts the gateway's
//! messages to itself. One comes twice, the handling of one fails at first, and one is forged. It stops with exit
//! code 1 at the first error.
//!
//! With `--listen ADDRESS` (such as `0.0.0.0:8080`) it serves for real, with the settings of
//! [`Credentials::from_env`]. The address to set as the application gateway (应用网关) in Alipay's
//! console is `/alipay` on this server, behind TLS.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    process::{self, ExitCode},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use alipay_mock::{Gateway, Message};
use alipay_voucher::{
    Credentials, VoucherApi,
    messages::VoucherMessage,
    models::*,
    notification::{AsyncReplayGuard, FAIL, Handled, MemoryReplayGuard, SUCCESS},
    smallest,
    value::LocalDateTime,
};
use axum::{Router, body::Bytes, extract::State, http::header::CONTENT_TYPE, routing::post};
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

/// How many events are remembered, and for how long: longer than Alipay repeats its deliveries.
const EVENTS: usize = 100_000;
const MEMORY: Duration = Duration::from_secs(48 * 3600);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [] => show().await,
        [listen, address] if listen == "--listen" => serve_configured(address).await,
        _ => Err("usage: notifications [--listen ADDRESS]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What the server works with.
struct App {
    credentials: Credentials,
    guard: MemoryReplayGuard,
    ledger: Ledger,
}

impl App {
    fn new(credentials: Credentials) -> Arc<Self> {
        let guard = MemoryReplayGuard::new(EVENTS, MEMORY);
        Arc::new(Self { credentials, guard, ledger: Ledger::default() })
    }
}

/// Serves until the process ends.
async fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), Failure> {
    let router = Router::new().route("/alipay", post(receive)).with_state(app);
    Ok(axum::serve(listener, router).await?)
}

async fn serve_configured(address: &str) -> Result<(), Failure> {
    let app = App::new(Credentials::from_env()?);
    let listener = TcpListener::bind(address).await?;
    say(format_args!("listening on http://{}/alipay", listener.local_addr()?));
    serve(app, listener).await
}

/// Responds to one post of Alipay's. Anything but `success` makes Alipay post it again.
async fn receive(State(app): State<Arc<App>>, form_body: Bytes) -> &'static str {
    match take(&app, &form_body).await {
        Ok(reply) => reply,
        Err(problem) => {
            // No error shows content, keys or personal data.
            say(format_args!("  {problem}"));
            FAIL
        }
    }
}

async fn take(app: &App, form_body: &[u8]) -> Result<&'static str, Failure> {
    let notification = app.credentials.verify_notification(form_body)?;
    let message = VoucherMessage::from_notification(&notification)?;
    let id = notification.event_id().ok_or("the message has no id")?;
    let handled = app.guard.once(id, handle(&app.ledger, id, &message)).await?;
    if handled == Handled::Before {
        say("  a repeat: nothing to do");
    }
    Ok(handled.reply())
}

/// Handles a message. After a crash it may run again for the same one, so the event's id is the key of what
/// it writes.
async fn handle(ledger: &Ledger, id: &str, message: &VoucherMessage) -> Result<(), Failure> {
    let entry = match message {
        VoucherMessage::Created(created) => {
            format!("{} is active", text(created.activity_id.as_ref()))
        }
        VoucherMessage::Received(received) => {
            format!("voucher {} was received", text(received.voucher_id.as_ref()))
        }
        VoucherMessage::Stopped(stopped) => {
            format!("{} has ended", text(stopped.activity_id.as_ref()))
        }
        // A message that is of no interest, or newer than this program, is accepted, too. Otherwise Alipay
        // would post it for a day.
        other => format!("{} is of no interest", other.name()),
    };
    ledger.write(id, &entry).await?;
    say(format_args!("  {entry}"));
    Ok(())
}

fn text(field: Option<&String>) -> &str {
    field.map_or("?", String::as_str)
}

/// Stands for the application's database.
#[derive(Default)]
struct Ledger {
    entries: Mutex<BTreeMap<String, String>>,
    away: AtomicBool,
}

impl Ledger {
    /// Asynchronous, as writing to a database is.
    #[allow(clippy::unused_async)]
    async fn write(&self, id: &str, entry: &str) -> Result<(), Failure> {
        if self.away.load(Ordering::Relaxed) {
            return Err("the ledger is away".into());
        }
        self.entries().insert(id.to_owned(), entry.to_owned());
        Ok(())
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plays Alipay: posts a gateway's messages, and others, to the server.
async fn show() -> Result<(), Failure> {
    let gateway = Gateway::start().await?;
    let app = App::new(gateway.credentials()?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/alipay", listener.local_addr()?);
    let serving = tokio::spawn(serve(Arc::clone(&app), listener));

    let messages = messages_of_an_activity(&gateway).await?;
    let [created, received, stopped] = messages.as_slice() else {
        return Err(format!("expected three messages, got {messages:?}").into());
    };
    deliver(&url, "created", &created.form_body, SUCCESS).await?;
    deliver(&url, "created, once more", &created.form_body, SUCCESS).await?;
    app.ledger.away.store(true, Ordering::Relaxed);
    deliver(&url, "received, while the ledger is away", &received.form_body, FAIL).await?;
    app.ledger.away.store(false, Ordering::Relaxed);
    deliver(&url, "received, once more", &received.form_body, SUCCESS).await?;
    let forged = stopped.form_body.replacen("message.stopped", "message.created", 1);
    deliver(&url, "stopped, forged into created", &forged, FAIL).await?;
    deliver(&url, "stopped", &stopped.form_body, SUCCESS).await?;

    let entries = app.ledger.entries().len();
    if entries != 3 {
        return Err(format!("three events made {entries} entries").into());
    }
    serving.abort();
    gateway.shutdown().await;
    Ok(())
}

/// Makes an activity, sends a voucher of it and stops it. Returns the gateway's messages about that.
async fn messages_of_an_activity(gateway: &Gateway) -> Result<Vec<Message>, Failure> {
    let voucher = VoucherApi::new(gateway.client()?);
    let mode = MerchantAccessMode::SelfMode;
    let now = LocalDateTime::try_from(SystemTime::now())?;
    let parts = smallest::Parts::sample("create-1".parse()?, "2088102111111111", now);
    let create = smallest::no_cash(parts);
    let created = voucher.create(create).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    voucher.publish(PublishRequest::new(&id, "publish-1".parse()?, mode.clone())).await?;
    let send = SendRequest::new(&id, "send-1".parse()?, mode.clone());
    voucher.send(send.user_id("2088102146225135")).await?;
    voucher.stop(StopRequest::new(&id, "stop-1".parse()?, mode)).await?;
    gateway.complete_pending();
    Ok(gateway.take_messages()?)
}

/// Posts a form as Alipay does, and compares the response with the expected one.
async fn deliver(url: &str, what: &str, form: &str, expected: &str) -> Result<(), Failure> {
    say(what);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = request.body(form.to_owned()).send().await?.text().await?;
    say(format_args!("  response: {response}"));
    if response == expected { Ok(()) } else { Err(format!("{what}: expected {expected}").into()) }
}

/// Prints a line. When nobody reads the lines any more, as after `| head -1`, the program ends with success.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        process::exit(i32::from(error.kind() != ErrorKind::BrokenPipe));
    }
}
