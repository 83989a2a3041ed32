//! A request as it is sent: encoded, encrypted, and signed anew for each attempt.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    context::{Context, Prepared},
    encode::{Encoded, Payload},
};
use crate::{
    clock::unix_millis,
    credentials::Credentials,
    error::Error,
    headers::{APP_AUTH_TOKEN, ENCRYPT_TYPE, REQUEST_ID, ROOT_SERIAL},
    input::term,
    multipart::{self, Data},
    nonce::{NonceSource, uuid},
    operation::RequestInfo,
    sign::{SignError, Signable, Signature, auth_text, authorization},
    transport::Body,
};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// A request as it is sent, but for what is new on each attempt.
pub(crate) struct WireRequest {
    pub(crate) info: Arc<RequestInfo>,
    /// Path and query as they are signed and sent.
    target: String,
    uri: Uri,
    /// The headers that are the same on each attempt.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The part of the body that is signed.
    signed: Bytes,
    body: Body,
    app_auth_token: Option<SecretString>,
}

/// What the client and the options of a call add to its request.
pub(crate) struct Sender<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) nonces: &'a dyn NonceSource,
    /// Scheme and host.
    pub(crate) base: &'a str,
    pub(crate) user_agent: &'a HeaderValue,
    pub(crate) app_auth_token: Option<SecretString>,
    pub(crate) encrypted: bool,
}

impl Encoded {
    /// Encrypts the content if that is asked for, and adds the headers of the protocol.
    pub(crate) fn into_wire(self, sender: Sender<'_>) -> Result<WireRequest, Error> {
        let Self { mut info, target, headers, payload, mut personal, .. } = self;
        if let Some(token) = &sender.app_auth_token {
            personal.add(token.expose_secret());
        }
        let known = Arc::make_mut(&mut info);
        known.encrypted = sender.encrypted;
        known.personal = personal.finish();
        let content = content(payload, &sender);
        let result = content.and_then(|(signed, body, content_type)| {
            Ok(WireRequest {
                uri: uri(sender.base, &target)?,
                target,
                headers: all_headers(headers, content_type, &sender)?,
                signed,
                body,
                app_auth_token: sender.app_auth_token,
                info: Arc::clone(&info),
            })
        });
        result.map_err(|error| error.about(&info))
    }
}

/// The part of the body that is signed, the body, and its content type.
fn content(
    payload: Payload,
    sender: &Sender<'_>,
) -> Result<(Bytes, Body, Option<HeaderValue>), Error> {
    let key = match sender.credentials.aes_key() {
        // A request without a body needs the key too: its response has to be decrypted.
        None if sender.encrypted => return Err(no_aes_key()),
        key => key.filter(|_| sender.encrypted),
    };
    let encrypt = |json: Bytes| match key {
        None => Ok((json, JSON)),
        Some(key) => match key.encrypt(&json) {
            Ok(text) => Ok((Bytes::from(text), TEXT)),
            Err(error) => Err(Error::request(format!("encrypting: {error}"))),
        },
    };
    Ok(match payload {
        // Without a body too, the type asks for the response to be encrypted.
        Payload::Nothing => {
            let content_type = key.map(|_| HeaderValue::from_static(TEXT));
            (Bytes::new(), Body::default(), content_type)
        }
        Payload::Json(json) => {
            let (text, media_type) = encrypt(json)?;
            (text.clone(), text.into(), Some(HeaderValue::from_static(media_type)))
        }
        Payload::Upload { json, files } => {
            let boundary = multipart::boundary(random(sender.nonces)?);
            let data = json.map(encrypt).transpose()?;
            let data = data.map(|(text, media_type)| Data { text, media_type });
            let signed = data.as_ref().map(|data| data.text.clone()).unwrap_or_default();
            let body = multipart::body(&boundary, data, &files).map_err(Error::request)?;
            (signed, body, Some(header(&multipart::content_type(&boundary))?))
        }
    })
}

fn uri(base: &str, target: &str) -> Result<Uri, Error> {
    let uri: Uri = format!("{base}{target}")
        .try_into()
        .map_err(|error| Error::request("the request's address").with_source(error))?;
    let kept = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    if kept == Some(target) {
        Ok(uri)
    } else {
        Err(Error::request("the operation's path is not fit for an address"))
    }
}

/// The request's own headers and those of the protocol that are the same on each attempt.
fn all_headers(
    mut headers: Vec<(HeaderName, HeaderValue)>,
    content_type: Option<HeaderValue>,
    sender: &Sender<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    headers.reserve(6);
    headers.push((ACCEPT, HeaderValue::from_static(JSON)));
    headers.push((USER_AGENT, sender.user_agent.clone()));
    if let Some(content_type) = content_type {
        headers.push((CONTENT_TYPE, content_type));
    }
    if sender.encrypted {
        headers.push((ENCRYPT_TYPE, HeaderValue::from_static("AES")));
    }
    if let Some(token) = &sender.app_auth_token {
        headers.push((APP_AUTH_TOKEN, secret_header(token.expose_secret())?));
    }
    if let Some(serial) = sender.credentials.root_certificate_serial() {
        headers.push((ROOT_SERIAL, header(serial)?));
    }
    Ok(headers)
}

