//! The gateway's address: what is taken for one, and that it is reached without a proxy where it is
//! on this computer.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::common;

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use alipay_core::{Client, Error, ErrorKind, Outcome, operation::Method};
use common::credentials;
use proptest::prelude::*;

fn build(url: &str) -> Result<Client, Error> {
    Client::builder(credentials()).base_url(url).build()
}

/// Why an address is refused.
fn problem(url: &str) -> String {
    let error = build(url).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    error.to_string()
}

/// A name of so many characters, of parts that are as long as parts may be.
fn long_name(length: usize) -> String {
    let parts = format!("{}.", "a".repeat(63)).repeat(4);
    parts.get(..length).unwrap().to_owned()
}

#[test]
fn hosts_and_ports_that_can_be_called() {
    for url in [
        "https://gateway.example:1",
        "https://gateway.example:65535",
        "https://GATEWAY.example",
        "https://alipay_mock",
        "https://a--b.x-1.example",
        "https://1.example",
        "https://xn--fsqu00a.example",
        "https://10.0.0.1:8443",
        "https://[2001:db8::1]",
        "https://[::ffff:10.0.0.1]:8443",
        "https://[2001:db8::]:8443",
        "http://LOCALHOST:8080",
        "http://127.255.255.254",
        &format!("https://{}.example", "a".repeat(63)),
        &format!("https://{}", long_name(253)),
    ] {
        build(url).unwrap();
    }
}

#[test]
fn plain_http_is_for_the_host_that_is_named() {
    let with = |url: &str, host: &str| {
        let builder = Client::builder(credentials()).allow_http_for(host);
        builder.base_url(url).build().map(drop).map_err(|error| error.to_string())
    };
    for (url, host) in [
        ("http://alipay-mock:8787", "alipay-mock"),
        ("http://ALIPAY-mock", "alipay-MOCK"),
        ("http://10.0.0.1:8787", "10.0.0.1"),
        ("http://[fd00::1]:8787", "fd00::1"),
        ("http://[fd00:0::1]:8787", "[fd00::1]"),
        ("http://myalipay.com", "myalipay.com"),
        ("http://alipay.com.example", "alipay.com.example"),
        // What needs no permission stays as it is.
        ("http://localhost:1", "alipay-mock"),
        ("https://openapi.alipay.com", "alipay-mock"),
    ] {
        assert_eq!(with(url, host), Ok(()), "{url}");
    }
    for (url, host) in [
        ("http://alipay-mock", "alipay-mock.example"),
        ("http://alipay-mock.example", "alipay-mock"),
        ("http://alipay-mock.example", "example"),
        ("http://10.0.0.1", "10.0.0.2"),
    ] {
        let text = with(url, host).unwrap_err();
        assert!(
            text.starts_with("the base URL: plain http is allowed for this computer"),
            "{text}"
        );
    }
    let text = problem("http://alipay-mock:8787");
    assert_eq!(
        text,
        "the base URL: plain http is allowed for this computer only (localhost); use https, or name \
         the host of a gateway for tests with `allow_http_for` (`ALIPAY_ALLOW_HTTP_FOR`)"
    );
    // Never Alipay's own, whatever is said, and whichever comes first.
    for host in [
        "openapi.alipay.com",
        "OPENAPI.alipay.COM",
        "alipay.com",
        "alipaydev.com",
        "openapi-sandbox.dl.alipaydev.com",
    ] {
        let url = format!("http://{host}");
        assert_eq!(
            problem(&url),
            "the base URL: Alipay's own hosts are called by https only; use https"
        );
        for url in [&url, "https://openapi.alipay.com"] {
            let text = with(url, host).unwrap_err();
            assert!(
                text.starts_with("the host that plain http is allowed for: Alipay's"),
                "{text}"
            );
        }
        let builder = Client::builder(credentials()).base_url(&url).allow_http_for(host);
        assert!(builder.build().is_err());
        assert!(with(&url, "alipay-mock").is_err());
    }
    for host in
        ["", " ", "*", "http://alipay-mock", "alipay-mock:8787", "a,b", "a b", "a.", "127.1"]
    {
        let text = with("https://openapi.alipay.com", host).unwrap_err();
        assert!(text.ends_with("such as alipay-mock, without scheme and port"), "{host}: {text}");
    }
}

