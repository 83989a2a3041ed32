//! From a request model to a signed HTTP request, without input or output.

mod target;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    clock::unix_millis,
    credentials::Credentials,
    error::{Error, ErrorKind},
    model::{Model, Place, encode_json},
    nonce::{hex, uuid},
    operation::{OperationInfo, Safety},
    sign::{Signable, auth_text, authorization},
    value::Ref,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("alipay-request-id");
const APP_AUTH_TOKEN: HeaderName = HeaderName::from_static("alipay-app-auth-token");
const ENCRYPT_TYPE: HeaderName = HeaderName::from_static("alipay-encrypt-type");
const ROOT_SERIAL: HeaderName = HeaderName::from_static("alipay-root-cert-sn");

/// A request model, encoded once: the same bytes on every attempt.
#[derive(Clone)]
pub(crate) struct Encoded {
    operation: &'static OperationInfo,
    /// Path and query as they are signed and sent.
    target: String,
    /// The JSON text, for operations that have one.
    body: Option<Bytes>,
    repeat: Safety,
    personal: Arc<[String]>,
}

/// What an attempt adds to the encoded request.
pub(crate) struct Attempt<'a> {
    pub(crate) credentials: &'a Credentials,
    /// Scheme and host.
    pub(crate) base: &'a str,
    pub(crate) user_agent: &'a HeaderValue,
    pub(crate) now: std::time::SystemTime,
    pub(crate) nonce: [u8; 16],
    pub(crate) request_id: String,
    pub(crate) app_auth_token: Option<&'a SecretString>,
    pub(crate) encrypted: bool,
    pub(crate) number: u32,
}

/// A signed request, and what is needed to read its answer.
///
/// Send [`request`](Self::request) with any HTTP stack, to the byte, and give the answer to
/// [`Client::finish`](crate::Client::finish). It is good for one sending: a repeat needs a new
/// nonce, and so a new `Prepared`.
pub struct Prepared {
    request: http::Request<Bytes>,
    context: Context,
}

/// What is remembered of a request to read its answer.
#[derive(Clone)]
pub struct Context {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) repeat: Safety,
    pub(crate) request_id: String,
    pub(crate) encrypted: bool,
    pub(crate) attempt: u32,
    pub(crate) personal: Arc<[String]>,
}

impl Prepared {
    /// The request. Its headers hold a signature and may hold a token: do not log them.
    #[must_use]
    pub fn request(&self) -> &http::Request<Bytes> {
        &self.request
    }

