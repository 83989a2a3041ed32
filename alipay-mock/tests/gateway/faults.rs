//! Faults on demand, and hostile or parallel use.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use alipay_core::encrypt::AesKey;
use alipay_mock::{Fault, FaultRule, FaultState, Gateway};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{
    Call, Reply, builder, create_request, exchange, gateway, parse, published, send_request,
};

/// Sends a create with a fault; the reply, and whether the activity was created.
fn with_fault(fault: Fault) -> (Result<Reply, String>, bool) {
    let gateway = gateway();
    gateway.fail_next(fault);
    let reply = Call::post(&gateway, "create", &create_request("1", 10)).try_send();
    // If it was, then the same key with another quantity is refused.
    let other = Call::post(&gateway, "create", &create_request("1", 11)).send();
    (reply, other.status == 400)
}

fn is_success(reply: &Reply) -> bool {
    reply.status == 200 && reply.json()["activity_id"].is_string()
}

#[test]
fn signatures_can_be_spoiled() {
    for (fault, signature) in [
        (Fault::NoSignature, None),
        (Fault::NullSignature, Some("null")),
        (Fault::GarbageSignature, Some("%%% this is not base64 %%%")),
    ] {
        let (reply, created) = with_fault(fault);
        let reply = reply.unwrap();
        assert!(is_success(&reply) && created);
        assert_eq!(reply.header("alipay-signature"), signature);
    }
    for fault in [Fault::WrongSignature, Fault::TamperedBody] {
        let (reply, created) = with_fault(fault);
        let reply = reply.unwrap();
        assert!(is_success(&reply) && created);
        assert_eq!(reply.verify().unwrap_err(), "the signature does not match");
    }
    let (reply, created) = with_fault(Fault::StaleTimestamp);
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert!(created);
    let age = support::NEW_YEAR - reply.header("alipay-timestamp").unwrap().parse::<i64>().unwrap();
    assert_eq!(age, 3_600_000);
}

#[test]
fn bodies_can_be_spoiled() {
    let (reply, created) = with_fault(Fault::Empty200);
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert_eq!((reply.status, reply.body.as_str(), created), (200, "", true));

    let (reply, created) = with_fault(Fault::TruncatedJson);
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert!(serde_json::from_str::<Value>(&reply.body).is_err() && created);

    let gateway = gateway();
    gateway.fail_next(Fault::PlaintextForCiphertext);
    let reply = Call::post(&gateway, "create", &create_request("1", 10)).encrypted().send();
    reply.verify().unwrap();
    assert!(is_success(&reply));
    assert_eq!(reply.header("content-type"), Some("application/json;charset=UTF-8"));
}

#[test]
fn errors_can_be_made_up() {
    let (reply, created) = with_fault(Fault::Html502);
    let reply = reply.unwrap();
    assert_eq!((reply.status, created), (502, false));
    assert!(reply.body.starts_with("<html>") && reply.header("alipay-trace-id").is_none());

    let (reply, created) = with_fault(Fault::Status(429));
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.body.as_str(), created), (429, "", false));

    let error = || (500, "SYSTEM_ERROR".to_owned());
    let (status, code) = error();
    let (reply, created) = with_fault(Fault::UnsignedError { status, code });
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.code().as_str(), created), (500, "SYSTEM_ERROR", false));
    assert!(!reply.is_signed());

    let (status, code) = error();
    let (reply, created) = with_fault(Fault::SignedError { status, code });
    reply.unwrap().verify().unwrap();
    assert!(!created);
}

#[test]
fn connections_can_be_closed() {
    for (fault, processed) in
        [(Fault::CloseBeforeResponse, false), (Fault::CloseAfterProcessing, true)]
    {
        let (reply, created) = with_fault(fault);
        assert!(reply.is_err());
        assert_eq!(created, processed);
    }
}

#[test]
fn connections_can_be_reset_or_cut() {
    let (reply, created) = with_fault(Fault::ResetBeforeHeaders);
    assert!(reply.unwrap_err().contains("reset") && !created);
    let (reply, created) = with_fault(Fault::ResetAfterHeaders);
    assert!(reply.unwrap_err().contains("reset") && created);
    let (reply, created) = with_fault(Fault::HalfBody);
    let reply = reply.unwrap();
    let announced: usize = reply.header("content-length").unwrap().parse().unwrap();
    assert!(reply.body.len() == announced / 2 && created);
}

