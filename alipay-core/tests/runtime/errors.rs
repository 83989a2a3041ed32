//! Responses that are no success: what they are taken for, and what is said of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::time::Duration;

use alipay_core::{Call, Credentials, Error, ErrorKind, Outcome, Response};
use bytes::Bytes;
use common::{
    Create, CreateRequest, CreateResponse, Nothing, Order, OrderRequest, Query, Send, Stop,
    TIMESTAMP, builder, client, create_request, credentials, finished, key, query_request,
    send_request, signed, signed_at, unsigned,
};
use insta::assert_snapshot;
use proptest::prelude::*;

const BUDGET: &str = r#"{"code":"BUDGET_NOT_ENOUGH","message":"预算不足","links":[{"link":"https://opendocs.alipay.com/x","desc":"解决方案"}]}"#;

/// The error of a call of `create` that gets this response.
fn create(response: http::Response<Bytes>) -> Error {
    finished::<Create>(&client(), &create_request(), response).unwrap_err()
}

fn created(response: http::Response<Bytes>) -> Result<Response<CreateResponse>, Error> {
    finished::<Create>(&client(), &create_request(), response)
}

fn encrypted(response: http::Response<Bytes>) -> Result<Response<CreateResponse>, Error> {
    let client = client();
    let call = Call::<Create>::new(&client, &create_request()).encrypted();
    client.finish::<Create>(call.prepare().unwrap().context(), response)
}

fn facts(error: &Error) -> (ErrorKind, Outcome, bool, bool) {
    (error.kind(), error.outcome(), error.authenticated(), error.is_retryable())
}

/// An error code enum as the generator writes it.
#[derive(Debug, PartialEq)]
enum Code {
    BudgetNotEnough,
    Unknown(String),
}

impl From<&str> for Code {
    fn from(code: &str) -> Self {
        match code {
            "BUDGET_NOT_ENOUGH" => Self::BudgetNotEnough,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

#[test]
fn a_signed_refusal() {
    let error = create(signed(400, BUDGET));
    assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Rejected, true, false));
    assert_eq!(error.code::<Code>(), Some(Code::BudgetNotEnough));
    assert_eq!(error.code_text(), Some("BUDGET_NOT_ENOUGH"));
    assert_eq!(error.message(), Some("预算不足"));
    assert_eq!(error.links()[0].desc.as_deref(), Some("解决方案"));
    assert_eq!(error.status().unwrap(), 400);
    assert_eq!(error.trace_id(), Some("0b43c93517672256004561234e0a1b"));
    assert_eq!(error.request_id(), Some("5f9fba93bbb240f0b32804d5ead3e131"));
    assert_eq!(error.operation(), Some("alipay.marketing.activity.voucher.create"));
    assert_eq!(error.raw_body().unwrap(), BUDGET.as_bytes());
    assert_eq!(error.headers().unwrap()["alipay-timestamp"], TIMESTAMP);
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: refused (HTTP 400): BUDGET_NOT_ENOUGH, 预算不足 [trace id 0b43c93517672256004561234e0a1b]; nothing was done");
}

#[test]
fn an_unsigned_refusal_proves_nothing_for_a_write() {
    let body = r#"{"code":"invalid-app-id","message":"无效的AppID参数","links":[]}"#;
    let error = create(unsigned(400, "application/json", body));
    assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Unknown, false, false));
    assert_eq!(error.code::<Code>(), Some(Code::Unknown("invalid-app-id".to_owned())));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: refused, in an unsigned response (HTTP 400): invalid-app-id, 无效的AppID参数 [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");

    let error =
        finished::<Query>(&client(), &query_request(), unsigned(400, "application/json", body))
            .unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Rejected, false, false));
}

