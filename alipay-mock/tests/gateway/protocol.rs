//! What the gateway accepts and refuses before an operation is reached, and its responses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::support;

use std::fmt::Write as _;

use alipay_core::encrypt::AesKey;
use alipay_mock::{Clock, Gateway};
use serde_json::json;
use support::{Call, NEW_YEAR, builder, create_request, exchange, gateway, parse, test_keys};
use support::{vector_key, vectors};

const QUERY: &str = "/v3/alipay/marketing/activity/voucher/query";
const STOP: &str = "/v3/alipay/marketing/activity/voucher/stop";

/// A request that passes the protocol fails as business: its activity does not exist.
fn assert_passes(call: &Call<'_>) {
    let (code, message) = call.fail();
    assert_eq!((code.as_str(), message.contains("activity_id")), ("INVALID_PARAMETER", true));
}

/// A gateway refusal is unsigned and says why.
fn assert_refused(call: &Call<'_>, status: u16, code: &str, part_of_message: &str) {
    let reply = call.send();
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.body);
    assert!(reply.message().contains(part_of_message), "{}", reply.message());
    assert!(!reply.is_signed());
    assert_eq!(reply.header("alipay-trace-id").unwrap().len(), 30);
}

#[test]
fn recorded_requests_of_the_official_sdks_are_verified() {
    let [app, alipay, root] = ["app_cert", "alipay_cert", "alipay_root_cert"].map(vector_key);
    let keys = test_keys().with_certificates(app, alipay, root).unwrap();
    for case in vectors()["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let gateway = Gateway::builder()
            .keys(keys.clone())
            .app_id(vector_key("app_id"))
            .clock(Clock::fixed(NEW_YEAR + 1000))
            .start_blocking()
            .unwrap();
        let request = &case["request"];
        let [method, target, body] =
            ["method", "target", "body"].map(|name| request[name].as_str().unwrap());
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in request["headers"].as_object().unwrap() {
            write!(head, "{name}: {}\r\n", value.as_str().unwrap()).unwrap();
        }
        write!(head, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        parse(&exchange(&gateway, head.as_bytes()).unwrap()).unwrap();
        assert!(gateway.requests()[0].verified, "{name}: {:?}", gateway.requests()[0].message);
    }
}

#[test]
fn a_right_request_passes_whatever_the_order_of_its_pairs() {
    let gateway = gateway();
    let app_id = gateway.app_id();
    assert_passes(&Call::query(&gateway, "1"));
    assert_passes(&Call::query(&gateway, "1").token("202212BB_token"));
    for pairs in [
        format!("timestamp={NEW_YEAR},nonce=other-order,app_id={app_id}"),
        format!("app_id={app_id},timestamp={NEW_YEAR},nonce=docs-order,expired_seconds=120"),
    ] {
        assert_passes(&Call::query(&gateway, "1").pairs(pairs));
    }
}

#[test]
fn authorization_is_checked_in_the_real_gateways_order() {
    let gateway = gateway();
    let call = || Call::query(&gateway, "1");
    let app_id = gateway.app_id();
    let scheme = "ALIPAY-SHA256withRSA";
    let header = |pairs: &str| format!("{scheme} {pairs},sign=YQ==");
    let refused = |header: Option<&str>, code: &str, message: &str| {
        assert_refused(&call().authorization(header), 400, code, message);
    };
    refused(None, "missing-timestamp", "no Authorization");
    refused(Some("Bearer x"), "invalid-signature-type", "Bearer");
    refused(Some("ALIPAY-SM2 app_id=1"), "invalid-signature-type", "ALIPAY-SM2");
    refused(Some(&header(&format!("app_id={app_id},nonce=1"))), "missing-timestamp", "timestamp");
    refused(Some(&header("nonce=1,timestamp=1")), "missing-app-id", "app_id");
    // The app id comes before the age of the timestamp, and both before the signature.
    refused(Some(&header("app_id=9,nonce=1,timestamp=1")), "invalid-app-id", "`9`");
    let stale = format!("app_id={app_id},nonce=1,timestamp=1");
    refused(Some(&header(&stale)), "invalid-timestamp", "in seconds");
    let wrong = format!("app_id={app_id},nonce=1,timestamp=x1");
    refused(Some(&header(&wrong)), "illegal-timestamp", "digits");
    let right = format!("app_id={app_id},timestamp={NEW_YEAR}");
    refused(Some(&header(&right)), "invalid-parameter", "nonce");
    refused(Some(&format!("{scheme} {right},nonce=1")), "missing-signature", "sign");
    refused(Some(&format!("{scheme} {right},nonce=1,sign=a b")), "invalid-signature", "base64");
    let certificate = format!("app_id={app_id},app_cert_sn=1,nonce=1,timestamp={NEW_YEAR}");
    refused(Some(&header(&certificate)), "app-cert-not-exist", "key mode");
    refused(Some(&header(&format!("{right},app_id={app_id}"))), "invalid-parameter", "twice");
}

#[test]
fn timestamps_are_good_for_ten_minutes_either_way() {
    let gateway = gateway();
    let app_id = gateway.app_id();
    let minutes = 60_000;
    let call = |nonce: &str, offset: i64| {
        let timestamp = NEW_YEAR + offset;
        Call::query(&gateway, "1")
            .pairs(format!("app_id={app_id},nonce={nonce},timestamp={timestamp}"))
    };
    assert_passes(&call("a", 10 * minutes));
    assert_passes(&call("b", -10 * minutes));
    assert_refused(&call("c", 10 * minutes + 1), 400, "invalid-timestamp", "600 s ahead");
    assert_refused(&call("d", -10 * minutes - 1), 400, "invalid-timestamp", "600 s behind");
    let pairs =
        format!("app_id={app_id},nonce=e,timestamp={},expired_seconds=60", NEW_YEAR - 61_000);
    let short = Call::query(&gateway, "1").pairs(pairs);
    assert_refused(&short, 400, "invalid-timestamp", "61 s behind");
    gateway.clock().advance(std::time::Duration::from_secs(601));
    assert_refused(&call("f", 0), 400, "invalid-timestamp", "601 s behind");
}

#[test]
fn a_request_cannot_be_replayed() {
    let gateway = gateway();
    let call = Call::query(&gateway, "1");
    assert_passes(&call);
    assert_refused(&call, 400, "suspected-attack", "nonce");
    // A request that was refused for its signature has not used up its nonce.
    let call = Call::query(&gateway, "1");
    let wrong = Call::query(&gateway, "1").pairs(call.pairs.clone()).signed("x");
    assert_refused(&wrong, 400, "invalid-signature", "");
    assert_passes(&call);
}

#[test]
fn a_wrong_signature_is_explained() {
    let gateway = gateway();
    let query = || {
        let target = format!("{QUERY}?merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d");
        Call::new(&gateway, "GET", &target, "")
    };
    let body = " {\"b\":1, \"a\":\"中/\"}";
    let post = || Call::new(&gateway, "POST", STOP, body);
    let explained = |call: Call<'_>, change: &dyn Fn(String) -> String, message: &str| {
        let text = change(call.right_text());
        assert_refused(&call.signed(text), 400, "invalid-signature", message);
    };
    explained(post(), &|text| text[..text.len() - 1].to_owned(), "last line feed");
    explained(query(), &|text| text[..text.len() - 1].to_owned(), "line of the empty body");
    explained(query().token("t"), &|text| text.replace("\n\n", "\n"), "line of the empty body");
    explained(post(), &|text| text.replace('\n', ""), "without line feeds");
    explained(post(), &|text| text.replace('\n', "\r\n"), "CR LF");
    explained(post(), &|text| text.replace("POST", "post"), "lower case");
    explained(post(), &|text| format!("ALIPAY-SHA256withRSA {text}"), "scheme");
    explained(query(), &|text| text.replace("%2F", "/").replace("%20", " "), "decoded");
    explained(
        query(),
        &|text| text.replace("%2F", "/").replace("%20", " ").replace('+', " "),
        "decoded",
    );
    explained(query(), &|text| text.replace('+', "%20"), "another encoding");
    explained(
        query(),
        &|text| {
            text.replace(
                "merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d",
                "activity_id=a%2Fb+c%20d&merchant_access_mode=SELF_MODE",
            )
        },
        "sorted",
    );
    explained(
        query(),
        &|text| text.replace("?merchant_access_mode=SELF_MODE&activity_id=a%2Fb+c%20d", ""),
        "only the path",
    );
    let url = format!("{}{STOP}", gateway.base_url());
    explained(post(), &|text| text.replace(STOP, &url), "whole URL");
    explained(
        post().token("secret"),
        &|text| text.replace("secret\n", ""),
        "alipay-app-auth-token was sent but not signed",
    );
    explained(post(), &|text| text.replace(body, ""), "body was not signed");
    explained(post(), &|text| text.replace(body, body.trim()), "without the white space");
    explained(
        Call::new(&gateway, "POST", STOP, "{}\n"),
        &|text| text.replace("{}\n", "{}"),
        "without the white space",
    );
    for rendering in [
        "{\"b\":1,\"a\":\"中/\"}",
        "{\"a\":\"中/\",\"b\":1}",
        "{\"b\": 1, \"a\": \"\\u4e2d/\"}",
        "{\n  \"b\": 1,\n  \"a\": \"中/\"\n}",
    ] {
        explained(post(), &|text| text.replace(body, rendering), "written again");
    }
    explained(
        Call::new(&gateway, "POST", STOP, "{}").encrypted(),
        &|text| text.replace("/eOF74gJfXU1z9BJVGa5NA==", "{}"),
        "encrypt first",
    );
    explained(post(), &|_| "something else".to_owned(), "no known mistake");
    let lines = format!("method (4 bytes), path and query ({} bytes), body (20 bytes)", STOP.len());
    explained(post(), &|_| "something else".to_owned(), &lines);
}