#[test]
fn connections_can_be_refused() {
    let gateway = gateway();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let query = || Call::query(&gateway, "1").try_send();
    runtime.block_on(gateway.refuse_connections());
    assert!(query().unwrap_err().contains("refused"));
    runtime.block_on(gateway.accept_connections());
    assert_eq!(query().unwrap().status, 400);

    gateway.fail_next(Fault::RefuseConnections(Duration::from_millis(200)));
    assert!(query().unwrap_err().contains("reset"));
    let started = Instant::now();
    assert!(query().unwrap_err().contains("refused"));
    while query().is_err() {
        assert!(started.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The system may give a port that nobody holds to whoever makes a connection. One to the gateway would lead to itself,
/// and the gateway could not open the port again.
#[test]
fn a_port_that_refuses_connections_is_given_to_nobody() {
    let gateway = gateway();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(gateway.refuse_connections());
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    let error = other.bind(gateway.address()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    runtime.block_on(gateway.accept_connections());
    assert_eq!(Call::query(&gateway, "1").try_send().unwrap().status, 400);
}

#[test]
fn connections_are_accepted_again_although_the_client_has_gone() {
    let gateway = gateway();
    for _ in 0..10 {
        let started = Instant::now();
        let mut stream = loop {
            match TcpStream::connect(gateway.address()) {
                Ok(stream) => break stream,
                Err(error) => {
                    assert!(started.elapsed() < Duration::from_secs(5), "it stays closed: {error}");
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        };
        gateway.fail_next(Fault::RefuseConnections(Duration::from_millis(1)));
        // The connection ends with this. One that was made while the port was being closed is reset already.
        let _ = stream.write_all(&Call::query(&gateway, "1").bytes());
    }
}

#[test]
fn responses_can_come_slowly_or_never() {
    let started = Instant::now();
    let (reply, created) = with_fault(Fault::SlowDrip(Duration::from_millis(300)));
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert!(is_success(&reply) && created && started.elapsed() >= Duration::from_millis(250));

    let gateway = gateway();
    gateway.fail_next(Fault::Hang);
    let call = Call::post(&gateway, "create", &create_request("1", 10)).bytes();
    let address = gateway.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream.write_all(&call).unwrap();
    while gateway.requests().is_empty() {
        std::thread::yield_now();
    }
    assert!(stream.read(&mut [0; 1]).is_err());
    assert_eq!((gateway.requests().len(), gateway.requests()[0].status), (1, None));
    assert_serves(&gateway);
}

#[test]
fn statuses_without_a_result() {
    let (reply, created) = with_fault(Fault::RateLimited { retry_after: Duration::from_secs(3) });
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.header("retry-after"), created), (429, Some("3"), false));
    assert_eq!(reply.code(), "app-call-limited");
    let (reply, created) = with_fault(Fault::Redirect);
    let reply = reply.unwrap();
    assert!(reply.status == 302 && reply.header("location").is_some() && !created);
    let (reply, created) = with_fault(Fault::Accepted);
    assert_eq!((reply.unwrap().status, created), (202, false));
    let (reply, created) = with_fault(Fault::NoContent);
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.body.as_str(), created), (204, "", true));
}

#[test]
fn headers_and_sizes_can_be_spoiled() {
    let (reply, _) = with_fault(Fault::UnknownSerial);
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert_eq!(reply.header("alipay-sn").unwrap().len(), 32);
    let (reply, _) = with_fault(Fault::DuplicateHeaders);
    let reply = reply.unwrap();
    let count = |name: &str| reply.headers.iter().filter(|(known, _)| known == name).count();
    assert_eq!((count("alipay-signature"), count("alipay-timestamp")), (2, 2));
    assert!(reply.verify().is_err());
    let (reply, _) = with_fault(Fault::OversizedBody(100_000));
    let reply = reply.unwrap();
    reply.verify().unwrap();
    assert!(is_success(&reply) && reply.body.len() > 100_000);

    let gateway = gateway();
    for request in [create_request("1", 10), create_request("2", 11)] {
        gateway.fail_next(Fault::BadPadding);
        let reply = Call::post(&gateway, "create", &request).encrypted().send();
        reply.verify().unwrap();
        let key = AesKey::parse(support::vector_key("aes_key")).unwrap();
        assert!(key.decrypt(reply.body.as_bytes()).is_err());
    }
}

#[test]
fn faults_come_by_rule_and_by_header() {
    let gateway = gateway();
    gateway.fail(FaultRule::new(Fault::Status(503)).path("/stop").always());
    gateway.fail("status:500*2".parse().unwrap());
    let status = |operation: &str| Call::post(&gateway, operation, &json!({})).send().status;
    assert_eq!(["send", "stop", "send", "stop", "send"].map(status), [500, 503, 500, 503, 400]);
    gateway.clear_faults();
    assert_eq!(status("stop"), 400);
    let with_header = |fault: &str| {
        let call = Call::post(&gateway, "create", &create_request("1", 10));
        call.header("alipay-mock-fault", fault).send()
    };
    assert_eq!(with_header("error:502:unknow-error").code(), "unknow-error");
    assert_eq!(with_header("no-signature").header("alipay-signature"), None);
    let unknown = with_header("nonsense");
    assert_eq!((unknown.status, unknown.message().contains("`nonsense`")), (400, true));
}

#[test]
fn a_delay_holds_up_one_response_only() {
    let gateway = gateway();
    gateway.fail_next(Fault::Delay(Duration::from_millis(1500)));
    let started = Instant::now();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            Call::post(&gateway, "create", &create_request("1", 10)).succeed();
            started.elapsed()
        });
        while gateway.requests().is_empty() {
            std::thread::yield_now();
        }
        Call::post(&gateway, "create", &create_request("2", 10)).succeed();
        assert!(started.elapsed() < Duration::from_millis(1500));
        assert!(slow.join().unwrap() >= Duration::from_millis(1500));
    });
}

