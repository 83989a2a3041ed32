//! Sealing answers: encryption, signature, headers.

use bytes::Bytes;
use serde_json::json;

use crate::fault::Fault;
use crate::keys::GatewayKeys;
use crate::random;

use super::canonical;

/// How long ago an answer with a stale timestamp pretends to be made: an hour.
const STALE_MILLIS: i64 = 3600 * 1000;

/// An answer as it goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// What all answers to one request have in common.
pub(crate) struct Seal<'a> {
    pub(crate) keys: &'a GatewayKeys,
    pub(crate) now_millis: i64,
    pub(crate) trace_id: &'a str,
}

impl Seal<'_> {
    /// The signed answer of an operation that went well; `fault` spoils it on purpose.
    pub(crate) fn success(&self, body: &str, encrypt: bool, fault: Option<&Fault>) -> Answer {
        let encrypt = encrypt && !matches!(fault, Some(Fault::PlaintextForCiphertext));
        let body = match fault {
            Some(Fault::Empty200) => String::new(),
            Some(Fault::TruncatedJson) => truncated(body),
            _ => body.to_owned(),
        };
        // An empty answer has nothing to encrypt. Encryption itself cannot fail for text.
        let sealed = if encrypt && !body.is_empty() {
            self.keys.aes.encrypt(body.as_bytes()).ok()
        } else {
            None
        };
        let mut headers = self.headers();
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
        Answer { status: 200, headers, body: body.into() }
    }

    /// An error answer: always plain JSON, signed or not.
    pub(crate) fn error(&self, status: u16, code: &str, message: &str, sign: bool) -> Answer {
        let link =
            format!("https://alipay-mock.invalid/errors?code={code}&traceId={}", self.trace_id);
        let body = json!({
            "code": code,
            "message": message,
            "links": [{"link": link, "desc": "解决方案"}],
        })
        .to_string();
        let mut headers = self.headers();
        headers.push(("content-type", "application/json;charset=UTF-8".to_owned()));
        if sign {
            self.sign(&mut headers, &body, None);
        }
        Answer { status, headers, body: body.into() }
    }

    /// What a proxy in front of the gateway answers when it cannot reach it.
    pub(crate) fn html_502() -> Answer {
        let body = "<html><head><title>502 Bad Gateway</title></head>\
                    <body><center><h1>502 Bad Gateway</h1></center></body></html>";
        Answer {
            status: 502,
            headers: vec![("content-type", "text/html".to_owned())],
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// A bare status without body or signature.
    pub(crate) fn bare(&self, status: u16) -> Answer {
        Answer { status, headers: self.headers(), body: Bytes::new() }
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
        let signature = match fault {
            Some(Fault::NoSignature) => None,
            Some(Fault::NullSignature) => Some("null".to_owned()),
            Some(Fault::GarbageSignature) => Some("%%% this is not base64 %%%".to_owned()),
            // Well-formed and by the right key, but for another text.
            Some(Fault::WrongSignature) => sign(b"another text"),
            _ => sign(&text),
        };
        headers.push(("alipay-timestamp", timestamp));
        headers.push(("alipay-nonce", nonce));
        headers.extend(signature.map(|signature| ("alipay-signature", signature)));
    }
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
