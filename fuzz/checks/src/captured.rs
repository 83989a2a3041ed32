//! What was captured of the traffic with Alipay: a file as it is, or a message that is signed here and then written in each
//! form in which people capture it. The first line says which, and what is changed on the way.

use std::{fmt::Write as _, sync::LazyLock};

use alipay_mock::{Captured, Diagnosis, Signers};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use serde_json::json;

use crate::{
    alipay::{AES, ALIPAY, APP, key},
    cli::captured::{Capture, Kind, parameters as to_be_signed, read},
    errors,
    form::{self, Pair},
    message::Message,
};

const KINDS: [Kind; 5] =
    [Kind::Request, Kind::Response, Kind::Notification, Kind::Return, Kind::Order];
/// A user, whom no output for people names.
pub(crate) const USER: &str = "2088102146225135";
/// A shorter token is one of a test.
const TOKEN: usize = 8;

static OF_APP: LazyLock<Signers> = LazyLock::new(|| {
    let signers = Signers::new(APP.public_key().clone());
    signers.or(ALIPAY.public_key().clone(), "Alipay's private key").aes_key(AES.clone())
});
static OF_ALIPAY: LazyLock<Signers> = LazyLock::new(|| {
    let signers = Signers::new(ALIPAY.public_key().clone());
    signers.or(APP.public_key().clone(), "the app's private key").aes_key(AES.clone())
});

fn signers(kind: Kind) -> &'static Signers {
    if kind.is_of_app() { &OF_APP } else { &OF_ALIPAY }
}

/// Any file is read or refused, and what is said of it shows no secret. A signed message is the same in each form, and
/// verifies; changed, it does not.
pub fn captured(data: &[u8]) -> bool {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return false };
    let Ok(first) = str::from_utf8(&data[..end]) else { return false };
    let rest = &data[end + 1..];
    let words: Vec<_> = first.split(' ').collect();
    let change = words.iter().find_map(|word| word.parse().ok());
    match *words {
        ["file", ..] => as_it_is(rest),
        ["request", method, target, ..] => request(method, target, rest, change),
        ["response", ..] => response(rest, change),
        ["notification", ..] => parameters(Kind::Notification, rest, change),
        ["return", ..] => parameters(Kind::Return, rest, change),
        ["order", ..] => parameters(Kind::Order, rest, change),
        _ => false,
    }
}

fn as_it_is(file: &[u8]) -> bool {
    for kind in KINDS {
        if let Err(problem) = read(file, Some(kind)) {
            errors::one_line(&problem);
        }
    }
    if let Err(problem) = to_be_signed(file) {
        errors::one_line(&problem);
    }
    match read(file, None) {
        Ok(capture) => {
            let Some((captured, body)) = capture.readings().into_iter().next() else {
                return false;
            };
            diagnosed(&capture, &captured, &body);
            true
        }
        Err(problem) => {
            errors::one_line(&problem);
            false
        }
    }
}

/// What is said of a signature that does not verify.
fn diagnosed(capture: &Capture, captured: &Captured, body: &[u8]) {
    let remarks = &capture.remarks;
    for remark in remarks.notes.iter().chain(&remarks.changes).chain(&remarks.hints) {
        errors::one_line(remark);
    }
    let signers = signers(capture.kind);
    let (signed, verified) = (captured.string_to_sign(), captured.verify(signers));
    assert!(signed.is_ok() || verified.is_err(), "{signed:?}");
    if let Err(problem) = &verified {
        errors::one_line(&problem.to_string());
    }
    if verified != Ok(false) {
        return;
    }
    match captured.diagnose(signers) {
        Ok(diagnosis) => hides(capture, body, &diagnosis),
        Err(problem) => errors::one_line(&problem.to_string()),
    }
}

