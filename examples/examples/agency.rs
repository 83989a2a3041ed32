//! A service provider (服务商) that creates and sends vouchers for a merchant: `AGENCY_MODE`, with the merchant's app
//! auth token (应用授权令牌).
//!
//! The merchant authorises the provider's app on a page of Alipay's, which gives a code to the provider. The provider
//! exchanges it for a token, keeps that token as a secret, and makes all calls for the merchant with it.
//!
//! Without settings it starts a gateway of its own, which gives the token, and refuses others. With the variables of
//! [`Client::from_env`](alipay_voucher::Client::from_env) it runs against any other. `ALIPAY_APP_AUTH_TOKEN` is then the
//! token, and `ALIPAY_MERCHANT_ID` the merchant who gave it.

use std::{process::ExitCode, time::Duration};

use alipay_examples::{
    activity::{self, merchant_id, user_id},
    program::{Failure, exit_code, say, say_accepted, say_response, setting},
};
use alipay_mock::Gateway;
use alipay_voucher::{Client, Outcome, VoucherApi, models::*, smallest, value::IdempotencyKey};
use serde_json::json;

const MODE: MerchantAccessMode = MerchantAccessMode::AgencyMode;
/// The token in the example of Alipay's description, with which the gateway responds.
const TOKEN: &str = "201509BBeff9351ad1874306903e96b91d248A36";

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    match Client::from_env_if_set()? {
        Some(client) => {
            let token = setting("ALIPAY_APP_AUTH_TOKEN", "")?;
            if token.is_empty() {
                return Err(
                    "ALIPAY_APP_AUTH_TOKEN: the app auth token (应用授权令牌): it is not set; a merchant gives it"
                        .into(),
                );
            }
            work(&VoucherApi::new(client), &token).await
        }
        None => {
            let gateway = Gateway::builder().app_auth_token(TOKEN).start().await?;
            let client = gateway.client()?;
            let token = exchange(&client, "1cc19911172e4f8aaa509c8fb5d12F56").await?;
            let voucher = VoucherApi::new(client);
            work(&voucher, &token).await?;
            another_token(&voucher).await?;
            gateway.shutdown().await;
            Ok(())
        }
    }
}

/// Exchanges the code of an authorisation for the merchant's token. No crate has this operation, so it is called by its
/// id. A code works once, so the call is not repeated.
async fn exchange(client: &Client, code: &str) -> Result<String, Failure> {
    let body = json!({"grant_type": "authorization_code", "code": code});
    let response = client.operation("alipay.open.auth.token.app").json(&body).await?;
    let token = response.get("app_auth_token").and_then(|token| token.as_str());
    say_response("token", &response, "kept, and not shown");
    Ok(token.ok_or("there is no app_auth_token")?.to_owned())
}

/// From the activity to a voucher, all for the merchant. A client for one merchant only has the token from
/// `ClientBuilder::app_auth_token`; a provider has many merchants, and gives it with each call.
async fn work(voucher: &VoucherApi, token: &str) -> Result<(), Failure> {
    let merchant = merchant_id()?;
    let create = smallest::no_cash(activity::parts(&merchant)?);
    let create = smallest::for_merchant(create, &merchant);
    let created = voucher.create(create).app_auth_token(token).await?;
    let id = created.activity_id.clone().ok_or("create gave no activity_id")?;
    say_response("create", &created, format_args!("activity {id}, owned by the merchant"));

    let publish = PublishRequest::new(&id, IdempotencyKey::random()?, MODE);
    say_accepted("publish", &voucher.publish(publish).app_auth_token(token).await?);

    let own_token = token.to_owned();
    let active = voucher
        .wait_until_active(QueryRequest::new(&id, MODE))
        .interval(Duration::from_millis(250))
        .deadline(Duration::from_secs(60))
        .each_call(move |call| call.app_auth_token(&own_token))
        .await?;
    let status = QueryResponse::status(&active).ok_or("query gave no status")?;
    say_response("active", &active, format_args!("status {status}"));

    let request = SendRequest::new(&id, IdempotencyKey::random()?, MODE).user_id(user_id()?);
    let sent = voucher.send(request).app_auth_token(token).await?;
    let voucher_id = sent.voucher_id.as_deref().ok_or("send gave no voucher_id")?;
    say_response("send", &sent, format_args!("voucher {voucher_id}"));
    Ok(())
}

/// A merchant may withdraw an authorisation. The error does not show the token.
async fn another_token(voucher: &VoucherApi) -> Result<(), Failure> {
    let query = QueryRequest::new("2016042700826004508401111111", MODE);
    match voucher.query(query).app_auth_token("withdrawn").await {
        Err(error) if error.outcome() == Outcome::Rejected => {
            say(format_args!("query    -   {error}"));
            Ok(())
        }
        other => Err(format!("with another token: {other:?}").into()),
    }
}
