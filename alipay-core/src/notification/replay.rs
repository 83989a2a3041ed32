//! Handling each event once, although Alipay delivers it more than once.
//!
//! Remembering an id when a message comes in is not enough. If its handling then fails, or the program
//! ends, Alipay delivers the message again, and it would be taken for a repeat. So an id is *claimed*
//! first, and remembered for good only when its handling is *confirmed*. After a claim is released,
//! or its program has ended, the next delivery can claim the event again.

use std::{error::Error as StdError, sync::Arc};

use crate::transport::BoxFuture;

/// The response body for a notification that was handled.
pub const SUCCESS: &str = "success";

/// The response body for a notification that was refused or could not be handled.
pub const FAIL: &str = "fail";

/// Tells first deliveries from repeats by the id of the event.
///
/// The steps are [`begin`](Self::begin), then [`confirm`](Self::confirm) or
/// [`release`](Self::release); [`once`](Self::once) does all of them. Use one guard per app: it is not
/// documented that the event ids of different apps differ.
///
/// [`MemoryReplayGuard`](super::MemoryReplayGuard) is for a single process. If several processes
/// receive notifications, or a repeat after a restart does harm, implement this trait (or
/// [`AsyncReplayGuard`]) with the database that the handling writes to, with a unique column for the
/// id. The repository's folder `examples/src` has two to copy, for SQLite and for PostgreSQL. Even then
/// a process may end between the handling and its confirmation, and the next delivery is handled
/// again. Only a `confirm` in the same transaction as the work prevents that.
pub trait ReplayGuard: Send + Sync + 'static {
    /// Claims an event, unless it is claimed or handled already.
    ///
    /// A claim that is neither confirmed nor released must end by itself after a while. Otherwise an
    /// event whose handler died would never be handled.
    ///
    /// # Errors
    ///
    /// When the guard cannot decide. Respond with [`FAIL`] then.
    fn begin(&self, id: &str) -> Result<Begun, ReplayError>;

    /// Remembers that an event was handled.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered. The event may then be handled again.
    fn confirm(&self, claim: Claim) -> Result<(), ReplayError>;

    /// Gives up a claim: the event was not handled, and the next delivery can claim it. Does nothing
    /// if the claim has ended and the event was claimed again.
    ///
    /// # Errors
    ///
    /// When that fails. The claim then ends by itself.
    fn release(&self, claim: Claim) -> Result<(), ReplayError>;

    /// Does the work for an event unless it was done before. It claims the event, works, and confirms
    /// if the work succeeded or releases if it failed.
    ///
    /// # Errors
    ///
    /// The error of the guard or of the work. Respond with [`FAIL`] then.
    ///
    /// ```
    /// use alipay_core::notification::{Handled, MemoryReplayGuard, OnceError, ReplayGuard};
    /// use std::time::Duration;
    ///
    /// let guard = MemoryReplayGuard::new(10_000, Duration::from_secs(48 * 3600));
    /// let failed = guard.once("CREATED_1", || Err::<(), _>("the database is away"));
    /// assert!(matches!(failed, Err(OnceError::Work("the database is away"))));
    /// // Delivered again; this time it works, and after that it is a repeat.
    /// let handled = guard.once("CREATED_1", || Ok::<_, &str>("stored"));
    /// assert!(matches!(handled, Ok(Handled::Now("stored"))));
    /// let repeat = guard.once("CREATED_1", || Ok::<_, &str>("stored twice"));
    /// assert!(matches!(repeat, Ok(Handled::Before)));
    /// ```
    fn once<T, E>(
        &self,
        id: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Handled<T>, OnceError<E>>
    where
        Self: Sized,
    {
        let claim = match self.begin(id).map_err(OnceError::Guard)? {
            Begun::First(claim) => claim,
            Begun::InProgress => return Ok(Handled::Elsewhere),
            Begun::Done => return Ok(Handled::Before),
        };
        match work() {
            Ok(done) => self.confirm(claim).map(|()| Handled::Now(done)).map_err(OnceError::Guard),
            Err(error) => {
                // If this fails the claim ends by itself; the failure of the work matters more.
                let _ = self.release(claim);
                Err(OnceError::Work(error))
            }
        }
    }
}

