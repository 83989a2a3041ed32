//! Messages delivered to an application gateway URL.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use alipay_core::encrypt::AesKey;
use alipay_mock::{Delivery, Encryption, Gateway};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use support::{Call, builder, create_request, gateway, published, send_request, simple_request};
use support::{vector_key, with};

/// Receives posts. Responds with the next of `replies`, then with `success`.
pub(crate) struct Receiving {
    pub(crate) url: String,
    bodies: Receiver<String>,
}

pub(crate) fn receiver(replies: &'static [&'static str]) -> Receiving {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        let replies = replies.iter().copied().chain(std::iter::repeat("success"));
        for (stream, reply) in listener.incoming().zip(replies) {
            let mut stream = stream.unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            let body = loop {
                let count = stream.read(&mut buffer).unwrap();
                text.extend_from_slice(&buffer[..count]);
                let whole = String::from_utf8_lossy(&text).into_owned();
                let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
                let head = head.to_ascii_lowercase();
                assert!(head.starts_with("post /notify http/1.1"), "{head}");
                assert!(head.contains("content-type: application/x-www-form-urlencoded"));
                let length = head.split("content-length: ").nth(1).unwrap();
                let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                if body.len() >= length {
                    break body.to_owned();
                }
            };
            let response =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{reply}", reply.len());
            stream.write_all(response.as_bytes()).unwrap();
            if sender.send(body).is_err() {
                return;
            }
        }
    });
    Receiving { url, bodies }
}

impl Receiving {
    pub(crate) fn next(&self) -> String {
        self.bodies.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

fn field(body: &str, wanted: &str) -> String {
    let value = body.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name == wanted).then_some(value)
    });
    percent_decode_str(value.unwrap()).decode_utf8().unwrap().into_owned()
}

fn kind(body: &str) -> String {
    field(body, "msg_method").rsplit('.').next().unwrap().to_owned()
}

fn delivering(delivery: Delivery) -> Gateway {
    builder().deliver_messages(delivery).start_blocking().unwrap()
}

