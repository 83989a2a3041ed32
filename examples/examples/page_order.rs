//! A shop that sells tea on a page: `GET /buy` leads the buyer to Alipay, `POST /alipay/notify` learns that it was paid,
//! and `GET /paid` is the page that the buyer comes back to.
//!
//! The example plays the buyer and Alipay, too. It starts a gateway, and follows the shop's link to its page, which a
//! browser would show: there it pays. At last it tries what a buyer who has not paid would try. It stops with exit code 1
//! at the first surprise.

use std::{
    collections::BTreeMap,
    mem,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alipay_examples::program::{Failure, exit_code, say};
use alipay_mock::Gateway;
use alipay_voucher::{
    Client,
    notification::{FAIL, SUCCESS},
    order::Payment,
    transport::reqwest,
    value::Yuan,
};
use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Redirect,
    routing::{get, post},
};
use serde_json::json;
use tokio::{net::TcpListener, sync::Notify};

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}

/// The shop.
struct Shop {
    client: Client,
    url: String,
    /// By their numbers. A shop has them in its database.
    orders: Mutex<BTreeMap<String, Order>>,
    /// Tells the example that an order was paid.
    paid: Notify,
}

struct Order {
    amount: Yuan,
    is_paid: bool,
}

impl Shop {
    fn orders(&self) -> MutexGuard<'_, BTreeMap<String, Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_paid(&self, number: &str) -> bool {
        self.orders().get(number).is_some_and(|order| order.is_paid)
    }

    /// What Alipay has posted. It comes again until the response is `success`, and sometimes afterwards.
    fn take(&self, form_body: &[u8]) -> Result<(), Failure> {
        let notification = self.client.verify_notification(form_body)?;
        let value = |name: &str| {
            let value = notification.parameter(name);
            value.ok_or_else(|| Failure::from(format!("a notification without {name}")))
        };
        let number = value("out_trade_no")?;
        let amount: Yuan = value("total_amount")?.parse()?;
        let mut orders = self.orders();
        let order = orders.get_mut(number).ok_or("a notification of somebody else's order")?;
        if order.amount != amount {
            return Err("a notification of another amount".into());
        }
        let is_paid = matches!(value("trade_status")?, "TRADE_SUCCESS" | "TRADE_FINISHED");
        // Once, however often it comes.
        if is_paid && !mem::replace(&mut order.is_paid, true) {
            say(format_args!("shop    order {number} is paid: {amount} yuan"));
            self.paid.notify_one();
        }
        Ok(())
    }
}

/// Begins an order, and sends the buyer to Alipay. A page could have `form()` instead of the link.
async fn buy(State(shop): State<Arc<Shop>>) -> Result<Redirect, StatusCode> {
    let amount = Yuan::from_fen(8888);
    let number = {
        let mut orders = shop.orders();
        let number = format!("tea_{}", orders.len() + 1);
        orders.insert(number.clone(), Order { amount, is_paid: false });
        number
    };
    let order = shop
        .client
        .page_pay(&Payment::new(number, amount, "Tea").timeout_express("30m"))
        .notify_url(&format!("{}/alipay/notify", shop.url))
        .return_url(&format!("{}/paid", shop.url))
        .sign()
        .await;
    match order {
        Ok(order) => Ok(Redirect::to(&order.url())),
        Err(error) => {
            say(format_args!("shop    {error}"));
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

async fn notified(State(shop): State<Arc<Shop>>, form_body: Bytes) -> &'static str {
    match shop.take(&form_body) {
        Ok(()) => SUCCESS,
        Err(problem) => {
            say(format_args!("shop    {problem}"));
            FAIL
        }
    }
}

/// The page after the return. It says what the shop knows; the return itself is no proof.
async fn paid(
    State(shop): State<Arc<Shop>>,
    RawQuery(query): RawQuery,
) -> Result<String, (StatusCode, &'static str)> {
    let Ok(returned) = shop.client.verify_return(&query.unwrap_or_default()) else {
        return Err((StatusCode::BAD_REQUEST, "This address is not Alipay's."));
    };
    let number = returned.out_trade_no().unwrap_or_default();
    Ok(if shop.is_paid(number) {
        format!("Thank you, {number} is paid.")
    } else {
        format!("Thank you, we wait for the payment of {number}.")
    })
}

async fn run() -> Result<(), Failure> {
    let gateway = Gateway::start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let shop = Arc::new(Shop {
        client: gateway.client()?,
        url: url.clone(),
        orders: Mutex::default(),
        paid: Notify::new(),
    });
    let router = Router::new()
        .route("/buy", get(buy))
        .route("/alipay/notify", post(notified))
        .route("/paid", get(paid))
        .with_state(Arc::clone(&shop));
    let server = tokio::spawn(async { axum::serve(listener, router).await });

    // The buyer follows the link to Alipay's page, pays there, and is led back.
    let buyer = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
    let page = buyer.get(format!("{url}/buy")).send().await?.error_for_status()?;
    say(format_args!(
        "buyer   opens {}",
        page.url().path().rsplit_once('/').map_or("", |path| path.0)
    ));
    let pays = buyer.post(page.url().clone()).body("do=pay");
    let pays = pays.header("content-type", "application/x-www-form-urlencoded");
    let back = pays.send().await?.error_for_status()?;
    let address = back.url().clone();
    say(format_args!("buyer   is back at {}: {}", address.path(), short(&back.text().await?)));

    // The notification comes on its own way, before the buyer or after.
    tokio::time::timeout(Duration::from_secs(10), shop.paid.notified()).await?;
    let again = buyer.get(address.clone()).send().await?.text().await?;
    say(format_args!("buyer   loads it again: {again}"));
    let query = json!({ "out_trade_no": "tea_1" });
    let trade = shop.client.operation("alipay.trade.query").json(&query).await?;
    let status = trade.get("trade_status").and_then(|status| status.as_str()).unwrap_or_default();
    say(format_args!("query   tea_1 is {status}"));
    if !shop.is_paid("tea_1") || status != "TRADE_SUCCESS" {
        return Err("the order is not paid".into());
    }

    // Somebody who has not paid writes an address, and posts a return as if it were a notification.
    buyer.get(format!("{url}/buy")).send().await?.error_for_status()?;
    let forged = buyer.get(format!("{url}/paid?out_trade_no=tea_2")).send().await?;
    say(format_args!("thief   writes an address: {}", forged.status()));
    let posted = buyer.post(format!("{url}/alipay/notify"));
    let posted = posted.body(address.query().unwrap_or_default().to_owned()).send().await?;
    let response = posted.text().await?;
    say(format_args!("thief   posts a return: {response}"));
    if forged.status() != 400 || response != FAIL || shop.is_paid("tea_2") {
        return Err("the thief has tea".into());
    }
    server.abort();
    gateway.shutdown().await;
    Ok(())
}

/// The page before the notification says one of two things.
fn short(page: &str) -> &str {
    page.split_once(',').map_or(page, |(thanks, _)| thanks)
}