#[test]
fn ports_that_are_none() {
    for port in ["", "0", "+443", "-1", "0443", "65536", "99999", "443a", "443:443", "0x1bb"] {
        for host in ["https://openapi.alipay.com", "http://127.0.0.1", "http://[::1]"] {
            let text = problem(&format!("{host}:{port}"));
            let known = "the base URL: the port must be a number from 1 to 65535";
            // Of some the URL parser says that they are none before.
            assert!(text == known || text == "the base URL: it is not a URL", "{port}: {text}");
        }
    }
    let text = problem("https://openapi.alipay.com:99999");
    assert_eq!(text, "the base URL: the port must be a number from 1 to 65535");
}

#[test]
fn hosts_that_are_none() {
    let name = "the base URL: the host must be an IP address, or a name of letters, digits and \
                hyphens between dots";
    let long = "a.".repeat(127);
    let long_part = "a".repeat(64);
    let long_name = long_name(254);
    for host in [
        ".",
        "..",
        "a..example",
        ".example",
        "openapi.alipay.com.",
        "localhost.",
        "-a.example",
        "a-.example",
        "a~b",
        "a,b",
        "a;b",
        "a*",
        &long,
        &long_part,
        &long_name,
    ] {
        assert_eq!(problem(&format!("https://{host}")), name, "{host}");
        assert_eq!(problem(&format!("http://{host}:80")), name, "{host}");
    }
    let brackets = "the base URL: in brackets belongs an IPv6 address, without a zone";
    for host in [
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "[localhost]",
        "[]",
        "[:]",
        "[::1]a",
        "[::1::2]",
        "[1:2:3:4:5:6:7]",
        "[v1.a]",
    ] {
        for url in [format!("https://{host}"), format!("http://{host}:80")] {
            let text = problem(&url);
            assert!(text == brackets || text == "the base URL: it is not a URL", "{url}: {text}");
        }
    }
    assert_eq!(problem("https://[fe80::1%25eth0]"), brackets);
    assert_eq!(problem("http://[127.0.0.1]"), brackets);
    let number =
        "the base URL: the host ends in a number, but is no IPv4 address such as 127.0.0.1";
    for host in [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0X7F.1",
        "127.0.0.0x1",
        "256.0.0.1",
        "1.2.3.4.5",
        "127.0.0.01",
        "example.1",
        "0x",
    ] {
        assert_eq!(problem(&format!("https://{host}")), number, "{host}");
        assert_eq!(problem(&format!("http://{host}:80")), number, "{host}");
    }
    for url in ["https://", "https://:443", "https://例子.example", "https://[::1", "https://a]"]
    {
        problem(url);
    }
}

proptest! {
    /// What is taken is the same host and port to the HTTP client.
    #[test]
    fn what_is_taken_is_understood_by_the_http_client(
        host in "(xn--)?[a-z0-9A-Z\\-_.%\\[\\]x]{1,12}|[0-9a-fx.]{1,16}|\\[[0-9a-f:.]{2,12}\\]",
        port in "(:[0-9+]{0,6})?",
    ) {
        let address = format!("https://{host}{port}");
        if build(&address).is_ok() {
            let url = reqwest::Url::parse(&address).unwrap();
            let understood = url.host_str().unwrap();
            let same = host.eq_ignore_ascii_case(understood) || host.starts_with('[');
            prop_assert!(same, "{} is {}", host, understood);
            let port = port.strip_prefix(':').map_or(443, |port| port.parse().unwrap());
            prop_assert_eq!(url.port_or_known_default(), Some(port));
        }
    }
}

/// A server that notes the first line of each request, and refuses it.
struct Notes {
    address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Notes {
    fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&lines);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
                noted.lock().unwrap().extend(head.next());
                head.take_while(|line| !line.is_empty()).for_each(drop);
                let refusal = "HTTP/1.1 502 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(refusal.as_bytes());
            }
        });
        Self { address, lines }
    }

    /// What was noted since the last time.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

/// A process of its own for a test of this file, which has another environment.
fn alone(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("gateway_address::{test}")]);
    child
}

