//! One call of an operation.

pub(crate) mod exchange;
pub(crate) mod progress;

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use crate::{
    client::Client,
    error::Error,
    operation::Operation,
    prepare::{Encoded, Prepared},
    response::finish::{self, Received},
    retry::RetryPolicy,
    transport::BoxFuture,
};
use exchange::{Exchange, Options};

/// A call that is ready to be made: `.await` it, or [`send`](Self::send) it.
///
/// Nothing happens before that. What was wrong with the request is reported then, too.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<O> {
    exchange: Exchange,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Call<O> {
    /// A call of an operation with a request, which is encoded here and not needed afterwards.
    pub fn new(client: &Client, request: &O::Request) -> Self {
        Self {
            exchange: Exchange::new(client, Encoded::new(O::INFO, request), Options::default()),
            operation: PhantomData,
        }
    }

    /// Calls on behalf of the merchant who gave the app this token (`alipay-app-auth-token`).
    pub fn app_auth_token(mut self, token: &str) -> Self {
        self.exchange.options.app_auth_token(token);
        self
    }

    /// The longest time this call may take in all, repeats included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.exchange.options.timeout = Some(timeout);
        self
    }

    /// The longest time one attempt may take; see
    /// [`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.exchange.options.attempt_timeout = Some(timeout);
        self
    }

    /// How often the call is repeated when it fails and a repeat is safe; see [`crate::retry`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.exchange.options.retry = Some(policy);
        self
    }

    /// Tries once.
    pub fn no_retry(self) -> Self {
        self.retry(RetryPolicy::none())
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

    /// Takes an empty answer with status 204 for a success although it is not signed.
    ///
    /// Such an answer could come from anybody on the way, so it is an error of
    /// [unknown outcome](crate::Outcome) unless the operation's description has it or it is allowed
    /// here. [`Response::verified`](crate::Response::verified) is `false` then.
    pub fn allow_unsigned_204(mut self) -> Self {
        self.exchange.options.unsigned_204 = true;
        self
    }

    /// Sends this `alipay-request-id` instead of a random one: 1 to 32 of the characters `A-Z`,
    /// `a-z`, `0-9`, `-` and `_`, not used before. Repeats, which need one of their own, get a random
    /// one.
    pub fn request_id(mut self, id: &str) -> Self {
        self.exchange.options.request_id(id);
        self
    }

    /// Makes the signed request without sending it. Its answer goes to [`Client::finish`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) or
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it cannot be made; the
    /// latter also when the key is held by a [`Signer`](crate::sign::Signer), which has to be waited
    /// for: use [`prepare_async`](Self::prepare_async) then.
    pub fn prepare(self) -> Result<Prepared, Error> {
        self.exchange.prepare()
    }

    /// Makes the signed request without sending it, with whatever key. Its answer goes to
    /// [`Client::finish`].
    ///
    /// # Errors
    ///
    /// The same as those of [`prepare`](Self::prepare), and when the signer fails.
    pub async fn prepare_async(self) -> Result<Prepared, Error> {
        self.exchange.prepare_async().await
    }

    /// Makes the call; the same as awaiting it.
    pub fn send(self) -> CallFuture<O> {
        CallFuture { exchange: self.exchange.start(), operation: PhantomData }
    }

    /// Makes the call and waits for it; see [`crate::blocking`].
    ///
    /// # Errors
    ///
    /// The same as those of a call that is awaited.
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<O::Reply, Error> {
        finish::into_reply::<O>(crate::blocking::run(self.exchange))
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
