//! What Alipay adds to the `return_url` of an order.

use std::{collections::BTreeMap, fmt};

use super::form::{APP_ID, CERTIFICATE_SERIAL, CHARSET, NOTIFY_ID, SIGN, SIGN_TYPE};
use crate::value::{LocalDateTime, Yuan};

const METHOD: &str = "method";
const ORDER: &str = "out_trade_no";
const TRADE: &str = "trade_no";
const AMOUNT: &str = "total_amount";
const SELLER: &str = "seller_id";
const TIMESTAMP: &str = "timestamp";

/// The parameters with which Alipay leads the buyer's browser back to the shop (`return_url`), verified.
///
/// They are no proof of payment. They say that Alipay has led a browser back from this order, and do not say in which
/// state it is. A buyer may come back without having paid, more than once, with the address of somebody else, or
/// never. Show what you know of the order, and ask Alipay (`alipay.trade.query`) if the
/// [notification](crate::notification) has not come yet. Ship when one of these two says that it was paid.
///
/// It has only parameters that the signature covers. Their names are documented for `alipay.trade.page.pay` and
/// `alipay.trade.wap.pay`.
#[derive(Clone)]
pub struct Returned {
    parameters: BTreeMap<String, String>,
}

impl Returned {
    pub(super) fn new(parameters: BTreeMap<String, String>) -> Self {
        Self { parameters }
    }

    /// The shop's number of the order (`out_trade_no`).
    #[must_use]
    pub fn out_trade_no(&self) -> Option<&str> {
        self.parameter(ORDER)
    }

    /// Alipay's number of the trade (`trade_no`).
    #[must_use]
    pub fn trade_no(&self) -> Option<&str> {
        self.parameter(TRADE)
    }

    /// What the order is about, in yuan (`total_amount`); `None` if it is absent or no amount.
    #[must_use]
    pub fn total_amount(&self) -> Option<Yuan> {
        self.parameter(AMOUNT)?.parse().ok()
    }

    /// The user id of the merchant who gets the money (`seller_id`).
    #[must_use]
    pub fn seller_id(&self) -> Option<&str> {
        self.parameter(SELLER)
    }

    /// When Alipay led the browser back, Beijing time (`timestamp`).
    #[must_use]
    pub fn timestamp(&self) -> Option<LocalDateTime> {
        self.parameter(TIMESTAMP)?.parse().ok()
    }

    /// What it is the return of, for example `alipay.trade.page.pay.return`.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.parameter(METHOD)
    }

    /// The app it is for. Verification checked that it is the app of the credentials.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.parameter(APP_ID).unwrap_or_default()
    }

    /// Any parameter that the signature covers.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// Shows which order it is, and nothing else.
impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returned")
            .field("method", &self.method())
            .field("out_trade_no", &self.out_trade_no())
            .finish_non_exhaustive()
    }
}

/// Whether it is a return, and no notification.
pub(super) fn is_return(parameters: &BTreeMap<String, String>) -> bool {
    let method = parameters.get(METHOD).is_some_and(|method| method.ends_with(".return"));
    method && !parameters.contains_key(NOTIFY_ID)
}

/// Whether Alipay adds a parameter with this name.
pub(super) fn is_known(name: &str) -> bool {
    [
        APP_ID,
        "auth_app_id",
        CERTIFICATE_SERIAL,
        CHARSET,
        METHOD,
        ORDER,
        SELLER,
        SIGN,
        SIGN_TYPE,
        TIMESTAMP,
        AMOUNT,
        TRADE,
        "version",
    ]
    .contains(&name)
}