#[test]
fn a_refusal_shows_nothing_of_the_content() {
    let gateway = gateway();
    let body = json!({"user_id": "2088000000000000", "activity_id": "1"});
    let reply = Call::post(&gateway, "send", &body).token("secret-token").signed("x").send();
    assert_eq!(reply.code(), "invalid-signature");
    assert!(!reply.body.contains("2088") && !reply.body.contains("secret"), "{}", reply.body);
}

#[test]
fn headers_are_checked() {
    let gateway = gateway();
    let body = json!({"activity_id": "1", "merchant_access_mode": "SELF_MODE", "out_biz_no": "1"});
    let stop = || Call::post(&gateway, "stop", &body);
    for id in ["a", "0123456789abcdef_BCDEF-123456789"] {
        assert_passes(&stop().header("alipay-request-id", id));
    }
    for id in ["", "5f9fba93-bbb2-40f0-b328-04d5ead3e131", "a b"] {
        let call = stop().header("alipay-request-id", id);
        assert_refused(&call, 400, "invalid-parameter", "alipay-request-id");
    }
    assert_passes(&stop().content_type("Application/JSON; charset=utf-8"));
    let form = stop().content_type("application/x-www-form-urlencoded");
    assert_refused(&form, 400, "invalid-parameter", "application/json");
    let text = stop().content_type("text/plain");
    assert_refused(&text, 400, "missing-encrypt-type", "alipay-encrypt-type");
    assert_passes(&stop().encrypted());
    let json = stop().encrypted().content_type("application/json");
    assert_refused(&json, 400, "invalid-parameter", "text/plain");
    let des = stop().header("alipay-encrypt-type", "DES").content_type("text/plain");
    assert_refused(&des, 400, "invalid-encrypt-type", "AES");
    let plain = stop().header("alipay-encrypt-type", "AES").content_type("text/plain");
    assert_refused(&plain, 400, "decryption-error-unknown", "plain JSON");
    let garbage = Call::new(&gateway, "POST", STOP, "QUJD")
        .header("alipay-encrypt-type", "AES")
        .content_type("text/plain");
    assert_refused(&garbage, 400, "decryption-error-unknown", "does not decrypt");
}

