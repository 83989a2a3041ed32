//! Spans for the feature `tracing`: one per call, in it one per attempt.
//!
//! Names follow OpenTelemetry's conventions for HTTP clients. What is recorded are methods, path
//! templates, hosts, statuses, ids and kinds of errors; never queries, bodies, tokens or keys.
//! Without the feature there is nothing of it in the program.

#[cfg(not(feature = "tracing"))]
mod nothing;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(not(feature = "tracing"))]
pub(crate) use nothing::CallSpan;
#[cfg(all(feature = "blocking", not(feature = "tracing")))]
pub(crate) use nothing::carried;
#[cfg(feature = "tracing")]
pub(crate) use spans::CallSpan;
#[cfg(all(feature = "blocking", feature = "tracing"))]
pub(crate) use spans::carried;
