//! All seven voucher operations, one after the other, and the messages that complete them.
//!
//! Without settings it starts a gateway of its own on this machine. With `ALIPAY_BASE_URL` and the other
//! variables of [`Client::from_env`] it runs against any other, Alipay's sandbox included. `ALIPAY_USER_ID` is
//! then the user who receives the voucher, `ALIPAY_MERCHANT_ID` the merchant (PID) whose voucher it is; both are made
//! up otherwise.
//!
//! It prints one line per operation and stops with exit code 1 at the first error.

use std::{
    env::{self, VarError},
    error::Error,
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    process::{self, ExitCode},
    time::{Duration, SystemTime},
};

use alipay_mock::{Gateway, client_from_env_or_gateway};
use alipay_voucher::{
    Accepted, Client, Response, VoucherApi,
    messages::VoucherMessage,
    models::*,
    smallest,
    value::{IdempotencyKey, LocalDateTime},
};

type Failure = Box<dyn Error>;

/// How soon, and how long at most, the example asks whether something has happened.
const INTERVAL: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let (client, gateway) = client_from_env_or_gateway().await?;
    walk(&client).await?;
    if let Some(gateway) = gateway {
        receive_messages(&client, &gateway)?;
        gateway.shutdown().await;
    }
    Ok(())
}

/// The life of an activity, from creation to its end.
async fn walk(client: &Client) -> Result<(), Failure> {
    let voucher = VoucherApi::new(client.clone());

    let created = voucher.create(create_request()?).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    print("create", &created, &format!("activity {id}"));

    let published = voucher
        .publish(PublishRequest::new(&id, IdempotencyKey::random()?, MerchantAccessMode::SelfMode))
        .await?;
    print_accepted("publish", &published);

    // Publishing only asks for activation.
    let query = QueryRequest::new(&id, MerchantAccessMode::SelfMode);
    let active = voucher.wait_until_active(query).interval(INTERVAL).deadline(PATIENCE).await?;
    print("query", &active, &describe(&active));

    let sent = voucher
        .send(
            SendRequest::new(&id, IdempotencyKey::random()?, MerchantAccessMode::SelfMode)
                .user_id(setting("ALIPAY_USER_ID", "2088102146225135")?),
        )
        .await?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    print("send", &sent, &format!("voucher {voucher_id}"));

    let appended = voucher
        .append(AppendRequest::new(
            &id,
            IdempotencyKey::random()?,
            MerchantAccessMode::SelfMode,
            200,
        ))
        .await?;
    print_accepted("append", &appended);

    let modified = voucher
        .modify(ModifyRequest::new(
            IdempotencyKey::random()?,
            MerchantAccessMode::SelfMode,
            ActivityBaseInfo::new().activity_id(&id).activity_name("满10减1 (renamed)"),
        ))
        .await?;
    print_accepted("modify", &modified);

    let stopped = voucher
        .stop(StopRequest::new(&id, IdempotencyKey::random()?, MerchantAccessMode::SelfMode))
        .await?;
    print_accepted("stop", &stopped);
    Ok(())
}

fn describe(response: &QueryResponse) -> String {
    response.status().map_or_else(|| "no status".to_owned(), |status| format!("status {status}"))
}

/// Reads the messages that Alipay would post to the application's gateway.
fn receive_messages(client: &Client, gateway: &Gateway) -> Result<(), Failure> {
    for message in gateway.take_messages()? {
        let notification = client.verify_notification(message.form_body.as_bytes())?;
        let line = match VoucherMessage::from_notification(&notification)? {
            VoucherMessage::Received(received) => {
                format!("voucher {}", received.voucher_id.unwrap_or_default())
            }
            VoucherMessage::Unknown(name) => return Err(format!("unknown message {name}").into()),
            _ => "verified".to_owned(),
        };
        say(format_args!("{:<8} {:<44} {line}", "message", notification.method()));
    }
    Ok(())
}

/// One yuan off from ten, a hundred times, for a month.
fn create_request() -> Result<CreateRequest, Failure> {
    let now = LocalDateTime::try_from(SystemTime::now())?;
    let merchant_id = setting("ALIPAY_MERCHANT_ID", "2088102111111111")?;
    let parts = smallest::Parts::sample(IdempotencyKey::random()?, &merchant_id, now);
    Ok(smallest::no_cash(parts))
}

/// A variable of the environment, or the value otherwise.
fn setting(name: &str, otherwise: &str) -> Result<String, Failure> {
    match env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(value),
        Ok(_) | Err(VarError::NotPresent) => Ok(otherwise.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name}: it is not UTF-8").into()),
    }
}

fn print<T>(step: &str, response: &Response<T>, outcome: &str) {
    let trace = response.trace_id().unwrap_or("-");
    say(format_args!("{step:<8} {} {outcome:<40} trace {trace}", response.status().as_u16()));
}

fn print_accepted<T>(step: &str, accepted: &Accepted<T>) {
    let message = accepted.completed_by();
    let short = message.strip_prefix("alipay.marketing.activity.").unwrap_or(message);
    print(step, accepted, &format!("accepted, {short} completes it"));
}

/// Prints a line. When nobody reads the lines any more, as after `| head -1`, the program ends with success.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        process::exit(i32::from(error.kind() != ErrorKind::BrokenPipe));
    }
}