#[test]
fn bodies_must_be_json_objects() {
    let gateway = gateway();
    for (body, message) in [
        ("{\"a\":", "not JSON"),
        ("[]", "not an object"),
        ("1", "not an object"),
        ("", "empty"),
        ("{} x", "not JSON"),
    ] {
        let call = Call::new(&gateway, "POST", STOP, body);
        assert_refused(&call, 400, "illegal-json", message);
    }
    let deep = "[".repeat(10_000);
    assert_refused(&Call::new(&gateway, "POST", STOP, deep), 400, "illegal-json", "not JSON");
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    let gateway = gateway();
    for path in
        ["/", "/v3/alipay/trade/nothing", "/v3/alipay/marketing/activity/voucher/", "/gateway.do"]
    {
        assert_refused(&Call::new(&gateway, "POST", path, "{}"), 404, "invalid-method", path);
    }
    let get = Call::new(&gateway, "GET", STOP, "");
    assert_refused(&get, 405, "invalid-method", "POST only");
    let post = Call::new(&gateway, "POST", QUERY, "{}");
    assert_refused(&post, 405, "invalid-method", "GET only");
}

#[test]
fn responses_are_signed_and_named() {
    let gateway = gateway();
    let first = Call::post(&gateway, "create", &create_request("1", 10)).send();
    first.verify().unwrap();
    assert_eq!(first.header("content-type"), Some("application/json;charset=UTF-8"));
    assert_eq!(first.header("alipay-timestamp"), Some("1767225600000"));
    let second = Call::post(&gateway, "create", &create_request("2", 10)).send();
    for name in ["alipay-trace-id", "alipay-nonce", "alipay-signature"] {
        assert_ne!(first.header(name).unwrap(), second.header(name).unwrap());
    }
}

