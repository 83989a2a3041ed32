//! From an HTTP response to a model or an error. Only what Alipay has signed is decoded.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{StatusCode, header::CONTENT_TYPE};
use serde::de::IgnoredAny;

use crate::{
    charset,
    codes::{ErrorClass, class_of},
    credentials::Credentials,
    encrypt::AesKey,
    error::{Code, Error, ErrorBody, ErrorKind, ErrorResponse, Proof},
    headers,
    input::term,
    model::{Model, Unreadable, present},
    observe,
    operation::{Operation, Reply},
    prepare::Context,
    redact::OneLine,
    response::{Facts, Message, Response},
    value::looks_like_json,
    verify::{self, Used, VerifiedBody, Window},
};

pub(crate) struct Checks<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) used: &'a Used,
    pub(crate) max_body: usize,
    pub(crate) now: SystemTime,
    /// How far the clocks may differ.
    pub(crate) tolerance: Option<Duration>,
}

/// A successful response, verified and decrypted but not decoded.
#[allow(unnameable_types, reason = "only a sealed trait has it")]
pub struct Received {
    context: Context,
    message: Message,
    /// In plaintext. `None` when the response has no body and is not signed, and the call takes that for
    /// a success.
    body: Option<VerifiedBody>,
}

/// Decodes a response and makes the operation's reply.
pub(crate) fn into_reply<O: Operation>(received: Received) -> Result<O::Reply, Error> {
    let mut body = <O::Response as Model>::blank();
    let facts = received.decode(O::INFO.id, &mut body)?;
    Ok(O::Reply::from_response(Response::new(body, facts)))
}

/// Reads a response that there is no model for.
pub(crate) fn into_json(received: Received) -> Result<Response<serde_json::Value>, Error> {
    let (body, facts) = received.decode_json()?;
    Ok(Response::new(body, facts))
}

impl Checks<'_> {
    /// Checks a response: its signature, its status, its encryption.
    pub(crate) fn receive(
        &self,
        context: Context,
        response: http::Response<Bytes>,
    ) -> Result<Received, Error> {
        let (head, body) = response.into_parts();
        let message = Message { status: head.status, headers: head.headers, body };
        match self.examine(&context, &message) {
            Ok(body) => Ok(Received { context, message, body }),
            Err(error) => {
                let error = context.explain(error);
                observe::refused(&error);
                Err(error)
            }
        }
    }

    fn examine(&self, context: &Context, message: &Message) -> Result<Option<VerifiedBody>, Error> {
        if message.body.len() > self.max_body {
            return Err(too_large(self.max_body));
        }
        let info = &context.info;
        let verified = verify::check(
            self.credentials,
            &message.headers,
            &message.body,
            &Window { requested: context.signed_at, now: self.now, tolerance: self.tolerance },
            self.used,
        );
        let verified = verified
            .map_err(|problem| message.unverified(problem.without(&info.personal).to_string()))?;
        if message.status == StatusCode::ACCEPTED || !message.status.is_success() {
            let proof = if verified.is_some() { Proof::Signed } else { Proof::Unsigned };
            return Err(self.failure(context, message, proof));
        }
        match verified {
            Some(body) if info.encrypted => self
                .decrypt(body, message.content_type())
                .map(Some)
                .map_err(|error| message.attach(error, Proof::Signed)),
            Some(body) => Ok(Some(body)),
            None if message.has_no_content() && info.unsigned_204 => Ok(None),
            None if message.has_no_content() => Err(message.unverified(
                "the response has no content and is not signed; if that means success, allow it with \
                 allow_unsigned_204",
            )),
            None => {
                let body = message.describe_body(context);
                Err(message.unverified(format!("the response is not signed; its body is {body}")))
            }
        }
    }

    fn decrypt(
        &self,
        body: VerifiedBody,
        content_type: Option<&str>,
    ) -> Result<VerifiedBody, Error> {
        if body.bytes().is_empty() {
            return Ok(body);
        }
        let is_json = |body: &VerifiedBody| {
            let bytes = body.bytes();
            looks_like_json(bytes)
                || looks_like_json(charset::decode(bytes, content_type).text.as_bytes())
        };
        let plain = is_json(&body);
        // An empty plaintext is an empty response, as it is without encryption.
        let fits = |body: &VerifiedBody| body.bytes().is_empty() || is_json(body);
        let problem: Cow<'static, str> = match self.credentials.aes_key() {
            None => concat!(
                "the response is to be decrypted, but the credentials lack ",
                term!(aes_key),
                ": add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`)"
            )
            .into(),
            Some(key) => match body.decrypt(key) {
                Ok(decrypted) if fits(&decrypted) => return Ok(decrypted),
                // A wrong key can pass for the right one by chance.
                Ok(_) => concat!(
                    "the response decrypts to something other than JSON: check ",
                    term!(aes_key)
                )
                .into(),
                Err(_) if plain => {
                    "the response is not encrypted, although encryption was asked for".into()
                }
                Err(error) => format!("the response cannot be decrypted: {error}").into(),
            },
        };
        Err(Error::new(ErrorKind::Decryption, problem))
    }

    /// The error that a response other than a success is.
    fn failure(&self, context: &Context, message: &Message, proof: Proof) -> Error {
        let status = message.status;
        // An unsigned body is not decrypted.
        let signed = proof == Proof::Signed;
        let key = self.credentials.aes_key().filter(|_| context.info.encrypted && signed);
        let body = message.error_body(key);
        let unsigned = if signed { "" } else { ", in an unsigned response" };
        let (kind, problem, body): (_, Cow<'static, str>, _) = match body {
            body if status == StatusCode::ACCEPTED => {
                let problem = "accepted but not processed; the same request is to be sent again";
                (ErrorKind::Processing, problem.into(), body)
            }
            _ if status.is_redirection() => {
                let problem = "the response is a redirect, which is not followed";
                (ErrorKind::Status, problem.into(), None)
            }
            Some(body) if status.is_server_error() => {
                (ErrorKind::Api, format!("failed{unsigned}").into(), Some(body))
            }
            Some(body) => {
                let refused = match class_of(&body.code, context.info.codes) {
                    ErrorClass::Refused | ErrorClass::AlreadyDone => {
                        status != StatusCode::REQUEST_TIMEOUT
                    }
                    ErrorClass::Failed | ErrorClass::Unclear => false,
                };
                let problem = if refused { "refused" } else { "returned an error" };
                (ErrorKind::Api, format!("{problem}{unsigned}").into(), Some(body))
            }
            None => {
                let body = message.describe_body(context);
                let problem = format!("the response is not a success; its body is {body}");
                (ErrorKind::Status, problem.into(), None)
            }
        };
        Error::new(kind, problem).with_response(message.keep(proof, body))
    }
}