/// No token is in any string of a diagnosis, and no personal data in those for people.
fn hides(capture: &Capture, body: &[u8], diagnosis: &Diagnosis) {
    if let Some(mistake) = &diagnosis.mistake {
        errors::one_line(mistake);
    }
    let all = |diagnosis: &Diagnosis| {
        let Diagnosis { mistake, expected, signed, difference, .. } = diagnosis;
        let mut all = format!("{mistake:?}\n{expected}\n{signed:?}\n{diagnosis:?}\n");
        if let Some(difference) = difference {
            let (expected, signed) = (&difference.expected, &difference.signed);
            write!(all, "{difference} {difference:?} {expected} {signed}").expect("a string");
        }
        all
    };
    let of_header = capture.header("alipay-app-auth-token").map(str::to_owned);
    let of_header = of_header.filter(|_| capture.kind == Kind::Request);
    let of_form = ["app_auth_token", "auth_token"].map(|name| capture.parameters(name));
    let tokens: Vec<_> = of_header.into_iter().chain(of_form.into_iter().flatten()).collect();
    let shown = all(diagnosis);
    for token in tokens.into_iter().filter(|token| token.len() >= TOKEN) {
        // It may be a part of something else, too.
        if String::from_utf8_lossy(body).matches(&token).count() < 2 {
            assert!(!shown.contains(&token), "a diagnosis shows the token {token}: {shown}");
        }
    }
    let shown = format!("{diagnosis:?}{:?}", diagnosis.mistake);
    assert!(!shown.contains(USER), "a diagnosis shows a user: {shown}");
    let shown = all(&diagnosis.without_personal_data());
    if names_user(&diagnosis.expected) {
        assert!(!shown.contains(USER), "a diagnosis shows a user: {shown}");
    }
}

/// Whether the user stands there as people are named, and not within something longer.
fn names_user(text: &str) -> bool {
    let is_around =
        |c: char| matches!(c, '"' | ':' | ',' | '=' | '&' | '{' | '}' | '/' | '?' | '%' | '\n');
    let mut found = text.match_indices(USER).map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + USER.len()..]);
        let is_begun = ["%22", "%3A", "%3D"].iter().any(|escape| before.ends_with(escape));
        (before.is_empty() || is_begun || before.ends_with(is_around))
            && (after.is_empty() || after.starts_with(is_around))
    });
    found.next().is_some_and(|first| first && found.all(|other| other))
}

