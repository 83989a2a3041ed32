//! One call: of an operation, or a raw one.

pub(crate) mod exchange;
pub(crate) mod shared;

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use serde::Serialize;

use crate::{
    client::Client,
    error::Error,
    finish::{self, Received},
    future::BoxFuture,
    operation::Operation,
    prepare::{Context, Encoded, Prepared},
    retry::RetryPolicy,
};
use exchange::{Exchange, Options};

/// What can be called: an [`Operation`], or [`Raw`](crate::Raw). Nothing else implements it.
pub trait Callable: 'static {
    /// What the call returns.
    type Output;

    /// The request, as far as it is made.
    #[doc(hidden)]
    type Draft;

    #[doc(hidden)]
    fn operation(draft: &Self::Draft) -> &str;

    #[doc(hidden)]
    fn encode(draft: Self::Draft) -> Result<Encoded, Error>;

    #[doc(hidden)]
    fn finish(received: Received) -> Result<Self::Output, Error>;
}

impl<O: Operation> Callable for O {
    type Output = O::Reply;
    type Draft = Result<Encoded, Error>;

    fn operation(_: &Self::Draft) -> &str {
        O::INFO.id
    }

    fn encode(draft: Self::Draft) -> Result<Encoded, Error> {
        draft
    }

    fn finish(received: Received) -> Result<O::Reply, Error> {
        finish::into_reply::<O>(received)
    }
}

impl Client {
    /// Reads the response to a [prepared](Call::prepare) request: verifies, decrypts, decodes.
    ///
    /// A response is read once. To read it again is an error: it could be an attacker's copy.
    pub fn finish<O: Callable>(
        &self,
        context: &Context,
        response: http::Response<Bytes>,
    ) -> Result<O::Output, Error> {
        O::finish(self.inner.receive(context.clone(), response)?)
    }
}

/// A call that is ready to be made: `.await` it, or [`send`](Self::send) it.
///
/// Nothing is sent before that. A wrong request or option is an error then.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<O: Callable> {
    pub(crate) client: Client,
    pub(crate) draft: O::Draft,
    pub(crate) options: Options,
}

impl<O: Operation> Call<O> {
    /// A call of an operation with a request, which is encoded here and not needed afterwards.
    pub fn new(client: &Client, request: &O::Request) -> Self {
        Self {
            client: client.clone(),
            draft: Encoded::new(O::INFO, request),
            options: Options::default(),
        }
    }
}

impl<O: Operation> Call<O> {
    /// Sends this value in place of what the request has, or beside it, and checks nothing of it: for a
    /// field whose type or format is described wrongly, and for one that Alipay has added meanwhile.
    ///
    /// ```
    /// # use alipay_core::{Client, Error, Response, model, operation};
    /// # model! { pub struct Share: optional { pub amount: Option<String> = body("amount") } }
    /// # model! { pub struct PayRequest: optional { pub royalty_parameters: Option<Vec<Share>> = body("royalty_parameters") } }
    /// # operation! { pub enum Pay { id: "alipay.trade.pay", http: Post "/v3/alipay/trade/pay", request: PayRequest, reply: Response<Share>, } }
    /// # async fn f(client: Client, request: PayRequest) -> Result<(), Error> {
    /// # let pay = |request| alipay_core::Call::<Pay>::new(&client, request);
    /// pay(&request).raw_field("/royalty_parameters/0/amount", "12.345").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// `pointer` is a JSON pointer (RFC 6901) of wire names. In the body, or the part `data` of an upload,
    /// it may lead to any depth: a member of an object is replaced or added, an item of a list is
    /// replaced. Objects and lists on the way must be there. Anything else that is sent has one key:
    /// `/page_size` for a parameter of path or query, or a header. (Where such a parameter shares its name
    /// with another field, it is `/path.id` or `/query.id`.) There the value must be a string, a number or
    /// a bool. A name that the request's type does not know goes to the body or, if there is none, to the
    /// query.
    ///
    /// An [idempotency key](crate::operation::Safety::IdempotentBy) that is sent so is not checked. The call is then
    /// not repeated when its outcome is unknown, as if it had none.
    ///
    /// All attempts send the value, signed and, if asked for, encrypted like the rest. It counts as
    /// personal: where a server repeats it, errors and spans do not show it. They do show the pointer.
    ///
    /// # Errors
    ///
    /// When the call is made, it ends with [`ErrorKind::Request`](crate::ErrorKind::Request), and nothing
    /// is sent, if the pointer leads nowhere, or to a file.
    pub fn raw_field(mut self, pointer: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_string(&value).ok();
        self.draft =
            self.draft.and_then(|encoded| encoded.raw_field(O::INFO, pointer, value.as_deref()));
        self
    }
}