impl Received {
    /// Fills a model and gives the facts. Not generic: compiled once for all operations.
    fn decode(self, operation: &'static str, model: &mut dyn Model) -> Result<Facts, Error> {
        let Self { context, message, body } = self;
        let problem = match &body {
            _ if context.info.operation != operation => {
                let problem = "the context belongs to another operation";
                message.attach(Error::new(ErrorKind::Decode, problem), Proof::Unsigned)
            }
            None => return Ok(message.facts(&context, None, Vec::new())),
            Some(body) => match body.decode(message.content_type(), model) {
                Ok(unreadable) => match message.error_instead(model, body) {
                    None => {
                        observe::unreadable(operation, Some(context.request_id()), &unreadable);
                        return Ok(message.facts(&context, Some(body), unreadable));
                    }
                    Some(error) => error,
                },
                Err(error) => message.unreadable(&context, &error),
            },
        };
        Err(context.explain(problem))
    }

    /// Any JSON; `null` when there is no body.
    fn decode_json(self) -> Result<(serde_json::Value, Facts), Error> {
        let Self { context, message, body } = self;
        let Some(body) = &body else {
            return Ok((serde_json::Value::Null, message.facts(&context, None, Vec::new())));
        };
        let problem = match body.decode_json(message.content_type()) {
            Ok(value) => match ErrorBody::alone(&value) {
                None => return Ok((value, message.facts(&context, Some(body), Vec::new()))),
                Some(body) => message.error_in_success(body),
            },
            Err(error) => message.unreadable(&context, &error),
        };
        Err(context.explain(problem))
    }
}

impl Message {
    /// `body` is what was verified.
    fn facts(
        self,
        context: &Context,
        body: Option<&VerifiedBody>,
        unreadable: Vec<Unreadable>,
    ) -> Facts {
        let verified = body.is_some();
        let body = body.map(|body| body.bytes().clone()).unwrap_or_default();
        Facts {
            message: Self { body, ..self },
            request_id: Arc::clone(&context.request_id),
            verified,
            attempts: context.attempts.number,
            unreadable,
            personal: context.info.personal.clone(),
        }
    }

