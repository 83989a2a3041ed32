//! Calls of operations through the generated API.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use alipay_core::model::{Field, Model};
use alipay_core::operation::Operation;
use alipay_core::{Accepted, Client, Error, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::round_trip::model_json;

/// How a generated method is called.
type Make<O> = fn(&Client, <O as Operation>::Request) -> alipay_core::Call<O>;

/// An operation of a table: `O` is its marker, `C` the enum of its codes.
pub struct Call<O: Operation, C> {
    make: Make<O>,
    code: fn(&Error) -> Option<C>,
}

impl<O: Operation, C: for<'a> From<&'a str>> Call<O, C> {
    /// A call, made by the generated method.
    #[must_use]
    pub const fn new(make: Make<O>) -> Self {
        Self { make, code: Error::code::<C> }
    }
}

/// A [`Call`] without its types.
pub trait Callable: Sync {
    /// The `operationId`.
    #[doc(hidden)]
    fn id(&self) -> &'static str;

    /// Makes a call with this request, once.
    #[doc(hidden)]
    fn start(&self, client: &Client, request: &Value) -> Result<Started, serde_json::Error>;

    /// The typed code of an error, as `Debug` and `Display` show it.
    #[doc(hidden)]
    fn code(&self, error: &Error) -> Option<(String, String)>;

    /// A string as a typed code, in the same way.
    #[doc(hidden)]
    fn read_code(&self, text: &str) -> (String, String);
}

/// A call that has begun.
pub struct Started {
    pub(super) fields: &'static [Field],
    pub(super) response: Pin<Box<dyn Future<Output = Result<Observed, Error>>>>,
}

/// What the checks compare of a response.
pub struct Observed {
    pub(super) verified: bool,
    pub(super) trace_id: Option<String>,
    /// The JSON as it was received.
    pub(super) raw: Vec<u8>,
    /// The JSON that the model writes.
    pub(super) model: Result<Value, String>,
}

impl<O, C> Callable for Call<O, C>
where
    O: Operation<Request: DeserializeOwned, Reply: Observe>,
    C: for<'a> From<&'a str> + fmt::Debug + fmt::Display,
{
    fn id(&self) -> &'static str {
        O::INFO.id
    }

    fn start(&self, client: &Client, request: &Value) -> Result<Started, serde_json::Error> {
        let request: O::Request = serde::Deserialize::deserialize(request)?;
        let fields = request.table().fields;
        let call = (self.make)(client, request).no_retry();
        Ok(Started { fields, response: Box::pin(Observing(call.send())) })
    }

    fn code(&self, error: &Error) -> Option<(String, String)> {
        (self.code)(error).map(|code| (format!("{code:?}"), code.to_string()))
    }

    fn read_code(&self, text: &str) -> (String, String) {
        let code = C::from(text);
        (format!("{code:?}"), code.to_string())
    }
}

/// What a call returns.
pub trait Observe {
    /// What the checks compare of it.
    #[doc(hidden)]
    fn observe(&self) -> Observed;
}

impl<T: Model> Observe for Response<T> {
    fn observe(&self) -> Observed {
        Observed {
            verified: self.verified(),
            trace_id: self.trace_id().map(str::to_owned),
            raw: self.raw_body().to_vec(),
            model: model_json(&**self),
        }
    }
}

impl<T: Model> Observe for Accepted<T> {
    fn observe(&self) -> Observed {
        (**self).observe()
    }
}

/// A call that ends with what the checks compare. It is written by hand, since an `async` block per
/// operation takes much longer to compile.
struct Observing<O>(alipay_core::CallFuture<O>);

impl<O: Operation<Reply: Observe>> Future for Observing<O> {
    type Output = Result<Observed, Error>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(task).map_ok(|reply| reply.observe())
    }
}
