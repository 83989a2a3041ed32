//! From a request model to a signed HTTP request, without input or output.

mod personal;
mod sealed;
mod target;

use std::{fmt, sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use secrecy::SecretString;

pub(crate) use sealed::{Attempt, Sealed, key_is_elsewhere};

use crate::{
    error::{Error, ErrorKind, Outcome, Personal, PersonalTexts},
    model::{Model, Place, encode_json},
    multipart::NamedFile,
    nonce::hex,
    operation::{OperationInfo, RawOperation, Safety, Subject},
    transport::Body,
    value::{List, Ref},
};

/// A request, encoded once: the same bytes on every attempt.
pub(crate) struct Encoded {
    subject: Subject,
    /// Path and query as they are signed and sent.
    target: String,
    /// The headers that are the request's own. They are not signed.
    headers: Vec<(HeaderName, HeaderValue)>,
    payload: Payload,
    repeat: Safety,
    /// The idempotency key it carries.
    key: Option<Arc<str>>,
    unsigned_204: bool,
    personal: PersonalTexts,
}

/// What is sent besides path and query.
pub(crate) enum Payload {
    Nothing,
    /// JSON text.
    Json(Bytes),
    /// An upload: JSON text, and files by the names of their parameters.
    Upload {
        json: Option<Bytes>,
        files: Vec<NamedFile>,
    },
}

/// A signed request, and what is needed to read its answer.
///
/// Send [`request`](Self::request) with any HTTP stack, to the byte, and give the answer to
/// [`Client::finish`](crate::Client::finish), once. It is good for one sending: a repeat needs a new
/// nonce, and so a new `Prepared`.
pub struct Prepared {
    request: http::Request<Body>,
    context: Context,
}

/// What is remembered of a request to read its answer.
#[derive(Clone)]
pub struct Context {
    pub(crate) subject: Subject,
    pub(crate) repeat: Safety,
    /// The idempotency key it carried.
    pub(crate) key: Option<Arc<str>>,
    pub(crate) request_id: Arc<str>,
    /// When it was signed, by this computer's clock.
    pub(crate) requested: SystemTime,
    pub(crate) encrypted: bool,
    /// Which attempt of the call it was, from 1.
    pub(crate) attempt: u32,
    /// What is known of the attempts before this one.
    pub(crate) earlier: Outcome,
    /// Whether status 204 is a success although it is not signed.
    pub(crate) unsigned_204: bool,
    pub(crate) personal: Personal,
}

impl Prepared {
    /// The request. Its headers hold a signature and may hold a token: do not log them.
    #[must_use]
    pub fn request(&self) -> &http::Request<Body> {
        &self.request
    }

    /// What [`Client::finish`](crate::Client::finish) needs.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Both parts.
    #[must_use]
    pub fn into_parts(self) -> (http::Request<Body>, Context) {
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
        error
            .in_operation(&self.subject, self.repeat)
            .of_request(&self.request_id, self.key.as_ref(), &self.personal)
            .after(self.attempt, self.earlier)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("operation", &self.subject.id())
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
            Error::new(ErrorKind::Request, problem)
                .in_operation(&Subject::Described(operation), operation.safety)
        };
        let target = target::build(operation.path, request).map_err(problem)?;
        let headers = target::headers(request).map_err(problem)?;
        let fields = request.table().fields;
        let has = |place| fields.iter().any(|field| field.place == place);
        let json = if has(Place::Body) {
            let json = encode_json(request, Place::Body)
                .map_err(|error| problem(format!("the request has no JSON form: {error}")))?;
            Some(Bytes::from(json))
        } else {
            None
        };
        let payload = match json {
            json if has(Place::File) => Payload::Upload { json, files: files(request) },
            Some(json) => Payload::Json(json),
            None => Payload::Nothing,
        };
        let (repeat, key) = repeat(operation, request);
        Ok(Self {
            subject: Subject::Described(operation),
            target,
            headers,
            payload,
            repeat,
            key,
            unsigned_204: operation.no_content,
            personal: personal::of_model(request),
        })
    }

    /// Encodes a request that there is no model of.
    pub(crate) fn raw(
        operation: RawOperation,
        parameters: &[(String, String)],
        query: &[(String, String)],
        payload: Payload,
    ) -> Result<Self, Error> {
        let repeat = operation.safety;
        let target = target::free(&operation.path, parameters, query);
        let subject = Subject::Raw(Arc::new(operation));
        match target {
            Ok(target) => {
                let values = parameters.iter().chain(query).map(|(_, value)| value.as_str());
                let personal = personal::of_raw(values, &payload);
                Ok(Self {
                    subject,
                    target,
                    headers: Vec::new(),
                    payload,
                    repeat,
                    key: None,
                    unsigned_204: false,
                    personal,
                })
            }
            Err(problem) => {
                Err(Error::new(ErrorKind::Request, problem).in_operation(&subject, repeat))
            }
        }
    }

    /// The operation.
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What a repeat of it does.
    pub(crate) fn repeat(&self) -> Safety {
        self.repeat
    }

    /// Whether it is an upload, which needs a boundary.
    pub(crate) fn is_upload(&self) -> bool {
        matches!(self.payload, Payload::Upload { .. })
    }

    /// Takes status 204 for a success although it is not signed.
    pub(crate) fn allow_unsigned_204(&mut self) {
        self.unsigned_204 = true;
    }

    /// Adds what must not be shown if a server echoes it.
    pub(crate) fn add_personal(&mut self, text: &str) {
        self.personal.add(text);
    }
}

/// The files of a request.
fn files(request: &dyn Model) -> Vec<NamedFile> {
    let mut files = Vec::new();
    for (index, field) in request.table().fields.iter().enumerate() {
        if field.place != Place::File {
            continue;
        }
        match request.field(index).map(|value| value.get()) {
            Some(Ref::File(file)) => files.push((field.name.to_owned(), file.clone())),
            Some(Ref::List(list)) => {
                files.extend(listed(list).map(|file| (field.name.to_owned(), file)));
            }
            _ => {}
        }
    }
    files
}

fn listed(list: &dyn List) -> impl Iterator<Item = crate::value::File> {
    (0..list.len()).filter_map(|index| match list.item(index)?.get() {
        Ref::File(file) => Some(file.clone()),
        _ => None,
    })
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

/// What a repeat of this very request does, and its idempotency key: one that is not there protects nothing.
fn repeat(operation: &'static OperationInfo, request: &dyn Model) -> (Safety, Option<Arc<str>>) {
    let Safety::IdempotentBy(name) = operation.safety else {
        return (operation.safety, None);
    };
    let mut fields = request.table().fields.iter().enumerate();
    let Some((index, field)) = fields.find(|(_, field)| field.name == name) else {
        return (Safety::Unsafe, None);
    };
    match request.field(index).and_then(|value| value.get().into_text()) {
        Some(key) if key.trim().is_empty() => (Safety::Unsafe, None),
        // Errors show the key.
        Some(key) => (operation.safety, (!field.sensitive).then(|| key.as_ref().into())),
        None => (Safety::Unsafe, None),
    }
}
