//! A moved clock: it decides what happens, and stops no client, whichever clock that one has.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alipay_mock::{Clock, Fault, Gateway};
use serde_json::{Value, json};
use support::{Call, NEW_YEAR, Reply, builder, create_request, exchange, parse, published};
use support::{send_request, with};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
/// 9999-12-31 23:59:59.999 in Beijing.
const LATEST: i64 = 253_402_271_999_999;

fn gateway() -> Gateway {
    builder().clock(Clock::system()).start_blocking().unwrap()
}

/// The computer's time, which clients of other processes send.
fn computer_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// A call with this timestamp, whatever the gateway's clock shows.
fn at<'a>(call: Call<'a>, gateway: &Gateway, timestamp: i64) -> Call<'a> {
    let nonce = format!("{:?}", std::time::Instant::now());
    let nonce: String = nonce.chars().filter(char::is_ascii_digit).collect();
    call.pairs(format!("app_id={},nonce={nonce},timestamp={timestamp}", gateway.app_id()))
}

/// How far a response's timestamp is from this time, in seconds.
fn seconds_from(reply: &Reply, millis: i64) -> i64 {
    let timestamp: i64 = reply.header("alipay-timestamp").unwrap().parse().unwrap();
    (timestamp - millis).abs() / 1000
}

fn post_clock(gateway: &Gateway, body: &Value) -> Reply {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let body = body.to_string();
    let request = format!(
        "POST /_mock/clock HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap()
}

/// An activity that issues vouchers from now on, for sixty days.
fn activity(gateway: &Gateway) -> String {
    let now = gateway.clock().now_millis() / 1000;
    let time = |seconds| {
        let time = alipay_core::value::LocalDateTime::from_unix_seconds(seconds).unwrap();
        json!(time.to_string())
    };
    let rule = "/voucher_send_mode_info/voucher_send_rule_info";
    let period = "/voucher_use_rule_info/voucher_use_time_info/absolute_period_info";
    let end = now + 60 * 86_400;
    let request = with(create_request("1", 10), &format!("{rule}/publish_start_time"), time(now));
    let request = with(request, &format!("{rule}/publish_end_time"), time(end));
    let request = with(request, &format!("{period}/valid_begin_time"), time(now));
    published(gateway, &with(request, &format!("{period}/valid_end_time"), time(end + 1)))
}

#[test]
fn over_http_time_moves_and_clients_with_the_computers_time_go_on() {
    let gateway = gateway();
    let id = activity(&gateway);
    let query = || at(Call::query(&gateway, &id), &gateway, computer_millis());
    let send = |key: &str| {
        let request = send_request(&id, key, "2088000000000001");
        at(Call::post(&gateway, "send", &request), &gateway, computer_millis())
    };
    assert_eq!(query().succeed()["activity_status"], "ACTIVE");
    assert_eq!(post_clock(&gateway, &json!({"advance_seconds": 3600})).status, 200);
    // Its time of day is the computer's, and the state is that of the gateway's clock.
    let reply = query().send();
    reply.verify().unwrap();
    assert!(reply.status == 200 && seconds_from(&reply, computer_millis()) < 60, "{reply:?}");
    let received = send("a").succeed();
    assert!(received["voucher_id"].is_string());
    assert_eq!(post_clock(&gateway, &json!({"advance_seconds": 61 * 86_400})).status, 200);
    assert_eq!(query().succeed()["activity_status"], "FINISHED");
    send("b").fail();

    // A client that shares the clock passes as well, and gets responses by it.
    let shared = Call::query(&gateway, &id).send();
    shared.verify().unwrap();
    assert!(seconds_from(&shared, gateway.clock().now_millis()) < 60, "{shared:?}");
    // What is near to neither is refused, and the message says by how much of the nearer.
    for (timestamp, part) in [
        (computer_millis() - 700_000, "s behind the gateway computer's clock"),
        (gateway.clock().now_millis() + 700_000, "s ahead of the gateway's clock"),
    ] {
        let reply = at(Call::query(&gateway, &id), &gateway, timestamp).send();
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid-timestamp"));
        assert!(reply.message().contains(part), "{}", reply.message());
    }
}

#[test]
fn a_clock_that_is_some_minutes_off_gives_each_client_its_own_time() {
    let gateway = gateway();
    let id = activity(&gateway);
    // Near enough for requests of either clock, but too far for responses of the other.
    gateway.clock().advance(Duration::from_secs(400));
    for now in [computer_millis(), gateway.clock().now_millis()] {
        let reply = at(Call::query(&gateway, &id), &gateway, now).send();
        assert!(reply.status == 200 && seconds_from(&reply, now) < 60, "{reply:?}");
    }
    // A stale response is stale for its own client.
    gateway.fail_next(Fault::StaleTimestamp);
    let now = computer_millis();
    let reply = at(Call::query(&gateway, &id), &gateway, now).send();
    assert!((3590..3660).contains(&seconds_from(&reply, now)), "{reply:?}");
}

#[test]
fn time_goes_back_and_to_the_end() {
    let gateway = gateway();
    let id = activity(&gateway);
    for millis in [NEW_YEAR, LATEST, 100_000_000_000, computer_millis()] {
        let reply = post_clock(&gateway, &json!({"unix_millis": millis}));
        assert_eq!(reply.status, 200, "{}", reply.body);
        for now in [computer_millis(), gateway.clock().now_millis()] {
            let query = at(Call::query(&gateway, &id), &gateway, now).succeed();
            assert!(query["activity_status"].is_string(), "{query}");
        }
    }
    let clock = gateway.clock();
    // In the last second nothing that is added to the time overflows.
    clock.advance(Duration::MAX);
    assert_eq!(clock.now_millis(), LATEST);
    let stop =
        json!({"activity_id": id, "out_biz_no": "stop", "merchant_access_mode": "SELF_MODE"});
    Call::post(&gateway, "stop", &stop).succeed();
    assert_eq!(gateway.activities().len(), 1);
    gateway.messages().unwrap();
    clock.advance(DAY);
    assert_eq!(clock.now_millis(), LATEST);
    // From there it goes back at once, and never before 1970.
    clock.set(i64::MIN);
    assert!((0..60_000).contains(&clock.now_millis()));
    assert_eq!(gateway.activities().len(), 1);
    clock.set(i64::MAX);
    assert_eq!(clock.now_millis(), LATEST);
    let fixed = Clock::fixed(i64::MAX);
    fixed.advance(HOUR);
    assert_eq!(fixed.now_millis(), LATEST);
    fixed.set(5);
    fixed.advance(Duration::from_millis(5));
    assert_eq!(fixed.now_millis(), 10);
}

#[test]
fn what_the_clock_is_not_set_to_is_said() {
    let gateway = gateway();
    let before = gateway.clock().now_millis();
    for (body, part) in [
        (json!({}), "give either"),
        (json!({"advance_seconds": 1, "unix_millis": NEW_YEAR}), "give either"),
        (json!({"advance_seconds": -1}), "at least 0"),
        (json!({"advance_seconds": 1.5}), "a whole number"),
        (json!({"advance_seconds": "soon"}), "a whole number"),
        (json!({"advance_seconds": i64::MAX}), "the end of the year 9999"),
        (json!({"advance_seconds": u64::MAX}), "a whole number"),
        (json!({"unix_millis": LATEST + 1}), "the end of the year 9999"),
        (json!({"unix_millis": NEW_YEAR / 1000}), "seems to be in seconds"),
    ] {
        let reply = post_clock(&gateway, &body);
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.body.contains(part), "{body}: {}", reply.body);
    }
    assert!(gateway.clock().now_millis() - before < 60_000);
    let shown = post_clock(&gateway, &json!({"unix_millis": NEW_YEAR})).json();
    assert_eq!(shown["time"], "2026-01-01 08:00:00");
    assert!(shown["unix_millis"].as_i64().unwrap() - NEW_YEAR < 60_000, "{shown}");
}

