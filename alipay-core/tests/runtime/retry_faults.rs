//! What is known of the outcome, over real connections: each way a call can fail, for a call that
//! carries its idempotency key, one that reads, and one that is unsafe to repeat.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alipay_core::{Call, Client, Error, ErrorKind, Outcome};
use common::{
    Create, Nothing, Query, SameNonce, Stop, create_request, credentials, query_request, signed,
    unsigned,
};
use socket2::SockRef;

/// What a server does with a connection.
#[derive(Clone)]
enum Does {
    /// Resets it at once.
    ResetAtOnce,
    /// Says something that is neither TLS nor HTTP, at once.
    Greet,
    /// Resets it after so many bytes of the request.
    ResetAfter(usize),
    /// Reads the request, then resets.
    ResetAfterRequest,
    /// Reads the request, then closes.
    CloseAfterRequest,
    /// Reads the request, begins a response, then resets.
    ResetWithinResponse,
    /// Reads the request and says nothing.
    Silence,
    /// Responses.
    Response(u16, &'static str, Signed),
    /// Responses what is no HTTP.
    Garbage,
}

#[derive(Clone, Copy, PartialEq)]
enum Signed {
    Rightly,
    Wrongly,
    Not,
}

/// A server on a thread of its own; it counts connections that carried a request.
fn server(does: Does) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
            serve(stream.unwrap(), &does);
        }
    });
    (format!("http://{address}"), count)
}

fn serve(mut stream: TcpStream, does: &Does) {
    match does {
        Does::ResetAtOnce => return reset(stream),
        Does::Greet => {
            let _ = stream.write_all(b"220 smtp.example\r\n");
            let _ = stream.read(&mut [0; 4096]);
            return;
        }
        Does::ResetAfter(bytes) => {
            let mut buffer = vec![0; *bytes];
            let _ = stream.read_exact(&mut buffer);
            return reset(stream);
        }
        _ => read_request(&mut stream),
    }
    match does {
        Does::ResetAfterRequest => return reset(stream),
        Does::ResetWithinResponse => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
            std::thread::sleep(Duration::from_millis(20));
            return reset(stream);
        }
        Does::Silence => {
            // Until the client gives up.
            let _ = stream.read(&mut [0; 1]);
        }
        Does::Garbage => drop(stream.write_all(b"220 smtp.example\r\n\r\n")),
        Does::Response(status, body, how) => {
            let response = match how {
                Signed::Not => unsigned(*status, "application/json", body),
                Signed::Rightly => signed(*status, body),
                Signed::Wrongly => signed(*status, "another body").map(|_| (*body).into()),
            };
            let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
            for (name, value) in response.headers() {
                head.extend([name.as_str(), ": ", value.to_str().unwrap(), "\r\n"]);
            }
            let length = if *status == 204 { 0 } else { body.len() };
            let end = format!("content-length: {length}\r\n\r\n");
            let _ = stream.write_all(format!("{head}{end}{}", &body[..length]).as_bytes());
        }
        _ => {}
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap_or_default();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.is_none_or(|length| body.len() >= length.parse().unwrap()) {
                return;
            }
        }
        if count == 0 {
            return;
        }
    }
}

/// Closes with a reset instead of an orderly end.
fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// Long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(10);

fn client(url: &str, limit: Duration) -> Client {
    Client::builder(credentials())
        .clock(common::now())
        .nonces(SameNonce)
        .jitter(Duration::from_millis(1))
        .attempt_timeout(limit)
        .base_url(url)
        .build()
        .unwrap()
}

/// Kind, outcome and attempts of the three calls.
async fn calls(url: &str, limit: Duration) -> [(ErrorKind, Outcome, u32); 3] {
    let facts = |error: Error| (error.kind(), error.outcome(), error.attempts());
    let client = client(url, limit);
    [
        facts(Call::<Create>::new(&client, &create_request()).await.unwrap_err()),
        facts(Call::<Query>::new(&client, &query_request()).await.unwrap_err()),
        facts(Call::<Stop>::new(&client, &Nothing {}).await.unwrap_err()),
    ]
}

const REFUSED: &str = r#"{"code":"BUDGET_NOT_ENOUGH"}"#;
const LIMITED: &str = r#"{"code":"app-call-limited"}"#;
const FAILED: &str = r#"{"code":"SYSTEM_ERROR"}"#;

