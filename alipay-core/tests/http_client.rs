//! The HTTP client: this crate's own, changed or not, and one of someone else's making. What their
//! errors prove, and how often the server sees a request.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(clippy::redundant_closure_for_method_calls, reason = "the method's type is hidden")]

mod common;

use std::{
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use alipay_core::{
    Call, Client, ClientBuilder, Error, ErrorKind, Outcome,
    operation::Method,
    transport::{
        Body, BoxFuture, Limits, ReqwestTransport, Transport, TransportError, bytes::Bytes, http,
        reqwest,
    },
    value::{Content, File},
};
use common::{
    Create, create_request, credentials,
    server::{Server, created},
};

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} x\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

fn at(url: &str) -> ClientBuilder {
    Client::builder(credentials())
        .clock(common::now())
        .jitter(Duration::ZERO)
        .base_url(url)
        .app_auth_token("merchant-token")
}

/// A call that is not safe to repeat.
async fn transfer(client: &Client) -> Error {
    let call = client.raw(Method::Post, "/v3/alipay/fund/trans/uni/transfer");
    call.json(&serde_json::json!({"trans_amount": "100.00"})).await.unwrap_err()
}

/// A call that carries its idempotency key.
async fn create(client: &Client) -> Error {
    Call::<Create>::new(client, &create_request()).await.unwrap_err()
}

fn facts(error: &Error) -> (ErrorKind, Outcome, u32) {
    (error.kind(), error.outcome(), error.attempts())
}

/// Each status that redirects, to this server and to where there is none.
fn redirects(elsewhere: &Server) -> impl Iterator<Item = (u16, String)> {
    let url = elsewhere.url.clone();
    [301, 302, 303, 307, 308]
        .into_iter()
        .flat_map(move |status| [(status, url.clone()), (status, nowhere())])
}

/// Whatever is set in its builder, this crate's own client follows no redirect and repeats nothing.
#[tokio::test]
async fn an_own_client_sends_once() {
    let elsewhere = Server::start(created);
    for (status, target) in redirects(&elsewhere) {
        let response = redirect(status, &target);
        let server = Server::start(move || response.clone());
        let changed = at(&server.url).http_client(|http| {
            let again = reqwest::retry::for_host("127.0.0.1")
                .no_budget()
                .classify_fn(|attempt| attempt.retryable());
            http.redirect(reqwest::redirect::Policy::limited(5)).retry(again).referer(true)
        });
        for (calls, builder) in [at(&server.url), changed].into_iter().enumerate() {
            let error = transfer(&builder.build().unwrap()).await;
            assert_eq!(
                facts(&error),
                (ErrorKind::Status, Outcome::Unknown, 1),
                "{status} {target}"
            );
            assert_eq!(error.status().unwrap(), status);
            assert_eq!(server.seen().len(), calls + 1, "{status} {target}");
        }
    }
    assert!(elsewhere.seen().is_empty());
}

/// A client of which nothing is known proves nothing: it fails to connect to where it was
/// redirected, when the request was sent.
#[tokio::test]
async fn a_client_that_follows_redirects_proves_nothing() {
    let elsewhere = Server::start(created);
    for (status, target) in redirects(&elsewhere) {
        let response = redirect(status, &target);
        let server = Server::start(move || response.clone());
        let follows = reqwest::Client::builder().no_proxy().build().unwrap();
        let client = at(&server.url).http_client_unchecked(follows).build().unwrap();
        let error = transfer(&client).await;
        assert_eq!(facts(&error), (ErrorKind::Transport, Outcome::Unknown, 1), "{status} {target}");
        assert!(!error.is_retryable());
        assert_eq!(server.seen().len(), 1, "{status} {target}");
        let told = if target == elsewhere.url { "followed a redirect" } else { "one of your own" };
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.to_string().contains("query before repeating"), "{error}");
        // What may be repeated, may be here, too.
        let error = create(&client).await;
        assert_eq!(facts(&error), (ErrorKind::Transport, Outcome::Unknown, 3), "{status} {target}");
    }
    // What the documentation warns of.
    assert!(elsewhere.seen().iter().all(|head| head.contains("alipay-app-auth-token")));
}

