//! Responses: encryption, signature, headers, and the faults that spoil them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::canonical;
use super::diagnosis::Diagnosis;
use super::message::Encryption;
use super::nonce::random_hex;
use crate::error::{Detail, Refusal};
use crate::fault::Fault;
use crate::keys::GatewayKeys;

/// How old a response with a stale timestamp says it is: an hour.
const STALE_MILLIS: i64 = 3600 * 1000;
/// The most spaces that an oversized body gets.
const LARGEST: usize = 64 * 1024 * 1024;
const BLOCK: usize = 16;
/// The content type of an encrypted body.
const CIPHERTEXT: &str = "text/plain;charset=UTF-8";

/// A response as it goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct WireResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) pace: Pace,
}

/// How a response's body is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    /// All of it at once.
    Whole,
    /// In small pieces over this time.
    Drip(Duration),
    /// Half of it, then the connection ends.
    Half,
    /// None of it: the connection is reset after the headers.
    Reset,
}

/// How the exchange of a request ends.
pub(crate) enum Ending {
    /// The response is sent after this time.
    Respond(Duration, WireResponse),
    /// The connection is closed.
    Close,
    /// The connection is reset.
    Reset,
    /// The connection is reset, and none is accepted for this time.
    Refuse(Duration),
    /// Nothing happens any more.
    Hang,
}

/// Makes the responses to one request.
pub(crate) struct Responder<'a> {
    pub(crate) keys: &'a GatewayKeys,
    /// The time of the response, by the clock that the request goes by.
    pub(crate) now_millis: i64,
    pub(crate) trace_id: &'a str,
    /// Whether the request is in certificate mode, so that responses name their certificate.
    pub(crate) certificates: bool,
}

impl WireResponse {
    fn new(status: u16, headers: Vec<(&'static str, String)>, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into(), pace: Pace::Whole }
    }

    /// The way to a page.
    pub(crate) fn redirect(to: &str, trace_id: &str) -> Self {
        let headers = vec![("alipay-trace-id", trace_id.to_owned()), ("location", to.to_owned())];
        Self::new(302, headers, Bytes::new())
    }

    /// A page that people read.
    pub(crate) fn page(html: String, trace_id: &str) -> Self {
        let headers = vec![
            ("alipay-trace-id", trace_id.to_owned()),
            ("content-type", "text/html;charset=UTF-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("content-security-policy", "default-src 'none'; style-src 'self'".to_owned()),
        ];
        Self::new(200, headers, html)
    }

    /// All of it at once.
    pub(crate) fn into_http(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        if let Ok(status) = StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.headers.iter().any(|(name, value)| *name == "content-type" && value == CIPHERTEXT)
    }
}

impl Responder<'_> {
    /// The signed response of an operation that succeeded; `fault` spoils it on purpose.
    pub(crate) fn success(
        &self,
        body: &str,
        encryption: Encryption,
        fault: Option<&Fault>,
    ) -> Result<WireResponse, Refusal> {
        let mut headers = self.headers();
        if matches!(fault, Some(Fault::NoContent)) {
            return Ok(WireResponse::new(204, headers, Bytes::new()));
        }
        let encrypt =
            encryption == Encryption::Aes && !matches!(fault, Some(Fault::PlaintextForCiphertext));
        let mut body = match fault {
            Some(Fault::Empty200) => String::new(),
            Some(Fault::TruncatedJson) => truncated(body),
            Some(Fault::OversizedBody(size)) => {
                format!("{body}{}", " ".repeat((*size).min(LARGEST)))
            }
            // The block before the last one decides about the padding, so there must be one.
            Some(Fault::BadPadding) if encrypt => format!("{body}{}", " ".repeat(BLOCK)),
            _ => body.to_owned(),
        };
        // An empty body is not encrypted.
        let encrypt = encrypt && !body.is_empty();
        if encrypt {
            let ciphertext = self.keys.aes.encrypt(body.as_bytes());
            let ciphertext =
                ciphertext.map_err(|e| Refusal::internal("cannot encrypt the response", e))?;
            body = match fault {
                Some(Fault::BadPadding) => badly_padded(&ciphertext, body.len()),
                _ => ciphertext,
            };
        }
        let content_type = if encrypt { CIPHERTEXT } else { "application/json;charset=UTF-8" };
        headers.push(("content-type", content_type.to_owned()));
        self.sign(&mut headers, body.as_bytes(), fault)?;
        if matches!(fault, Some(Fault::TamperedBody)) {
            body = tampered(&body);
        }
        Ok(WireResponse::new(200, headers, body))
    }

    /// An unsigned error response. It is always plain JSON.
    pub(crate) fn error(
        &self,
        status: u16,
        code: &str,
        message: &str,
        details: &[Detail],
        diagnosis: Option<&Diagnosis>,
    ) -> WireResponse {
        let link =
            format!("https://alipay-mock.invalid/errors?code={code}&traceId={}", self.trace_id);
        let mut body = json!({
            "code": code,
            "message": message,
            "links": [{"link": link, "desc": "解决方案"}],
        });
        if let (Some(body), false) = (body.as_object_mut(), details.is_empty()) {
            body.insert("details".to_owned(), json!(details));
        }
        // Alipay's responses have no such member.
        if let (Some(body), Some(diagnosis)) = (body.as_object_mut(), diagnosis) {
            body.insert("diagnosis".to_owned(), json!(diagnosis));
        }
        let mut headers = self.headers();
        headers.push(("content-type", "application/json;charset=UTF-8".to_owned()));
        WireResponse::new(status, headers, body.to_string())
    }

    /// Signs an error response.
    pub(crate) fn signed(&self, mut response: WireResponse) -> WireResponse {
        match self.sign(&mut response.headers, &response.body, None) {
            Ok(()) => response,
            Err(Refusal { status, code, message, .. }) => {
                self.error(status, code, &message, &[], None)
            }
        }
    }

    /// How a request ends whose fault keeps it from its operation; `None` if the operation happens.
    pub(crate) fn instead(&self, fault: &Fault) -> Option<Ending> {
        let error = |status, code: &str| {
            self.error(status, code, "an error that the gateway was asked for", &[], None)
        };
        let empty = |status| WireResponse::new(status, self.headers(), Bytes::new());
        let response = match fault {
            Fault::CloseBeforeResponse => return Some(Ending::Close),
            Fault::ResetBeforeHeaders => return Some(Ending::Reset),
            Fault::RefuseConnections(time) => return Some(Ending::Refuse(*time)),
            Fault::Html502 => html_502(),
            Fault::Status(status) => empty(*status),
            Fault::Accepted => empty(202),
            Fault::UnsignedError { status, code } => error(*status, code),
            Fault::SignedError { status, code } => self.signed(error(*status, code)),
            Fault::RateLimited { retry_after } => {
                let mut response = error(429, "app-call-limited");
                response.headers.push(("retry-after", retry_after.as_secs().to_string()));
                response
            }
            Fault::Redirect => {
                let mut response = empty(302);
                response.headers.push(("location", "/_mock/redirected".to_owned()));
                response
            }
            _ => return None,
        };
        Some(Ending::Respond(Duration::ZERO, response))
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("alipay-trace-id", self.trace_id.to_owned())]
    }