/// A fault, what it is taken for, and outcome and attempts of a call with its key, of one that reads,
/// and of one that is unsafe to repeat.
type Row = (&'static str, Does, ErrorKind, [(Outcome, u32); 3]);

#[tokio::test]
async fn the_outcome_of_each_fault() {
    use ErrorKind::{Api, Decode, Processing, Status, Timeout, Transport, Verification};
    use Outcome::{Rejected, Unknown};
    use Signed::{Not, Rightly, Wrongly};
    let code = |status, code, how| Does::Response(status, code, how);
    let unknown = |unsafe_attempts| [(Unknown, 3), (Unknown, 3), (Unknown, unsafe_attempts)];
    let once = [(Unknown, 1); 3];
    let rows: Vec<Row> = vec![
        ("reset within the request", Does::ResetAfter(20), Transport, unknown(1)),
        ("reset after the request", Does::ResetAfterRequest, Transport, unknown(1)),
        ("closed after the request", Does::CloseAfterRequest, Transport, unknown(1)),
        ("reset within the response", Does::ResetWithinResponse, Transport, unknown(1)),
        ("no HTTP", Does::Garbage, Transport, unknown(1)),
        ("no response", Does::Silence, Timeout, unknown(1)),
        ("signed refusal", code(400, REFUSED, Rightly), Api, [(Rejected, 1); 3]),
        (
            "unsigned refusal",
            code(400, REFUSED, Not),
            Api,
            [(Unknown, 1), (Rejected, 1), (Unknown, 1)],
        ),
        ("wrongly signed refusal", code(400, REFUSED, Wrongly), Verification, once),
        ("signed limit", code(429, LIMITED, Rightly), Api, [(Rejected, 3); 3]),
        (
            "unsigned limit",
            code(429, LIMITED, Not),
            Api,
            [(Unknown, 3), (Rejected, 3), (Unknown, 1)],
        ),
        ("signed failure", code(500, FAILED, Rightly), Api, unknown(1)),
        ("unsigned failure", code(500, FAILED, Not), Api, unknown(1)),
        ("bad gateway", code(502, "", Not), Status, unknown(1)),
        ("unavailable", code(503, "", Not), Status, unknown(1)),
        ("gateway timeout", code(504, "", Not), Status, unknown(1)),
        ("accepted", code(202, "", Rightly), Processing, unknown(1)),
        ("bad signature", code(200, "{}", Wrongly), Verification, once),
        ("no signature", code(200, "{}", Not), Verification, once),
        ("no JSON", code(200, "nonsense", Rightly), Decode, once),
    ];
    for (name, does, kind, [keyed, read, unsafe_]) in rows {
        let (url, _) = server(does);
        let limit = if kind == Timeout { Duration::from_millis(200) } else { LIMIT };
        let facts = calls(&url, limit).await;
        let expected = [keyed, read, unsafe_].map(|(outcome, attempts)| (kind, outcome, attempts));
        assert_eq!(facts, expected, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_sent_without_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (plain, connections) = server(Does::Greet);
    let no_tls = plain.replace("http://", "https://");
    for url in [refused, no_tls] {
        assert_eq!(
            calls(&url, LIMIT).await,
            [(ErrorKind::Connect, Outcome::NotSent, 3); 3],
            "{url}"
        );
    }
    // They were tried, and no request got through.
    assert_eq!(connections.load(Ordering::SeqCst), 9);
}

/// Whether a connection that is reset at once was ever made is a matter of luck. Either way what is
/// said is true, and what is unsafe to repeat is repeated only if it was not sent.
#[tokio::test]
async fn a_reset_before_the_request() {
    let (url, _) = server(Does::ResetAtOnce);
    let client = client(&url, LIMIT);
    for _ in 0..20 {
        let error = Call::<Stop>::new(&client, &Nothing {}).await.unwrap_err();
        match error.kind() {
            ErrorKind::Connect => {
                assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 3));
            }
            _ => {
                assert_eq!(error.kind(), ErrorKind::Transport);
                assert_eq!(error.outcome(), Outcome::Unknown);
            }
        }
    }
}

/// A response that cannot be decrypted leaves the outcome open.
#[tokio::test]
async fn an_undecryptable_response() {
    for body in [r#"{"activity_id":"1"}"#, "AAAAAAAAAAAAAAAAAAAAAA==", "no base64!"] {
        let (url, connections) = server(Does::Response(200, body, Signed::Rightly));
        let client = client(&url, LIMIT);
        let error = Call::<Create>::new(&client, &create_request()).encrypted().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.attempts()),
            (ErrorKind::Decryption, Outcome::Unknown, 1)
        );
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}
