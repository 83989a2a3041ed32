//! Sealing answers: encryption, signature, headers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::error::Detail;
use crate::fault::Fault;
use crate::keys::GatewayKeys;
use crate::random;

use super::canonical;

/// How long ago an answer with a stale timestamp pretends to be made: an hour.
const STALE_MILLIS: i64 = 3600 * 1000;
/// The most blanks an oversized body gets.
const LARGEST: usize = 64 * 1024 * 1024;
/// An AES block.
const BLOCK: usize = 16;

/// An answer as it goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) pace: Pace,
}

/// How an answer's body is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    /// All of it at once.
    Whole,
    /// In small pieces over so long a time.
    Drip(Duration),
    /// Half of it, then the connection ends.
    Half,
    /// None of it: the connection is reset after the head.
    Reset,
}

/// What all answers to one request have in common.
pub(crate) struct Seal<'a> {
    pub(crate) keys: &'a GatewayKeys,
    pub(crate) now_millis: i64,
    pub(crate) trace_id: &'a str,
    /// Whether the request is in certificate mode, so that answers name their certificate.
    pub(crate) certificates: bool,
}

impl Answer {
    fn new(status: u16, headers: Vec<(&'static str, String)>, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into(), pace: Pace::Whole }
    }
}

impl Seal<'_> {
    /// The signed answer of an operation that went well; `fault` spoils it on purpose.
    pub(crate) fn success(&self, body: &str, encrypt: bool, fault: Option<&Fault>) -> Answer {
        let mut headers = self.headers();
        if matches!(fault, Some(Fault::NoContent)) {
            return Answer::new(204, headers, Bytes::new());
        }
        let encrypt = encrypt && !matches!(fault, Some(Fault::PlaintextForCiphertext));
        let body = match fault {
            Some(Fault::Empty200) => String::new(),
            Some(Fault::TruncatedJson) => truncated(body),
            Some(Fault::OversizedBody(size)) => {
                format!("{body}{}", " ".repeat((*size).min(LARGEST)))
            }
            // Long enough for the block before the last one, which decides over the padding.
            Some(Fault::BadPadding) if encrypt => format!("{body}{}", " ".repeat(BLOCK)),
            _ => body.to_owned(),
        };
        // An empty answer has nothing to encrypt. Encryption itself cannot fail for text.
        let sealed = if encrypt && !body.is_empty() {
            self.keys.aes.encrypt(body.as_bytes()).ok()
        } else {
            None
        };
        let sealed = match fault {
            Some(Fault::BadPadding) => sealed.map(|text| badly_padded(&text, body.len())),
            _ => sealed,
        };
        let content_type = if sealed.is_some() {
            "text/plain;charset=UTF-8"
        } else {
            "application/json;charset=UTF-8"
        };
        headers.push(("content-type", content_type.to_owned()));
        let mut body = sealed.unwrap_or(body);
        self.sign(&mut headers, &body, fault);
        if matches!(fault, Some(Fault::TamperedBody)) {
            body = tampered(&body);
        }
        Answer::new(200, headers, body)
    }

    /// An error answer: always plain JSON, signed or not.
    pub(crate) fn error(
        &self,
        status: u16,
        code: &str,
        message: &str,
        details: &[Detail],
        sign: bool,
    ) -> Answer {
        let link =
            format!("https://alipay-mock.invalid/errors?code={code}&traceId={}", self.trace_id);
        let mut body = json!({
            "code": code,
            "message": message,
            "links": [{"link": link, "desc": "解决方案"}],
        });
        if let (Value::Object(body), false) = (&mut body, details.is_empty()) {
            body.insert("details".to_owned(), details.iter().map(Detail::to_json).collect());
        }
        let body = body.to_string();
        let mut headers = self.headers();
        headers.push(("content-type", "application/json;charset=UTF-8".to_owned()));
        if sign {
            self.sign(&mut headers, &body, None);
        }
        Answer::new(status, headers, body)
    }

