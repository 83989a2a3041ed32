//! Waiting: an operation that reads is asked until its response says that something has happened.
//!
//! Alipay accepts some requests and carries them out later. A generated crate has a method for what can be
//! waited for, such as `wait_until_active` of the vouchers, which makes a [`Wait`]. Await it:
//!
//! - It ends with the response that says that it has happened.
//! - It ends with [`WaitError::Failed`] when a response says that it will not happen, and why.
//! - It ends with [`WaitError::TimedOut`] at its [deadline](Wait::deadline), and says what was last seen.
//! - It ends with [`WaitError::Call`] when Alipay refuses to be asked.
//!
//! Between two asks there is a pause: of 2 seconds at first, and half as long again each time, up to 30
//! seconds. Each pause is shortened by up to a half ([jitter](crate::retry::Jitter)), and is as long as the
//! server asks for (`Retry-After`). An ask that fails is made again after the next pause, unless the
//! request was refused.
//!
//! A [`WaitSignal`] ends a wait early: the message that says the same has come.

use std::{
    error::Error as StdError,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use serde_json::Value as Json;

use crate::{
    call::Call,
    client::{Client, Inner},
    error::{Error, Outcome},
    future::{BoxFuture, until},
    model::{Model, Ref, Unreadable, present},
    notification::{Notification, Verified},
    observe,
    operation::Operation,
    redact::LINE,
    response::Response,
    retry::retry_after,
};

const INTERVAL: Duration = Duration::from_secs(2);
/// A pause of none would ask without end.
const SHORTEST: Duration = Duration::from_millis(1);
/// Longer pauses do not grow.
const LONGEST: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_secs(600);

/// Why a wait ends without success: an enum with a variant for each way.
///
/// [`waiter!`](crate::waiter!) declares it, together with what the wait looks at.
pub trait Failure: Copy + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// The operation that is asked. It only reads.
    type Operation: Operation<Request: Clone, Response = Self::Response, Reply = Response<Self::Response>>;

    /// The model of its response.
    type Response: Model;

    /// What the wait looks at.
    const WAITER: &'static Waiter;

    /// All variants, in the order of the conditions in [`Waiter::failures`].
    const KNOWN: &'static [Self];
}

/// What a wait looks at. Fields are named by their path on the wire, such as `base_info.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Waiter {
    /// What is waited for, for example `active`.
    pub state: &'static str,
    /// Where the status stands in the response: the first of these fields that is there counts. An empty
    /// string counts as absent.
    pub status: &'static [&'static str],
    /// Any of these says that it has happened.
    pub success: &'static [Condition],
    /// Any of these says that it will not happen. The first counts, and success counts before.
    pub failures: &'static [Condition],
    /// The message that says that it has happened, and the field of the request that has to be the same
    /// in the message.
    pub message: Option<(&'static str, &'static str)>,
}

impl Waiter {
    /// A waiter that knows no success yet.
    pub const fn new(state: &'static str, status: &'static [&'static str]) -> Self {
        Self { state, status, success: &[], failures: &[], message: None }
    }

    /// Says what success is.
    pub const fn success(mut self, conditions: &'static [Condition]) -> Self {
        self.success = conditions;
        self
    }

    /// Says what failure is.
    pub const fn failures(mut self, conditions: &'static [Condition]) -> Self {
        self.failures = conditions;
        self
    }

    /// Names the message, and the field of request and message that says what both are about.
    pub const fn message(mut self, name: &'static str, about: &'static str) -> Self {
        self.message = Some((name, about));
        self
    }

    fn verdict(&self, response: &dyn Model) -> Verdict {
        let holds = |condition: &Condition| {
            let at = if condition.at.is_empty() { self.status } else { condition.at };
            first(response, at).is_some_and(|seen| condition.is.contains(&seen.text.as_str()))
        };
        if self.success.iter().any(holds) {
            return Verdict::Reached;
        }
        match self.failures.iter().position(holds) {
            Some(number) => Verdict::Failed(number),
            None => Verdict::Open,
        }
    }
}

/// Something that a response may say: a field has one of some values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Condition {
    /// The fields, of which the first that is there counts; none for the [status](Waiter::status).
    pub at: &'static [&'static str],
    /// The values.
    pub is: &'static [&'static str],
    /// The field that says why.
    pub reason: Option<&'static str>,
}

