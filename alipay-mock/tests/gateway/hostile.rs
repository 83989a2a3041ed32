//! Clients that are slow, send too much, too little or nonsense: each is answered or dropped, and others are
//! served meanwhile. `binary.rs` has what needs a process of its own: too many connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use crate::support;

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use alipay_mock::Gateway;
use support::{Call, Reply, builder, create_request, gateway, parse};

/// Far more than any time limit of these tests, and far less than that of a socket.
const SOON: Duration = Duration::from_secs(10);

fn connect(gateway: &Gateway) -> TcpStream {
    let stream = TcpStream::connect(gateway.address()).unwrap();
    stream.set_read_timeout(Some(2 * SOON)).unwrap();
    stream
}

/// What the gateway sends until it closes the connection. A reset is a close as well.
fn rest(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let started = Instant::now();
    let _ = stream.read_to_end(&mut received);
    assert!(started.elapsed() < SOON, "still open after {:?}", started.elapsed());
    String::from_utf8_lossy(&received).into_owned()
}

fn sent(gateway: &Gateway, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(gateway);
    // The gateway may have closed the connection before all is written.
    let _ = stream.write_all(bytes);
    stream
}

fn assert_serves(gateway: &Gateway) {
    assert_eq!(Call::query(gateway, "1").send().code(), "INVALID_PARAMETER");
}

/// The statuses of responses that follow each other.
fn statuses(received: &str) -> Vec<&str> {
    received.split("HTTP/1.1 ").skip(1).map(|rest| rest.get(..3).unwrap()).collect()
}

#[test]
fn pipelined_requests_get_their_responses_in_order() {
    let gateway = gateway();
    let kept = |call: Call<'_>| {
        String::from_utf8(call.bytes()).unwrap().replace("Connection: close\r\n", "")
    };
    let mut pipeline = String::new();
    for _ in 0..20 {
        pipeline += &kept(Call::query(&gateway, "1"));
        pipeline += &kept(Call::query(&gateway, "1").authorization(None));
        pipeline += "GET /_mock/clock HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
    pipeline += "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let received = rest(sent(&gateway, pipeline.as_bytes()));
    let codes = [["INVALID_PARAMETER", "missing-timestamp", "unix_millis"]; 20].concat();
    let mut responses = received.split("HTTP/1.1 ").skip(1);
    for code in codes {
        assert!(responses.next().unwrap().contains(code), "no {code} in its place: {received}");
    }
    assert!(responses.next().unwrap().starts_with("404 "));
    assert_eq!(responses.next(), None);
}

#[test]
fn half_requests_are_dropped() {
    let gateway = gateway();
    let whole = Call::post(&gateway, "stop", &serde_json::json!({"a": 1})).bytes();
    for length in (0..whole.len()).step_by(7) {
        let stream = sent(&gateway, whole.get(..length).unwrap());
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let received = rest(stream);
        // Either nothing, or that it is no request.
        assert!(received.is_empty() || received.starts_with("HTTP/1.1 400 "), "{received}");
    }
    assert_eq!(gateway.requests().len(), 0);
    assert_serves(&gateway);
}