#[test]
fn faults_queue_up() {
    let gateway = gateway();
    gateway.fail_next(Fault::Status(500));
    gateway.fail_next(Fault::Status(503));
    let create = || Call::post(&gateway, "create", &create_request("1", 10)).send().status;
    assert_eq!([create(), create(), create()], [500, 503, 200]);
}

/// Each fault, and what it waits for.
fn every_fault() -> Vec<(Fault, FaultState)> {
    let (any, success, encrypted) = (
        FaultState::Waiting,
        FaultState::WaitingForSuccess,
        FaultState::WaitingForEncryptedSuccess,
    );
    let short = Duration::from_millis(20);
    let error = || (503, "SYSTEM_ERROR".to_owned());
    let unsigned = |(status, code)| Fault::UnsignedError { status, code };
    let signed = |(status, code)| Fault::SignedError { status, code };
    vec![
        (Fault::NoSignature, success),
        (Fault::NullSignature, success),
        (Fault::WrongSignature, success),
        (Fault::GarbageSignature, success),
        (Fault::TamperedBody, success),
        (Fault::StaleTimestamp, success),
        (Fault::UnknownSerial, success),
        (Fault::DuplicateHeaders, success),
        (Fault::Empty200, success),
        (Fault::TruncatedJson, success),
        (Fault::OversizedBody(100), success),
        (Fault::NoContent, success),
        (Fault::PlaintextForCiphertext, encrypted),
        (Fault::BadPadding, encrypted),
        (Fault::Delay(short), any),
        (Fault::SlowDrip(short), any),
        (Fault::HalfBody, any),
        (Fault::CloseBeforeResponse, any),
        (Fault::CloseAfterProcessing, any),
        (Fault::ResetBeforeHeaders, any),
        (Fault::ResetAfterHeaders, any),
        (Fault::RefuseConnections(short), any),
        (Fault::RateLimited { retry_after: short }, any),
        (Fault::Html502, any),
        (Fault::Redirect, any),
        (Fault::Accepted, any),
        (Fault::Status(503), any),
        (unsigned(error()), any),
        (signed(error()), any),
        // The last one, since its request does not end.
        (Fault::Hang, any),
    ]
}

