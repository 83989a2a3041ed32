//! Orders for pages and apps: accepted or refused, paid or not, and what the shop learns of it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use alipay_core::encrypt::AesKey;
use alipay_core::keys::{PrivateKey, PublicKey};
use alipay_mock::{Delivery, Gateway, OrderError, TradeStatus};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::messages::receiver;
use crate::support::{Call, Reply, builder, exchange, gateway, parse, vector_key};

fn page_vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/page-vectors.json")).unwrap()
}

fn post(gateway: &Gateway, target: &str, content_type: &str, body: &str) -> Reply {
    let head = format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    let length = format!("Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
    parse(&exchange(gateway, format!("{head}{length}{body}").as_bytes()).unwrap()).unwrap()
}

fn post_form(gateway: &Gateway, target: &str, body: &str) -> Reply {
    post(gateway, target, "application/x-www-form-urlencoded", body)
}

fn get(gateway: &Gateway, target: &str) -> Reply {
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap()
}

fn control(gateway: &Gateway, action: &str, body: &Value) -> Reply {
    post(gateway, &format!("/_mock/{action}"), "application/json", &body.to_string())
}

/// The parameters of an order, as a shop makes them.
#[derive(Clone)]
struct Order(Vec<(String, String)>);

impl Order {
    fn page(content: &Value) -> Self {
        Self::new("alipay.trade.page.pay", content)
    }

    fn new(method: &str, content: &Value) -> Self {
        let parameters = [
            ("app_id", "2021000000000001"),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-01-01 08:00:00"),
            ("version", "1.0"),
            ("biz_content", &content.to_string()),
        ];
        Self(parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    fn string_to_sign(&self) -> String {
        let mut pairs = self.0.clone();
        pairs.retain(|(_, value)| !value.is_empty());
        pairs.sort();
        join(&pairs)
    }

    /// Signed over something else than the right string.
    fn signed_over(&self, text: impl AsRef<[u8]>) -> Self {
        let key = PrivateKey::parse(vector_key("app_private_pkcs8")).unwrap();
        self.clone().with("sign", &key.sign(text.as_ref()).unwrap())
    }

    fn signed(&self) -> Self {
        self.signed_over(self.string_to_sign())
    }

    fn encoded(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn bring(&self, gateway: &Gateway) -> Reply {
        get(gateway, &format!("/gateway.do?{}", self.encoded()))
    }
}

fn join(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

fn content(number: &str, amount: &str) -> Value {
    json!({
        "out_trade_no": number,
        "total_amount": amount,
        "subject": "满10减1",
        "product_code": "FAST_INSTANT_TRADE_PAY",
    })
}

/// The page that an accepted order leads to.
fn page_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 302, "{}", reply.body);
    let page = reply.header("location").unwrap().to_owned();
    assert!(page.starts_with("/_mock/cashier/"), "{page}");
    page
}

/// The code and the text of a page that refuses an order.
fn refusal(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 200, "{reply:?}");
    let (_, rest) = reply.body.split_once("错误代码</span> <code>").unwrap();
    let (code, text) = rest.split_once("</code>").unwrap();
    let text = text.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'");
    (code.to_owned(), text.replace("&#60;", "<").replace("&#62;", ">"))
}

/// The parameters of a form or query whose signature is Alipay's (rule v1).
fn verified(form: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
            (name.to_owned(), value)
        })
        .collect();
    pairs.sort();
    let mut signed = pairs.clone();
    signed.retain(|(name, _)| name != "sign" && name != "sign_type");
    let key = PublicKey::parse(vector_key("alipay_public")).unwrap();
    key.verify(join(&signed).as_bytes(), value(&pairs, "sign")).unwrap();
    pairs
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn query<'a>(gateway: &'a Gateway, number: &str) -> Call<'a> {
    let body = json!({"out_trade_no": number}).to_string();
    Call::new(gateway, "POST", "/v3/alipay/trade/query", body)
}

fn call<'a>(gateway: &'a Gateway, operation: &str, body: &Value) -> Call<'a> {
    Call::new(gateway, "POST", &format!("/v3/alipay/trade/{operation}"), body.to_string())
}

