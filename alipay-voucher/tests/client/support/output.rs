//! Collects what is printed: by a test, and behind its back in panics and traces.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "test support")]

use std::{
    error::Error as StdError,
    fmt::{Debug, Display, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

/// Everything that was printed.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<String>>);

impl Output {
    pub fn debug(&self, value: &dyn Debug) {
        self.text(format_args!("{value:?}\n{value:#?}\n"));
    }

    pub fn text(&self, text: impl Display) {
        writeln!(self.0.lock().unwrap_or_else(PoisonError::into_inner), "{text}").unwrap();
    }

    /// An error, with all its causes.
    pub fn error(&self, error: &(dyn StdError + 'static)) {
        let mut cause = Some(error);
        while let Some(error) = cause {
            self.text(error);
            self.debug(&error);
            cause = error.source();
        }
    }

    pub fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Fails if one of the secrets is in the text, and shows where.
pub fn assert_free_of(text: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(at) = text.find(secret) {
            let around = at.saturating_sub(200)..(at + secret.len() + 100).min(text.len());
            let around = String::from_utf8_lossy(&text.as_bytes()[around]);
            panic!("found {secret} in …{around}…");
        }
    }
}

/// Collects the messages of panics.
pub fn capture_panics(output: &Output) {
    let output = output.clone();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        output.text(panic);
        before(panic);
    }));
}

#[cfg(not(feature = "tracing"))]
pub fn capture_traces(_: &Output) {}

#[cfg(not(feature = "tracing"))]
pub fn capture_traces_of_thread(_: &Output) -> Untraced {
    Untraced
}

/// There is nothing to capture.
#[cfg(not(feature = "tracing"))]
pub struct Untraced;

/// Captures every span and event of every crate, at the loudest.
#[cfg(feature = "tracing")]
pub fn capture_traces(output: &Output) {
    tracing::subscriber::set_global_default(Traces { output: output.clone() }).unwrap();
}

/// The same for this thread only, until the guard is dropped.
#[cfg(feature = "tracing")]
#[must_use]
pub fn capture_traces_of_thread(output: &Output) -> tracing::subscriber::DefaultGuard {
    tracing::subscriber::set_default(Traces { output: output.clone() })
}

#[cfg(feature = "tracing")]
struct Traces {
    output: Output,
}

#[cfg(feature = "tracing")]
impl tracing::field::Visit for Traces {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.output.text(format_args!("trace {}={value:?}", field.name()));
    }

    fn record_error(&mut self, field: &tracing::field::Field, error: &(dyn StdError + 'static)) {
        self.output.text(format_args!("trace {}", field.name()));
        self.output.error(error);
    }
}

#[cfg(feature = "tracing")]
impl Traces {
    fn visitor(&self) -> Self {
        Self { output: self.output.clone() }
    }
}

#[cfg(feature = "tracing")]
impl tracing::Subscriber for Traces {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.output.debug(span.metadata());
        span.record(&mut self.visitor());
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.visitor());
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.output.debug(event.metadata());
        event.record(&mut self.visitor());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
