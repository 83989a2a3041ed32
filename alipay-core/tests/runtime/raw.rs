//! Calls without a model.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use crate::common;

use alipay_core::{
    Error, ErrorKind, Outcome, catalogue, keys::PublicKey, operation::Method,
    transport::TransportErrorKind, value::File,
};
use bytes::Bytes;
use common::{
    builder, case, client, credentials,
    script::{Script, Step},
    signed, unsigned,
};
use proptest::prelude::*;
use serde_json::json;

const CREATE: &str = "/v3/alipay/marketing/activity/voucher/create";

#[test]
fn it_is_signed_like_any_other() {
    let vector = &case("post-json")["request"];
    let body: serde_json::Value = serde_json::from_str(vector["body"].as_str().unwrap()).unwrap();
    let prepared = client().raw(Method::Post, CREATE).json(&body).prepare().unwrap();
    let request = prepared.request();
    assert_eq!(request.uri().path_and_query().unwrap().as_str(), vector["target"]);
    assert_eq!(request.body(), vector["body"].as_str().unwrap());
    assert_eq!(
        request.headers()["authorization"],
        vector["headers"]["authorization"].as_str().unwrap()
    );
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(prepared.string_to_sign(), vector["string_to_sign"].as_str().unwrap().as_bytes());
}

#[test]
fn the_string_to_sign_is_what_the_signature_covers() {
    let key = PublicKey::parse(common::key("app_public")).unwrap();
    let call = || client().raw(Method::Post, CREATE).query("a", "b c").json(&json!({ "x": "中" }));
    let upload = || call().file("file", File::bytes("a.png", "PNG"));
    for (call, end) in [
        (call(), "\n{\"x\":\"中\"}\n"),
        (call().app_auth_token("token"), "\n{\"x\":\"中\"}\ntoken\n"),
        (call().encrypted(), "\n"),
        (upload(), "\n{\"x\":\"中\"}\n"),
        (upload().encrypted().app_auth_token("token"), "\ntoken\n"),
    ] {
        let prepared = call.prepare().unwrap();
        let authorization = prepared.request().headers()["authorization"].to_str().unwrap();
        let (_, signature) = authorization.rsplit_once(",sign=").unwrap();
        let text = prepared.string_to_sign();
        key.verify(&text, signature).unwrap();
        assert!(text.ends_with(end.as_bytes()), "{end}");
    }
}

#[tokio::test]
async fn the_response_is_verified_and_given_as_json() {
    let body = r#"{"b":{"x":[1,2.50]},"a":"活动"}"#;
    let script = Script::new([Step::Response(signed(200, body))]);
    let client = script.builder().build().unwrap();
    let response = client
        .raw(Method::Get, "/v3/alipay/marketing/activity/{activity_id}")
        .path("activity_id", "a/b 中")
        .query("merchant_access_mode", "SELF_MODE")
        .query("page", 2)
        .app_auth_token("token")
        .await
        .unwrap();
    assert_eq!(response["a"], "活动");
    assert_eq!(response["b"]["x"][0], 1);
    assert_eq!(response.raw_body(), body.as_bytes());
    assert!(response.verified());
    assert_eq!(response.trace_id(), Some("0b43c93517672256004561234e0a1b"));
    let seen = &script.seen()[0];
    assert_eq!(
        seen.line,
        "GET https://openapi.alipay.com/v3/alipay/marketing/activity/a%2Fb%20%E4%B8%AD\
         ?merchant_access_mode=SELF_MODE&page=2"
    );
    assert_eq!(seen.header("alipay-app-auth-token"), "token");
    assert!(seen.body.is_empty());
    // What is personal in it is not known, so nothing of it is shown.
    assert!(!format!("{response:?}").contains("活动"));
}