fn assert_passes(child: &mut Command) {
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

const BASE_URL: &str = "ALIPAY_CORE_TEST_BASE_URL";

/// Runs in a process of its own, which the environment of the next test is for.
#[test]
fn calls_in_an_environment_with_proxies() {
    let Ok(url) = std::env::var(BASE_URL) else { return };
    let client = Client::builder(credentials()).base_url(&url).allow_http_for("mock.invalid");
    let client = client.no_retry().timeout(Duration::from_secs(20)).build().unwrap();
    let call = || client.raw(Method::Get, "/v3/x");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { call().await.unwrap_err() });
    #[cfg(feature = "blocking")]
    call().send_blocking().unwrap_err();
}

#[test]
fn no_proxy_leads_to_this_computer() {
    let (gateway, proxy) = (Notes::start(), Notes::start());
    let call = |url: &str, gateway: &Notes| {
        let mut child = alone("calls_in_an_environment_with_proxies");
        child.env(BASE_URL, url);
        for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
            child.env_remove(name);
        }
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            child.env(name, format!("http://{}", proxy.address));
        }
        assert_passes(&mut child);
        (gateway.take(), proxy.take())
    };
    let calls = if cfg!(feature = "blocking") { 2 } else { 1 };
    let port = gateway.address.port();
    for host in ["127.0.0.1", "localhost"] {
        let (arrived, passed_on) = call(&format!("http://{host}:{port}"), &gateway);
        assert_eq!(arrived, vec!["GET /v3/x HTTP/1.1"; calls]);
        assert!(passed_on.is_empty(), "{passed_on:?}");
    }
    // Not every computer has IPv6.
    if let Ok(listener) = TcpListener::bind("[::1]:0") {
        let gateway = Notes::on(listener);
        let (arrived, passed_on) = call(&format!("http://{}", gateway.address), &gateway);
        assert_eq!(arrived, vec!["GET /v3/x HTTP/1.1"; calls]);
        assert!(passed_on.is_empty(), "{passed_on:?}");
    }
    // Nor to a gateway for tests: nobody is called for this one, which is not there.
    let nobody = (Vec::new(), Vec::new());
    assert_eq!(call("http://mock.invalid", &gateway), nobody);
    // It does lead elsewhere, and to the same gateway by https.
    for host in ["gateway.invalid", "mock.invalid"] {
        let (arrived, passed_on) = call(&format!("https://{host}"), &gateway);
        assert_eq!(passed_on, vec![format!("CONNECT {host}:443 HTTP/1.1"); calls]);
        assert!(arrived.is_empty(), "{arrived:?}");
    }
}

const CERTIFICATES: &str = "ALIPAY_CORE_TEST_CERTIFICATES";

/// Runs in a process of its own, which finds no root certificates.
#[test]
fn clients_without_certificates() {
    let Ok(url) = std::env::var(CERTIFICATES) else { return };
    let client = build(&url).unwrap();
    // In each runtime a client is made.
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(async { client.raw(Method::Get, "/v3/x").await.unwrap_err() });
        assert_eq!(error.status().unwrap(), 502);
    }
    #[cfg(feature = "blocking")]
    client.raw(Method::Get, "/v3/x").send_blocking().unwrap_err().status().unwrap();
    for url in ["https://localhost:1", "https://openapi.alipay.com"] {
        let text = problem(url);
        for hint in ["no root certificates", "`ca-certificates`", "SSL_CERT_FILE", "http_client"] {
            assert!(text.contains(hint), "{text}");
        }
        // The ways out.
        let root = common::key("app_cert").as_bytes();
        let added = reqwest::Certificate::from_pem(root).unwrap();
        let only = added.clone();
        let builder = || Client::builder(credentials()).base_url(url);
        builder()
            .http_client(move |http| http.add_root_certificate(added.clone()))
            .build()
            .unwrap();
        builder().http_client(move |http| http.tls_certs_only([only.clone()])).build().unwrap();
    }
    // What else is wrong is not put down to that.
    let broken = Client::builder(credentials()).http_client(|http| http.user_agent("a\nb")).build();
    let text = broken.unwrap_err().to_string();
    assert!(text.contains("the HTTP client cannot be set up") && !text.contains("SSL"), "{text}");
}

/// As in small container images.
#[cfg(target_os = "linux")]
#[test]
fn a_gateway_on_this_computer_needs_no_certificates() {
    let gateway = Notes::start();
    let mut child = alone("clients_without_certificates");
    child.env(CERTIFICATES, format!("http://{}", gateway.address));
    child.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    assert_passes(&mut child);
    assert!(gateway.take().len() >= 2);
}
