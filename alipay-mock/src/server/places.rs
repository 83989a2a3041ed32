//! Places for connections: how many there are, and who gives up its own when they run out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a connection may take to give up its place.
const MOMENT: Duration = Duration::from_secs(1);

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

/// The connections that wait for a request or for the rest of one, by the order in which they began to.
#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    connections: BTreeMap<u64, Arc<Notify>>,
}

impl Places {
    pub(super) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(count)), waiting: Mutex::default() })
    }

    /// A place for a new connection. When none is free, the connection that has waited the longest for a
    /// request gives up its own; `None` when all of them have one.
    pub(super) async fn take(self: &Arc<Self>) -> Option<Arc<Place>> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) if !self.free_one() => return None,
            Err(_) => timeout(MOMENT, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()?,
        };
        let leave = Arc::new(Notify::new());
        let turn = Mutex::new(Some(self.waiting().add(&leave)));
        Some(Arc::new(Place { places: Arc::clone(self), turn, leave, _permit: permit }))
    }

    /// Has the connection that has waited the longest give up its place. False if none waits.
    pub(super) fn free_one(&self) -> bool {
        let first = self.waiting().connections.pop_first();
        first.inspect(|(_, leave)| leave.notify_one()).is_some()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, leave: &Arc<Notify>) -> u64 {
        self.last += 1;
        self.connections.insert(self.last, Arc::clone(leave));
        self.last
    }
}

/// The place of a connection. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    /// Its number among those that wait; `None` while it has a request.
    turn: Mutex<Option<u64>>,
    leave: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Waits until it is to be given up.
    pub(super) async fn is_wanted(&self) {
        self.leave.notified().await;
    }

    pub(super) fn has_request(&self) -> bool {
        self.turn().is_none()
    }

    /// A request has been received. The connection waits for the next one when what this returns is
    /// dropped.
    pub(super) fn serve(self: &Arc<Self>) -> Serving {
        self.leave_row();
        Serving(Arc::clone(self))
    }

    fn leave_row(&self) {
        if let Some(turn) = self.turn().take() {
            self.places.waiting().connections.remove(&turn);
        }
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave_row();
    }
}

/// A connection's request and its response.
#[derive(Debug)]
pub(super) struct Serving(Arc<Place>);

impl Drop for Serving {
    fn drop(&mut self) {
        let Self(place) = self;
        *place.turn() = Some(place.places.waiting().add(&place.leave));
    }
}
