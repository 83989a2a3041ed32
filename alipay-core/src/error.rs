//! The one error type of all operations.

mod body;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

pub(crate) use body::{Code, ErrorBody};
pub use body::{Detail, Link};

use crate::{
    codes::{ErrorClass, ErrorCodes, class_of},
    headers,
    input::Input,
    operation::{RequestInfo, Safety},
    redact::{LINE, OneLine},
    response::Message,
};

/// Why a call failed, and what that means for what it should have done.
///
/// `Display` is one line for people: the operation, the problem, status, code, message, trace id,
/// how many attempts, and what to conclude. Neither it nor `Debug` shows keys, tokens, bodies, or
/// the request's personal data: what the server repeats of that is replaced by `[redacted]`.
///
/// Personal data are the strings and numbers of the fields that the description marks as personal.
/// In a [raw call](crate::Raw) they are all values. Where such a string holds JSON, the strings and
/// numbers in that JSON count too, up to four levels deep.
///
/// Personal data are found in any case and width, and with other spaces and punctuation
/// (`138-0013 8000`). A value of up to three ASCII letters or digits is found only where it stands
/// alone. Not found are parts of a value, other encodings of it (`\u738b`, `&#29579;`), letters with
/// marks that Unicode composes differently (NFC, NFD), and values of spaces and punctuation only.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    problem: Cow<'static, str>,
    /// What the problem is about, if that was given to credentials or a client.
    input: Option<Input>,
    request: Option<Arc<RequestInfo>>,
    request_id: Option<Arc<str>>,
    attempts: Attempts,
    /// Whether the request may have reached the server.
    sent: bool,
    response: Option<ErrorResponse>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How often a request was tried, and what that came to.
#[derive(Clone, Copy)]
pub(crate) struct Attempts {
    /// The attempts so far, the present one included.
    pub(crate) number: u32,
    /// What is known of those before the present one; the worst counts.
    pub(crate) earlier: Outcome,
}

impl Attempts {
    /// Before the first attempt.
    pub(crate) const NONE: Self = Self { number: 0, earlier: Outcome::NotSent };
    /// During the first attempt.
    pub(crate) const FIRST: Self = Self { number: 1, ..Self::NONE };
}

#[derive(Clone)]
pub(crate) struct ErrorResponse {
    pub(crate) message: Message,
    pub(crate) proof: Proof,
    pub(crate) body: Option<ErrorBody>,
}

/// Whether a response carried a valid signature of Alipay's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Signed,
    Unsigned,
}

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly: a key, an address, an option.
    Configuration,
    /// The request could not be built from what was given.
    Request,
    /// No connection to the server: name, network, TLS.
    Connect,
    /// No response in time.
    Timeout,
    /// The connection broke.
    Transport,
    /// The response is larger than allowed.
    BodyTooLarge,
    /// The response or notification is not proven to be from Alipay: the signature is missing,
    /// wrong, or too old, or the response is a copy of one that was used before.
    Verification,
    /// The content could not be decrypted, or was not encrypted although it should be.
    Decryption,
    /// The response is from Alipay but is not an object, or lacks what the operation's model cannot do
    /// without. Other values that do not fit the model are [left out](crate::Response::unreadable).
    Decode,
    /// Alipay returned an error that has a [code](Error::code_text): it refused the request, or
    /// failed. [`Error::outcome`] tells whether it proves that nothing happened.
    Api,
    /// Alipay accepted the request but has not processed it (202); the same request is to be sent
    /// again.
    Processing,
    /// The response is not a success and has no code of Alipay's: a redirect, a proxy's page, an
    /// empty body.
    Status,
    /// A notification or a [return](crate::Client::verify_return) is malformed, or for another app.
    Notification,
}

