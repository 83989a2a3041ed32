//! A service with axum: `POST /vouchers` gives a voucher to a user, `POST /alipay/notifications` receives Alipay's
//! messages. On SIGTERM or Ctrl-C it takes no more requests, finishes those it has, and ends.
//!
//! Without arguments it plays its visitors, too, and Alipay: it starts a gateway, which posts its messages here, asks
//! for vouchers, meets failures, and at last sends itself SIGTERM in the middle of a request. It stops with exit code 1
//! at the first surprise.
//!
//! With `--listen ADDRESS` (such as `127.0.0.1:8080`) it serves for real, with the settings of [`Client::from_env`], and
//! behind something that does TLS. The address of `/alipay/notifications` is the application gateway (应用网关) in
//! Alipay's console. `/vouchers` is for the programs of one's own house: it asks nobody who they are.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alipay_examples::program::{Failure, exit_code, say};
use alipay_voucher::{
    Client, Error, Outcome, VoucherApi,
    messages::VoucherMessage,
    models::*,
    notification::{AsyncReplayGuard, FAIL, MemoryReplayGuard},
    value::IdempotencyKey,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    exit_code(match arguments.as_slice() {
        [] => visitors::play().await,
        [listen, address] if listen == "--listen" => serve_configured(address).await,
        _ => Err("usage: service [--listen ADDRESS]".into()),
    })
}

async fn serve_configured(address: &str) -> Result<(), Failure> {
    let app = App::new(Client::from_env()?);
    let listener = TcpListener::bind(address).await?;
    say(format_args!("listening on http://{}", listener.local_addr()?));
    serve(app, listener).await
}

/// What the service works with.
struct App {
    client: Client,
    /// For one process. With several, or across restarts: `replay_postgres` and `replay_sqlite`.
    guard: MemoryReplayGuard,
    vouchers: Vouchers,
}

impl App {
    fn new(client: Client) -> Arc<Self> {
        let guard = MemoryReplayGuard::new(100_000, Duration::from_secs(48 * 3600));
        Arc::new(Self { client, guard, vouchers: Vouchers::default() })
    }
}

/// Serves until it is told to stop, and all requests are done.
async fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), Failure> {
    let router = Router::new()
        .route("/vouchers", post(give_voucher))
        .route("/alipay/notifications", post(receive))
        .with_state(app);
    // Calls end within their timeout, so this ends, too, unless somebody never finishes sending a request. What does TLS
    // in front has to close such connections.
    Ok(axum::serve(listener, router).with_graceful_shutdown(stopped()).await?)
}

/// Until Ctrl-C or SIGTERM.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// Whose voucher is asked for. Not `Debug`: it is personal.
#[derive(Deserialize)]
struct Wish {
    activity_id: String,
    user_id: String,
}

type Reply = (StatusCode, Json<Value>);

/// Gives a voucher. The caller's `Idempotency-Key` becomes the `out_biz_no`, so that nothing needs to be stored before
/// the call: however often the same request comes, there is one voucher.
async fn give_voucher(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(Wish { activity_id, user_id }): Json<Wish>,
) -> Reply {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.filter(|key| !key.is_empty());
    // Unique among all requests of the app, those of other operations included.
    let Some(Ok(number)) = key.map(|key| IdempotencyKey::new(format!("give-{key}"))) else {
        let problem = "Idempotency-Key: 1 to 59 visible ASCII characters, the same whenever this request is sent";
        return (StatusCode::BAD_REQUEST, Json(json!({"error": problem})));
    };
    let mode = MerchantAccessMode::SelfMode;
    let request = SendRequest::new(activity_id, number, mode).user_id(user_id);
    match VoucherApi::new(app.client.clone()).send(request).await {
        Ok(sent) => match &sent.voucher_id {
            Some(id) => (StatusCode::OK, Json(json!({"voucher_id": id}))),
            None => (StatusCode::BAD_GATEWAY, Json(json!({"error": "Alipay gave no voucher_id"}))),
        },
        Err(error) => refusal(&error),
    }
}