#[tokio::test]
async fn whose_client_cannot_connect() {
    let url = nowhere();
    let own = at(&url).http_client(|http| http.pool_max_idle_per_host(1)).build().unwrap();
    assert_eq!(facts(&transfer(&own).await), (ErrorKind::Connect, Outcome::NotSent, 3));
    let another = reqwest::Client::builder().no_proxy().build().unwrap();
    let another = at(&url).http_client_unchecked(another).build().unwrap();
    let error = transfer(&another).await;
    assert_eq!(facts(&error), (ErrorKind::Transport, Outcome::Unknown, 1));
    let text = error.to_string();
    assert!(text.contains("refused") && !text.contains("127.0.0.1"), "{text}");
}

/// A file that comes from a server which cannot be reached.
struct FromElsewhere;

impl Content for FromElsewhere {
    fn size(&self) -> u64 {
        1000
    }

    fn read(&self, _: u64) -> BoxFuture<'static, std::io::Result<Bytes>> {
        Box::pin(async {
            let error = reqwest::Client::builder().no_proxy().build().unwrap().get(nowhere());
            Err(std::io::Error::other(error.send().await.unwrap_err()))
        })
    }
}

/// That a file cannot be fetched says nothing of the connection its request is sent over.
#[tokio::test]
async fn another_connection_is_not_this_one() {
    let server = Server::start(created);
    let client = at(&server.url).build().unwrap();
    let call = client.raw(Method::Post, "/v3/alipay/open/file/upload");
    let error = call.file("file", File::streamed("a.jpg", FromElsewhere)).await.unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Transport, Outcome::Unknown, 1));
}

/// A proxy that is given is used, even to this computer; and by blocking calls, too.
#[tokio::test]
async fn a_client_is_changed() {
    let proxy = Server::start(created);
    let url = nowhere();
    let address = proxy.url.clone();
    let client = at(&url)
        .http_client(move |http| http.proxy(reqwest::Proxy::all(&address).unwrap()))
        .build()
        .unwrap();
    let created = Call::<Create>::new(&client, &create_request()).await.unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("7"));
    let seen = proxy.seen();
    let target = "/v3/alipay/marketing/activity/voucher/create";
    assert!(seen[0].starts_with(&format!("POST {url}{target} HTTP/1.1\r\n")), "{seen:?}");
    #[cfg(feature = "blocking")]
    {
        Call::<Create>::new(&client, &create_request()).send_blocking().unwrap();
        assert_eq!(proxy.seen().len(), 2);
    }
}

/// Default headers cannot be taken out of a client, but they must not cut a body off.
#[tokio::test]
async fn the_length_of_a_body_is_no_default() {
    let server = Server::start(created);
    let client = at(&server.url).http_client(|http| {
        let length = (reqwest::header::CONTENT_LENGTH, 3.into());
        http.default_headers([length].into_iter().collect())
    });
    let client = client.build().unwrap();
    Call::<Create>::new(&client, &create_request()).await.unwrap();
    let file = File::bytes("a.txt", b"x".as_slice());
    client.raw(Method::Post, "/v3/x").file("file", file).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for head in seen {
        assert_eq!(head.matches("content-length: ").count(), 1, "{head}");
        assert!(!head.contains("content-length: 3\r\n"), "{head}");
    }
    // What has no body has no length.
    at(&server.url).build().unwrap().raw(Method::Get, "/v3/x").await.unwrap();
    assert!(!server.seen()[2].contains("content-length"), "{:?}", server.seen()[2]);
}

