//! The verification matrix: what becomes of a response, by its status, body and signature headers.
//!
//! Each row is tried in key mode and in certificate mode. In the latter the response names Alipay's
//! certificate, unless the row says otherwise; in the former that means nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::fmt::Debug;

use alipay_core::{
    Client, Credentials, Error, Response, keys::PrivateKey, model::Model, operation::Operation,
};
use bytes::Bytes;
use common::{
    ALIPAY, Create, Nothing, Stop, TIMESTAMP, builder, certificate_credentials, create_request,
    credentials, finished, key, signed_at,
};
use http::{HeaderMap, HeaderName};

const BODY: &str = r#"{"activity_id":"2016042700826004508401111111"}"#;
const REFUSAL: &str = r#"{"code":"INVALID_PARAMETER","message":"m"}"#;
const PAGE: &str = "<html>502 Bad Gateway</html>";

/// What a response comes to.
const VERIFIED: &str = "verified";
const REFUSED: &str = "Verification, outcome Unknown";
const SIGNED_ERROR: &str = "Api, outcome Rejected, authenticated";
const SIGNED_FAILURE: &str = "Api, outcome Unknown, authenticated";
const UNSIGNED_ERROR: &str = "Api, outcome Unknown";
const UNSIGNED_STATUS: &str = "Status, outcome Unknown";
const SIGNED_STATUS: &str = "Status, outcome Unknown, authenticated";
const PROCESSING: &str = "Processing, outcome Unknown";
const SIGNED_PROCESSING: &str = "Processing, outcome Unknown, authenticated";

/// Which operation the response is for: one that expects content, or one that does not.
#[derive(Clone, Copy, Debug)]
enum Of {
    Create,
    Stop,
}

