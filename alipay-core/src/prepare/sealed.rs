//! A request as it is sent: encoded, encrypted, and signed anew for each attempt.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use secrecy::{ExposeSecret, SecretString};

use super::{Context, Encoded, Payload, Prepared, no_aes_key, request_error};
use crate::{
    clock::unix_millis,
    credentials::Credentials,
    error::{Error, ErrorKind, Outcome, Personal},
    multipart::{self, Data},
    nonce::uuid,
    operation::{Safety, Subject},
    sign::{SignError, Signable, auth_text, authorization},
    transport::Body,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("alipay-request-id");
const APP_AUTH_TOKEN: HeaderName = HeaderName::from_static("alipay-app-auth-token");
const ENCRYPT_TYPE: HeaderName = HeaderName::from_static("alipay-encrypt-type");
const ROOT_SERIAL: HeaderName = HeaderName::from_static("alipay-root-cert-sn");

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// A request as it is sent, but for what is new on each attempt.
pub(crate) struct Sealed {
    subject: Subject,
    /// Path and query as they are signed and sent.
    target: String,
    /// The headers that are the request's own.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What of the body is signed.
    signed: Bytes,
    body: Body,
    content_type: Option<HeaderValue>,
    encrypted: bool,
    repeat: Safety,
    key: Option<Arc<str>>,
    unsigned_204: bool,
    personal: Personal,
}

/// What an attempt adds.
pub(crate) struct Attempt<'a> {
    pub(crate) credentials: &'a Credentials,
    /// Scheme and host.
    pub(crate) base: &'a str,
    pub(crate) user_agent: &'a HeaderValue,
    pub(crate) now: SystemTime,
    pub(crate) nonce: [u8; 16],
    pub(crate) request_id: Arc<str>,
    pub(crate) app_auth_token: Option<&'a SecretString>,
    /// Which attempt it is, from 1.
    pub(crate) number: u32,
    /// What is known of the attempts before this one.
    pub(crate) earlier: Outcome,
}

impl Encoded {
    /// Puts the body into its last form. The boundary is used by uploads only.
    pub(crate) fn seal(
        self,
        credentials: &Credentials,
        encrypted: bool,
        boundary: &str,
    ) -> Result<Sealed, Error> {
        let Self { subject, target, headers, payload, repeat, key, unsigned_204, personal } = self;
        let explain = |error: Error| error.in_operation(&subject, repeat);
        let seal = |json: Bytes| match (encrypted, credentials.aes_key()) {
            (false, _) => Ok((json, JSON)),
            (true, None) => Err(no_aes_key()),
            (true, Some(key)) => match key.encrypt(&json) {
                Ok(text) => Ok((Bytes::from(text), TEXT)),
                Err(error) => Err(request_error(format!("encrypting: {error}"))),
            },
        };
        if encrypted && credentials.aes_key().is_none() {
            // Without a body there is nothing to encrypt, but an answer to decrypt.
            return Err(explain(no_aes_key()));
        }
        let (signed, body, content_type) = match payload {
            // Without a body too the type asks for the answer to be encrypted.
            Payload::Nothing => {
                (Bytes::new(), Body::default(), encrypted.then(|| static_type(TEXT)))
            }
            Payload::Json(json) => {
                let (text, kind) = seal(json).map_err(explain)?;
                (text.clone(), text.into(), Some(static_type(kind)))
            }
            Payload::Upload { json, files } => {
                let sealed = json.map(seal).transpose().map_err(explain)?;
                let data = sealed.map(|(text, media_type)| Data { text, media_type });
                let signed = data.as_ref().map(|data| data.text.clone()).unwrap_or_default();
                let body = multipart::body(boundary, data, &files)
                    .map_err(|problem| explain(request_error(problem)))?;
                let kind = header(&multipart::content_type(boundary)).map_err(explain)?;
                (signed, body, Some(kind))
            }
        };
        Ok(Sealed {
            subject,
            target,
            headers,
            signed,
            body,
            content_type,
            encrypted,
            repeat,
            key,
            unsigned_204,
            personal: personal.finish(),
        })
    }
}

impl Sealed {
    /// The operation.
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What a repeat of it does.
    pub(crate) fn repeat(&self) -> Safety {
        self.repeat
    }

    /// What is remembered of an attempt.
    pub(crate) fn context(&self, attempt: &Attempt<'_>) -> Context {
        Context {
            subject: self.subject.clone(),
            repeat: self.repeat,
            key: self.key.clone(),
            request_id: Arc::clone(&attempt.request_id),
            requested: attempt.now,
            encrypted: self.encrypted,
            attempt: attempt.number,
            earlier: attempt.earlier,
            unsigned_204: self.unsigned_204,
            personal: self.personal.clone(),
        }
    }

