//! An order, and what responses say of it.

use alipay_core::value::Yuan;
use serde_json::{Map, Value};

use super::content::Content;
use super::state::{OrderState, TradeStatus};
use crate::calendar;
use crate::protocol::parameters::Method;

/// The user who pays, with the values of the description's examples.
pub(super) const BUYER: &str = "2088101117955611";
pub(super) const BUYER_LOGON_ID: &str = "159****5620";
/// The merchant who is paid.
pub(super) const SELLER: &str = "2088101117952222";
type Object = Map<String, Value>;

/// An order. Not `Debug`: what it says may be personal.
pub(super) struct Order {
    pub(super) method: Method,
    pub(super) trade_no: String,
    /// The name of its page, which nobody can guess.
    pub(super) page: String,
    pub(super) content: Content,
    pub(super) notify_url: Option<String>,
    pub(super) return_url: Option<String>,
    pub(super) status: TradeStatus,
    /// Times in milliseconds since 1970.
    pub(super) created: i64,
    pub(super) paid: Option<i64>,
    pub(super) closed: Option<i64>,
    pub(super) refunds: Vec<Refund>,
    /// Where the buyer is sent, with signed parameters, once it is paid.
    pub(super) returns_to: Option<String>,
}

pub(super) struct Refund {
    /// `out_request_no`.
    pub(super) number: String,
    pub(super) amount: Yuan,
    pub(super) reason: Option<String>,
    pub(super) at: i64,
}

impl Order {
    pub(super) fn state(&self, pages: &str) -> OrderState {
        OrderState {
            out_trade_no: self.content.out_trade_no.clone(),
            trade_no: self.trade_no.clone(),
            method: self.method.name(),
            status: self.status,
            total_amount: self.content.total.to_string(),
            refunded_amount: self.refunded().to_string(),
            subject: self.content.subject.clone(),
            created: time(self.created),
            paid: self.paid.map(time),
            expires: time(self.content.expires),
            notify_url: self.notify_url.clone(),
            return_url: self.returns_to.clone(),
            page_url: format!("{pages}{}", self.page),
        }
    }

    /// Both numbers, for responses.
    pub(super) fn numbers(&self) -> Object {
        let number = |name: &str, value: &str| (name.to_owned(), value.into());
        let numbers = [
            number("trade_no", &self.trade_no),
            number("out_trade_no", &self.content.out_trade_no),
        ];
        numbers.into_iter().collect()
    }

    /// The response of query.
    pub(super) fn describe(&self) -> Object {
        let paid = if self.paid.is_some() { self.content.total } else { Yuan::ZERO };
        let mut body = self.numbers();
        let mut add = |name: &str, value: String| {
            body.insert(name.to_owned(), value.into());
        };
        add("trade_status", self.status.as_str().to_owned());
        add("total_amount", self.content.total.to_string());
        add("subject", self.content.subject.clone());
        for name in ["receipt_amount", "buyer_pay_amount", "invoice_amount"] {
            add(name, paid.to_string());
        }
        add("point_amount", Yuan::ZERO.to_string());
        for (name, value) in
            [("body", &self.content.body), ("passback_params", &self.content.passback_params)]
        {
            if let Some(value) = value {
                add(name, value.clone());
            }
        }
        if let Some(at) = self.paid {
            add("send_pay_date", time(at));
            add("buyer_user_id", BUYER.to_owned());
            add("buyer_logon_id", BUYER_LOGON_ID.to_owned());
            add("buyer_user_type", "PRIVATE".to_owned());
        }
        body
    }

    /// The sum of its refunds, which is never more than its total.
    pub(super) fn refunded(&self) -> Yuan {
        let sum = |sum: Yuan, refund: &Refund| sum.checked_add(refund.amount);
        self.refunds.iter().try_fold(Yuan::ZERO, sum).unwrap_or(self.content.total)
    }

    /// What of it was not refunded.
    pub(super) fn left(&self) -> Yuan {
        self.content.total.checked_sub(self.refunded()).unwrap_or(Yuan::ZERO)
    }

    /// Documented: `refund_fee` is the sum of all refunds, and `fund_change` says whether this request has moved money.
    pub(super) fn refund_response(&self, change: &str) -> Object {
        let mut body = self.numbers();
        let mut add = |name: &str, value: String| {
            body.insert(name.to_owned(), value.into());
        };
        add("buyer_user_id", BUYER.to_owned());
        add("buyer_logon_id", BUYER_LOGON_ID.to_owned());
        add("fund_change", change.to_owned());
        let refunded = self.refunded().to_string();
        add("refund_fee", refunded.clone());
        add("send_back_fee", refunded);
        if let Some(refund) = self.refunds.last() {
            add("gmt_refund_pay", time(refund.at));
        }
        body
    }
}

/// A time for responses.
pub(super) fn time(millis: i64) -> String {
    calendar::date_time(millis / 1000).to_string()
}
