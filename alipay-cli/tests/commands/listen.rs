//! `alipay listen`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use alipay_core::keys::PrivateKey;
use alipay_mock::{DeliveryAttempt, Encryption, Gateway};
use serde_json::{Map, Value, json};

use crate::harness::{Output, Run, alipay, canaries, personal, two_gateways, two_sets_of_keys};

/// `alipay listen` on a port of its own, until it is stopped.
pub(crate) struct Listening {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) url: String,
    printed: String,
}

impl Listening {
    pub(crate) fn start(run: Run) -> Self {
        let mut child = run.spawn();
        drop(child.stdin.take());
        let output = BufReader::new(child.stdout.take().unwrap());
        Self::begun(child, output)
    }

    fn begun(child: Child, output: BufReader<ChildStdout>) -> Self {
        let mut listening = Self { child, output, url: String::new(), printed: String::new() };
        let line = listening.line();
        let at = line.find("http://").unwrap_or_else(|| panic!("{line}"));
        line[at..].trim_end_matches(['"', '}']).clone_into(&mut listening.url);
        listening
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        self.printed.push_str(&line);
        line.trim_end().to_owned()
    }

    /// The next line that begins so, after others.
    fn line_of(&mut self, start: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "no line begins with `{start}`:\n{}", self.printed);
            if line.trim_start().starts_with(start) {
                return line;
            }
        }
    }

    /// The next lines up to this one.
    fn lines_to(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != last) {
            lines.push(self.line());
            assert_ne!(lines.last().unwrap(), "", "{lines:?}");
        }
        lines
    }

    /// What it printed, once it has ended by itself. No personal data may be in it.
    pub(crate) fn ended(mut self) -> Output {
        self.output.read_to_string(&mut self.printed).unwrap();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let output = Output { code, stdout: std::mem::take(&mut self.printed), stderr };
        canaries(&output);
        output
    }

    /// The same, once it was asked to stop.
    pub(crate) fn stopped(self, signal: &str) -> Output {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.ended()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that gets notifications, and responds to each in turn with the next of these.
pub(crate) struct Shop {
    pub(crate) url: String,
    requests: Receiver<String>,
}

impl Shop {
    pub(crate) fn start(responses: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/alipay", listener.local_addr().unwrap());
        let responses: Vec<String> = responses.iter().map(|&response| response.into()).collect();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for response in responses {
                let (mut stream, _) = listener.accept().unwrap();
                sender.send(request(&mut stream)).unwrap();
                stream.write_all(response.as_bytes()).unwrap();
            }
        });
        Self { url, requests }
    }

    /// The next request, as it was received.
    pub(crate) fn request(&self) -> String {
        self.requests.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

/// Head and body of a request with a `content-length`.
fn request(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        received.push(byte[0]);
    }
    let head = String::from_utf8(received.clone()).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    received.extend(body);
    String::from_utf8(received).unwrap()
}

pub(crate) const SUCCESS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess";
const FAIL: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/x-own\r\nContent-Length: 4\r\n\r\nfail";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

/// Posts bytes; returns the response.
pub(crate) fn post(url: &str, headers: &str, body: &str) -> String {
    let length = format!("Content-Length: {}\r\n", body.len());
    exchange("POST", url, &(length + headers), body)
}

pub(crate) fn get(url: &str) -> String {
    exchange("GET", url, "", "")
}

