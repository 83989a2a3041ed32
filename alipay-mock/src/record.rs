//! What a gateway remembers of the requests it has answered.

use std::collections::VecDeque;
use std::fmt;

use crate::protocol::request::RawRequest;

/// How many requests are kept; the oldest go first.
const CAPACITY: usize = 1000;

/// How much of a body is kept, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// Headers that are kept. `Authorization` is not among them: its signature is of no use later.
const KEPT_HEADERS: [&str; 9] = [
    "accept",
    "alipay-app-auth-token",
    "alipay-encrypt-type",
    "alipay-request-id",
    "alipay-root-cert-sn",
    "alipay-sdk-version",
    "content-length",
    "content-type",
    "user-agent",
];

/// A request a gateway has received, and how it was answered.
///
/// `Debug` leaves out the query, the headers and the body, which may hold tokens and personal
/// data.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// The headers of interest that were sent, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body as text, decrypted if it came encrypted and could be; otherwise as received. Of
    /// long bodies the first 64 KiB.
    pub body: String,
    /// Whether the request was accepted: signature, nonce, timestamp, headers and encryption.
    pub verified: bool,
    /// Status of the answer; `None` when the connection was closed without one.
    pub status: Option<u16>,
    /// The `code` of an error answer.
    pub code: Option<String>,
    /// The `message` of an error answer.
    pub message: Option<String>,
    /// The answer's trace id.
    pub trace_id: String,
}

impl RecordedRequest {
    pub(crate) fn new(request: &RawRequest, trace_id: &str) -> Self {
        let headers = KEPT_HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), request.header(name)?.to_owned())))
            .collect();
        Self {
            method: request.method.clone(),
            target: request.target.clone(),
            headers,
            body: shortened(&request.body),
            verified: false,
            status: None,
            code: None,
            message: None,
            trace_id: trace_id.to_owned(),
        }
    }

    /// Replaces the body by the one that was read.
    pub(crate) fn set_plain_body(&mut self, body: &[u8]) {
        self.body = shortened(body);
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    /// A kept header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(kept, _)| kept.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// A body as text, as far as it is kept.
fn shortened(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..LONGEST_BODY).unwrap_or(body)).into_owned()
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("verified", &self.verified)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("trace_id", &self.trace_id)
            .finish_non_exhaustive()
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Records(VecDeque<RecordedRequest>);

impl Records {
    pub(crate) fn push(&mut self, record: RecordedRequest) {
        if self.0.len() >= CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.0.iter().cloned().collect()
    }
}
