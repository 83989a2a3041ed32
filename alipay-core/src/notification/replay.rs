//! Handling each event once, although Alipay delivers it more than once.
//!
//! Remembering an id when a message comes in is not enough: if the handling then fails, or the
//! program ends, Alipay delivers the message again and it would be taken for a repeat. So an id is
//! *claimed* first, and remembered for good only when its handling is *confirmed*; a claim that is
//! released, or left behind by a program that ended, makes room for the next delivery.

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::transport::BoxFuture;

/// The response body for a notification that was handled.
pub const SUCCESS: &str = "success";

/// The response body for a notification that was refused or could not be handled.
pub const FAIL: &str = "fail";

/// Tells first deliveries from repeats, by the id of the event.
///
/// The steps are [`begin`](Self::begin), then [`confirm`](Self::confirm) or
/// [`release`](Self::release); [`once`](Self::once) does all three. One guard serves one app: event
/// ids of different apps are not known to differ.
///
/// [`MemoryReplayGuard`](super::MemoryReplayGuard) is one for a single process. Where several
/// processes receive notifications, or a repeat after a restart does harm, implement it (or
/// [`AsyncReplayGuard`]) over the database that the handling writes to, with a unique column for
/// the id. Even then a process may end between the handling and its confirmation, and the next
/// delivery is handled again: only a `confirm` in the same transaction as the work itself rules
/// that out.
pub trait ReplayGuard: Send + Sync + 'static {
    /// Claims an event, if nobody has it.
    ///
    /// A claim that is neither confirmed nor released must end by itself after a while, or an
    /// event whose handler died would never be handled.
    ///
    /// # Errors
    ///
    /// When the guard cannot tell. The message is then to be answered with [`FAIL`].
    fn begin(&self, id: &str) -> Result<Begun, ReplayError>;

    /// Remembers that an event was handled.
    ///
    /// # Errors
    ///
    /// When it cannot be remembered; the event may come again.
    fn confirm(&self, claim: Claim) -> Result<(), ReplayError>;

    /// Gives a claim up: the event was not handled, and the next delivery is a first one. A claim
    /// that has ended and was taken over by somebody else is left alone.
    ///
    /// # Errors
    ///
    /// When that fails; the claim then ends by itself.
    fn release(&self, claim: Claim) -> Result<(), ReplayError>;

    /// Does the work for an event unless it was done before: claims it, works, and confirms when
    /// the work succeeded or releases when it failed.
    ///
    /// # Errors
    ///
    /// What the guard or the work failed with. Answer [`FAIL`] then.
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
            Ok(done) => match self.confirm(claim) {
                Ok(()) => Ok(Handled::Now(done)),
                Err(error) => Err(OnceError::Guard(error)),
            },
            Err(error) => {
                // If this fails the claim ends by itself; the failure of the work matters more.
                let _ = self.release(claim);
                Err(OnceError::Work(error))
            }
        }
    }
}

/// [`ReplayGuard`] for stores that are asked asynchronously, with the same meaning of each step.
///
/// Every `ReplayGuard` is one; import only the trait that is used.
pub trait AsyncReplayGuard: Send + Sync + 'static {
    /// See [`ReplayGuard::begin`].
    fn begin<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Begun, ReplayError>>;

    /// See [`ReplayGuard::confirm`].
    fn confirm(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>>;

    /// See [`ReplayGuard::release`].
    fn release(&self, claim: Claim) -> BoxFuture<'_, Result<(), ReplayError>>;

    /// Does the work for an event unless it was done before; see [`ReplayGuard::once`]. When the
    /// future is dropped half-way, as servers do when the peer hangs up, the claim ends by itself.
    ///
    /// # Errors
    ///
    /// What the guard or the work failed with. Answer [`FAIL`] then.
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
                Ok(done) => match self.confirm(claim).await {
                    Ok(()) => Ok(Handled::Now(done)),
                    Err(error) => Err(OnceError::Guard(error)),
                },
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

/// What a guard says of a delivery.
#[derive(Debug)]
#[must_use = "a claim is to be confirmed or released"]
pub enum Begun {
    /// The event is not handled yet, and now claimed: handle it, then confirm or release.
    First(Claim),
    /// Another delivery of the event is being handled. Answer [`FAIL`]: whether that one succeeds
    /// is not known yet, and after `success` Alipay would not deliver the event again.
    InProgress,
    /// The event was handled. Answer [`SUCCESS`] and do nothing.
    Done,
}

/// The right to handle an event. Not `Clone`: one claim, one handling.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a claim is to be confirmed or released"]
pub struct Claim {
    id: String,
    number: u64,
}

impl Claim {
    /// For implementors of a guard: a claim of the event. The number tells it from earlier and
    /// later claims of the same event.
    pub fn new(id: impl Into<String>, number: u64) -> Self {
        Self { id: id.into(), number }
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The number it was made with.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled<T> {
    /// It was the first; this is what the work gave.
    Now(T),
    /// The event was handled before.
    Before,
    /// Another delivery of the event is being handled at this moment.
    Elsewhere,
}

impl<T> Handled<T> {
    /// What to answer Alipay: [`SUCCESS`] when the event is handled, [`FAIL`] while that is open.
    #[must_use]
    pub fn reply(&self) -> &'static str {
        match self {
            Self::Now(_) | Self::Before => SUCCESS,
            Self::Elsewhere => FAIL,
        }
    }
}

/// Why a delivery is not known to be handled.
#[derive(Debug, thiserror::Error)]
pub enum OnceError<E> {
    /// The guard failed: before the work, which was then not begun, or after it.
    #[error(transparent)]
    Guard(ReplayError),
    /// The work failed; the event is free for the next delivery.
    #[error("{0}")]
    Work(E),
}

/// A guard that cannot say whether an event is new, or cannot remember it.
#[derive(Debug)]
pub struct ReplayError {
    problem: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ReplayError {
    /// An error with the text of what went wrong.
    #[must_use]
    pub fn new(problem: &'static str) -> Self {
        Self { problem, source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the replay guard: {}", self.problem)
    }
}

impl StdError for ReplayError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
