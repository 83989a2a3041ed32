//! What stands in for the spans when they are off.
#![allow(clippy::unused_self, reason = "the same shape as with spans")]

use bytes::Bytes;

use crate::{client::Inner, error::Error, finish::Received, operation::Subject, prepare::Context};

pub(crate) struct CallSpan;

pub(crate) struct AttemptSpan;

impl CallSpan {
    pub(crate) fn new(_: &Inner, _: &Subject) -> Self {
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
