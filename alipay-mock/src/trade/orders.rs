//! The orders, and what happens to them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;

use alipay_core::value::Yuan;
use serde_json::{Map, Value, json};

use super::content::{Content, amount, invalid};
use super::notification;
use super::operation::Operation;
use super::order::{Order, Refund, time};
use super::state::{OrderError, OrderState, TradeStatus};
use crate::delivery::Outbox;
use crate::error::{Refusal, excerpt};
use crate::ids::Ids;
use crate::keys::GatewayKeys;
use crate::protocol::message::{Notice, NoticeKind};
use crate::protocol::nonce::random_hex;
use crate::protocol::order::Accepted;

/// How many orders are kept. The oldest are forgotten first.
const MOST_ORDERS: usize = 10_000;
/// How many refunds an order has at most.
const MOST_REFUNDS: usize = 100;

type Object = Map<String, Value>;

pub(crate) struct Orders {
    /// By `out_trade_no`.
    known: HashMap<String, Order>,
    by_age: VecDeque<String>,
    /// The `out_trade_no` of each `trade_no` and page.
    names: HashMap<String, String>,
    /// The orders that wait, by the time when they expire.
    waiting: BTreeSet<(i64, String)>,
    ids: Ids,
    pub(crate) outbox: Outbox,
}

impl Orders {
    pub(crate) fn new() -> io::Result<Self> {
        let mut outbox = Outbox::default();
        outbox.deliver();
        Ok(Self {
            known: HashMap::new(),
            by_age: VecDeque::new(),
            names: HashMap::new(),
            waiting: BTreeSet::new(),
            ids: Ids::new()?,
            outbox,
        })
    }

    /// Whether an order waits for its payment.
    pub(crate) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Closes the orders whose time is over.
    pub(crate) fn settle(&mut self, now_millis: i64) {
        while self.waiting.first().is_some_and(|(expires, _)| *expires <= now_millis) {
            let Some((expires, number)) = self.waiting.pop_first() else { return };
            self.end(&number, TradeStatus::TradeClosed, expires, None);
        }
    }

    /// Takes an order, or one that is known once more. Returns the name of its page.
    pub(crate) fn place(
        &mut self,
        accepted: Accepted,
        is_lenient: bool,
        now_millis: i64,
    ) -> Result<String, Refusal> {
        let Accepted { method, content, notify_url, return_url } = accepted;
        let content = Content::read(method, &content, now_millis, is_lenient)?;
        let number = content.out_trade_no.clone();
        if let Some(known) = self.known.get_mut(&number) {
            let refused =
                |code, message: String| Err(Refusal::business(code, message).at("out_trade_no"));
            match known.status {
                TradeStatus::TradeSuccess => {
                    return refused(
                        "ACQ.TRADE_HAS_SUCCESS",
                        "the order with this `out_trade_no` is paid already".to_owned(),
                    );
                }
                TradeStatus::TradeClosed => {
                    let message = "the order with this `out_trade_no` is closed; take a new number";
                    return refused("ACQ.TRADE_HAS_CLOSE", message.to_owned());
                }
                TradeStatus::WaitBuyerPay if known.content.total != content.total => {
                    let (before, now) = (known.content.total, content.total);
                    let message = format!(
                        "`out_trade_no` was used before with the `total_amount` {before}, and not {now}; a new order needs a \
                         new number",
                    );
                    return refused("ACQ.CONTEXT_INCONSISTENT", message);
                }
                TradeStatus::WaitBuyerPay => {}
            }
            // The buyer comes once more, perhaps by another way.
            self.waiting.remove(&(known.content.expires, number.clone()));
            self.waiting.insert((content.expires, number));
            (known.method, known.content) = (method, content);
            (known.notify_url, known.return_url) = (notify_url, return_url);
            return Ok(known.page.clone());
        }
        let page = random_hex().map_err(|e| Refusal::internal("cannot name the page", e))?;
        let order = Order {
            method,
            trade_no: self.ids.trade(now_millis / 1000),
            page: page.clone(),
            content,
            notify_url,
            return_url,
            status: TradeStatus::WaitBuyerPay,
            created: now_millis,
            paid: None,
            closed: None,
            refunds: Vec::new(),
            returns_to: None,
        };
        self.waiting.insert((order.content.expires, number.clone()));
        self.names.insert(order.trade_no.clone(), number.clone());
        self.names.insert(page.clone(), number.clone());
        self.known.insert(number.clone(), order);
        self.by_age.push_back(number);
        self.forget_oldest();
        Ok(page)
    }

