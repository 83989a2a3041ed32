//! Responses and messages with values that are not of their types.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::{cell::Cell, time::SystemTime};

use alipay_mock::Gateway;
use alipay_voucher::{
    Client, Credentials, Response, Unreadable, VoucherApi,
    keys::{PrivateKey, SignatureError},
    messages::VoucherMessage,
    models::*,
    operations::Query,
    prepare::Context,
    value::LocalDateTime,
    verify::Verifier,
};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::support;

/// A client, and how many responses it had.
struct Alipay {
    client: Client,
    context: Context,
    responses: Cell<u32>,
}

/// Takes any signature, so that a thousand responses need not be signed.
struct Any;

impl Verifier for Any {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        Ok(())
    }
}

impl Alipay {
    fn new() -> Self {
        let (app, alipay) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
        let (private, public) = (app.to_pkcs8_pem().unwrap(), alipay.public_key().to_pem());
        let credentials = Credentials::keys("2021000000000001", &private, &public).unwrap();
        let client = Client::builder(credentials.verifier(Any).unwrap()).build().unwrap();
        let request = QueryRequest::new("2016042700826004508401111111", support::MODE);
        let prepared = VoucherApi::new(client.clone()).query(&request).prepare().unwrap();
        let context = prepared.context().clone();
        Self { client, context, responses: Cell::new(0) }
    }

    /// What `query` makes of a response with this body.
    fn queried(&self, body: &str) -> Response<QueryResponse> {
        let nonce = self.responses.replace(self.responses.get() + 1);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let response = http::Response::builder()
            .header("content-type", "application/json;charset=UTF-8")
            .header("alipay-timestamp", now.to_string())
            .header("alipay-nonce", nonce)
            .header("alipay-signature", "AAAA")
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let response = self.client.finish::<Query>(&self.context, response);
        response.unwrap_or_else(|error| panic!("{body}: {error}"))
    }
}

/// A response with all fields that there are.
fn full() -> Value {
    let instances: Value = serde_json::from_str(include_str!("../generated/voucher.json")).unwrap();
    instances["models"]["models::QueryResponse"]["all"].clone()
}

/// The places of all values in it, the objects and lists included.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in members {
        let at = format!("{at}/{name}");
        found.push(at.clone());
        places(value, &at, found);
    }
}

fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(name)),
        Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
        _ => {}
    }
    value
}

#[test]
fn any_odd_value_leaves_the_rest_of_a_query_readable() {
    let odd = [
        json!({"a": [1]}),
        json!([]),
        json!([{}]),
        json!([["x"]]),
        json!(true),
        json!("true"),
        json!(1.5),
        json!(1_769_819_400_000_i64),
        json!("1769819400000"),
        json!("1,000.00"),
        json!("1.005"),
        json!("2026-01-31 08:30"),
        json!("2026-01-31T08:30:00.000+08:00"),
        json!(" "),
        json!("[1"),
    ];
    let alipay = Alipay::new();
    let full = full();
    let clean = alipay.queried(&full.to_string());
    assert!(clean.unreadable().is_empty());
    assert_eq!(serde_json::to_value(&*clean).unwrap(), full);
    let mut all = Vec::new();
    places(&full, "", &mut all);
    assert!(all.len() > 100, "{}", all.len());
    let mut left_out = 0;
    for (number, at) in all.iter().enumerate() {
        // Each place has another third of them.
        for value in odd.iter().skip(number % 3).step_by(3) {
            let mut body = full.clone();
            *body.pointer_mut(at).unwrap() = value.clone();
            let response = alipay.queried(&body.to_string());
            let read = serde_json::to_value(&*response).unwrap();
            let named: Vec<_> = response.unreadable().iter().map(Unreadable::pointer).collect();
            let rest = without(full.clone(), at);
            if named == [at] {
                left_out += 1;
                // An item that was the only one takes its list along.
                let (parent, _) = at.rsplit_once('/').unwrap();
                let emptied = rest.pointer(parent) == Some(&json!([]));
                let rest = if emptied { without(rest, parent) } else { rest };
                assert_eq!(read, rest, "{at}: {value}");
            } else {
                assert!(
                    named.iter().all(|named| named.starts_with(at)),
                    "{at}: {value}: {named:?}"
                );
                // It was read, or what it holds was not.
                let rest_of_read = match read.pointer(at) {
                    Some(_) => without(read, at),
                    None => read,
                };
                assert_eq!(rest_of_read, rest, "{at}: {value}");
            }
        }
    }
    assert!(left_out > 200, "{left_out}");
}