impl WireRequest {
    /// Signs with a key of this process. If a [`Signer`](crate::sign::Signer) holds it, that is an error.
    pub(crate) fn sign_now(
        &self,
        credentials: &Credentials,
        nonce: [u8; 16],
        context: Context,
    ) -> Result<Prepared, Error> {
        let fields = fields(credentials, nonce, context.signed_at)
            .map_err(|error| context.explain(error))?;
        match credentials.sign(&self.signable(&fields).parts()) {
            Signature::Made(signature) => self.prepared(context, fields, signature),
            Signature::Awaited(_) => Err(context.explain(Error::configuration(
                "the key is held elsewhere and has to be waited for: use prepare_async",
            ))),
        }
    }

    /// Signs with a key that may be held by a [`Signer`](crate::sign::Signer).
    pub(crate) async fn sign(
        &self,
        credentials: &Credentials,
        nonce: [u8; 16],
        context: Context,
    ) -> Result<Prepared, Error> {
        let fields = fields(credentials, nonce, context.signed_at)
            .map_err(|error| context.explain(error))?;
        let signature = match credentials.sign(&self.signable(&fields).parts()) {
            Signature::Made(signature) => signature,
            Signature::Awaited(signature) => signature.await,
        };
        self.prepared(context, fields, signature)
    }

    fn signable<'a>(&'a self, auth: &'a str) -> Signable<'a> {
        Signable {
            auth,
            method: self.info.method.as_str(),
            target: &self.target,
            body: &self.signed,
            app_auth_token: self.app_auth_token.as_ref().map(ExposeSecret::expose_secret),
        }
    }

    fn prepared(
        &self,
        context: Context,
        auth: String,
        signature: Result<String, SignError>,
    ) -> Result<Prepared, Error> {
        let request = signature
            .map_err(|error| Error::request("the request cannot be signed").with_source(error))
            .and_then(|signature| self.request(&context, &authorization(&auth, &signature)));
        match request {
            Ok(request) => Ok(Prepared { request, context, auth, signed: self.signed.clone() }),
            Err(error) => Err(context.explain(error)),
        }
    }

    fn request(
        &self,
        context: &Context,
        authorization: &str,
    ) -> Result<http::Request<Body>, Error> {
        let mut headers = HeaderMap::with_capacity(2 + self.headers.len());
        headers.extend(self.headers.iter().cloned());
        // Last: whatever an operation sends, these are the protocol's.
        headers.insert(AUTHORIZATION, secret_header(authorization)?);
        headers.insert(REQUEST_ID, header(&context.request_id)?);
        let mut request = http::Request::builder()
            .method(self.info.method.as_str())
            .uri(self.uri.clone())
            .body(self.body.clone())
            .map_err(|error| Error::request("the request's address").with_source(error))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn fields(
    credentials: &Credentials,
    nonce: [u8; 16],
    signed_at: SystemTime,
) -> Result<String, Error> {
    check_trust(credentials, signed_at)?;
    let timestamp = unix_millis(signed_at)
        .ok_or_else(|| Error::request("this computer's clock stands before 1970"))?;
    let serial = credentials.app_certificate_serial();
    Ok(auth_text(credentials.app_id(), serial, &uuid(nonce), timestamp))
}

/// Checks that what Alipay responds can be verified. Otherwise it could be carried out, and nobody could know.
pub(crate) fn check_trust(credentials: &Credentials, now: SystemTime) -> Result<(), Error> {
    if credentials.trust().has_expired(now) {
        return Err(Error::configuration(concat!(
            term!(alipay_certificate),
            ": all that were given have expired, so that no response could be verified; download the present \
                 one from the console, and add it with TrustStore::add_alipay_certificate"
        )));
    }
    Ok(())
}

pub(crate) fn random(nonces: &dyn NonceSource) -> Result<[u8; 16], Error> {
    nonces.next().map_err(|error| Error::request(error.to_string()))
}

/// Checks that an app auth token can stand in a header and on a line of its own.
pub(crate) fn check_app_auth_token(token: &str) -> Result<SecretString, Error> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::request(
            "the app auth token is empty or has characters other than visible ASCII",
        ));
    }
    Ok(SecretString::from(token))
}

/// Checks that the protocol allows a request id.
pub(crate) fn check_request_id(id: &str) -> Result<Arc<str>, Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=32).contains(&id.len()) && id.bytes().all(fits) {
        Ok(id.into())
    } else {
        Err(Error::request(
            "the request id must be 1 to 32 of the characters A-Z, a-z, 0-9, - and _",
        ))
    }
}

pub(crate) fn no_aes_key() -> Error {
    Error::configuration(concat!(
        "encryption is asked for, but the credentials lack ",
        term!(aes_key),
        ": add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`)"
    ))
}

fn header(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| Error::request("a header has unfit characters"))
}

/// A header that `Debug` does not show.
fn secret_header(text: &str) -> Result<HeaderValue, Error> {
    let mut value = header(text)?;
    value.set_sensitive(true);
    Ok(value)
}
