//! The page, and the JSON below `/_mock/`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use alipay_mock::{Completion, Fault, Gateway};
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
    for part in ["No call yet", "export ALIPAY_BASE_URL=http", "call() {", "17 of 746"] {
        assert!(empty.contains(part), "{part}: {empty}");
    }
    let name = json!("<i>x</i>");
    let request = with(create_request("1", 10), "/activity_base_info/activity_name", name);
    let id = published(&gateway, &request);
    Call::post(&gateway, "send", &send_request(&id, "1", "2088000000000001")).succeed();
    Call::new(&gateway, "GET", "/v3/nowhere?user_id=2088000000000001", "").send();
    gateway.fail_next(Fault::HalfBody);
    let reply = ask(&gateway, "GET", "/", "");
    assert_eq!(reply.header("content-type"), Some("text/html;charset=UTF-8"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
        "{policy}"
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let page = reply.body;
    for part in [
        &id,
        "ACTIVE",
        "half-body",
        "<b>send</b>",
        "发放支付券",
        "no operation has",
        "not verified",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for hidden in ["<i>", "2088000000000001"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    // Looking is no request to Alipay.
    assert_eq!(gateway.requests().len(), 4);
}

#[test]
fn the_page_loads_from_the_gateway_only() {
    let gateway = gateway();
    published(&gateway, &create_request("1", 10));
    let page = ask(&gateway, "GET", "/", "").body;
    for forbidden in ["<style", "style=", " onclick", "src=\"http", "href=\"http", "<script>"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for (name, content_type) in
        [("page.css", "text/css;charset=UTF-8"), ("page.js", "text/javascript;charset=UTF-8")]
    {
        assert!(page.contains(&format!("=\"/_mock/{name}\"")), "{name}");
        let reply = ask(&gateway, "GET", &format!("/_mock/{name}"), "");
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(content_type)));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(!reply.body.contains("http://") && !reply.body.contains("@import"), "{name}");
    }
    // The subject of an order may be one long word.
    let style = ask(&gateway, "GET", "/_mock/page.css", "").body;
    assert!(style.contains(".cashier h2 { overflow-wrap: anywhere; }"));
}

/// The part of the page that is about a call.
fn shown_call(gateway: &Gateway, trace_id: &str) -> String {
    let page = ask(gateway, "GET", "/", "").body;
    let (_, rest) = page.split_once(&format!("<details id=\"d-{trace_id}\"")).unwrap();
    rest.split("</details>").next().unwrap().to_owned()
}

#[test]
fn a_call_is_shown_with_what_was_sent_and_signed() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let user = "2088000000000001";
    let body = send_request(&id, "1", user);
    Call::post(&gateway, "send", &body).encrypted().token("secret-token").send();
    let call = Call::post(&gateway, "send", &body);
    let text = call.right_text();
    call.signed(text.trim_end()).send();
    gateway.fail_next(Fault::WrongSignature);
    Call::query(&gateway, &id).header("alipay-mock-fault", "bad-padding").send();
    Call::query(&gateway, &id).send();
    Call::query(&gateway, "7").send();

    let records = gateway.requests();
    let [.., good, wrong, idle, fault, refused] = records.as_slice() else { panic!() };
    assert!(good.response.contains("voucher_id"), "{}", good.response);
    let signed = good.string_to_sign.as_ref().unwrap();
    assert!(signed.starts_with("app_id=") && signed.ends_with("\n***\n"), "{signed}");
    assert!(wrong.string_to_sign.is_none() && wrong.response.contains("line feed"));

    let shown = shown_call(&gateway, &good.trace_id);
    for part in ["good", ">accepted<", ">200<", " ms<", "voucher_id", "class=\"unseen\">\\n<"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = shown_call(&gateway, &wrong.trace_id);
    for part in [
        "not verified",
        "the last line feed is missing",
        "<mark>\\n</mark>",
        "<mark>ends here</mark>",
        "line 4 (body)",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = shown_call(&gateway, &idle.trace_id);
    assert!(shown.contains("accepted") && shown.contains("had no effect"), "{shown}");
    let shown = shown_call(&gateway, &fault.trace_id);
    assert!(shown.contains(">fault<") && shown.contains("wrong-signature"), "{shown}");
    let shown = shown_call(&gateway, &refused.trace_id);
    assert!(shown.contains(">refused<") && shown.contains("INVALID_PARAMETER"), "{shown}");

    // The same as JSON, and without personal data anywhere.
    let one = get(&gateway, &format!("requests?trace_id={}", wrong.trace_id));
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(one[0]["response"]["code"], "invalid-signature");
    assert!(one[0]["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(get(&gateway, "requests?trace_id=7"), json!([]));
    let all = ask(&gateway, "GET", "/", "").body + &get(&gateway, "requests").to_string();
    for hidden in [user, "secret-token"] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
}

#[test]
fn what_was_sent_is_shown_with_its_time_and_fault() {
    let gateway = gateway();
    gateway.fail_next("delay:30".parse().unwrap());
    Call::query(&gateway, "7").send();
    gateway.fail_next(Fault::CloseAfterProcessing);
    Call::query(&gateway, "7").encrypted().try_send().unwrap_err();
    gateway.fail_next(Fault::Html502);
    Call::query(&gateway, "7").send();
    let [late, closed, proxy] = gateway.requests().try_into().unwrap();
    assert!(late.duration >= Duration::from_millis(30) && late.response.contains("INVALID"));
    assert_eq!((closed.status, closed.response.as_str()), (None, ""));
    assert!(proxy.response.contains("502 Bad Gateway"), "{}", proxy.response);
    assert!(shown_call(&gateway, &closed.trace_id).contains("the connection was closed"));
    // What is not JSON may hold anything.
    assert!(shown_call(&gateway, &proxy.trace_id).contains("not JSON"));
}

#[test]
fn repeats_of_a_number_stand_together() {
    let gateway = gateway();
    let create = create_request("again", 10);
    for _ in 0..3 {
        Call::post(&gateway, "create", &create).succeed();
    }
    Call::post(&gateway, "create", &create_request("other", 10)).succeed();
    let page = ask(&gateway, "GET", "/", "").body;
    assert_eq!(page.matches("class=\"repeats\"").count(), 1);
    assert!(page.contains("2 earlier with <code>out_biz_no</code> <code>again</code>"), "{page}");
    assert_eq!(page.matches("class=\"call good\"").count(), 4);
}

#[test]
fn operations_are_found_by_their_names() {
    let gateway = gateway();
    let find = |words: &str| ask(&gateway, "GET", &format!("/?find={words}"), "").body;
    for words in ["TRADE+refund", "%E9%80%80%E6%AC%BE", "/v3/alipay/trade/refund"] {
        let page = find(words);
        assert!(page.contains("/?operation=alipay.trade.refund\""), "{words}: {page}");
    }
    let page = find("nothing+is+called+so");
    assert!(page.contains("0 of 746 operations have"), "{page}");
    assert_eq!(get(&gateway, "operations?find=trade+fastpay").as_array().unwrap().len(), 1);
    let page = find("%3Cb%3E%22");
    assert!(!page.contains("<b>\"") && page.contains("&#60;b&#62;&#34;"), "{page}");
    let page = ask(&gateway, "GET", "/?operation=alipay.trade.refund", "").body;
    let parts = [
        "call POST &#39;/v3/alipay/trade/refund&#39;",
        "refund_amount",
        "decimal string, yuan",
        "ACQ.",
    ];
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(ask(&gateway, "GET", "/?operation=x", "").status, 404);
}

/// The lines of the events as they come.
fn listen(gateway: &Gateway) -> BufReader<TcpStream> {
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /_mock/events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    BufReader::new(stream)
}

fn line_with(events: &mut BufReader<TcpStream>, part: &str) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "it ended before {part}");
        if line.contains(part) {
            return line.trim().to_owned();
        }
    }
}

#[test]
fn events_tell_of_changes_until_the_gateway_ends() {
    let gateway = gateway();
    let mut events = listen(&gateway);
    assert_eq!(line_with(&mut events, "HTTP/1.1"), "HTTP/1.1 200 OK");
    assert_eq!(line_with(&mut events, "content-type"), "content-type: text/event-stream");
    let first = line_with(&mut events, "data: ");
    let version = first.strip_prefix("data: ").unwrap();
    assert!(ask(&gateway, "GET", "/", "").body.contains(&format!("data-version=\"{version}\"")));
    let changes: [&dyn Fn(); 4] = [
        &|| drop(Call::query(&gateway, "7").send()),
        &|| gateway.fail_next(Fault::Hang),
        &|| drop(post(&gateway, "clock", &json!({"advance_seconds": 1}))),
        &|| drop(ask(&gateway, "DELETE", "/_mock/faults", "")),
    ];
    let mut last = first;
    for change in changes {
        change();
        let next = line_with(&mut events, "data: ");
        assert_ne!(next, last);
        last = next;
    }
    // Nobody waits for a listener.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let began = Instant::now();
    runtime.block_on(gateway.shutdown());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    std::io::copy(&mut events, &mut std::io::sink()).unwrap();
}

#[test]
fn listeners_are_few() {
    let gateway = gateway();
    let mut listeners: Vec<_> = (0..32).map(|_| listen(&gateway)).collect();
    for events in &mut listeners {
        line_with(events, "data: ");
    }
    let refused = ask(&gateway, "GET", "/_mock/events", "");
    assert!(refused.status == 503 && refused.body.contains("close some"), "{}", refused.body);
    // One that is gone makes room once it is noticed.
    listeners.pop();
    let mut tries = 0;
    loop {
        let mut events = listen(&gateway);
        if line_with(&mut events, "HTTP/1.1").contains("200") {
            break;
        }
        tries += 1;
        assert!(tries < 200);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn everything_is_there_as_json() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let send = send_request(&id, "s", "2088000000000001");
    Call::post(&gateway, "send", &send).encrypted().token("secret-token").send();
    let operations = get(&gateway, "operations");
    let stateful = operations.as_array().unwrap().iter().filter(|one| one["stateful"] == true);
    assert_eq!(stateful.count(), 22);
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
    assert_eq!(messages[0]["content"]["user_id"], "***");
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
    let faults = || {
        let all = get(&gateway, "faults");
        let shown =
            all.as_array().unwrap().iter().map(|one| format!("{}, {}", one["fault"], one["state"]));
        shown.collect::<Vec<_>>().join("; ").replace('"', "")
    };
    assert_eq!(faults(), "status:503*2@/stop, waiting; half-body*, waiting");
    let stop = || Call::post(&gateway, "stop", &json!({})).send().status;
    assert_eq!([stop(), stop()], [503, 503]);
    assert_eq!(gateway.requests()[0].fault, Some(Fault::Status(503)));
    assert_eq!(faults(), "half-body*, waiting; status:503*2@/stop, used");
    let traces: Vec<String> =
        gateway.requests().into_iter().map(|request| request.trace_id).collect();
    assert_eq!(get(&gateway, "faults")[1]["used_by"], json!(traces));
    assert_eq!(ask(&gateway, "DELETE", "/_mock/faults", "").status, 200);
    assert_eq!(stop(), 400);
    for wrong in [json!({}), json!({"fault": "x"}), json!({"fault": "hang", "times": 0})] {
        assert_eq!(fault(wrong).status, 400);
    }
    assert_eq!(fault(json!({"fault": "hang*0"})).status, 409);
    let now = get(&gateway, "clock")["unix_millis"].as_i64().unwrap();
    post(&gateway, "clock", &json!({"advance_seconds": 60}));
    assert_eq!(gateway.clock().now_millis(), now + 60_000);
    post(&gateway, "clock", &json!({"unix_millis": now}));
    assert_eq!(gateway.clock().now_millis(), now);
    assert_eq!(post(&gateway, "clock", &json!({})).status, 400);
    assert_eq!(post(&gateway, "pay", &json!({"activity_id": "1"})).status, 404);
    for body in [json!({"activity_id": "1"}), json!({"reason": "no"}), json!({"activity_id": 1})] {
        assert_eq!(post(&gateway, "reject", &body).status, 400);
    }
    let unknown = json!({"activity_id": "1", "reason": "no"});
    assert_eq!(post(&gateway, "reject", &unknown).status, 404);
    assert_eq!(post(&gateway, "complete", &json!({})).status, 200);
    assert_eq!(post(&gateway, "nothing", &json!({})).status, 404);
    assert_eq!(ask(&gateway, "GET", "/_mock/nothing", "").status, 404);
    assert_eq!(ask(&gateway, "POST", "/_mock/faults", "[").status, 400);
}

#[test]
fn a_publish_is_rejected_over_http() {
    let gateway = builder().completion(Completion::Manual).start_blocking().unwrap();
    let id = published(&gateway, &create_request("1", 10));
    let body = json!({"activity_id": id, "reason": "no licence"});
    assert_eq!(post(&gateway, "reject", &body).status, 200);
    assert_eq!(get(&gateway, "state")[0]["audit_result_info"]["audit_reason"], "no licence");
    assert_eq!(post(&gateway, "reject", &body).status, 409);
}

#[test]
fn the_state_is_that_of_now() {
    let minute = Duration::from_secs(60);
    let gateway = builder().completion(Completion::After(minute)).start_blocking().unwrap();
    published(&gateway, &create_request("1", 10));
    assert_eq!(get(&gateway, "state")[0]["activity_status"], "INIT");
    gateway.clock().advance(minute);
    assert_eq!(get(&gateway, "state")[0]["activity_status"], "ACTIVE");

    // A publish whose budget was not paid in for three days is over.
    let recharge = json!({
        "budget_type": "RECHARGE",
        "voucher_recharge_info": {
            "recharge_type": "ALIPAY_BALANCE",
            "voucher_balance_recharge_info": {"amount": "2.00", "partner_id": "2088102111111111"}
        }
    });
    let request = with(create_request("2", 2), "/voucher_budget_supply_info", recharge);
    let id = published(&gateway, &request);
    let running = "/activity_base_info/activity_operation_status";
    let state = || get(&gateway, "state")[0].pointer(running).cloned();
    assert_eq!(state(), Some(json!("CREATING")));
    gateway.clock().advance(Duration::from_secs(3 * 86_400 + 1));
    assert_eq!(gateway.activities()[0].pointer(running), None);
    assert_eq!(gateway.activity(&id).unwrap().pointer(running), None);
    assert_eq!(state(), None);
}

#[test]
fn personal_data_is_known_by_the_end_of_its_name() {
    let gateway = gateway();
    let body = json!({
        "buyer_open_id": "secret", "buyerUserId": "secret", "owner_email": "secret",
        "contact_mobile": "secret", "deep": [{"refresh_token": "secret", "cert_name": "secret"}],
        "token_type": "shown"
    });
    let target = "/v3/nowhere?buyer%5Fid=secret&alipay_logon_id=secret&page=shown";
    Call::new(&gateway, "POST", target, body.to_string()).send();
    let shown = get(&gateway, "requests")[0].to_string();
    assert!(!shown.contains("secret"), "{shown}");
    assert_eq!(shown.matches("shown").count(), 2, "{shown}");
}

#[test]
fn of_what_is_signed_and_no_json_nothing_is_shown() {
    let gateway = gateway();
    let target = "/v3/alipay/trade/query";
    // In the record the bytes are others than in the string, and the string is cut.
    let bodies = [b"SECRET \xff".to_vec(), format!("SECRET {}", "x".repeat(20_000)).into_bytes()];
    for body in bodies {
        let call = Call::new(&gateway, "POST", target, body).signed("another string");
        assert_eq!(call.send().code(), "invalid-signature");
    }
    let data = br#"{"a":"shown","user_id":"SECRET"}"#;
    let upload = format!(
        "--x\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{}\r\n--x--\r\n",
        String::from_utf8_lossy(data)
    );
    let call = Call::new(&gateway, "POST", target, upload).signed("another string");
    let call = call.content_type("multipart/form-data; boundary=x").token("secret-token");
    assert_eq!(call.send().code(), "invalid-signature");
    let requests = get(&gateway, "requests");
    let expected = requests[0]["diagnosis"]["expected"].as_str().unwrap();
    assert!(expected.contains("shown") && expected.ends_with("***\n"), "{expected}");
    let expected = requests[1]["diagnosis"]["expected"].as_str().unwrap();
    assert!(expected.ends_with("/v3/alipay/trade/query\n(20007 bytes, not JSON)\n"), "{expected}");
    let all = ask(&gateway, "GET", "/", "").body + &requests.to_string();
    assert!(!all.contains("SECRET") && !all.contains("secret-token"), "{all}");
}

#[test]
fn addresses_of_messages_are_shown_without_secrets() {
    let gateway = gateway();
    let to = "http://127.0.0.1:9/notify?token=SECRET&shop=7";
    assert_eq!(post(&gateway, "messages", &json!({"message": "created", "to": to})).status, 200);
    while gateway.deliveries().is_empty() {
        std::thread::yield_now();
    }
    let all = ask(&gateway, "GET", "/", "").body + &get(&gateway, "deliveries").to_string();
    assert!(all.contains("shop=7") && !all.contains("SECRET"), "{all}");
}

#[test]
fn what_is_kept_on_demand_is_small() {
    let gateway = gateway();
    let fault = |length| json!({"fault": "hang", "path": "x".repeat(length)});
    assert_eq!(post(&gateway, "faults", &fault(256)).status, 200);
    assert_eq!(post(&gateway, "faults", &fault(257)).status, 400);
    let message = |length, path: usize| {
        json!({
            "message": "created",
            "to": format!("http://127.0.0.1:9/{}", "x".repeat(path)),
            "content": {"out_biz_no": "x".repeat(length)}
        })
    };
    assert_eq!(post(&gateway, "messages", &message(65_000, 0)).status, 200);
    let refused = post(&gateway, "messages", &message(65_536, 0));
    assert!(refused.status == 400 && refused.body.contains("at most 65536"), "{}", refused.body);
    assert_eq!(post(&gateway, "messages", &message(1, 3000)).status, 400);
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
    // Names that are none of the Internet, such as that of a container.
    for host in ["alipay-mock:8787", "host.docker.internal", "mock.test", "a.localhost"] {
        assert_eq!(send(&format!("GET /_mock/clock HTTP/1.1\r\nHost: {host}")), 200, "{host}");
    }
    let others = ["internal.example", "localhost.example", "1.2.3.4.example", "a.nlocalhost", ""];
    for host in others {
        assert_eq!(send(&format!("GET /_mock/clock HTTP/1.1\r\nHost: {host}")), 403, "{host}");
    }
    let page = ask(&gateway, "GET", "/", "");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[test]
fn a_gateway_knows_its_public_name() {
    let url = "http://mock.example.com:80/";
    let gateway = builder().public_url(url).start_blocking().unwrap();
    assert_eq!(gateway.base_url(), "http://mock.example.com:80");
    let send = |host: &str| {
        let mut stream = std::net::TcpStream::connect(gateway.address()).unwrap();
        let request =
            format!("GET /_mock/clock HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        parse(&response).unwrap().status
    };
    assert_eq!([send("MOCK.example.com"), send("127.0.0.1"), send("example.com")], [200, 200, 403]);
    let error = |url: &str| builder().public_url(url).start_blocking().unwrap_err().to_string();
    assert_eq!(error("mock:1"), "the public URL: it must be like http://host:port");
    assert_eq!(error("http://a/b"), "the public URL: it must not have a path: paths are signed");
}

#[cfg(feature = "client")]
#[tokio::test]
async fn a_gateway_listens_where_it_is_told_to() {
    for host in ["0.0.0.0", "::", "[::]", "localhost", "::1", "127.0.0.1"] {
        let gateway = match builder().clock(alipay_mock::Clock::system()).host(host).start().await {
            Ok(gateway) => gateway,
            // Not every computer has IPv6.
            Err(e) if host.contains(':') => {
                assert!(e.to_string().starts_with("cannot listen on [:"), "{e}");
                continue;
            }
            Err(e) => panic!("{host}: {e}"),
        };
        let (ip, url) = (gateway.address().ip(), gateway.base_url());
        assert_eq!(ip.is_unspecified(), ["0.0.0.0", "::", "[::]"].contains(&host), "{host}");
        assert!(!url.contains("0.0.0.0") && !url.contains("[::]"), "{url}");
        // A client of the gateway reaches it there, by plain HTTP.
        let client = gateway.client().unwrap();
        let call = client.raw(alipay_core::operation::Method::Get, "/v3/nowhere");
        let error = call.await.unwrap_err();
        assert_eq!(error.code_text(), Some("invalid-method"), "{host}: {error}");
    }
    let error = |host: &str| builder().host(host).start_blocking().unwrap_err().to_string();
    for host in ["nowhere.invalid", "203.0.113.7", "a b", ""] {
        let text = error(host);
        assert!(text.starts_with(&format!("cannot listen on {host}:0: ")), "{text}");
        assert!(text.contains("the host must be an address or a name of this computer"), "{text}");
    }
}