    /// What [`Client::finish`](crate::Client::finish) needs.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Both parts.
    #[must_use]
    pub fn into_parts(self) -> (http::Request<Bytes>, Context) {
        (self.request, self.context)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

impl Context {
    /// The id that is sent with the request (`alipay-request-id`).
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Puts the facts of the request to an error.
    pub(crate) fn explain(&self, error: Error) -> Error {
        error.in_operation(self.operation, self.repeat).of_request(&self.request_id, &self.personal)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("operation", &self.operation.id)
            .field("request_id", &self.request_id)
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}

impl Encoded {
    /// Encodes a request model: target and body.
    pub(crate) fn new(
        operation: &'static OperationInfo,
        request: &dyn Model,
    ) -> Result<Self, Error> {
        let problem = |problem: String| {
            Error::new(ErrorKind::Request, problem).in_operation(operation, operation.safety)
        };
        let fields = request.table().fields;
        let mut has_body = false;
        for (index, field) in fields.iter().enumerate() {
            has_body |= field.place == Place::Body;
            let present =
                !matches!(request.field(index).map(|value| value.get()), None | Some(Ref::Absent));
            if field.place == Place::File && present {
                return Err(problem(format!("`{}`: files cannot be sent", field.name)));
            }
        }
        let target = target::build(operation.path, request).map_err(problem)?;
        let body = if has_body {
            let json = encode_json(request, Place::Body)
                .map_err(|error| problem(format!("the request has no JSON form: {error}")))?;
            Some(Bytes::from(json))
        } else {
            None
        };
        let mut personal = Vec::new();
        collect_personal(request, false, &mut personal);
        Ok(Self {
            operation,
            target,
            body,
            repeat: repeat(operation, request),
            personal: personal.into(),
        })
    }

    /// Adds what must not be shown if a server echoes it.
    pub(crate) fn add_personal(&mut self, text: &str) {
        self.personal = self.personal.iter().cloned().chain([text.to_owned()]).collect();
    }

    /// Makes a signed request.
    pub(crate) fn sign(&self, attempt: &Attempt<'_>) -> Result<Prepared, Error> {
        let context = Context {
            operation: self.operation,
            repeat: self.repeat,
            request_id: attempt.request_id.clone(),
            encrypted: attempt.encrypted,
            attempt: attempt.number,
            personal: Arc::clone(&self.personal),
        };
        let request = self.build(attempt).map_err(|error| context.explain(error))?;
        Ok(Prepared { request, context })
    }

    fn build(&self, attempt: &Attempt<'_>) -> Result<http::Request<Bytes>, Error> {
        let credentials = attempt.credentials;
        if attempt.encrypted && credentials.aes_key().is_none() {
            // Without a body there is nothing to encrypt, but an answer to decrypt.
            return Err(no_aes_key());
        }
        let body = match (&self.body, attempt.encrypted) {
            (None, _) => Bytes::new(),
            (Some(json), false) => json.clone(),
            (Some(json), true) => encrypt(credentials, json)?,
        };
        let timestamp = unix_millis(attempt.now)
            .ok_or_else(|| request_error("this computer's clock stands before 1970"))?;
        let auth = auth_text(
            credentials.app_id(),
            credentials.app_certificate_serial(),
            &uuid(attempt.nonce),
            timestamp,
        );
        let signable = Signable {
            auth: &auth,
            method: self.operation.method.as_str(),
            target: &self.target,
            body: &body,
            app_auth_token: attempt.app_auth_token.map(ExposeSecret::expose_secret),
        };
        let signature = credentials
            .private_key()
            .sign_parts(&signable.parts())
            .map_err(|error| request_error(format!("signing: {error}")))?;

        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(AUTHORIZATION, secret_header(&authorization(&auth, &signature))?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, attempt.user_agent.clone());
        headers.insert(REQUEST_ID, header(&attempt.request_id)?);
        if attempt.encrypted {
            // Without a body too: it asks for the answer to be encrypted.
            headers.insert(ENCRYPT_TYPE, HeaderValue::from_static("AES"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        } else if self.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = attempt.app_auth_token {
            headers.insert(APP_AUTH_TOKEN, secret_header(token.expose_secret())?);
        }
        if let Some(serial) = credentials.root_certificate_serial() {
            headers.insert(ROOT_SERIAL, header(serial)?);
        }

        let mut request = http::Request::builder()
            .method(self.operation.method.as_str())
            .uri(format!("{}{}", attempt.base, self.target))
            .body(body)
            .map_err(|error| request_error("the request's address").with_source(error))?;
        let kept = request.uri().path_and_query().map(http::uri::PathAndQuery::as_str);
        if kept != Some(self.target.as_str()) {
            return Err(request_error("the operation's path is not fit for an address"));
        }
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// An app auth token that can stand in a header and on a line of its own.
pub(crate) fn check_app_auth_token(token: &str) -> Result<SecretString, Error> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(request_error(
            "the app auth token is empty or has characters other than visible ASCII",
        ));
    }
    Ok(SecretString::from(token))
}

/// A request id as the protocol allows it.
pub(crate) fn check_request_id(id: &str) -> Result<String, Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=32).contains(&id.len()) && id.bytes().all(fits) {
        Ok(id.to_owned())
    } else {
        Err(request_error(
            "the request id must be 1 to 32 of the characters A-Z, a-z, 0-9, - and _",
        ))
    }
}

/// A new request id.
pub(crate) fn new_request_id(random: [u8; 16]) -> String {
    hex(&random)
}

fn encrypt(credentials: &Credentials, json: &[u8]) -> Result<Bytes, Error> {
    let key = credentials.aes_key().ok_or_else(no_aes_key)?;
    let text = key.encrypt(json).map_err(|error| request_error(format!("encrypting: {error}")))?;
    Ok(Bytes::from(text))
}

/// Encryption was asked for and there is no key for it.
pub(crate) fn no_aes_key() -> Error {
    Error::new(
        ErrorKind::Configuration,
        "encryption is asked for, but the credentials have no AES key: add it with \
         Credentials::encrypt_key",
    )
}

fn request_error(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Request, problem)
}

fn header(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| request_error("a header has unfit characters"))
}

/// A header that `Debug` does not show.
fn secret_header(text: &str) -> Result<HeaderValue, Error> {
    let mut value = header(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a repeat of this very request does: an idempotency key that is not there protects nothing.
fn repeat(operation: &'static OperationInfo, request: &dyn Model) -> Safety {
    let Safety::IdempotentBy(key) = operation.safety else {
        return operation.safety;
    };
    let index = request.table().fields.iter().position(|field| field.name == key);
    let value = index.and_then(|index| request.field(index)).map(|value| value.get());
    match value {
        None | Some(Ref::Absent) => Safety::Unsafe,
        Some(Ref::Text(text)) if text.trim().is_empty() => Safety::Unsafe,
        Some(_) => operation.safety,
    }
}

/// The texts of sensitive fields, so that they can be taken out of what a server echoes.
fn collect_personal(model: &dyn Model, sensitive: bool, found: &mut Vec<String>) {
    for (index, field) in model.table().fields.iter().enumerate() {
        if let Some(value) = model.field(index) {
            collect_from(&value.get(), sensitive || field.sensitive, found);
        }
    }
}

fn collect_from(value: &Ref<'_>, sensitive: bool, found: &mut Vec<String>) {
    match value {
        Ref::Text(text) if sensitive => found.push(text.clone().into_owned()),
        Ref::Integer(number) if sensitive => found.push(number.to_string()),
        Ref::Json(value) => collect_from(&value.get(), sensitive, found),
        Ref::Model(model) => collect_personal(*model, sensitive, found),
        Ref::List(list) => {
            for item in (0..list.len()).filter_map(|index| list.item(index)) {
                collect_from(&item.get(), sensitive, found);
            }
        }
        _ => {}
    }
}