    /// Signs with a key that is at hand. `None` when the key is held elsewhere.
    pub(crate) fn sign_now(&self, attempt: &Attempt<'_>) -> Option<Result<Prepared, Error>> {
        let auth = match auth(attempt) {
            Ok(auth) => auth,
            Err(error) => return Some(Err(self.context(attempt).explain(error))),
        };
        let signature = attempt.credentials.sign_now(&self.signable(&auth, attempt).parts())?;
        Some(self.prepared(attempt, &auth, signature))
    }

    /// Signs, wherever the key is.
    pub(crate) async fn sign(&self, attempt: &Attempt<'_>) -> Result<Prepared, Error> {
        let auth = auth(attempt).map_err(|error| self.context(attempt).explain(error))?;
        let signing = {
            let signable = self.signable(&auth, attempt);
            let parts = signable.parts();
            match attempt.credentials.sign_now(&parts) {
                Some(signature) => return self.prepared(attempt, &auth, signature),
                None => attempt.credentials.sign(&parts),
            }
        };
        let signature = signing.await;
        self.prepared(attempt, &auth, signature)
    }

    fn signable<'a>(&'a self, auth: &'a str, attempt: &Attempt<'a>) -> Signable<'a> {
        Signable {
            auth,
            method: self.subject.method().as_str(),
            target: &self.target,
            body: &self.signed,
            app_auth_token: attempt.app_auth_token.map(ExposeSecret::expose_secret),
        }
    }

    fn prepared(
        &self,
        attempt: &Attempt<'_>,
        auth: &str,
        signature: Result<String, SignError>,
    ) -> Result<Prepared, Error> {
        let context = self.context(attempt);
        let request = signature
            .map_err(|error| request_error("the request cannot be signed").with_source(error))
            .and_then(|signature| self.request(attempt, authorization(auth, &signature)));
        match request {
            Ok(request) => Ok(Prepared { request, context }),
            Err(error) => Err(context.explain(error)),
        }
    }

    fn request(
        &self,
        attempt: &Attempt<'_>,
        authorization: String,
    ) -> Result<http::Request<Body>, Error> {
        let mut headers = HeaderMap::with_capacity(8 + self.headers.len());
        headers.extend(self.headers.iter().cloned());
        headers.insert(AUTHORIZATION, secret_header(authorization)?);
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        headers.insert(USER_AGENT, attempt.user_agent.clone());
        headers.insert(REQUEST_ID, header(&attempt.request_id)?);
        if let Some(kind) = &self.content_type {
            headers.insert(CONTENT_TYPE, kind.clone());
        }
        if self.encrypted {
            headers.insert(ENCRYPT_TYPE, HeaderValue::from_static("AES"));
        }
        if let Some(token) = attempt.app_auth_token {
            headers.insert(APP_AUTH_TOKEN, secret_header(token.expose_secret().to_owned())?);
        }
        if let Some(serial) = attempt.credentials.root_certificate_serial() {
            headers.insert(ROOT_SERIAL, header(serial)?);
        }
        let mut request = http::Request::builder()
            .method(self.subject.method().as_str())
            .uri(format!("{}{}", attempt.base, self.target))
            .body(self.body.clone())
            .map_err(|error| request_error("the request's address").with_source(error))?;
        let kept = request.uri().path_and_query().map(http::uri::PathAndQuery::as_str);
        if kept != Some(self.target.as_str()) {
            return Err(request_error("the operation's path is not fit for an address"));
        }
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The fields of the authorization header that are signed.
fn auth(attempt: &Attempt<'_>) -> Result<String, Error> {
    if attempt.credentials.trust().has_expired(attempt.now) {
        // It could be carried out, and its answer would prove nothing.
        return Err(Error::new(
            ErrorKind::Configuration,
            "all of Alipay's certificates that were given have expired, so that no answer could be \
             verified; download the present one from the console, and add it with \
             TrustStore::add_alipay_certificate",
        ));
    }
    let timestamp = unix_millis(attempt.now)
        .ok_or_else(|| request_error("this computer's clock stands before 1970"))?;
    let credentials = attempt.credentials;
    Ok(auth_text(
        credentials.app_id(),
        credentials.app_certificate_serial(),
        &uuid(attempt.nonce),
        timestamp,
    ))
}

/// A key that is held elsewhere cannot be asked without waiting.
pub(crate) fn key_is_elsewhere() -> Error {
    Error::new(
        ErrorKind::Configuration,
        "the key is held elsewhere and has to be waited for: use prepare_async",
    )
}

fn static_type(kind: &'static str) -> HeaderValue {
    HeaderValue::from_static(kind)
}

fn header(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| unfit_header())
}

fn unfit_header() -> Error {
    request_error("a header has unfit characters")
}

/// A header that `Debug` does not show.
fn secret_header(text: String) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(text).map_err(|_| unfit_header())?;
    value.set_sensitive(true);
    Ok(value)
}
