//! What the feature `tracing` tells: a span per call, in it one per attempt, and events. The guide has the
//! table of them.
//!
//! Names follow OpenTelemetry's conventions for HTTP clients. What is recorded are methods, path
//! templates, hosts, statuses, ids, kinds of errors, JSON pointers, and lines of this crate's own; never
//! queries, bodies, tokens, keys of cryptography, or messages of a server.
//! Without the feature this code does nothing.

#[cfg(feature = "tracing")]
mod events;
#[cfg(feature = "tracing")]
mod spans;
#[cfg(feature = "tracing")]
mod values;

#[cfg(feature = "tracing")]
pub(crate) use events::{
    not_repeated, notification_refused, refused, repeated, unreadable, waiting,
};
#[cfg(feature = "tracing")]
pub(crate) use spans::*;
#[cfg(not(feature = "tracing"))]
pub(crate) use without::*;

/// Used in place of the spans and events when the feature is off.
#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "the same shape as with spans")]
mod without {
    use std::{sync::Arc, time::Duration};

    use bytes::Bytes;

    use crate::{
        client::BaseUrl,
        error::{Error, Outcome},
        model::Unreadable,
        operation::RequestInfo,
        prepare::Context,
    };

    pub(crate) struct CallSpan;

    pub(crate) struct AttemptSpan;

    impl CallSpan {
        pub(crate) fn new(_: &BaseUrl, _: &Arc<RequestInfo>) -> Self {
            Self
        }

        pub(crate) fn prepared(_: &Context, _: &http::Response<Bytes>) -> Self {
            Self
        }

        pub(crate) fn watch<F: Future>(&self, work: F) -> F {
            work
        }

        pub(crate) fn attempt(&self, _: &BaseUrl, _: &Context) -> AttemptSpan {
            AttemptSpan
        }

        pub(crate) fn failed(&self, _: Outcome) {}

        pub(crate) fn read<T>(self, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
            read()
        }

        pub(crate) fn end(self, _: Option<&Error>) {}
    }

    impl AttemptSpan {
        pub(crate) fn watch<F: Future>(&self, work: F) -> F {
            work
        }

        pub(crate) fn sent(&self) {}

        pub(crate) fn received(&self, _: &http::Response<Bytes>) {}

        pub(crate) fn end(&self, _: Option<&Error>) {}
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn carried<F: Future>(work: F) -> F {
        work
    }

    pub(crate) fn repeated(_: &Error, _: Duration) {}

    pub(crate) fn not_repeated(_: &Error, _: Duration, _: bool) {}

    pub(crate) fn refused(_: &Error) {}

    pub(crate) fn notification_refused(_: &Error) {}

    pub(crate) fn unreadable(_: &str, _: Option<&str>, _: &[Unreadable]) {}

    pub(crate) fn waiting(
        _: &str,
        _: &str,
        _: u32,
        _: impl Fn() -> Option<String>,
        _: Option<&Error>,
    ) {
    }
}
