//! The page, and the JSON below `/_mock/`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use alipay_mock::{Fault, Gateway};
use serde_json::{Value, json};
use support::{Call, Reply, builder, create_request, exchange, gateway, parse, published};
use support::{send_request, with};

fn ask(gateway: &Gateway, method: &str, path: &str, body: &str) -> Reply {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    parse(&exchange(gateway, request.as_bytes()).unwrap()).unwrap()
}

fn get(gateway: &Gateway, name: &str) -> Value {
    let reply = ask(gateway, "GET", &format!("/_mock/{name}"), "");
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

fn post(gateway: &Gateway, name: &str, body: &Value) -> Reply {
    ask(gateway, "POST", &format!("/_mock/{name}"), &body.to_string())
}

#[test]
fn the_page_shows_operations_state_and_calls_escaped() {
    let gateway = gateway();
    let empty = ask(&gateway, "GET", "/", "").body;
    assert!(empty.contains("None yet") && empty.contains("Operations (7)"), "{empty}");
    let name = json!("<i>x</i>");
    let request = with(create_request("1", 10), "/activity_base_info/activity_name", name);
    let id = published(&gateway, &request);
    Call::post(&gateway, "send", &send_request(&id, "1", "2088000000000001")).succeed();
    Call::new(&gateway, "GET", "/v3/nowhere?user_id=2088000000000001", "").send();
    gateway.fail_next(Fault::HalfBody);
    let reply = ask(&gateway, "GET", "/", "");
    assert_eq!(reply.header("content-type"), Some("text/html;charset=UTF-8"));
    let page = reply.body;
    for part in ["Activities (1)", &id, "ACTIVE", "half-body", "voucher/send", "no operation has"] {
        assert!(page.contains(part), "{part}");
    }
    for hidden in ["<i>", "2088000000000001"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    // Looking is no request to Alipay.
    assert_eq!(gateway.requests().len(), 4);
}

#[test]
fn everything_is_there_as_json() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let send = send_request(&id, "s", "2088000000000001");
    Call::post(&gateway, "send", &send).encrypted().token("secret-token").send();
    assert_eq!(get(&gateway, "operations").as_array().unwrap().len(), 7);
    let requests = get(&gateway, "requests");
    let newest = &requests[0];
    assert_eq!(newest["operation"], "alipay.marketing.activity.voucher.send");
    assert_eq!((&newest["verified"], &newest["status"]), (&json!(true), &json!(200)));
    assert_eq!(newest["body"]["user_id"], "***");
    assert_eq!(newest["body"]["activity_id"], json!(id));
    assert_eq!(newest["headers"]["alipay-app-auth-token"], "***");
    assert_eq!(get(&gateway, "state")[0]["activity_id"], json!(id));
    let messages = get(&gateway, "messages");
    assert_eq!(messages[0]["message"], "alipay.marketing.activity.message.received");
    assert_eq!(messages[0]["content"]["receive_user_id"], "***");
    assert_eq!(get(&gateway, "deliveries"), json!([]));
    assert_eq!(ask(&gateway, "DELETE", "/_mock/requests", "").status, 200);
    assert_eq!(get(&gateway, "requests"), json!([]));

    let open = builder().redact(false).start_blocking().unwrap();
    Call::post(&open, "send", &send).send();
    assert_eq!(get(&open, "requests")[0]["body"]["user_id"], "2088000000000001");
}

#[test]
fn faults_and_the_clock_are_steered() {
    let gateway = gateway();
    let fault = |body: Value| post(&gateway, "faults", &body);
    assert_eq!(fault(json!({"fault": "status:503", "times": 2, "path": "/stop"})).status, 200);
    assert_eq!(fault(json!({"fault": "half-body", "times": "all"})).status, 200);
    assert_eq!(get(&gateway, "faults"), json!(["status:503*2@/stop", "half-body*"]));
    let stop = || Call::post(&gateway, "stop", &json!({})).send().status;
    assert_eq!([stop(), stop()], [503, 503]);
    assert_eq!(gateway.requests()[0].fault, Some(Fault::Status(503)));
    assert_eq!(ask(&gateway, "DELETE", "/_mock/faults", "").status, 200);
    assert_eq!(stop(), 400);
    for wrong in [json!({}), json!({"fault": "x"}), json!({"fault": "hang", "times": 0})] {
        assert_eq!(fault(wrong).status, 400);
    }
    let now = get(&gateway, "clock")["unix_millis"].as_i64().unwrap();
    post(&gateway, "clock", &json!({"advance_seconds": 60}));
    assert_eq!(gateway.clock().now_millis(), now + 60_000);
    post(&gateway, "clock", &json!({"unix_millis": now}));
    assert_eq!(gateway.clock().now_millis(), now);
    assert_eq!(post(&gateway, "clock", &json!({})).status, 400);
    assert_eq!(post(&gateway, "pay", &json!({"activity_id": "1"})).status, 409);
    assert_eq!(post(&gateway, "complete", &json!({})).status, 200);
    assert_eq!(post(&gateway, "nothing", &json!({})).status, 404);
    assert_eq!(ask(&gateway, "GET", "/_mock/nothing", "").status, 404);
    assert_eq!(ask(&gateway, "POST", "/_mock/faults", "[").status, 400);
}

#[test]
fn other_sites_cannot_look_or_steer() {
    let gateway = gateway();
    let send = |head: &str| {
        let request = format!("{head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        parse(&exchange(&gateway, request.as_bytes()).unwrap()).unwrap().status
    };
    // A name that was made to lead here, and a form without a preflight.
    assert_eq!(send("GET / HTTP/1.1\r\nHost: evil.example"), 403);
    assert_eq!(send("GET /_mock/requests HTTP/1.1\r\nHost: evil.example:80"), 403);
    assert_eq!(send("GET /_mock/requests HTTP/1.1\r\nHost: localhost:80"), 200);
    assert_eq!(send("GET /_mock/requests HTTP/1.1\r\nHost: [::1]:80"), 200);
    assert_eq!(send("POST /_mock/complete HTTP/1.1\r\nHost: localhost"), 415);
}
