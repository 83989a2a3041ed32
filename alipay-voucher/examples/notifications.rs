//! Receives Alipay's messages with axum: verifies, tells repeats, handles, responds.
//!
//! Without arguments it shows itself what it does: it starts a gateway of its own, works on an
//! activity, and has the gateway's messages posted to itself, with one that comes twice, one whose
//! handling fails at first, and one that is forged. It ends with exit code 1 at the first surprise.
//!
//! With `--listen ADDRESS` (such as `0.0.0.0:8080`) it serves for real. The environment then says
//! who it is, each as text or as `@path` of a file that holds it: `ALIPAY_APP_ID`,
//! `ALIPAY_PRIVATE_KEY` and `ALIPAY_PUBLIC_KEY`, or for certificate mode `ALIPAY_APP_CERT`,
//! `ALIPAY_CERT` and `ALIPAY_ROOT_CERT`; `ALIPAY_ENCRYPT_KEY` if messages are encrypted. The
//! address to set as the application gateway (应用网关) in Alipay's console is `/alipay` on this
//! server, behind TLS.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]
#![allow(clippy::wildcard_imports, reason = "the models are meant to be imported so")]

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alipay_mock::{Gateway, Message};
use alipay_voucher::{
    Client, Credentials, VoucherApi,
    messages::VoucherMessage,
    models::*,
    notification::{AsyncReplayGuard, FAIL, Handled, MemoryReplayGuard, SUCCESS},
};
use axum::{Router, body::Bytes, extract::State, http::header::CONTENT_TYPE, routing::post};
use tokio::net::TcpListener;

#[path = "support/activity.rs"]
mod activity;
#[path = "support/settings.rs"]
mod settings;

use settings::{Surprise, configured_credentials, credentials_for};

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
        Err(surprise) => {
            eprintln!("surprise: {surprise}");
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
async fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), Surprise> {
    let router = Router::new().route("/alipay", post(receive)).with_state(app);
    Ok(axum::serve(listener, router).await?)
}

async fn serve_configured(address: &str) -> Result<(), Surprise> {
    let app = App::new(configured_credentials()?);
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}/alipay", listener.local_addr()?);
    serve(app, listener).await
}

/// Responds to one post of Alipay's. Whatever is not `success` makes Alipay post it again.
async fn receive(State(app): State<Arc<App>>, form_body: Bytes) -> &'static str {
    match take(&app, &form_body).await {
        Ok(response) => response,
        Err(problem) => {
            // No error shows content, keys or personal data.
            println!("  {problem}");
            FAIL
        }
    }
}

async fn take(app: &App, form_body: &[u8]) -> Result<&'static str, Surprise> {
    let notification = app.credentials.verify_notification(form_body)?;
    let message = VoucherMessage::from_notification(&notification)?;
    let id = notification.event_id().ok_or("the message has no id")?;
    let handled = app.guard.once(id, handle(&app.ledger, id, &message)).await?;
    if handled == Handled::Before {
        println!("  a repeat: nothing to do");
    }
    Ok(handled.reply())
}

/// What the application makes of a message. After a crash it may run again for the same one, so
/// what it writes must not add up: entries have the event's id for a key.
async fn handle(ledger: &Ledger, id: &str, message: &VoucherMessage) -> Result<(), Surprise> {
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
        // What is of no interest, or newer than this program, is taken all the same: else Alipay
        // would post it for a day.
        other => format!("{} is of no interest", other.name()),
    };
    ledger.write(id, &entry).await?;
    println!("  {entry}");
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
    async fn write(&self, id: &str, entry: &str) -> Result<(), Surprise> {
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
async fn show() -> Result<(), Surprise> {
    let gateway = Gateway::start().await?;
    let app = App::new(credentials_for(&gateway)?);
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

/// Makes an activity, sends a voucher of it and stops it; what the gateway has to say of that.
async fn messages_of_an_activity(gateway: &Gateway) -> Result<Vec<Message>, Surprise> {
    let credentials = credentials_for(gateway)?;
    let client = Client::builder(credentials).base_url(gateway.base_url()).build()?;
    let voucher = VoucherApi::new(client);
    let run = activity::run_number();
    let mode = MerchantAccessMode::SelfMode;
    let created = voucher.create(activity::create_request(&run)?).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    voucher
        .publish(PublishRequest::new(&id, format!("publish-{run}").parse()?, mode.clone()))
        .await?;
    let send = SendRequest::new().activity_id(&id).out_biz_no(format!("send-{run}").parse()?);
    voucher.send(send.merchant_access_mode(mode.clone()).user_id("2088102146225135")).await?;
    voucher.stop(StopRequest::new(&id, format!("stop-{run}").parse()?, mode)).await?;
    gateway.complete_pending();
    Ok(gateway.take_messages()?)
}

/// Posts a form as Alipay does, and compares the response with what is right.
async fn deliver(url: &str, what: &str, form: &str, expected: &str) -> Result<(), Surprise> {
    println!("{what}");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = request.body(form.to_owned()).send().await?.text().await?;
    println!("  response: {response}");
    if response == expected { Ok(()) } else { Err(format!("{what}: expected {expected}").into()) }
}