#[test]
fn encrypted_requests_get_encrypted_responses() {
    let gateway = gateway();
    let reply = Call::post(&gateway, "create", &create_request("1", 10)).encrypted().send();
    reply.verify().unwrap();
    assert_eq!(reply.header("content-type"), Some("text/plain;charset=UTF-8"));
    let key = AesKey::parse(vector_key("aes_key")).unwrap();
    let plain = key.decrypt(reply.body.as_bytes()).unwrap();
    let created: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    let id = created["activity_id"].as_str().unwrap();
    // A GET has no body to encrypt, but requests an encrypted response.
    let reply = Call::query(&gateway, id).encrypted().send();
    reply.verify().unwrap();
    let plain = key.decrypt(reply.body.as_bytes()).unwrap();
    assert!(String::from_utf8(plain).unwrap().contains(id));
    // Errors come in plain JSON.
    let (code, _) = Call::query(&gateway, "1").encrypted().fail();
    assert_eq!(code, "INVALID_PARAMETER");
}

#[test]
fn which_errors_are_signed_can_be_switched() {
    let gateway =
        builder().sign_gateway_errors(true).sign_business_errors(false).start_blocking().unwrap();
    let refused = Call::query(&gateway, "1").signed("x").send();
    assert_eq!(refused.code(), "invalid-signature");
    refused.verify().unwrap();
    let failed = Call::query(&gateway, "1").send();
    assert_eq!(failed.code(), "INVALID_PARAMETER");
    assert!(!failed.is_signed());
    assert!(failed.json()["links"][0]["link"].is_string());
}
