//! Checks a request from its `Authorization` header to its body.

use super::message::Encryption;
use super::request::{Authorization, RawRequest};
use super::upload::{self, FilePart};
use super::{canonical, diagnose, diagnosis};
use crate::clock::Times;
use crate::error::{Refusal, bad_request, excerpt};
use crate::keys::{Certificates, GatewayKeys};

/// The settings that requests are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) keys: &'a GatewayKeys,
    /// The registered app auth tokens. Without any, every token is accepted.
    pub(crate) tokens: &'a [String],
}

/// How far a request's timestamp may be from the clock that it goes by: ten minutes.
pub(super) const WINDOW_MILLIS: i64 = 10 * 60 * 1000;
/// The header with the serials of the root certificates.
const ROOT_SERIAL: &str = "alipay-root-cert-sn";
/// The longest nonce, in characters.
const LONGEST_NONCE: usize = 128;

/// A request that is verified and decrypted.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The body, decrypted if it was encrypted.
    pub(crate) plain: Vec<u8>,
    /// Of the request, and so of the response.
    pub(crate) encryption: Encryption,
    /// The files of an upload.
    pub(crate) files: Vec<FilePart>,
    /// The string that the signature covers, for people.
    pub(crate) string_to_sign: String,
}

/// Checks a request in the order of the real gateway, as far as it was observed: timestamp and app
/// id before the signature.
pub(crate) fn check(
    request: &RawRequest,
    rules: Rules<'_>,
    nonces: impl FnOnce(&str, i64) -> bool,
    now: Times,
) -> Result<Accepted, Refusal> {
    let header = authorization_header(request)?;
    let authorization = Authorization::parse(header)?;
    let timestamp = authorization.required("timestamp", "missing-timestamp")?;
    let app_id = authorization.required("app_id", "missing-app-id")?;
    check_app_id(app_id, rules.app_id)?;
    let until_millis = check_age(timestamp, authorization.get("expired_seconds"), now)?;
    let nonce = authorization.required("nonce", "invalid-parameter")?;
    if nonce.chars().count() > LONGEST_NONCE {
        return bad_request("invalid-parameter", "the nonce is too long");
    }
    let serials = (authorization.get("app_cert_sn"), request.header(ROOT_SERIAL));
    check_certificates(serials, ROOT_SERIAL, rules.keys)?;
    let upload = upload::read(request)?;
    // Of an upload only the part `data` is signed, encrypted and read.
    let signed;
    let (request, whole) = match &upload {
        Some(upload) => {
            signed = RawRequest { body: upload.data.clone(), ..request.clone() };
            (&signed, Some(request))
        }
        None => (request, None),
    };
    let string_to_sign = check_signature(request, whole, &authorization, rules.keys)?;
    // After the signature, so that nobody without the key can use up nonces.
    if !nonces(nonce, until_millis) {
        return bad_request(
            "suspected-attack",
            "the nonce was used before; every attempt needs a new nonce, timestamp and signature",
        );
    }
    check_token(request.app_auth_token(), rules.tokens)?;
    check_request_id(request)?;
    let encryption = check_media_type(request)?;
    let plain = if encryption == Encryption::Aes && !request.body.is_empty() {
        decrypt(request, rules.keys)?
    } else {
        request.body.to_vec()
    };
    let files = upload.map(|upload| upload.files).unwrap_or_default();
    Ok(Accepted { plain, encryption, files, string_to_sign })
}

fn authorization_header(request: &RawRequest) -> Result<&str, Refusal> {
    let mut headers = request.headers.get_all(http::header::AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        // The real gateway responds with this code.
        return bad_request("missing-timestamp", "there is no Authorization header");
    };
    if headers.next().is_some() {
        return bad_request("invalid-parameter", "there are several Authorization headers");
    }
    header
        .to_str()
        .map_err(|_| Refusal::bad_request("invalid-parameter", "Authorization is not ASCII"))
}