#[test]
fn what_is_no_request_is_refused_or_dropped() {
    let gateway = gateway();
    let post = |headers: &str, body: &str| {
        let head = "POST /v3/alipay/trade/query HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
        format!("{head}{headers}\r\n\r\n{body}").into_bytes()
    };
    let chunked = "Transfer-Encoding: chunked";
    let cases: [(&str, Vec<u8>); 15] = [
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03random\r\n\r\n".to_vec()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("bytes", (0..=255).cycle().take(100_000).collect()),
        ("line feeds", vec![b'\n'; 100_000]),
        ("no version", b"GET /\r\n\r\n".to_vec()),
        ("length", post("Content-Length: 1, 2", "{}")),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 3", "{}")),
        ("huge length", post("Content-Length: 99999999999999999999999", "{}")),
        ("encoding", post("Transfer-Encoding: gzip", "{}")),
        ("encoding last", post("Transfer-Encoding: chunked, gzip", "0\r\n\r\n")),
        ("chunk", post(chunked, "-1\r\n{}\r\n0\r\n\r\n")),
        ("huge chunk", post(chunked, "ffffffffffffffffff\r\n{}")),
        ("chunk's end", post(chunked, "2\r\n{}{}{}{}\r\n0\r\n\r\n")),
        ("extension", post(chunked, &format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(100_000)))),
        ("trailers", post(chunked, &format!("0\r\n{}\r\n", "a: b\r\n".repeat(50_000)))),
    ];
    for (name, bytes) in cases {
        let stream = sent(&gateway, &bytes);
        stream.shutdown(std::net::Shutdown::Write).unwrap_or_default();
        let received = rest(stream);
        let refused = statuses(&received).iter().all(|status| status.starts_with('4'));
        assert!(refused, "{name}: {received}");
        assert_serves(&gateway);
    }
    // Each of the calls that passed is there, and hardly anything else.
    assert!(gateway.requests().len() < 20, "{:?}", gateway.requests());
}

