//! From an HTTP answer to a model or an error. What is not proven is not used.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::{Facts, Response};
use crate::{
    client::Inner,
    codes::{ErrorClass, class_of},
    encrypt::AesKey,
    error::{Error, ErrorAnswer, ErrorBody, ErrorKind, OneLine},
    model::Model,
    operation::Operation,
    prepare::Context,
    response::Reply,
    value::{Ref, looks_like_json},
    verify::{self, VerifiedBody, Window},
};

/// A successful answer, verified and decrypted but not decoded.
pub(crate) struct Received {
    context: Context,
    answer: Answer,
    body: Proven,
}

/// What the body of a successful answer is worth.
enum Proven {
    /// Signed by Alipay; in plaintext.
    Body(VerifiedBody),
    /// Unsigned, with status 204 and no body, which the call takes for a success.
    Nothing,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Decodes an answer and makes the operation's reply.
pub(crate) fn into_reply<O: Operation>(
    received: Result<Received, Error>,
) -> Result<O::Reply, Error> {
    let received = received?;
    let mut body = <O::Response as Model>::blank();
    let facts = received.decode(O::INFO.id, &mut body)?;
    Ok(O::Reply::from_response(Response::new(body, facts), O::INFO))
}

/// Reads an answer that there is no model for.
pub(crate) fn into_json(
    received: Result<Received, Error>,
) -> Result<Response<serde_json::Value>, Error> {
    let (body, facts) = received?.decode_json()?;
    Ok(Response::new(body, facts))
}

impl Inner {
    /// Checks an answer: its signature, its status, its encryption.
    pub(crate) fn receive(
        &self,
        context: Context,
        response: http::Response<Bytes>,
    ) -> Result<Received, Error> {
        let (head, body) = response.into_parts();
        let answer = Answer { status: head.status, headers: head.headers, body };
        match self.examine(&context, &answer) {
            Ok(body) => Ok(Received { context, answer, body }),
            Err(error) => Err(context.explain(error)),
        }
    }

    fn examine(&self, context: &Context, answer: &Answer) -> Result<Proven, Error> {
        if answer.body.len() > self.limits.max_body {
            return Err(too_large(self.limits.max_body));
        }
        let proof = verify::check(
            &self.credentials,
            &answer.headers,
            &answer.body,
            &Window {
                requested: context.requested,
                now: self.clock.now(),
                tolerance: self.timestamp_tolerance,
            },
            &self.used,
        );
        let verified = proof.map_err(|problem| {
            let problem = problem.without(&context.personal).to_string();
            answer.unproven(ErrorKind::Verification, problem)
        })?;
        if answer.status == StatusCode::ACCEPTED || !answer.status.is_success() {
            return Err(self.failure(context, answer, verified.is_some()));
        }
        match verified {
            Some(body) if context.encrypted => {
                self.decrypt(body).map(Proven::Body).map_err(|error| answer.attach(error, true))
            }
            Some(body) => Ok(Proven::Body(body)),
            None if answer.has_no_content() && context.unsigned_204 => Ok(Proven::Nothing),
            None if answer.has_no_content() => Err(answer.unproven(
                ErrorKind::Verification,
                "the answer has no content and is not signed; where that means success, allow it \
                 with allow_unsigned_204"
                    .to_owned(),
            )),
            None => Err(answer.unproven(
                ErrorKind::Verification,
                format!("the answer is not signed; its body is {}", answer.shape(context)),
            )),
        }
    }

    fn decrypt(&self, body: VerifiedBody) -> Result<VerifiedBody, Error> {
        if body.bytes().is_empty() {
            return Ok(body);
        }
        let plain = looks_like_json(body.bytes());
        let problem = |problem: String| Error::new(ErrorKind::Decryption, problem);
        let key = self.credentials.aes_key().ok_or_else(|| {
            problem(
                "the answer is to be decrypted, but the credentials have no AES key: add it with \
                 Credentials::encrypt_key"
                    .to_owned(),
            )
        })?;
        let decrypted = body.decrypt(key).map_err(|error| {
            problem(if plain {
                "the answer is not encrypted, although encryption was asked for".to_owned()
            } else {
                format!("the answer cannot be decrypted: {error}")
            })
        })?;
        // An empty text is an empty answer, as it is without encryption.
        if decrypted.bytes().is_empty() || looks_like_json(decrypted.bytes()) {
            Ok(decrypted)
        } else {
            // A wrong key can pass for the right one by chance.
            Err(problem(
                "the answer decrypts to something other than JSON; is the AES key right?"
                    .to_owned(),
            ))
        }
    }