pub(super) fn check_app_id(given: &str, known: &str) -> Result<(), Refusal> {
    if given == known {
        return Ok(());
    }
    let given = excerpt(given);
    bad_request(
        "invalid-app-id",
        format!("the app id `{given}` is unknown; this gateway knows {known}"),
    )
}

/// In certificate mode both serials must be right, that of the app's certificate and that of the root certificates, which is
/// sent as `root_name`. A request in key mode has neither.
pub(super) fn check_certificates(
    (app, root): (Option<&str>, Option<&str>),
    root_name: &str,
    keys: &GatewayKeys,
) -> Result<(), Refusal> {
    let Some(app) = app else {
        return match root {
            None => Ok(()),
            Some(_) => bad_request(
                "missing-app-cert-sn",
                format!("{root_name} is sent, but there is no app_cert_sn"),
            ),
        };
    };
    let known = keys.certificates().map_err(|e| Refusal::internal("no certificates", e))?;
    if app != known.app_serial() {
        return bad_request(
            "app-cert-not-exist",
            format!(
                "no certificate of the app has the serial `{}`; this gateway's has {}{}",
                excerpt(app),
                known.app_serial(),
                other_serial(app, known.app_serial(), known)
                    .unwrap_or("; without certificates use key mode"),
            ),
        );
    }
    match root {
        None => bad_request(
            "missing-alipay-root-cert-sn",
            format!("certificate mode needs {root_name}"),
        ),
        Some(root) if root != known.root_serial() => bad_request(
            "invalid-alipay-root-cert-sn",
            format!(
                "{root_name} is `{}`, but the root certificate's is {}{}",
                excerpt(root),
                known.root_serial(),
                other_serial(root, known.root_serial(), known).unwrap_or_default(),
            ),
        ),
        Some(_) => Ok(()),
    }
}

/// The usual mistake behind a serial that is not the right one.
fn other_serial(given: &str, right: &str, known: &Certificates) -> Option<&'static str> {
    if given.eq_ignore_ascii_case(right) {
        return Some("; they differ in capitals: a serial is written in small letters");
    }
    let is = |serial: &str| given.eq_ignore_ascii_case(serial);
    if is(known.app_serial()) {
        Some("; that is the serial of the app's certificate")
    } else if is(known.alipay_serial()) {
        Some("; that is the serial of Alipay's certificate")
    } else if is(known.root_serial()) {
        Some("; that is the serial of the root certificate")
    } else {
        None
    }
}

pub(super) fn check_token(token: Option<&str>, tokens: &[String]) -> Result<(), Refusal> {
    let Some(token) = token else { return Ok(()) };
    if tokens.is_empty() || tokens.iter().any(|known| known == token) {
        return Ok(());
    }
    Err(Refusal::new(401, "invalid-app-auth-token", "no merchant has given this app auth token"))
}

/// Returns until when the timestamp is accepted.
fn check_age(timestamp: &str, expired_seconds: Option<&str>, now: Times) -> Result<i64, Refusal> {
    let Some(sent) = digits(timestamp) else {
        return bad_request(
            "illegal-timestamp",
            "the timestamp must be milliseconds since 1970, in digits",
        );
    };
    // Inferred: the field can only shorten the time for which the signature is valid.
    let lifetime = match expired_seconds {
        None => WINDOW_MILLIS,
        Some(seconds) => digits(seconds)
            .map(|seconds| seconds.saturating_mul(1000).min(WINDOW_MILLIS))
            .ok_or_else(|| {
                Refusal::bad_request("invalid-parameter", "expired_seconds must be digits")
            })?,
    };
    let age = now.of(sent).saturating_sub(sent);
    if age > lifetime || age < -WINDOW_MILLIS {
        let hint = if sent < 100_000_000_000 { "; it seems to be in seconds" } else { "" };
        return Err(too_far(sent, now, hint));
    }
    Ok(sent.saturating_add(lifetime))
}