#[test]
fn a_wrongly_signed_error_is_not_believed() {
    let (head, _) = signed(400, BUDGET).into_parts();
    let forged = BUDGET.replace("预算", "余额");
    let error = create(http::Response::from_parts(head, Bytes::from(forged)));
    assert_eq!(facts(&error), (ErrorKind::Verification, Outcome::Unknown, false, false));
    assert_eq!(error.code_text(), None);
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response's signature is wrong (验签失败): it was changed on the way, or what was given as Alipay's public key (支付宝公钥) or Alipay's certificate (支付宝公钥证书) is not Alipay's (HTTP 400) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn failures_of_alipays_own_leave_the_outcome_open() {
    for (status, code, retryable) in [
        (400, "unknow-error", true),
        (400, "SYSTEM_ERROR", true),
        (500, "unknow-error", true),
        (502, "X", true),
        (503, "X", true),
        (504, "X", true),
        (501, "X", false),
    ] {
        let error = create(signed(status, &format!(r#"{{"code":"{code}"}}"#)));
        assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Unknown, true, retryable), "{status}");
    }
}

#[test]
fn limits_on_calls_are_worth_a_repeat() {
    for (status, code) in
        [(429, "app-call-limited"), (429, "whatever"), (400, "method-call-limited")]
    {
        let error = create(signed(status, &format!(r#"{{"code":"{code}"}}"#)));
        assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Rejected, true, true));
    }
}

/// Without an idempotency key a repeat may act twice, so none is advised.
#[test]
fn what_is_unsafe_to_repeat_is_not_retryable() {
    let failure = || signed(500, r#"{"code":"unknow-error"}"#);
    let error = finished::<Stop>(&client(), &Nothing {}, failure()).unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Unknown, true, false));
    assert!(error.to_string().ends_with("the outcome is unknown: query before repeating"));
    for key in [None, Some(String::new()), Some(" ".to_owned())] {
        let request = CreateRequest { out_biz_no: key, ..create_request() };
        let error = finished::<Create>(&client(), &request, failure()).unwrap_err();
        assert!(!error.is_retryable());
    }
    let error = finished::<Query>(&client(), &query_request(), failure()).unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Api, Outcome::Unknown, true, true));
    assert!(error.to_string().ends_with("; nothing was changed"));
}

