//! The page where a buyer pays an order, or does not.

use askama::Template;
use bytes::Bytes;
use http::{Response, header};

use super::api::{self, Refused};
use super::reply::{Content, html_with, json, response};
use crate::engine::Engine;
use crate::error::excerpt;
use crate::protocol::request::RawRequest;
use crate::trade::{OrderError, OrderState, TradeStatus};

/// A page that leads to any shop. Browsers hold where a form leads against the policy, through all redirects.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' http: https:; \
                      base-uri 'none'; frame-ancestors 'none'";
/// The query of the page after a payment that failed.
const FAILED: &str = "failed=1";

#[derive(Template)]
#[template(path = "cashier.html")]
struct Page {
    order: OrderState,
    failed: bool,
}

/// The response to a request for the page of this name, which nobody can guess: so a page of another site cannot pay.
pub(super) fn respond(engine: &Engine, page: &str, request: &RawRequest) -> Response<Content> {
    let number = engine.settled_orders().of_page(page);
    let Some(number) = number else {
        let message =
            "no order has this page; the oldest are forgotten, and all when the gateway ends";
        return json(Err(Refused::new(404, message)));
    };
    match request.method.as_str() {
        "GET" | "HEAD" => show(engine, &number, request.query() == Some(FAILED)),
        "POST" => act(engine, &number, request),
        _ => json(Err(Refused::new(405, "the page takes GET and POST"))),
    }
}

fn show(engine: &Engine, number: &str, failed: bool) -> Response<Content> {
    let page = engine.order(number).map(|order| {
        let failed = failed && order.status == TradeStatus::WaitBuyerPay;
        Page { order, failed }.render()
    });
    match page {
        Ok(Ok(page)) => html_with(page, POLICY),
        Ok(Err(e)) => json(Err(Refused::new(500, e.to_string()))),
        Err(e) => json(Err(api::refused(&e))),
    }
}

/// What the buyer has chosen.
fn act(engine: &Engine, number: &str, request: &RawRequest) -> Response<Content> {
    let form = std::str::from_utf8(&request.body).ok();
    let choice = api::parameter(form, "do").unwrap_or_default();
    let done = match choice.as_str() {
        "pay" => engine.pay_order(number),
        "close" => engine.close_order(number),
        "fail" => return leads_to(&format!("?{FAILED}")),
        _ => {
            let message = format!("`do` is `{}`; it must be pay, fail or close", excerpt(&choice));
            return json(Err(Refused::new(400, message)));
        }
    };
    match done {
        // Alipay sends the buyer back only after a payment.
        Ok(OrderState { return_url: Some(url), .. }) => leads_to(&url),
        // The buyer has clicked twice, or the order has expired meanwhile: the page says how it stands.
        Ok(_) | Err(OrderError::NotWaiting(_)) => leads_to("?"),
        Err(e) => json(Err(api::refused(&e))),
    }
}

fn leads_to(url: &str) -> Response<Content> {
    let mut response = response(302, "text/plain;charset=UTF-8", Bytes::new(), &[]);
    // A URL is read before it is kept.
    if let Ok(url) = http::HeaderValue::from_str(url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    response
}
