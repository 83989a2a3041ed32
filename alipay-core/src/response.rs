//! What a successful call returns.

use std::{fmt, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{
    headers,
    model::{Model, Ref, Unreadable},
    redact::{LINE, OneLine, Personal},
};

/// A successful response. It dereferences to its model; its methods give the status, the headers and
/// the rest.
#[derive(Clone)]
pub struct Response<T> {
    body: T,
    facts: Facts,
}

#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What does not depend on the model of a response.
#[derive(Clone)]
pub(crate) struct Facts {
    /// With the body that was verified, in plaintext.
    pub(crate) message: Message,
    pub(crate) request_id: Arc<str>,
    pub(crate) verified: bool,
    pub(crate) attempts: u32,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Personal data of the request, which must not be shown if the server repeats them.
    pub(crate) personal: Personal,
}

impl<T> Response<T> {
    pub(crate) fn new(body: T, facts: Facts) -> Self {
        Self { body, facts }
    }

    /// The model, without the rest.
    pub fn into_inner(self) -> T {
        self.body
    }

    /// The id under which Alipay's support finds the request (`alipay-trace-id`), as sent.
    pub fn trace_id(&self) -> Option<&str> {
        headers::value(&self.facts.message.headers, &headers::TRACE_ID)
    }

    /// The id that was sent with the request (`alipay-request-id`).
    pub fn request_id(&self) -> &str {
        &self.facts.request_id
    }

    /// A string of this response's, such as its trace id, as it may be shown: on one line, without the request's
    /// personal data.
    pub fn redacted(&self, text: &str) -> String {
        self.line(text, LINE).to_string()
    }

    /// A string of the server's on one line, without the request's personal data.
    pub(crate) fn line<'a>(&'a self, text: &'a str, limit: usize) -> OneLine<'a> {
        OneLine::new(text, limit).without(&self.facts.personal)
    }

    /// Shows all but the body.
    fn fmt_facts<'a, 'f>(&self, f: &'a mut fmt::Formatter<'f>) -> fmt::DebugStruct<'a, 'f> {
        let line = |id| self.line(id, 64).to_string();
        let mut shown = f.debug_struct("Response");
        shown
            .field("status", &self.status().as_u16())
            .field("trace_id", &self.trace_id().map(line))
            .field("request_id", &self.request_id())
            .field("verified", &self.verified())
            .field("attempts", &self.attempts());
        if !self.unreadable().is_empty() {
            shown.field("unreadable", &self.unreadable().len());
        }
        shown
    }

    /// The HTTP status: 200, or another of the 2xx but 202.
    pub fn status(&self) -> StatusCode {
        self.facts.message.status
    }

    /// The headers. Only `alipay-timestamp` and `alipay-nonce` are covered by the signature.
    pub fn headers(&self) -> &HeaderMap {
        &self.facts.message.headers
    }

    /// What is not of its type, such as a time without seconds or the amount `1,000.00`, and so is
    /// absent from the model. Mostly this is empty.
    ///
    /// Each such value is named with its place and the reason, and [`raw_body`](Self::raw_body) still has
    /// it. All other values are as they were sent. An object or list that arrives as JSON in a string is
    /// read, and not listed here.
    ///
    /// - An item of a list that cannot be read is left out, and those behind it move up: the pointer
    ///   counts the items as they were sent. A list of which no item can be read is absent.
    /// - An object that cannot do without the value is absent as a whole. Where that is all of the
    ///   response, the call fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode), as for a body
    ///   that is not an object.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.facts.unreadable
    }

    /// The JSON that the model was read from, verified and decrypted, in the charset it was sent in. It
    /// also has the fields that the model does not have.
    ///
    /// It may hold personal data. This crate never prints it.
    pub fn raw_body(&self) -> &Bytes {
        &self.facts.message.body
    }

    /// Whether the response carried a valid signature of Alipay's. It is `false` only for an empty
    /// response with status 204, where the operation's description has that status or the call
    /// [allows](crate::Call::allow_unsigned_204) it.
    pub fn verified(&self) -> bool {
        self.facts.verified
    }

    /// How often the request was sent to get this response.
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

/// Shows the model without personal data, and no headers and no raw body.
impl<T: Model> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_facts(f).field("body", &Ref::Model(&self.body)).finish_non_exhaustive()
    }
}

/// Does not show the body: which of its fields are personal is not known.
impl fmt::Debug for Response<serde_json::Value> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_facts(f).finish_non_exhaustive()
    }
}

/// A response to a request that Alipay has accepted but not completed. The message that
/// [`completed_by`](Self::completed_by) names says when it is.
///
/// Where another operation tells it, too, the generated crate has a method that asks that one until it
/// does, such as `wait_until_active` of the vouchers: a [`Wait`](crate::Wait). The documentation of the
/// operation that was called names it.
#[derive(Clone)]
pub struct Accepted<T> {
    response: Response<T>,
    completed_by: &'static str,
}

impl<T> Accepted<T> {
    pub(crate) fn new(response: Response<T>, completed_by: &'static str) -> Self {
        Self { response, completed_by }
    }

    /// The name of the message (`msg_method`) that says that the change has taken effect.
    pub fn completed_by(&self) -> &'static str {
        self.completed_by
    }

    /// The response.
    pub fn into_response(self) -> Response<T> {
        self.response
    }
}

impl<T> Deref for Accepted<T> {
    type Target = Response<T>;

    fn deref(&self) -> &Response<T> {
        &self.response
    }
}

impl<T: Model> fmt::Debug for Accepted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("completed_by", &self.completed_by)
            .field("response", &self.response)
            .finish()
    }
}
