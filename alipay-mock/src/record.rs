//! The requests that a gateway has received.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::error::printable;
use crate::fault::Fault;
use crate::protocol::diagnosis::Diagnosis;
use crate::protocol::request::{APP_AUTH_TOKEN, RawRequest};

/// How many requests are kept. The oldest are dropped first.
const CAPACITY: usize = 1000;

/// The largest size of all requests together, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// How much of a body is kept, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// How much of a path is printed, in characters.
const LONGEST_PATH: usize = 200;

/// Headers that are kept. `Authorization` is not: its signature has no use later.
const KEPT_HEADERS: [&str; 9] = [
    "accept",
    APP_AUTH_TOKEN,
    "alipay-encrypt-type",
    "alipay-request-id",
    "alipay-root-cert-sn",
    "alipay-sdk-version",
    "content-length",
    "content-type",
    "user-agent",
];

/// A request, and how it ended.
///
/// `Debug` leaves out the query, the headers and the body, which may hold tokens and personal
/// data.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// When it was received by the gateway's clock, in milliseconds since 1970 (UTC).
    pub unix_millis: i64,
    /// HTTP method.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// The `operationId`, when the request was accepted; of an order its method.
    pub operation: Option<String>,
    /// Some of its headers, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body, decrypted if that was possible, otherwise as received. Of a long body the first
    /// 64 KiB.
    pub body: String,
    /// Whether the request was accepted: signature, nonce, timestamp, headers and encryption.
    pub verified: bool,
    /// The string that the signature covers, once it is found to match: the app auth token is hidden in it, and of a
    /// long one the first 16,384 characters are kept. For a signature that does not match see
    /// [`Self::diagnosis`].
    pub string_to_sign: Option<String>,
    /// Status of the response; `None` if the connection was closed without one.
    pub status: Option<u16>,
    /// The body of the response as it was sent, or before it was encrypted. Of a long body the first 64 KiB.
    pub response: String,
    /// How long the gateway took to respond, with the delay of a fault.
    pub duration: Duration,
    /// The `code` of an error response.
    pub code: Option<String>,
    /// The `message` of an error response.
    pub message: Option<String>,
    /// What is wrong with the signature, when it was refused.
    pub diagnosis: Option<Diagnosis>,
    /// The request's fault, if it had an effect.
    pub fault: Option<Fault>,
    /// The fault that the request brought itself and that had no effect: it needs a success.
    pub idle_fault: Option<Fault>,
    /// The response's trace id.
    pub trace_id: String,
}

impl RecordedRequest {
    pub(crate) fn new(request: &RawRequest, trace_id: &str, unix_millis: i64) -> Self {
        let headers = KEPT_HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), request.header(name)?.to_owned())))
            .collect();
        Self {
            unix_millis,
            operation: None,
            diagnosis: None,
            fault: None,
            idle_fault: None,
            method: request.method.clone(),
            target: request.target.clone(),
            headers,
            body: shortened(&request.body),
            verified: false,
            string_to_sign: None,
            status: None,
            response: String::new(),
            duration: Duration::ZERO,
            code: None,
            message: None,
            trace_id: trace_id.to_owned(),
        }
    }

    /// Replaces the body by the decrypted one.
    pub(crate) fn set_plain_body(&mut self, body: &[u8]) {
        self.body = shortened(body);
    }

    /// Sets the response's body.
    pub(crate) fn set_response(&mut self, body: &[u8]) {
        self.response = shortened(body);
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    /// The code of an error response, with its message.
    pub(crate) fn error(&self) -> Option<String> {
        let code = self.code.as_ref()?;
        Some(match &self.message {
            Some(message) => format!("{code}: {message}"),
            None => code.clone(),
        })
    }

    /// A kept header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(kept, _)| kept.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// The beginning of a body, as a string.
fn shortened(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..LONGEST_BODY).unwrap_or(body)).into_owned()
}

/// One line for a log, without query, headers and body.
impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.method, printable(self.path(), LONGEST_PATH))?;
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("closed")?,
        }
        write!(f, " trace={}", self.trace_id)?;
        if let Some(fault) = &self.fault {
            write!(f, " fault={fault}")?;
        }
        if let Some(fault) = &self.idle_fault {
            write!(f, " (fault {fault} had no effect: it needs {})", fault.needs())?;
        }
        match self.error() {
            Some(error) => write!(f, " {error}"),
            None => Ok(()),
        }
    }
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
pub(crate) struct Records {
    records: VecDeque<RecordedRequest>,
    size: usize,
}

impl Records {
    pub(crate) fn push(&mut self, record: RecordedRequest) {
        self.size += size(&record);
        self.records.push_back(record);
        while self.records.len() > CAPACITY || self.size > LARGEST {
            let Some(oldest) = self.records.pop_front() else { return };
            self.size = self.size.saturating_sub(size(&oldest));
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.records.iter().cloned().collect()
    }

    /// The request whose response has this trace id.
    pub(crate) fn find(&self, trace_id: &str) -> Option<RecordedRequest> {
        self.records.iter().rev().find(|record| record.trace_id == trace_id).cloned()
    }

    /// The newest requests, newest first.
    pub(crate) fn newest(&self, most: usize) -> Vec<RecordedRequest> {
        self.records.iter().rev().take(most).cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.size = 0;
    }
}

/// The size of a record, roughly.
fn size(record: &RecordedRequest) -> usize {
    let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let diagnosis = record.diagnosis.as_ref().map_or(0, Diagnosis::size);
    let signed = record.string_to_sign.as_ref().map_or(0, String::len);
    record.body.len() + record.response.len() + record.target.len() + headers + signed + diagnosis
}