impl<O: Callable> Call<O> {
    /// Calls on behalf of the merchant who gave the app this token (`alipay-app-auth-token`).
    pub fn app_auth_token(mut self, token: &str) -> Self {
        self.options.app_auth_token(token);
        self
    }

    /// The longest time this call may take in all, repeats included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// The longest time one attempt may take; see
    /// [`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// How often the call is repeated when it fails and a repeat is safe; see [`crate::retry`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Tries once.
    pub fn no_retry(self) -> Self {
        self.retry(RetryPolicy::none())
    }

    /// Encrypts the content, of the request and of the response, with the credentials' AES key.
    pub fn encrypted(mut self) -> Self {
        self.options.encrypted = Some(true);
        self
    }

    /// Does not encrypt the content, even if the client is set to.
    pub fn plain(mut self) -> Self {
        self.options.encrypted = Some(false);
        self
    }

    /// Accepts an empty response with status 204 as a success although it is not signed.
    ///
    /// Such a response could come from anybody on the way, so it is an error of
    /// [unknown outcome](crate::Outcome) unless the operation's description has it or it is allowed
    /// here. [`Response::verified`](crate::Response::verified) is `false` then.
    pub fn allow_unsigned_204(mut self) -> Self {
        self.options.unsigned_204 = true;
        self
    }

    /// Sends this `alipay-request-id` instead of a random one: 1 to 32 of the characters `A-Z`,
    /// `a-z`, `0-9`, `-` and `_`, not used before. Repeats get a random one.
    pub fn request_id(mut self, id: &str) -> Self {
        self.options.request_id(id);
        self
    }

    /// Shows each signed request just before it is sent: for tools that print or record what goes out.
    ///
    /// ```no_run
    /// # async fn f(client: alipay_core::Client) -> Result<(), alipay_core::Error> {
    /// let call = client.operation("alipay.trade.query").json(&serde_json::json!({"out_trade_no": "1"}));
    /// call.inspect(|prepared| println!("{} bytes are signed", prepared.string_to_sign().len())).await?;
    /// # Ok(()) }
    /// ```
    pub fn inspect(mut self, inspect: impl Fn(&Prepared) + Send + Sync + 'static) -> Self {
        self.options.inspect = Some(Box::new(inspect));
        self
    }

    /// Makes the signed request without sending it. Its response goes to [`Client::finish`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) or
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it cannot be made; the
    /// latter also when the key is held by a [`Signer`](crate::sign::Signer): use
    /// [`prepare_async`](Self::prepare_async) then.
    pub fn prepare(self) -> Result<Prepared, Error> {
        self.exchange().prepare()
    }

    /// Makes the signed request without sending it, also with a [`Signer`](crate::sign::Signer). Its
    /// response goes to [`Client::finish`].
    ///
    /// # Errors
    ///
    /// The same as those of [`prepare`](Self::prepare), and when the signer fails.
    pub async fn prepare_async(self) -> Result<Prepared, Error> {
        self.exchange().prepare_async().await
    }

    /// Makes the call; the same as awaiting it.
    pub fn send(self) -> CallFuture<O> {
        CallFuture { exchange: self.exchange().start(), operation: PhantomData }
    }

    /// Makes the call and waits for it; see [`crate::blocking`].
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<O::Output, Error> {
        O::finish(crate::blocking::run(self.exchange())?)
    }

    fn exchange(self) -> Exchange {
        Exchange::new(self.client, O::encode(self.draft), self.options)
    }
}

impl<O: Callable> IntoFuture for Call<O> {
    type Output = Result<O::Output, Error>;
    type IntoFuture = CallFuture<O>;

    fn into_future(self) -> CallFuture<O> {
        self.send()
    }
}

impl<O: Callable> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = O::operation(&self.draft);
        f.debug_struct("Call").field("operation", &operation).finish_non_exhaustive()
    }
}

/// A call under way. Dropping it gives the call up; the request may have been carried out.
#[must_use = "futures do nothing unless polled"]
pub struct CallFuture<O> {
    exchange: BoxFuture<'static, Result<Received, Error>>,
    operation: PhantomData<fn() -> O>,
}

impl<O: Callable> Future for CallFuture<O> {
    type Output = Result<O::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let received = ready!(self.exchange.as_mut().poll(task));
        Poll::Ready(received.and_then(O::finish))
    }
}

impl<O> fmt::Debug for CallFuture<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}
