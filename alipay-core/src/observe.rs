//! Spans for the feature `tracing`: one per call, in it one per attempt; and an event for a response or
//! message of which something could not be read.
//!
//! Names follow OpenTelemetry's conventions for HTTP clients. What is recorded are methods, path
//! templates, hosts, statuses, ids, kinds of errors and JSON pointers; never queries, bodies, tokens or
//! keys.
//! Without the feature this code does nothing.

pub(crate) mod events;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(feature = "tracing")]
pub(crate) use spans::*;
#[cfg(not(feature = "tracing"))]
pub(crate) use without::*;

/// Used in place of the spans when the feature is off.
#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "the same shape as with spans")]
mod without {
    use bytes::Bytes;

    use crate::{
        client::Inner, error::Error, finish::Received, operation::RequestInfo, prepare::Context,
    };

    pub(crate) struct CallSpan;

    pub(crate) struct AttemptSpan;

    impl CallSpan {
        pub(crate) fn new(_: &Inner, _: &RequestInfo) -> Self {
            Self
        }

        pub(crate) fn watch<F: Future>(&self, work: F) -> F {
            work
        }

        pub(crate) fn attempt(&self, _: &Inner, _: &Context) -> AttemptSpan {
            AttemptSpan
        }

        pub(crate) fn end(&self, _: &Result<Received, Error>, _: u32) {}
    }

    impl AttemptSpan {
        pub(crate) fn watch<F: Future>(&self, work: F) -> F {
            work
        }

        pub(crate) fn received(&self, _: &http::Response<Bytes>) {}

        pub(crate) fn end(&self, _: &Result<Received, Error>) {}
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn carried<F: Future>(work: F) -> F {
        work
    }
}
