//! What the shop is told: notifications, and the parameters that the buyer comes back with.

use alipay_core::value::Yuan;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::order::{BUYER, BUYER_LOGON_ID, Order, Refund, SELLER, time};
use super::state::TradeStatus;
use crate::error::KeysError;
use crate::keys::GatewayKeys;
use crate::protocol::message::signed_form;
use crate::protocol::parameters::Method;

/// `notify_type`.
pub(super) const TYPE: &str = "trade_status_sync";

/// The parameters of a notification that are about the order.
pub(super) fn parameters(order: &Order, refund: Option<&Refund>) -> Map<String, Value> {
    let mut parameters = Map::new();
    let mut add = |name: &str, value: String| {
        parameters.insert(name.to_owned(), value.into());
    };
    let content = &order.content;
    add("trade_no", order.trade_no.clone());
    add("out_trade_no", content.out_trade_no.clone());
    add("trade_status", order.status.as_str().to_owned());
    add("total_amount", content.total.to_string());
    add("subject", content.subject.clone());
    add("seller_id", SELLER.to_owned());
    add("gmt_create", time(order.created));
    for (name, value) in [("body", &content.body), ("passback_params", &content.passback_params)] {
        if let Some(value) = value {
            add(name, value.clone());
        }
    }
    if let Some(paid) = order.paid {
        add("gmt_payment", time(paid));
        add("buyer_id", BUYER.to_owned());
        add("buyer_logon_id", BUYER_LOGON_ID.to_owned());
        for name in ["receipt_amount", "buyer_pay_amount", "invoice_amount"] {
            add(name, content.total.to_string());
        }
        add("point_amount", Yuan::ZERO.to_string());
        let bill = json!([{"amount": content.total.to_string(), "fundChannel": "ALIPAYACCOUNT"}]);
        add("fund_bill_list", bill.to_string());
    }
    if let Some(refund) = refund {
        add("refund_fee", order.refunded().to_string());
        add("gmt_refund", format!("{}.000", time(refund.at)));
        add("out_biz_no", refund.number.clone());
    }
    if order.status == TradeStatus::TradeClosed {
        add("gmt_close", time(order.closed.unwrap_or(order.created)));
    }
    parameters
}

/// The URL that the buyer is sent back to once the order is paid: its `return_url` with signed parameters.
pub(super) fn return_url(
    order: &Order,
    paid: i64,
    app_id: &str,
    keys: &GatewayKeys,
) -> Result<Option<String>, KeysError> {
    let method = match order.method {
        Method::Page => "alipay.trade.page.pay.return",
        Method::Wap => "alipay.trade.wap.pay.return",
        // The app itself tells how it went.
        Method::App => return Ok(None),
    };
    let Some(url) = &order.return_url else { return Ok(None) };
    let (total, timestamp) = (order.content.total.to_string(), time(paid));
    let query = signed_form(
        vec![
            ("charset", "utf-8"),
            ("out_trade_no", &order.content.out_trade_no),
            ("method", method),
            ("total_amount", &total),
            ("trade_no", &order.trade_no),
            ("auth_app_id", app_id),
            ("version", "1.0"),
            ("app_id", app_id),
            ("sign_type", "RSA2"),
            ("seller_id", SELLER),
            ("timestamp", &timestamp),
        ],
        keys,
    )?;
    // A header takes ASCII only.
    let url = utf8_percent_encode(url, CONTROLS).to_string();
    let (url, fragment) = url.split_once('#').unwrap_or((&url, ""));
    let joint = if url.contains('?') { '&' } else { '?' };
    let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
    Ok(Some(format!("{url}{joint}{query}{fragment}")))
}