#[test]
fn a_request_cannot_be_replayed_by_moving_the_clock() {
    let gateway = gateway();
    let id = activity(&gateway);
    let first = Call::query(&gateway, &id);
    first.succeed();
    let start = gateway.clock().now_millis();
    gateway.clock().advance(HOUR);
    // Its timestamp is still good by the computer's clock.
    assert_eq!(first.send().code(), "suspected-attack");
    let second = Call::query(&gateway, &id);
    second.succeed();
    gateway.clock().advance(HOUR * 100);
    Call::query(&gateway, &id).succeed();
    assert_eq!(first.send().code(), "suspected-attack");
    assert_eq!(second.send().code(), "invalid-timestamp");
    gateway.clock().set(start + 3_600_000);
    assert_eq!(second.send().code(), "suspected-attack");
}

#[cfg(feature = "client")]
mod clients {
    use alipay_core::operation::Method;
    use alipay_core::{CertificateChain, Client};

    use super::*;

    /// Calls with each kind of client: `Ok` when the response was verified.
    async fn call(client: &Client, id: &str) -> Value {
        let path = "/v3/alipay/marketing/activity/voucher/query";
        let call = client.raw(Method::Get, path).query("activity_id", id);
        let response = call.query("merchant_access_mode", "SELF_MODE").await.unwrap();
        serde_json::to_value(response.into_inner()).unwrap()
    }

    #[tokio::test]
    async fn clients_with_either_clock_pass_wherever_the_time_is() {
        let gateway = gateway();
        let id = activity(&gateway);
        let own =
            |credentials| Client::builder(credentials).base_url(gateway.base_url()).no_retry();
        let clients = [
            gateway.client().unwrap(),
            gateway.certificate_client().unwrap(),
            own(gateway.credentials().unwrap()).build().unwrap(),
            own(gateway.certificate_credentials().unwrap()).build().unwrap(),
        ];
        let now = computer_millis();
        for moved in [now + 3_600_000, now + 400_000, NEW_YEAR, 0, LATEST - 86_400_000, now] {
            gateway.clock().set(moved);
            for client in &clients {
                let body = call(client, &id).await;
                assert_eq!(body["activity_id"], json!(id), "{moved}");
            }
        }
        assert_eq!(gateway.requests().iter().filter(|request| !request.verified).count(), 0);
        let trust = clients[1].trust().certificates();
        assert_eq!(trust[0].chain, CertificateChain::Verified);
    }

    #[test]
    fn messages_have_the_time_of_the_clock_and_are_accepted_by_any_client() {
        let gateway = gateway();
        let id = activity(&gateway);
        gateway.clock().advance(DAY);
        let request = send_request(&id, "a", "2088000000000001");
        Call::post(&gateway, "send", &request).succeed();
        let message = gateway.messages().unwrap().pop().unwrap();
        let fields = support::fields(&message);
        let (_, time) = fields.iter().find(|(name, _)| name == "utc_timestamp").unwrap();
        let time: i64 = time.parse().unwrap();
        assert!((gateway.clock().now_millis() - time).abs() < 60_000);
        let own = Client::builder(gateway.credentials().unwrap()).build().unwrap();
        own.verify_notification(message.form_body.as_bytes()).unwrap();
        gateway.client().unwrap().verify_notification(message.form_body.as_bytes()).unwrap();
    }
}