    fn forget_oldest(&mut self) {
        while self.known.len() > MOST_ORDERS {
            let Some(oldest) = self.by_age.pop_front() else { return };
            let Some(gone) = self.known.remove(&oldest) else { continue };
            self.waiting.remove(&(gone.content.expires, oldest));
            self.names.remove(&gone.trade_no);
            self.names.remove(&gone.page);
        }
    }

    /// Ends the waiting of an order, or its life, and tells the shop.
    fn end(
        &mut self,
        number: &str,
        status: TradeStatus,
        now_millis: i64,
        notify_url: Option<&str>,
    ) {
        let Some(order) = self.known.get_mut(number) else { return };
        self.waiting.remove(&(order.content.expires, number.to_owned()));
        order.status = status;
        match status {
            TradeStatus::TradeSuccess => order.paid = Some(now_millis),
            _ => order.closed = Some(now_millis),
        }
        self.tell(number, now_millis, notify_url);
    }

    /// Sends the notification of an order. Without a URL nobody is told, as at Alipay.
    fn tell(&mut self, number: &str, now_millis: i64, notify_url: Option<&str>) {
        let Some(order) = self.known.get(number) else { return };
        let notify_url = notify_url.map(str::to_owned).or_else(|| order.notify_url.clone());
        let Some(notify_url) = notify_url else { return };
        let refund = order.refunds.last();
        let content = Value::Object(notification::parameters(order, refund));
        let notice = Notice {
            name: notification::TYPE.to_owned(),
            kind: NoticeKind::Payment { notify_url },
            notify_id: self.ids.notification(now_millis / 1000),
            utc_millis: now_millis,
            content,
        };
        self.outbox.push(&notice);
    }

    /// An order that waits.
    fn waits(&mut self, number: &str, now_millis: i64) -> Result<(), OrderError> {
        self.settle(now_millis);
        let order = self.known.get(number);
        let order = order.ok_or_else(|| OrderError::Unknown(excerpt(number)))?;
        match order.status {
            TradeStatus::WaitBuyerPay => Ok(()),
            status => Err(OrderError::NotWaiting(status)),
        }
    }

    /// The buyer pays.
    pub(crate) fn pay(
        &mut self,
        number: &str,
        app_id: &str,
        keys: &GatewayKeys,
        now_millis: i64,
    ) -> Result<(), OrderError> {
        self.waits(number, now_millis)?;
        if let Some(order) = self.known.get_mut(number) {
            order.returns_to = notification::return_url(order, now_millis, app_id, keys)?;
        }
        self.end(number, TradeStatus::TradeSuccess, now_millis, None);
        Ok(())
    }

    /// The order ends without a payment.
    pub(crate) fn close(&mut self, number: &str, now_millis: i64) -> Result<(), OrderError> {
        self.waits(number, now_millis)?;
        self.end(number, TradeStatus::TradeClosed, now_millis, None);
        Ok(())
    }

