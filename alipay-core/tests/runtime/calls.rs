//! Calls over a real connection, and the setting up of clients.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use alipay_core::{
    Call, Client, ClientBuilder, Environment, Error, ErrorKind, Outcome,
    nonce::{NoRandomness, NonceSource},
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
};
use bytes::Bytes;
use common::{
    Create, Nothing, Order, OrderRequest, Query, QueryRequest, SameNonce, Send, Stop, builder,
    client, create_request, credentials, query_request, send_request, signed,
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server that takes one request and then does as it is told.
async fn serve<F, Done>(response: F) -> (Client, Arc<Mutex<String>>)
where
    F: FnOnce(TcpStream) -> Done + std::marker::Send + 'static,
    Done: Future<Output = ()> + std::marker::Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..count]);
            if count == 0 || is_complete(&request) {
                break;
            }
        }
        *log.lock().unwrap() = String::from_utf8(request).unwrap();
        response(stream).await;
    });
    (at(&format!("http://{address}")).build().unwrap(), seen)
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| body.len() >= length.parse().unwrap())
}

/// A client with the transport that users get, which tries once.
fn at(url: &str) -> ClientBuilder {
    Client::builder(credentials()).clock(common::now()).nonces(SameNonce).no_retry().base_url(url)
}

/// Writes a text and closes.
async fn write(mut stream: TcpStream, text: String) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// A response as it stands on the wire.
fn wire(response: &http::Response<Bytes>) -> String {
    let mut text = format!("HTTP/1.1 {} x\r\n", response.status().as_u16());
    for (name, value) in response.headers() {
        text.extend([name.as_str(), ": ", value.to_str().unwrap(), "\r\n"]);
    }
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    text + &format!("content-length: {}\r\n\r\n{body}", body.len())
}

async fn create(client: &Client) -> Result<String, Error> {
    let created = Call::<Create>::new(client, &create_request()).await?;
    Ok(created.activity_id.clone().unwrap_or_default())
}

fn facts(error: &Error) -> (ErrorKind, Outcome, bool) {
    (error.kind(), error.outcome(), error.is_retryable())
}

#[tokio::test]
async fn what_is_sent_is_what_was_signed() {
    let response = wire(&signed(200, r#"{"activity_id":"1"}"#));
    let (client, seen) = serve(|stream| write(stream, response)).await;
    let created = Call::<Create>::new(&client, &create_request()).send().await.unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("1"));
    assert_eq!(created.attempts(), 1);
    assert_eq!(created.status(), 200);
    let seen = seen.lock().unwrap().clone();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let vector = &common::case("post-json")["request"];
    assert!(head.starts_with("POST /v3/alipay/marketing/activity/voucher/create HTTP/1.1\r\n"));
    assert_eq!(body, vector["body"]);
    for line in [
        format!("authorization: {}", vector["headers"]["authorization"].as_str().unwrap()),
        "accept: application/json".to_owned(),
        "content-type: application/json".to_owned(),
        "alipay-request-id: 5f9fba93bbb240f0b32804d5ead3e131".to_owned(),
        format!("user-agent: alipay-core/{} (rust)", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|other| other == line), "{line}\n{head}");
    }
    for absent in ["accept-encoding", "cookie", "alipay-encrypt-type", "alipay-app-auth-token"] {
        assert!(!head.contains(absent), "{head}");
    }
}

