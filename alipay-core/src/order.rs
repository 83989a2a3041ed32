//! Orders for pages and apps: payments that begin in the buyer's browser or in an app.
//!
//! These methods of Alipay's are no calls of v3, and no HTTP request of the shop's server. The server signs an
//! order, and the buyer takes it to Alipay's gateway: as a link or a form of a page (`alipay.trade.page.pay` on
//! computers, `alipay.trade.wap.pay` on phones), or as a string that the shop's app gives to Alipay's SDK
//! (`alipay.trade.app.pay`). Nothing is sent here.
//!
//! [`Client::page_pay`](crate::Client::page_pay), [`wap_pay`](crate::Client::wap_pay) and
//! [`app_pay`](crate::Client::app_pay) make the orders for a [`Payment`].
//! [`Client::page_order`](crate::Client::page_order) makes one of any such method, with content of the caller's own:
//!
//! ```
//! use alipay_core::{Client, Error};
//! use serde_json::json;
//!
//! async fn pay(client: &Client) -> Result<String, Error> {
//!     let order = client
//!         .page_order("alipay.trade.page.pay")
//!         .notify_url("https://shop.example/alipay/notify")
//!         .return_url("https://shop.example/paid")
//!         .biz_content(&json!({
//!             "out_trade_no": "20261127_0001",
//!             "total_amount": "88.88",
//!             "subject": "Tea",
//!             "product_code": "FAST_INSTANT_TRADE_PAY",
//!         }))
//!         .sign()
//!         .await?;
//!     Ok(order.form())
//! }
//! ```
//!
//! # What proves that it was paid
//!
//! The [notification](crate::notification) that Alipay posts to the `notify_url`
//! ([`Client::verify_notification`](crate::Client::verify_notification)), or a call of `alipay.trade.query`. The
//! buyer's return to the `return_url` does not: see [`Returned`](crate::notification::Returned).
//!
//! # Keys held elsewhere
//!
//! [`sign`](PageOrder::sign) asks the [`Signer`](crate::sign::Signer) of the credentials once for each order, with
//! the whole string to sign, as calls do. So an order needs no key in memory. It waits as long as the signer takes:
//! where a page must not wait, limit it, for example with `tokio::time::timeout`.
//! [`sign_blocking`](PageOrder::sign_blocking) has the limit of a call. In certificate mode a signature that does not
//! match the app's certificate is an error here, and not at Alipay's.

mod page_order;
mod payment;
mod signed_order;

pub use page_order::PageOrder;
pub use payment::{Goods, Payment};
pub use signed_order::SignedOrder;