#[test]
fn odd_values_of_a_query_are_named() {
    let body = json!({
        "activity_id": "2016",
        "activity_status": "ACTIVE",
        "publish_start_time": "2026-01-31 08:30",
        "publish_end_time": "2026-03-31 08:30:00",
        "voucher_send_rule": "{\"voucher_quantity\":\"100\",\"newer\":1}",
    });
    let response = Alipay::new().queried(&body.to_string());
    assert_eq!(response.activity_status, Some(ActivityStatus::Active));
    assert_eq!(response.publish_start_time, None);
    let end = LocalDateTime::new(2026, 3, 31, 8, 30, 0).ok();
    assert_eq!(response.publish_end_time, end);
    // An object may arrive as a string.
    let rule = response.voucher_send_rule.as_ref().unwrap();
    assert_eq!(rule.voucher_quantity, Some(100));
    let [unreadable] = response.unreadable() else { panic!("{:?}", response.unreadable()) };
    assert_eq!(unreadable.pointer(), "/publish_start_time");
    assert_eq!(unreadable.reason(), "expected a time like 2026-01-31 08:30:00");
    // Who can make sense of it reads it from the body.
    let raw: Value = serde_json::from_slice(response.raw_body()).unwrap();
    assert_eq!(raw.pointer(unreadable.pointer()).unwrap(), "2026-01-31 08:30");
    assert!(format!("{response:?}").contains("unreadable: 1"));
}

#[tokio::test]
async fn an_odd_value_does_not_hide_the_rest_of_a_message() {
    let gateway = Gateway::start().await.unwrap();
    let client = support::client(&gateway);
    let read = |content: &str| {
        let method = "alipay.marketing.activity.message.expired";
        let form = support::form(&gateway, method, content, ("version", "1.1"));
        let notification = client.verify_notification(form.as_bytes()).unwrap();
        let message = VoucherMessage::from_notification(&notification).unwrap();
        let unreadable = VoucherMessage::unreadable(&notification).unwrap();
        let VoucherMessage::Expired(message) = message else { panic!("{message:?}") };
        let named: Vec<_> = unreadable.iter().map(ToString::to_string).collect();
        (message, named)
    };
    let (message, named) = read(r#"{"activity_id":"2016","voucher_id":7,"user_id":"2088"}"#);
    assert_eq!(
        (message.activity_id.as_deref(), message.voucher_id.as_deref()),
        (Some("2016"), Some("7"))
    );
    assert!(named.is_empty());
    for (odd, found) in [
        ("[\"2088\"]", "a list"),
        ("{\"id\":\"2088\"}", "an object"),
        ("208810214622513520881021462251352088", "a number too long to be read exactly"),
        ("\"\\ud83d\"", "a string with half a character"),
    ] {
        let (message, named) = read(&format!(
            r#"{{"activity_id":"2016","user_id":{odd},"voucher_id":"v","newer":{odd}}}"#
        ));
        assert_eq!(message.activity_id.as_deref(), Some("2016"));
        assert_eq!((message.user_id, message.voucher_id.as_deref()), (None, Some("v")));
        assert_eq!(named, [format!("`/user_id`: expected a string, found {found}")]);
    }
    let form = support::form(&gateway, "alipay.something.else", r#"{"a":[1]}"#, ("version", "1.1"));
    let other = client.verify_notification(form.as_bytes()).unwrap();
    assert_eq!(VoucherMessage::unreadable(&other).unwrap(), []);
}
