//! All seven voucher operations, one after the other, and the messages that complete them.
//!
//! Without settings it starts a gateway of its own on this machine. With `ALIPAY_BASE_URL` and the other
//! variables of [`Client::from_env`] it runs against any other, Alipay's sandbox included. `ALIPAY_USER_ID` is
//! then the user who receives the voucher, `ALIPAY_MERCHANT_ID` the merchant (PID) whose voucher it is; both are made
//! up otherwise.
//!
//! It prints one line per operation and stops with exit code 1 at the first error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]
#![allow(clippy::wildcard_imports, reason = "the models are meant to be imported so")]

use std::{process::ExitCode, time::Duration};

use alipay_mock::Gateway;
use alipay_voucher::{Client, VoucherApi, messages::VoucherMessage, models::*};

#[path = "support/activity.rs"]
mod activity;
#[path = "support/connect.rs"]
mod connect;
#[path = "support/report.rs"]
mod report;

use activity::{Failure, create_request, run_number};
use connect::{connect, user_id};
use report::{print, print_accepted};

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
    let (client, gateway) = connect().await?;
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
    let run = run_number();

    let created = voucher.create(create_request(&run)?).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    print("create", &created, &format!("activity {id}"));

    let published = voucher
        .publish(PublishRequest::new(
            &id,
            format!("publish-{run}").parse()?,
            MerchantAccessMode::SelfMode,
        ))
        .await?;
    print_accepted("publish", &published);

    // Publishing only asks for activation.
    let query = QueryRequest::new(&id, MerchantAccessMode::SelfMode);
    let active = voucher.wait_until_active(query).interval(INTERVAL).deadline(PATIENCE).await?;
    print("query", &active, &describe(&active));

    let sent = voucher
        .send(
            SendRequest::new(&id, format!("send-{run}").parse()?, MerchantAccessMode::SelfMode)
                .user_id(user_id()?),
        )
        .await?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    print("send", &sent, &format!("voucher {voucher_id}"));

    let appended = voucher
        .append(AppendRequest::new(
            &id,
            format!("append-{run}").parse()?,
            MerchantAccessMode::SelfMode,
            200,
        ))
        .await?;
    print_accepted("append", &appended);

    let modified = voucher
        .modify(ModifyRequest::new(
            format!("modify-{run}").parse()?,
            MerchantAccessMode::SelfMode,
            ActivityBaseInfo::new().activity_id(&id).activity_name("满10减1 (renamed)"),
        ))
        .await?;
    print_accepted("modify", &modified);

    let stopped = voucher
        .stop(StopRequest::new(&id, format!("stop-{run}").parse()?, MerchantAccessMode::SelfMode))
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
        println!("{:<8} {:<44} {line}", "message", notification.method());
    }
    Ok(())
}