    fn sign(
        &self,
        headers: &mut Vec<(&'static str, String)>,
        body: &[u8],
        fault: Option<&Fault>,
    ) -> Result<(), Refusal> {
        let millis = match fault {
            Some(Fault::StaleTimestamp) => self.now_millis - STALE_MILLIS,
            _ => self.now_millis,
        };
        let timestamp = millis.to_string();
        let nonce = || random_hex().map_err(|e| Refusal::internal("cannot make a nonce", e));
        let sign = |content: &[u8]| {
            let signature = self.keys.alipay.sign(content);
            signature.map_err(|e| Refusal::internal("cannot sign the response", e))
        };
        // Well-formed and by the right key, but over something else.
        let wrong = || sign(b"another text");
        let new_nonce = nonce()?;
        let signature = match fault {
            Some(Fault::NoSignature) => None,
            Some(Fault::NullSignature) => Some("null".to_owned()),
            Some(Fault::GarbageSignature) => Some("%%% this is not base64 %%%".to_owned()),
            Some(Fault::WrongSignature) => Some(wrong()?),
            _ => Some(sign(&canonical::response(&timestamp, &new_nonce, body))?),
        };
        if matches!(fault, Some(Fault::DuplicateHeaders)) {
            headers.push(("alipay-timestamp", "1".to_owned()));
            headers.push(("alipay-nonce", nonce()?));
            headers.push(("alipay-signature", wrong()?));
        }
        headers.push(("alipay-timestamp", timestamp));
        headers.push(("alipay-nonce", new_nonce));
        headers.extend(signature.map(|signature| ("alipay-signature", signature)));
        if matches!(fault, Some(Fault::UnknownSerial)) {
            headers.push(("alipay-sn", nonce()?));
        } else if self.certificates {
            let known = self.keys.certificates();
            let known = known.map_err(|e| Refusal::internal("no certificates", e))?;
            headers.push(("alipay-sn", known.alipay_serial().to_owned()));
        }
        Ok(())
    }
}

/// The response of a proxy that cannot reach the gateway.
fn html_502() -> WireResponse {
    let body = "<html><head><title>502 Bad Gateway</title></head>\
                <body><center><h1>502 Bad Gateway</h1></center></body></html>";
    WireResponse::new(
        502,
        vec![("content-type", "text/html".to_owned())],
        Bytes::from_static(body.as_bytes()),
    )
}

/// The first half of a body, cut between characters.
fn truncated(body: &str) -> String {
    let half = body.chars().count() / 2;
    body.chars().take(half.max(1)).collect()
}

/// A changed body of the same kind: JSON gets a member, a ciphertext another first character.
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
