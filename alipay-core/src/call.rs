//! One call of an operation.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    client::{Client, Inner},
    error::{Error, ErrorKind},
    operation::{Operation, OperationInfo},
    prepare::{Attempt, Encoded, Prepared, check_app_auth_token, check_request_id, new_request_id},
    response::finish::{self, Received},
    transport::{BoxFuture, TransportError, TransportErrorKind, within},
};

/// A call that is ready to be made: `.await` it, or [`send`](Self::send) it.
///
/// Nothing happens before that. What was wrong with the request is reported then, too.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<O> {
    exchange: Exchange,
    operation: PhantomData<fn() -> O>,
}

/// What is not generic of a call.
struct Exchange {
    client: Arc<Inner>,
    operation: &'static OperationInfo,
    encoded: Result<Encoded, Error>,
    options: Options,
}

#[derive(Default)]
struct Options {
    app_auth_token: Option<SecretString>,
    timeout: Option<Duration>,
    encrypted: Option<bool>,
    request_id: Option<String>,
}

impl<O: Operation> Call<O> {
    /// A call of an operation with a request, which is encoded here and not needed afterwards.
    pub fn new(client: &Client, request: &O::Request) -> Self {
        Self {
            exchange: Exchange {
                client: Arc::clone(&client.inner),
                operation: O::INFO,
                encoded: Encoded::new(O::INFO, request),
                options: Options::default(),
            },
            operation: PhantomData,
        }
    }

    /// Calls on behalf of the merchant who gave the app this token (`alipay-app-auth-token`).
    pub fn app_auth_token(mut self, token: &str) -> Self {
        self.exchange.app_auth_token(token);
        self
    }

    /// The longest time this call may take in all.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.exchange.options.timeout = Some(timeout);
        self
    }

    /// Encrypts the content, of the request and of the answer, with the credentials' AES key.
    pub fn encrypted(mut self) -> Self {
        self.exchange.options.encrypted = Some(true);
        self
    }

    /// Does not encrypt the content, even if the client does so unless told otherwise.
    pub fn plain(mut self) -> Self {
        self.exchange.options.encrypted = Some(false);
        self
    }

    /// Sends this `alipay-request-id` instead of a random one: 1 to 32 of the characters `A-Z`,
    /// `a-z`, `0-9`, `-` and `_`, not used before.
    pub fn request_id(mut self, id: &str) -> Self {
        self.exchange.request_id(id);
        self
    }

    /// Makes the signed request without sending it. Its answer goes to [`Client::finish`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`] or [`ErrorKind::Configuration`] when it cannot be made.
    pub fn prepare(self) -> Result<Prepared, Error> {
        self.exchange.prepare()
    }

    /// Makes the call; the same as awaiting it.
    pub fn send(self) -> CallFuture<O> {
        CallFuture { exchange: Box::pin(self.exchange.run()), operation: PhantomData }
    }
}

impl<O: Operation> IntoFuture for Call<O> {
    type Output = Result<O::Reply, Error>;
    type IntoFuture = CallFuture<O>;

    fn into_future(self) -> CallFuture<O> {
        self.send()
    }
}

impl<O: Operation> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &O::INFO.id).finish_non_exhaustive()
    }
}

/// A call under way. Dropping it gives the call up: it may have been carried out.
#[must_use = "futures do nothing unless polled"]
pub struct CallFuture<O> {
    exchange: BoxFuture<'static, Result<Received, Error>>,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Future for CallFuture<O> {
    type Output = Result<O::Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let received = ready!(self.exchange.as_mut().poll(task));
        Poll::Ready(finish::into_reply::<O>(received))
    }
}

impl<O: Operation> fmt::Debug for CallFuture<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").field("operation", &O::INFO.id).finish_non_exhaustive()
    }
}

impl Exchange {
    fn app_auth_token(&mut self, token: &str) {
        match check_app_auth_token(token) {
            Ok(token) => self.options.app_auth_token = Some(token),
            Err(error) => self.refuse(error),
        }
    }

    fn request_id(&mut self, id: &str) {
        match check_request_id(id) {
            Ok(id) => self.options.request_id = Some(id),
            Err(error) => self.refuse(error),
        }
    }

    /// Keeps what is wrong until the call is made; the first problem counts.
    fn refuse(&mut self, error: Error) {
        if self.encoded.is_ok() {
            self.encoded = Err(error.in_operation(self.operation, self.operation.safety));
        }
    }

    fn prepare(self) -> Result<Prepared, Error> {
        let Self { client, operation, encoded, options } = self;
        let mut encoded = encoded?;
        let token = options.app_auth_token.as_ref().or(client.app_auth_token.as_ref());
        if let Some(token) = token {
            encoded.add_personal(token.expose_secret());
        }
        let random = || {
            client.nonces.next().map_err(|error| {
                Error::new(ErrorKind::Request, error.to_string())
                    .in_operation(operation, operation.safety)
            })
        };
        let request_id = match options.request_id {
            Some(id) => id,
            None => new_request_id(random()?),
        };
        encoded.sign(&Attempt {
            credentials: &client.credentials,
            base: client.base.as_str(),
            user_agent: &client.user_agent,
            now: client.clock.now(),
            nonce: random()?,
            request_id,
            app_auth_token: token,
            encrypted: options.encrypted.unwrap_or(client.encrypted),
            number: 1,
        })
    }

    async fn run(self) -> Result<Received, Error> {
        let client = Arc::clone(&self.client);
        let timeout = self.options.timeout.unwrap_or(client.timeout);
        let (request, context) = self.prepare()?.into_parts();
        let late = || Error::new(ErrorKind::Timeout, format!("no answer within {timeout:?}"));
        if timeout.is_zero() {
            return Err(context.explain(late().not_sent()));
        }
        let sending = client.transport.send(request, client.limits);
        match within(&*client.transport, timeout, sending).await {
            None => Err(context.explain(late())),
            Some(Ok(answer)) => client.receive(&context, answer),
            Some(Err(problem)) => Err(context.explain(transport_error(&client, problem))),
        }
    }
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