    fn keep(&self, proof: Proof, body: Option<ErrorBody>) -> ErrorResponse {
        ErrorResponse { message: self.clone(), proof, body }
    }

    fn attach(&self, error: Error, proof: Proof) -> Error {
        error.with_response(self.keep(proof, None))
    }

    fn unverified(&self, problem: impl Into<Cow<'static, str>>) -> Error {
        self.attach(Error::new(ErrorKind::Verification, problem), Proof::Unsigned)
    }

    /// Whether it has no body, and its status says so.
    fn has_no_content(&self) -> bool {
        self.status == StatusCode::NO_CONTENT && self.body.is_empty()
    }

    /// The error in the body of a success. Only a body without any field of the model is one.
    fn error_instead(&self, model: &dyn Model, body: &VerifiedBody) -> Option<Error> {
        if present(model).next().is_some() {
            return None;
        }
        let decoded = charset::decode(body.bytes(), self.content_type());
        ErrorBody::parse(&decoded.text).map(|body| self.error_in_success(body))
    }

    fn error_in_success(&self, body: ErrorBody) -> Error {
        let problem = "the status is a success, but the body is that of an error";
        Error::new(ErrorKind::Api, problem).with_response(self.keep(Proof::Signed, Some(body)))
    }

    fn unreadable(&self, context: &Context, error: &serde_json::Error) -> Error {
        let hint = if !context.info.encrypted && self.is_plain_text() {
            "; its type is text/plain: is it encrypted?"
        } else {
            ""
        };
        let is_ciphertext = context.info.encrypted;
        let body = match mistake_in(&charset::decode(&self.body, self.content_type()).text) {
            Some(_) if !is_ciphertext => format!("; its body is {}", self.describe_body(context)),
            _ => String::new(),
        };
        let problem = format!("the response cannot be read: {error}{body}{hint}");
        self.attach(Error::new(ErrorKind::Decode, problem), Proof::Signed)
    }

    fn content_type(&self) -> Option<&str> {
        headers::value(&self.headers, &CONTENT_TYPE)
    }

    fn is_plain_text(&self) -> bool {
        self.content_type().is_some_and(|kind| kind.starts_with("text/plain"))
    }

    /// The error in the body. It is mostly not encrypted, even where the request was.
    fn error_body(&self, key: Option<&AesKey>) -> Option<ErrorBody> {
        let parse =
            |body: &[u8]| ErrorBody::parse(&charset::decode(body, self.content_type()).text);
        parse(&self.body).or_else(|| parse(&key?.decrypt(&self.body).ok()?))
    }

    /// Says what kind of body it is, and nothing that is in it.
    fn describe_body(&self, context: &Context) -> String {
        let length = match self.body.len() {
            0 => return "empty".to_owned(),
            1 => "1 byte".to_owned(),
            length => format!("{length} bytes"),
        };
        let text = charset::decode(&self.body, self.content_type()).text;
        let what = mistake_in(&text).unwrap_or_else(|| match Code::of(&text) {
            Code::Absent => "JSON without a code",
            Code::Unreadable => "JSON with a code that cannot be read",
            Code::Readable => "JSON",
        });
        match self.content_type().map(|kind| OneLine::new(kind, 60)) {
            Some(kind) => format!("{what} ({}, {length})", kind.without(&context.info.personal)),
            None => format!("{what} ({length})"),
        }
    }
}

/// What a body is if it is not JSON.
fn mistake_in(body: &str) -> Option<&'static str> {
    let body = body.trim();
    let begins = |tag: &str| {
        body.get(..tag.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(tag))
    };
    let error = serde_json::from_str::<IgnoredAny>(body).err()?;
    Some(match looks_like_json(body.as_bytes()) {
        true if error.is_eof() => "JSON that is cut off",
        true => "JSON with a syntax error",
        false if begins("<?xml") => "XML",
        false if begins("<!doctype html") || begins("<html") => "HTML",
        false => "not JSON",
    })
}

pub(crate) fn too_large(max_body: usize) -> Error {
    Error::new(
        ErrorKind::BodyTooLarge,
        format!("the response has more than the {max_body} bytes that are allowed (max_body)"),
    )
}