#[tokio::test]
async fn a_query_is_sent_as_signed() {
    let response = wire(&signed(200, "{}"));
    let (client, seen) = serve(|stream| write(stream, response)).await;
    let request = QueryRequest {
        activity_id: Some("a b'\"<>\\^`{|}/../%2e*~?#[]@!$&()+,;=中".to_owned()),
        merchant_access_mode: Some(String::new()),
        page: Some(-1),
    };
    Call::<Query>::new(&client, &request).await.unwrap();
    let target = "/v3/alipay/marketing/activity/voucher/query?activity_id=\
                  a%20b%27%22%3C%3E%5C%5E%60%7B%7C%7D%2F..%2F%252e%2A~%3F%23%5B%5D%40%21%24%26%28%29%2B%2C%3B%3D%E4%B8%AD\
                  &merchant_access_mode=&page=-1";
    let seen = seen.lock().unwrap().clone();
    assert!(seen.starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{seen}");
    assert!(seen.ends_with("\r\n\r\n"));
    assert!(!seen.contains("content-type"));
}

#[tokio::test]
async fn a_response_in_many_pieces() {
    let body = format!(r#"{{"activity_id":"{}"}}"#, "1".repeat(100_000));
    let response = wire(&signed(200, &body));
    let (client, _) = serve(|mut stream| async move {
        for piece in response.as_bytes().chunks(30_000) {
            stream.write_all(piece).await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(create(&client).await.unwrap().len(), 100_000);
}

#[tokio::test]
async fn a_refused_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}");
    drop(listener);
    let error = create(&at(&url).build().unwrap()).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Connect, Outcome::NotSent, true));
    // Each system has its own words for it.
    let cause = std::net::TcpStream::connect(address).unwrap_err().to_string();
    let text = error.to_string().replace(&url, "URL").replace(&cause, "CAUSE");
    insta::assert_snapshot!(text, @"alipay.marketing.activity.voucher.create: cannot connect to URL: CAUSE; nothing was sent");
    let error = Call::<Stop>::new(&at(&url).build().unwrap(), &Nothing {}).await.unwrap_err();
    // Even what is unsafe to repeat is not harmed by what was not sent.
    assert!(error.is_retryable());
}

#[tokio::test]
async fn no_response_in_time() {
    let (client, _) = serve(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let start = Instant::now();
    let call = Call::<Create>::new(&client, &create_request()).timeout(Duration::from_millis(200));
    let error = call.await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(facts(&error), (ErrorKind::Timeout, Outcome::Unknown, true));
    insta::assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: no response within 200ms; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[tokio::test]
async fn a_response_that_never_ends_is_cut_by_the_deadline() {
    let (client, _) = serve(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"1\r\n{\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let call = Call::<Create>::new(&client, &create_request()).timeout(Duration::from_millis(200));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn no_time_at_all_sends_nothing() {
    let error = Call::<Create>::new(&client(), &create_request())
        .timeout(Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Timeout, Outcome::NotSent, true));
}

#[tokio::test]
async fn broken_connections() {
    for response in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}",
        "not http at all\r\n\r\n",
    ] {
        let (client, _) = serve(|stream| write(stream, response.to_owned())).await;
        let error = create(&client).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Transport, Outcome::Unknown, true), "{response}");
        let text = error.to_string();
        assert!(text.contains("create: the connection broke: "), "{text}");
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
}

#[tokio::test]
async fn too_large_a_response() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n".to_owned();
    let chunk = format!("200\r\n{}\r\n", "x".repeat(0x200));
    let streamed =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(100));
    for response in [announced, streamed] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(response.as_bytes()).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        });
        let client = at(&url).max_body(1000).build().unwrap();
        let error = create(&client).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::BodyTooLarge, Outcome::Unknown, false));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    for status in [301, 302, 303, 307, 308] {
        let response = format!(
            "HTTP/1.1 {status} x\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n"
        );
        let (client, _) = serve(|stream| write(stream, response)).await;
        let error = create(&client).await.unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Status, Outcome::Unknown, false));
        assert_eq!(error.status().unwrap(), status);
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

/// A transport that responses at once and remembers what it got.
#[derive(Clone, Default)]
struct Recorder {
    requests: Arc<Mutex<Vec<http::Request<Body>>>>,
}

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert_eq!(limits.max_body, 8 * 1024 * 1024);
        self.requests.lock().unwrap().push(request);
        Box::pin(async { Ok(signed(200, "{}")) })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A transport that fails in one way.
struct Failing(TransportErrorKind);