/// The response to a call that failed. First what is known of the call, then the code.
fn refusal(error: &Error) -> Reply {
    // No error shows keys or personal data.
    say(format_args!("service   {error}"));
    let (status, problem) = match (error.outcome(), error.code()) {
        // Alipay cannot be reached, or is asked too often.
        (Outcome::NotSent | Outcome::Rejected, _) if error.is_retryable() => {
            (StatusCode::SERVICE_UNAVAILABLE, "nothing was done; try again")
        }
        (Outcome::NotSent, _) => (StatusCode::INTERNAL_SERVER_ERROR, "the call cannot be made"),
        // Alipay signed the refusal, so this request has changed nothing.
        (Outcome::Rejected, Some(SendErrorCode::BudgetNotEnough)) => {
            (StatusCode::CONFLICT, "there are no vouchers left")
        }
        (Outcome::Rejected, Some(SendErrorCode::CountOverLimit)) => {
            (StatusCode::CONFLICT, "the user has as many as are allowed")
        }
        (Outcome::Rejected, _) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        (Outcome::Unknown, _) => (
            StatusCode::GATEWAY_TIMEOUT,
            "the user may have the voucher; try again with the same Idempotency-Key",
        ),
    };
    (status, Json(json!({"error": problem})))
}

/// Responds to one post of Alipay's. Anything but `success` makes Alipay post it again.
async fn receive(State(app): State<Arc<App>>, form_body: Bytes) -> &'static str {
    take(&app, &form_body).await.unwrap_or_else(|problem| {
        say(format_args!("service   {problem}"));
        FAIL
    })
}

async fn take(app: &App, form_body: &[u8]) -> Result<&'static str, Failure> {
    let notification = app.client.verify_notification(form_body)?;
    let message = VoucherMessage::from_notification(&notification)?;
    let id = notification.event_id().ok_or("the message has no id")?;
    Ok(app.guard.once(id, app.vouchers.note(&message)).await?.reply())
}