#[test]
fn a_length_beside_chunks_does_not_hide_a_second_request() {
    let gateway = gateway();
    for [first, second] in [
        ["Content-Length: 44", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 44"],
    ] {
        gateway.clear_requests();
        let request = format!(
            "POST /v3/first HTTP/1.1\r\nHost: x\r\n{first}\r\n{second}\r\n\r\n\
             2\r\n{{}}\r\n0\r\n\r\n\
             GET /v3/second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        );
        let received = rest(sent(&gateway, request.as_bytes()));
        // By the chunks, and no further, as RFC 9112 has it.
        assert_eq!(statuses(&received), ["404"], "{received}");
        let requests = gateway.requests();
        let seen: Vec<_> = requests.iter().map(|seen| (seen.path(), seen.body.as_str())).collect();
        assert_eq!(seen, [("/v3/first", "{}")]);
    }
}

#[test]
fn heads_have_a_largest_size() {
    let gateway = gateway();
    let long = "x".repeat(70_000);
    let head = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
    };
    for (request, status) in [
        (head(&format!("/{}", &long[..60_000]), ""), "404"),
        (head("/_mock/clock", &format!("A: {}\r\n", &long[..60_000])), "200"),
        (head(&format!("/{long}"), ""), "431"),
        (head("/", &format!("A: {long}\r\n")), "431"),
        (head("/", &"A: b\r\n".repeat(200)), "431"),
    ] {
        let received = rest(sent(&gateway, request.as_bytes()));
        assert_eq!(statuses(&received), [status], "{}", &received[..received.len().min(200)]);
    }
    assert_serves(&gateway);
}

#[test]
fn slow_bodies_wait_for_nobody() {
    let gateway = builder().read_timeout(Duration::from_millis(500)).start_blocking().unwrap();
    // More than may be in memory at once, each of which has sent a part.
    let head = "POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n";
    let part = format!("{head}{}", " ".repeat(100_000));
    let started = Instant::now();
    let slow: Vec<_> = (0..40).map(|_| sent(&gateway, part.as_bytes())).collect();
    assert_serves(&gateway);
    for stream in slow {
        let received = rest(stream);
        assert!(received.starts_with("HTTP/1.1 408 "), "{received}");
    }
    assert!(started.elapsed() < SOON);
    // Afterwards a large body has its turn at once.
    let large = format!("{head}{}", " ".repeat(200_000));
    let mut response = [0; 12];
    sent(&gateway, large.as_bytes()).read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 404");
}

#[test]
fn a_client_that_does_not_read_is_dropped() {
    let gateway = builder().read_timeout(Duration::from_millis(300)).start_blocking().unwrap();
    let size = 64 << 20;
    let create = Call::post(&gateway, "create", &create_request("1", 1));
    let create = create.header("alipay-mock-fault", &format!("oversized:{size}"));
    let mut stream = sent(&gateway, &create.bytes());
    // Until the gateway has closed the connection.
    let started = Instant::now();
    while stream.write_all(b" ").is_ok() {
        assert!(started.elapsed() < SOON, "the connection is still open");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    assert!(received.len() < size, "{} bytes", received.len());
    assert_serves(&gateway);
}

#[test]
fn few_large_responses_are_on_their_way_at_once() {
    let gateway = builder().redact(false).start_blocking().unwrap();
    // More than the buffers of a connection take: each quote needs two bytes.
    let body = "\"".repeat(64 * 1024);
    for _ in 0..128 {
        Call::new(&gateway, "POST", "/v3/x", body.as_str()).authorization(None).send();
    }
    let ask = b"GET /_mock/requests HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let status = |stream: &mut TcpStream| {
        let mut response = [0; 12];
        stream.read_exact(&mut response).unwrap();
        String::from_utf8_lossy(&response).into_owned()
    };
    // Clients that read nothing but the beginning.
    let mut stalled: Vec<_> = (0..8).map(|_| sent(&gateway, ask)).collect();
    for stream in &mut stalled {
        assert_eq!(status(stream), "HTTP/1.1 200");
    }
    assert_eq!(status(&mut sent(&gateway, ask)), "HTTP/1.1 503");
    assert_serves(&gateway);
    drop(stalled);
    let started = Instant::now();
    while status(&mut sent(&gateway, ask)) != "HTTP/1.1 200" {
        assert!(started.elapsed() < SOON, "the places are not given back");
    }
}

#[test]
fn a_client_that_reads_slowly_gets_all() {
    let gateway = builder().read_timeout(Duration::from_secs(1)).start_blocking().unwrap();
    // More than the system keeps for a connection, so that the gateway waits for each piece.
    let size = 64 << 20;
    let create = Call::post(&gateway, "create", &create_request("1", 1));
    let create = create.header("alipay-mock-fault", &format!("oversized:{size}"));
    let mut stream = sent(&gateway, &create.bytes());
    let mut received = Vec::new();
    // Longer than the patience altogether.
    while received.len() < size {
        let length = (&mut stream).take(2 << 20).read_to_end(&mut received).unwrap();
        assert!(length > 0, "the gateway has closed the connection");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The short form of the bench `gateway`, with which `docs/performance.md` is made.
#[test]
fn many_calls_at_once_lose_none_and_keep_a_bounded_number() {
    const CONNECTIONS: usize = 8;
    const CALLS: usize = 250;
    let gateway = gateway();
    let create = |number: usize| {
        let call = Call::post(&gateway, "create", &create_request(&number.to_string(), 1));
        let bytes = String::from_utf8(call.bytes()).unwrap();
        bytes.replace("Connection: close\r\n", "")
    };
    let (create, connect) = (&create, &connect);
    let gateway = &gateway;
    let trace_ids: HashSet<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|worker| {
                scope.spawn(move || {
                    let mut stream = BufReader::new(connect(gateway));
                    let call = |number| {
                        stream.get_mut().write_all(create(number).as_bytes()).unwrap();
                        let reply = next(&mut stream);
                        assert_eq!(reply.status, 200, "{}", reply.body);
                        reply.verify().unwrap();
                        reply.header("alipay-trace-id").unwrap().to_owned()
                    };
                    (0..CALLS).map(|n| worker * CALLS + n).map(call).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(trace_ids.len(), CONNECTIONS * CALLS);
    let requests = gateway.requests();
    assert_eq!(requests.len(), 1000, "the last thousand are kept");
    assert!(requests.iter().all(|request| trace_ids.contains(&request.trace_id)));
    // Each call has had its effect: none of the numbers is free.
    for number in (0..CONNECTIONS * CALLS).step_by(20) {
        let other = create_request(&number.to_string(), 2);
        let refused = Call::post(gateway, "create", &other).send();
        assert_eq!(refused.status, 400, "{}", refused.body);
    }
}

/// The next response of a connection that is kept.
fn next(stream: &mut BufReader<TcpStream>) -> Reply {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "closed after {head:?}");
    }
    let reply = parse(head.as_bytes()).unwrap();
    let mut body = vec![0; reply.header("content-length").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    Reply { body: String::from_utf8(body).unwrap(), ..reply }
}