    /// The `out_trade_no` of a page.
    pub(crate) fn of_page(&self, page: &str) -> Option<String> {
        let number = self.names.get(page)?;
        self.known.get(number).filter(|order| order.page == page)?;
        Some(number.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The numbers of the newest orders, newest first, at most `most`.
    pub(crate) fn newest(&self, most: usize) -> Vec<String> {
        self.by_age.iter().rev().take(most).cloned().collect()
    }

    /// What has become of an order. `pages` is where its page is found by its name.
    pub(crate) fn state(&self, number: &str, pages: &str) -> Result<OrderState, OrderError> {
        let order = self.known.get(number);
        let order = order.ok_or_else(|| OrderError::Unknown(excerpt(number)))?;
        Ok(order.state(pages))
    }

    /// Runs an operation. The result is the response's body.
    pub(crate) fn call(
        &mut self,
        operation: Operation,
        request: &Object,
        now_millis: i64,
    ) -> Result<String, Refusal> {
        self.settle(now_millis);
        let number = match self.named(request)? {
            Some(number) => number,
            // Documented: without a trade, there is no `action` in the response.
            None if operation == Operation::Cancel => {
                let number = request.get("out_trade_no").cloned().unwrap_or_default();
                return Ok(json!({"out_trade_no": number, "retry_flag": "N"}).to_string());
            }
            None => {
                let message = "no order has this number; known are those that were brought to /gateway.do since the gateway was \
                               started";
                return Err(Refusal::business("ACQ.TRADE_NOT_EXIST", message));
            }
        };
        let body = match operation {
            Operation::Query => self.known.get(&number).map(Order::describe).unwrap_or_default(),
            Operation::Close => self.close_for_shop(&number, request, now_millis)?,
            Operation::Cancel => self.cancel(&number, now_millis)?,
            Operation::Refund => self.refund(&number, request, now_millis)?,
            Operation::RefundQuery => self.query_refund(&number, request)?,
        };
        Ok(Value::Object(body).to_string())
    }

    /// The `out_trade_no` of the order that a request names. Documented: of two numbers Alipay's counts.
    fn named(&self, request: &Object) -> Result<Option<String>, Refusal> {
        let text =
            |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let number = match (text("trade_no"), text("out_trade_no")) {
            (Some(trade_no), _) => {
                let number = self.names.get(trade_no);
                let order = number.and_then(|number| self.known.get(number));
                return Ok(order
                    .filter(|order| order.trade_no == trade_no)
                    .map(|order| order.content.out_trade_no.clone()));
            }
            (None, Some(number)) => number,
            (None, None) => {
                return Err(invalid(
                    "out_trade_no",
                    "one of `out_trade_no` and `trade_no` is required",
                ));
            }
        };
        Ok(self.known.contains_key(number).then(|| number.to_owned()))
    }

    fn close_for_shop(
        &mut self,
        number: &str,
        request: &Object,
        now_millis: i64,
    ) -> Result<Object, Refusal> {
        let status = self.known.get(number).map(|order| order.status);
        if let Some(status) = status.filter(|status| *status != TradeStatus::WaitBuyerPay) {
            // Inferred from the code's name.
            let message =
                format!("only an order that is WAIT_BUYER_PAY can be closed; this one is {status}");
            return Err(Refusal::business("ACQ.TRADE_STATUS_ERROR", message));
        }
        let notify_url = request.get("notify_url").and_then(Value::as_str);
        self.end(number, TradeStatus::TradeClosed, now_millis, notify_url);
        Ok(self.known.get(number).map(Order::numbers).unwrap_or_default())
    }

    /// Documented: closes what is not paid, and refunds what is.
    fn cancel(&mut self, number: &str, now_millis: i64) -> Result<Object, Refusal> {
        let action = match self.known.get(number).map(|order| (order.status, order.left())) {
            Some((TradeStatus::WaitBuyerPay, _)) => {
                self.end(number, TradeStatus::TradeClosed, now_millis, None);
                Some("close")
            }
            Some((TradeStatus::TradeSuccess, left)) => {
                self.pay_back(number, number, left, None, now_millis)?;
                Some("refund")
            }
            Some((TradeStatus::TradeClosed, _)) | None => None,
        };
        let mut body = self.known.get(number).map(Order::numbers).unwrap_or_default();
        body.insert("retry_flag".to_owned(), "N".into());
        body.extend(action.map(|action| ("action".to_owned(), action.into())));
        Ok(body)
    }

    fn refund(
        &mut self,
        number: &str,
        request: &Object,
        now_millis: i64,
    ) -> Result<Object, Refusal> {
        let text =
            |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(order) = self.known.get(number) else { return Ok(Object::new()) };
        let sum = text("refund_amount").and_then(amount).filter(|sum| *sum > Yuan::ZERO);
        let sum = sum.ok_or_else(|| {
            invalid(
                "refund_amount",
                "`refund_amount` must be yuan above 0, with at most two decimals",
            )
        })?;
        let (total, left) = (order.content.total, order.left());
        // Documented: a refund without a number of its own is one of the whole order.
        let own = text("out_request_no");
        if own.is_none() && sum != total {
            return Err(invalid(
                "out_request_no",
                "`out_request_no` is required to refund a part of the order",
            ));
        }
        let own = own.unwrap_or(number);
        if let Some(known) = order.refunds.iter().find(|refund| refund.number == own) {
            if known.amount != sum {
                let message = "`out_request_no` was used before with another `refund_amount`";
                return Err(Refusal::business("ACQ.DISCORDANT_REPEAT_REQUEST", message)
                    .at("out_request_no"));
            }
            return Ok(order.refund_response("N"));
        }
        match order.status {
            TradeStatus::TradeSuccess => {}
            TradeStatus::WaitBuyerPay => {
                let message = "the order is not paid";
                return Err(Refusal::business("ACQ.TRADE_STATUS_ERROR", message));
            }
            TradeStatus::TradeClosed => {
                let message = "the order is closed";
                return Err(Refusal::business("ACQ.TRADE_HAS_CLOSE", message));
            }
        }
        if sum > left {
            let message = format!("`refund_amount` is {sum}, but only {left} of the order is left");
            return Err(
                Refusal::business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", message).at("refund_amount")
            );
        }
        let (own, reason) = (own.to_owned(), text("refund_reason").map(str::to_owned));
        self.pay_back(number, &own, sum, reason, now_millis)?;
        Ok(self.known.get(number).map(|order| order.refund_response("Y")).unwrap_or_default())
    }

    /// Gives a sum of a paid order back, and tells the shop.
    fn pay_back(
        &mut self,
        number: &str,
        own: &str,
        sum: Yuan,
        reason: Option<String>,
        now_millis: i64,
    ) -> Result<(), Refusal> {
        let Some(order) = self.known.get_mut(number) else { return Ok(()) };
        if order.refunds.len() >= MOST_REFUNDS {
            let message = "this gateway keeps no more refunds of an order";
            return Err(Refusal::business("ACQ.SYSTEM_ERROR", message));
        }
        order.refunds.push(Refund { number: own.to_owned(), amount: sum, reason, at: now_millis });
        if order.left() == Yuan::ZERO {
            order.status = TradeStatus::TradeClosed;
            order.closed = Some(now_millis);
        }
        self.tell(number, now_millis, None);
        Ok(())
    }

    fn query_refund(&self, number: &str, request: &Object) -> Result<Object, Refusal> {
        let own = request.get("out_request_no").and_then(Value::as_str).unwrap_or_default();
        if own.is_empty() {
            return Err(invalid("out_request_no", "`out_request_no` is required"));
        }
        let Some(order) = self.known.get(number) else { return Ok(Object::new()) };
        // Documented: without a status there was no refund, or it failed.
        let Some(refund) = order.refunds.iter().find(|refund| refund.number == own) else {
            return Ok(Object::new());
        };
        let mut body = order.numbers();
        let mut add = |name: &str, value: String| {
            body.insert(name.to_owned(), value.into());
        };
        add("out_request_no", own.to_owned());
        add("total_amount", order.content.total.to_string());
        add("refund_amount", refund.amount.to_string());
        add("refund_status", "REFUND_SUCCESS".to_owned());
        add("gmt_refund_pay", time(refund.at));
        if let Some(reason) = &refund.reason {
            add("refund_reason", reason.clone());
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::parameters::Method;

    fn object(value: &Value) -> Object {
        value.as_object().unwrap().clone()
    }

    fn order(number: &str, amount: &str) -> Accepted {
        let content = object(&json!({
            "out_trade_no": number,
            "total_amount": amount,
            "subject": "x",
            "product_code": "QUICK_WAP_WAY",
            "timeout_express": "1h",
        }));
        let (notify_url, return_url) = (Some("http://shop.example/".to_owned()), None);
        Accepted { method: Method::Wap, content, notify_url, return_url }
    }

    /// What happens to an order.
    #[derive(Clone, Debug)]
    enum Step {
        Bring(bool),
        Pay,
        Close,
        CloseByShop,
        Cancel,
        Refund(u8, i64),
        Wait,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            any::<bool>().prop_map(Step::Bring),
            Just(Step::Pay),
            Just(Step::Close),
            Just(Step::CloseByShop),
            Just(Step::Cancel),
            (0_u8..4, 1_i64..600).prop_map(|(own, fen)| Step::Refund(own, fen)),
            Just(Step::Wait),
        ];
        prop::collection::vec(step, 0..25)
    }

    proptest! {
        #[test]
        fn whatever_happens_the_shop_is_told_what_query_says(steps in steps()) {
            let keys = GatewayKeys::shared().unwrap();
            let mut orders = Orders::new().unwrap();
            let (mut now, mut told) = (0, 0);
            let mut before = None;
            // By their numbers.
            let mut refunds: HashMap<String, i64> = HashMap::new();
            for step in steps {
                let call = |orders: &mut Orders, operation, more: Value| {
                    let mut request = object(&more);
                    request.insert("out_trade_no".to_owned(), "1".into());
                    orders.call(operation, &request, now)
                };
                match step {
                    Step::Bring(again) => {
                        let amount = if again { "5.00" } else { "5.01" };
                        let _ = orders.place(order("1", amount), false, now);
                    }
                    Step::Pay => drop(orders.pay("1", "1", &keys, now)),
                    Step::Close => drop(orders.close("1", now)),
                    Step::CloseByShop => drop(call(&mut orders, Operation::Close, json!({}))),
                    Step::Cancel => drop(call(&mut orders, Operation::Cancel, json!({}))),
                    Step::Refund(own, fen) => {
                        let (own, sum) = (format!("r{own}"), Yuan::from_fen(fen).to_string());
                        let more = json!({"out_request_no": own, "refund_amount": sum});
                        if call(&mut orders, Operation::Refund, more).is_ok() {
                            prop_assert_eq!(*refunds.entry(own).or_insert(fen), fen);
                        }
                    }
                    Step::Wait => {
                        now += 3_600_000;
                        orders.settle(now);
                    }
                }
                let Some(order) = orders.known.get("1") else { continue };
                let given: i64 = refunds.values().sum();
                // Cancel gives the rest back.
                let is_whole = order.refunded() == order.content.total;
                prop_assert!(is_whole || order.refunded().fen() == given);
                prop_assert!(order.refunded() <= order.content.total);
                prop_assert_eq!(orders.are_waiting(), order.status == TradeStatus::WaitBuyerPay);
                // Each change is told once, with the status that query has.
                let now_is = (order.status, order.refunded());
                let is_news = before.is_some_and(|before| before != now_is);
                let is_new = order.status == TradeStatus::WaitBuyerPay;
                before = Some(now_is);
                let notices = orders.outbox.notices();
                prop_assert_eq!(notices.len(), told + usize::from(is_news && !is_new));
                told = notices.len();
                if let Some(last) = notices.last() {
                    prop_assert_eq!(&last.content["trade_status"], now_is.0.as_str());
                }
            }
        }
    }

    #[test]
    fn an_order_has_so_many_refunds() {
        let keys = GatewayKeys::shared().unwrap();
        let mut orders = Orders::new().unwrap();
        orders.place(order("1", "5.00"), false, 0).unwrap();
        orders.pay("1", "1", &keys, 0).unwrap();
        let mut refund = |own: usize| {
            let request = json!({"out_trade_no": "1", "out_request_no": own.to_string(), "refund_amount": "0.01"});
            orders.call(Operation::Refund, &object(&request), 0)
        };
        for own in 0..MOST_REFUNDS {
            refund(own).unwrap();
        }
        assert_eq!(refund(MOST_REFUNDS).unwrap_err().code, "ACQ.SYSTEM_ERROR");
        refund(0).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let mut orders = Orders::new().unwrap();
        for number in 0..MOST_ORDERS + 5 {
            orders.place(order(&number.to_string(), "1.00"), false, 0).unwrap();
        }
        // The oldest are unknown: a number of theirs is a new order.
        assert_eq!((orders.len(), orders.by_age.len()), (MOST_ORDERS, MOST_ORDERS));
        assert_eq!((orders.names.len(), orders.waiting.len()), (2 * MOST_ORDERS, MOST_ORDERS));
        assert!(orders.state("4", "").is_err() && orders.state("5", "").is_ok());
        orders.settle(i64::MAX);
        assert!(!orders.are_waiting());
        assert_eq!(orders.outbox.take_undelivered(usize::MAX).len(), MOST_ORDERS);
    }
}
