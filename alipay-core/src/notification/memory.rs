//! A replay guard in memory.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::replay::{Begun, Claim, ReplayError, ReplayGuard};

/// How long a claim lasts by default. Alipay repeats a delivery after 2 minutes at the earliest
/// (documented for the general message service; 4 for payment notifications). By then the claim of a
/// handler that died has ended.
const LEASE: Duration = Duration::from_secs(120);

/// A replay guard in memory, for one process. What it remembers is lost when the process ends.
///
/// When it is full, it forgets the events that were handled longest ago, but never a claim. So its
/// capacity should exceed the number of messages that arrive within its time to live (`ttl`). That
/// should exceed the time in which Alipay repeats deliveries: 25 hours, as documented for payment
/// notifications and the general message service.
///
/// It measures time with [`Instant`], so setting the computer's clock does not matter. (On some
/// systems an `Instant` stands still while the computer sleeps. Events are then remembered longer.)
#[must_use]
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
    /// Handled events in the order of their confirmation, with the number of the claim. Some may have
    /// been claimed again since.
    handled: VecDeque<(Arc<str>, u64)>,
    claims: u64,
}

struct Event {
    /// The number of its last claim.
    number: u64,
    done: bool,
    /// When it was claimed or, if it is done, confirmed.
    since: Instant,
}

impl MemoryReplayGuard {
    /// A guard for `capacity` events (at least one). Each is remembered for the time `ttl` after it was
    /// handled.
    pub fn new(capacity: usize, ttl: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            ttl,
            lease: LEASE,
            now: Box::new(Instant::now),
            state: Mutex::default(),
        }
    }

    /// Sets how long a claim lasts that is neither confirmed nor released; two minutes by default.
    /// It must be longer than handling a message takes.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Replaces [`Instant::now`], for tests that do not wait.
    pub fn instants(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    /// The number of events it remembers, including those that are being handled.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().events.len()
    }

    /// Whether it remembers no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step can panic half-way, so the state is always consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, event: &Event, now: Instant) -> bool {
        now.saturating_duration_since(event.since) >= if event.done { self.ttl } else { self.lease }
    }

    /// Forgets handled events whose time to live is over.
    fn expire(&self, state: &mut State, now: Instant) {
        while let Some((id, number)) = state.handled.front() {
            match state.events.get(id).filter(|event| event.is_handled_as(*number)) {
                Some(event) if !self.is_over(event, now) => break,
                _ => state.forget_oldest(),
            }
        }
    }

    /// Makes room for one more event. It fails if all events are claimed.
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
    /// Forgets the event that was confirmed first, unless it was claimed again.
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
        // A claim that has ended is confirmed too, since the work was done.
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
