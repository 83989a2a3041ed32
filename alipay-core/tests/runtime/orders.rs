//! Orders for pages and apps.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use crate::{
    calls_signer::{Elsewhere, How},
    common,
};

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{LazyLock, atomic::Ordering},
    time::{Duration, UNIX_EPOCH},
};

use alipay_core::{
    Client, ClientBuilder, Credentials, Environment, ErrorKind, Outcome,
    encrypt::AesKey,
    keys::PublicKey,
    order::{Goods, PageOrder, Payment, SignedOrder},
    sign::{SignError, Signer},
    transport::BoxFuture,
    value::Yuan,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{builder, certificate_credentials, certified, client, credentials, key};
use insta::assert_snapshot;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use rsa::sha2::{Digest, Sha256};
use serde_json::{Value as Json, json, value::RawValue};

/// Orders of the official Node SDK.
static ORDERS: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/orders.json")).unwrap());

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
}

/// The parameters of a query.
fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .map(|part| part.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn content(product_code: &str) -> Json {
    json!({
        "out_trade_no": "20260101-0001",
        "total_amount": "88.88",
        "subject": "满10减1 \"A\"+b&c='d'",
        "product_code": product_code,
    })
}

fn page_order() -> PageOrder {
    client()
        .page_order("alipay.trade.page.pay")
        .notify_url("https://www.aaa.com/n?x=1")
        .return_url("https://www.bbb.com")
        .parameter("alipay_sdk", "alipay-sdk-nodejs-4.0.0")
        .biz_content(&content("FAST_INSTANT_TRADE_PAY"))
}

#[tokio::test]
async fn a_link_has_the_parameters_and_the_signature_of_the_official_sdk() {
    let expected = ORDERS["page_pay"].as_str().unwrap();
    let (address, query) = expected.split_once('?').unwrap();
    let url = page_order().sign().await.unwrap().url();
    let (own_address, own_query) = url.split_once('?').unwrap();
    assert_eq!(own_address, address);
    assert_eq!(parameters(own_query), parameters(query));
}

#[tokio::test]
async fn a_string_for_the_app_has_the_parameters_and_the_signature_of_the_official_sdk() {
    let order = client()
        .page_order("alipay.trade.app.pay")
        .notify_url("https://www.aaa.com/n?x=1")
        .biz_content(&content("QUICK_MSECURITY_PAY"))
        .sign()
        .await
        .unwrap();
    let expected = parameters(ORDERS["app_pay"].as_str().unwrap());
    assert_eq!(parameters(&order.order_string()), expected);
}

#[tokio::test]
async fn a_typed_payment_makes_the_same_order() {
    let tea = Payment::new("20260101-0001", Yuan::from_fen(8888), "满10减1 \"A\"+b&c='d'");
    let order = client()
        .page_pay(&tea)
        .notify_url("https://www.aaa.com/n?x=1")
        .return_url("https://www.bbb.com")
        .parameter("alipay_sdk", "alipay-sdk-nodejs-4.0.0");
    assert_eq!(order.sign().await.unwrap(), page_order().sign().await.unwrap());

    let products = [
        (client().page_pay(&tea), "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        (client().wap_pay(&tea), "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        (client().app_pay(&tea), "alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    ];
    for (order, method, product) in products {
        let order = order.sign().await.unwrap();
        assert_eq!(order.method(), method);
        assert_eq!(ordered(&order)["product_code"], product);
    }
}

#[tokio::test]
async fn a_typed_payment_has_all_that_was_set() {
    let tea =
        Goods::new("2001", "茶", 2, Yuan::from_fen(4444)).show_url("https://shop.example/tea");
    let payment = Payment::new("1", Yuan::from_fen(8888), "Tea")
        .body("Two cans")
        .time_expire("2026-01-01 09:00:00".parse::<alipay_core::value::LocalDateTime>().unwrap())
        .goods_detail([tea])
        .quit_url("https://shop.example/");
    let order = client()
        .wap_pay(&payment)
        .raw_field("/extend_params", json!({"hb_fq_num": "3"}))
        .raw_field("/goods_detail/0/goods_ean_id", "690")
        .raw_field("/product_code", "ANOTHER")
        .sign()
        .await
        .unwrap();
    let expected = json!({
        "out_trade_no": "1",
        "total_amount": "88.88",
        "subject": "Tea",
        "body": "Two cans",
        "time_expire": "2026-01-01 09:00:00",
        "goods_detail": [{
            "goods_id": "2001", "goods_name": "茶", "quantity": 2, "price": "44.44",
            "show_url": "https://shop.example/tea", "goods_ean_id": "690",
        }],
        "quit_url": "https://shop.example/",
        "product_code": "ANOTHER",
        "extend_params": {"hb_fq_num": "3"},
    });
    assert_eq!(ordered(&order), expected);
}

fn parameter<'a>(order: &'a SignedOrder, name: &str) -> Option<&'a str> {
    order.parameters().find(|(other, _)| *other == name).map(|(_, value)| value)
}

/// What is ordered.
fn ordered(order: &SignedOrder) -> Json {
    serde_json::from_str(parameter(order, "biz_content").unwrap()).unwrap()
}

/// The signature matches the parameters as the gateway reads them.
fn assert_signed(parameters: &BTreeMap<String, String>) {
    let signed: Vec<_> = parameters.iter().filter(|(name, _)| *name != "sign").collect();
    let text: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let app = PublicKey::parse(key("app_public")).unwrap();
    app.verify(text.join("&").as_bytes(), &parameters["sign"]).unwrap();
}

#[tokio::test]
async fn in_certificate_mode_an_order_names_the_certificates() {
    let credentials = certificate_credentials();
    let client = builder(credentials.clone()).clock(certified()).build().unwrap();
    let order = client.page_order("alipay.trade.wap.pay").biz_content(&content("QUICK_WAP_WAY"));
    let order = order.sign().await.unwrap();
    assert_eq!(parameter(&order, "app_cert_sn"), credentials.app_certificate_serial());
    assert_eq!(parameter(&order, "alipay_root_cert_sn"), credentials.root_certificate_serial());
    assert_signed(&parameters(&order.order_string()));
    // As for calls: what cannot be verified later is not begun.
    let late = builder(credentials).clock(UNIX_EPOCH + Duration::from_secs(9_000_000_000));
    let order = late.build().unwrap().page_order("alipay.trade.wap.pay");
    let error = order.biz_content(&content("QUICK_WAP_WAY")).sign().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("have expired"), "{error}");
}

#[tokio::test]
async fn a_key_that_is_held_elsewhere_signs_the_same_order() {
    let make = |client: &Client| {
        client.page_order("alipay.trade.page.pay").biz_content(&content("FAST_INSTANT_TRADE_PAY"))
    };
    let signer = Elsewhere::new(How::Well);
    let elsewhere = builder(signer.credentials()).build().unwrap();
    let order = make(&elsewhere);
    // It is asked when the order is signed, once.
    assert_eq!(signer.asked.load(Ordering::SeqCst), 0);
    assert_eq!(order.sign().await.unwrap(), make(&client()).sign().await.unwrap());
    assert_eq!(signer.asked.load(Ordering::SeqCst), 1);

    let sealed = builder(Elsewhere::new(How::Fails).credentials()).build().unwrap();
    let error = make(&sealed).sign().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
    assert_snapshot!(error, @"alipay.trade.page.pay: the order cannot be signed: the vault is sealed");
}

#[cfg(feature = "blocking")]
#[test]
fn an_order_is_signed_without_a_runtime() {
    let make = |client: &Client| {
        client.page_order("alipay.trade.app.pay").biz_content(&content("QUICK_MSECURITY_PAY"))
    };
    let local = make(&client()).sign_blocking().unwrap();
    // A key at hand waits for nothing, not even for a thread.
    let hurried = builder(credentials()).timeout(Duration::from_nanos(1)).build().unwrap();
    assert_eq!(make(&hurried).sign_blocking().unwrap(), local);
    let well = builder(Elsewhere::new(How::Well).credentials()).build().unwrap();
    assert_eq!(make(&well).sign_blocking().unwrap(), local);

    let hangs =
        builder(Elsewhere::new(How::Hangs).credentials()).timeout(Duration::from_millis(20));
    let error = make(&hangs.build().unwrap()).sign_blocking().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert_snapshot!(error, @"alipay.trade.app.pay: the order is not signed within 20ms; nothing was sent");
}

#[tokio::test]
async fn what_is_ordered_is_encrypted_if_asked_for() {
    let content = content("FAST_INSTANT_TRADE_PAY");
    let order = |client: &Client| client.page_order("alipay.trade.page.pay").biz_content(&content);
    let by_default = builder(credentials()).encrypted(true).build().unwrap();
    for order in [order(&client()).encrypted(), order(&by_default)] {
        let order = order.sign().await.unwrap();
        assert_eq!(parameter(&order, "encrypt_type"), Some("AES"));
        let cipher = parameter(&order, "biz_content").unwrap();
        let plain = AesKey::parse(key("aes_key")).unwrap().decrypt(cipher.as_bytes()).unwrap();
        assert_eq!(serde_json::from_slice::<Json>(&plain).unwrap(), content);
        assert_signed(&parameters(&order.order_string()));
    }
    let plain = order(&by_default).plain().sign().await.unwrap();
    assert_eq!(parameter(&plain, "encrypt_type"), None);

    let keyless =
        Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public")).unwrap();
    let error = order(&builder(keyless).build().unwrap()).encrypted().sign().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_snapshot!(error, @"alipay.trade.page.pay: encryption is asked for, but the credentials lack the AES key (接口内容加密方式的 AES 密钥): add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`)");
}

#[tokio::test]
async fn an_order_goes_to_the_gateway_of_the_client() {
    let address = async |builder: ClientBuilder| {
        let order = builder.build().unwrap().page_order("alipay.trade.page.pay");
        let order = order.biz_content(&content("FAST_INSTANT_TRADE_PAY")).sign().await.unwrap();
        let url = order.url();
        let address = url.split_once('?').unwrap().0.to_owned();
        assert!(order.form().contains(&format!("action=\"{address}?charset=utf-8\"")));
        address
    };
    let new = || builder(credentials());
    assert_eq!(address(new()).await, "https://openapi.alipay.com/gateway.do");
    assert_eq!(
        address(new().environment(Environment::Sandbox)).await,
        "https://openapi-sandbox.dl.alipaydev.com/gateway.do"
    );
    let local = new().base_url("http://127.0.0.1:4500/");
    assert_eq!(address(local).await, "http://127.0.0.1:4500/gateway.do");
}

#[tokio::test]
async fn the_time_is_that_of_beijing_by_the_clock_of_the_client() {
    let times = [
        (0, "1970-01-01 08:00:00"),
        // The day begins in Beijing when it is 16 o'clock in Greenwich.
        (1_767_196_799, "2025-12-31 23:59:59"),
        (1_767_196_800, "2026-01-01 00:00:00"),
    ];
    for (seconds, expected) in times {
        let clock = UNIX_EPOCH + Duration::from_secs(seconds);
        let client = builder(credentials()).clock(clock).build().unwrap();
        let make = || client.page_order("alipay.trade.page.pay").biz_content(&json!({}));
        let order = make().sign().await.unwrap();
        assert_eq!(parameter(&order, "timestamp"), Some(expected));
        // The same order at the same time is the same to the byte.
        assert_eq!(make().sign().await.unwrap().form(), order.form());
    }
}

#[tokio::test]
async fn an_order_is_on_behalf_of_the_merchant_whose_token_it_has() {
    let client = builder(credentials()).app_auth_token("201510BBaaa").build().unwrap();
    let make = || client.page_order("alipay.trade.page.pay").biz_content(&json!({}));
    let order = make().sign().await.unwrap();
    assert_eq!(parameter(&order, "app_auth_token"), Some("201510BBaaa"));
    let order = make().app_auth_token("201510BBbbb").auth_token("kuser").sign().await.unwrap();
    assert_eq!(parameter(&order, "app_auth_token"), Some("201510BBbbb"));
    assert_eq!(parameter(&order, "auth_token"), Some("kuser"));
    assert_signed(&parameters(&order.order_string()));
}

#[tokio::test]
async fn what_makes_no_order_is_refused() {
    let order = |method: &str| client().page_order(method).biz_content(&content("X"));
    let page = || order("alipay.trade.page.pay");
    let empty = || client().page_order("alipay.trade.page.pay");
    let mut problems = String::new();
    let long = format!("a.{}", "b".repeat(100));
    for order in [
        order(""),
        order("page pay"),
        order("alipay"),
        order(&long),
        order("alipay.trade.query"),
        empty(),
        empty().biz_content(&"{\"subject\":\"canary\"}"),
        empty().biz_content(&[1]),
        empty().biz_content(&BTreeMap::from([((1, 2), 3)])),
        empty().raw_field("/a", 1),
        page().raw_field("subject", "canary"),
        page().raw_field("", "canary"),
        page().raw_field("/", "canary"),
        page().raw_field("/extend_params/hb_fq_num", "canary"),
        page().raw_field("/subject/0", "canary"),
        page().notify_url(""),
        page().notify_url("/canary"),
        page().notify_url("shop.example/canary"),
        page().return_url("ftp://shop.example/canary"),
        page().return_url("https://"),
        page().return_url("https:///canary"),
        page().return_url("https://:443/canary"),
        page().return_url("https://shop.example/金丝雀"),
        page().return_url("https://shop.example/a b"),
        page().app_auth_token(""),
        page().app_auth_token("canary canary"),
        page().auth_token("canary\n"),
        page().parameter("sign", "canary"),
        page().parameter("app_id", "canary"),
        page().parameter("return_url", "canary"),
        page().parameter("_charset_", "canary"),
        page().parameter("a&b", "canary"),
        page().parameter(&"x".repeat(101), "canary"),
        page().parameter("format", " "),
        page().parameter("format", "canary\n"),
        // The first mistake is told.
        page().notify_url("canary").return_url("").biz_content(&1),
    ] {
        let error = order.sign().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
        writeln!(problems, "{error}").unwrap();
    }
    assert!(!problems.contains("canary") && !problems.contains("金丝雀"), "{problems}");
    assert_snapshot!(problems, @r#"
    the method of an order must be like `alipay.trade.page.pay`, and is ``
    the method of an order must be like `alipay.trade.page.pay`, and is `page pay`
    the method of an order must be like `alipay.trade.page.pay`, and is `alipay`
    the method of an order must be like `alipay.trade.page.pay`, and is `a.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…`
    alipay.trade.query: this is a call of v3, and no order for a page or an app: make it with `Client::operation`
    alipay.trade.page.pay: what is ordered is missing: set it with `biz_content`
    alipay.trade.page.pay: biz_content is a string and not an object: give the value that it was made of, or a `serde_json::value::RawValue`
    alipay.trade.page.pay: biz_content is not an object
    alipay.trade.page.pay: biz_content has no JSON form
    alipay.trade.page.pay: a raw field is put into biz_content: set that first
    alipay.trade.page.pay: the pointer of a raw field must begin with `/`, like `/goods/0/price`
    alipay.trade.page.pay: the pointer of a raw field names no field
    alipay.trade.page.pay: the pointer of a raw field names no field
    alipay.trade.page.pay: the request has no `/extend_params`: set it first
    alipay.trade.page.pay: `/subject` of the request is neither an object nor a list
    alipay.trade.page.pay: the notify_url is empty: leave it out, or give an address like https://shop.example/paid
    alipay.trade.page.pay: the notify_url must be a whole address like https://shop.example/paid
    alipay.trade.page.pay: the notify_url is not a URL
    alipay.trade.page.pay: the return_url must be a whole address like https://shop.example/paid
    alipay.trade.page.pay: the return_url is not a URL
    alipay.trade.page.pay: the return_url is not a URL
    alipay.trade.page.pay: the return_url must be a whole address like https://shop.example/paid
    alipay.trade.page.pay: the return_url has characters other than visible ASCII: percent-encode them
    alipay.trade.page.pay: the return_url has characters other than visible ASCII: percent-encode them
    alipay.trade.page.pay: the app auth token is empty or has characters other than visible ASCII
    alipay.trade.page.pay: the app auth token is empty or has characters other than visible ASCII
    alipay.trade.page.pay: the auth token is empty or has characters other than visible ASCII
    alipay.trade.page.pay: the parameter `sign` is set by the client or by a method of its own
    alipay.trade.page.pay: the parameter `app_id` is set by the client or by a method of its own
    alipay.trade.page.pay: the parameter `return_url` is set by the client or by a method of its own
    alipay.trade.page.pay: the name of the parameter `_charset_` must be letters, digits, `_`, `-` and `.`, and begin with a letter
    alipay.trade.page.pay: the name of the parameter `a&b` must be letters, digits, `_`, `-` and `.`, and begin with a letter
    alipay.trade.page.pay: the name of the parameter `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` must be letters, digits, `_`, `-` and `.`, and begin with a letter
    alipay.trade.page.pay: the parameter `format` is blank: leave it out
    alipay.trade.page.pay: the parameter `format` has a line feed or another control character
    alipay.trade.page.pay: the notify_url must be a whole address like https://shop.example/paid
    "#);
    page().parameter(&"x".repeat(100), "1").sign().await.unwrap();
    // An order that v3 has as a call, too.
    order("alipay.fund.auth.order.app.freeze").sign().await.unwrap();
    let padded = order(" alipay.trade.page.pay ").return_url(" https://shop.example/\n");
    let padded = padded.sign().await.unwrap();
    assert_eq!(padded.method(), "alipay.trade.page.pay");
    assert_eq!(parameter(&padded, "return_url"), Some("https://shop.example/"));
}

#[tokio::test]
async fn nothing_of_an_order_is_shown() {
    let secrets = ["canary-subject", "canary-token", "canary-user", "canary-url", "canary-format"];
    let payment = Payment::new("1", Yuan::from_fen(1), "Tea").passback_params("canary-subject");
    assert!(!format!("{payment:?}").contains("canary"));
    let order = client()
        .page_pay(&payment)
        .app_auth_token("canary-token")
        .auth_token("canary-user")
        .notify_url("https://canary-url.example/")
        .parameter("format", "canary-format");
    assert_eq!(format!("{order:?}"), r#"PageOrder { method: "alipay.trade.page.pay", .. }"#);
    let order = order.sign().await.unwrap();
    assert_eq!(format!("{order:?}"), r#"SignedOrder { method: "alipay.trade.page.pay", .. }"#);
    let sent = order.url();
    assert!(secrets.iter().all(|secret| sent.contains(secret)));
}

/// A signer that says what it was asked to sign.
struct Talks;

impl Signer for Talks {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        let message = String::from_utf8_lossy(message).into_owned();
        Box::pin(async { Err(SignError::new(message)) })
    }
}

#[tokio::test]
async fn what_a_signer_repeats_of_an_order_is_not_shown() {
    let credentials =
        Credentials::keys_with_signer(key("app_id"), Talks, key("alipay_public")).unwrap();
    let client = builder(credentials).build().unwrap();
    let order = client
        .page_order("alipay.x.y")
        .biz_content(&json!({"s": "canary", "buyer": {"mobile": "13800138000"}}))
        .app_auth_token("canary-token")
        .parameter("alipay_sdk", "canary-sdk");
    let error = order.sign().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("canary") && !shown.contains("13800138000"), "{shown}");
    assert!(shown.contains("app_id=2021000000000001"), "{shown}");
}

#[tokio::test]
async fn no_parameter_that_an_order_sets_can_be_set_twice() {
    let client = builder(certificate_credentials().encrypt_key(key("aes_key")).unwrap());
    let client = client.clock(certified()).app_auth_token("token").build().unwrap();
    let make = || client.page_order("alipay.trade.page.pay").biz_content(&json!({}));
    let full = make().encrypted().auth_token("x").notify_url("https://a.example/");
    let full = full.return_url("https://a.example/").sign().await.unwrap();
    assert_eq!(full.parameters().count(), 15);
    for (name, _) in full.parameters() {
        let error = make().parameter(name, "1").sign().await.unwrap_err();
        let text = format!(
            "alipay.trade.page.pay: the parameter `{name}` is set by the client or by a method of its own"
        );
        assert_eq!(error.to_string(), text);
    }
}

#[tokio::test]
async fn the_script_sends_the_form_and_has_the_hash_that_a_policy_allows() {
    let order = page_order().sign().await.unwrap();
    let both = order.form_with_script();
    let script = both.strip_prefix(&order.form()).unwrap();
    let script = script.strip_prefix("<script>").unwrap().strip_suffix("</script>").unwrap();
    let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
    assert_eq!(SignedOrder::SCRIPT_HASH, format!("'sha256-{hash}'"));
    assert_snapshot!(script, @"HTMLFormElement.prototype.submit.call(document.currentScript.previousElementSibling)");
}

#[tokio::test]
async fn a_form_looks_so() {
    let order =
        client().page_order("alipay.trade.page.pay").biz_content(&json!({"subject": "茶'\""}));
    let mut form = order.sign().await.unwrap().form();
    let sign = form.find("name=\"sign\" value=\"").unwrap() + 19;
    let end = sign + form[sign..].find('"').unwrap();
    form.replace_range(sign..end, "…");
    assert_snapshot!(form.replace("><", ">\n<"), @r#"
    <form method="post" action="https://openapi.alipay.com/gateway.do?charset=utf-8" accept-charset="utf-8">
    <input type="hidden" name="app_id" value="2021000000000001">
    <input type="hidden" name="biz_content" value="{&#34;subject&#34;:&#34;&#33590;&#39;\&#34;&#34;}">
    <input type="hidden" name="charset" value="utf-8">
    <input type="hidden" name="method" value="alipay.trade.page.pay">
    <input type="hidden" name="sign_type" value="RSA2">
    <input type="hidden" name="timestamp" value="2026-01-01 08:00:00">
    <input type="hidden" name="version" value="1.0">
    <input type="hidden" name="sign" value="…">
    <button type="submit">Alipay &#25903;&#20184;&#23453;</button>
    </form>
    "#);
}

/// JSON as it stands in a file, over several lines.
#[tokio::test]
async fn json_with_line_feeds_survives_a_form() {
    let text = "{\r\n\t\"subject\": \"a\\nb\u{7f}\u{85}c\"\n}";
    let raw = RawValue::from_string(text.to_owned()).unwrap();
    let order = client().page_order("alipay.trade.page.pay").biz_content(&raw);
    let order = order.raw_field("/body", RawValue::from_string("[1,\n2]".to_owned()).unwrap());
    let order = order.sign().await.unwrap();
    assert_eq!(
        parameter(&order, "biz_content"),
        Some("{   \"subject\": \"a\\nb\\u007f\\u0085c\" ,\"body\":[1, 2]}")
    );
    assert_eq!(ordered(&order), json!({"subject": "a\nb\u{7f}\u{85}c", "body": [1, 2]}));
}

/// The value of an attribute, as a browser reads it.
fn unescape(mut text: &str) -> String {
    let mut plain = String::new();
    while let Some((before, after)) = text.split_once('&') {
        plain.push_str(before);
        let (reference, rest) = after.split_once(';').unwrap();
        let number = reference.strip_prefix('#').unwrap().parse().unwrap();
        // A browser reads these as characters of windows-1252.
        assert!(!(0x80..0xa0).contains(&number));
        plain.push(char::from_u32(number).unwrap());
        text = rest;
    }
    plain + text
}

/// The action and the fields of a form. It reads nothing else than what a form should be.
fn read_form(form: &str) -> (String, BTreeMap<String, String>) {
    assert!(form.is_ascii());
    let mut tags = form.strip_prefix('<').unwrap().strip_suffix('>').unwrap().split("><");
    // A value must be closed by the next quote, and has no tag in it.
    let value = |text: &str| {
        assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
        unescape(text)
    };
    let action = tags.next().unwrap().strip_prefix("form method=\"post\" action=\"").unwrap();
    let action = action.strip_suffix("\" accept-charset=\"utf-8\"").unwrap();
    let mut fields = BTreeMap::new();
    let mut rest = Vec::new();
    for tag in tags {
        match tag.strip_prefix("input type=\"hidden\" name=\"") {
            Some(input) => {
                let (name, text) = input.split_once("\" value=\"").unwrap();
                let text = text.strip_suffix('"').unwrap();
                assert_eq!(fields.insert(value(name), value(text)), None);
            }
            None => rest.push(tag),
        }
    }
    assert_eq!(rest, ["button type=\"submit\">Alipay &#25903;&#20184;&#23453;</button", "/form"]);
    (value(action), fields)
}

/// Strings that break badly written pages, links and signatures.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "\"><script>alert(1)</script>",
            "'",
            "&amp;",
            "&#39;",
            "&quot",
            "&",
            "=",
            "+",
            "%2B",
            "%",
            "#",
            "\r\n",
            "\n",
            "\t",
            "\0",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{fffe}",
            "\u{202e}",
            "王小明",
            "😀",
            "\\",
            "<!--",
            "]]>",
            " ",
            "@",
            "</form>",
            "${x}",
            "{{x}}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(parts, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_ordered_reaches_the_gateway(
        subject in hostile(), name in hostile(), parameter in hostile(), path in "[a-z&=+'%~!;@/?#]{0,20}",
    ) {
        let content = json!({"subject": subject, name: [subject.clone(), "x"]});
        let mut order = client().page_order("alipay.trade.page.pay").biz_content(&content);
        let url = format!("https://shop.example/{path}");
        if !parameter.trim().is_empty() && !parameter.contains(char::is_control) {
            order = order.parameter("alipay_sdk", &parameter);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let order = runtime.block_on(order.return_url(&url).sign()).unwrap();

        let given: BTreeMap<_, _> =
            order.parameters().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(&ordered(&order), &content);
        assert_signed(&given);
        // A browser changes line feeds and other control characters.
        prop_assert!(!given.values().any(|value| value.contains(char::is_control)));
        let (action, fields) = read_form(&order.form());
        prop_assert_eq!(action, "https://openapi.alipay.com/gateway.do?charset=utf-8");
        prop_assert_eq!(&fields, &given);
        prop_assert_eq!(&parameters(&order.order_string()), &given);
        let link = order.url();
        let query = link.strip_prefix("https://openapi.alipay.com/gateway.do?").unwrap();
        prop_assert_eq!(query, order.order_string());
        prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
        let signed: Vec<_> = given.iter().filter(|(name, _)| *name != "sign").collect();
        let text: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        prop_assert_eq!(order.string_to_sign(), text.join("&"));
    }
}