impl Condition {
    /// The status is one of these.
    pub const fn is(values: &'static [&'static str]) -> Self {
        Self { at: &[], is: values, reason: None }
    }

    /// Looks at these fields instead.
    pub const fn at(mut self, fields: &'static [&'static str]) -> Self {
        self.at = fields;
        self
    }

    /// Names the field that says why.
    pub const fn because(mut self, field: &'static str) -> Self {
        self.reason = Some(field);
        self
    }
}

/// What a response says.
enum Verdict {
    Reached,
    /// The number of the failure.
    Failed(usize),
    Open,
}

/// A value that was found.
struct Seen {
    text: String,
    is_personal: bool,
}

/// The value of the first of these fields that is there.
fn first(model: &dyn Model, paths: &[&str]) -> Option<Seen> {
    paths.iter().find_map(|path| look(model, path))
}

/// The value of a field, by its path on the wire. An empty string says nothing.
fn look(model: &dyn Model, path: &str) -> Option<Seen> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let (field, value) = present(model).find(|(field, _)| field.name == name)?;
    let text = match (value, rest) {
        (Ref::Model(inner), Some(rest)) => {
            let seen = look(inner, rest)?;
            return Some(Seen { is_personal: seen.is_personal || field.sensitive, ..seen });
        }
        (Ref::String(text), None) => text.into_owned(),
        (Ref::Integer(number), None) => number.to_string(),
        (Ref::Bool(truth), None) => truth.to_string(),
        _ => return None,
    };
    Some(Seen { text, is_personal: field.sensitive }).filter(|seen| !seen.text.is_empty())
}

/// A wait that is ready to begin: `.await` it. Nothing is asked before that. See the [module](self).
///
/// Dropping it ends the wait. The operation only reads, so nothing is left half done.
#[must_use = "nothing is asked until it is awaited"]
pub struct Wait<F: Failure> {
    client: Client,
    ask: Box<dyn Fn() -> Call<F::Operation> + Send + Sync>,
    interval: Duration,
    deadline: Duration,
    signal: WaitSignal,
}

impl<F: Failure> Wait<F> {
    /// A wait that asks with this request.
    pub fn new(client: &Client, request: &<F::Operation as Operation>::Request) -> Self {
        let about = F::WAITER.message.and_then(|(_, field)| look(request, field));
        let (asked, of_asks) = (request.clone(), client.clone());
        Self {
            client: client.clone(),
            ask: Box::new(move || Call::new(&of_asks, &asked)),
            interval: INTERVAL,
            deadline: DEADLINE,
            signal: WaitSignal {
                waiter: F::WAITER,
                about: about.map(|seen| seen.text.into()),
                told: Arc::default(),
            },
        }
    }

    /// The pause after the first ask; 2 seconds unless set. Pauses grow by a half each time, up to 30
    /// seconds or, if that is longer, this.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The longest time to wait; 10 minutes unless set. An ask that is under way then is given up.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets options of each call that is made: whose token it carries, whether it is encrypted, how long
    /// it may take. A [request id](Call::request_id) may not be used twice, so it is not to be set here.
    ///
    /// ```no_run
    /// # use alipay_core::wait::{Failure, Wait};
    /// # fn f<F: Failure>(wait: Wait<F>, token: String) -> Wait<F> {
    /// wait.each_call(move |call| call.app_auth_token(&token).encrypted())
    /// # }
    /// ```
    pub fn each_call(
        mut self,
        configure: impl Fn(Call<F::Operation>) -> Call<F::Operation> + Send + Sync + 'static,
    ) -> Self {
        let ask = self.ask;
        self.ask = Box::new(move || configure(ask()));
        self
    }