fn exchange(method: &str, url: &str, headers: &str, body: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let head =
        format!("{method} /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // Who refuses a body may close before it has come.
    let _ = stream.write_all(body.as_bytes());
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response);
    response
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Has the gateway post a message with the personal data of tests.
fn deliver(gateway: &Gateway, url: &str, encryption: Encryption, times: usize) -> DeliveryAttempt {
    let content = json!({
        "activity_id": "2016042700826004508401111111",
        "out_trade_no": "13900139000",
        "note": format!("call {} or {}", personal::PHONE, personal::LOGON_ID),
        "digits": personal::PHONE.parse::<u64>().unwrap(),
        "user_id": personal::USER_ID,
        "open_id": personal::OPEN_ID,
        "extra": {"list": [{"mobile": personal::PHONE, "buyer_logon_id": personal::LOGON_ID}]},
        "detail": format!(r#"[{{"phone":"{}","kept":"inner"}}]"#, personal::PHONE),
    });
    let Value::Object(content) = content else { panic!() };
    send(gateway, url, "received", content, encryption, times)
}

fn send(
    gateway: &Gateway,
    url: &str,
    name: &str,
    content: Map<String, Value>,
    encryption: Encryption,
    times: usize,
) -> DeliveryAttempt {
    let message = gateway.message(name, content, encryption).unwrap();
    let deliver = || runtime().block_on(gateway.deliver(&message, url)).unwrap();
    let attempts: Vec<_> = (0..times).map(|_| deliver()).collect();
    attempts.last().unwrap().clone()
}

/// Gateways that post members no message has.
fn lenient_gateways() -> [Gateway; 2] {
    two_sets_of_keys()
        .map(|keys| Gateway::builder().keys(keys).lenient(true).start_blocking().unwrap())
}

#[test]
fn what_verifies_is_shown_with_labels_and_without_personal_data() {
    let [gateway, other] = lenient_gateways();
    let mut listening = Listening::start(alipay(["listen"]).settings(&gateway));
    let url = listening.url.clone();

    assert!(deliver(&gateway, &url, Encryption::Off, 1).accepted);
    let head = listening.line_of("verified");
    assert_eq!(head, "verified alipay.marketing.activity.message.received  券领取通知");
    let printed = listening.lines_to("  responded `success`");
    for (name, shown) in [
        ("activity_id", "  2016042700826004508401111111  活动id"),
        ("user_id", "  ***  用户user_id"),
        ("open_id", "  ***  用户openId"),
        (
            "extra",
            r#"{"list":[{"mobile":"***","buyer_logon_id":"***"}]}  (not in the description)"#,
        ),
        ("detail", r#"[{"phone":"***","kept":"inner"}]  (not in the description)"#),
        // Neither by its name nor by its value.
        ("out_trade_no", "  13900139000  (not in the description)"),
        // By their values.
        ("note", "  call *** or ***  (not in the description)"),
        ("digits", "  ***  (not in the description)"),
        ("event_time", ", Beijing time)  事件创建时间"),
    ] {
        let is_right = |line: &String| line.trim().starts_with(name) && line.ends_with(shown);
        assert!(printed.iter().any(is_right), "{name}: {printed:?}");
    }

    // Encrypted, and more than once.
    assert!(deliver(&gateway, &url, Encryption::Aes, 2).accepted);
    assert!(!listening.line_of("verified").contains("seen before"));
    assert!(listening.line_of("verified").ends_with("  seen before (delivery 2)"));

    // By another key.
    let refused = deliver(&other, &url, Encryption::Off, 1);
    assert_eq!((refused.status, refused.accepted), (Some(200), false));
    let line = listening.line_of("refused");
    assert!(line.contains("signature is wrong (验签失败)"), "{line}");
    listening.stopped("-INT").ends(1);
}

#[test]
fn programs_get_a_line_of_json_per_event() {
    let [gateway, _] = lenient_gateways();
    let run = alipay(["--json", "listen", "--count", "3"]).settings(&gateway);
    let listening = Listening::start(run);
    let url = listening.url.clone();
    deliver(&gateway, &url, Encryption::Off, 2);
    assert!(post(&url, "", "").starts_with("HTTP/1.1 200 "));
    let output = listening.ended().ends(1);
    assert_eq!(output.stderr, "");
    let events: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [listens, first, second, refused] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(listens["event"], "listening");
    assert_eq!(first["event"], "verified");
    assert_eq!(first["message"], "alipay.marketing.activity.message.received");
    assert_eq!(first["members"]["activity_id"], "2016042700826004508401111111");
    assert_eq!(first["members"]["user_id"], "***");
    assert_eq!((&first["seen_before"], &first["delivery"]), (&json!(false), &json!(1)));
    assert_eq!((&second["seen_before"], &second["delivery"]), (&json!(true), &json!(2)));
    assert_eq!(first["response"], json!({"by": "listen", "status": 200, "accepted": true}));
    assert_eq!(refused["event"], "refused");
}

#[test]
fn personal_data_is_shown_to_those_who_ask_for_it() {
    let [gateway, _] = lenient_gateways();
    let run = alipay(["listen", "--once", "--show-personal"]).settings(&gateway);
    let mut listening = Listening::start(run);
    deliver(&gateway, &listening.url, Encryption::Off, 1);
    assert!(listening.line_of("user_id").contains(personal::USER_ID));
    assert!(listening.child.wait().unwrap().success());
}

#[test]
fn a_public_key_is_enough() {
    let (gateway, other) = two_gateways();
    let arguments = ["listen", "--once", "--public-key", "-", "--app-id", gateway.app_id()];
    for (key, code) in [(gateway.alipay_public_key(), 0), (other.alipay_public_key(), 1)] {
        let mut child = alipay(arguments).spawn();
        child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let listening = Listening::begun(child, output);
        let attempt = send(&gateway, &listening.url, "created", Map::new(), Encryption::Off, 1);
        assert_eq!(attempt.accepted, code == 0);
        listening.ended().ends(code);
    }
}

#[test]
fn the_settings_need_no_private_key() {
    let (gateway, other) = two_gateways();
    let certificates = gateway.certificates().unwrap();
    let in_certificate_mode = || {
        alipay(["listen", "--once"])
            .env("ALIPAY_APP_ID", gateway.app_id())
            .env("ALIPAY_APP_CERT", &certificates.app)
            .env("ALIPAY_CERT", &certificates.alipay)
            .env("ALIPAY_ROOT_CERT", &certificates.root)
    };
    let in_key_mode = || {
        let run = alipay(["listen", "--once"]).settings(&gateway);
        run.without("ALIPAY_PRIVATE_KEY").without("ALIPAY_BASE_URL")
    };
    for (sender, code) in [(&gateway, 0), (&other, 1)] {
        for run in [in_certificate_mode(), in_key_mode()] {
            let listening = Listening::start(run);
            let attempt = send(sender, &listening.url, "created", Map::new(), Encryption::Off, 1);
            assert_eq!(attempt.accepted, code == 0);
            listening.ended().ends(code);
        }
    }

    let problem = |run: Run| run.run().ends(2).stderr;
    // With the private key at hand, the usual mistake is named.
    let own_key = PrivateKey::parse(gateway.app_private_key()).unwrap();
    let own = alipay(["listen"])
        .settings(&gateway)
        .env("ALIPAY_PUBLIC_KEY", own_key.public_key().to_base64());
    let own = problem(own);
    assert!(
        own.starts_with("error: ALIPAY_PUBLIC_KEY: ") && own.contains("own public key"),
        "{own}"
    );
    let without = problem(in_certificate_mode().without("ALIPAY_ROOT_CERT"));
    assert!(without.starts_with("error: ALIPAY_ROOT_CERT: "), "{without}");
    let without = problem(in_key_mode().without("ALIPAY_PUBLIC_KEY"));
    assert!(without.starts_with("error: ALIPAY_PUBLIC_KEY: "), "{without}");
    let no_key = alipay(["listen", "--public-key", "-", "--app-id", "1"]).stdin("no key");
    let no_key = problem(no_key);
    assert!(no_key.starts_with("error: standard input: "), "{no_key}");
}

#[test]
fn the_program_under_development_gets_what_was_posted_and_decides() {
    let (gateway, other) = two_gateways();
    let program = Shop::start(&[FAIL, BROKEN, SUCCESS]);
    let arguments = ["listen", "--path", "/in", "--count", "5", "--forward", &program.url];
    let mut listening = Listening::start(alipay(arguments).settings(&gateway));
    let url = listening.url.clone();
    assert!(url.ends_with("/in"));
    let created =
        |gateway: &Gateway| send(gateway, &url, "created", Map::new(), Encryption::Off, 1);

    let attempt = created(&gateway);
    assert_eq!((attempt.status, attempt.accepted), (Some(200), false));
    let received = program.request();
    assert!(received.starts_with("POST /alipay HTTP/1.1\r\n"), "{received}");
    let lower = received.to_lowercase();
    assert!(
        lower.contains("\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\r\n")
    );
    let (_, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(listening.line_of("the program").contains("200, not 200 `success`"));

    // The program sees each byte, verified or not by another reader.
    let verified = gateway.credentials().unwrap().verify_notification(body.as_bytes()).unwrap();
    assert_eq!(verified.method(), "alipay.marketing.activity.message.created");
    assert_eq!(created(&gateway).status, Some(500));
    program.request();
    // Posted as it is, it is the same to the byte, and seen before.
    let headers = "X-Own: kept\r\nExpect: 100-continue\r\nAccept-Encoding: gzip\r\n";
    let response = post(&format!("{url}?shop=1"), headers, body);
    assert!(response.ends_with("success"), "{response}");
    let again = program.request();
    assert!(again.starts_with("POST /alipay?shop=1 HTTP/1.1\r\n"), "{again}");
    assert!(again.contains("\r\nx-own: kept\r\n") && !again.contains("expect"), "{again}");
    // Alipay reads no compressed `success`.
    assert!(!again.contains("accept-encoding"), "{again}");
    assert_eq!(again.split_once("\r\n\r\n").unwrap().1, body);
    assert!(listening.line_of("the program").contains("500"));
    assert!(listening.line_of("verified").contains("seen before"));

    // What does not verify is not passed on. The program, which has ended, does not respond.
    assert_eq!(created(&other).status, Some(200));
    let attempt = created(&gateway);
    assert_eq!((attempt.status, attempt.accepted), (Some(502), false));
    let output = listening.ended().ends(1);
    assert!(output.stdout.contains("\nrefused  the notification's signature is wrong"));
    assert!(output.stdout.contains("the program did not respond: cannot post to 127.0.0.1"));
}

#[test]
fn what_is_no_notification_ends_nothing() {
    let (gateway, _) = two_gateways();
    let arguments = ["listen", "--path", "/in", "--once", "--answer", "fail"];
    let mut listening = Listening::start(alipay(arguments).settings(&gateway));
    let url = listening.url.clone();
    let authority = url.strip_prefix("http://").unwrap().strip_suffix("/in").unwrap().to_owned();
    let response = get(&url);
    assert!(response.starts_with("HTTP/1.1 405 ") && response.contains("allow: POST"));
    assert!(get(&format!("http://{authority}/favicon.ico")).starts_with("HTTP/1.1 404 "));
    assert!(post(&format!("{url}x"), "", "a=1").starts_with("HTTP/1.1 404 "));
    let large = "x".repeat(1024 * 1024 + 1);
    assert!(post(&url, "", &large).starts_with("HTTP/1.1 413 "));
    // One who connects and says nothing does not hold up others.
    let _silent = TcpStream::connect(&authority).unwrap();
    let attempt = send(&gateway, &url, "created", Map::new(), Encryption::Off, 1);
    assert_eq!((attempt.status, attempt.accepted), (Some(200), false));
    assert_eq!(listening.line(), "ignored  GET 405: notifications are posted");
    let output = listening.ended().ends(0);
    assert!(output.stdout.contains("  responded `fail`\n"), "{}", output.stdout);
}

#[test]
fn it_ends_cleanly_when_asked_to() {
    let (gateway, _) = two_gateways();
    for signal in ["-INT", "-TERM"] {
        let listening = Listening::start(alipay(["listen"]).settings(&gateway));
        let output = listening.stopped(signal).ends(0);
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn it_ends_while_the_program_does_not_respond() {
    let (gateway, _) = two_gateways();
    // It is connected to, and never looks.
    let program = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", program.local_addr().unwrap());
    let listening = Listening::start(alipay(["listen", "--forward", &url]).settings(&gateway));
    let to = listening.url.clone();
    let sender =
        thread::spawn(move || send(&gateway, &to, "created", Map::new(), Encryption::Off, 1));
    let (mut stream, _) = program.accept().unwrap();
    request(&mut stream);
    let output = listening.stopped("-TERM").ends(1);
    assert!(output.stdout.contains("did not respond: it was stopped before that"));
    assert_eq!(sender.join().unwrap().status, Some(502));
}

#[test]
fn bad_usage_is_said_in_one_line() {
    let (gateway, _) = two_gateways();
    let run = |arguments: &[&str]| {
        let output = alipay(arguments).settings(&gateway).run().ends(2);
        assert_eq!(output.stdout, "");
        output.stderr
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let problem = run(&["listen", "--port", &port]);
    assert!(problem.starts_with(&format!("error: cannot listen on 127.0.0.1:{port}: ")));
    assert!(
        run(&["listen", "--forward", "https://example.com"]).contains("must start with http://")
    );
    assert!(run(&["listen", "--path", "in"]).contains("expected a path"));
    assert!(run(&["listen", "--count", "0"]).contains("--count"));
    assert!(
        run(&["listen", "--public-key", "/no/such/file"]).contains("cannot read /no/such/file")
    );
    let problem = alipay(["listen"]).run().ends(2).stderr;
    assert_eq!(problem.lines().count(), 1);
    assert!(problem.contains("ALIPAY_APP_ID: "), "{problem}");
}
