//! What a program can know of an order, and why it cannot change one from outside.

use std::fmt;

use serde::Serialize;

/// `trade_status`. `TRADE_FINISHED`, to which Alipay moves a paid order when it can no longer be refunded, does not occur.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TradeStatus {
    /// Not paid yet.
    WaitBuyerPay,
    /// Paid.
    TradeSuccess,
    /// Closed before it was paid, or refunded as a whole.
    TradeClosed,
}

impl TradeStatus {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WaitBuyerPay => "WAIT_BUYER_PAY",
            Self::TradeSuccess => "TRADE_SUCCESS",
            Self::TradeClosed => "TRADE_CLOSED",
        }
    }
}

impl fmt::Display for TradeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An order that a page or an app has brought.
///
/// `Debug` leaves out the subject and the URLs, which may hold personal data.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OrderState {
    /// The shop's number.
    pub out_trade_no: String,
    /// Alipay's number.
    pub trade_no: String,
    /// `alipay.trade.page.pay`, `alipay.trade.wap.pay` or `alipay.trade.app.pay`.
    pub method: &'static str,
    /// `trade_status`.
    pub status: TradeStatus,
    /// The amount in yuan, with two decimals.
    pub total_amount: String,
    /// How much of it was refunded.
    pub refunded_amount: String,
    /// What is sold.
    pub subject: String,
    /// When it came, `yyyy-MM-dd HH:mm:ss` in Beijing.
    pub created: String,
    /// When it was paid; `None` if it was not.
    pub paid: Option<String>,
    /// When it is closed unless it is paid.
    pub expires: String,
    /// Where notifications of it are posted.
    pub notify_url: Option<String>,
    /// Where the buyer is sent once it is paid: its `return_url` with the signed parameters. `None` if it is not paid, has no
    /// `return_url`, or comes from an app.
    pub return_url: Option<String>,
    /// The page where the buyer pays it.
    pub page_url: String,
}

impl OrderState {
    pub(crate) fn is_refunded(&self) -> bool {
        self.refunded_amount != "0.00"
    }
}

impl fmt::Debug for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderState")
            .field("out_trade_no", &self.out_trade_no)
            .field("method", &self.method)
            .field("status", &self.status)
            .field("total_amount", &self.total_amount)
            .field("refunded_amount", &self.refunded_amount)
            .finish_non_exhaustive()
    }
}

/// Why an order cannot be changed from outside.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// No order has this number.
    #[error(
        "no order has the `out_trade_no` `{0}`; known are those that were brought to /gateway.do since the gateway was started"
    )]
    Unknown(String),
    /// Only an order that waits for its payment can be paid or closed.
    #[error("only an order that is WAIT_BUYER_PAY can be paid or closed; this one is {0}")]
    NotWaiting(TradeStatus),
    /// The signature for the return to the shop cannot be made.
    #[error(transparent)]
    Keys(#[from] crate::error::KeysError),
}
