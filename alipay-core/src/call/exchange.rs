//! What is not generic of a call: its options, its attempts, its time.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret, SecretString};

use super::progress::Progress;
use crate::{
    client::{Client, Inner},
    error::{Error, ErrorKind, Outcome},
    multipart,
    observe::CallSpan,
    operation::{Safety, Subject},
    prepare::{
        Attempt, Encoded, Prepared, Sealed, check_app_auth_token, check_request_id,
        key_is_elsewhere, new_request_id,
    },
    response::finish::{self, Received},
    retry::{RetryPolicy, retry_after},
    transport::{BoxFuture, Transport, TransportError, TransportErrorKind, until},
};

/// A call to be made.
pub(crate) struct Exchange {
    client: Arc<Inner>,
    encoded: Result<Encoded, Error>,
    pub(crate) options: Options,
}

/// What a caller may choose for one call; what is not chosen is as the client says.
#[derive(Default)]
pub(crate) struct Options {
    app_auth_token: Option<SecretString>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) encrypted: Option<bool>,
    /// Whether status 204 is a success although it is not signed.
    pub(crate) unsigned_204: bool,
    request_id: Option<String>,
    /// What is wrong with them; the first problem counts.
    problem: Option<Error>,
}

/// A call under way.
struct Running<'a> {
    client: &'a Inner,
    transport: &'a dyn Transport,
    progress: &'a Progress,
    sealed: Sealed,
    token: Option<&'a SecretString>,
    /// The id of the first attempt, if the caller chose it.
    request_id: Option<String>,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    policy: RetryPolicy,
    /// Whether a repeat can do no harm even if the call was carried out.
    safe: bool,
    /// When the call's time is up. Once it came, the call is over.
    deadline: BoxFuture<'a, ()>,
    /// Whether the deadline came: it must not be waited for again.
    over: bool,
    started: SystemTime,
    /// How long the pauses were in all.
    paused: Duration,
    /// Which attempt it is, from 1.
    number: u32,
    /// What is known of the attempts so far; the worst counts.
    earlier: Outcome,
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

    /// Keeps what is wrong until the call is made.
    fn refuse(&mut self, error: Error) {
        self.problem.get_or_insert(error);
    }
}

impl Exchange {
    pub(crate) fn new(client: &Client, encoded: Result<Encoded, Error>, options: Options) -> Self {
        Self { client: Arc::clone(&client.inner), encoded, options }
    }

    /// The client, for what is done with the call besides.
    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &Arc<Inner> {
        &self.client
    }

    /// How long the call may take in all.
    pub(crate) fn timeout(&self) -> Duration {
        self.options.timeout.unwrap_or(self.client.timeout)
    }

    /// The operation, and what a repeat does; `None` when the request cannot be made.
    #[cfg(feature = "blocking")]
    pub(crate) fn subject(&self) -> Option<(Subject, Safety)> {
        let encoded = self.encoded.as_ref().ok()?;
        Some((encoded.subject().clone(), encoded.repeat()))
    }

    /// The request of the one attempt, signed at once.
    pub(crate) fn prepare(self) -> Result<Prepared, Error> {
        let client = Arc::clone(&self.client);
        let (sealed, options) = self.seal(&client)?;
        let id = options.request_id;
        let attempt =
            attempt(&client, &sealed, options.app_auth_token.as_ref(), id, 1, Outcome::NotSent)?;
        let waiting = || Err(sealed.context(&attempt).explain(key_is_elsewhere()));
        sealed.sign_now(&attempt).unwrap_or_else(waiting)
    }

    /// The request of the one attempt.
    pub(crate) async fn prepare_async(self) -> Result<Prepared, Error> {
        let client = Arc::clone(&self.client);
        let (sealed, options) = self.seal(&client)?;
        let id = options.request_id;
        let attempt =
            attempt(&client, &sealed, options.app_auth_token.as_ref(), id, 1, Outcome::NotSent)?;
        sealed.sign(&attempt).await
    }