    /// What ends the wait early, to be kept where notifications arrive. It has no effect on a wait that
    /// has ended.
    #[must_use]
    pub fn signal(&self) -> WaitSignal {
        self.signal.clone()
    }

    /// Waits on this thread; see [`crate::blocking`].
    #[cfg(feature = "blocking")]
    pub fn wait_blocking(self) -> Result<Response<F::Response>, WaitError<F>> {
        use crate::{blocking, call::exchange::no_response_within};

        let limit = self.deadline;
        let late = || no_response_within(limit);
        blocking::wait(self.run(), limit, late).unwrap_or_else(|error| Err(WaitError::Call(error)))
    }

    async fn run(self) -> Result<Response<F::Response>, WaitError<F>> {
        let Self { client, ask, interval, deadline, signal } = self;
        let mut time = Time::begin(&client.inner, interval, deadline);
        let (mut asked, mut last, mut problem) = (0_u32, None, None);
        loop {
            // What is asked after the message came counts, whatever the response says.
            let told = signal.is_told();
            let mut call: BoxFuture<'_, _> = Box::pin(ask().into_future());
            asked = asked.saturating_add(1);
            let Some(result) = until(&mut time.over, &mut call).await else { break };
            let mut at_least = None;
            match result {
                Ok(response) => {
                    match F::WAITER.verdict(&*response) {
                        Verdict::Reached => return Ok(response),
                        Verdict::Failed(number) => {
                            if let Some(failure) = F::KNOWN.get(number) {
                                return Err(failed(*failure, number, asked, response));
                            }
                        }
                        Verdict::Open if told => return Ok(response),
                        Verdict::Open => {}
                    }
                    last = Some(Box::new(response));
                    problem = None;
                }
                Err(error) if error.is_retryable() || error.outcome() == Outcome::Unknown => {
                    at_least = time.asked_for(&error);
                    problem = Some(error);
                }
                Err(error) => return Err(WaitError::Call(error)),
            }
            observe::waiting(
                F::Operation::INFO.id,
                F::WAITER.state,
                asked,
                || last.as_deref().filter(|_| problem.is_none()).and_then(status_line::<F>),
                problem.as_ref(),
            );
            let goes_on = time.pause(at_least, (!told).then_some(&signal)).await;
            if !goes_on {
                break;
            }
        }
        let status = last.as_deref().and_then(status::<F>);
        Err(WaitError::TimedOut { after: deadline, asked, status, last, error: problem })
    }
}

fn failed<F: Failure>(
    failure: F,
    number: usize,
    asked: u32,
    response: Response<F::Response>,
) -> WaitError<F> {
    let reason = F::WAITER.failures.get(number).and_then(|condition| condition.reason);
    let reason = reason.and_then(|field| look(&*response, field)).and_then(shown);
    WaitError::Failed { failure, reason, asked, last: Box::new(response) }
}

/// The status in a response.
fn status<F: Failure>(response: &Response<F::Response>) -> Option<String> {
    first(&**response, F::WAITER.status).and_then(shown)
}

/// The status in a response, on one line.
fn status_line<F: Failure>(response: &Response<F::Response>) -> Option<String> {
    Some(response.line(&status::<F>(response)?, 64).to_string())
}

/// Why there is no status in a response, if there is something in its place.
fn unreadable_status<F: Failure>(response: &Response<F::Response>) -> Option<&Unreadable> {
    let places = F::WAITER.status.iter().map(|path| format!("/{}", path.replace('.', "/")));
    let places: Vec<_> = places.collect();
    let mut all = response.unreadable().iter();
    all.find(|odd| places.iter().any(|place| place.starts_with(odd.pointer())))
}

/// Personal data are not repeated in errors; the response has them.
fn shown(seen: Seen) -> Option<String> {
    (!seen.is_personal).then_some(seen.text)
}