/// What is known of what a failed call should have done.
///
/// The claim that nothing happened is made only where it is proven; all else is
/// [`Unknown`](Self::Unknown). This is the model behind it, for one attempt:
///
/// | what was observed | what it proves | outcome | repeated |
/// | --- | --- | --- | --- |
/// | the request or the client is wrong ([`Request`](ErrorKind::Request), [`Configuration`](ErrorKind::Configuration)) | nothing was sent | `NotSent` | no |
/// | no connection ([`Connect`](ErrorKind::Connect)); the time was up before anything was sent | nothing was sent | `NotSent` | yes |
/// | signed 4xx, the code is a [refusal](ErrorClass::Refused) | this request was refused | `Rejected` | no; with 429 or a code for a limit on calls yes |
/// | signed 429, the code says nothing else | this request was refused | `Rejected` | yes |
/// | signed 4xx, the code says that an earlier request [succeeded](ErrorClass::AlreadyDone) | this request was refused | `Rejected` | no; with 429 yes |
/// | signed 4xx, the code stands for a [failure](ErrorClass::Failed) | nothing | `Unknown` | if safe |
/// | signed 4xx, the code is [unclear](ErrorClass::Unclear) | nothing | `Unknown` | no |
/// | signed 5xx or 408 with any code; 202 | nothing | `Unknown` | 202, 500, 502, 503, 504 and failures: if safe |
/// | signed 2xx with the body of an error | nothing | `Unknown` | failures: if safe |
/// | any unsigned error | nothing: anybody on the way could have sent it | `Unknown` | as the same signed one, if safe |
/// | unsigned success, an unsigned 204 that nobody allowed, a wrong, old or repeated signature | nothing | `Unknown` | no |
/// | a body that is too large, not readable, or cannot be decrypted; a redirect; a proxy's page | nothing | `Unknown` | a page with 429, 500, 502, 503 or 504: if safe |
/// | the connection broke, or no response came in time | nothing | `Unknown` | if safe |
///
/// *If safe*: for calls that only read and for calls that carry their idempotency key, see
/// [`Safety`]. A call that only reads changes nothing, so an unsigned refusal counts as
/// `Rejected` there.
///
/// The outcome of a call is the worst of its attempts: `Unknown` before `Rejected` before `NotSent`,
/// which is the order of this type. For calls that only read, the last attempt counts alone if it
/// reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// No request of this call reached the server: nothing happened.
    NotSent,
    /// Alipay refused this request and signed that: this request changed nothing. For calls that only
    /// read, such as a GET, refusals that are not signed count, too.
    ///
    /// This says nothing about other requests. [`Error::class`] is
    /// [`AlreadyDone`](ErrorClass::AlreadyDone) where the code says that Alipay refused because an
    /// earlier request has succeeded.
    Rejected,
    /// It may or may not have been carried out. Repeat it unchanged if it is
    /// [idempotent](Safety::IdempotentBy), or query.
    Unknown,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, problem: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            problem: problem.into(),
            input: None,
            request: None,
            request_id: None,
            attempts: Attempts::NONE,
            sent: true,
            response: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, problem)
    }

    pub(crate) fn request(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Request, problem)
    }

    /// What is wrong with something that was given to credentials or a client.
    pub(crate) fn wrong(input: Input, problem: impl fmt::Display) -> Self {
        Self::configuration(format!("{}: {problem}", input.name())).with_input(input)
    }

    /// The same error, about something that was given.
    pub(crate) fn with_input(mut self, input: Input) -> Self {
        self.0.input = Some(input);
        self
    }

    /// What it is about, if that was given to credentials or a client.
    #[must_use]
    pub fn input(&self) -> Option<Input> {
        self.0.input
    }

    /// The same error, with the setting that it is about in front.
    pub(crate) fn in_setting(mut self, name: &str) -> Self {
        self.0.problem = format!("{name}: {}", self.0.problem).into();
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn not_sent(mut self) -> Self {
        self.0.sent = false;
        self
    }

    pub(crate) fn with_response(mut self, response: ErrorResponse) -> Self {
        self.0.response = Some(response);
        self
    }

    pub(crate) fn about(mut self, request: &Arc<RequestInfo>) -> Self {
        self.0.request = Some(Arc::clone(request));
        self
    }

    /// Says in which attempt it happened, and with which request id if there is one yet.
    pub(crate) fn during(mut self, attempts: Attempts, request_id: Option<&Arc<str>>) -> Self {
        self.0.attempts = attempts;
        self.0.request_id = request_id.cloned();
        self
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is known of what the call should have done, over all its attempts. [`Outcome`] has the
    /// table of what proves what.
    ///
    /// Look at it before the code. The code alone is no reason to act: the error may be unsigned, or an
    /// earlier attempt may have been carried out.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let last = self.last_outcome();
        // A call that only reads changes nothing: the last response counts.
        if self.repeat() == Safety::ReadOnly && last != Outcome::NotSent {
            return last;
        }
        last.max(self.0.attempts.earlier)
    }

    /// What is known of what the last attempt should have done.
    pub(crate) fn last_outcome(&self) -> Outcome {
        match self.0.kind {
            ErrorKind::Api if self.is_refusal() => Outcome::Rejected,
            // What has a response was sent.
            _ if self.0.response.is_some() => Outcome::Unknown,
            ErrorKind::Configuration
            | ErrorKind::Request
            | ErrorKind::Connect
            | ErrorKind::Notification => Outcome::NotSent,
            _ if !self.0.sent => Outcome::NotSent,
            _ => Outcome::Unknown,
        }
    }

    fn is_refusal(&self) -> bool {
        let Some(status) = self.status() else { return false };
        let refused = match self.class() {
            Some(ErrorClass::Refused | ErrorClass::AlreadyDone) => true,
            // The status says it where the code says nothing.
            Some(ErrorClass::Unclear) => status == StatusCode::TOO_MANY_REQUESTS,
            Some(ErrorClass::Failed) | None => false,
        };
        refused
            && status.is_client_error()
            && status != StatusCode::REQUEST_TIMEOUT
            && (self.authenticated() || self.repeat() == Safety::ReadOnly)
    }

    /// The class of the code, whether the response is signed or not; see [`crate::codes`]. `None`
    /// without a code.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        let table = self.0.request.as_ref().map_or(&ErrorCodes::NONE, |request| request.codes);
        Some(class_of(self.code_text()?, table))
    }

    /// Alipay's error code as a type of the caller's choice, mostly the operation's error code
    /// enum. `None` when the response had no code.
    #[must_use]
    pub fn code<C: for<'a> From<&'a str>>(&self) -> Option<C> {
        self.code_text().map(C::from)
    }

    /// Alipay's error code as sent, for example `invalid-app-id` or `BUDGET_NOT_ENOUGH`. A response
    /// that is not from Alipay may repeat parts of the request here.
    #[must_use]
    pub fn code_text(&self) -> Option<&str> {
        self.body().map(|body| body.code.as_str())
    }

    /// Alipay's message as sent, mostly in Chinese. It may repeat parts of the request.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.body()?.message.as_deref()
    }

    /// Pages that explain the error, as sent. They may repeat parts of the request.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        self.body().map_or(&[], |body| &body.links)
    }

    /// What is wrong with which parameter, as sent, if Alipay says it. It may repeat parts of the
    /// request.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        self.body().map_or(&[], |body| &body.details)
    }

    /// The HTTP status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.response.as_ref().map(|response| response.message.status)
    }

    /// The headers, if there was a response.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.response.as_ref().map(|response| &response.message.headers)
    }

    /// The body as received, if there was a response. It may hold personal data.
    #[must_use]
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.0.response.as_ref().map(|response| &response.message.body)
    }

    /// The id under which Alipay's support finds the request (`alipay-trace-id`).
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        headers::value(self.headers()?, &headers::TRACE_ID)
    }

    /// The id that was sent with the request (`alipay-request-id`).
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The idempotency key of the request, where the operation has one and the request carries it. After
    /// an unknown outcome, the same request with the same key is safe to send again.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.request.as_ref()?.key.as_deref()
    }

    /// The operation, for example `alipay.marketing.activity.voucher.create`.
    ///
    /// For a [raw call](crate::Raw) by method and path it is these, as the caller wrote them.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        Some(&self.0.request.as_ref()?.operation)
    }

    /// How often the request was tried: more than once when the call was
    /// [repeated](crate::RetryPolicy), and 0 when it could not even be made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts.number
    }

    /// Whether the response this error is about carried a valid signature of Alipay's.
    ///
    /// Without it, code and message are good for finding the cause, but prove nothing.
    #[must_use]
    pub fn authenticated(&self) -> bool {
        self.0.response.as_ref().is_some_and(|response| response.proof == Proof::Signed)
    }

    /// Whether sending the same request again may help and cannot do harm.
    ///
    /// A repeat is harmless if the request was not carried out, only reads, or carries an idempotency
    /// key. It may help after failures to connect, broken connections, timeouts, 202, 429, 500, 502,
    /// 503, 504, Alipay's own failures and, after a while, limits on calls.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let passing = match self.0.kind {
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::Processing => true,
            ErrorKind::Api | ErrorKind::Status => {
                self.status().is_some_and(|status| matches!(status.as_u16(), 429 | 500 | 502..=504))
                    || self.class() == Some(ErrorClass::Failed)
                    || matches!(self.code_text(), Some("app-call-limited" | "method-call-limited"))
            }
            _ => false,
        };
        passing && (self.outcome() != Outcome::Unknown || self.repeat() != Safety::Unsafe)
    }

    /// A string of this error's, such as a code or a trace id, as `Display` shows it: on one line, without the
    /// request's personal data.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        self.shown(text, LINE).to_string()
    }

    /// What a repeat of this very request does.
    fn repeat(&self) -> Safety {
        self.0.request.as_ref().map_or(Safety::Unsafe, |request| request.repeat)
    }

    /// A string of the server's on one line, without the request's personal data.
    fn shown<'a>(&'a self, text: &'a str, limit: usize) -> OneLine<'a> {
        let line = OneLine::new(text, limit);
        match &self.0.request {
            Some(request) => line.without(&request.personal),
            None => line,
        }
    }

    fn body(&self) -> Option<&ErrorBody> {
        self.0.response.as_ref()?.body.as_ref()
    }

    /// What to do when the outcome is unknown.
    fn next(&self, repeat: Safety) -> Cow<'static, str> {
        match (repeat, self.idempotency_key()) {
            (Safety::IdempotentBy(name), Some(key)) => {
                let key = self.shown(key, 64);
                format!("repeat with the same `{name}` ({key}), or query").into()
            }
            (Safety::IdempotentBy(name), None) => {
                format!("repeat with the same `{name}`, or query").into()
            }
            (Safety::Idempotent, _) => "repeat it unchanged".into(),
            (Safety::ReadOnly | Safety::Unsafe, _) => "query before repeating".into(),
        }
    }

    /// What the caller should conclude, where that is not plain from the problem.
    fn advice(&self) -> Cow<'static, str> {
        match (self.outcome(), self.0.kind, self.repeat()) {
            (_, _, _) if self.0.request.is_none() => "".into(),
            (Outcome::Unknown, _, Safety::ReadOnly) => "; nothing was changed".into(),
            (Outcome::Unknown, _, repeat) if self.last_outcome() != Outcome::Unknown => {
                format!("; an earlier attempt may have been carried out: {}", self.next(repeat))
                    .into()
            }
            (_, ErrorKind::Configuration | ErrorKind::Request | ErrorKind::Notification, _) => {
                "".into()
            }
            (Outcome::NotSent, _, _) => "; nothing was sent".into(),
            (Outcome::Rejected, _, _) if self.class() == Some(ErrorClass::AlreadyDone) => {
                "; this request did nothing, since an earlier one has succeeded".into()
            }
            (Outcome::Rejected, _, _) => "; nothing was done".into(),
            (Outcome::Unknown, _, repeat) => {
                format!("; the outcome is unknown: {}", self.next(repeat)).into()
            }
        }
    }
}