#[test]
fn orders_of_the_official_sdk_are_accepted() {
    let vectors = page_vectors();
    let text = |name: &str| vectors[name].as_str().unwrap().to_owned();
    let address = "https://openapi.alipay.com";
    // Three gateways: an app's order and a page's have one number here.
    let by_link = gateway();
    page_of(&get(&by_link, text("page_pay_get").strip_prefix(address).unwrap()));
    let order = by_link.order("20260101-0001").unwrap();
    assert_eq!((order.status, order.method), (TradeStatus::WaitBuyerPay, "alipay.trade.page.pay"));
    assert_eq!(order.total_amount, "88.88");
    assert_eq!(order.subject, "满10减1 \"A\"+b&c='d'");

    // The browser posts the fields of the form to its address, where the common parameters are.
    let form = text("page_pay_post");
    let between = |text: &str, from: &str, to: &str| {
        text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
    };
    let action = between(&form, "action=\"", "\"");
    let fields = form.split("<input ").skip(1).map(|input| {
        let [name, value] = ["name=\"", "value=\""].map(|part| between(input, part, "\""));
        let value = value.replace("&quot;", "\"");
        format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))
    });
    let fields = fields.collect::<Vec<_>>().join("&");
    let by_form = gateway();
    page_of(&post_form(&by_form, action.strip_prefix(address).unwrap(), &fields));
    assert_eq!(by_form.orders().len(), 1);

    // What the app hands to Alipay's.
    let by_app = gateway();
    page_of(&post_form(&by_app, "/gateway.do", &text("app_pay")));
    assert_eq!(by_app.orders()[0].method, "alipay.trade.app.pay");
}

#[test]
fn a_paid_order_is_notified_and_leads_back_to_the_shop() {
    let shop = receiver(&[]);
    let gateway = gateway();
    let mut content = content("7", "88.8");
    content["passback_params"] = json!("a%3D1");
    let order = Order::page(&content)
        .with("notify_url", &shop.url)
        .with("return_url", "http://shop.example/done?x=1#top");
    let page = page_of(&order.signed().bring(&gateway));
    let shown = get(&gateway, &page);
    assert!(shown.body.contains("88.80") && shown.body.contains("满10减1"), "{}", shown.body);
    let state = query(&gateway, "7").succeed();
    assert_eq!(state["trade_status"], "WAIT_BUYER_PAY");
    assert_eq!(state["buyer_pay_amount"], "0.00");

    let back = post_form(&gateway, &page, "do=pay");
    assert_eq!(back.status, 302, "{}", back.body);
    let back = back.header("location").unwrap();
    let parameters = back.strip_prefix("http://shop.example/done?x=1&").unwrap();
    let parameters = verified(parameters.strip_suffix("#top").unwrap());
    assert_eq!(value(&parameters, "method"), "alipay.trade.page.pay.return");
    assert_eq!(value(&parameters, "total_amount"), "88.80");
    assert_eq!(value(&parameters, "timestamp"), "2026-01-01 08:00:00");
    assert_eq!(gateway.order("7").unwrap().return_url.as_deref(), Some(back));

    let notification = verified(&shop.next());
    let state = query(&gateway, "7").succeed();
    for (name, expected) in [
        ("notify_type", "trade_status_sync"),
        ("notify_time", "2026-01-01 08:00:00"),
        ("app_id", "2021000000000001"),
        ("trade_status", "TRADE_SUCCESS"),
        ("out_trade_no", "7"),
        ("trade_no", state["trade_no"].as_str().unwrap()),
        ("total_amount", "88.80"),
        ("receipt_amount", "88.80"),
        ("buyer_pay_amount", "88.80"),
        ("gmt_payment", "2026-01-01 08:00:00"),
        ("passback_params", "a%3D1"),
        ("sign_type", "RSA2"),
    ] {
        assert_eq!(value(&notification, name), expected, "{name}");
    }
    assert_eq!(state["trade_status"], "TRADE_SUCCESS");
    assert_eq!(state["buyer_pay_amount"], "88.80");
    assert_eq!(gateway.messages().unwrap().len(), 1);
    // Clicked twice, it is paid once.
    assert_eq!(post_form(&gateway, &page, "do=pay").header("location"), Some("?"));
    assert!(get(&gateway, &page).body.contains("The order is paid"));
    assert_eq!(gateway.messages().unwrap().len(), 1);
}