impl<F: Failure> IntoFuture for Wait<F> {
    type Output = Result<Response<F::Response>, WaitError<F>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<F: Failure> fmt::Debug for Wait<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("operation", &F::Operation::INFO.id)
            .field("until", &F::WAITER.state)
            .field("interval", &self.interval)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// The time of a wait.
struct Time<'a> {
    client: &'a Inner,
    /// Ends at the deadline.
    over: BoxFuture<'a, ()>,
    /// What is left of the deadline after the pauses. The asks take time as well, which `over` counts.
    left: Duration,
    /// The next pause, before jitter.
    next: Duration,
    longest: Duration,
}

impl<'a> Time<'a> {
    fn begin(client: &'a Inner, interval: Duration, deadline: Duration) -> Self {
        Self {
            client,
            over: client.transport.sleep(deadline),
            left: deadline,
            next: interval.max(SHORTEST),
            longest: LONGEST.max(interval),
        }
    }

    /// How long the server asks to wait.
    fn asked_for(&self, error: &Error) -> Option<Duration> {
        retry_after(error.headers()?, self.client.settings.clock.now())
    }

    /// Waits before the next ask: for a while, or for the signal. `false` when the time is up.
    async fn pause(&mut self, at_least: Option<Duration>, signal: Option<&WaitSignal>) -> bool {
        let whole = self.next;
        self.next = whole.saturating_mul(3) / 2;
        self.next = self.next.min(self.longest);
        let sure = whole / 2;
        let rest = whole.saturating_sub(sure);
        let jitter = self.client.settings.jitter.pause(rest).min(rest);
        let pause = sure.saturating_add(jitter).max(at_least.unwrap_or_default());
        let is_last = pause >= self.left;
        let pause = pause.min(self.left);
        let mut sleep = self.client.transport.sleep(pause);
        let mut either: BoxFuture<'_, bool> = Box::pin(poll_fn(move |task| {
            if signal.is_some_and(|signal| signal.poll_told(task).is_ready()) {
                return Poll::Ready(true);
            }
            sleep.as_mut().poll(task).map(|()| false)
        }));
        match until(&mut self.over, &mut either).await {
            Some(true) => true,
            Some(false) => {
                self.left = self.left.saturating_sub(pause);
                !is_last
            }
            None => false,
        }
    }
}

/// Ends a [`Wait`] early, when the message comes that says the same. Cheap to clone.
///
/// ```no_run
/// use alipay_core::{Client, WaitSignal, notification::{FAIL, SUCCESS}};
///
/// fn on_post(client: &Client, waiting: &[WaitSignal], body: &[u8]) -> &'static str {
///     let Ok(notification) = client.verify_notification(body) else { return FAIL };
///     for signal in waiting {
///         signal.message(&notification);
///     }
///     SUCCESS
/// }
/// ```
#[derive(Clone)]
pub struct WaitSignal {
    waiter: &'static Waiter,
    /// The value of the request that the message has to repeat.
    about: Option<Arc<str>>,
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    told: bool,
    waker: Option<Waker>,
}

impl WaitSignal {
    /// Tells the wait of a message. Says whether it is the one that the wait is for: of its name, and about
    /// the same thing as the request.
    ///
    /// The wait then asks at once. Its response is the result even if its status is the one before: the
    /// message is verified, and a query may lag behind it. A response that says that the wait has failed
    /// still is a failure.
    #[expect(clippy::must_use_candidate, reason = "it is told for its effect")]
    pub fn message(&self, notification: &Verified<Notification>) -> bool {
        let Some((name, field)) = self.waiter.message else { return false };
        if notification.method() != name {
            return false;
        }
        let content = serde_json::from_str::<Json>(notification.biz_content());
        let about = content.ok().and_then(|content| match content.get(field)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        });
        if about.is_none() || about.as_deref() != self.about.as_deref() {
            return false;
        }
        let waker = {
            let mut told = self.told();
            told.told = true;
            told.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        // Each step leaves a valid state.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_told(&self) -> bool {
        self.told().told
    }