/// Whether a string can be a code of Alipay's.
fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._, -".contains(&byte);
    text.bytes().all(fits)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = self.operation() {
            write!(f, "{}: ", OneLine::new(operation, 200))?;
        }
        f.write_str(&inner.problem)?;
        if let Some(cause) = innermost(inner.source.as_deref()) {
            write!(f, ": {}", self.shown(&cause, 200))?;
        }
        if let Some(status) = self.status() {
            write!(f, " (HTTP {})", status.as_u16())?;
        }
        match self.code_text().map(|code| self.shown(code, 100)) {
            Some(code) if is_code(code.text()) => write!(f, ": {code}")?,
            Some(_) => f.write_str(": [code not shown]")?,
            None => {}
        }
        let message = self.message().map(|message| self.shown(message, LINE));
        if let Some(message) = message.filter(|message| !message.text().is_empty()) {
            write!(f, ", {message}")?;
        }
        if let Some(trace_id) = self.trace_id() {
            write!(f, " [trace id {}]", self.shown(trace_id, 64))?;
        }
        if self.attempts() > 1 {
            write!(f, " after {} attempts", self.attempts())?;
        }
        f.write_str(&self.advice())
    }
}

/// The message of the innermost cause, which says what happened.
fn innermost(source: Option<&(dyn StdError + Send + Sync + 'static)>) -> Option<String> {
    let mut cause: &(dyn StdError + 'static) = source?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("outcome", &self.outcome())
            .field("authenticated", &self.authenticated())
            .field("attempts", &self.attempts())
            .field("request_id", &self.request_id())
            .field("text", &self.to_string())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
