//! Operations, and what is known of a request.

use std::borrow::Cow;

use crate::{
    codes::ErrorCodes,
    model::Model,
    redact::Personal,
    response::{Accepted, Response},
};

/// An operation of the API: a type without values that ties a request to its response.
///
/// Generated crates implement it for one marker type per operation.
pub trait Operation: Sized + Send + Sync + 'static {
    /// The model of the request.
    type Request: Model;
    /// The model of a successful response.
    type Response: Model;
    /// What the caller gets: [`Response`] or, when the response only says that the request was
    /// accepted, [`Accepted`].
    type Reply: Reply<Self>;

    /// What the description says of the operation.
    const INFO: &'static OperationInfo;
}

/// What a call of an operation returns, made from its [`Response`].
///
/// An operation that returns [`Accepted`] must name the message that completes it:
///
/// ```compile_fail,E0080
/// use alipay_core::{Accepted, Client, model, operation, prepare::Context, transport::{bytes::Bytes, http}};
///
/// model! { pub struct Nothing: optional {} }
/// operation! {
///     pub enum Stop {
///         id: "alipay.shop.stop",
///         http: Post "/v3/alipay/shop/stop",
///         request: Nothing,
///         reply: Accepted<Nothing>,
///     }
/// }
/// fn stopped(client: &Client, context: &Context, response: http::Response<Bytes>) -> bool {
///     client.finish::<Stop>(context, response).is_ok()
/// }
/// let _: fn(&Client, &Context, http::Response<Bytes>) -> bool = stopped;
/// ```
pub trait Reply<O: Operation>: Sized + Send + 'static {
    /// Makes it.
    fn from_response(response: Response<O::Response>) -> Self;
}

impl<T: Model, O: Operation<Response = T>> Reply<O> for Response<T> {
    fn from_response(response: Self) -> Self {
        response
    }
}

impl<T: Model, O: Operation<Response = T>> Reply<O> for Accepted<T> {
    fn from_response(response: Response<T>) -> Self {
        // Checked when the program is compiled.
        let completed_by = const {
            match O::INFO.completed_by {
                Some(message) => message,
                None => panic!("an operation that returns `Accepted` needs `completed_by`"),
            }
        };
        Self::new(response, completed_by)
    }
}

/// What the description says of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct OperationInfo {
    /// The `operationId`, for example `alipay.marketing.activity.voucher.create`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, for example `/v3/alipay/marketing/activity/{activity_id}`.
    pub path: &'static str,
    /// Whether a repeat is safe.
    pub safety: Safety,
    /// The message that says that the change is done, if the response only says that the request was
    /// accepted.
    pub completed_by: Option<&'static str>,
    /// The classes of its error codes, as far as people have classified them.
    pub codes: &'static ErrorCodes,
    /// Whether the description has a response with status 204, which has no body to sign.
    pub no_content: bool,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What happens when a call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Safety {
    /// The call changes nothing.
    ReadOnly,
    /// A repeat with the same parameters and the same value of this field has no further effect.
    IdempotentBy(&'static str),
    /// A repeat without changes has no further effect: the caller of a
    /// [raw call](crate::Call::idempotent) says so, or it is inferred that the operation only reads. When
    /// such a call fails, it may have been carried out all the same.
    Idempotent,
    /// A repeat may act twice, or nobody knows what it does.
    Unsafe,
}

impl OperationInfo {
    /// An operation; a GET is read-only, anything else is unsafe to repeat until
    /// [`idempotent_by`](Self::idempotent_by) or [`safety`](Self::safety) says otherwise.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        let safety = match method {
            Method::Get => Safety::ReadOnly,
            _ => Safety::Unsafe,
        };
        Self {
            id,
            method,
            path,
            safety,
            completed_by: None,
            codes: &ErrorCodes::NONE,
            no_content: false,
        }
    }

    /// Names the field of the request that makes a repeat harmless.
    pub const fn idempotent_by(mut self, field: &'static str) -> Self {
        self.safety = Safety::IdempotentBy(field);
        self
    }

    /// Says what a repeat does.
    pub const fn safety(mut self, safety: Safety) -> Self {
        self.safety = safety;
        self
    }

    /// Names the message that completes the operation.
    pub const fn completed_by(mut self, message: &'static str) -> Self {
        self.completed_by = Some(message);
        self
    }

    /// Sets the classes of error codes; see [`crate::codes`].
    pub const fn codes(mut self, codes: &'static ErrorCodes) -> Self {
        self.codes = codes;
        self
    }

    /// Says that the response has status 204, which has no body to sign.
    pub const fn no_content(mut self) -> Self {
        self.no_content = true;
        self
    }
}

/// What is known of a request, whichever attempt sends it. Its errors and its response need it.
#[derive(Clone)]
pub(crate) struct RequestInfo {
    /// The operation's id; of a raw call by method and path, these as the caller wrote them.
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: Method,
    /// The path with its parameters not filled in: fit for logs.
    pub(crate) template: Cow<'static, str>,
    /// The error codes that people have classified.
    pub(crate) codes: &'static ErrorCodes,
    /// What a repeat of this very request does.
    pub(crate) repeat: Safety,
    pub(crate) key: Option<Box<str>>,
    /// Whether its content and that of its response are encrypted.
    pub(crate) encrypted: bool,
    /// Whether status 204 is a success although it is not signed.
    pub(crate) unsigned_204: bool,
    /// What must not be shown if a server repeats it.
    pub(crate) personal: Personal,
}

impl RequestInfo {
    /// Of an operation that a description has.
    pub(crate) fn described(
        operation: &'static OperationInfo,
        repeat: Safety,
        key: Option<Box<str>>,
    ) -> Self {
        Self {
            operation: operation.id.into(),
            method: operation.method,
            template: operation.path.into(),
            codes: operation.codes,
            repeat,
            key,
            encrypted: false,
            unsigned_204: operation.no_content,
            personal: Personal::default(),
        }
    }

    /// Of an operation that no code was generated for.
    pub(crate) fn raw(
        operation: Cow<'static, str>,
        method: Method,
        template: Cow<'static, str>,
        repeat: Safety,
    ) -> Self {
        Self {
            operation,
            method,
            template,
            codes: &ErrorCodes::NONE,
            repeat,
            key: None,
            encrypted: false,
            unsigned_204: false,
            personal: Personal::default(),
        }
    }
}
