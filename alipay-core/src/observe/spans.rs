//! The spans.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::Bytes;
#[cfg(feature = "blocking")]
use tracing::instrument::{WithDispatch, WithSubscriber as _};
use tracing::{Instrument as _, Span, field::Empty, info_span, instrument::Instrumented};

use super::{
    events::{Course, DROPPED, End, finished},
    values::{TARGET, code, error_type, outcome_name},
};
use crate::{
    client::BaseUrl,
    error::{Error, Outcome},
    headers,
    operation::RequestInfo,
    prepare::Context,
};

/// A call, from its first attempt until its response is read. It tells of its end once, even if it is
/// dropped before.
pub(crate) struct CallSpan {
    span: Span,
    request: Arc<RequestInfo>,
    /// `None` if somebody else sends the request: when is not known.
    begun: Option<Instant>,
    course: Mutex<Course>,
    has_ended: bool,
}

pub(crate) struct AttemptSpan<'a> {
    span: Span,
    call: &'a CallSpan,
}

impl CallSpan {
    pub(crate) fn new(base: &BaseUrl, request: &Arc<RequestInfo>) -> Self {
        let span = info_span!(
            target: TARGET,
            "alipay.call",
            "otel.kind" = "internal",
            "otel.status_code" = Empty,
            "alipay.operation" = &*request.operation,
            "alipay.attempts" = Empty,
            "alipay.outcome" = Empty,
            "http.request.method" = request.method.as_str(),
            "url.template" = &*request.template,
            "server.address" = base.host_and_port().0,
            "server.port" = base.host_and_port().1,
            "error.type" = Empty,
        );
        let course = Course {
            attempts: 0,
            request_id: None,
            status: None,
            trace_id: None,
            outcome: Outcome::NotSent,
        };
        Self {
            span,
            request: Arc::clone(request),
            begun: Some(Instant::now()),
            course: Mutex::new(course),
            has_ended: false,
        }
    }

    /// A call whose request the caller has sent. It has no span.
    pub(crate) fn prepared(context: &Context, response: &http::Response<Bytes>) -> Self {
        let call = Self {
            span: Span::none(),
            request: Arc::clone(&context.info),
            begun: None,
            course: Mutex::new(Course {
                attempts: context.attempts.number,
                request_id: Some(Arc::clone(&context.request_id)),
                status: None,
                trace_id: None,
                outcome: Outcome::Unknown,
            }),
            has_ended: false,
        };
        drop(call.received(response));
        call
    }

    pub(crate) fn watch<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.span.clone())
    }

    pub(crate) fn attempt(&self, base: &BaseUrl, context: &Context) -> AttemptSpan<'_> {
        let request = &context.info;
        let number = context.attempts.number;
        let span = info_span!(
            target: TARGET,
            parent: &self.span,
            "alipay.attempt",
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "alipay.operation" = &*request.operation,
            "alipay.request_id" = context.request_id(),
            "alipay.trace_id" = Empty,
            "alipay.code" = Empty,
            "http.request.method" = request.method.as_str(),
            "http.request.resend_count" = number.checked_sub(1).filter(|repeat| *repeat > 0),
            "http.response.status_code" = Empty,
            "url.template" = &*request.template,
            "server.address" = base.host_and_port().0,
            "server.port" = base.host_and_port().1,
            "error.type" = Empty,
        );
        let mut course = self.course();
        course.attempts = number;
        course.request_id = Some(Arc::clone(&context.request_id));
        course.status = None;
        course.trace_id = None;
        AttemptSpan { span, call: self }
    }

    /// Notes the outcome of the attempts that have failed so far.
    pub(crate) fn failed(&self, outcome: Outcome) {
        self.course().outcome = outcome;
    }

    /// Reads the response, which is the last of the call.
    pub(crate) fn read<T>(self, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let result = self.span.in_scope(read);
        self.end(result.as_ref().err());
        result
    }

    pub(crate) fn end(mut self, error: Option<&Error>) {
        self.tell(error.map_or(End::Success, End::Error));
    }

    fn tell(&mut self, end: End<'_>) {
        self.has_ended = true;
        let course = self.course();
        if !self.span.is_disabled() {
            let attempts = match end {
                End::Error(error) => error.attempts(),
                End::Success | End::Dropped => course.attempts,
            };
            self.span.record("alipay.attempts", attempts);
            let failure = match end {
                End::Success => None,
                End::Error(error) => Some((error_type(error), error.outcome())),
                End::Dropped => Some((DROPPED.into(), course.outcome)),
            };
            if let Some((kind, outcome)) = failure {
                self.span.record("otel.status_code", "ERROR");
                self.span.record("error.type", &*kind);
                self.span.record("alipay.outcome", outcome_name(Some(outcome)));
            }
        }
        let duration = self.begun.map(|begun| begun.elapsed());
        self.span.in_scope(|| finished(&self.request, &course, end, duration));
    }

    /// Notes status and trace id of a response.
    fn received(&self, response: &http::Response<Bytes>) -> MutexGuard<'_, Course> {
        let mut course = self.course();
        course.status = Some(response.status().as_u16());
        course.trace_id = response.headers().get(headers::TRACE_ID).cloned();
        course
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        // Each step leaves a valid state.
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        if !self.has_ended {
            self.tell(End::Dropped);
        }
    }
}

impl AttemptSpan<'_> {
    pub(crate) fn watch<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.span.clone())
    }

    /// The request may reach the server from now on.
    pub(crate) fn sent(&self) {
        self.call.course().outcome = Outcome::Unknown;
    }

    pub(crate) fn received(&self, response: &http::Response<Bytes>) {
        let course = self.call.received(response);
        if !self.span.is_disabled() {
            self.span.record("http.response.status_code", course.status);
            self.span.record("alipay.trace_id", course.trace_id(&self.call.request.personal));
        }
    }

    pub(crate) fn end(&self, error: Option<&Error>) {
        if let Some(error) = error.filter(|_| !self.span.is_disabled()) {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", &*error_type(error));
            self.span.record("alipay.code", code(error));
        }
    }
}

/// Takes the caller's span and subscriber along to another thread.
#[cfg(feature = "blocking")]
pub(crate) fn carried<F: Future>(work: F) -> WithDispatch<Instrumented<F>> {
    work.in_current_span().with_current_subscriber()
}