/// An asynchronous [`ReplayGuard`]; each step means the same.
///
/// Every `ReplayGuard` implements it, so import only the trait that you use.
pub trait AsyncReplayGuard: Send + Sync + 'static {
    /// See [`ReplayGuard::begin`].
    fn begin<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Begun, ReplayError>>;

    /// See [`ReplayGuard::confirm`].
    fn confirm(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>>;

    /// See [`ReplayGuard::release`].
    fn release(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>>;

    /// Does the work for an event unless it was done before; see [`ReplayGuard::once`]. If the future
    /// is dropped before it is done, as servers do when the peer disconnects, the claim ends by itself.
    fn once<T, E, W>(
        &self,
        id: &str,
        work: W,
    ) -> impl Future<Output = Result<Handled<T>, OnceError<E>>> + Send
    where
        Self: Sized,
        W: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
    {
        async move {
            let claim = match self.begin(id).await.map_err(OnceError::Guard)? {
                Begun::First(claim) => claim,
                Begun::InProgress => return Ok(Handled::Elsewhere),
                Begun::Done => return Ok(Handled::Before),
            };
            match work.await {
                Ok(done) => {
                    self.confirm(claim).await.map(|()| Handled::Now(done)).map_err(OnceError::Guard)
                }
                Err(error) => {
                    // If this fails the claim ends by itself; the failure of the work matters more.
                    let _ = self.release(claim).await;
                    Err(OnceError::Work(error))
                }
            }
        }
    }
}

impl<G: ReplayGuard> AsyncReplayGuard for G {
    fn begin<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Begun, ReplayError>> {
        Box::pin(std::future::ready(ReplayGuard::begin(self, id)))
    }

    fn confirm(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>> {
        Box::pin(std::future::ready(ReplayGuard::confirm(self, claim)))
    }

    fn release(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>> {
        Box::pin(std::future::ready(ReplayGuard::release(self, claim)))
    }
}

impl<G: ReplayGuard + ?Sized> ReplayGuard for Arc<G> {
    fn begin(&self, id: &str) -> Result<Begun, ReplayError> {
        G::begin(self, id)
    }

    fn confirm(&self, claim: Claim) -> Result<(), ReplayError> {
        G::confirm(self, claim)
    }

    fn release(&self, claim: Claim) -> Result<(), ReplayError> {
        G::release(self, claim)
    }
}

/// What a guard says about a delivery.
#[derive(Debug)]
#[must_use = "a claim is to be confirmed or released"]
pub enum Begun {
    /// The event was neither handled nor claimed, and is now claimed. Handle it, then confirm or
    /// release the claim.
    First(Claim),
    /// Another delivery of the event is being handled. Respond with [`FAIL`]: that one may still
    /// fail, and after `success` Alipay would not deliver the event again.
    InProgress,
    /// The event was handled. Respond with [`SUCCESS`] and do nothing.
    Done,
}

/// The right to handle an event. It is not `Clone`, since an event is handled once per claim.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a claim is to be confirmed or released"]
pub struct Claim {
    id: String,
    number: u64,
}

impl Claim {
    /// A claim of the event, for those who implement a guard. The number distinguishes it from
    /// earlier and later claims of the same event.
    pub fn new(id: impl Into<String>, number: u64) -> Self {
        Self { id: id.into(), number }
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The number that was given to [`new`](Self::new).
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// The outcome of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled<T> {
    /// The event was handled now. This is the result of the work.
    Now(T),
    /// The event was handled before.
    Before,
    /// Another delivery of the event is being handled at this moment.
    Elsewhere,
}

impl<T> Handled<T> {
    /// The response body for Alipay: [`SUCCESS`] if the event was handled, otherwise [`FAIL`].
    #[must_use]
    pub fn reply(&self) -> &'static str {
        match self {
            Self::Now(_) | Self::Before => SUCCESS,
            Self::Elsewhere => FAIL,
        }
    }
}

/// Why it is not certain that an event was handled.
#[derive(Debug, thiserror::Error)]
pub enum OnceError<E> {
    /// The guard failed, before or after the work. In the first case the work was not begun.
    #[error(transparent)]
    Guard(ReplayError),
    /// The work failed. The next delivery can claim the event.
    #[error("{0}")]
    Work(E),
}

/// A guard cannot decide whether an event is new, or cannot remember it.
#[derive(Debug, thiserror::Error)]
#[error("the replay guard: {problem}")]
#[must_use]
pub struct ReplayError {
    problem: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ReplayError {
    /// An error that says what went wrong.
    pub fn new(problem: &'static str) -> Self {
        Self { problem, source: None }
    }

    /// Adds the cause.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
