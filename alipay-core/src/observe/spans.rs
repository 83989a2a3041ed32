//! The spans.

use std::borrow::Cow;

use bytes::Bytes;
#[cfg(feature = "blocking")]
use tracing::instrument::{WithDispatch, WithSubscriber as _};
use tracing::{Instrument as _, Span, field::Empty, info_span, instrument::Instrumented};

use crate::{
    client::Inner,
    error::{Error, ErrorKind},
    finish::Received,
    headers,
    operation::RequestInfo,
    prepare::Context,
    redact::Personal,
};

pub(crate) struct CallSpan(Span);

pub(crate) struct AttemptSpan {
    span: Span,
    /// Personal data of the request, which must not be recorded if the server repeats them.
    personal: Personal,
}

impl CallSpan {
    pub(crate) fn new(client: &Inner, request: &RequestInfo) -> Self {
        let (host, port) = client.base.host_and_port();
        Self(info_span!(
            "alipay.call",
            "otel.kind" = "internal",
            "otel.status_code" = Empty,
            "alipay.operation" = &*request.operation,
            "alipay.attempts" = Empty,
            "alipay.outcome" = Empty,
            "http.request.method" = request.method.as_str(),
            "url.template" = &*request.template,
            "server.address" = host,
            "server.port" = port,
            "error.type" = Empty,
        ))
    }

    pub(crate) fn watch<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.0.clone())
    }

    pub(crate) fn attempt(&self, client: &Inner, context: &Context) -> AttemptSpan {
        let request = &context.info;
        let (host, port) = client.base.host_and_port();
        let span = info_span!(
            parent: &self.0,
            "alipay.attempt",
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "alipay.operation" = &*request.operation,
            "alipay.request_id" = context.request_id(),
            "alipay.trace_id" = Empty,
            "alipay.code" = Empty,
            "http.request.method" = request.method.as_str(),
            "http.request.resend_count" = Empty,
            "http.response.status_code" = Empty,
            "url.template" = &*request.template,
            "server.address" = host,
            "server.port" = port,
            "error.type" = Empty,
        );
        if context.attempts.number > 1 {
            span.record("http.request.resend_count", context.attempts.number - 1);
        }
        AttemptSpan { span, personal: context.info.personal.clone() }
    }

    pub(crate) fn end(&self, result: &Result<Received, Error>, attempts: u32) {
        self.0.record("alipay.attempts", attempts);
        if let Err(error) = result {
            self.0.record("otel.status_code", "ERROR");
            self.0.record("error.type", &*error_type(error));
            self.0.record("alipay.outcome", tracing::field::debug(error.outcome()));
        }
    }
}

impl AttemptSpan {
    pub(crate) fn watch<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.span.clone())
    }

    pub(crate) fn received(&self, response: &http::Response<Bytes>) {
        self.span.record("http.response.status_code", response.status().as_u16());
        self.record_name("alipay.trace_id", headers::value(response.headers(), &headers::TRACE_ID));
    }

    pub(crate) fn end(&self, result: &Result<Received, Error>) {
        if let Err(error) = result {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", &*error_type(error));
            // An unsigned code could be anything.
            self.record_name("alipay.code", error.code_text().filter(|_| error.authenticated()));
        }
    }

    /// Records a name or an id that a server sent, unless it repeats personal data of the request.
    fn record_name(&self, field: &str, text: Option<&str>) {
        if let Some(name) = text.filter(|text| is_name(text) && !self.personal.is_in(text)) {
            self.span.record(field, name);
        }
    }
}

/// Whether a string looks like a name or an id, and not like a sentence.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= 64 && text.bytes().all(fits)
}

/// The status where that says what is wrong, otherwise the kind of the error.
fn error_type(error: &Error) -> Cow<'static, str> {
    let kind = match error.kind() {
        ErrorKind::Api | ErrorKind::Processing | ErrorKind::Status => {
            return error
                .status()
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default()
                .into();
        }
        ErrorKind::Configuration => "configuration",
        ErrorKind::Request => "request",
        ErrorKind::Connect => "connect",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Transport => "transport",
        ErrorKind::BodyTooLarge => "body_too_large",
        ErrorKind::Verification => "verification",
        ErrorKind::Decryption => "decryption",
        ErrorKind::Decode => "decode",
        ErrorKind::Notification => "notification",
    };
    kind.into()
}

/// Takes the caller's span and subscriber along to another thread.
#[cfg(feature = "blocking")]
pub(crate) fn carried<F: Future>(work: F) -> WithDispatch<Instrumented<F>> {
    work.in_current_span().with_current_subscriber()
}
