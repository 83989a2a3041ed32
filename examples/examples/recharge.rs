//! Vouchers whose budget is paid in first (预充值, `RECHARGE`): create, publish, pay, wait, send; then a larger budget,
//! which is paid in as well.
//!
//! Without settings it starts a gateway of its own, and pays there. With the variables of
//! [`Client::from_env`](alipay_voucher::Client::from_env) it runs against any other: somebody opens each link and pays
//! within half an hour.

use std::{process::ExitCode, time::Duration};

use alipay_examples::{
    activity::{self, merchant_id, user_id},
    program::{Failure, exit_code, say, say_response},
};
use alipay_mock::{Gateway, client_from_env_or_gateway};
use alipay_voucher::{
    Client, VoucherApi, messages::VoucherMessage, models::*, smallest, value::IdempotencyKey,
};

const MODE: MerchantAccessMode = MerchantAccessMode::SelfMode;
/// A link is valid for three days. A real program does not wait for so long: it handles the messages `created` and
/// `appended`.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let (client, gateway) = client_from_env_or_gateway().await?;
    let voucher = VoucherApi::new(client.clone());
    let merchant = merchant_id()?;

    // The budget is what all vouchers take off: one yuan, a hundred times. The merchant pays it from its balance.
    let create = smallest::recharge(activity::parts(&merchant)?, &merchant)?;
    let created = voucher.create(create).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    say_response("create", &created, format_args!("activity {id}"));

    // Published, but not active before it is paid.
    let publish = PublishRequest::new(&id, IdempotencyKey::random()?, MODE);
    let published = voucher.publish(publish).await?;
    let link = published.recharge_url.as_deref().ok_or("publish gave no recharge_url")?;
    say_response("publish", &published, format_args!("pay at {link}"));
    pay(gateway.as_ref(), &id)?;
    let wait = voucher.wait_until_active(QueryRequest::new(&id, MODE));
    let active = wait.interval(Duration::from_millis(250)).deadline(PATIENCE).await?;
    let status = QueryResponse::status(&active).ok_or("query gave no status")?;
    say_response("active", &active, format_args!("status {status}"));

    let request = SendRequest::new(&id, IdempotencyKey::random()?, MODE).user_id(user_id()?);
    let sent = voucher.send(request).await?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    say_response("send", &sent, format_args!("voucher {voucher_id}"));

    // The new total, not what is added: repeated by mistake under another number, it changes nothing.
    let append = AppendRequest::new(&id, IdempotencyKey::random()?, MODE, 200);
    let appended = voucher.append(append).await?;
    let link = appended.recharge_url.as_deref().ok_or("append gave no recharge_url")?;
    say_response("append", &appended, format_args!("pay at {link}"));
    pay(gateway.as_ref(), &id)?;
    if let Some(gateway) = gateway {
        gateway.complete_pending();
        messages(&gateway, &client, &id)?;
        gateway.shutdown().await;
    }
    Ok(())
}

/// The merchant pays, at the example's own gateway.
fn pay(gateway: Option<&Gateway>, id: &str) -> Result<(), Failure> {
    if let Some(gateway) = gateway {
        gateway.pay(id)?;
        say("pay      -   paid, at the example's own gateway");
    }
    Ok(())
}

/// There is no waiter for `append`: the message says that it is done.
fn messages(gateway: &Gateway, client: &Client, id: &str) -> Result<(), Failure> {
    let mut appended = false;
    for message in gateway.take_messages()? {
        let notification = client.verify_notification(message.form_body.as_bytes())?;
        say(format_args!("message  -   {} verified", notification.method()));
        if let VoucherMessage::Appended(message) = VoucherMessage::from_notification(&notification)?
        {
            appended |= message.activity_id.as_deref() == Some(id);
        }
    }
    if appended { Ok(()) } else { Err("no message says that the budget is larger".into()) }
}