    /// The error an unsuccessful answer stands for.
    fn failure(&self, context: &Context, answer: &Answer, authenticated: bool) -> Error {
        let status = answer.status;
        // What is not signed is not worth decrypting.
        let key = self.credentials.aes_key().filter(|_| context.encrypted && authenticated);
        let body = error_body(&answer.body, key);
        let unsigned = if authenticated { "" } else { ", by an unsigned answer" };
        let (kind, problem, body) = match body {
            body if status == StatusCode::ACCEPTED => (
                ErrorKind::Processing,
                "accepted but not processed; the same request is to be sent again".to_owned(),
                body,
            ),
            _ if status.is_redirection() => (
                ErrorKind::Status,
                "the answer is a redirect, which is not followed".to_owned(),
                None,
            ),
            Some(body) if status.is_server_error() => {
                (ErrorKind::Api, format!("failed{unsigned}"), Some(body))
            }
            Some(body) => {
                let refused = match class_of(&body.code, context.subject.codes()) {
                    ErrorClass::Refused | ErrorClass::AlreadyDone => {
                        status != StatusCode::REQUEST_TIMEOUT
                    }
                    ErrorClass::Failed | ErrorClass::Unclear => false,
                };
                let problem = if refused { "refused" } else { "answered with an error" };
                (ErrorKind::Api, format!("{problem}{unsigned}"), Some(body))
            }
            None => (
                ErrorKind::Status,
                format!("the answer is no success, and its body is {}", answer.shape(context)),
                None,
            ),
        };
        Error::new(kind, problem).with_answer(answer.keep(authenticated, body))
    }
}

impl Received {
    /// Fills a model and gives the facts. Not generic: compiled once for all operations.
    fn decode(self, operation: &'static str, model: &mut dyn Model) -> Result<Facts, Error> {
        let Self { context, answer, body } = self;
        let problem = match &body {
            _ if context.subject.id() != operation => answer
                .unproven(ErrorKind::Decode, "the context belongs to another operation".to_owned()),
            Proven::Nothing => return Ok(answer.facts(&context, Bytes::new(), false)),
            Proven::Body(body) => match body.decode(model) {
                Ok(()) => match answer.error_instead(model, body) {
                    None => return Ok(answer.facts(&context, body.bytes().clone(), true)),
                    Some(error) => error,
                },
                Err(error) => answer.unreadable(&context, &error),
            },
        };
        Err(context.explain(problem))
    }

    /// Any JSON; `null` when there is no body. Of an answer that is not signed nothing is taken but
    /// that it says it has no body.
    fn decode_json(self) -> Result<(serde_json::Value, Facts), Error> {
        let Self { context, answer, body } = self;
        let problem = match &body {
            Proven::Nothing => {
                return Ok((serde_json::Value::Null, answer.facts(&context, Bytes::new(), false)));
            }
            Proven::Body(body) => {
                let bytes = body.bytes().clone();
                let value = match bytes.trim_ascii() {
                    [] => Ok(serde_json::Value::Null),
                    json => serde_json::from_slice(json),
                };
                match value {
                    Ok(value) => match ErrorBody::alone(&value) {
                        None => return Ok((value, answer.facts(&context, bytes, true))),
                        Some(body) => answer.error_in_success(body),
                    },
                    Err(error) => answer.unreadable(&context, &error),
                }
            }
        };
        Err(context.explain(problem))
    }
}

impl Answer {
    fn facts(self, context: &Context, raw_body: Bytes, verified: bool) -> Facts {
        Facts {
            status: self.status,
            headers: self.headers,
            raw_body,
            request_id: Arc::clone(&context.request_id),
            verified,
            attempts: context.attempt,
            personal: context.personal.clone(),
        }
    }

    fn keep(&self, authenticated: bool, body: Option<ErrorBody>) -> ErrorAnswer {
        ErrorAnswer {
            status: self.status,
            headers: self.headers.clone(),
            raw_body: self.body.clone(),
            authenticated,
            body,
        }
    }

    fn attach(&self, error: Error, authenticated: bool) -> Error {
        error.with_answer(self.keep(authenticated, None))
    }

    fn unproven(&self, kind: ErrorKind, problem: String) -> Error {
        self.attach(Error::new(kind, problem), false)
    }

    /// Whether it has no body, and its status says so.
    fn has_no_content(&self) -> bool {
        self.status == StatusCode::NO_CONTENT && self.body.is_empty()
    }

    /// The error that the body of a success is, when it gave the model nothing.
    fn error_instead(&self, model: &dyn Model, body: &VerifiedBody) -> Option<Error> {
        let absent = |index| {
            let value = model.field(index).map(|field| field.get());
            matches!(value, None | Some(Ref::Absent))
        };
        if !(0..model.table().fields.len()).all(absent) {
            return None;
        }
        ErrorBody::parse(body.bytes()).map(|body| self.error_in_success(body))
    }

    fn error_in_success(&self, body: ErrorBody) -> Error {
        let problem = "the status is a success, but the body is that of an error";
        Error::new(ErrorKind::Api, problem).with_answer(self.keep(true, Some(body)))
    }

    fn unreadable(&self, context: &Context, error: &serde_json::Error) -> Error {
        let hint = if !context.encrypted && self.is_plain_text() {
            "; its type is text/plain: is it encrypted?"
        } else {
            ""
        };
        let problem = format!("the answer cannot be read: {error}{hint}");
        self.attach(Error::new(ErrorKind::Decode, problem), true)
    }

    fn content_type(&self) -> Option<&str> {
        super::header_text(&self.headers, CONTENT_TYPE.as_str())
    }

    fn is_plain_text(&self) -> bool {
        self.content_type().is_some_and(|kind| kind.starts_with("text/plain"))
    }

    /// What the body is, for people.
    fn shape(&self, context: &Context) -> String {
        match (looks_like_json(&self.body), self.content_type()) {
            _ if self.body.is_empty() => "empty".to_owned(),
            (true, _) => "JSON without a code".to_owned(),
            (false, Some(kind)) => {
                format!("not JSON ({})", OneLine::new(kind, 60).without(&context.personal))
            }
            (false, None) => "not JSON".to_owned(),
        }
    }
}

/// The answer's body is larger than allowed.
pub(crate) fn too_large(max_body: usize) -> Error {
    Error::new(
        ErrorKind::BodyTooLarge,
        format!("the answer has more than the {max_body} bytes that are allowed (max_body)"),
    )
}

/// An error's body is mostly not encrypted, even where the request was.
fn error_body(body: &[u8], key: Option<&AesKey>) -> Option<ErrorBody> {
    ErrorBody::parse(body).or_else(|| ErrorBody::parse(&key?.decrypt(body).ok()?))
}