fn wait_until(what: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !what() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_change_is_told() {
    let receiver = receiver(&[]);
    let gateway = delivering(Delivery::to(&receiver.url).unwrap());
    let id = published(&gateway, &create_request("1", 10));
    assert_eq!(kind(&receiver.next()), "created");
    Call::post(&gateway, "send", &send_request(&id, "1", "2088000000000001")).succeed();
    assert_eq!(kind(&receiver.next()), "received");
    let append = with(simple_request(&id, "1"), "/voucher_quantity", json!(20));
    Call::post(&gateway, "append", &append).succeed();
    assert_eq!(kind(&receiver.next()), "appended");
    let modify = with(simple_request(&id, "1"), "/publish_end_time", json!("2026-02-01 00:00:00"));
    Call::post(&gateway, "modify", &modify).succeed();
    assert_eq!(kind(&receiver.next()), "modified");
    Call::post(&gateway, "stop", &simple_request(&id, "1")).succeed();
    let stopped = receiver.next();
    let content: Value = serde_json::from_str(&field(&stopped, "biz_content")).unwrap();
    assert_eq!((kind(&stopped).as_str(), &content["activity_id"]), ("stopped", &json!(id)));
    wait_until(|| gateway.deliveries().len() == 5);
    assert!(gateway.deliveries().iter().all(|attempt| attempt.accepted));
    // They can still be read, and be sent once more.
    assert_eq!(gateway.messages().unwrap().len(), 5);
    assert_eq!(gateway.messages().unwrap()[4].form_body, stopped);
    assert!(gateway.redeliver(&field(&stopped, "notify_id")) && !gateway.redeliver("1"));
    assert_eq!(receiver.next(), stopped);
}

#[test]
fn what_is_not_accepted_is_sent_again() {
    let receiver = receiver(&["fail", "success, thank you"]);
    let pause = Duration::from_millis(20);
    let gateway = delivering(Delivery::to(&receiver.url).unwrap().pause(pause).attempts(5));
    published(&gateway, &create_request("1", 10));
    let bodies = [receiver.next(), receiver.next(), receiver.next()];
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    wait_until(|| gateway.deliveries().len() == 3);
    let accepted: Vec<bool> = gateway.deliveries().iter().map(|a| a.accepted).collect();
    assert_eq!(accepted, [false, false, true]);

    // Nobody listens: it gives up at some time.
    let nowhere = Delivery::to("http://127.0.0.1:9/").unwrap().pause(pause).attempts(2);
    let gateway = delivering(nowhere);
    published(&gateway, &create_request("1", 10));
    wait_until(|| gateway.deliveries().len() == 2);
    std::thread::sleep(Duration::from_millis(150));
    let attempts = gateway.deliveries();
    assert_eq!((attempts.len(), attempts[1].status), (2, None));
    assert!(attempts[1].error.as_ref().unwrap().contains("cannot post to 127.0.0.1:9"));
}

#[test]
fn duplicates_and_disorder_on_demand() {
    let receiver = receiver(&[]);
    let delivery = Delivery::to(&receiver.url).unwrap().duplicates(1).disorder(true);
    let gateway = delivering(delivery);
    let id = published(&gateway, &create_request("1", 10));
    Call::post(&gateway, "send", &send_request(&id, "1", "1")).succeed();
    let bodies: Vec<String> = (0..4).map(|_| receiver.next()).collect();
    let kinds: Vec<String> = bodies.iter().map(|body| kind(body)).collect();
    assert_eq!(kinds, ["received", "received", "created", "created"]);
    assert!(bodies[0] == bodies[1] && bodies[2] == bodies[3]);
}

#[test]
fn duplicates_have_a_limit_and_push_nothing_out() {
    let receiver = receiver(&[]);
    let delivery = Delivery::to(&receiver.url).unwrap().duplicates(u32::MAX);
    assert_eq!(delivery, Delivery::to(&receiver.url).unwrap().duplicates(100));
    // More than a thousand posts at once.
    let gateway = delivering(delivery.disorder(true));
    let id = published(&gateway, &create_request("1", 100));
    for number in 0..10 {
        let number = number.to_string();
        Call::post(&gateway, "send", &send_request(&id, &number, &number)).succeed();
    }
    let told = gateway.messages().unwrap().len() * 101;
    let kinds: Vec<String> = (0..told).map(|_| kind(&receiver.next())).collect();
    let created = kinds.iter().filter(|kind| *kind == "created").count();
    assert_eq!((told, created), (1111, 101));
}

#[test]
fn contents_can_be_encrypted() {
    let receiver = receiver(&[]);
    let gateway = delivering(Delivery::to(&receiver.url).unwrap().encrypted(true));
    let id = published(&gateway, &create_request("1", 10));
    let body = receiver.next();
    assert_eq!(field(&body, "encrypt_type"), "AES");
    let key = AesKey::parse(vector_key("aes_key")).unwrap();
    let content = key.decrypt(field(&body, "biz_content").as_bytes()).unwrap();
    let content: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(content["activity_id"], json!(id));
}

#[test]
fn changes_that_take_time_are_told_when_they_are_done() {
    let receiver = receiver(&[]);
    let after = alipay_mock::Completion::After(Duration::from_secs(60));
    let delivery = Delivery::to(&receiver.url).unwrap();
    let gateway = builder().completion(after).deliver_messages(delivery).start_blocking().unwrap();
    published(&gateway, &create_request("1", 10));
    assert!(receiver.bodies.recv_timeout(Duration::from_millis(200)).is_err());
    gateway.clock().advance(Duration::from_secs(60));
    assert_eq!(kind(&receiver.next()), "created");
}

#[test]
fn messages_are_made_by_hand() {
    let receiver = receiver(&["success", "no"]);
    let gateway = gateway();
    let content: Map<String, Value> =
        [("activity_id".to_owned(), json!("7"))].into_iter().collect();
    let message = gateway.message("created", content, Encryption::Off).unwrap();
    let content: Value = serde_json::from_str(&field(&message.form_body, "biz_content")).unwrap();
    assert_eq!((&content["activity_id"], content["id"].is_string()), (&json!("7"), true));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let deliver = || runtime.block_on(gateway.deliver(&message, &receiver.url)).unwrap();
    assert!(deliver().accepted);
    assert_eq!(receiver.next(), message.form_body);
    assert!(!deliver().accepted);
    let error = runtime.block_on(gateway.deliver(&message, "https://x")).unwrap_err();
    assert!(error.to_string().contains("http://"), "{error}");
    let error = gateway.message("creatd", Map::new(), Encryption::Off).unwrap_err().to_string();
    assert!(error.contains("`creatd`") && error.contains("created"), "{error}");
    assert_eq!(
        gateway.message("alipay.some.other", Map::new(), Encryption::Aes).unwrap().name,
        "alipay.some.other"
    );
}

#[test]
fn a_member_that_a_message_does_not_have_is_refused_with_the_nearest() {
    let member = |name: &str| Map::from_iter([(name.to_owned(), json!("7"))]);
    let strict = gateway();
    let error = |name: &str| {
        strict.message("expired", member(name), Encryption::Off).unwrap_err().to_string()
    };
    let nearest = error("activty_id");
    assert!(nearest.contains("no member `activty_id`; did you mean `activity_id`?"), "{nearest}");
    let far = error("colour");
    assert!(
        far.contains("there are activity_id, event_time, id, open_id, user_id, voucher_id"),
        "{far}"
    );
    assert!(strict.message("expired", member("event_time"), Encryption::Off).is_ok());
    // What the description does not know may have anything.
    assert!(strict.message("alipay.some.other", member("colour"), Encryption::Off).is_ok());
    let lenient = support::builder().lenient(true).start_blocking().unwrap();
    let message = lenient.message("expired", member("colour"), Encryption::Off).unwrap();
    assert_eq!(support::content(&message)["colour"], "7");
}

#[test]
fn all_vouchers_that_expire_at_once_are_told_of() {
    const VOUCHERS: usize = 1100;
    let receiver = receiver(&[]);
    let gateway = delivering(Delivery::to(&receiver.url).unwrap());
    let limit = "/voucher_send_mode_info/voucher_send_rule_info/quantity_limit_per_user";
    let id = published(&gateway, &with(create_request("1", 10_000), limit, Value::Null));
    for number in 0..VOUCHERS {
        Call::post(&gateway, "send", &send_request(&id, &number.to_string(), "1")).succeed();
    }
    gateway.clock().advance(Duration::from_secs(100 * 86_400));
    let kinds: Vec<String> = (0..=2 * VOUCHERS).map(|_| kind(&receiver.next())).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "expired").count(), VOUCHERS);
}