    fn poll_told(&self, task: &Context<'_>) -> Poll<()> {
        let mut told = self.told();
        if told.told {
            return Poll::Ready(());
        }
        told.waker = Some(task.waker().clone());
        Poll::Pending
    }
}

impl fmt::Debug for WaitSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitSignal")
            .field("until", &self.waiter.state)
            .field("message", &self.waiter.message.map(|(name, _)| name))
            .field("told", &self.is_told())
            .finish_non_exhaustive()
    }
}

/// Why a [`Wait`] has ended without success. `Display` is one line.
#[non_exhaustive]
pub enum WaitError<F: Failure> {
    /// A response says that it will not happen.
    #[non_exhaustive]
    Failed {
        /// Why.
        failure: F,
        /// What Alipay says of it, as it is sent, where there is a field for that. It is shown by
        /// `Display`.
        reason: Option<String>,
        /// How often was asked.
        asked: u32,
        /// The response.
        last: Box<Response<F::Response>>,
    },
    /// The deadline has passed. It may still happen.
    #[non_exhaustive]
    TimedOut {
        /// The deadline.
        after: Duration,
        /// How often was asked.
        asked: u32,
        /// The status in the last response, as it was sent.
        status: Option<String>,
        /// The last response.
        last: Option<Box<Response<F::Response>>>,
        /// Why the last ask failed, if it did.
        error: Option<Error>,
    },
    /// A call has failed, and would fail again.
    Call(Error),
}

impl<F: Failure> fmt::Display for WaitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, state) = (F::Operation::INFO.id, F::WAITER.state);
        let times = |asked: u32| format!("{asked} ask{}", if asked == 1 { "" } else { "s" });
        match self {
            Self::Failed { failure, reason, asked, last } => {
                write!(f, "{operation}: will not be {state}: {failure}")?;
                if let Some(reason) = reason {
                    write!(f, ", {}", last.line(reason, LINE))?;
                }
                if let Some(status) = status::<F>(last) {
                    write!(f, " (status {})", last.line(&status, 64))?;
                }
                if let Some(trace_id) = last.trace_id() {
                    write!(f, " [trace id {}]", last.line(trace_id, 64))?;
                }
                write!(f, " after {}", times(*asked))
            }
            Self::TimedOut { after, asked, status, last, error } => {
                write!(f, "{operation}: not {state} within {after:?} and {}", times(*asked))?;
                match (last, status) {
                    (Some(last), Some(status)) => {
                        write!(f, ": the last status is {}", last.line(status, 64))?;
                    }
                    (Some(last), None) => match unreadable_status::<F>(last) {
                        Some(odd) => write!(f, ": the last status cannot be read: {odd}")?,
                        None => f.write_str(": the last response has no status")?,
                    },
                    (None, _) => f.write_str(": there was no response")?,
                }
                match error {
                    Some(error) => write!(f, "; the last ask failed: {error}"),
                    None => f.write_str("; wait longer, or ask again later"),
                }
            }
            Self::Call(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl<F: Failure> fmt::Debug for WaitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { failure, reason, asked, last } => f
                .debug_struct("Failed")
                .field("failure", failure)
                .field("reason", &reason.as_deref().map(|text| last.line(text, LINE).to_string()))
                .field("asked", asked)
                .field("last", last)
                .finish(),
            Self::TimedOut { after, asked, status: _, last, error } => f
                .debug_struct("TimedOut")
                .field("after", after)
                .field("asked", asked)
                .field("last", last)
                .field("error", error)
                .finish(),
            Self::Call(error) => f.debug_tuple("Call").field(error).finish(),
        }
    }
}

impl<F: Failure> StdError for WaitError<F> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed { .. } => None,
            Self::TimedOut { error, .. } => error.as_ref().map(|error| error as _),
            Self::Call(error) => error.source(),
        }
    }
}
