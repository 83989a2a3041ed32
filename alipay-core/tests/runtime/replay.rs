//! The replay guard: no event is handled twice, and none is lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use alipay_core::{
    notification::{
        AsyncReplayGuard, Begun, Claim, FAIL, Handled, MemoryReplayGuard, OnceError, ReplayError,
        ReplayGuard, SUCCESS,
    },
    transport::BoxFuture,
};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const TTL: Duration = Duration::from_secs(48 * 3600);
const LEASE: Duration = Duration::from_secs(120);

/// Instants that are moved by hand.
#[derive(Clone)]
struct Hand(Arc<Mutex<Instant>>);

impl Hand {
    fn new() -> Self {
        // Far enough from the first instant there is.
        Self(Arc::new(Mutex::new(Instant::now() + 10 * TTL)))
    }

    fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    fn back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
    }

    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// A guard that goes by these instants.
fn guard_by(hand: &Hand, capacity: usize) -> MemoryReplayGuard {
    let hand = hand.clone();
    MemoryReplayGuard::new(capacity, TTL).instants(move || hand.now())
}

fn guard(capacity: usize) -> (MemoryReplayGuard, Hand) {
    let hand = Hand::new();
    (guard_by(&hand, capacity), hand)
}

fn first(guard: &MemoryReplayGuard, id: &str) -> Claim {
    match ReplayGuard::begin(guard, id).unwrap() {
        Begun::First(claim) => claim,
        other => panic!("{id}: {other:?}"),
    }
}

/// `f`irst, `p`in progress, `d`one. A first one is left claimed.
fn begun(guard: &MemoryReplayGuard, id: &str) -> char {
    match ReplayGuard::begin(guard, id).unwrap() {
        Begun::First(_) => 'f',
        Begun::InProgress => 'p',
        Begun::Done => 'd',
    }
}

#[test]
fn an_event_is_first_then_in_progress_then_done() {
    let (guard, clock) = guard(10);
    let claim = first(&guard, "e");
    assert_eq!(claim.id(), "e");
    assert_eq!(begun(&guard, "e"), 'p');
    assert_eq!(begun(&guard, "other"), 'f');
    ReplayGuard::confirm(&guard, claim).unwrap();
    assert_eq!(begun(&guard, "e"), 'd');
    clock.forward(TTL.saturating_sub(SECOND));
    assert_eq!(begun(&guard, "e"), 'd');
    clock.forward(SECOND);
    // An event that is too old is no longer kept.
    assert_eq!(begun(&guard, "another"), 'f');
    assert_eq!(guard.len(), 1 + 1);
    assert_eq!(begun(&guard, "e"), 'f');
}

/// Two handlers had the event, since the first was slow: it is remembered from the last confirmation on.
#[test]
fn an_event_that_was_confirmed_again_is_a_younger_one() {
    let (guard, clock) = guard(2);
    let slow = first(&guard, "e");
    clock.forward(LEASE);
    let second = first(&guard, "e");
    ReplayGuard::confirm(&guard, slow).unwrap();
    let other = first(&guard, "other");
    ReplayGuard::confirm(&guard, other).unwrap();
    ReplayGuard::confirm(&guard, second).unwrap();
    // There is room for two, so this one makes the guard forget the oldest, which is now `other`.
    assert_eq!(begun(&guard, "new"), 'f');
    assert_eq!(begun(&guard, "e"), 'd');
}

#[test]
fn a_released_event_is_a_first_one_again() {
    let (guard, _) = guard(10);
    let claim = first(&guard, "e");
    assert!(!guard.is_empty());
    ReplayGuard::release(&guard, claim).unwrap();
    assert!(guard.is_empty());
    let _left = first(&guard, "e");
}

/// The handler died: the next delivery gets the event, but not before the claim's time is over.
#[test]
fn a_claim_that_is_left_behind_ends_by_itself() {
    let (guard, clock) = guard(10);
    let left = first(&guard, "e");
    clock.forward(LEASE.saturating_sub(SECOND));
    assert_eq!(begun(&guard, "e"), 'p');
    clock.forward(SECOND);
    let second = first(&guard, "e");
    // The first handler was only slow: what it gives up is no longer its own.
    ReplayGuard::release(&guard, left).unwrap();
    assert_eq!(begun(&guard, "e"), 'p');
    ReplayGuard::confirm(&guard, second).unwrap();
    assert_eq!(begun(&guard, "e"), 'd');
}

