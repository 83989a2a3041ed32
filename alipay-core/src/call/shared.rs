//! What a call under way shares with whoever waits for it on another thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{error::Error, prepare::Context};

/// The present attempt of a call, and whether the call is given up.
///
/// One lock guards both: a call that was given up before it was sent is never sent.
#[derive(Default)]
pub(crate) struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    /// The attempt under way, or the last one.
    attempt: Option<Context>,
    /// Whether it may have reached the server.
    sent: bool,
    given_up: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each step leaves a valid state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, attempt: &Context) {
        let mut state = self.state();
        state.attempt = Some(attempt.clone());
        state.sent = false;
    }

    /// Notes that the attempt is sent now. `false` when it must not be: the call was given up.
    pub(crate) fn send(&self) -> bool {
        let mut state = self.state();
        state.sent = !state.given_up;
        state.sent
    }

    /// Whether the attempt may have reached the server.
    pub(crate) fn sent(&self) -> bool {
        self.state().sent
    }

    /// Whether nobody waits for the call any more.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "nobody waits elsewhere"))]
    pub(crate) fn is_given_up(&self) -> bool {
        self.state().given_up
    }

    /// Gives the call up: nothing more is sent. Adds what is known of the call to the reason.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "nobody waits elsewhere"))]
    pub(crate) fn give_up(&self, reason: Error) -> Error {
        let mut state = self.state();
        state.given_up = true;
        let reason = if state.sent { reason } else { reason.not_sent() };
        match &state.attempt {
            Some(attempt) => attempt.explain(reason),
            None => reason,
        }
    }
}
