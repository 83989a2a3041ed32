//! A replay guard in memory.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::replay::{Begun, Claim, ReplayError, ReplayGuard};

/// How long a claim lasts unless set: not longer than Alipay takes to its first repeat (2 minutes as
/// documented for the general message service, 4 for payment notifications), so that this one finds
/// the claim of a handler that died ended.
const LEASE: Duration = Duration::from_secs(120);

/// Remembers in memory which events were handled: for one process, until it ends.
///
/// It holds so many events at most. When it is full, those handled longest ago are forgotten first,
/// and claims never; so its capacity should be above the number of messages that come within its
/// time to live, and that should be longer than the time in which Alipay repeats deliveries: 25 hours,
/// as documented for payment notifications and the general message service.
///
/// Times are measured by [`Instant`], so it does not matter to it when the computer's clock is set.
/// (On some systems an `Instant` stands still while the computer sleeps; what was remembered then
/// lasts longer by that.)
pub struct MemoryReplayGuard {
    capacity: usize,
    ttl: Duration,
    lease: Duration,
    now: Box<dyn Fn() -> Instant + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: HashMap<Arc<str>, Event>,
    /// Handled events in the order of their confirmation, with the number of the claim; some may
    /// have been claimed anew since.
    handled: VecDeque<(Arc<str>, u64)>,
    claims: u64,
}

struct Event {
    /// Of its last claim.
    number: u64,
    done: bool,
    /// When it was claimed or, once done, confirmed.
    since: Instant,
}

impl MemoryReplayGuard {
    /// A guard for so many events (at least one), each remembered for so long after it was handled.
    #[must_use]
    pub fn new(capacity: usize, ttl: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            ttl,
            lease: LEASE,
            now: Box::new(Instant::now),
            state: Mutex::default(),
        }
    }

    /// How long a claim lasts that is neither confirmed nor released; two minutes unless set.
    /// Longer than handling a message ever takes.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Takes the present instant from elsewhere, for tests that do not wait.
    #[must_use]
    pub fn instants(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    /// How many events it holds, those being handled among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().events.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step can panic half-way, so the state is sound in any case.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, event: &Event, now: Instant) -> bool {
        now.saturating_duration_since(event.since) >= if event.done { self.ttl } else { self.lease }
    }

    /// Forgets handled events whose time is over.
    fn expire(&self, state: &mut State, now: Instant) {
        while let Some((id, number)) = state.handled.front() {
            match state.events.get(id).filter(|event| event.is_handled_as(*number)) {
                Some(event) if !self.is_over(event, now) => break,
                _ => state.forget_oldest(),
            }
        }
    }

    /// Makes room for one more event, if not all of it is claimed.
    fn make_room(&self, state: &mut State, now: Instant) -> Result<(), ReplayError> {
        while state.events.len() >= self.capacity && !state.handled.is_empty() {
            state.forget_oldest();
        }
        if state.events.len() >= self.capacity {
            state.events.retain(|_, event| !self.is_over(event, now));
        }
        if state.events.len() < self.capacity {
            Ok(())
        } else {
            Err(ReplayError::new("too many events are being handled at once"))
        }
    }
}

impl Event {
    fn is_handled_as(&self, number: u64) -> bool {
        self.done && self.number == number
    }
}

impl State {
    /// Forgets the event that was confirmed first, unless it was claimed anew.
    fn forget_oldest(&mut self) {
        if let Some((id, number)) = self.handled.pop_front() {
            if self.events.get(&id).is_some_and(|event| event.is_handled_as(number)) {
                self.events.remove(&id);
            }
        }
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn begin(&self, id: &str) -> Result<Begun, ReplayError> {
        let now = (self.now)();
        let mut state = self.state();
        self.expire(&mut state, now);
        match state.events.get(id) {
            Some(event) if self.is_over(event, now) => {}
            Some(event) if event.done => return Ok(Begun::Done),
            Some(_) => return Ok(Begun::InProgress),
            None => self.make_room(&mut state, now)?,
        }
        state.claims += 1;
        let number = state.claims;
        state.events.insert(id.into(), Event { number, done: false, since: now });
        Ok(Begun::First(Claim::new(id, number)))
    }

    fn confirm(&self, claim: Claim) -> Result<(), ReplayError> {
        let now = (self.now)();
        let mut state = self.state();
        // A claim that has ended is confirmed as well: the work was done.
        if !state.events.contains_key(claim.id()) {
            self.make_room(&mut state, now)?;
        }
        let id: Arc<str> = claim.id().into();
        let event = Event { number: claim.number(), done: true, since: now };
        state.events.insert(Arc::clone(&id), event);
        state.handled.push_back((id, claim.number()));
        Ok(())
    }

    fn release(&self, claim: Claim) -> Result<(), ReplayError> {
        let mut state = self.state();
        let own = |event: &Event| !event.done && event.number == claim.number();
        if state.events.get(claim.id()).is_some_and(own) {
            state.events.remove(claim.id());
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("capacity", &self.capacity)
            .field("ttl", &self.ttl)
            .field("lease", &self.lease)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