/// A response and what it comes to, in key mode and in certificate mode.
struct Row {
    name: &'static str,
    of: Of,
    status: u16,
    body: &'static str,
    /// The signed time, in milliseconds.
    timestamp: &'static str,
    /// What is done to the headers of a well-signed response.
    change: fn(&mut HeaderMap),
    expected: [&'static str; 2],
}

fn row(
    name: &'static str,
    of: Of,
    (status, body): (u16, &'static str),
    change: fn(&mut HeaderMap),
    expected: &'static str,
) -> Row {
    Row { name, of, status, body, timestamp: TIMESTAMP, change, expected: [expected; 2] }
}

impl Row {
    fn at(self, timestamp: &'static str) -> Self {
        Self { timestamp, ..self }
    }

    fn in_certificate_mode(self, expected: &'static str) -> Self {
        Self { expected: [self.expected[0], expected], ..self }
    }

    fn response(&self) -> http::Response<Bytes> {
        let mut response = signed_at(self.timestamp, self.status, self.body);
        let serial = certificate_credentials().trust().serials().remove(0);
        response.headers_mut().insert("alipay-sn", serial.parse().unwrap());
        (self.change)(response.headers_mut());
        response
    }

    fn verdict(&self, client: &Client) -> String {
        match self.of {
            Of::Create => verdict(finished::<Create>(client, &create_request(), self.response())),
            Of::Stop => verdict(
                finished::<Stop>(client, &Nothing {}, self.response())
                    .map(alipay_core::Accepted::into_response),
            ),
        }
    }
}

fn verdict<T: Model + Debug>(result: Result<Response<T>, Error>) -> String {
    match result {
        Ok(response) if response.verified() => VERIFIED.to_owned(),
        Ok(_) => "unsigned".to_owned(),
        Err(error) => {
            let authenticated = if error.authenticated() { ", authenticated" } else { "" };
            format!("{:?}, outcome {:?}{authenticated}", error.kind(), error.outcome())
        }
    }
}

fn nothing(_: &mut HeaderMap) {}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(name, value.parse().unwrap());
}

fn unsigned(headers: &mut HeaderMap) {
    for name in ["alipay-signature", "alipay-timestamp", "alipay-nonce", "alipay-sn"] {
        headers.remove(name);
    }
}

/// The good signature of another text.
fn wrong(headers: &mut HeaderMap) {
    set(headers, "alipay-signature", &ALIPAY.sign(b"another text").unwrap());
}

fn null(headers: &mut HeaderMap) {
    set(headers, "alipay-signature", "null");
}

/// The signature of this very text, by someone else.
fn by_the_app(headers: &mut HeaderMap) {
    let app = PrivateKey::parse(key("app_private_pkcs8")).unwrap();
    let nonce = headers["alipay-nonce"].to_str().unwrap();
    let text = format!("{TIMESTAMP}\n{nonce}\n{BODY}\n");
    set(headers, "alipay-signature", &app.sign(text.as_bytes()).unwrap());
}

fn upper_case(headers: &mut HeaderMap) {
    let sent: Vec<_> = headers.drain().collect();
    for (name, value) in sent {
        let name = name.unwrap().as_str().to_uppercase();
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    }
}

fn again(headers: &mut HeaderMap, name: &'static str) {
    let value = headers[name].clone();
    headers.append(name, value);
}

fn serial(headers: &mut HeaderMap, serial: &str) {
    set(headers, "alipay-sn", serial);
}

/// The window is 5 minutes to both sides; the clock stands at 1767225600123.
const OLDEST: &str = "1767225300123";
const TOO_OLD: &str = "1767225300122";
const NEWEST: &str = "1767225900123";
const TOO_NEW: &str = "1767225900124";

const FULL: (u16, &str) = (200, BODY);
const REFUSED_400: (u16, &str) = (400, REFUSAL);
const FAILED_500: (u16, &str) = (500, REFUSAL);

fn rows() -> Vec<Row> {
    use Of::{Create, Stop};
    vec![
        // Success with content.
        row("200 signed", Create, FULL, nothing, VERIFIED),
        row("200 unsigned", Create, FULL, unsigned, REFUSED),
        row(
            "200 without a signature",
            Create,
            FULL,
            |h| drop(h.remove("alipay-signature")),
            REFUSED,
        ),
        row("200 wrongly signed", Create, FULL, wrong, REFUSED),
        row("200 signed by another", Create, FULL, by_the_app, REFUSED),
        row("200 signed `null`", Create, FULL, null, REFUSED),
        row("200 signed blank", Create, FULL, |h| set(h, "alipay-signature", ""), REFUSED),
        row("200 signed garbage", Create, FULL, |h| set(h, "alipay-signature", "%%%"), REFUSED),
        row("200 signed short", Create, FULL, |h| set(h, "alipay-signature", "AAAA"), REFUSED),
        row("200 without a time", Create, FULL, |h| drop(h.remove("alipay-timestamp")), REFUSED),
        row("200 without a nonce", Create, FULL, |h| drop(h.remove("alipay-nonce")), REFUSED),
        row("200 `null` time", Create, FULL, |h| set(h, "alipay-timestamp", "null"), REFUSED),
        row("200 other nonce", Create, FULL, |h| set(h, "alipay-nonce", "0"), REFUSED),
        row("201 signed", Create, (201, BODY), nothing, VERIFIED),
        row("201 unsigned", Create, (201, BODY), unsigned, REFUSED),
        row("200 unexpected content, signed", Stop, FULL, nothing, VERIFIED),
        row("200 unexpected content, unsigned", Stop, FULL, unsigned, REFUSED),
        row("200 page, unsigned", Stop, (200, PAGE), unsigned, REFUSED),
        // Success without content.
        row("204 signed", Stop, (204, ""), nothing, VERIFIED),
        row("204 unsigned", Stop, (204, ""), unsigned, REFUSED),
        row("204 wrongly signed", Stop, (204, ""), wrong, REFUSED),
        row("204 `null`", Stop, (204, ""), null, REFUSED),
        row("204 where content is due, signed", Create, (204, ""), nothing, VERIFIED),
        row("204 where content is due, unsigned", Create, (204, ""), unsigned, REFUSED),
        row("200 empty, signed", Stop, (200, ""), nothing, VERIFIED),
        row("200 empty, unsigned", Stop, (200, ""), unsigned, REFUSED),
        row("200 empty, wrongly signed", Stop, (200, ""), wrong, REFUSED),
        row("200 empty where content is due, signed", Create, (200, ""), nothing, VERIFIED),
        row("200 empty where content is due, unsigned", Create, (200, ""), unsigned, REFUSED),
        row("200 blank, unsigned", Stop, (200, " \n"), unsigned, REFUSED),
        // Errors.
        row("400 signed", Create, REFUSED_400, nothing, SIGNED_ERROR),
        row("400 unsigned", Create, REFUSED_400, unsigned, UNSIGNED_ERROR),
        row("400 `null`", Create, REFUSED_400, null, UNSIGNED_ERROR),
        row("400 wrongly signed", Create, REFUSED_400, wrong, REFUSED),
        row("400 garbage", Create, REFUSED_400, |h| set(h, "alipay-signature", "!"), REFUSED),
        row(
            "400 without a nonce",
            Create,
            REFUSED_400,
            |h| drop(h.remove("alipay-nonce")),
            REFUSED,
        ),
        row("400 page", Create, (400, PAGE), unsigned, UNSIGNED_STATUS),
        row("400 empty, signed", Create, (400, ""), nothing, SIGNED_STATUS),
        row("500 signed", Create, FAILED_500, nothing, SIGNED_FAILURE),
        row("500 unsigned", Create, FAILED_500, unsigned, UNSIGNED_ERROR),
        row("500 wrongly signed", Create, FAILED_500, wrong, REFUSED),
        row("502 page", Create, (502, PAGE), unsigned, UNSIGNED_STATUS),
        row("302 unsigned", Create, (302, ""), unsigned, UNSIGNED_STATUS),
        row("302 wrongly signed", Create, (302, ""), wrong, REFUSED),
        // Accepted, not processed.
        row("202 signed", Create, (202, "{}"), nothing, SIGNED_PROCESSING),
        row("202 unsigned", Create, (202, "{}"), unsigned, PROCESSING),
        row("202 wrongly signed", Create, (202, "{}"), wrong, REFUSED),
        // Age.
        row("200 as old as may be", Create, FULL, nothing, VERIFIED).at(OLDEST),
        row("200 too old", Create, FULL, nothing, REFUSED).at(TOO_OLD),
        row("200 as new as may be", Create, FULL, nothing, VERIFIED).at(NEWEST),
        row("200 from the future", Create, FULL, nothing, REFUSED).at(TOO_NEW),
        row("200 at no time", Create, FULL, nothing, REFUSED).at("soon"),
        row("200 before time", Create, FULL, nothing, REFUSED).at("-1"),
        row("200 beyond time", Create, FULL, nothing, REFUSED).at("99999999999999999999999999"),
        row("400 too old", Create, REFUSED_400, nothing, REFUSED).at(TOO_OLD),
        row("204 too old", Stop, (204, ""), nothing, REFUSED).at(TOO_OLD),
        // Serials.
        row("known serial", Create, FULL, nothing, VERIFIED),
        row("no serial", Create, FULL, |h| drop(h.remove("alipay-sn")), VERIFIED),
        row("blank serial", Create, FULL, |h| serial(h, ""), VERIFIED),
        row("`null` serial", Create, FULL, |h| serial(h, "null"), VERIFIED),
        row("unknown serial", Create, FULL, |h| serial(h, "0"), VERIFIED)
            .in_certificate_mode(REFUSED),
        row("unknown serial, 400", Create, REFUSED_400, |h| serial(h, "0"), SIGNED_ERROR)
            .in_certificate_mode(REFUSED),
        row("two serials", Create, FULL, |h| again(h, "alipay-sn"), VERIFIED)
            .in_certificate_mode(REFUSED),
        row("unsigned, with a serial", Create, FULL, null, REFUSED),
        // Header names, and headers that are there twice.
        row("upper-case names", Create, FULL, upper_case, VERIFIED),
        row("upper-case names, 400", Create, REFUSED_400, upper_case, SIGNED_ERROR),
        row("two signatures", Create, FULL, |h| again(h, "alipay-signature"), REFUSED),
        row("two times", Create, FULL, |h| again(h, "alipay-timestamp"), REFUSED),
        row("two nonces", Create, FULL, |h| again(h, "alipay-nonce"), REFUSED),
        row("two signatures, 400", Create, REFUSED_400, |h| again(h, "alipay-signature"), REFUSED),
    ]
}

fn modes() -> [(&'static str, Credentials); 2] {
    [("key mode", credentials()), ("certificate mode", certificate_credentials())]
}

#[test]
fn a_captured_response_is_checked_without_its_request() {
    let response = |body: &str| signed_at(TIMESTAMP, 200, body);
    for (mode, credentials) in modes() {
        let check = |response: &http::Response<Bytes>, at| {
            let checked = credentials.check_response_signature(response, at);
            checked.map_err(|error| format!("{:?}: {error}", error.kind()))
        };
        // Whenever it was signed, and more than once.
        for _ in 0..2 {
            assert_eq!(check(&response(BODY), common::certified()), Ok(()), "{mode}");
        }
        let (head, _) = response(BODY).into_parts();
        let changed = http::Response::from_parts(head, Bytes::from_static(b"{}"));
        let refused = check(&changed, common::certified()).unwrap_err();
        assert!(
            refused.starts_with("Verification: ") && refused.contains("signature"),
            "{refused}"
        );
        let mut without = response(BODY);
        unsigned(without.headers_mut());
        let refused = check(&without, common::certified()).unwrap_err();
        assert!(refused.contains("the response is not signed"), "{mode}: {refused}");
    }
}

#[test]
fn the_matrix() {
    let rows = rows();
    for (index, (mode, credentials)) in modes().into_iter().enumerate() {
        let client = builder(credentials).build().unwrap();
        let wrong: Vec<_> = rows
            .iter()
            .map(|row| (row, row.verdict(&client)))
            .filter(|(row, verdict)| *verdict != row.expected[index])
            .map(|(row, verdict)| format!("{}: {verdict}, not {}", row.name, row.expected[index]))
            .collect();
        assert!(wrong.is_empty(), "in {mode}:\n{}", wrong.join("\n"));
    }
}

/// Without a window the time is still signed and must be one, but may be any.
#[test]
fn the_window_can_be_switched_off_and_set() {
    for (mode, credentials) in modes() {
        let any = builder(credentials.clone()).timestamp_tolerance(None).build().unwrap();
        let second = Some(std::time::Duration::from_secs(1));
        let narrow = builder(credentials).timestamp_tolerance(second).build().unwrap();
        for (timestamp, expected_any, expected_narrow) in [
            ("0", VERIFIED, REFUSED),
            (TOO_OLD, VERIFIED, REFUSED),
            (OLDEST, VERIFIED, REFUSED),
            ("1767225599123", VERIFIED, VERIFIED),
            (TIMESTAMP, VERIFIED, VERIFIED),
            (TOO_NEW, VERIFIED, REFUSED),
            ("soon", REFUSED, REFUSED),
        ] {
            let row = row("", Of::Create, FULL, nothing, "").at(timestamp);
            assert_eq!(row.verdict(&any), expected_any, "{timestamp} in {mode}");
            assert_eq!(row.verdict(&narrow), expected_narrow, "{timestamp} in {mode}");
        }
    }
}

/// What was wrongly signed cannot be read: the error keeps the bytes, but no code or message.
#[test]
fn a_refused_response_says_nothing() {
    let client = builder(credentials()).build().unwrap();
    let row = row("", Of::Create, REFUSED_400, wrong, "");
    let error = finished::<Create>(&client, &create_request(), row.response()).unwrap_err();
    assert_eq!((error.code_text(), error.message(), error.authenticated()), (None, None, false));
    let generic = <Create as Operation>::INFO.id;
    assert_eq!(
        error.to_string(),
        format!(
            "{generic}: the response's signature is wrong (验签失败): it was changed on the way, or what was given as \
             Alipay's public key (支付宝公钥) or Alipay's certificate (支付宝公钥证书) is not Alipay's (HTTP 400) [trace id 0b43c93517672256004561234e0a1b]; \
             the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query"
        )
    );
}
