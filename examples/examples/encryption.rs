//! Encrypted content (内容加密): requests, responses and messages that nobody can read on the way, whatever has ended TLS.
//!
//! Without settings it starts a gateway of its own, where it also shows a response and a message that go wrong and
//! right. With the variables of [`Client::from_env`](alipay_voucher::Client::from_env) it runs against any other;
//! `ALIPAY_ENCRYPT_KEY` is needed then.

use std::process::ExitCode;

use alipay_examples::{
    activity::{self, merchant_id},
    program::{Failure, exit_code, say, say_response},
};
use alipay_mock::{Encryption, Fault, Gateway, client_from_env_or_gateway};
use alipay_voucher::{Client, Outcome, VoucherApi, messages::VoucherMessage, models::*, smallest};
use serde_json::{Map, json};

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let (client, gateway) = client_from_env_or_gateway().await?;
    let voucher = VoucherApi::new(client.clone());

    // `ClientBuilder::encrypted` does it for all calls of a client, and so does `Client::from_env`.
    let create = smallest::no_cash(activity::parts(&merchant_id()?)?);
    let created = voucher.create(&create).encrypted().await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    say_response("create", &created, format_args!("activity {id}"));

    // The id stands in the query, which is never encrypted. The response is.
    let query = QueryRequest::new(&id, MerchantAccessMode::SelfMode);
    let activity = voucher.query(&query).encrypted().await?;
    let name = activity.activity_base_info.as_ref().and_then(|base| base.activity_name.as_deref());
    say_response("query", &activity, format_args!("decrypted: {}", name.unwrap_or("no name")));

    if let Some(gateway) = gateway {
        on_the_way(&gateway)?;
        not_encrypted(&gateway, &voucher, &create, &id).await?;
        message(&gateway, &client, &id)?;
        gateway.shutdown().await;
    }
    Ok(())
}

/// What the gateway has received.
fn on_the_way(gateway: &Gateway) -> Result<(), Failure> {
    for request in gateway.requests() {
        let kind = request.header("alipay-encrypt-type").ok_or("a request without encryption")?;
        say(format_args!("gateway  -   {} {}, content {kind}", request.method, request.path()));
    }
    Ok(())
}

/// A plaintext response to an encrypted request is not believed, although it is signed. The call has happened, so the
/// same request is sent again.
async fn not_encrypted(
    gateway: &Gateway,
    voucher: &VoucherApi,
    create: &CreateRequest,
    id: &str,
) -> Result<(), Failure> {
    gateway.fail_next(Fault::PlaintextForCiphertext);
    match voucher.create(create).encrypted().no_retry().await {
        Err(error) if error.outcome() == Outcome::Unknown => {
            say(format_args!("plain    -   {error}"));
        }
        other => return Err(format!("a plaintext response: {other:?}").into()),
    }
    let repeated = voucher.create(create).encrypted().await?;
    if repeated.activity_id.as_deref() != Some(id) {
        return Err("the repeat made another activity".into());
    }
    say_response("repeat", &repeated, "the same activity");
    Ok(())
}

/// A message whose content is encrypted is verified and decrypted in one step.
fn message(gateway: &Gateway, client: &Client, id: &str) -> Result<(), Failure> {
    let content = Map::from_iter([("activity_id".to_owned(), json!(id))]);
    let message = gateway.message("created", content, Encryption::Aes)?;
    if message.form_body.contains(id) {
        return Err("the message can be read on the way".into());
    }
    let notification = client.verify_notification(message.form_body.as_bytes())?;
    match VoucherMessage::from_notification(&notification)? {
        VoucherMessage::Created(created) if created.activity_id.as_deref() == Some(id) => {
            say(format_args!("message  -   {} decrypted", notification.method()));
            Ok(())
        }
        other => Err(format!("another message: {other:?}").into()),
    }
}
