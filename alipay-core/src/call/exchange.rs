//! The part of a call that is not generic: its options, its attempts, its time.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use secrecy::SecretString;

use super::shared::Shared;
use crate::{
    client::{Client, Inner},
    error::{Attempts, Error, ErrorKind},
    finish::{Received, too_large},
    future::{BoxFuture, until},
    nonce::hex,
    observe::CallSpan,
    operation::Safety,
    prepare::{
        Context, Encoded, Prepared, Sender, WireRequest, check_app_auth_token, check_request_id,
        random,
    },
    retry::{RetryPolicy, retry_after},
    transport::{Transport, TransportError, TransportErrorKind},
};

pub(crate) struct Exchange {
    pub(crate) client: Client,
    pub(crate) encoded: Result<Encoded, Error>,
    options: Options,
}

/// The options of one call. An option that is not set is the client's.
#[derive(Default)]
pub(crate) struct Options {
    app_auth_token: Option<SecretString>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) encrypted: Option<bool>,
    /// Whether status 204 is a success although it is not signed.
    pub(crate) unsigned_204: bool,
    /// Sees each signed request before it is sent.
    pub(crate) inspect: Option<Inspect>,
    request_id: Option<Arc<str>>,
    problem: Option<Error>,
}

pub(crate) type Inspect = Box<dyn Fn(&Prepared) + Send + Sync>;

struct Running<'a> {
    client: &'a Inner,
    transport: &'a dyn Transport,
    shared: &'a Shared,
    request: WireRequest,
    inspect: Option<Inspect>,
    policy: Policy,
    progress: Progress<'a>,
}

/// How long a call may take, and how often it may be tried.
struct Policy {
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    retry: RetryPolicy,
}

struct Progress<'a> {
    attempts: Attempts,
    /// The id of the first attempt, if the caller chose it.
    request_id: Option<Arc<str>>,
    started: SystemTime,
    /// How long the pauses were in all.
    paused: Duration,
    /// Ends when the call's time is up.
    deadline: BoxFuture<'a, ()>,
    /// Whether the deadline has passed.
    over: bool,
}

impl Options {
    pub(crate) fn app_auth_token(&mut self, token: &str) {
        match check_app_auth_token(token) {
            Ok(token) => self.app_auth_token = Some(token),
            Err(error) => self.refuse(error),
        }
    }

    pub(crate) fn request_id(&mut self, id: &str) {
        match check_request_id(id) {
            Ok(id) => self.request_id = Some(id),
            Err(error) => self.refuse(error),
        }
    }

    /// Keeps the first problem until the call is made.
    fn refuse(&mut self, error: Error) {
        self.problem.get_or_insert(error);
    }
}

impl Exchange {
    pub(crate) fn new(client: Client, encoded: Result<Encoded, Error>, options: Options) -> Self {
        Self { client, encoded, options }
    }

    /// How long the call may take in all.
    pub(crate) fn timeout(&self) -> Duration {
        self.options.timeout.unwrap_or(self.client.inner.settings.timeout)
    }

    /// The signed request of a single attempt.
    pub(crate) fn prepare(self) -> Result<Prepared, Error> {
        let client = Arc::clone(&self.client.inner);
        let (request, options) = self.into_wire()?;
        let (context, nonce) = begin(&client, &request, options.request_id, Attempts::FIRST)?;
        request.sign_now(&client.settings.credentials, nonce, context)
    }

    /// The signed request of a single attempt, also with a [`Signer`](crate::sign::Signer).
    pub(crate) async fn prepare_async(self) -> Result<Prepared, Error> {
        let client = Arc::clone(&self.client.inner);
        let (request, options) = self.into_wire()?;
        let (context, nonce) = begin(&client, &request, options.request_id, Attempts::FIRST)?;
        request.sign(&client.settings.credentials, nonce, context).await
    }