#[test]
fn a_fault_that_spoils_a_success_waits_for_one() {
    for (number, (fault, state)) in every_fault().into_iter().enumerate() {
        let gateway = gateway();
        let name = fault.to_string();
        gateway.fail_next(fault.clone());
        assert_eq!(gateway.faults()[0].state, state, "{name}");
        let refused = Call::query(&gateway, "1").bytes();
        if fault == Fault::Hang {
            let mut stream = TcpStream::connect(&gateway.base_url()[7..]).unwrap();
            stream.write_all(&refused).unwrap();
            while gateway.requests().is_empty() {
                std::thread::yield_now();
            }
            assert_eq!((number, gateway.faults()[0].state), (29, FaultState::Used));
            continue;
        }
        let reply =
            exchange(&gateway, &refused).map_err(|e| e.to_string()).and_then(|bytes| parse(&bytes));
        let status = gateway.faults()[0].clone();
        if state == FaultState::Waiting {
            let trace_id = gateway.requests()[0].trace_id.clone();
            assert_eq!(
                (status.state, status.used_by),
                (FaultState::Used, vec![trace_id]),
                "{name}"
            );
            assert_eq!(gateway.requests()[0].fault, Some(fault), "{name}");
            continue;
        }
        // The refusal is an ordinary one.
        let reply = reply.unwrap();
        assert_eq!(reply.code(), "INVALID_PARAMETER", "{name}");
        reply.verify().unwrap();
        assert_eq!((status.state, status.passed_by), (state, 1), "{name}");
        assert_eq!(gateway.requests()[0].fault, None, "{name}");
        let create = |key: &str| Call::post(&gateway, "create", &create_request(key, 10));
        if state == FaultState::WaitingForEncryptedSuccess {
            create("plain").succeed();
            assert_eq!(
                (gateway.faults()[0].state, gateway.faults()[0].passed_by),
                (state, 2),
                "{name}"
            );
            create("spoilt").encrypted().send();
        } else {
            create("spoilt").send();
        }
        let used = gateway.requests().pop().unwrap();
        assert_eq!(used.fault, Some(fault), "{name}");
        assert_eq!(gateway.faults()[0].used_by, [used.trace_id], "{name}");
        assert_eq!(gateway.faults()[0].state, FaultState::Used, "{name}");
        create("after").succeed();
    }
}

#[test]
fn a_fault_that_is_waiting_is_not_overtaken() {
    let gateway = gateway();
    gateway.fail_next(Fault::WrongSignature);
    gateway.fail_next(Fault::Status(503));
    gateway.fail(FaultRule::new(Fault::Status(500)).path("/stop"));
    let refused = || Call::query(&gateway, "1").send().status;
    assert_eq!([refused(), refused()], [400, 400]);
    let create = |key: &str| Call::post(&gateway, "create", &create_request(key, 10)).send();
    assert!(create("1").verify().is_err());
    assert_eq!(create("2").status, 503);
    let states: Vec<_> =
        gateway.faults().iter().map(|fault| (fault.rule.to_string(), fault.state)).collect();
    assert_eq!(
        states,
        [
            ("status:500@/stop".to_owned(), FaultState::Waiting),
            ("status:503".to_owned(), FaultState::Used),
            ("wrong-signature".to_owned(), FaultState::Used),
        ]
    );
    gateway.clear_faults();
    assert!(gateway.faults().is_empty());
}

#[test]
fn a_fault_of_a_request_itself_says_when_it_had_no_effect() {
    let gateway = gateway();
    let call = Call::query(&gateway, "1").header("alipay-mock-fault", "wrong-signature");
    assert_eq!(call.fail().0, "INVALID_PARAMETER");
    let record = gateway.requests().pop().unwrap();
    assert_eq!(
        (record.fault.as_ref(), record.idle_fault.as_ref()),
        (None, Some(&Fault::WrongSignature))
    );
    let line = record.to_string();
    assert!(line.contains("fault wrong-signature had no effect: it needs a success"), "{line}");
    let call = Call::post(&gateway, "create", &create_request("1", 10));
    let plain = call.header("alipay-mock-fault", "bad-padding");
    plain.succeed();
    let line = gateway.requests().pop().unwrap().to_string();
    assert!(line.contains("a success of a request that asks for encryption"), "{line}");
}