fn finished(response: http::Response<Bytes>) -> Result<serde_json::Value, Error> {
    let client = client();
    let prepared = client.raw(Method::Post, "/v3/alipay/x").prepare().unwrap();
    client
        .finish::<alipay_core::Raw>(prepared.context(), response)
        .map(alipay_core::Response::into_inner)
}

#[test]
fn what_is_not_proven_is_not_given() {
    assert_eq!(finished(signed(200, "")).unwrap(), json!(null));
    assert_eq!(finished(signed(200, " [1] ")).unwrap(), json!([1]));
    for (response, kind) in [
        (unsigned(200, "application/json", "{}"), ErrorKind::Verification),
        (unsigned(200, "application/json", ""), ErrorKind::Verification),
        (unsigned(204, "application/json", "{}"), ErrorKind::Verification),
        (unsigned(204, "text/plain", ""), ErrorKind::Verification),
        (signed(200, "{"), ErrorKind::Decode),
        (signed(200, "{} {}"), ErrorKind::Decode),
        (signed(202, "{}"), ErrorKind::Processing),
        (signed(400, r#"{"code":"X"}"#), ErrorKind::Api),
    ] {
        assert_eq!(finished(response).unwrap_err().kind(), kind);
    }
    // A response to one call is not taken for that to another.
    let prepared = client().raw(Method::Post, "/v3/alipay/x").prepare().unwrap();
    let response = client().finish::<common::Create>(prepared.context(), signed(200, "{}"));
    assert_eq!(response.unwrap_err().kind(), ErrorKind::Decode);
}

/// What a raw response should hold is not known, so only what can be nothing else is an error.
#[test]
fn a_signed_success_with_the_body_of_an_error_is_an_error() {
    for body in [
        json!({"code": "SYSTEM_ERROR", "message": "系统繁忙"}),
        json!({"code": "SYSTEM_ERROR", "message": "", "links": [], "details": null}),
    ] {
        let error = finished(signed(200, &body.to_string())).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Api, Outcome::Unknown));
        assert_eq!(error.code_text(), Some("SYSTEM_ERROR"));
        assert!(error.to_string().contains("but the body is that of an error"), "{error}");
    }
    for body in [
        json!({"code": "X"}),
        json!({"code": "", "message": "x"}),
        json!({"code": 1, "message": "x"}),
        json!({"code": "X", "message": null}),
        json!({"code": "X", "message": "x", "id": "1"}),
        json!([{"code": "X", "message": "x"}]),
        json!({"message": "x"}),
    ] {
        assert_eq!(finished(signed(200, &body.to_string())).unwrap(), body);
    }
    // Encrypted, too.
    let key = alipay_core::encrypt::AesKey::parse(common::key("aes_key")).unwrap();
    let cipher = key.encrypt(br#"{"code":"X","message":"x"}"#).unwrap();
    let client = client();
    let prepared = client.raw(Method::Post, "/v3/x").json(&json!({})).encrypted().prepare();
    let error = client
        .finish::<alipay_core::Raw>(prepared.unwrap().context(), signed(200, &cipher))
        .unwrap_err();
    assert_eq!((error.kind(), error.code_text()), (ErrorKind::Api, Some("X")));
}

#[test]
fn errors_name_method_and_path_but_not_what_was_put_in() {
    let client = client();
    let prepared = client
        .raw(Method::Delete, "/v3/alipay/user/{user_id}")
        .path("user_id", "2088102146225135")
        .query("phone", "13800138000")
        .prepare()
        .unwrap();
    let body = r#"{"code":"X","message":"2088102146225135 13800138000 unknown"}"#;
    let error =
        client.finish::<alipay_core::Raw>(prepared.context(), signed(400, body)).unwrap_err();
    assert_eq!(error.operation(), Some("DELETE /v3/alipay/user/{user_id}"));
    insta::assert_snapshot!(error, @"DELETE /v3/alipay/user/{user_id}: returned an error (HTTP 400): X, [redacted] [redacted] unknown [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
}

/// What of a body is personal is not known either, nor whether the name of a file is.
#[test]
fn errors_do_not_show_what_the_body_held() {
    let client = client();
    let body = json!({
        "user": {"phone": "13800138000", "ids": [2_088_102_146_225_135_u64, 17]},
        "name": "张三丰先生",
        "kind": "abc",
        "active": true,
    });
    let response = || {
        let message = "13800138000 2088102146225135 17 张三丰先生 abc true passport.jpg name";
        signed(400, &json!({"code": "X", "message": message}).to_string())
    };
    let call = client.raw(Method::Post, "/v3/x").json(&body).prepare().unwrap();
    let error = client.finish::<alipay_core::Raw>(call.context(), response()).unwrap_err();
    insta::assert_snapshot!(error, @"POST /v3/x: returned an error (HTTP 400): X, [redacted] [redacted] [redacted] [redacted] [redacted] true passport.jpg name [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
    let photo = alipay_core::value::File::bytes("passport.jpg", b"x".as_slice());
    let upload = client.raw(Method::Post, "/v3/x").json(&body).file("photo", photo);
    let error = client
        .finish::<alipay_core::Raw>(upload.prepare().unwrap().context(), response())
        .unwrap_err();
    insta::assert_snapshot!(error, @"POST /v3/x: returned an error (HTTP 400): X, [redacted] [redacted] [redacted] [redacted] [redacted] true [redacted] name [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
}

#[test]
fn paths_are_checked() {
    let problem = |path: &str| {
        let error = client().raw(Method::Get, path).prepare().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
        error.to_string()
    };
    for (path, expected) in [
        ("", "must begin with `/`"),
        ("v3/x", "must begin with `/`"),
        ("https://evil.example/v3", "must begin with `/`"),
        ("//evil.example/v3", "empty parts"),
        ("/v3/x/", "empty parts"),
        ("/v3/../x", "dots"),
        ("/v3/%2E%2e/x", "dots"),
        ("/v3/x?a=1", "query"),
        ("/v3/x#a", "query"),
        ("/v3/x y", "percent-encoded"),
        ("/v3/中", "percent-encoded"),
        ("/v3/x\r\ny", "percent-encoded"),
        ("/v3/%zz", "hexadecimal"),
        ("/v3/%2", "hexadecimal"),
        ("/v3/{id}", "`id` of the path is not given"),
        ("/v3/{id", "not closed"),
    ] {
        let text = problem(path);
        assert!(text.contains(expected), "{path}: {text}");
        assert!(!text.contains('\n'), "{text}");
    }
    let call = client().raw(Method::Get, "/v3/{id}").path("id", "..");
    assert!(call.prepare().unwrap_err().to_string().contains("dots"));
    let call = client().raw(Method::Get, "/v3/x").path("id", "1");
    assert!(call.prepare().unwrap_err().to_string().contains("no `{id}`"));
    let call = client().raw(Method::Get, "/v3/x").json(&json!({}));
    assert!(call.prepare().unwrap_err().to_string().contains("GET has no body"));
    let bad = std::collections::HashMap::from([((1, 2), 3)]);
    let call = client().raw(Method::Post, "/v3/x").json(&bad);
    assert!(call.prepare().unwrap_err().to_string().contains("no JSON form"));
    let call = client().raw(Method::Post, "/v3/x").request_id("a b");
    assert!(call.prepare().unwrap_err().to_string().contains("request id"));
}

proptest! {
    /// Whatever the path: an error, or a request for that very path.
    #[test]
    fn any_path(path in "[/a-z.%0-9{}?#\\\\ 中@:]{0,30}", value in any::<String>()) {
        let client = client();
        let call = client.raw(Method::Get, &path).query("q", &value);
        if let Ok(prepared) = call.prepare() {
            let uri = prepared.request().uri();
            prop_assert_eq!(uri.path(), &path);
            prop_assert_eq!(uri.host(), Some("openapi.alipay.com"));
        }
    }
}

#[tokio::test]
async fn repeats_are_the_callers_promise() {
    let attempts = async |method, idempotent| {
        let script = Script::new((0..3).map(|_| Step::Fail(TransportErrorKind::Io)));
        let client = script.builder().build().unwrap();
        let call = client.raw(method, "/v3/alipay/x");
        let call = if idempotent { call.idempotent() } else { call };
        let error = call.await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        (error.attempts(), error.to_string())
    };
    let (count, text) = attempts(Method::Post, false).await;
    assert!(count == 1 && text.ends_with("query before repeating"), "{text}");
    let (count, text) = attempts(Method::Post, true).await;
    assert!(count == 3 && text.ends_with("the outcome is unknown: repeat it unchanged"), "{text}");
    let (count, text) = attempts(Method::Get, true).await;
    assert!(count == 3 && text.ends_with("nothing was changed"), "{text}");
}

#[tokio::test]
async fn an_operation_is_called_by_its_id() {
    let body = json!({"out_trade_no": "20150320010101001"});
    let by_id = client().operation("alipay.trade.query").json(&body).prepare().unwrap();
    let by_path = client().raw(Method::Post, "/v3/alipay/trade/query").json(&body);
    let by_path = by_path.prepare().unwrap();
    assert_eq!(by_id.request().uri(), by_path.request().uri());
    assert_eq!(by_id.request().method(), by_path.request().method());
    assert_eq!(by_id.request().headers(), by_path.request().headers());
    assert_eq!(by_id.request().body(), &body.to_string()[..]);

    let script = Script::new([Step::Response(signed(200, r#"{"activity_name":"活动"}"#))]);
    let client = script.builder().build().unwrap();
    let call = client.operation("alipay.marketing.activity.query").path("activity_id", "a/1");
    assert_eq!(format!("{call:?}"), r#"Call { operation: "alipay.marketing.activity.query", .. }"#);
    let found = call.query("merchant_access_mode", "SELF_MODE").await.unwrap();
    assert_eq!(found["activity_name"], "活动");
    let path = "https://openapi.alipay.com/v3/alipay/marketing/activity/a%2F1";
    assert_eq!(script.seen()[0].line, format!("GET {path}?merchant_access_mode=SELF_MODE"));
}

/// A POST that only reads is repeated, but it proves nothing: that it only reads is inferred.
#[tokio::test]
async fn an_operation_is_repeated_as_its_generated_one() {
    let attempts = async |id: &str, idempotent| {
        let script = Script::new((0..3).map(|_| Step::Fail(TransportErrorKind::Io)));
        let client = script.builder().build().unwrap();
        let call = client.operation(id);
        let call = if idempotent { call.idempotent() } else { call };
        let error = call.await.unwrap_err();
        assert_eq!((error.operation(), error.outcome()), (Some(id), Outcome::Unknown));
        assert!(error.to_string().starts_with(&format!("{id}: the connection broke")), "{error}");
        (error.attempts(), error.to_string())
    };
    let (count, text) = attempts("alipay.trade.query", false).await;
    assert!(count == 3 && text.ends_with("the outcome is unknown: repeat it unchanged"), "{text}");
    let (count, text) = attempts("alipay.trade.pay", false).await;
    assert!(count == 1 && text.ends_with("query before repeating"), "{text}");
    let (count, text) = attempts("alipay.trade.pay", true).await;
    assert!(count == 3 && text.ends_with("repeat it unchanged"), "{text}");
    // A GET that acts.
    let (count, text) = attempts("alipay.commerce.ec.enterprise.unsign", false).await;
    assert!(count == 1 && text.ends_with("query before repeating"), "{text}");
    let (count, text) = attempts("alipay.data.bill.balance.query", false).await;
    assert!(count == 3 && text.ends_with("nothing was changed"), "{text}");
}

#[test]
fn an_id_that_nobody_has_is_refused_and_the_nearest_are_named() {
    let problem = |id: &str| {
        let error = client().operation(id).json(&json!({})).prepare().unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Request, Outcome::NotSent));
        assert!(!error.to_string().contains('\n'), "{error}");
        error.to_string()
    };
    for (id, nearest) in [
        ("alipay.trade.qurey", "alipay.trade.query"),
        ("alipay.trade.Query", "alipay.trade.query"),
        ("trade.query", "alipay.trade.query"),
        ("alipay/trade/query", "alipay.trade.query"),
        ("/v3/alipay/trade/query", "alipay.trade.query"),
        ("AlipayTradeQueryRequest", "alipay.trade.query"),
        ("alipay.fund.trans.uni.tranfer", "alipay.fund.trans.uni.transfer"),
    ] {
        let text = problem(id);
        assert!(text.contains(&format!("did you mean `{nearest}`")), "{id}: {text}");
    }
    insta::assert_snapshot!(problem("alipay.trade.payy"), @"Alipay's v3 has no operation `alipay.trade.payy`: did you mean `alipay.trade.pay`? `Client::raw` calls one that is newer than this list");
    insta::assert_snapshot!(problem(""), @"Alipay's v3 has no operation ``: `alipay_core::catalogue` lists those there are, and `Client::raw` calls one that is newer than this list");
    insta::assert_snapshot!(problem("weather\nforecast"), @"Alipay's v3 has no operation `weather\\u{a}forecast`: `alipay_core::catalogue` lists those there are, and `Client::raw` calls one that is newer than this list");
    // Many ids end in such a short word, so none of them is meant more than another.
    assert!(!problem("sync").contains("did you mean"));
    // What only v2 has.
    insta::assert_snapshot!(problem("alipay.fund.coupon.order.page.pay"), @"Alipay's v3 has no operation `alipay.fund.coupon.order.page.pay`: `alipay_core::catalogue` lists those there are, and `Client::raw` calls one that is newer than this list");
    assert!(problem(&"x".repeat(1_000_000)).len() < 300);
    // Blanks around an id are no part of it.
    let call = client().operation(" alipay.trade.query\n").json(&json!({})).prepare();
    assert!(call.is_ok(), "{call:?}");
}

#[test]
fn the_catalogue_has_all_operations() {
    assert!(catalogue::all().len() > 700);
    assert!(catalogue::all().is_sorted_by(|one, next| one.id < next.id));
    for entry in catalogue::all() {
        assert_eq!(catalogue::find(entry.id), Some(entry));
        // Each of them can be sent.
        let mut call = client().operation(entry.id);
        let parameters = entry.path.split('{').skip(1).filter_map(|part| part.split_once('}'));
        for (name, _) in parameters {
            call = call.path(name, "1");
        }
        let prepared = call.prepare().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(prepared.request().method(), entry.method.as_str());
    }
    let titled = catalogue::all().iter().filter(|entry| entry.title.is_some()).count();
    assert!(titled * 10 > catalogue::all().len() * 9, "{titled}");
    assert_eq!(catalogue::find("alipay.trade"), None);
}

#[tokio::test]
async fn content_can_be_encrypted() {
    let key = alipay_core::encrypt::AesKey::parse(common::key("aes_key")).unwrap();
    let cipher = key.encrypt(br#"{"a":1}"#).unwrap();
    let script = Script::new([Step::Response(signed(200, &cipher))]);
    let client = builder(credentials()).transport(script.clone()).build().unwrap();
    let response =
        client.raw(Method::Post, "/v3/x").json(&json!({"b": 2})).encrypted().await.unwrap();
    assert_eq!(response["a"], 1);
    let seen = &script.seen()[0];
    assert_eq!(seen.header("alipay-encrypt-type"), "AES");
    assert_eq!(seen.header("content-type"), "text/plain");
    assert_eq!(key.decrypt(&seen.body).unwrap(), br#"{"b":2}"#);
}