/// A timestamp is too far from the clock that it goes by.
pub(super) fn too_far(sent: i64, now: Times, hint: &str) -> Refusal {
    let age = now.of(sent).saturating_sub(sent);
    Refusal::bad_request(
        "invalid-timestamp",
        format!(
            "the timestamp is {} s {} {} clock{hint}",
            age.unsigned_abs() / 1000,
            if age > 0 { "behind" } else { "ahead of" },
            if now.is_by_gateway(sent) { "the gateway's" } else { "the gateway computer's" },
        ),
    )
}

/// The timestamp of a request, if it has one that can be read, whatever else is wrong with it.
pub(crate) fn timestamp(request: &RawRequest) -> Option<i64> {
    let header = request.header(http::header::AUTHORIZATION.as_str())?;
    header.split([' ', ',']).find_map(|pair| digits(pair.strip_prefix("timestamp=")?))
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Returns the string that the signature covers.
fn check_signature(
    request: &RawRequest,
    whole: Option<&RawRequest>,
    authorization: &Authorization<'_>,
    keys: &GatewayKeys,
) -> Result<String, Refusal> {
    let signature = authorization.required("sign", "missing-signature")?;
    let signed = canonical::request(
        &authorization.signed,
        &request.method,
        &request.target,
        &request.body,
        request.app_auth_token(),
    );
    if keys.app_public.verify(&signed, signature).is_ok() {
        return Ok(diagnosis::cut(diagnosis::shown(
            &signed,
            request.app_auth_token().map(str::as_bytes),
        )));
    }
    let (message, diagnosis) =
        diagnose::request(request, whole, authorization, signature, &keys.signers());
    let refusal = Refusal::bad_request("invalid-signature", message);
    Err(Refusal { diagnosis: Some(Box::new(diagnosis)), ..refusal })
}

fn check_request_id(request: &RawRequest) -> Result<(), Refusal> {
    let Some(id) = request.headers.get("alipay-request-id") else { return Ok(()) };
    let id = id.as_bytes();
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_';
    if (1..=32).contains(&id.len()) && id.iter().all(allowed) {
        return Ok(());
    }
    bad_request(
        "invalid-parameter",
        format!("alipay-request-id must be 1 to 32 of a-z, A-Z, 0-9, - and _; it has {}", id.len()),
    )
}

/// Checks the headers that describe the body; returns the encryption that they name.
fn check_media_type(request: &RawRequest) -> Result<Encryption, Refusal> {
    let encryption =
        match request.headers.get("alipay-encrypt-type").map(http::HeaderValue::as_bytes) {
            None => Encryption::Off,
            Some(b"AES") => Encryption::Aes,
            Some(_) => {
                return bad_request("invalid-encrypt-type", "alipay-encrypt-type must be AES");
            }
        };
    if request.body.is_empty() {
        return Ok(encryption);
    }
    match (request.media_type().as_deref(), encryption) {
        (Some("multipart/form-data"), _)
        | (Some("text/plain"), Encryption::Aes)
        | (Some("application/json"), Encryption::Off) => Ok(encryption),
        (Some("text/plain"), Encryption::Off) => bad_request(
            "missing-encrypt-type",
            "the body is text/plain, as if encrypted, but alipay-encrypt-type is missing",
        ),
        (_, Encryption::Aes) => {
            bad_request("invalid-parameter", "an encrypted body needs Content-Type: text/plain")
        }
        (_, Encryption::Off) => {
            bad_request("invalid-parameter", "a JSON body needs Content-Type: application/json")
        }
    }
}

fn decrypt(request: &RawRequest, keys: &GatewayKeys) -> Result<Vec<u8>, Refusal> {
    if request.body.first() == Some(&b'{') {
        return bad_request(
            "decryption-error-unknown",
            "alipay-encrypt-type is AES, but the body is plain JSON",
        );
    }
    keys.aes.decrypt(&request.body).map_err(|e| {
        Refusal::bad_request("decryption-error-unknown", format!("the body does not decrypt: {e}"))
    })
}