#[test]
fn a_late_confirmation_counts_and_cannot_be_taken_back() {
    let (guard, clock) = guard(10);
    let slow = first(&guard, "e");
    clock.forward(LEASE);
    let second = first(&guard, "e");
    ReplayGuard::confirm(&guard, slow).unwrap();
    ReplayGuard::release(&guard, second).unwrap();
    assert_eq!(begun(&guard, "e"), 'd');
}

#[test]
fn the_lease_can_be_set() {
    let clock = Hand::new();
    let guard = guard_by(&clock, 10).lease(HOUR);
    let _left = first(&guard, "e");
    clock.forward(LEASE);
    assert_eq!(begun(&guard, "e"), 'p');
    clock.forward(HOUR);
    assert_eq!(begun(&guard, "e"), 'f');
}

/// Whatever the time is taken from: if it jumps back, nothing is forgotten or handed out twice.
#[test]
fn time_that_jumps_back_makes_nothing_first_again() {
    let (guard, clock) = guard(10);
    let _left = first(&guard, "claimed");
    let done = first(&guard, "done");
    ReplayGuard::confirm(&guard, done).unwrap();
    for by in [HOUR, TTL, TTL] {
        clock.back(by);
        assert_eq!((begun(&guard, "claimed"), begun(&guard, "done")), ('p', 'd'));
    }
}

#[test]
fn it_holds_no_more_than_its_capacity_and_forgets_the_oldest() {
    let (guard, _) = guard(3);
    for id in ["a", "b", "c", "d"] {
        let claim = first(&guard, id);
        ReplayGuard::confirm(&guard, claim).unwrap();
        assert!(guard.len() <= 3);
    }
    assert_eq!(begun(&guard, "b"), 'd');
    assert_eq!(begun(&guard, "d"), 'd');
    // This one makes `b` be forgotten.
    assert_eq!(begun(&guard, "a"), 'f');
    assert_eq!(begun(&guard, "b"), 'f');
}

#[test]
fn claims_are_never_pushed_out() {
    let (guard, clock) = guard(2);
    let kept = first(&guard, "a");
    let _left = first(&guard, "b");
    let error = ReplayGuard::begin(&guard, "c").unwrap_err();
    assert_eq!(error.to_string(), "the replay guard: too many events are being handled at once");
    assert_eq!((begun(&guard, "a"), begun(&guard, "b")), ('p', 'p'));
    ReplayGuard::confirm(&guard, kept).unwrap();
    let _left = first(&guard, "c");
    assert!(ReplayGuard::begin(&guard, "d").is_err());
    clock.forward(LEASE);
    // Both claims are over.
    assert_eq!((begun(&guard, "d"), guard.len()), ('f', 1));
    // A guard for nothing would let nothing through.
    let _left = first(&MemoryReplayGuard::new(0, TTL), "e");
}

#[test]
fn once_does_the_work_once() {
    let (guard, _) = guard(10);
    let failed = ReplayGuard::once(&guard, "e", || Err::<(), _>("away")).unwrap_err();
    assert!(matches!(&failed, OnceError::Work("away")));
    assert_eq!(failed.to_string(), "away");
    let now = ReplayGuard::once(&guard, "e", || {
        // A second delivery while the first is being handled.
        let meanwhile = ReplayGuard::once(&guard, "e", || Ok::<_, ()>(())).unwrap();
        assert_eq!((meanwhile, meanwhile.reply()), (Handled::Elsewhere, FAIL));
        Ok::<_, ()>(7)
    });
    let now = now.unwrap();
    assert_eq!((now, now.reply()), (Handled::Now(7), SUCCESS));
    let before = ReplayGuard::once(&guard, "e", || Ok::<_, ()>(8)).unwrap();
    assert_eq!((before, before.reply()), (Handled::Before, SUCCESS));
}

#[test]
fn work_that_panics_does_not_lose_the_event() {
    let (guard, clock) = guard(10);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        ReplayGuard::once(&guard, "e", || -> Result<(), ()> { panic!("a bug in the handler") })
    }));
    assert!(died.is_err());
    assert_eq!(begun(&guard, "e"), 'p');
    clock.forward(LEASE);
    assert_eq!(ReplayGuard::once(&guard, "e", || Ok::<_, ()>(1)).unwrap(), Handled::Now(1));
}