/// A message of HTTP as it was sent.
struct Sent<'a> {
    kind: Kind,
    /// As the first line has it: `POST /v3/…`, or the status.
    start: &'a str,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl<'a> Sent<'a> {
    /// `None` where a form would not tell where the message ends.
    fn new(kind: Kind, start: &'a str, mut message: Message<'_>) -> Option<Self> {
        // They would describe another body.
        for name in ["content-length", "content-encoding", "transfer-encoding"] {
            message.headers.remove(name);
        }
        let is_visible = |value: &http::HeaderValue| {
            value.to_str().is_ok_and(|value| !value.is_empty() && value.trim() == value)
        };
        let text = String::from_utf8_lossy(message.body);
        let is_plain = message.headers.values().all(is_visible)
            && !text.contains("HTTP/")
            && !message.body.starts_with(&[0x1f, 0x8b]);
        is_plain.then(|| Self {
            kind,
            start,
            headers: message.headers,
            body: message.body.to_owned(),
        })
    }

    fn head(&self, before: &str, end: &str) -> String {
        let mut head = String::new();
        for (name, value) in &self.headers {
            let value = value.to_str().expect("ASCII");
            write!(head, "{before}{name}: {value}{end}").expect("a string");
        }
        head
    }

    /// In each form in which people capture it.
    fn files(&self) -> Vec<Vec<u8>> {
        let with = |head: String| [head.as_bytes(), &self.body].concat();
        let first = match self.kind {
            Kind::Request => format!("{} HTTP/1.1", self.start),
            _ => format!("HTTP/1.1 {}", self.start),
        };
        let mut files = vec![
            with(format!("{first}\r\n{}\r\n", self.head("", "\r\n"))),
            with(format!("{first}\n{}\n", self.head("", "\n"))),
        ];
        let wire = files[0].clone();
        files.push([&[0xef, 0xbb, 0xbf], &*wire].concat());
        files.push([&*wire, b"\n"].concat());
        // A response that begins otherwise may be the dump of a program, or what `curl -v` prints.
        let text = format!("{}{}", self.head("", "\n"), String::from_utf8_lossy(&self.body));
        let marks = ["[sign", "'sign", "\"sign", "sign:", "sign=", "sign\t", "> ", "< "];
        if self.kind == Kind::Request || !marks.iter().any(|mark| text.contains(mark)) {
            files.extend(self.otherwise(&first));
        }
        if let Ok(text) = str::from_utf8(&wire) {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            files.push([0xff, 0xfe].into_iter().chain(units).collect());
        }
        files.extend(self.archive());
        files
    }

    /// As it is printed without its first line.
    fn otherwise(&self, first: &str) -> Vec<Vec<u8>> {
        let with = |head: String| [head.as_bytes(), &self.body].concat();
        let head = self.head("", "\n");
        if let (Kind::Request, Some((method, target))) = (self.kind, self.start.split_once(' ')) {
            return vec![with(format!(":method: {method}\n:path: {target}\n{head}\n"))];
        }
        let mut files = Vec::new();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if self.headers.keys().next().is_some_and(|name| name.as_str().bytes().all(is_name)) {
            files.push(with(format!("{head}\n")));
        }
        // Remarks of `curl -v`, and the lines of the other side, may stand between those of the body.
        if !self.body.iter().any(|byte| matches!(byte, b'*' | b'\n')) {
            let head = self.head("< ", "\r\n");
            let sent = "* Connected to localhost\n> GET / HTTP/1.1\r\n> \r\n";
            files.push(with(format!("{sent}< {first}\r\n{head}< \r\n")));
        }
        files
    }

    /// As browsers save it.
    fn archive(&self) -> Vec<Vec<u8>> {
        let headers = self.headers.iter();
        let headers = headers.map(
            |(name, value)| json!({"name": name.as_str(), "value": value.to_str().expect("ASCII")}),
        );
        let headers: Vec<_> = headers.collect();
        let text = str::from_utf8(&self.body).ok();
        let archive = |entry| json!({"log": {"entries": [entry]}}).to_string().into_bytes();
        match (self.kind, self.start.split_once(' ')) {
            (Kind::Request, Some((method, target))) => {
                let url = format!("https://openapi.alipay.com{target}");
                let request = |text| {
                    let body = json!({"text": text});
                    let request =
                        json!({"method": method, "url": url, "headers": headers, "postData": body});
                    archive(json!({"request": request, "response": {"headers": []}}))
                };
                text.map(request).into_iter().collect()
            }
            _ => {
                let entry = |content| {
                    archive(
                        json!({"request": {"headers": []}, "response": {"headers": headers, "content": content}}),
                    )
                };
                let encoded = json!({"encoding": "base64", "text": STANDARD.encode(&self.body)});
                let text = text.map(|text| json!({"text": text}));
                text.into_iter().chain([encoded]).map(entry).collect()
            }
        }
    }

    /// That it verifies in each form, or, when it was changed, in none.
    fn check(mut self, change: Option<usize>) -> bool {
        let is_right = change.is_none() || self.body.is_empty();
        if let (Some(change), false) = (change, is_right) {
            let at = change % self.body.len();
            self.body[at] ^= 1;
        }
        for (number, file) in self.files().into_iter().enumerate() {
            all_the_same(self.kind, &file, is_right, number == 0);
        }
        true
    }
}

/// Reads a file in one of its forms, and says whether it verifies.
fn all_the_same(kind: Kind, file: &[u8], is_right: bool, diagnose: bool) {
    let shown = || String::from_utf8_lossy(file);
    let capture = read(file, Some(kind));
    let capture = capture.unwrap_or_else(|problem| panic!("{problem}: {}", shown()));
    let readings = capture.readings();
    let verifies =
        |(captured, _): &&(Captured, Vec<u8>)| captured.verify(signers(kind)) == Ok(true);
    let right = readings.iter().find(verifies);
    // A header with nearly the name of another is taken for that.
    let is_renamed = capture.remarks.changes.iter().any(|change| change.contains("is called"));
    if !is_renamed {
        assert_eq!(right.is_some(), is_right, "{kind:?} {:?}: {}", capture.remarks, shown());
    }
    if diagnose && let Some((captured, body)) = readings.first().filter(|_| !is_right) {
        diagnosed(&capture, captured, body);
    }
}