    fn into_wire(self) -> Result<(WireRequest, Options), Error> {
        let Self { client, encoded, mut options } = self;
        let (client, mut encoded) = (&*client.inner, encoded?);
        if let Some(problem) = options.problem.take() {
            return Err(problem.about(&encoded.info));
        }
        if options.unsigned_204 {
            encoded.allow_unsigned_204();
        }
        let sender = Sender {
            credentials: &client.settings.credentials,
            nonces: &*client.settings.nonces,
            base: &client.base.url,
            user_agent: &client.user_agent,
            app_auth_token: options.app_auth_token.take().or_else(|| client.app_auth_token.clone()),
            encrypted: options.encrypted.unwrap_or(client.settings.encrypted),
        };
        Ok((encoded.into_wire(sender)?, options))
    }

    /// Makes the call.
    ///
    /// It is a function of its own and not inlined: a future is compiled where it is put into a box, which
    /// would be in each crate that makes calls.
    #[inline(never)]
    pub(crate) fn start(self) -> BoxFuture<'static, Result<Received, Error>> {
        Box::pin(self.run())
    }

    async fn run(self) -> Result<Received, Error> {
        self.run_shared(&Shared::default()).await
    }

    /// Makes the call while another thread waits for it.
    pub(crate) async fn run_shared(self, shared: &Shared) -> Result<Received, Error> {
        let timeout = self.timeout();
        let client = Arc::clone(&self.client.inner);
        let transport = &*client.transport;
        let (request, options) = self.into_wire()?;
        let span = CallSpan::new(&client, &request.info);
        let running = Running {
            client: &client,
            transport,
            shared,
            request,
            inspect: options.inspect,
            policy: Policy {
                timeout,
                attempt_timeout: options.attempt_timeout.or(client.settings.attempt_timeout),
                retry: options.retry.unwrap_or(client.settings.retry),
            },
            progress: Progress {
                attempts: Attempts::FIRST,
                request_id: options.request_id,
                started: client.settings.clock.now(),
                paused: Duration::ZERO,
                deadline: transport.sleep(timeout),
                over: false,
            },
        };
        span.watch(running.attempts(&span)).await
    }
}