    /// Puts the request into its last form.
    fn seal(self, client: &Inner) -> Result<(Sealed, Options), Error> {
        let Self { client: _, encoded, mut options } = self;
        let mut encoded = encoded?;
        if let Some(problem) = options.problem.take() {
            return Err(problem.in_operation(encoded.subject(), encoded.repeat()));
        }
        if options.unsigned_204 {
            encoded.allow_unsigned_204();
        }
        let token = options.app_auth_token.take().or_else(|| client.app_auth_token.clone());
        if let Some(token) = &token {
            encoded.add_personal(token.expose_secret());
        }
        options.app_auth_token = token;
        let boundary = if encoded.is_upload() {
            let random = random(client, encoded.subject(), encoded.repeat())?;
            multipart::boundary(random)
        } else {
            String::new()
        };
        let encrypted = options.encrypted.unwrap_or(client.encrypted);
        Ok((encoded.seal(&client.credentials, encrypted, &boundary)?, options))
    }

    /// Makes the call.
    ///
    /// A function of its own, and not to be inlined: the code of a future is compiled where the future
    /// is put into its box, which would be each crate that makes calls.
    #[inline(never)]
    pub(crate) fn start(self) -> BoxFuture<'static, Result<Received, Error>> {
        Box::pin(self.run())
    }

    async fn run(self) -> Result<Received, Error> {
        let transport = Arc::clone(&self.client.transport);
        self.run_over(&*transport, &Progress::default()).await
    }

    /// Makes the call over another transport than the client's.
    pub(crate) async fn run_over(
        self,
        transport: &dyn Transport,
        progress: &Progress,
    ) -> Result<Received, Error> {
        let timeout = self.timeout();
        let client = Arc::clone(&self.client);
        let (sealed, options) = self.seal(&client)?;
        let span = CallSpan::new(&client, sealed.subject());
        let running = Running {
            transport,
            progress,
            safe: sealed.repeat() != Safety::Unsafe,
            sealed,
            token: options.app_auth_token.as_ref(),
            request_id: options.request_id,
            timeout,
            attempt_timeout: options.attempt_timeout.or(client.attempt_timeout),
            policy: options.retry.unwrap_or(client.retry),
            deadline: transport.sleep(timeout),
            over: false,
            started: client.clock.now(),
            paused: Duration::ZERO,
            number: 1,
            earlier: Outcome::NotSent,
            client: &client,
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
                    self.client.store.give();
                    false
                }
                Err(error) => {
                    self.earlier = self.earlier.max(error.last_outcome());
                    self.pause(error).await
                }
            };
            if !repeat {
                span.end(&result, self.number);
                return result;
            }
            self.number = self.number.saturating_add(1);
        }
    }

    /// Tries once.
    async fn attempt(&mut self, span: &CallSpan) -> Result<Received, Error> {
        let (client, number) = (self.client, self.number);
        let id = self.request_id.take();
        let attempt = attempt(client, &self.sealed, self.token, id, number, self.earlier)?;
        let context = self.sealed.context(&attempt);
        let progress = self.progress;
        progress.begin(&context);
        let late = |after| {
            let error = no_answer_within(after);
            Err(context.explain(if progress.sent() { error } else { error.not_sent() }))
        };
        if self.timeout.is_zero() {
            return late(self.timeout);
        }
        let limit = self.attempt_limit();
        let span = span.attempt(client, &context);
        let (sealed, transport) = (&self.sealed, self.transport);
        let (started, timeout) = (self.started, self.timeout);
        let exchange = async {
            let (request, context) = sealed.sign(&attempt).await?.into_parts();
            // A signer that blocks lets no deadline through.
            let signed = client.clock.now();
            let passed = |since, limit: &Duration| {
                signed.duration_since(since).is_ok_and(|spent| spent >= *limit)
            };
            if let Some(limit) = limit.filter(|limit| passed(attempt.now, limit)) {
                return late(limit);
            }
            if passed(started, &timeout) || !progress.send() {
                return late(timeout);
            }
            match transport.send(request, client.limits).await {
                Ok(answer) => {
                    span.answered(&answer);
                    client.receive(context, answer)
                }
                Err(problem) => Err(context.explain(transport_error(client, problem))),
            }
        };
        let mut work: BoxFuture<'_, _> = Box::pin(span.watch(exchange));
        let result = match limit {
            None => until(&mut self.deadline, &mut work).await,
            Some(limit) => {
                let mut attempt_deadline = transport.sleep(limit);
                let mut limited: BoxFuture<'_, _> =
                    Box::pin(until(&mut attempt_deadline, &mut work));
                match until(&mut self.deadline, &mut limited).await {
                    Some(None) => Some(late(limit)),
                    Some(Some(result)) => Some(result),
                    None => None,
                }
            }
        };
        self.over = result.is_none();
        let result = result.unwrap_or_else(|| late(self.timeout));
        span.end(&result);
        result
    }

    /// Waits before the next attempt. `false` when there is none.
    async fn pause(&mut self, error: &Error) -> bool {
        if self.over {
            return false;
        }
        if self.number >= self.policy.attempts() || !error.is_retryable() {
            return false;
        }
        let asked =
            error.headers().and_then(|headers| retry_after(headers, self.client.clock.now()));
        let pause = self.policy.pause(self.number, &*self.client.jitter, asked);
        if pause >= self.left() || !self.client.store.take() {
            return false;
        }
        self.paused = self.paused.saturating_add(pause);
        let mut sleep = self.transport.sleep(pause);
        self.over = until(&mut self.deadline, &mut sleep).await.is_none();
        !self.over
    }

    /// How much of the call's time is left, by the clock. It may be wrong by as much as the clock
    /// was set meanwhile; what ends the call is the deadline.
    fn left(&self) -> Duration {
        let spent = self.client.clock.now().duration_since(self.started).unwrap_or_default();
        self.timeout.saturating_sub(spent.max(self.paused))
    }

    /// How long this attempt may take: as set, or, where others may follow, its share of what is
    /// left.
    fn attempt_limit(&self) -> Option<Duration> {
        if self.attempt_timeout.is_some() {
            return self.attempt_timeout;
        }
        let after = self.policy.attempts().saturating_sub(self.number);
        if after == 0 || !self.safe {
            return None;
        }
        Some(self.left() / after.saturating_add(1))
    }
}

