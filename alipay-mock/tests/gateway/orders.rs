//! Orders for pages and apps: accepted or refused, paid or not, and what the shop learns of it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::time::Duration;

use alipay_core::encrypt::AesKey;
use alipay_core::keys::PrivateKey;
use alipay_mock::{Delivery, Fault, Gateway, OrderError, TradeStatus};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::messages::receiver;
use crate::support::{Call, Reply, builder, exchange, gateway, parse, value, vector_key, verified};

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
pub(crate) struct Order(pub(crate) Vec<(String, String)>);

impl Order {
    pub(crate) fn page(content: &Value) -> Self {
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

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
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

    pub(crate) fn signed(&self) -> Self {
        self.signed_over(self.string_to_sign())
    }

    fn encoded(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn value(&self, name: &str) -> &str {
        value(&self.0, name)
    }

    fn bring(&self, gateway: &Gateway) -> Reply {
        get(gateway, &format!("/gateway.do?{}", self.encoded()))
    }
}

fn join(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

pub(crate) fn content(number: &str, amount: &str) -> Value {
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

/// Makes a call, and holds its response against the description.
fn described(gateway: &Gateway, operation: &str, body: &Value) -> Value {
    let response = call(gateway, operation, body).succeed();
    let contract = include_str!("../../src/contract/alipay.json");
    let contract: Value = serde_json::from_str(contract).unwrap();
    let path = format!("/v3/alipay/trade/{operation}");
    let all = contract["operations"].as_array().unwrap();
    let of = all.iter().find(|known| known["path"] == path).unwrap()["response"].as_str().unwrap();
    let fields = contract["structs"][of].as_array().unwrap();
    for (name, value) in response.as_object().unwrap() {
        let field = fields.iter().find(|field| field["name"] == *name);
        let field = field.unwrap_or_else(|| panic!("{operation} has no {name}"));
        assert!(value.is_string(), "{name}");
        if field["type"] == "yuan" {
            value.as_str().unwrap().parse::<alipay_core::value::Yuan>().unwrap();
        }
    }
    response
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
        .with("return_url", "http://shop.example/完?x=1#top");
    let page = page_of(&order.signed().bring(&gateway));
    let shown = get(&gateway, &page);
    assert!(shown.body.contains("88.80") && shown.body.contains("满10减1"), "{}", shown.body);
    let state = query(&gateway, "7").succeed();
    assert_eq!(state["trade_status"], "WAIT_BUYER_PAY");
    assert_eq!(state["buyer_pay_amount"], "0.00");

    let back = post_form(&gateway, &page, "do=pay");
    assert_eq!(back.status, 302, "{}", back.body);
    let back = back.header("location").unwrap();
    let parameters = back.strip_prefix("http://shop.example/%E5%AE%8C?x=1&").unwrap();
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
        ("fund_bill_list", "[{\"amount\":\"88.80\",\"fundChannel\":\"ALIPAYACCOUNT\"}]"),
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

#[test]
fn only_a_payment_leads_back_to_the_shop() {
    let shop = receiver(&[]);
    let gateway = gateway();
    let order = |number: &str| {
        let order = Order::page(&content(number, "1.00")).with("notify_url", &shop.url);
        page_of(&order.with("return_url", "http://shop.example/").signed().bring(&gateway))
    };
    let (failing, closing) = (order("1"), order("2"));
    let failed = post_form(&gateway, &failing, "do=fail");
    assert_eq!((failed.status, failed.header("location")), (302, Some("?failed=1")));
    let shown = get(&gateway, &format!("{failing}?failed=1")).body;
    assert!(shown.contains("The payment has failed") && shown.contains("Pay</button>"), "{shown}");
    assert_eq!(gateway.order("1").unwrap().status, TradeStatus::WaitBuyerPay);
    assert!(gateway.messages().unwrap().is_empty());

    assert_eq!(post_form(&gateway, &closing, "do=close").header("location"), Some("?"));
    let notification = verified(&shop.next());
    assert_eq!(value(&notification, "trade_status"), "TRADE_CLOSED");
    assert_eq!(value(&notification, "gmt_close"), "2026-01-01 08:00:00");
    assert_eq!(value(&notification, "buyer_pay_amount"), "");
    assert!(get(&gateway, &closing).body.contains("The order is closed"));
    assert_eq!(gateway.order("2").unwrap().return_url, None);
    assert_eq!(post_form(&gateway, &closing, "do=pay").header("location"), Some("?"));
    assert_eq!(gateway.order("2").unwrap().status, TradeStatus::TradeClosed);

    let odd = post_form(&gateway, &failing, "do=steal");
    assert!(odd.status == 400 && odd.body.contains("`steal`"), "{}", odd.body);
    let unknown = get(&gateway, "/_mock/cashier/0123");
    assert_eq!(unknown.status, 404);
    // Numbers are no names of pages.
    for name in ["1", &gateway.order("1").unwrap().trade_no] {
        assert_eq!(get(&gateway, &format!("/_mock/cashier/{name}")).status, 404);
    }
    let foreign =
        format!("GET {failing} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    let foreign = parse(&exchange(&gateway, foreign.as_bytes()).unwrap()).unwrap();
    assert_eq!(foreign.status, 403);
}

#[test]
fn what_is_wrong_with_the_common_parameters_is_said() {
    let gateway = gateway();
    let right = Order::page(&content("1", "1.00"));
    for (name, wrong, code, says) in [
        ("app_id", "", "missing-app-id", "the order has no `app_id`"),
        ("app_id", "2021000000000009", "invalid-app-id", "this gateway knows 2021000000000001"),
        ("method", "", "missing-method", "`method`"),
        ("method", "alipay.trade.query", "invalid-method", "alipay.trade.page.pay"),
        ("format", "xml", "invalid-format", "it must be JSON, or absent"),
        ("charset", "", "invalid-charset", "`charset`"),
        ("charset", "latin1", "invalid-charset", "it must be utf-8, or GBK"),
        ("sign_type", "", "missing-signature-type", "`sign_type`"),
        ("sign_type", "RSA", "invalid-signature-type", "it must be RSA2"),
        ("timestamp", "", "missing-timestamp", "`timestamp`"),
        ("timestamp", "1767225600000", "invalid-timestamp", "in Beijing time"),
        (
            "timestamp",
            "2026-01-01 08:10:01",
            "invalid-timestamp",
            "601 s ahead of the gateway's clock",
        ),
        ("timestamp", "2026-01-01 00:00:03", "invalid-timestamp", "the time of another zone"),
        ("version", "", "missing-version", "`version`"),
        ("version", "2.0", "invalid-parameter", "it must be 1.0"),
        ("biz_content", "", "invalid-parameter", "no `biz_content`"),
        ("biz_content", "[]", "invalid-parameter", "must be a JSON object"),
        ("biz_content", "{", "invalid-parameter", "is not JSON: EOF"),
        ("biz_content", "YWJj", "invalid-parameter", "`encrypt_type` must be AES"),
        ("encrypt_type", "DES", "invalid-encrypt-type", "must be AES"),
        ("encrypt_type", "AES", "decryption-error-unknown", "is plain JSON"),
        ("notify_url", "shop.example", "invalid-parameter", "`notify_url` must be a URL"),
        ("return_url", "javascript:alert(1)", "invalid-parameter", "`return_url` must be a URL"),
        ("alipay_root_cert_sn", "1", "missing-app-cert-sn", "there is no app_cert_sn"),
    ] {
        let reply = right.clone().with(name, wrong).signed().bring(&gateway);
        let (found, text) = refusal(&reply);
        assert!(found == code && text.contains(says), "{name}={wrong}: {found}: {text}");
        let record = gateway.requests().pop().unwrap();
        assert_eq!((record.status, record.code.as_deref()), (Some(200), Some(code)));
    }
    let long = format!("http://shop.example/{}", "x".repeat(2048));
    let (_, text) = refusal(&right.clone().with("notify_url", &long).signed().bring(&gateway));
    assert!(text.contains("at most 2048 bytes"), "{text}");
    for (timestamp, is_of_another_zone) in [
        ("2026-01-01 00:00:30", true),
        ("2026-01-01 05:29:30", true),
        ("2026-01-01 19:00:00", true),
        ("2026-01-01 09:02:00", false),
        ("2026-01-01 08:25:00", false),
        ("2026-01-03 08:00:00", false),
        ("2016-01-01 08:00:00", false),
    ] {
        let order = right.clone().with("timestamp", timestamp).signed();
        let (code, text) = refusal(&order.bring(&gateway));
        assert_eq!(code, "invalid-timestamp");
        assert_eq!(text.contains("the time of another zone"), is_of_another_zone, "{text}");
    }
    // Without a parameter it is the same as with a blank one.
    let (code, _) = refusal(&right.clone().without("timestamp").signed().bring(&gateway));
    assert_eq!(code, "missing-timestamp");
    page_of(&right.clone().without("format").with("charset", "UTF-8").signed().bring(&gateway));
    let (code, _) = refusal(&right.bring(&gateway));
    assert_eq!(code, "missing-signature");
    let twice = format!("/gateway.do?{}&version=2.0", right.signed().encoded());
    let (code, text) = refusal(&get(&gateway, &twice));
    assert!(code == "invalid-parameter" && text.contains("`version` is there twice"), "{text}");
    // The charset is in the address, too, in what official SDKs make.
    let in_both = "/gateway.do?charset=utf-8";
    page_of(&post_form(&gateway, in_both, &right.signed().encoded()));
    let in_query = format!("/gateway.do?{}", right.signed().encoded());
    page_of(&post(&gateway, &in_query, "text/plain", ""));
    let json = post(&gateway, "/gateway.do", "application/json", "{}");
    assert_eq!(refusal(&json).0, "invalid-content-type");
    let escaped = right.signed().encoded().replace('&', "&amp;");
    let (code, text) = refusal(&get(&gateway, &format!("/gateway.do?{escaped}")));
    assert!(code == "invalid-parameter" && text.contains("HTML-escaped"), "{code} {text}");
}

#[test]
fn the_mistake_in_a_signature_is_named() {
    let gateway = gateway();
    let mut content = content("1", "1.00");
    content["subject"] = json!("茶 <A> & \"b\"");
    let right = Order::page(&content)
        .with("notify_url", "http://shop.example/n?x=1")
        .with("return_url", "")
        .with("alipay_sdk", "sdk+1");
    let changed = |change: &dyn Fn(&str, &str) -> Option<String>| {
        let mut pairs: Vec<_> = right
            .0
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(name, value)| Some((name.clone(), change(name, value)?)))
            .collect();
        pairs.sort();
        join(&pairs)
    };
    let encoded = |value: &str| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let encoded =
        |value: &str| encoded(value).replace("%2D", "-").replace("%2E", ".").replace("%5F", "_");
    let html = |value: &str| value.replace('"', "&quot;");
    let mut with_blank = right.0.clone();
    with_blank.sort();
    let as_sent: Vec<_> = right.0.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
    let (gbk, _, _) = encoding_rs::GBK.encode(right.value("biz_content"));
    let gbk: Vec<u8> = {
        let text = changed(&|name, value| {
            Some(if name == "biz_content" { "@".to_owned() } else { value.to_owned() })
        });
        let (before, after) = text.split_once('@').unwrap();
        [before.as_bytes(), &gbk, after.as_bytes()].concat()
    };
    let spaced = right.value("biz_content").replace("\":", "\": ").replace(",\"", ", \"");
    let text = |text: String| text.into_bytes();
    for (signed, says) in [
        (text(changed(&|_, value| Some(encoded(value)))), "the values were signed percent-encoded"),
        (text(changed(&|_, value| Some(encoded(value).replace("%20", "+")))), "percent-encoded"),
        (
            text(changed(&|name, value| (name != "sign_type").then(|| value.to_owned()))),
            "`sign_type` was not signed; in an order it is",
        ),
        (text(join(&as_sent)), "they have to be sorted by name"),
        (text(join(&with_blank)), "blank parameters were signed"),
        (text(changed(&|_, value| Some(html(value)))), "were signed HTML-escaped"),
        (gbk, "the values were signed in GBK, and sent in UTF-8"),
        (
            text(changed(&|name, value| (name != "alipay_sdk").then(|| value.to_owned()))),
            "`alipay_sdk` was sent but not signed",
        ),
        (
            text(changed(&|name, value| {
                Some(if name == "notify_url" { encoded(value) } else { value.to_owned() })
            })),
            "`notify_url` was signed percent-encoded",
        ),
        (
            text(changed(&|name, value| {
                Some(if name == "biz_content" { spaced.clone() } else { value.to_owned() })
            })),
            "the JSON of `biz_content` was written again",
        ),
        (
            text(changed(&|name, value| {
                let value = if name == "timestamp" { "2026-01-01 07:59:59" } else { value };
                Some(value.to_owned())
            })),
            "the timestamp was taken anew",
        ),
        (text(changed(&|_, value| Some(format!("\"{value}\"")))), "signed in quotes"),
        (
            text(changed(&|name, value| (name != "sign_type").then(|| encoded(value)))),
            "percent-encoded; sign them as they are, and encode them for the URL or the form afterwards; and `sign_type` was not \
             signed",
        ),
    ] {
        let (code, page) = refusal(&right.signed_over(&signed).bring(&gateway));
        assert_eq!(code, "invalid-signature");
        assert!(page.contains(says), "{says}: {page}");
        // Both strings are there, with the first difference.
        assert!(page.contains(&right.string_to_sign()) && page.contains('»'), "{page}");
    }
    let (_, page) = refusal(&right.signed_over("something else").bring(&gateway));
    assert!(page.contains("no known mistake") && page.contains("the 10 parameters"), "{page}");
    let alipay = PrivateKey::parse(vector_key("alipay_private_pkcs8")).unwrap();
    let other = alipay.sign(right.string_to_sign().as_bytes()).unwrap();
    let (_, page) = refusal(&right.clone().with("sign", &other).bring(&gateway));
    assert!(page.contains("it was made with Alipay's private key"), "{page}");
    // The values are not encoded for the URL at all.
    let sign = right.signed().value("sign").to_owned();
    let raw = right.signed().encoded().replace("sdk%2B1", "sdk+1");
    let (_, page) = refusal(&get(&gateway, &format!("/gateway.do?{raw}")));
    assert!(page.contains("a `+` was sent as it is"), "{page}");
    if sign.contains('+') {
        let raw = right.signed().encoded().replace("%2B", "+").replace("sdk+1", "sdk%2B1");
        let (_, page) = refusal(&get(&gateway, &format!("/gateway.do?{raw}")));
        assert!(page.contains("its `+` became blanks"), "{page}");
    }
    let diagnosis = gateway.requests().pop().unwrap().diagnosis.unwrap();
    assert!(diagnosis.mistake.is_some());
}

#[test]
fn a_form_of_which_a_part_is_signed_is_explained() {
    let gateway = gateway();
    let order = Order::page(&content("1", "1.00"));
    let (content, mut rest) = (order.value("biz_content").to_owned(), order.without("biz_content"));
    rest = rest.signed();
    let content = utf8_percent_encode(&content, NON_ALPHANUMERIC);
    let target = format!("/gateway.do?{}", rest.encoded());
    let (_, page) = refusal(&post_form(&gateway, &target, &format!("biz_content={content}&a=1")));
    assert!(page.contains("only the parameters of the URL were signed"), "{page}");
}

#[test]
fn a_long_order_with_a_wrong_signature_is_refused_soon() {
    let gateway = gateway();
    let mut content = content("1", "1.00");
    content["body"] = json!("茶".repeat(100_000));
    let order = Order::page(&content).signed_over("something else");
    let began = std::time::Instant::now();
    let (code, _) = refusal(&post_form(&gateway, "/gateway.do", &order.encoded()));
    assert_eq!(code, "invalid-signature");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn orders_may_be_encrypted_in_gbk_and_for_a_merchant() {
    let gateway = builder().app_auth_token("known-token").start_blocking().unwrap();
    let key = AesKey::parse(vector_key("aes_key")).unwrap();
    let ciphertext = key.encrypt(content("1", "1.00").to_string().as_bytes()).unwrap();
    let order = Order::page(&json!({}))
        .with("biz_content", &ciphertext)
        .with("encrypt_type", "AES")
        .with("app_auth_token", "known-token");
    page_of(&order.signed().bring(&gateway));
    assert_eq!(gateway.order("1").unwrap().subject, "满10减1");
    let (code, page) = refusal(&order.clone().with("encrypt_type", "").signed().bring(&gateway));
    assert_eq!(code, "invalid-parameter", "{page}");
    let (code, page) =
        refusal(&order.with("app_auth_token", "another-token").signed().bring(&gateway));
    assert_eq!(code, "invalid-app-auth-token");
    // It is a secret.
    assert!(!page.contains("another-token"), "{page}");
    let unsigned = Order::page(&content("2", "1.00")).with("app_auth_token", "known-token");
    let (_, page) = refusal(&unsigned.signed_over("x").bring(&gateway));
    assert!(page.contains("app_auth_token=***") && !page.contains("known-token"), "{page}");

    let order = Order::page(&content("2", "1.00")).with("charset", "GBK");
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let signed = order.signed_over(gbk(&order.string_to_sign()));
    let pairs: Vec<String> = signed
        .0
        .iter()
        .map(|(name, value)| {
            let value = gbk(value);
            format!("{name}={}", percent_encoding::percent_encode(&value, NON_ALPHANUMERIC))
        })
        .collect();
    page_of(&post_form(&gateway, "/gateway.do", &pairs.join("&")));
    assert_eq!(gateway.order("2").unwrap().subject, "满10减1");
    // What `charset` says has to be so.
    let (_, page) = refusal(&order.signed_over(gbk(&order.string_to_sign())).bring(&gateway));
    assert!(page.contains("signed in GBK, and sent in UTF-8"), "{page}");
}

#[test]
fn serials_are_those_of_the_certificates() {
    let gateway = gateway();
    let known = gateway.certificates().unwrap();
    let [app, root] = [known.app_serial(), known.root_serial()];
    let order = |app: &str, root: &str| {
        let order = Order::page(&content("1", "1.00")).with("app_cert_sn", app);
        order.with("alipay_root_cert_sn", root).signed().bring(&gateway)
    };
    page_of(&order(app, root));
    assert_eq!(refusal(&order(root, root)).0, "app-cert-not-exist");
    assert_eq!(refusal(&order(app, "")).0, "missing-alipay-root-cert-sn");
    let (code, page) = refusal(&order(app, app));
    assert_eq!(code, "invalid-alipay-root-cert-sn");
    assert!(page.contains("that is the serial of the app's certificate"), "{page}");
}

#[test]
fn the_content_is_checked() {
    let gateway = gateway();
    let mut number = 0;
    let mut bring = |method: &str, field: &str, value: Value| {
        number += 1;
        let mut content = content(&format!("n-{number}"), "1.00");
        content[field] = value;
        Order::new(method, &content).signed().bring(&gateway)
    };
    let page = "alipay.trade.page.pay";
    for (field, value, says) in [
        ("out_trade_no", json!(""), "`out_trade_no` is required"),
        ("out_trade_no", json!(7), "`out_trade_no` must be a string"),
        ("out_trade_no", json!("7".repeat(65)), "65 characters, at most 64"),
        ("total_amount", json!(null), "`total_amount` is required"),
        ("total_amount", json!("0.00"), "yuan from 0.01"),
        ("total_amount", json!("1.001"), "at most two decimals"),
        ("total_amount", json!("-1.00"), "yuan from 0.01"),
        ("total_amount", json!("100000000.01"), "100000000.00"),
        ("total_amount", json!(true), "yuan from 0.01"),
        ("subject", json!(" "), "`subject` is required"),
        ("subject", json!("茶".repeat(257)), "at most 256"),
        ("product_code", json!(null), "`product_code` is required"),
        ("product_code", json!("QUICK_WAP_WAY"), "it is FAST_INSTANT_TRADE_PAY"),
        ("time_expire", json!("tomorrow"), "yyyy-MM-dd HH:mm:ss"),
        ("time_expire", json!("2026-01-01 08:00:00"), "has passed"),
        ("timeout_express", json!("16d"), "from 1m to 15d"),
        ("passback_params", json!("x".repeat(513)), "at most 512"),
    ] {
        let (code, text) = refusal(&bring(page, field, value));
        assert!(code == "ACQ.INVALID_PARAMETER" && text.contains(says), "{says}: {text}");
    }
    page_of(&bring(page, "total_amount", json!(88.8)));
    page_of(&bring("alipay.trade.wap.pay", "product_code", json!("QUICK_WAP_WAY")));
    page_of(&bring("alipay.trade.app.pay", "product_code", json!(null)));
    let lenient = builder().lenient(true).start_blocking().unwrap();
    let mut content = content("1", "1.00");
    content["product_code"] = json!("ANOTHER");
    page_of(&Order::page(&content).signed().bring(&lenient));
}

#[test]
fn a_number_is_of_one_order() {
    let gateway = gateway();
    let bring = |amount: &str| Order::page(&content("1", amount)).signed().bring(&gateway);
    let page = page_of(&bring("1.00"));
    assert_eq!(page_of(&bring("1.0")), page, "the buyer comes once more");
    let (code, text) = refusal(&bring("1.01"));
    assert_eq!(code, "ACQ.CONTEXT_INCONSISTENT");
    assert!(text.contains("`total_amount` 1.00, and not 1.01"), "{text}");
    gateway.pay_order("1").unwrap();
    assert_eq!(refusal(&bring("1.00")).0, "ACQ.TRADE_HAS_SUCCESS");
    page_of(&Order::page(&content("2", "1.00")).signed().bring(&gateway));
    gateway.close_order("2").unwrap();
    let again = Order::page(&content("2", "1.00")).signed().bring(&gateway);
    assert_eq!(refusal(&again).0, "ACQ.TRADE_HAS_CLOSE");
    assert_eq!(gateway.orders().len(), 2);
    assert_eq!(gateway.pay_order("2"), Err(OrderError::NotWaiting(TradeStatus::TradeClosed)));
    assert!(matches!(gateway.pay_order("3"), Err(OrderError::Unknown(_))));
}

#[test]
fn query_and_close_know_the_orders() {
    let gateway = gateway();
    let unknown = query(&gateway, "1").fail();
    assert_eq!(unknown.0, "ACQ.TRADE_NOT_EXIST");
    for operation in ["close", "refund"] {
        let body = json!({"out_trade_no": "1", "refund_amount": "1.00"});
        let body = if operation == "close" { json!({"out_trade_no": "1"}) } else { body };
        assert_eq!(call(&gateway, operation, &body).fail().0, "ACQ.TRADE_NOT_EXIST");
    }
    assert_eq!(call(&gateway, "query", &json!({})).fail().0, "ACQ.INVALID_PARAMETER");
    // Nothing is cancelled, which is no failure.
    let cancelled = call(&gateway, "cancel", &json!({"out_trade_no": "1"})).succeed();
    assert_eq!(cancelled, json!({"out_trade_no": "1", "retry_flag": "N"}));

    page_of(&Order::page(&content("1", "1.00")).signed().bring(&gateway));
    let trade_no = gateway.order("1").unwrap().trade_no;
    let by_trade_no = call(&gateway, "query", &json!({"trade_no": trade_no, "out_trade_no": "9"}));
    assert_eq!(by_trade_no.succeed()["out_trade_no"], "1");
    let refund = json!({"out_trade_no": "1", "refund_amount": "1.00"});
    assert_eq!(call(&gateway, "refund", &refund).fail().0, "ACQ.TRADE_STATUS_ERROR");
    let closed = described(&gateway, "close", &json!({"trade_no": trade_no}));
    assert_eq!(closed, json!({"trade_no": trade_no, "out_trade_no": "1"}));
    assert_eq!(query(&gateway, "1").succeed()["trade_status"], "TRADE_CLOSED");
    let again = call(&gateway, "close", &json!({"out_trade_no": "1"}));
    assert_eq!(again.fail().0, "ACQ.TRADE_STATUS_ERROR");
    assert_eq!(call(&gateway, "refund", &refund).fail().0, "ACQ.TRADE_HAS_CLOSE");
}

/// The table in the README, cell by cell.
#[test]
fn orders_become_what_the_readme_says() {
    const README: &str = include_str!("../../README.md");
    let cells = |line: &str| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let mut lines = README.lines().skip_while(|line| !line.starts_with("| order | pay it |"));
    let columns = cells(lines.next().unwrap());
    let rows: Vec<_> = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert_eq!((rows.len(), columns.len()), (4, 9));
    let gateway = gateway();
    let bring =
        |number: &str, amount: &str| Order::page(&content(number, amount)).signed().bring(&gateway);
    let status = |number: &str| {
        gateway.order(number).map_or("none", |order| order.status.as_str()).to_owned()
    };
    for (row, cells) in rows.iter().enumerate() {
        for (column, expected) in cells.iter().enumerate().skip(1) {
            let number = &format!("{row}-{column}");
            if cells[0] != "none" {
                page_of(&bring(number, "5.00"));
            }
            match cells[0].as_str() {
                "TRADE_SUCCESS" => drop(gateway.pay_order(number).unwrap()),
                "TRADE_CLOSED" => drop(gateway.close_order(number).unwrap()),
                _ => {}
            }
            assert_eq!(status(number), cells[0]);
            let called = |operation: &str, more: &Value| {
                let mut body = more.clone();
                body["out_trade_no"] = json!(number);
                let reply = call(&gateway, operation, &body).send();
                if reply.status == 200 { status(number) } else { reply.code() }
            };
            let brought = |amount: &str| {
                let reply = bring(number, amount);
                if reply.status == 302 { status(number) } else { refusal(&reply).0 }
            };
            let changed = |result: Result<_, OrderError>| match result {
                Ok(_) => status(number),
                Err(_) => "no".to_owned(),
            };
            let became = match columns[column].as_str() {
                "pay it" => changed(gateway.pay_order(number)),
                "close it" => changed(gateway.close_order(number)),
                "brought again" => brought("5.0"),
                "with another amount" => brought("5.01"),
                "refund of a part" => {
                    called("refund", &json!({"refund_amount": "2.00", "out_request_no": "a"}))
                }
                "of the whole" => called("refund", &json!({"refund_amount": "5.00"})),
                operation => called(operation, &json!({})),
            };
            assert_eq!(became, *expected, "{} and {}", cells[0], columns[column]);
        }
    }
}

#[test]
fn faults_are_for_calls() {
    let gateway = gateway();
    gateway.fail_next(Fault::Status(503));
    page_of(&Order::page(&content("1", "1.00")).signed().bring(&gateway));
    assert_eq!(query(&gateway, "1").send().status, 503);
    assert_eq!(query(&gateway, "1").succeed()["trade_status"], "WAIT_BUYER_PAY");
}

#[test]
fn an_order_is_paid_once_however_many_pay_it() {
    let gateway = gateway();
    let order = Order::page(&content("1", "1.00")).with("notify_url", "http://127.0.0.1:9/");
    page_of(&order.signed().bring(&gateway));
    let paid = std::thread::scope(|scope| {
        let payers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| gateway.pay_order("1").is_ok())).collect();
        payers.into_iter().map(|payer| payer.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(paid.iter().filter(|paid| **paid).count(), 1);
    assert_eq!(gateway.messages().unwrap().len(), 1);
}

#[test]
fn refunds_add_up() {
    let shop = receiver(&[]);
    let gateway = gateway();
    let order = Order::page(&content("1", "10.00")).with("notify_url", &shop.url);
    page_of(&order.signed().bring(&gateway));
    gateway.pay_order("1").unwrap();
    assert_eq!(value(&verified(&shop.next()), "trade_status"), "TRADE_SUCCESS");
    let refund = |amount: &str, own: &str| {
        let mut body = json!({"out_trade_no": "1", "refund_amount": amount});
        if !own.is_empty() {
            body["out_request_no"] = json!(own);
        }
        call(&gateway, "refund", &body)
    };
    assert_eq!(refund("3.00", "").fail().0, "ACQ.INVALID_PARAMETER");
    assert_eq!(refund("0.00", "a").fail().0, "ACQ.INVALID_PARAMETER");
    assert_eq!(refund("10.01", "a").fail().0, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    let first = refund("3.00", "a").succeed();
    assert_eq!((&first["fund_change"], &first["refund_fee"]), (&json!("Y"), &json!("3.00")));
    let notification = verified(&shop.next());
    for (name, expected) in
        [("trade_status", "TRADE_SUCCESS"), ("refund_fee", "3.00"), ("out_biz_no", "a")]
    {
        assert_eq!(value(&notification, name), expected, "{name}");
    }
    // A repeat moves no money, and nobody is told again.
    described(&gateway, "query", &json!({"out_trade_no": "1"}));
    let again = json!({"out_trade_no": "1", "refund_amount": "3.00", "out_request_no": "a"});
    let again = described(&gateway, "refund", &again);
    assert_eq!((&again["fund_change"], &again["refund_fee"]), (&json!("N"), &json!("3.00")));
    assert_eq!(refund("4.00", "a").fail().0, "ACQ.DISCORDANT_REPEAT_REQUEST");
    assert_eq!(refund("7.01", "b").fail().0, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_eq!(refund("7.00", "b").succeed()["refund_fee"], "10.00");
    assert_eq!(value(&verified(&shop.next()), "trade_status"), "TRADE_CLOSED");
    assert_eq!(query(&gateway, "1").succeed()["trade_status"], "TRADE_CLOSED");
    assert_eq!(gateway.order("1").unwrap().refunded_amount, "10.00");
    let one = |own: &str| {
        let body = json!({"out_trade_no": "1", "out_request_no": own});
        described(&gateway, "fastpay/refund/query", &body)
    };
    assert_eq!(
        (&one("b")["refund_amount"], &one("b")["refund_status"]),
        (&json!("7.00"), &json!("REFUND_SUCCESS"))
    );
    assert_eq!(one("c"), json!({}));

    // Cancel gives back what is paid, and closes what is not.
    for (number, pays, action) in [("2", true, "refund"), ("3", false, "close")] {
        page_of(&Order::page(&content(number, "1.00")).signed().bring(&gateway));
        if pays {
            gateway.pay_order(number).unwrap();
        }
        let cancel = || described(&gateway, "cancel", &json!({"out_trade_no": number}));
        assert_eq!(cancel()["action"], action);
        assert_eq!(gateway.order(number).unwrap().status, TradeStatus::TradeClosed);
        assert_eq!(cancel().get("action"), None);
    }
}

#[test]
fn an_order_that_nobody_pays_is_closed() {
    let shop = receiver(&[]);
    let gateway = gateway();
    let bring = |number: &str, field: &str, value: &str| {
        let mut content = content(number, "1.00");
        content[field] = json!(value);
        let order = Order::page(&content).with("notify_url", &shop.url);
        page_of(&order.signed().bring(&gateway));
        gateway.order(number).unwrap().expires
    };
    assert_eq!(bring("1", "time_expire", "2026-01-01 08:30:00"), "2026-01-01 08:30:00");
    assert_eq!(bring("2", "timeout_express", "90m"), "2026-01-01 09:30:00");
    assert_eq!(bring("3", "timeout_express", "1c"), "2026-01-02 00:00:00");
    assert_eq!(bring("4", "body", "x"), "2026-01-16 08:00:00");
    gateway.pay_order("2").unwrap();
    assert_eq!(value(&verified(&shop.next()), "trade_status"), "TRADE_SUCCESS");
    gateway.clock().advance(Duration::from_secs(2 * 3600));
    // Nobody has to ask.
    let notification = verified(&shop.next());
    assert_eq!(value(&notification, "out_trade_no"), "1");
    assert_eq!(value(&notification, "trade_status"), "TRADE_CLOSED");
    assert_eq!(value(&notification, "gmt_close"), "2026-01-01 08:30:00");
    let status = |number: &str| gateway.order(number).unwrap().status;
    assert_eq!(status("2"), TradeStatus::TradeSuccess);
    assert_eq!((status("3"), status("4")), (TradeStatus::WaitBuyerPay, TradeStatus::WaitBuyerPay));
}

#[test]
fn notifications_are_repeated_and_may_come_twice() {
    let shop = receiver(&["fail"]);
    let usual = receiver(&[]);
    let delivery = Delivery::to(&usual.url).unwrap().pause(Duration::from_millis(1)).duplicates(1);
    let gateway = builder().deliver_messages(delivery).start_blocking().unwrap();
    let order = Order::page(&content("1", "1.00")).with("notify_url", &shop.url);
    page_of(&order.signed().bring(&gateway));
    gateway.pay_order("1").unwrap();
    let ids: Vec<String> =
        (0..3).map(|_| value(&verified(&shop.next()), "notify_id").to_owned()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(gateway.redeliver(&ids[0]));
    shop.next();
    assert!(gateway.deliveries().iter().all(|attempt| attempt.url == shop.url));

    // It cannot post where no plain HTTP is.
    let order = Order::page(&content("2", "1.00")).with("notify_url", "https://shop.example/");
    page_of(&order.signed().bring(&gateway));
    gateway.pay_order("2").unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let noted = loop {
        let attempts = gateway.deliveries();
        match attempts.into_iter().find(|attempt| attempt.url.starts_with("https:")) {
            Some(attempt) => break attempt,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(std::time::Instant::now() < deadline);
    };
    assert!(noted.error.unwrap().contains("http://"));
    // Without a URL there is nothing to post.
    page_of(&Order::page(&content("3", "1.00")).signed().bring(&gateway));
    gateway.pay_order("3").unwrap();
    assert_eq!(gateway.take_messages().unwrap().len(), 2);
    assert!(gateway.messages().unwrap().is_empty());
}

#[test]
fn orders_are_there_as_json_and_on_the_page() {
    let gateway = gateway();
    let order = Order::page(&content("1", "1.00"))
        .with("notify_url", "http://127.0.0.1:9/?buyer_id=2088secret");
    page_of(&order.signed().bring(&gateway));
    let orders = get(&gateway, "/_mock/orders").json();
    assert_eq!(orders[0]["status"], "WAIT_BUYER_PAY");
    assert_eq!(orders[0]["notify_url"], "http://127.0.0.1:9/?buyer_id=***");
    let page = get(&gateway, "/").body;
    assert!(page.contains("id=\"orders\"") && page.contains("电脑网站支付"), "{page}");
    let paid = control(&gateway, "pay", &json!({"out_trade_no": "1"}));
    assert_eq!((paid.status, &paid.json()["status"]), (200, &json!("TRADE_SUCCESS")));
    let twice = control(&gateway, "close", &json!({"out_trade_no": "1"}));
    assert_eq!(twice.status, 409, "{}", twice.body);
    assert_eq!(control(&gateway, "pay", &json!({"out_trade_no": "2"})).status, 404);
    assert_eq!(control(&gateway, "close", &json!({})).status, 400);
    assert!(get(&gateway, "/").body.contains("paid 2026-01-01 08:00:00"));
}

#[test]
fn personal_data_of_orders_is_hidden() {
    let gateway = gateway();
    let mut content = content("1", "1.00");
    content["ext_user_info"] = json!({"mobile": "13800138000", "cert_no": "SECRET-CERT"});
    content["buyer_id"] = json!("2088SECRET");
    let order = Order::page(&content).with("app_auth_token", "SECRET-TOKEN");
    page_of(&order.signed().bring(&gateway));
    refusal(&order.signed_over("x").bring(&gateway));
    page_of(&post_form(&gateway, "/gateway.do", &order.signed().encoded()));
    gateway.pay_order("1").unwrap();
    for name in ["requests", "orders", "messages", "deliveries"] {
        let shown = get(&gateway, &format!("/_mock/{name}")).body;
        let plain = percent_decode_str(&shown).decode_utf8_lossy().into_owned();
        for secret in ["SECRET", "13800138000", "2088101117955611", "159****5620"] {
            assert!(!plain.contains(secret), "{name} {secret}: {plain}");
        }
    }
    let page = get(&gateway, "/").body;
    assert!(!page.contains("SECRET") && !page.contains("13800138000"), "{page}");
    let [order, record] = [format!("{:?}", gateway.orders()), format!("{:?}", gateway.requests())];
    assert!(!order.contains("满") && !record.contains("SECRET"), "{order} {record}");
}

#[test]
fn without_a_state_query_responds_with_its_example() {
    let gateway = builder().with_examples_only().start_blocking().unwrap();
    assert_eq!(query(&gateway, "1").succeed()["trade_status"], "TRADE_CLOSED");
    let gateway = self::gateway();
    assert_eq!(query(&gateway, "1").fail().0, "ACQ.TRADE_NOT_EXIST");
}

/// The client's reading of the protocol and the gateway's are two.
#[cfg(feature = "client")]
mod client {
    use alipay_core::order::Payment;
    use alipay_core::value::Yuan;
    use alipay_core::{Client, Credentials};

    use super::*;

    /// Brings an order in each form, pays it, and returns the notification and the way back.
    fn sell(gateway: &Gateway, client: &Client, encrypted: bool) {
        let shop = receiver(&[]);
        let sells = |number: &str| {
            let mut payment = Payment::new(number, Yuan::from_fen(8888), "茶 \"A\"+b 'd'");
            payment.passback_params = Some("a%26b".to_owned());
            payment
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let base = gateway.base_url();
        for (kind, number) in ["page", "wap", "app"].into_iter().zip(["1", "2", "3"]) {
            let order = match kind {
                "page" => client.page_pay(&sells(number)),
                "wap" => client.wap_pay(&sells(number)),
                _ => client.app_pay(&sells(number)),
            };
            let order = if encrypted { order.encrypted() } else { order };
            let order = order.notify_url(&shop.url);
            let order =
                if kind == "app" { order } else { order.return_url("http://shop.example/?a=1") };
            let order = runtime.block_on(order.sign()).unwrap();
            let reply = if kind == "app" {
                post_form(gateway, "/gateway.do", &order.order_string())
            } else {
                get(gateway, order.url().strip_prefix(base).unwrap())
            };
            page_of(&reply);
            let paid = gateway.pay_order(number).unwrap();
            let notification = client.verify_notification(shop.next().as_bytes()).unwrap();
            assert_eq!(notification.parameter("trade_status"), Some("TRADE_SUCCESS"));
            assert_eq!(notification.parameter("total_amount"), Some("88.88"));
            assert_eq!(notification.parameter("passback_params"), Some("a%26b"));
            assert_eq!(notification.parameter("subject"), Some("茶 \"A\"+b 'd'"));
            match paid.return_url {
                None => assert_eq!(kind, "app"),
                Some(url) => {
                    let returned = client.verify_return(url.split_once('?').unwrap().1).unwrap();
                    assert_eq!(returned.out_trade_no(), Some(number));
                }
            }
        }
    }

    #[test]
    fn what_the_client_makes_is_accepted_and_what_it_is_told_is_proven() {
        let gateway = gateway();
        sell(&gateway, &gateway.client().unwrap(), false);
        let gateway = self::gateway();
        sell(&gateway, &gateway.client().unwrap(), true);
        let gateway = self::gateway();
        sell(&gateway, &gateway.certificate_client().unwrap(), false);
    }

    #[test]
    fn an_order_signed_with_another_key_is_refused() {
        let gateway = gateway();
        let other = PrivateKey::generate().unwrap();
        let key = other.to_pkcs8_base64().unwrap();
        let credentials =
            Credentials::keys(gateway.app_id(), &key, gateway.alipay_public_key()).unwrap();
        let client = Client::builder(credentials)
            .base_url(gateway.base_url())
            .clock(gateway.clock().clone())
            .build()
            .unwrap();
        let payment = Payment::new("1", Yuan::from_fen(1), "茶");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let order = runtime.block_on(client.page_pay(&payment).sign()).unwrap();
        let reply = get(&gateway, order.url().strip_prefix(gateway.base_url()).unwrap());
        let (code, page) = refusal(&reply);
        assert_eq!(code, "invalid-signature");
        assert!(page.contains("another private key than this app's"), "{page}");
    }
}