#[test]
fn what_browsers_ask_for_uses_no_fault() {
    let gateway = gateway();
    gateway.fail_next(Fault::Status(503));
    let host = gateway.base_url().strip_prefix("http://").unwrap();
    let get = |path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        parse(&exchange(&gateway, head.as_bytes()).unwrap()).unwrap().status
    };
    let paths = [
        "/favicon.ico",
        "/_mock",
        "/_mock/",
        "/_mock/state",
        "/",
        "/robots.txt",
        "/apple-touch-icon.png",
    ];
    assert_eq!(paths.map(get), [204, 404, 404, 200, 200, 404, 404]);
    assert_eq!(gateway.faults()[0].state, FaultState::Waiting);
    assert_eq!(Call::query(&gateway, "1").send().status, 503);
}

#[test]
fn a_fault_in_wrong_words_is_explained() {
    for (text, parts) in [
        ("delay:1s", ["`delay:1s` needs a whole number of milliseconds", "`delay:1000`"]),
        ("slow-drip:", ["milliseconds", "`slow-drip:1000`"]),
        ("refuse:0.5", ["milliseconds", "`refuse:1000`"]),
        ("rate-limited:2s", ["a whole number of seconds", "`rate-limited:2`"]),
        ("oversized:1MB", ["a whole number of bytes", "`oversized:1000000`"]),
        ("status:ok", ["a status", "`status:503`"]),
        ("hang*x", ["requests after `*`", "`hang*3`"]),
        ("wrong-signatur", ["no fault is named", "did you mean `wrong-signature`?"]),
        ("dely:5", ["no fault is named", "did you mean `delay`?"]),
        ("nonsense", ["no fault is named `nonsense`; there are", "signed-error:N:CODE"]),
    ] {
        let message = text.parse::<FaultRule>().unwrap_err().to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        assert_eq!(message.lines().count(), 1);
    }
}

#[test]
fn requests_are_recorded_without_showing_content() {
    let gateway = gateway();
    let create = create_request("1", 10);
    Call::post(&gateway, "create", &create).encrypted().token("secret-token").send();
    Call::query(&gateway, "1").signed("x").send();
    gateway.fail_next(Fault::CloseBeforeResponse);
    assert!(Call::query(&gateway, "1").try_send().is_err());
    let requests = gateway.requests();
    let [created, refused, closed] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(created.body, create.to_string());
    assert_eq!(created.header("Alipay-Encrypt-Type"), Some("AES"));
    assert_eq!(created.header("alipay-app-auth-token"), Some("secret-token"));
    assert_eq!((created.verified, created.status, &created.code), (true, Some(200), &None));
    assert_eq!((refused.verified, refused.status), (false, Some(400)));
    assert_eq!(refused.code.as_deref(), Some("invalid-signature"));
    assert_eq!((closed.verified, closed.status), (true, None));
    let shown = format!("{requests:?} {gateway:?} {:?}", gateway.keys());
    for hidden in ["secret-token", "满10减1", "activity_id=", gateway.encrypt_key()] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

#[test]
fn gateways_in_parallel_do_not_mix() {
    let ids: Vec<String> = std::thread::scope(|scope| {
        let work = |users: usize| {
            move || {
                let gateway = gateway();
                let id = published(&gateway, &create_request("1", users as u64));
                std::thread::scope(|scope| {
                    for user in 0..users {
                        let (gateway, id) = (&gateway, &id);
                        scope.spawn(move || {
                            let key = format!("send-{user}");
                            let request = send_request(id, &key, &user.to_string());
                            Call::post(gateway, "send", &request).succeed();
                        });
                    }
                });
                let state = Call::query(&gateway, &id).succeed();
                assert_eq!(state["summary"]["publish_count"], users);
                id
            }
        };
        let threads = [scope.spawn(work(5)), scope.spawn(work(9))];
        threads.map(|thread| thread.join().unwrap()).to_vec()
    });
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn one_key_in_parallel_sends_one_voucher() {
    let gateway = gateway();
    let id = published(&gateway, &create_request("1", 10));
    let request = send_request(&id, "send-1", "1");
    let vouchers: Vec<Value> = std::thread::scope(|scope| {
        let sends: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Call::post(&gateway, "send", &request).succeed()))
            .collect();
        sends.into_iter().map(|send| send.join().unwrap()).collect()
    });
    assert!(vouchers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(Call::query(&gateway, &id).succeed()["summary"]["publish_count"], 1);
}

/// A request still passes: nothing that came before has stopped the gateway.
fn assert_serves(gateway: &Gateway) {
    assert_eq!(Call::query(gateway, "1").send().code(), "INVALID_PARAMETER");
}

#[test]
fn hostile_input_does_not_stop_it() {
    let gateway = builder().read_timeout(Duration::from_millis(200)).start_blocking().unwrap();
    let long = "x".repeat(200_000);
    for bytes in [
        String::new(),
        "\0\0\0".to_owned(),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(2000)),
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
    ] {
        // A response, a close and a reset are all fine.
        let _ = exchange(&gateway, bytes.as_bytes());
        assert_serves(&gateway);
    }
}

