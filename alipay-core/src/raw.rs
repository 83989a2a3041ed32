//! Calls without a model.

use std::{
    fmt,
    pin::Pin,
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use serde::Serialize;

use crate::{
    call::exchange::{Exchange, Options},
    client::Client,
    error::{Error, ErrorKind},
    multipart::NamedFile,
    operation::{Method, RawOperation, Safety},
    prepare::{Encoded, Payload, Prepared},
    response::{
        Response,
        finish::{self, Received},
    },
    retry::RetryPolicy,
    transport::BoxFuture,
    value::File,
};

/// A call of any method of the protocol, for operations that no crate was generated for: signed,
/// verified, encrypted and repeated like any other, but with JSON of the caller's own.
///
/// ```no_run
/// use alipay_core::operation::Method;
///
/// # async fn f(client: alipay_core::Client) -> Result<(), alipay_core::Error> {
/// let answer = client
///     .raw(Method::Get, "/v3/alipay/marketing/activity/{activity_id}")
///     .path("activity_id", "2016042700826004508401111111")
///     .query("merchant_access_mode", "SELF_MODE")
///     .await?;
/// println!("{}", answer["activity_name"]);
/// # Ok(()) }
/// ```
///
/// A GET is repeated when it fails, anything else only if the caller says that this is
/// [safe](Self::idempotent). Errors and spans name the path as it is written here; what is personal
/// should be put into it with [`path`](Self::path).
///
/// What the answer should hold is not known. A signed success counts as an error if it is an object
/// with a `code` and a `message`, both texts, and nothing else but `details` and `links`.
#[must_use = "a call does nothing until it is awaited"]
pub struct RawCall {
    client: Client,
    operation: RawOperation,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    json: Option<Result<Vec<u8>, String>>,
    files: Vec<NamedFile>,
    options: Options,
}

impl RawCall {
    pub(crate) fn new(client: &Client, method: Method, path: &str) -> Self {
        let safety = if method == Method::Get { Safety::ReadOnly } else { Safety::Unsafe };
        let id = format!("{} {path}", method.as_str());
        Self {
            client: client.clone(),
            operation: RawOperation { id, method, path: path.to_owned(), safety },
            parameters: Vec::new(),
            query: Vec::new(),
            json: None,
            files: Vec::new(),
            options: Options::default(),
        }
    }

    /// Fills `{name}` of the path; the value is percent-encoded.
    #[expect(clippy::needless_pass_by_value, reason = "`2` reads better than `&2`")]
    pub fn path(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a parameter to the query; name and value are percent-encoded.
    #[expect(clippy::needless_pass_by_value, reason = "`2` reads better than `&2`")]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// The body, or in an upload the part `data`.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.json = Some(serde_json::to_vec(body).map_err(|error| error.to_string()));
        self
    }

    /// Adds a file, which makes the call an upload. Its name must not be `data`.
    pub fn file(mut self, name: &str, file: File) -> Self {
        self.files.push((name.to_owned(), file));
        self
    }

    /// Promises that a repeat of this request, unchanged, has no further effect, mostly because
    /// it carries an `out_biz_no` that the operation keeps apart by. It is then repeated when it
    /// fails and the outcome is unknown.
    pub fn idempotent(mut self) -> Self {
        if self.operation.safety == Safety::Unsafe {
            self.operation.safety = Safety::Idempotent;
        }
        self
    }

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

    /// The longest time one attempt may take.
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

    /// Encrypts the content, of the request and of the answer, with the credentials' AES key.
    pub fn encrypted(mut self) -> Self {
        self.options.encrypted = Some(true);
        self
    }

    /// Does not encrypt the content, even if the client does so unless told otherwise.
    pub fn plain(mut self) -> Self {
        self.options.encrypted = Some(false);
        self
    }

    /// Takes an empty answer with status 204 for a success although it is not signed.
    ///
    /// Such an answer could come from anybody on the way, so it is an error of
    /// [unknown outcome](crate::Outcome) unless the operation's description has it or it is allowed
    /// here. [`Response::verified`](crate::Response::verified) is `false` then.
    pub fn allow_unsigned_204(mut self) -> Self {
        self.options.unsigned_204 = true;
        self
    }

    /// Sends this `alipay-request-id`; see [`Call::request_id`](crate::Call::request_id).
    pub fn request_id(mut self, id: &str) -> Self {
        self.options.request_id(id);
        self
    }

    /// Makes the signed request without sending it. Its answer goes to [`Client::finish_raw`].
    ///
    /// # Errors
    ///
    /// The same as those of [`Call::prepare`](crate::Call::prepare).
    pub fn prepare(self) -> Result<Prepared, Error> {
        self.exchange().prepare()
    }

    /// Makes the signed request without sending it, with whatever key.
    ///
    /// # Errors
    ///
    /// The same as those of [`Call::prepare_async`](crate::Call::prepare_async).
    pub async fn prepare_async(self) -> Result<Prepared, Error> {
        self.exchange().prepare_async().await
    }

    /// Makes the call; the same as awaiting it.
    pub fn send(self) -> RawCallFuture {
        RawCallFuture { exchange: self.exchange().start() }
    }

    /// Makes the call and waits for it; see [`crate::blocking`].
    ///
    /// # Errors
    ///
    /// The same as those of a call that is awaited.
    #[cfg(feature = "blocking")]
    pub fn send_blocking(self) -> Result<Response<serde_json::Value>, Error> {
        finish::into_json(crate::blocking::run(self.exchange()))
    }

    fn exchange(self) -> Exchange {
        let Self { client, operation, parameters, query, json, files, options } = self;
        let encoded = match payload(operation.method, json, files) {
            Ok(payload) => Encoded::raw(operation, &parameters, &query, payload),
            Err(problem) => {
                // Nothing of the path is needed for that.
                let repeat = operation.safety;
                let subject = crate::operation::Subject::Raw(std::sync::Arc::new(operation));
                Err(Error::new(ErrorKind::Request, problem).in_operation(&subject, repeat))
            }
        };
        Exchange::new(&client, encoded, options)
    }
}

fn payload(
    method: Method,
    json: Option<Result<Vec<u8>, String>>,
    files: Vec<NamedFile>,
) -> Result<Payload, String> {
    let json = json
        .transpose()
        .map_err(|problem| format!("the request has no JSON form: {problem}"))?
        .map(Bytes::from);
    if method == Method::Get && (json.is_some() || !files.is_empty()) {
        return Err("a GET has no body; parameters belong into the query".to_owned());
    }
    Ok(match json {
        json if !files.is_empty() => Payload::Upload { json, files },
        Some(json) => Payload::Json(json),
        None => Payload::Nothing,
    })
}

impl IntoFuture for RawCall {
    type Output = Result<Response<serde_json::Value>, Error>;
    type IntoFuture = RawCallFuture;

    fn into_future(self) -> RawCallFuture {
        self.send()
    }
}

impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// A raw call under way. Dropping it gives the call up: it may have been carried out.
#[must_use = "futures do nothing unless polled"]
pub struct RawCallFuture {
    exchange: BoxFuture<'static, Result<Received, Error>>,
}

impl Future for RawCallFuture {
    type Output = Result<Response<serde_json::Value>, Error>;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let received = ready!(self.exchange.as_mut().poll(task));
        Poll::Ready(finish::into_json(received))
    }
}

impl fmt::Debug for RawCallFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCallFuture").finish_non_exhaustive()
    }
}