#[tokio::test]
async fn many_deliveries_at_once_are_handled_once() {
    let guard: Arc<dyn ReplayGuard> = Arc::new(MemoryReplayGuard::new(10, TTL));
    let handled = Arc::new(AtomicU32::new(0));
    let deliveries: Vec<_> = (0..50)
        .map(|_| {
            let (guard, handled) = (Arc::clone(&guard), Arc::clone(&handled));
            tokio::spawn(async move {
                let work = async {
                    tokio::task::yield_now().await;
                    handled.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, ()>(())
                };
                AsyncReplayGuard::once(&guard, "e", work).await.unwrap()
            })
        })
        .collect();
    let mut now = 0;
    for delivery in deliveries {
        now += u32::from(matches!(delivery.await.unwrap(), Handled::Now(())));
    }
    assert_eq!((now, handled.load(Ordering::Relaxed)), (1, 1));
    // The guard that they shared knows the event afterwards.
    let again = |id| ReplayGuard::once(&guard, id, || Ok::<_, ()>(()));
    assert_eq!(again("e").unwrap(), Handled::Before);
    ReplayGuard::once(&guard, "failed", || Err::<(), _>("away")).unwrap_err();
    assert_eq!(again("failed").unwrap(), Handled::Now(()));
}

/// A store that has to be waited for, as a database would be.
#[derive(Default)]
struct Remote {
    done: Mutex<HashMap<String, bool>>,
    away: bool,
}

impl Remote {
    fn set(&self, id: String, done: Option<bool>) -> BoxFuture<'_, Result<(), ReplayError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut events = self.done.lock().unwrap();
            match done {
                Some(done) => events.insert(id, done),
                None => events.remove(&id),
            };
            Ok(())
        })
    }
}

impl AsyncReplayGuard for Remote {
    fn begin<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Begun, ReplayError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if self.away {
                let cause = std::io::Error::other("connection refused");
                return Err(ReplayError::new("the database is away").with_source(cause));
            }
            let mut events = self.done.lock().unwrap();
            Ok(match events.get(id) {
                Some(true) => Begun::Done,
                Some(false) => Begun::InProgress,
                None => {
                    events.insert(id.to_owned(), false);
                    Begun::First(Claim::new(id, 1))
                }
            })
        })
    }

    fn confirm(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>> {
        self.set(claim.id().to_owned(), Some(true))
    }

    fn release(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>> {
        self.set(claim.id().to_owned(), None)
    }
}

#[tokio::test]
async fn guards_may_be_asynchronous() {
    let guard = Remote::default();
    let failed = guard.once("e", async { Err::<(), _>("away") }).await;
    assert!(matches!(failed, Err(OnceError::Work("away"))));
    assert_eq!(guard.once("e", async { Ok::<_, ()>(1) }).await.unwrap(), Handled::Now(1));
    assert_eq!(guard.once("e", async { Ok::<_, ()>(2) }).await.unwrap(), Handled::Before);

    let guard = Remote { away: true, ..Remote::default() };
    let error = guard.once("e", async { Ok::<_, ReplayError>(1) }).await.unwrap_err();
    assert_eq!(error.to_string(), "the replay guard: the database is away");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("refused"));
}

proptest! {
    /// Whatever happens in whatever order: no more events than allowed are held, no event has two
    /// claims whose time is not over, and nothing that was confirmed lately is first again.
    #[test]
    fn any_order_of_steps_keeps_the_promises(steps in prop::collection::vec((0..4u8, 0..6usize, 0..100u64), 0..200)) {
        let (guard, clock) = guard(100);
        let mut claims: Vec<(Claim, Instant)> = Vec::new();
        let mut done: HashMap<String, Instant> = HashMap::new();
        for (step, event, seconds) in steps {
            let id = format!("e{event}");
            let now = clock.now();
            match step {
                0 => match ReplayGuard::begin(&guard, &id).unwrap() {
                    Begun::First(claim) => {
                        prop_assert!(!done.contains_key(&id));
                        prop_assert!(claims.iter().all(|(other, at)|
                            other.id() != id || now.duration_since(*at) >= LEASE));
                        claims.push((claim, now));
                    }
                    Begun::InProgress => prop_assert!(claims.iter().any(|(other, _)| other.id() == id)),
                    Begun::Done => prop_assert!(done.contains_key(&id)),
                },
                1 if !claims.is_empty() => {
                    let (claim, _) = claims.remove(event % claims.len());
                    done.insert(claim.id().to_owned(), now);
                    ReplayGuard::confirm(&guard, claim).unwrap();
                }
                2 if !claims.is_empty() => {
                    let (claim, _) = claims.remove(event % claims.len());
                    ReplayGuard::release(&guard, claim).unwrap();
                }
                _ => clock.forward(Duration::from_secs(seconds)),
            }
            prop_assert!(guard.len() <= 6);
        }
    }
}