#[test]
fn accepted_is_not_done() {
    for body in ["", "{}", r#"{"activity_id":"1"}"#] {
        let error = create(signed(202, body));
        assert_eq!(facts(&error), (ErrorKind::Processing, Outcome::Unknown, true, true));
        let error = create(unsigned(202, "application/json", body));
        assert_eq!(facts(&error), (ErrorKind::Processing, Outcome::Unknown, false, true));
    }
    assert_snapshot!(create(signed(202, "")), @"alipay.marketing.activity.voucher.create: accepted but not processed; the same request is to be sent again (HTTP 202) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn redirects_are_not_followed() {
    let mut response = unsigned(302, "text/html", "");
    response.headers_mut().insert("location", "https://example.com/?token=secret".parse().unwrap());
    let error = create(response);
    assert_eq!(facts(&error), (ErrorKind::Status, Outcome::Unknown, false, false));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response is a redirect, which is not followed (HTTP 302) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn a_page_of_a_proxy() {
    let page = "<html><body>502 Bad Gateway</body></html>";
    let error = create(unsigned(502, "text/html; charset=utf-8", page));
    assert_eq!(facts(&error), (ErrorKind::Status, Outcome::Unknown, false, true));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response is not a success; its body is HTML (text/html; charset=utf-8, 41 bytes) (HTTP 502) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    let error = create(unsigned(403, "text/html", page));
    assert_eq!(facts(&error), (ErrorKind::Status, Outcome::Unknown, false, false));
    let error = create(unsigned(200, "text/html", page));
    assert_eq!(facts(&error), (ErrorKind::Verification, Outcome::Unknown, false, false));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response is not signed; its body is HTML (text/html, 41 bytes) (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn error_bodies_of_any_shape_are_errors() {
    for (body, kind) in [
        ("", ErrorKind::Status),
        ("null", ErrorKind::Status),
        ("[]", ErrorKind::Status),
        ("{}", ErrorKind::Status),
        (r#"{"code":""}"#, ErrorKind::Status),
        (r#"{"code":{}}"#, ErrorKind::Status),
        (r#"{"code":"A","mess"#, ErrorKind::Status),
        (r#"{"code":40004}"#, ErrorKind::Api),
        (r#"{"code":"A","message":null}"#, ErrorKind::Api),
        (r#"{"code":"A","message":{"a":1},"links":null,"details":3}"#, ErrorKind::Api),
    ] {
        let error = create(signed(400, body));
        assert_eq!(error.kind(), kind, "{body}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn links_and_details_are_read_in_every_shape() {
    for links in [
        r#""https://a/""#,
        r#"["https://a/"]"#,
        r#"{"link":"https://a/"}"#,
        r#"[{"link":"https://a/","desc":"x"},{},1,null]"#,
    ] {
        let error = create(signed(400, &format!(r#"{{"code":"A","links":{links}}}"#)));
        assert_eq!(error.links().len(), 1, "{links}");
        assert_eq!(error.links()[0].link, "https://a/");
    }
    for details in [
        r#"{"field":"f","value":7,"issue":"i"}"#,
        r#"[{"field":"f","value":"7","location":"body","issue":"i","description":"d"}]"#,
    ] {
        let error = create(signed(400, &format!(r#"{{"code":"A","details":{details}}}"#)));
        assert_eq!(error.details()[0].field.as_deref(), Some("f"));
        assert_eq!(error.details()[0].value.as_deref(), Some("7"));
    }
    // Words stay words, whatever they could be read as.
    for words in ["words", "404", "true", "null"] {
        let error =
            create(signed(400, &format!(r#"{{"code":"A","details":"{words}","links":""}}"#)));
        assert_eq!(error.details()[0].description.as_deref(), Some(words));
        assert!(error.links().is_empty());
    }
    assert!(create(signed(400, r#"{"code":"A","details":["",""]}"#)).details().is_empty());
}

#[test]
fn a_success_must_be_signed() {
    let body = r#"{"activity_id":"1"}"#;
    let without = |header: &str| {
        let mut response = signed(200, body);
        response.headers_mut().remove(header);
        response
    };
    let replaced = |header: &'static str, value: &str| {
        let mut response = signed(200, body);
        response.headers_mut().insert(header, value.parse().unwrap());
        response
    };
    let twice = |header: &'static str| {
        let mut response = signed(200, body);
        let value = response.headers()[header].clone();
        response.headers_mut().append(header, value);
        response
    };
    for response in [
        without("alipay-signature"),
        without("alipay-timestamp"),
        without("alipay-nonce"),
        replaced("alipay-signature", "null"),
        replaced("alipay-signature", ""),
        replaced("alipay-signature", "garbage"),
        replaced("alipay-signature", "AAAA"),
        replaced("alipay-timestamp", "1767225600457"),
        replaced("alipay-nonce", "other"),
        replaced("alipay-nonce", "null"),
        twice("alipay-signature"),
        twice("alipay-timestamp"),
        twice("alipay-nonce"),
    ] {
        for status in [200, 201, 204, 206] {
            let (mut head, body) = response.clone().into_parts();
            head.status = status.try_into().unwrap();
            let error = create(http::Response::from_parts(head, body));
            assert_eq!(facts(&error), (ErrorKind::Verification, Outcome::Unknown, false, false));
        }
    }
    created(signed(200, body)).unwrap();
    let mut response = signed(200, body);
    // Names of headers have no case, whatever the server writes.
    let signature = response.headers_mut().remove("alipay-signature").unwrap();
    response
        .headers_mut()
        .insert(http::HeaderName::from_bytes(b"Alipay-Signature").unwrap(), signature);
    created(response).unwrap();
}

#[test]
fn an_app_key_given_as_alipays_is_found_out() {
    // Here it is another key that is not Alipay's.
    let other = alipay_core::keys::PrivateKey::generate().unwrap().public_key().to_base64();
    let credentials = Credentials::keys(key("app_id"), key("app_private_pkcs8"), &other).unwrap();
    let client = builder(credentials).build().unwrap();
    let error = finished::<Create>(&client, &create_request(), signed(200, "{}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
}

#[test]
fn signed_times_must_be_near() {
    let body = r#"{"activity_id":"1"}"#;
    for (timestamp, good) in [
        ("1767225600123", true),
        ("1767225900123", true),
        ("1767225900124", false),
        ("1767225300123", true),
        ("1767225300122", false),
        ("0", false),
        ("99999999999999999999", false),
        ("-1767225600123", false),
        ("2026-01-01 08:00:00", false),
    ] {
        let got = created(signed_at(timestamp, 200, body));
        assert_eq!(got.is_ok(), good, "{timestamp}");
    }
    let error = create(signed_at("1767229200123", 200, body));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response was signed 3600 s after it came, by this computer's clock: the clock is wrong (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");

    let any = builder(credentials()).timestamp_tolerance(None).build().unwrap();
    finished::<Create>(&any, &create_request(), signed_at("0", 200, body)).unwrap();
    finished::<Create>(&any, &create_request(), signed_at("soon", 200, body)).unwrap_err();
    let strict = builder(credentials()).timestamp_tolerance(Some(Duration::ZERO)).build().unwrap();
    finished::<Create>(&strict, &create_request(), signed(200, body)).unwrap_err();
    // A replayed refusal is as little worth as a replayed success.
    assert_eq!(create(signed_at("0", 400, BUDGET)).kind(), ErrorKind::Verification);
}

#[test]
fn empty_responses() {
    // Signed nothing is something Alipay said.
    for status in [200, 204] {
        let empty = created(signed(status, "")).unwrap();
        assert_eq!(empty.activity_id, None);
        assert!(empty.verified());
        assert_eq!(created(signed(status, "{}")).unwrap().activity_id, None);
    }
    // Unsigned nothing proves nothing, whatever the status says.
    for status in [200, 201, 204] {
        let empty = unsigned(status, "text/plain", "");
        let error = finished::<Stop>(&client(), &Nothing {}, empty).unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Verification, Outcome::Unknown, false, false));
    }
    for status in [200, 204] {
        let error = create(unsigned(status, "text/plain", ""));
        assert_eq!(facts(&error), (ErrorKind::Verification, Outcome::Unknown, false, false));
    }
    let error = finished::<Stop>(&client(), &Nothing {}, unsigned(200, "application/json", "{}"));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Verification);
}

#[test]
fn responses_that_do_not_fit_are_errors() {
    for body in [
        "null",
        "[]",
        "\"secret\"",
        "17",
        r#"{"activity_id":"secret"#,
        "{}{}",
        "<html>secret</html>",
    ] {
        let error = create(signed(200, body));
        assert_eq!(facts(&error), (ErrorKind::Decode, Outcome::Unknown, true, false), "{body}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
    assert_snapshot!(create(signed(200, r#"["a"]"#)), @"alipay.marketing.activity.voucher.create: the response cannot be read: expected an object, found a list (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    assert_snapshot!(create(signed(200, r#"{"activity_id":"secret"#)), @"alipay.marketing.activity.voucher.create: the response cannot be read: EOF while parsing a string at line 1 column 22; its body is JSON that is cut off (application/json;charset=UTF-8, 22 bytes) (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    assert_snapshot!(create(signed(200, "<!DOCTYPE HTML><p>secret")), @"alipay.marketing.activity.voucher.create: the response cannot be read: expected value at line 1 column 1; its body is HTML (application/json;charset=UTF-8, 24 bytes) (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    for (body, found) in
        [("null", "nothing"), ("true", "a boolean"), ("17", "a number"), ("\"a\"", "a string")]
    {
        let text = create(signed(200, body)).to_string();
        assert!(
            text.contains(&format!(": expected an object, found {found} (HTTP 200)")),
            "{text}"
        );
    }
    // Where it was encrypted, the body that was sent says nothing of what is wrong.
    let aes = alipay_core::encrypt::AesKey::parse(key("aes_key")).unwrap();
    let list = aes.encrypt(br#"["a"]"#).unwrap();
    assert_snapshot!(encrypted(signed(200, &list)).unwrap_err(), @"alipay.marketing.activity.voucher.create: the response cannot be read: expected an object, found a list (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn more_than_is_known_is_kept() {
    let body = r#"{"new":{"a":[1]},"activity_id":"1","activity_id_2":null}"#;
    let created = created(signed(200, body)).unwrap();
    assert_eq!(created.activity_id.as_deref(), Some("1"));
    assert_eq!(created.raw_body(), body.as_bytes());
    assert_eq!(created.headers()["alipay-timestamp"], TIMESTAMP);
    let query = finished::<Query>(
        &client(),
        &query_request(),
        signed(200, r#"{"activity_status":"SOMETHING_NEW","voucher_quantity":"7"}"#),
    )
    .unwrap();
    assert_eq!(query.activity_status.as_deref(), Some("SOMETHING_NEW"));
    assert_eq!(query.voucher_quantity, Some(7));
}

#[test]
fn plaintext_where_ciphertext_was_due_is_no_success() {
    let error = encrypted(signed(200, r#"{"activity_id":"1"}"#)).unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Decryption, Outcome::Unknown, true, false));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response is not encrypted, although encryption was asked for (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
    for body in
        ["AAAA", "!!", "AAAAAAAAAAAAAAAAAAAAAA==", "Khx9+n+MEiC3l9n44S1zG8hLP5nhUUEGPuob58/cGos="]
    {
        let error = encrypted(signed(200, body)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decryption, "{body}");
        let text = error.to_string();
        assert!(text.contains("decrypt") && !text.contains("not encrypted"), "{text}");
    }
    assert_eq!(encrypted(signed(200, "")).unwrap().activity_id, None);
}

#[test]
fn ciphertext_that_was_not_asked_for_is_named() {
    let mut response =
        signed(200, "Khx9+n+MEiC3l9n44S1zG8hLP5nhUUEGPuob58/cGouHNRpyviYT+iUMptxgZRir");
    response.headers_mut().insert("content-type", "text/plain;charset=UTF-8".parse().unwrap());
    let error = create(response);
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("is it encrypted?"), "{error}");
}

/// Who finishes a call may have another key than who made it, or none.
#[test]
fn an_encrypted_response_without_a_key_for_it() {
    let maker = client();
    let call = Call::<Create>::new(&maker, &create_request()).encrypted().prepare().unwrap();
    let keyless = Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"));
    let keyless = builder(keyless.unwrap()).build().unwrap();
    let aes = alipay_core::encrypt::AesKey::parse(key("aes_key")).unwrap();
    let response = signed(200, &aes.encrypt(b"{}").unwrap());
    let error = keyless.finish::<Create>(call.context(), response).unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::Decryption, Outcome::Unknown, true, false));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response is to be decrypted, but the credentials lack the AES key (接口内容加密方式的 AES 密钥): add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`) (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn errors_of_encrypted_calls_are_read_either_way() {
    let error = encrypted(signed(400, BUDGET)).unwrap_err();
    assert_eq!(error.code_text(), Some("BUDGET_NOT_ENOUGH"));
    let aes = alipay_core::encrypt::AesKey::parse(key("aes_key")).unwrap();
    let error = encrypted(signed(400, &aes.encrypt(BUDGET.as_bytes()).unwrap())).unwrap_err();
    assert_eq!(error.code_text(), Some("BUDGET_NOT_ENOUGH"));
    // Who did not ask for encryption does not decrypt.
    assert_eq!(create(signed(400, &aes.encrypt(BUDGET.as_bytes()).unwrap())).code_text(), None);
}

#[test]
fn bodies_over_the_limit_are_refused_from_any_transport() {
    let body = r#"{"activity_id":"1"}"#;
    let limited = |max_body| {
        let client = builder(credentials()).max_body(max_body).build().unwrap();
        finished::<Create>(&client, &create_request(), signed(200, body))
    };
    limited(body.len()).unwrap();
    let error = limited(body.len() - 1).unwrap_err();
    assert_eq!(facts(&error), (ErrorKind::BodyTooLarge, Outcome::Unknown, false, false));
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: the response has more than the 18 bytes that are allowed (max_body); the outcome is unknown: repeat with the same `out_biz_no` (2026010100001), or query");
}

#[test]
fn a_context_goes_with_its_operation() {
    let client = client();
    let prepared = Call::<Create>::new(&client, &create_request()).prepare().unwrap();
    let error = client.finish::<Send>(prepared.context(), signed(200, "{}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn what_cannot_be_requested_is_not_sent() {
    let order = |id: &str| OrderRequest { activity_id: Some(id.to_owned()), note: None };
    for id in ["", ".", ".."] {
        let error = Call::<Order>::new(&client(), &order(id)).prepare().unwrap_err();
        assert_eq!(facts(&error), (ErrorKind::Request, Outcome::NotSent, false, false));
    }
    let error = Call::<Order>::new(&client(), &order("")).prepare().unwrap_err();
    assert_snapshot!(error, @"alipay.marketing.ordervoucher.activity.modify: `activity_id` is part of the path and must not be empty");
    for id in ["", "a b", "ü", "123456789012345678901234567890123"] {
        let error = Call::<Stop>::new(&client(), &Nothing {}).request_id(id).prepare().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{id}");
    }
    for token in ["", "a\nb", "a b", "中"] {
        let error =
            Call::<Stop>::new(&client(), &Nothing {}).app_auth_token(token).prepare().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{token}");
    }
    let plain = Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"));
    let client = builder(plain.unwrap()).build().unwrap();
    let error = Call::<Stop>::new(&client, &Nothing {}).encrypted().prepare();
    // Without a body there is nothing to encrypt, but a response to decrypt.
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Configuration);
    let error = Call::<Create>::new(&client, &create_request()).encrypted().prepare().unwrap_err();
    assert_snapshot!(error, @"alipay.marketing.activity.voucher.create: encryption is asked for, but the credentials lack the AES key (接口内容加密方式的 AES 密钥): add it with Credentials::encrypt_key (`ALIPAY_ENCRYPT_KEY`)");
}

/// What a server says is shown, but not to the harm of the reader.
#[test]
fn messages_of_others_stay_on_one_line() {
    let long = "长".repeat(1000);
    let body = serde_json::json!({
        "code": "A\nB\u{1b}[31m",
        "message": format!("first\r\nsecond\u{202e} {long}"),
    });
    let text = create(signed(400, &body.to_string())).to_string();
    assert!(!text.chars().any(char::is_control), "{text}");
    assert!(!text.contains('\u{202e}'));
    assert!(text.contains(r": [code not shown], first\u{d}\u{a}second\u{202e} 长"), "{text}");
    assert!(text.chars().count() < 600);
}

/// A code or a trace id can be an echo as well.
#[test]
fn nothing_personal_is_shown_in_place_of_a_code_or_a_trace_id() {
    let user = "2088102146225135";
    let text = |code: &str, trace_id: &str| {
        let mut response = signed(400, &serde_json::json!({ "code": code }).to_string());
        response.headers_mut().insert("alipay-trace-id", trace_id.parse().unwrap());
        finished::<Send>(&client(), &send_request(), response).unwrap_err().to_string()
    };
    assert_snapshot!(text(&format!("no-{user}"), &format!("t-{user}")), @"alipay.marketing.activity.voucher.send: refused (HTTP 400): no-[redacted] [trace id t-[redacted]]; nothing was done");
    for code in ["用户不存在", "<b>", "A=B", "A\nB", "a:b"] {
        assert!(text(code, "t").contains("(HTTP 400): [code not shown] [trace id t]"), "{code}");
    }
    assert!(text("aop.invalid-app_id, X 1", "t").contains(": aop.invalid-app_id, X 1 [trace"));
}

/// Nothing secret or personal comes out where people look.
#[test]
fn nothing_secret_is_shown() {
    let token = "202212BB_D64b2be8afd4b6c8468cf585bd05E50";
    let user = "2088102146225135";
    let client = builder(credentials()).app_auth_token(token).build().unwrap();
    let call = || Call::<Send>::new(&client, &send_request());
    let prepared = call().prepare().unwrap();
    let signature = prepared.request().headers()["authorization"].to_str().unwrap().to_owned();
    let (_, signature) = signature.split_once("sign=").unwrap();
    let echo = format!(
        r#"{{"code":"INVALID_PARAMETER","message":"{user} with {token}","details":[{{"value":"{user}"}}]}}"#
    );
    let refused = client.finish::<Send>(prepared.context(), signed(400, &echo)).unwrap_err();
    let response = format!(r#"{{"voucher_id":"v","user_id":"{user}"}}"#);
    let sent = client.finish::<Send>(prepared.context(), signed(200, &response)).unwrap();
    let garbled = client.finish::<Send>(prepared.context(), signed(200, &format!("[\"{user}\"]")));
    let shown = [
        format!("{:?}", credentials()),
        format!("{:?}", common::certificate_credentials()),
        format!("{:?}", alipay_core::Client::builder(credentials()).app_auth_token(token)),
        format!("{client:?} {:?}", call()),
        format!("{:?} {:?}", call().send(), send_request()),
        format!("{prepared:?} {:?} {:?}", prepared.context(), prepared.request().headers()),
        format!("{refused} {refused:?} {:?} {:?}", refused.details(), refused.links()),
        format!("{sent:?}"),
        format!("{:?}", garbled.unwrap_err()),
        format!("{:?}", *common::ALIPAY),
        format!("{:?}", alipay_core::encrypt::AesKey::parse(key("aes_key")).unwrap()),
    ];
    for text in &shown {
        for secret in [
            token,
            user,
            signature,
            key("aes_key"),
            &key("app_private_pkcs8")[40..80],
            &key("app_private_pkcs1")[40..80],
            &key("alipay_private_pkcs8")[40..80],
            &key("alipay_public")[60..100],
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert_snapshot!(refused, @"alipay.marketing.activity.voucher.send: refused (HTTP 400): INVALID_PARAMETER, [redacted] with [redacted] [trace id 0b43c93517672256004561234e0a1b]; nothing was done");
    assert_snapshot!(format!("{:?}", call()), @r#"Call { operation: "alipay.marketing.activity.voucher.send", .. }"#);
    let stopped = finished::<Stop>(&client, &Nothing {}, signed(200, "{}")).unwrap();
    assert_snapshot!(format!("{stopped:?}"), @r#"Accepted { completed_by: "alipay.marketing.activity.message.stopped", response: Response { status: 200, trace_id: Some("0b43c93517672256004561234e0a1b"), request_id: "5f9fba93bbb240f0b32804d5ead3e131", verified: true, attempts: 1, body: Nothing, .. } }"#);
    // The message itself is the caller's to read.
    assert!(refused.message().unwrap().contains(user));
    assert_snapshot!(format!("{sent:?}"), @r#"Response { status: 200, trace_id: Some("0b43c93517672256004561234e0a1b"), request_id: "5f9fba93bbb240f0b32804d5ead3e131", verified: true, attempts: 1, body: SendResponse { voucher_id: "v", user_id: [redacted] }, .. }"#);
}

#[test]
fn errors_travel_well() {
    fn assert_travels<T: std::marker::Send + Sync + 'static>() {}
    assert_travels::<Error>();
    assert_travels::<alipay_core::Client>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert!(size_of::<Result<(), Error>>() <= size_of::<usize>());
}

proptest! {
    #[test]
    fn any_response_is_taken_calmly(status in 200u16..600, body: Vec<u8>, kind in "\\PC{0,20}") {
        let mut response = http::Response::builder().status(status).body(Bytes::from(body)).unwrap();
        if let Ok(kind) = kind.parse() {
            response.headers_mut().insert("content-type", kind);
        }
        let error = create(response);
        prop_assert!(!error.authenticated());
        prop_assert_eq!(error.outcome(), Outcome::Unknown);
        prop_assert!(!error.to_string().chars().any(char::is_control));
    }

    #[test]
    fn any_signed_response_is_taken_calmly(status in 200u16..600, body in "[{\\[]?[\"a-z:,0-9{}\\[\\]]{0,30}") {
        if let Err(error) = created(signed(status, &body)) {
            prop_assert!(error.authenticated());
        }
    }
}