impl Running<'_> {
    /// Tries until it works, or may not be tried again.
    async fn attempts(mut self, span: &CallSpan) -> Result<Received, Error> {
        loop {
            let result = self.attempt(span).await;
            let repeat = match &result {
                Ok(_) => {
                    self.client.retry_balance.deposit();
                    false
                }
                Err(error) => {
                    let earlier = &mut self.progress.attempts.earlier;
                    *earlier = (*earlier).max(error.last_outcome());
                    self.pause(error).await
                }
            };
            let number = &mut self.progress.attempts.number;
            if !repeat {
                span.end(&result, *number);
                return result;
            }
            *number = number.saturating_add(1);
        }
    }

    async fn attempt(&mut self, span: &CallSpan) -> Result<Received, Error> {
        let attempt_limit = self.attempt_limit();
        let Self { client, transport, shared, request, inspect, policy, progress } = self;
        let (client, transport, shared, timeout) = (*client, *transport, *shared, policy.timeout);
        let id = progress.request_id.take();
        let (context, nonce) = begin(client, request, id, progress.attempts)?;
        shared.begin(&context);
        let late = |after| {
            let error = no_response_within(after);
            Err(context.explain(if shared.sent() { error } else { error.not_sent() }))
        };
        if timeout.is_zero() {
            return late(timeout);
        }
        let span = span.attempt(client, &context);
        let started = progress.started;
        let exchange = async {
            let prepared =
                request.sign(&client.settings.credentials, nonce, context.clone()).await?;
            // While a signer blocks, no deadline is noticed.
            let signed = client.settings.clock.now();
            let passed = |since, limit: &Duration| {
                signed.duration_since(since).is_ok_and(|spent| spent >= *limit)
            };
            if let Some(limit) = attempt_limit.filter(|limit| passed(context.signed_at, limit)) {
                return late(limit);
            }
            if passed(started, &timeout) || !shared.send() {
                return late(timeout);
            }
            if let Some(inspect) = inspect {
                inspect(&prepared);
            }
            let (wire, context) = prepared.into_parts();
            match transport.send(wire, client.settings.limits).await {
                Ok(response) => {
                    span.received(&response);
                    client.receive(context, response)
                }
                Err(problem) => Err(context.explain(transport_error(client, problem))),
            }
        };
        let mut work: BoxFuture<'_, _> = Box::pin(span.watch(exchange));
        let result = match attempt_limit {
            None => until(&mut progress.deadline, &mut work).await,
            Some(limit) => {
                let mut attempt_deadline = transport.sleep(limit);
                let mut limited: BoxFuture<'_, _> =
                    Box::pin(until(&mut attempt_deadline, &mut work));
                let result = until(&mut progress.deadline, &mut limited).await;
                result.map(|result| result.unwrap_or_else(|| late(limit)))
            }
        };
        progress.over = result.is_none();
        let result = result.unwrap_or_else(|| late(timeout));
        span.end(&result);
        result
    }

    /// Waits before the next attempt. `false` when there is none.
    async fn pause(&mut self, error: &Error) -> bool {
        let (client, retry) = (self.client, self.policy.retry);
        let number = self.progress.attempts.number;
        if self.progress.over || number >= retry.max_attempts || !error.is_retryable() {
            return false;
        }
        let asked =
            error.headers().and_then(|headers| retry_after(headers, client.settings.clock.now()));
        let pause = retry.pause(number, &*client.settings.jitter, asked);
        if pause >= self.left() || !client.retry_balance.withdraw() {
            return false;
        }
        let progress = &mut self.progress;
        progress.paused = progress.paused.saturating_add(pause);
        let mut sleep = self.transport.sleep(pause);
        progress.over = until(&mut progress.deadline, &mut sleep).await.is_none();
        !progress.over
    }

    /// How much of the call's time is left, by the clock. It is wrong if the clock was set meanwhile;
    /// the deadline ends the call all the same.
    fn left(&self) -> Duration {
        let Progress { started, paused, .. } = self.progress;
        let spent = self.client.settings.clock.now().duration_since(started).unwrap_or_default();
        self.policy.timeout.saturating_sub(spent.max(paused))
    }

    /// How long this attempt may take: as set, or its share of the time left if others may follow.
    fn attempt_limit(&self) -> Option<Duration> {
        if self.policy.attempt_timeout.is_some() {
            return self.policy.attempt_timeout;
        }
        let after = self.policy.retry.max_attempts.saturating_sub(self.progress.attempts.number);
        if after == 0 || self.request.info.repeat == Safety::Unsafe {
            return None;
        }
        Some(self.left() / after.saturating_add(1))
    }
}

fn begin(
    client: &Inner,
    request: &WireRequest,
    request_id: Option<Arc<str>>,
    attempts: Attempts,
) -> Result<(Context, [u8; 16]), Error> {
    let random = || {
        random(&*client.settings.nonces)
            .map_err(|error| error.about(&request.info).during(attempts, None))
    };
    let request_id = match request_id {
        Some(id) => id,
        None => hex(&random()?).into(),
    };
    let info = Arc::clone(&request.info);
    let context = Context { info, request_id, signed_at: client.settings.clock.now(), attempts };
    Ok((context, random()?))
}

pub(crate) fn no_response_within(time: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no response within {time:?}"))
}

fn transport_error(client: &Inner, problem: TransportError) -> Error {
    let error = match problem.kind() {
        TransportErrorKind::Configuration => Error::configuration("the transport cannot be used"),
        TransportErrorKind::Unsendable => Error::request("the request cannot be sent").not_sent(),
        TransportErrorKind::Connect => {
            Error::new(ErrorKind::Connect, format!("cannot connect to {}", client.base.url))
        }
        TransportErrorKind::Timeout => Error::new(ErrorKind::Timeout, "no response in time"),
        TransportErrorKind::Io => Error::new(ErrorKind::Transport, "the connection broke"),
        TransportErrorKind::BodyTooLarge => too_large(client.settings.limits.max_body),
    };
    match problem.into_source() {
        Some(source) => error.with_source(source),
        None => error,
    }
}