    /// The answer of a fault that keeps the request from its operation; `None` closes the
    /// connection.
    pub(crate) fn made_up(&self, fault: &Fault) -> Option<Answer> {
        const MESSAGE: &str = "an error the gateway was told to make";
        let error = |status, code: &str, sign| self.error(status, code, MESSAGE, &[], sign);
        Some(match fault {
            Fault::Html502 => html_502(),
            Fault::Status(status) => Answer::new(*status, self.headers(), Bytes::new()),
            Fault::Accepted => Answer::new(202, self.headers(), Bytes::new()),
            Fault::UnsignedError { status, code } => error(*status, code, false),
            Fault::SignedError { status, code } => error(*status, code, true),
            Fault::RateLimited { retry_after } => {
                let mut answer = error(429, "app-call-limited", false);
                answer.headers.push(("retry-after", retry_after.as_secs().to_string()));
                answer
            }
            Fault::Redirect => {
                let mut answer = Answer::new(302, self.headers(), Bytes::new());
                answer.headers.push(("location", "/_mock/redirected".to_owned()));
                answer
            }
            _ => return None,
        })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("alipay-trace-id", self.trace_id.to_owned())]
    }

    fn sign(&self, headers: &mut Vec<(&'static str, String)>, body: &str, fault: Option<&Fault>) {
        let millis = match fault {
            Some(Fault::StaleTimestamp) => self.now_millis - STALE_MILLIS,
            _ => self.now_millis,
        };
        let timestamp = millis.to_string();
        let nonce = random::hex(32);
        let sign = |text: &[u8]| self.keys.alipay.sign(text).ok();
        let text = canonical::response(&timestamp, &nonce, body.as_bytes());
        // Well-formed and by the right key, but for another text.
        let wrong = || sign(b"another text");
        let signature = match fault {
            Some(Fault::NoSignature) => None,
            Some(Fault::NullSignature) => Some("null".to_owned()),
            Some(Fault::GarbageSignature) => Some("%%% this is not base64 %%%".to_owned()),
            Some(Fault::WrongSignature) => wrong(),
            _ => sign(&text),
        };
        if matches!(fault, Some(Fault::DuplicateHeaders)) {
            headers.push(("alipay-timestamp", "1".to_owned()));
            headers.push(("alipay-nonce", random::hex(32)));
            headers.extend(wrong().map(|signature| ("alipay-signature", signature)));
        }
        headers.push(("alipay-timestamp", timestamp));
        headers.push(("alipay-nonce", nonce));
        headers.extend(signature.map(|signature| ("alipay-signature", signature)));
        if matches!(fault, Some(Fault::UnknownSerial)) {
            headers.push(("alipay-sn", random::hex(32)));
        } else if let (true, Ok(known)) = (self.certificates, self.keys.certificates()) {
            headers.push(("alipay-sn", known.alipay_serial().to_owned()));
        }
    }
}

/// What a proxy in front of the gateway answers when it cannot reach it.
fn html_502() -> Answer {
    let body = "<html><head><title>502 Bad Gateway</title></head>\
                <body><center><h1>502 Bad Gateway</h1></center></body></html>";
    Answer::new(
        502,
        vec![("content-type", "text/html".to_owned())],
        Bytes::from_static(body.as_bytes()),
    )
}

/// The first half of a text, cut between characters.
fn truncated(body: &str) -> String {
    let half = body.chars().count() / 2;
    body.chars().take(half.max(1)).collect()
}

/// Another body of the same kind: JSON gets a member, other text another first character.
fn tampered(body: &str) -> String {
    if let Some(rest) = body.strip_prefix('{') {
        let comma = if rest.starts_with('}') { "" } else { "," };
        return format!("{{\"tampered\":true{comma}{rest}");
    }
    let mut chars = body.chars();
    let other = if chars.next() == Some('A') { 'B' } else { 'A' };
    format!("{other}{}", chars.as_str())
}

/// A ciphertext whose last byte decrypts to 0, which no padding ends with: in this mode a bit
/// changed in one block changes the same bit of the next one's plaintext.
fn badly_padded(ciphertext: &str, plain_length: usize) -> String {
    let Ok(mut bytes) = STANDARD.decode(ciphertext) else { return ciphertext.to_owned() };
    let padding = BLOCK - plain_length % BLOCK;
    let at = bytes.len().checked_sub(BLOCK + 1);
    if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
        // At most 16.
        *byte ^= u8::try_from(padding).unwrap_or_default();
    }
    STANDARD.encode(bytes)
}