impl Transport for Failing {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let error = TransportError::new(self.0).with_source("the\ncause");
        Box::pin(async { Err(error) })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn failures_of_other_transports() {
    for (kind, expected) in [
        (TransportErrorKind::Unsendable, (ErrorKind::Request, Outcome::NotSent, false)),
        (TransportErrorKind::Connect, (ErrorKind::Connect, Outcome::NotSent, true)),
        (TransportErrorKind::Timeout, (ErrorKind::Timeout, Outcome::Unknown, true)),
        (TransportErrorKind::Io, (ErrorKind::Transport, Outcome::Unknown, true)),
        (TransportErrorKind::BodyTooLarge, (ErrorKind::BodyTooLarge, Outcome::Unknown, false)),
    ] {
        let client = builder(credentials()).no_retry().transport(Failing(kind)).build().unwrap();
        let error = create(&client).await.unwrap_err();
        assert_eq!(facts(&error), expected);
        assert!(error.to_string().contains(r"the\u{a}cause"), "{error}");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the\ncause");
    }
}

#[tokio::test]
async fn options_of_a_call_come_before_those_of_the_client() {
    let recorder = Recorder::default();
    let client = builder(credentials())
        .transport(recorder.clone())
        .app_auth_token("of-client")
        .user_agent("shop/1")
        .encrypted(true)
        .build()
        .unwrap();
    let call = || Call::<Send>::new(&client, &send_request());
    // The stub's response is not encrypted; only the requests are looked at.
    call().await.unwrap_err();
    call().app_auth_token("of-call").plain().request_id("id-1_x").await.unwrap();
    let plain = builder(credentials()).transport(recorder.clone()).build().unwrap();
    Call::<Query>::new(&plain, &query_request()).encrypted().await.unwrap_err();
    let requests = recorder.requests.lock().unwrap();
    let header = |index: usize, name: &str| {
        requests[index].headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header(0, "alipay-app-auth-token").as_deref(), Some("of-client"));
    assert_eq!(header(0, "alipay-encrypt-type").as_deref(), Some("AES"));
    assert_eq!(header(0, "content-type").as_deref(), Some("text/plain"));
    assert_eq!(header(0, "user-agent").as_deref(), Some("shop/1"));
    assert_eq!(header(1, "alipay-app-auth-token").as_deref(), Some("of-call"));
    assert_eq!(header(1, "alipay-encrypt-type"), None);
    assert_eq!(header(1, "content-type").as_deref(), Some("application/json"));
    assert_eq!(header(1, "alipay-request-id").as_deref(), Some("id-1_x"));
    assert!(requests[1].body().as_bytes().unwrap().starts_with(b"{"));
    // A call without a body asks for an encrypted response, too.
    assert_eq!(header(2, "alipay-encrypt-type").as_deref(), Some("AES"));
    assert_eq!(header(2, "content-type").as_deref(), Some("text/plain"));
    assert_eq!(header(2, "alipay-app-auth-token"), None);
    assert!(requests[2].body().is_empty());
}

#[tokio::test]
async fn nonces_and_request_ids_are_new_each_time() {
    let recorder = Recorder::default();
    let client =
        Client::builder(credentials()).clock(common::now()).transport(recorder.clone()).build();
    let client = client.unwrap();
    let calls: Vec<_> = (0..20)
        .map(|_| tokio::spawn(Call::<Stop>::new(&client, &Nothing {}).into_future()))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let requests = recorder.requests.lock().unwrap();
    let mut seen = std::collections::HashSet::new();
    for request in requests.iter() {
        let auth = request.headers()["authorization"].to_str().unwrap();
        let nonce = auth.split("nonce=").nth(1).unwrap().split(',').next().unwrap();
        assert_eq!(nonce.len(), 36);
        assert_eq!(nonce.as_bytes()[14], b'4');
        let id = request.headers()["alipay-request-id"].to_str().unwrap();
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert!(seen.insert(nonce.to_owned()) && seen.insert(id.to_owned()));
    }
}

#[test]
fn parts_of_the_path_are_encoded() {
    let request = OrderRequest { activity_id: Some("a/b ?中%".to_owned()), note: None };
    let prepared = Call::<Order>::new(&client(), &request).prepare().unwrap();
    assert_eq!(
        prepared.request().uri(),
        "https://openapi.alipay.com/v3/alipay/marketing/activity/a%2Fb%20%3F%E4%B8%AD%25/stores"
    );
    assert_eq!(prepared.request().method(), "PATCH");
    // An operation that has body fields sends an object even if none of them is set.
    assert_eq!(prepared.request().body(), "{}");
    assert_eq!(prepared.request().headers()["content-type"], "application/json");
}

proptest! {
    /// Whatever stands in a parameter comes out at the other end, and no HTTP stack changes it.
    #[test]
    fn any_parameter_is_sent_as_signed(path in "\\PC{1,20}", query in any::<String>()) {
        prop_assume!(path != "." && path != "..");
        let request = OrderRequest { activity_id: Some(path.clone()), note: None };
        let (order, _) =
            Call::<Order>::new(&client(), &request).prepare().unwrap().into_parts();
        let request = QueryRequest { activity_id: Some(query.clone()), ..QueryRequest::default() };
        let (found, _) =
            Call::<Query>::new(&client(), &request).prepare().unwrap().into_parts();
        let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let part = order.uri().path().rsplit('/').nth(1).unwrap();
        prop_assert_eq!(decode(part), path);
        let value = found.uri().query().unwrap().strip_prefix("activity_id=").unwrap();
        prop_assert_eq!(decode(value), query);
        for request in [order, found] {
            let uri = request.uri().to_string();
            let url = reqwest::Request::try_from(request).unwrap().url().to_string();
            prop_assert_eq!(url, uri);
        }
    }
}

#[test]
fn base_urls() {
    let base = |url: &str| Client::builder(credentials()).base_url(url).build();
    for good in [
        "https://openapi.alipay.com",
        "https://openapi.alipay.com/",
        "https://gateway.example:8443",
        " http://localhost:8080 ",
        "http://127.0.0.1:1",
        "http://127.8.8.8",
        "http://[::1]:80/",
    ] {
        base(good).unwrap();
    }
    for (bad, expected) in [
        ("", "not a URL"),
        ("openapi.alipay.com", "must be like"),
        ("/v3", "must be like"),
        ("ftp://openapi.alipay.com", "https://"),
        ("https://openapi.alipay.com/gateway.do", "older protocol"),
        ("https://openapi.alipay.com/v3", "path"),
        ("https://openapi.alipay.com?a=1", "query"),
        ("https://openapi.alipay.com/#a", "fragment"),
        ("https://user:pass@openapi.alipay.com", "user name"),
        ("http://openapi.alipay.com", "https"),
        ("http://localhost.example.com", "https"),
        ("http://127.0.0.1.example.com", "https"),
        ("https://a b", "not a URL"),
    ] {
        let error = base(bad).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
        let text = error.to_string();
        assert!(text.contains(expected), "{bad}: {text}");
        assert!(!text.contains("pass"), "{text}");
    }
    assert_eq!(Environment::default(), Environment::Production);
    let sandbox = Client::builder(credentials()).environment(Environment::Sandbox).build().unwrap();
    assert!(format!("{sandbox:?}").contains("https://openapi-sandbox.dl.alipaydev.com"));
}

#[test]
fn wrong_settings_are_told() {
    for builder in [
        Client::builder(credentials()).app_auth_token("a b"),
        Client::builder(credentials()).user_agent("a\nb"),
        Client::builder(
            alipay_core::Credentials::keys(
                "1",
                common::key("app_private_pkcs8"),
                common::key("alipay_public"),
            )
            .unwrap(),
        )
        .encrypted(true),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::Configuration);
    }
}

#[test]
fn without_randomness_nothing_is_sent() {
    struct Broken;
    impl NonceSource for Broken {
        fn next(&self) -> Result<[u8; 16], NoRandomness> {
            Err(NoRandomness)
        }
    }
    let client = builder(credentials()).nonces(Broken).build().unwrap();
    let error = Call::<Stop>::new(&client, &Nothing {}).prepare().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
}