/// What is new on each attempt.
fn attempt<'a>(
    client: &'a Inner,
    sealed: &Sealed,
    token: Option<&'a SecretString>,
    request_id: Option<String>,
    number: u32,
    earlier: Outcome,
) -> Result<Attempt<'a>, Error> {
    let random = || {
        random(client, sealed.subject(), sealed.repeat())
            .map_err(|error| error.after(number, earlier))
    };
    let request_id = match request_id {
        Some(id) => id.into(),
        None => new_request_id(random()?).into(),
    };
    Ok(Attempt {
        credentials: &client.credentials,
        base: client.base.as_str(),
        user_agent: &client.user_agent,
        now: client.clock.now(),
        nonce: random()?,
        request_id,
        app_auth_token: token,
        number,
        earlier,
    })
}

fn random(client: &Inner, subject: &Subject, repeat: Safety) -> Result<[u8; 16], Error> {
    client.nonces.next().map_err(|error| {
        Error::new(ErrorKind::Request, error.to_string()).in_operation(subject, repeat)
    })
}

pub(crate) fn no_answer_within(time: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no answer within {time:?}"))
}

fn transport_error(client: &Inner, problem: TransportError) -> Error {
    let error = match problem.kind() {
        TransportErrorKind::Unsendable => {
            Error::new(ErrorKind::Request, "the request cannot be sent").not_sent()
        }
        TransportErrorKind::Connect => {
            Error::new(ErrorKind::Connect, format!("cannot connect to {}", client.base.as_str()))
        }
        TransportErrorKind::Timeout => Error::new(ErrorKind::Timeout, "no answer in time"),
        TransportErrorKind::Io => Error::new(ErrorKind::Transport, "the connection broke"),
        TransportErrorKind::BodyTooLarge => finish::too_large(client.limits.max_body),
    };
    match problem.into_source() {
        Some(source) => error.with_source(source),
        None => error,
    }
}