#[test]
fn large_bodies_are_refused() {
    let gateway = gateway();
    let mut stream =
        TcpStream::connect(gateway.base_url().strip_prefix("http://").unwrap()).unwrap();
    let head = "POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut response = [0; 12];
    stream.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 413");
    // One that does not is read as far as allowed.
    let chunk = format!("{:x}\r\n{}\r\n", 600_000, "x".repeat(600_000));
    let head = "POST /v3/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut stream =
        TcpStream::connect(gateway.base_url().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // The second chunk may find the connection closed already.
    let _ = stream.write_all(chunk.repeat(2).as_bytes());
    while gateway.requests().len() < 2 {
        std::thread::yield_now();
    }
    assert_eq!(gateway.requests()[1].status, Some(413));
    assert_serves(&gateway);
    // The largest body allowed is read, and refused for its signature only.
    let body = vec![b' '; 1024 * 1024];
    let call = Call::new(&gateway, "POST", "/v3/alipay/marketing/activity/voucher/stop", body);
    assert_eq!(call.signed("x").send().code(), "invalid-signature");
}

#[test]
fn slow_requests_are_ended() {
    let gateway = builder().read_timeout(Duration::from_millis(100)).start_blocking().unwrap();
    let slow = |bytes: &[u8]| {
        let started = Instant::now();
        let response = exchange(&gateway, bytes).unwrap_or_default();
        assert!(started.elapsed() < Duration::from_secs(5));
        String::from_utf8(response).unwrap()
    };
    // Many at a time, so that none of them may hold a place for long.
    slow(b"GET / HTT");
    let response = slow(b"POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    assert_serves(&gateway);
}

#[test]
fn a_dropped_or_shut_down_gateway_frees_its_port() {
    for drop_it in [true, false] {
        let gateway = gateway();
        let port: u16 = gateway.base_url().rsplit(':').next().unwrap().parse().unwrap();
        assert_serves(&gateway);
        if drop_it {
            drop(gateway);
        } else {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(gateway.shutdown());
        }
        // Dropping does not wait for its threads.
        let deadline = Instant::now() + Duration::from_secs(5);
        let again = loop {
            match builder().port(port).start_blocking() {
                Ok(gateway) => break gateway,
                Err(e) => assert!(Instant::now() < deadline, "{e}"),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let error = builder().port(port).start_blocking().unwrap_err().to_string();
        assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
        assert_serves(&again);
    }
}

#[test]
fn starts_and_ends_within_asynchronous_code() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let first = builder().start().await.unwrap();
        let second = Gateway::start().await.unwrap();
        assert_ne!(first.base_url(), second.base_url());
        assert_ne!(first.app_private_key(), second.app_private_key());
        drop(first);
        second.shutdown().await;
    });
}

#[test]
fn shutting_down_waits_for_responses_and_may_be_given_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (patience, responded) in [(5000, true), (10, false)] {
        let gateway = gateway();
        gateway.fail_next(Fault::Delay(Duration::from_millis(200)));
        let call = Call::post(&gateway, "create", &create_request("1", 10)).bytes();
        let address = gateway.base_url().strip_prefix("http://").unwrap().to_owned();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&call).unwrap();
        while gateway.requests().is_empty() {
            std::thread::yield_now();
        }
        runtime.block_on(async {
            let patience = Duration::from_millis(patience);
            let ended = tokio::time::timeout(patience, gateway.shutdown()).await.is_ok();
            assert_eq!(ended, responded);
        });
        let mut response = Vec::new();
        // A connection that is cut may be reset.
        let _ = stream.read_to_end(&mut response);
        assert_eq!(response.starts_with(b"HTTP/1.1 200"), responded);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_leave_it_serving(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        use std::sync::OnceLock;
        static GATEWAY: OnceLock<Gateway> = OnceLock::new();
        let gateway = GATEWAY.get_or_init(|| {
            builder().read_timeout(Duration::from_millis(20)).start_blocking().unwrap()
        });
        let _ = exchange(gateway, &bytes);
        assert_serves(gateway);
    }

    #[test]
    fn any_signed_body_and_query_get_a_response(body in "\\PC{0,80}", query in "[!-~]{0,80}") {
        use std::sync::OnceLock;
        static GATEWAY: OnceLock<Gateway> = OnceLock::new();
        let gateway = GATEWAY.get_or_init(gateway);
        let path = "/v3/alipay/marketing/activity/voucher/";
        let reply = Call::new(gateway, "POST", &format!("{path}create"), body.as_str()).send();
        prop_assert_eq!(reply.status, 400);
        // What is not a URI gets hyper's bare 400; a fragment is never sent.
        let query = query.replace('#', "");
        let reply = Call::new(gateway, "GET", &format!("{path}query?{query}"), "").send();
        prop_assert_eq!(reply.status, 400);
    }
}