/// Any crate of a program can switch features of `reqwest` on, for all of them. `cargo xtask ci` runs
/// this with those that compress and keep cookies, and says so by a variable.
#[tokio::test]
async fn features_that_others_switch_on_change_nothing() {
    let codings = ["gzip", "br", "deflate", "zstd"];
    // A response that is not compressed, whatever it says: who decompresses it, fails.
    let responses = AtomicUsize::new(0);
    let server = Server::start(move || {
        let coding = codings[responses.fetch_add(1, Ordering::SeqCst) % codings.len()];
        let kept = format!("HTTP/1.1 200 x\r\nset-cookie: a=b\r\ncontent-encoding: {coding}\r\n");
        created().replace("HTTP/1.1 200 x\r\n", &kept)
    });
    let changed = at(&server.url).http_client(|http| http.pool_max_idle_per_host(1));
    for client in [at(&server.url), changed] {
        let client = client.build().unwrap();
        for _ in codings {
            Call::<Create>::new(&client, &create_request()).await.unwrap();
        }
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 8);
    for head in seen {
        assert!(!head.contains("accept-encoding") && !head.contains("cookie"), "{head}");
    }
    // A client of the caller's may decompress, so it is kept from asking for that.
    let foreign = reqwest::Client::builder().no_proxy().build().unwrap();
    let plain = Server::start(created);
    let client = at(&plain.url).http_client_unchecked(foreign).build().unwrap();
    Call::<Create>::new(&client, &create_request()).await.unwrap();
    let head = plain.seen().pop().unwrap();
    assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
    if std::env::var_os("FEATURES_OF_REQWEST").is_some() {
        let plain = reqwest::Client::builder().no_proxy().build().unwrap();
        let _ = plain.get(&server.url).send().await;
        let head = server.seen().pop().unwrap();
        let accepts = head.lines().find(|line| line.starts_with("accept-encoding: ")).unwrap();
        assert!(codings.iter().all(|coding| accepts.contains(coding)), "{accepts}");
    }
}

/// The transport with a limit of its own, so that the client's does not hide it.
struct Limited {
    max_body: usize,
    over: ReqwestTransport,
}

impl Transport for Limited {
    fn send(
        &self,
        request: http::Request<Body>,
        mut limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        limits.max_body = self.max_body;
        self.over.send(request, limits)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.over.sleep(duration)
    }
}

/// A good response whose length is not announced, in chunks of so many bytes.
fn in_chunks(size: usize) -> String {
    let response = created();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let (head, _) = head.split_once("content-length").unwrap();
    let chunk =
        |bytes: &[u8]| format!("{:x}\r\n{}\r\n", bytes.len(), String::from_utf8_lossy(bytes));
    let chunks: String = body.as_bytes().chunks(size).map(chunk).collect();
    format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
}

#[tokio::test]
async fn a_body_has_at_most_the_bytes_that_are_allowed() {
    const SIZE: usize = r#"{"activity_id":"7"}"#.len();
    let servers = [
        Server::start(created),
        Server::start(|| in_chunks(SIZE)),
        Server::start(|| in_chunks(SIZE - 1)),
        Server::start(|| in_chunks(5)),
    ];
    for (way, server) in servers.iter().enumerate() {
        for (max_body, fits) in [(SIZE, true), (SIZE - 1, false)] {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let transport = Limited { max_body, over: ReqwestTransport::unchecked(http) };
            let client = at(&server.url).transport(transport).build().unwrap();
            let result = Call::<Create>::new(&client, &create_request()).await;
            assert_eq!(result.is_ok(), fits, "{way}");
            if let Err(error) = result {
                assert_eq!(facts(&error), (ErrorKind::BodyTooLarge, Outcome::Unknown, 1), "{way}");
            }
        }
    }
}

/// The most memory that the process has had, in bytes.
#[cfg(target_os = "linux")]
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    most.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// A chunk that is kept takes much more than its bytes.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_body_in_tiny_chunks_takes_no_more_memory() {
    const CHUNKS: usize = 500_000;
    let head = "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n";
    let response = format!("{head}{}0\r\n\r\n", "1\r\nx\r\n".repeat(CHUNKS));
    let size = response.len();
    let server = Server::start(move || response.clone());
    let client = at(&server.url).build().unwrap();
    let before = most_memory();
    let error = client.raw(Method::Get, "/v3/x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
    let more = most_memory() - before;
    // The server copies its response, and the client has the body, twice while it grows.
    assert!(more < size + 20 * CHUNKS, "{more} bytes");
}

#[test]
fn a_client_that_cannot_be_made() {
    let error = |url, change: fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder| {
        let error = at(url).http_client(change).build().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
        error.to_string()
    };
    for text in [
        error("http://127.0.0.1", |http| http.user_agent("a\nb")),
        // It needs root certificates of the caller's.
        error("https://localhost", |http| http.tls_danger_accept_invalid_hostnames(true)),
    ] {
        assert!(text.starts_with("the HTTP client cannot be set up: "), "{text}");
    }
}