/// Stands for the application's database: what happened last to each voucher.
#[derive(Default)]
struct Vouchers(Mutex<BTreeMap<String, &'static str>>);

impl Vouchers {
    /// Asynchronous, as writing to a database is. After a crash it may run again for the same message.
    #[allow(clippy::unused_async)]
    async fn note(&self, message: &VoucherMessage) -> Result<(), Failure> {
        let (voucher, what) = match message {
            VoucherMessage::Received(message) => (&message.voucher_id, "received"),
            VoucherMessage::Used(message) => (&message.voucher_id, "used"),
            VoucherMessage::Expired(message) => (&message.voucher_id, "expired"),
            // What is of no interest, or newer than this program, is accepted, too. Otherwise Alipay would post it
            // for a day.
            _ => return Ok(()),
        };
        let voucher = voucher.clone().ok_or("a message without its voucher")?;
        say(format_args!("message   {voucher} {what}"));
        self.all().insert(voucher, what);
        Ok(())
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, &'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those who use the service, and Alipay.
mod visitors {
    use std::{process::Command, time::Instant};

    use alipay_examples::activity;
    use alipay_mock::{Delivery, Fault, FaultRule, Gateway};
    use alipay_voucher::{smallest, transport::reqwest};

    use super::{
        App, Arc, Duration, FAIL, Failure, TcpListener, Value, VoucherApi, json, say, serve,
    };

    const USERS: [&str; 3] = ["2088102146225135", "2088102146225136", "2088102146225137"];

    pub(super) async fn play() -> Result<(), Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let service = format!("http://{}", listener.local_addr()?);
        // Each message comes twice, as it may at Alipay.
        let delivery = Delivery::to(&format!("{service}/alipay/notifications"))?.duplicates(1);
        let gateway = Gateway::builder().deliver_messages(delivery).start().await?;
        let client = gateway.client()?;
        let app = App::new(client.clone());
        let serving = tokio::spawn(serve(Arc::clone(&app), listener));

        let mut create = smallest::no_cash(activity::parts("2088102111111111")?);
        if let Some(rule) = &mut create.voucher_send_mode_info.voucher_send_rule_info {
            rule.quantity = Some(2);
        }
        let activity_id = activity::active(&VoucherApi::new(client), create).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let visitor = Visitor { http, service, activity_id };
        let [first, second, third] = USERS;

        let voucher = visitor.ask("order-1", first, 200).await?;
        if visitor.ask("order-1", first, 200).await? != voucher {
            return Err("the same request gave another voucher".into());
        }
        visitor.ask("order-1", second, 422).await?; // a key stands for one request

        // Nothing reaches Alipay, then a response is lost on each attempt.
        gateway.refuse_connections().await;
        visitor.ask("order-2", second, 503).await?;
        gateway.accept_connections().await;
        gateway.fail(FaultRule::new(Fault::CloseAfterProcessing).times(3).path("/voucher/send"));
        visitor.ask("order-2", second, 504).await?;
        let other = visitor.ask("order-2", second, 200).await?;
        visitor.ask("order-3", third, 409).await?; // there were two

        visitor.forge().await?;
        wait_until(|| app.vouchers.all().len() == 2).await?;
        let known = [&voucher, &other].map(|id| app.vouchers.all().contains_key(id));
        if known != [true, true] {
            return Err("the messages are about other vouchers".into());
        }

        if cfg!(unix) {
            end_in_the_middle(&gateway, visitor, &voucher).await?;
            serving.await??;
            say("service   has ended");
        } else {
            serving.abort();
        }
        gateway.shutdown().await;
        Ok(())
    }

    #[derive(Clone)]
    struct Visitor {
        http: reqwest::Client,
        service: String,
        activity_id: String,
    }

    impl Visitor {
        /// Asks for a voucher, expects this status, and returns the voucher's id, if there is one.
        async fn ask(&self, key: &str, user: &str, expected: u16) -> Result<String, Failure> {
            let wish = json!({"activity_id": self.activity_id, "user_id": user});
            let request = self.http.post(format!("{}/vouchers", self.service));
            let request = request.header("Idempotency-Key", key);
            let request = request.header("Content-Type", "application/json");
            let response = request.body(wish.to_string()).send().await?;
            let status = response.status().as_u16();
            let body: Value = serde_json::from_slice(&response.bytes().await?)?;
            say(format_args!("visitor   {key}: {status} {body}"));
            if status != expected {
                return Err(format!("{key}: expected {expected}").into());
            }
            Ok(body.get("voucher_id").and_then(Value::as_str).unwrap_or_default().to_owned())
        }

        /// Anybody can post to the service.
        async fn forge(&self) -> Result<(), Failure> {
            let form = "msg_method=alipay.marketing.activity.message.used&notify_id=1&sign_type=RSA2&sign=AA%3D%3D";
            let request = self.http.post(format!("{}/alipay/notifications", self.service));
            let request = request.header("Content-Type", "application/x-www-form-urlencoded");
            let reply = request.body(form).send().await?.text().await?;
            say(format_args!("visitor   a forged message: {reply}"));
            if reply == FAIL { Ok(()) } else { Err("a forged message was believed".into()) }
        }
    }

    /// Stops the service while a request is with Alipay. The visitor gets its response all the same.
    async fn end_in_the_middle(
        gateway: &Gateway,
        visitor: Visitor,
        voucher: &str,
    ) -> Result<(), Failure> {
        let before = gateway.requests().len();
        let slow = Fault::Delay(Duration::from_secs(1));
        gateway.fail(FaultRule::new(slow).path("/voucher/send"));
        let [user, ..] = USERS;
        let asking = visitor.clone();
        let asked = tokio::spawn(async move { asking.ask("order-1", user, 200).await });
        wait_until(|| gateway.requests().len() > before).await?;

        let own = std::process::id().to_string();
        if !Command::new("kill").args(["-TERM", &own]).status()?.success() {
            return Err("the signal cannot be sent".into());
        }
        say("visitor   SIGTERM, while order-1 is with Alipay");
        if asked.await?? != voucher {
            return Err("the last request gave another voucher".into());
        }
        Ok(())
    }

    async fn wait_until(mut is_so: impl FnMut() -> bool) -> Result<(), Failure> {
        let started = Instant::now();
        while !is_so() {
            if started.elapsed() > Duration::from_secs(20) {
                return Err("it did not happen within 20 seconds".into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}