#[test]
fn every_fault_survives_its_text() {
    let error = "".parse::<Fault>().unwrap_err().to_string();
    let (_, listed) = error.split_once("there are ").unwrap();
    let mut names: Vec<&str> = listed.split(", ").filter(|name| !name.contains(':')).collect();
    assert_eq!(names.len(), 22);
    names.extend(["delay:1", "slow-drip:20", "refuse:3", "rate-limited:4", "oversized:5"]);
    names.extend(["status:503", "error:500:X", "signed-error:400:a b"]);
    for name in names {
        assert_eq!(name.parse::<Fault>().unwrap().to_string(), name);
        for rule in ["", "*", "*3", "@/send", "*2@/a@b"] {
            let text = format!("{name}{rule}");
            assert_eq!(text.parse::<FaultRule>().unwrap().to_string(), text);
        }
    }
}

#[test]
fn times_are_ten_minutes_at_most() {
    for name in ["delay", "slow-drip", "refuse"] {
        for (given, read) in [(599_999, 599_999), (600_001, 600_000), (u64::MAX, 600_000)] {
            let fault: Fault = format!("{name}:{given}").parse().unwrap();
            assert_eq!(fault.to_string(), format!("{name}:{read}"));
        }
    }
}

#[test]
fn paths_have_a_limit() {
    let longest = format!("hang@{}", "x".repeat(256));
    assert_eq!(longest.parse::<FaultRule>().unwrap().to_string(), longest);
    let error = format!("{longest}x").parse::<FaultRule>().unwrap_err().to_string();
    assert!(error.contains("257 bytes, at most 256"), "{error}");
}

#[test]
fn others_are_refused_with_the_names_there_are() {
    let error = "wrong-signatur".parse::<Fault>().unwrap_err().to_string();
    assert!(error.contains("wrong-signature, garbage-signature"), "{error}");
    for wrong in ["status:99", "status:x", "error:200:X", "error:500:", "delay:-1", "reset*x"] {
        assert!(wrong.parse::<FaultRule>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = text.parse::<FaultRule>();
    }
}