fn request(method: &str, target: &str, data: &[u8], change: Option<usize>) -> bool {
    let is_method = matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD");
    let is_target = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if !is_method || !target.starts_with('/') || !target.bytes().all(is_target) {
        return false;
    }
    let mut message = Message::headed(data);
    let token = message.value("alipay-app-auth-token");
    let pairs = format!("app_id={},nonce=n1,timestamp=1767225600000", key("app_id"));
    let mut text = format!("{pairs}\n{method}\n{target}\n").into_bytes();
    text.extend([message.body, b"\n"].concat());
    if !token.is_empty() {
        text.extend([token.as_bytes(), b"\n"].concat());
    }
    let signature = APP.sign(&text).expect("signs");
    message.set("authorization", &format!("ALIPAY-SHA256withRSA {pairs},sign={signature}"));
    // Of an upload only a part is signed.
    message.set("content-type", "application/json");
    let start = format!("{method} {target}");
    Sent::new(Kind::Request, &start, message).is_some_and(|sent| sent.check(change))
}

fn response(data: &[u8], change: Option<usize>) -> bool {
    let mut message = Message::headed(data);
    let text = [b"1767225600000\nn1\n", message.body, b"\n"].concat();
    message.set("alipay-timestamp", "1767225600000");
    message.set("alipay-nonce", "n1");
    message.set("alipay-signature", &ALIPAY.sign(&text).expect("signs"));
    message.set("content-type", "application/json;charset=UTF-8");
    Sent::new(Kind::Response, "200 OK", message).is_some_and(|sent| sent.check(change))
}

/// A form, as a body, in an address, and as an object of JSON.
fn parameters(kind: Kind, data: &[u8], change: Option<usize>) -> bool {
    let Some(mut pairs) = form::read(data) else { return false };
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    pairs.retain(|pair| !matches!(&*pair.name, b"sign" | b"sign_type" | b"alipay_cert_sn"));
    let mut names: Vec<_> = pairs.iter().map(|pair| pair.name.clone()).collect();
    names.sort();
    names.dedup();
    let is_text = |value: &[u8]| str::from_utf8(value).is_ok_and(|text| !text.trim().is_empty());
    let is_plain = names.len() == pairs.len()
        && pairs.iter().all(|pair| !pair.name.is_empty() && pair.name.iter().all(is_name))
        && pairs.iter().all(|pair| is_text(&pair.value));
    if !is_plain || !names.iter().any(|name| name == b"app_id") {
        return false;
    }
    let sign_type = Pair::new("sign_type", b"RSA2");
    if kind == Kind::Order {
        pairs.push(sign_type.clone());
    }
    let signer = if kind.is_of_app() { &APP } else { &ALIPAY };
    let signature = signer.sign(&form::signed(&pairs)).expect("signs");
    pairs.push(Pair::new("sign", signature.as_bytes()));
    if kind != Kind::Order {
        pairs.push(sign_type);
    }
    let is_right = change.is_none();
    if let Some(change) = change {
        let at = change % names.len();
        let pair = &mut pairs[at];
        let mut value = String::from_utf8_lossy(&pair.value).into_owned();
        value.push('x');
        *pair = Pair::new(&String::from_utf8_lossy(&pair.name), value.as_bytes());
    }
    let posted: Vec<_> = pairs.iter().map(Pair::as_posted).collect();
    let form = String::from_utf8(form::write(&posted)).expect("ASCII");
    let members = pairs.iter().map(Pair::in_text).map(|(name, value)| (name, value.into()));
    let object: serde_json::Map<_, _> = members.collect();
    let path = if kind == Kind::Order { "/gateway.do" } else { "/paid" };
    let files = [
        form.clone(),
        format!("{form}\r\n"),
        format!("\u{feff}{form}"),
        format!("\"{form}\""),
        format!("https://shop.example{path}?{form}"),
        format!("{path}?{form}#top"),
        format!(
            "POST {path} HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n{form}"
        ),
        format!("GET {path}?{form} HTTP/1.1\r\nhost: shop.example\r\n\r\n"),
        serde_json::to_string(&object).expect("JSON"),
    ];
    for (number, file) in files.iter().enumerate() {
        all_the_same(kind, file.as_bytes(), is_right, number == 0);
    }
    // What is to be signed is read in the same way.
    let decoded: Vec<_> = pairs.iter().map(Pair::in_text).collect();
    for file in [&files[0], &files[1], &files[files.len() - 1]] {
        assert_eq!(to_be_signed(file.as_bytes()).as_ref(), Ok(&decoded), "{file}");
    }
    true
}
