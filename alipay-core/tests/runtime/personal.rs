//! What of a request a server repeats, and what of that is shown.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking; the models are written like generated ones"
)]

use crate::common;

use std::collections::BTreeMap;

use alipay_core::{
    Client, Error, Response, model, operation,
    operation::Method,
    transport::{Body, BoxFuture, Limits, Transport, TransportError, TransportErrorKind},
    value::{File, IdempotencyKey, Json, JsonText},
};
use bytes::Bytes;
use common::{
    Nothing, Send, builder, certificate_credentials, certified, client, finished, send_request,
    signed, signed_at, unsigned,
};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

/// The error of a raw call with this body that gets this response.
fn refused(body: &impl serde::Serialize, response: http::Response<Bytes>) -> Error {
    let call = client().raw(Method::Post, "/v3/x").json(body).prepare().unwrap();
    client().finish::<alipay_core::Raw>(call.context(), response).unwrap_err()
}

/// What is shown of a message, when the request held these texts.
fn shown(texts: &[&str], message: &str) -> String {
    let response = signed(400, &json!({"code": "CODE", "message": message}).to_string());
    let text = refused(&texts, response).to_string();
    let (_, text) = text.split_once("CODE, ").unwrap();
    text.split(" [trace id ").next().unwrap().to_owned()
}

#[test]
fn no_text_is_too_short() {
    for (text, message, expected) in [
        ("王小明", "收款人姓名王小明与账号不匹配", "收款人姓名[redacted]与账号不匹配"),
        ("李四", "李四不存在", "[redacted]不存在"),
        ("王", "姓王的用户", "姓[redacted]的用户"),
        ("Müller", "Herr Müller fehlt", "Herr [redacted] fehlt"),
        ("ö", "Frau ö", "Frau [redacted]"),
        ("Иван", "нет Ивана", "нет [redacted]а"),
        ("😀", "nickname 😀!", "nickname [redacted]!"),
        ("abcd", "xabcdx", "x[redacted]x"),
        ("123", "cvv 123", "cvv [redacted]"),
        ("123", "cvv是123。", "cvv是[redacted]。"),
        ("ab", "(ab)", "([redacted])"),
        ("7", "row 7, not 17", "row [redacted], not 17"),
    ] {
        assert_eq!(shown(&[text], message), expected);
    }
}

/// Short ones of ASCII would tear holes into words and ids.
#[test]
fn short_ascii_is_taken_out_where_it_stands_alone() {
    for (text, message) in [("ab", "about a cab"), ("17", "a17 170 717 ４17"), ("x", "exit")] {
        assert_eq!(shown(&[text], message), message);
    }
    // A longer one that does not stand alone does not hide a shorter one that does.
    assert_eq!(shown(&["ab", "abc"], "ab cd"), "[redacted] cd");
    // What says nothing is not looked for.
    assert_eq!(shown(&["", " ", "-", "。", "***"], "a - b。***"), "a - b。***");
}

#[test]
fn the_spelling_of_an_echo_makes_no_difference() {
    for (text, message, expected) in [
        ("13800138000", "138 0013 8000 is taken", "[redacted] is taken"),
        ("13800138000", "138-0013-8000", "[redacted]"),
        ("13800138000", "+86 (138)0013.8000!", "+86 ([redacted]!"),
        ("13800138000", "１３８００１３８０００", "[redacted]"),
        ("13800138000", "138\u{200b}0013\u{ad}8000", "[redacted]"),
        ("13800138000", "138\u{feff}0013\u{61c}8000", "[redacted]"),
        ("138 0013 8000", "13800138000", "[redacted]"),
        ("Zhang San", "ZHANG  SAN", "[redacted]"),
        ("zhang.san@example.com", "Zhang.San@Example.COM", "[redacted]"),
        ("1990-01-02", "19900102", "[redacted]"),
        ("13800138000", "1\u{20dd}3800138000", "[redacted]"),
        ("葛小明", "葛\u{e0100}小明", "[redacted]"),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提", "[redacted]"),
        (r#"a "quoted\" text"#, r#"{"x":"a \"quoted\\\" text"}"#, r#"{"x":"[redacted]"}"#),
        ("6222 0212 3456 7890", "6222021234567890", "[redacted]"),
    ] {
        assert_eq!(shown(&[text], message), expected);
    }
}

#[test]
fn echoes_that_overlap_or_hold_one_another_leave_no_rest() {
    let all = ["2088", "2088102146225135", "2088102"];
    assert_eq!(shown(&all, "2088102146225135/2088"), "[redacted]/[redacted]");
    assert_eq!(shown(&["abcdef", "defghi"], "(abcdefghi)"), "([redacted])");
    assert_eq!(shown(&["小明", "王"], "用户王小明"), "用户[redacted]");
    assert_eq!(shown(&["1380", "1385", "13"], "138 13 1382"), "138 [redacted] 1382");
    assert_eq!(shown(&["aaab"], "aaaab"), "a[redacted]");
}

/// 300 characters of a message are shown.
#[test]
fn an_echo_that_is_cut_is_an_echo() {
    let phone = "13800138000";
    let filler = |count: usize| "。".repeat(count);
    for before in 285..300 {
        let message = format!("{}{phone}{}", filler(before), filler(50));
        let text = shown(&[phone], &message);
        assert_eq!(text, format!("{}[redacted]{}…", filler(before), filler(289 - before.min(289))));
    }
    let message = format!("{}王小明{}", filler(299), filler(50));
    assert_eq!(shown(&["王小明"], &message), format!("{}[redacted]…", filler(299)));
    // The server may have cut it as well.
    assert_eq!(shown(&["王小明", phone], "姓名 王小"), "姓名 [redacted]");
    assert_eq!(shown(&["王小明", phone], "手机 138-0013"), "手机 [redacted]");
    assert_eq!(shown(&["王小明", phone], "手机 138"), "手机 138");
}

#[test]
fn echoes_longer_than_what_is_shown() {
    let long = (0..200_000).map(|number| number.to_string()).collect::<Vec<_>>().concat();
    assert_eq!(shown(&[&long], &long), "[redacted]…");
    assert_eq!(shown(&[&long], &format!("no {long} is known")), "no [redacted]…");
    assert_eq!(shown(&[&long], &format!("no {}", &long[..400])), "no [redacted]…");
    assert_eq!(shown(&[&long], &format!("no {}", &long[..200])), "no [redacted]");
}

/// What is long is not shown, and most of it not even looked at.
#[test]
fn only_the_beginning_of_a_message_is_shown() {
    assert_eq!(shown(&[], &"长".repeat(300)), "长".repeat(300));
    assert_eq!(shown(&[], &"长".repeat(301)), format!("{}…", "长".repeat(300)));
    let blank = json!({"code": "X", "message": format!("{}x", " ".repeat(1_000_000))});
    assert!(refused(&(), signed(400, &blank.to_string())).to_string().contains(": X [trace id"));
    assert_eq!(shown(&[], " 活动已结束 "), "活动已结束");
    let code = format!("A{}", "b".repeat(1_000_000));
    let error = refused(&(), signed(400, &json!({ "code": code }).to_string()));
    assert_eq!(error.code_text().unwrap().len(), 1_000_001);
    assert!(error.to_string().contains(&format!(": A{}… [trace", "b".repeat(99))), "{error}");
}

/// A server can put its echo anywhere.
#[test]
fn codes_ids_types_and_serials_are_no_better_than_messages() {
    let body = json!({"id": "13800138000", "cvv": "123"});
    let mut response = signed(400, r#"{"code":"NO_13800138000-123","message":"13800138000"}"#);
    response.headers_mut().insert("alipay-trace-id", "123-1380013800013800138000".parse().unwrap());
    assert_snapshot!(refused(&body, response), @"POST /v3/x: refused (HTTP 400): NO_[redacted]-[redacted], [redacted] [trace id [redacted]-[redacted]]; nothing was done");

    let page = unsigned(502, "text/13800138000; name=123", "<html>");
    assert_snapshot!(refused(&body, page), @"POST /v3/x: the response is not a success; its body is HTML (text/[redacted]; name=[redacted], 6 bytes) (HTTP 502) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");

    let client = builder(certificate_credentials()).clock(certified()).build().unwrap();
    let call = client.raw(Method::Post, "/v3/x").json(&body).prepare().unwrap();
    let mut response = signed_at("1800000000000", 200, "{}");
    response.headers_mut().insert("alipay-sn", "13800138000".parse().unwrap());
    assert_snapshot!(client.finish::<alipay_core::Raw>(call.context(), response).unwrap_err(), @"POST /v3/x: the response is signed with Alipay's certificate (支付宝公钥证书) [redacted], which is not among the given ones; download the present one from the console (HTTP 200) [trace id 0b43c93517672256004561234e0a1b]; the outcome is unknown: query before repeating");
}

#[test]
fn details_and_links_print_nothing_the_server_wrote() {
    let texts = ["王小明", "13800138000", "https://x/", "other words"];
    let body = json!({
        "code": "X",
        "details": [
            {"field": texts[0], "location": texts[3], "issue": texts[1], "value": texts[0],
             "description": "姓名王小明 other words"},
            "other words",
        ],
        "links": [{"link": "https://x/?name=王小明&id=13800138000", "desc": texts[1]}, "https://x/"],
    });
    let error = refused(&json!({}), signed(400, &body.to_string()));
    let debug = format!("{:?} {:?} {error:?} {error}", error.details(), error.links());
    for text in texts {
        assert!(!debug.contains(text), "{debug}");
    }
    assert_snapshot!(format!("{:?}", error.details()[1]), @"Detail { field: None, value: None, location: None, issue: None, description: Some([redacted]) }");
    // Who asks for them gets them as they were sent.
    assert_eq!(error.details()[0].field.as_deref(), Some("王小明"));
    assert_eq!(error.details()[0].description.as_deref(), Some("姓名王小明 other words"));
    assert_eq!(error.links()[0].link, "https://x/?name=王小明&id=13800138000");
    assert_eq!(error.links()[0].desc.as_deref(), Some("13800138000"));
}

#[test]
fn the_trace_id_of_a_success_may_be_an_echo() {
    let echo = |body| {
        let mut response = signed(200, body);
        response.headers_mut().insert("alipay-trace-id", "t-2088102146225135".parse().unwrap());
        response
    };
    let sent = finished::<Send>(&client(), &send_request(), echo("{}")).unwrap();
    assert_snapshot!(format!("{sent:?}"), @r#"Response { status: 200, trace_id: Some("t-[redacted]"), request_id: "5f9fba93bbb240f0b32804d5ead3e131", verified: true, attempts: 1, body: SendResponse, .. }"#);
    let call = client().raw(Method::Get, "/v3/{id}").path("id", "2088102146225135");
    let got =
        client().finish::<alipay_core::Raw>(call.prepare().unwrap().context(), echo("{}")).unwrap();
    assert_snapshot!(format!("{got:?}"), @r#"Response { status: 200, trace_id: Some("t-[redacted]"), request_id: "5f9fba93bbb240f0b32804d5ead3e131", verified: true, attempts: 1, .. }"#);
    assert_eq!(got.trace_id(), Some("t-2088102146225135"));
}

/// A transport of somebody's own that says in its error what it was asked for.
struct Talkative;

impl Transport for Talkative {
    fn send(
        &self,
        request: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let problem = format!("cannot reach {}", request.uri());
        let error = TransportError::new(TransportErrorKind::Connect).with_source(problem);
        Box::pin(async { Err(error) })
    }

    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn causes_may_repeat_it_too() {
    let client = builder(common::credentials()).transport(Talkative).build().unwrap();
    let call =
        client.raw(Method::Get, "/v3/{user}").path("user", "王小明").query("token", "s3cret/1");
    assert_snapshot!(call.no_retry().await.unwrap_err(), @"GET /v3/{user}: cannot connect to https://openapi.alipay.com: cannot reach https://openapi.alipay.com/v3/%[redacted]?token=[redacted]; nothing was sent");
}

/// What of a raw body is personal is not known: all of it is, however it is nested or spelled.
#[test]
fn texts_and_numbers_of_raw_bodies() {
    let response =
        |message: &str| signed(400, &json!({"code": "X", "message": message}).to_string());
    let is_shown = |body: &dyn Fn() -> serde_json::Value, text: &str| {
        let error = refused(&body(), response(&format!("no {text} here"))).to_string();
        assert!(error.contains(&format!("no {text} here")) || error.contains("no [redacted] here"));
        error.contains(&format!("no {text} here"))
    };
    let body = || {
        json!({
            "phone": 13_800_138_000_u64,
            "small": [17, -42, 1.25],
            "list": ["first", ["second", {"deep": "third \"quoted\" 王"}]],
            "by_number": {"13900139000": 1, "a@b.cn": {"孙七": null}},
            "user_name": {"x-y.z": true},
        })
    };
    for text in [
        "13800138000",
        "17",
        "42",
        "1.25",
        "first",
        "second",
        "third \"quoted\" 王",
        "13900139000",
        "a@b.cn",
        "孙七",
    ] {
        assert!(!is_shown(&body, text), "{text}");
    }
    // Names of fields, and what can be only one of two or three things.
    for text in ["phone", "user_name", "x-y.z", "true", "null", "n", "t", "e"] {
        assert!(is_shown(&body, text), "{text}");
    }
}

#[test]
fn numbers_are_known_as_they_are_sent() {
    let number = 123_456_789_012_345_678_901_234_567_890_u128;
    let response =
        signed(400, &json!({"code": "X", "message": format!("no {number}")}).to_string());
    assert!(refused(&number, response).to_string().contains("X, no [redacted]"));
}

#[test]
fn a_body_may_be_nested_as_deep_as_it_likes() {
    struct Nested(u32);
    impl serde::Serialize for Nested {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                0 => serializer.serialize_str("13800138000"),
                depth => serializer.collect_seq([Nested(depth - 1)]),
            }
        }
    }
    let response = signed(400, r#"{"code":"X","message":"no 13800138000"}"#);
    assert!(refused(&Nested(500), response).to_string().contains("X, no [redacted]"));
}

/// Some fields are texts that hold JSON, which may hold such texts again.
#[test]
fn texts_that_hold_json() {
    let is_shown = |body: &serde_json::Value, text: &str| {
        let message = format!("no {text} here");
        let response = signed(400, &json!({"code": "X", "message": &message}).to_string());
        refused(body, response).to_string().contains(&message)
    };
    let body = json!({
        "a": r#"{"name":"王小明","phones":[13800138000]}"#,
        "b": " [\"李四\"]",
        // Cut on the way, and yet what it is.
        "c": r#"{"name":"孙七"#,
        "d": "name: 周八",
    });
    for text in ["王小明", "13800138000", "李四", "孙七"] {
        assert!(!is_shown(&body, text), "{text}");
    }
    for text in ["name", "phones", "周八"] {
        assert!(is_shown(&body, text), "{text}");
    }
    let nest = |inner: serde_json::Value, _| json!({"a": inner.to_string()});
    let nested = |depth| (0..depth).fold(json!({"a": "吴九"}), nest);
    // However many such strings stand before it.
    let many = json!([r#"{"a":"1"}"#, r#"{"a":"2"}"#, "[3]", "[4]", "[5]", r#"{"a":"郑十"}"#]);
    assert!(!is_shown(&many, "郑十"));
    assert!(!is_shown(&nested(4), "吴九"));
    assert!(is_shown(&nested(5), "吴九"));

    // So it is in path and query, where it stands percent-encoded.
    let client = client();
    let call = raw(&client, "1", r#"{"name":"王小明"}"#);
    let message = "q=%E7%8E%8B%E5%B0%8F%E6%98%8E is 王小明";
    let response = signed(400, &json!({"code": "X", "message": message}).to_string());
    let error =
        client.finish::<alipay_core::Raw>(call.context(), response).unwrap_err().to_string();
    assert!(error.contains("X, q=%[redacted] is [redacted] ["), "{error}");
}

model! {
    /// `Person`.
    pub struct Person: optional {
        pub name: Option<String> = body("name").sensitive(),
        pub city: Option<String> = body("city"),
    }
}
model! {
    /// `Group`.
    pub struct Group: optional {
        pub title: Option<String> = body("title"),
        pub count: Option<i64> = body("count"),
        pub share: Option<f64> = body("share"),
        pub rules: Option<Json> = body("rules"),
        pub people: Option<Vec<Person>> = body("people"),
        pub by_role: Option<BTreeMap<String, Person>> = body("by_role"),
        pub as_text: Option<JsonText<Person>> = body("as_text"),
        pub next: Option<Vec<Group>> = body("next"),
    }
}
model! {
    /// `Everything`.
    pub struct Everything: optional {
        pub user: Option<String> = path("user").sensitive(),
        pub near: Option<Vec<String>> = query("near").sensitive(),
        pub agent: Option<String> = header("agent").sensitive(),
        pub group: Option<Group> = body("group"),
        pub groups: Option<Vec<Vec<Group>>> = body("groups"),
        pub phones: Option<BTreeMap<String, i64>> = body("phones").sensitive(),
        pub free: Option<Json> = body("free").sensitive(),
        pub owner: Option<Person> = body("owner").sensitive(),
        pub size: Option<f64> = body("size").sensitive(),
        pub photo: Option<File> = file("photo"),
        pub photos: Option<Vec<File>> = file("photos"),
    }
}
operation! {
    /// `alipay.user.tell`.
    pub enum Tell {
        id: "alipay.user.tell",
        http: Post "/v3/alipay/user/{user}",
        request: Everything,
        reply: Response<Nothing>,
    }
}

fn person(name: &str, city: &str) -> Person {
    Person { name: Some(name.to_owned()), city: Some(city.to_owned()) }
}

fn photo(name: &str) -> File {
    File::bytes(name, b"x".as_slice())
}

/// Sensitive fields are found in models, lists, maps and texts of JSON, at every depth and place.
#[test]
fn sensitive_fields_of_nested_models() {
    let inner = Group {
        title: Some("inner title".to_owned()),
        count: Some(31_415),
        share: Some(0.625),
        rules: Some(r#"["weekdays only"]"#.parse().unwrap()),
        people: Some(vec![person("安一", "北京"), person("白二", "上海")]),
        by_role: Some(BTreeMap::from([("cook".to_owned(), person("陈三", "广州"))])),
        as_text: Some(JsonText::from(person("丁四", "深圳"))),
        next: None,
    };
    let outer = Group { next: Some(vec![inner.clone()]), ..Group::default() };
    let deep = Group { people: Some(vec![person("傅五", "成都")]), ..Group::default() };
    let request = Everything {
        user: Some("高六".to_owned()),
        near: Some(vec![
            "韩七".to_owned(),
            r#"{"a":"沈二"}"#.to_owned(),
            "2088102146225135".to_owned(),
        ]),
        agent: Some("agent-8".to_owned()),
        group: Some(outer),
        groups: Some(vec![vec![], vec![deep]]),
        phones: Some(BTreeMap::from([("何九".to_owned(), 13_800_138_000)])),
        free:
            Some(
                r#"{"a":[{"b":"姜十"}],"1":12345678901234567890123,"c":"{\"d\":\"蒋零\"}"}"#
                    .parse()
                    .unwrap(),
            ),
        owner: Some(person("孔某", "重庆")),
        size: Some(1e20),
        photo: Some(photo("passport.jpg")),
        photos: Some(vec![photo("front.jpg"), photo("back.jpg")]),
    };
    let shown = |text: &str| {
        let body = json!({"code": "X", "message": format!("no {text} here")}).to_string();
        finished::<Tell>(&client(), &request, signed(400, &body)).unwrap_err().to_string()
    };
    for text in [
        "安一",
        "白二",
        "陈三",
        "丁四",
        "傅五",
        "高六",
        "韩七",
        "2088102146225135",
        "agent-8",
        "何九",
        "13800138000",
        "姜十",
        "蒋零",
        "沈二",
        "12345678901234567890123",
        "孔某",
        "重庆",
        "100000000000000000000",
        "1e+20",
        "passport.jpg",
        "front.jpg",
        "back.jpg",
        // As they stand in the target.
        "E9%AB%98%E5%85%AD",
        "e9%9f%a9%e4%b8%83",
    ] {
        assert!(shown(text).contains("X, no [redacted] here ["), "{}", shown(text));
    }
    for text in ["inner title", "31415", "0.625", "weekdays only", "cook", "photo"] {
        assert!(shown(text).contains(text), "{text}");
    }
    for text in ["北京", "上海", "广州", "深圳", "成都"] {
        assert!(shown(text).contains(text), "{text}");
    }
}

fn raw(client: &Client, path: &str, query: &str) -> alipay_core::prepare::Prepared {
    client.raw(Method::Get, "/v3/{id}").path("id", path).query("q", query).prepare().unwrap()
}

#[test]
fn values_of_path_and_query_of_raw_calls() {
    let client = client();
    let call = raw(&client, "a/b 王", "七");
    let message = "/v3/a%2Fb%20%E7%8E%8B?q=%E4%B8%83, that is a/b 王 and 七";
    let response = signed(400, &json!({"code": "X", "message": message}).to_string());
    let error = client.finish::<alipay_core::Raw>(call.context(), response).unwrap_err();
    assert_snapshot!(error, @"GET /v3/{id}: returned an error (HTTP 400): X, /v3/[redacted]?q=%[redacted], that is [redacted] and [redacted] [trace id 0b43c93517672256004561234e0a1b]; nothing was changed");
    assert_eq!(error.redacted("a/b 王\nnext"), r"[redacted]\u{a}next");
    let response = client
        .finish::<alipay_core::Raw>(raw(&client, "a/b 王", "七").context(), signed(200, "{}"));
    assert_eq!(response.unwrap().redacted("id a/b 王"), "id [redacted]");
}

proptest! {
    /// Whatever the text and whatever stands around it.
    #[test]
    fn nothing_of_a_text_is_shown(
        text in "[0-9a-zA-Z 王小明öß٣]{4,20}",
        before in "[-。 (]{0,310}",
        after in "[-。 )]{0,310}",
    ) {
        let significant = text.chars().filter(|letter| *letter != ' ').count();
        prop_assume!(significant >= 4);
        let text = text.trim();
        let shown = shown(&[text], &format!("{before}{text}{after}"));
        let rest = shown.replace("[redacted]", "");
        prop_assert!(!rest.chars().any(char::is_alphanumeric), "{}", shown);
    }

    /// A text that is no part of the message changes nothing of it.
    #[test]
    fn others_are_left_alone(message in "[a-f王小明 ]{1,40}", text in "[g-z李四]{1,8}") {
        let message = format!("{}.", message.trim());
        prop_assert_eq!(shown(&[&text], &message), message);
    }
}

model! {
    /// `Pay`, with a key that others may not see.
    pub struct Pay: optional input {
        pub number: Option<String> = body("number").sensitive(),
        pub key: Option<IdempotencyKey> = body("key"),
    }
}
operation! {
    /// `alipay.pay`.
    pub enum ByNumber {
        id: "alipay.pay",
        http: Post "/v3/alipay/pay",
        request: Pay,
        reply: Response<Nothing>,
        idempotent_by: "number",
    }
}
operation! {
    /// `alipay.pay`.
    pub enum ByKey {
        id: "alipay.pay",
        http: Post "/v3/alipay/pay",
        request: Pay,
        reply: Response<Nothing>,
        idempotent_by: "key",
    }
}

#[test]
fn keys_are_shown_unless_they_are_personal() {
    let failed = || signed(500, r#"{"code":"SYSTEM_ERROR","message":"m"}"#);
    let pay = Pay::new().number("13800138000").key("K-1".parse::<IdempotencyKey>().unwrap());
    let error = finished::<ByKey>(&client(), &pay, failed()).unwrap_err();
    assert_eq!(error.idempotency_key(), Some("K-1"));
    assert!(error.to_string().ends_with("repeat with the same `key` (K-1), or query"), "{error}");

    let error = finished::<ByNumber>(&client(), &pay, failed()).unwrap_err();
    assert_eq!(error.idempotency_key(), None);
    assert!(error.to_string().ends_with("repeat with the same `number`, or query"), "{error}");

    let pay = pay.key("13800138000".parse::<IdempotencyKey>().unwrap());
    let error = finished::<ByKey>(&client(), &pay, failed()).unwrap_err();
    assert!(error.to_string().ends_with("the same `key` ([redacted]), or query"), "{error}");
    assert!(!format!("{error:?}").contains("138001"), "{error:?}");

    // A blank protects nothing.
    let pay = Pay::new().number(" ");
    let error = finished::<ByNumber>(&client(), &pay, failed()).unwrap_err();
    assert!(error.to_string().ends_with("query before repeating"), "{error}");
}

/// Spans and events say less than errors: names and ids, and lines of this crate's own.
#[cfg(feature = "tracing")]
#[test]
fn no_span_and_no_event_repeats_an_echo() {
    use common::{
        recorder::Recorder,
        script::{Script, Step},
    };

    let user = "2088102146225135";
    let recorder = Recorder::default();
    let echoes = [
        "2088102146225135",
        "2088-1021-4622-5135",
        "no.2088102146225135",
        "２０８８１０２１４６２２５１３５",
    ];
    for echo in echoes {
        let with_echo = |mut response: http::Response<Bytes>| {
            for name in ["alipay-trace-id", "content-type", "alipay-sn"] {
                response.headers_mut().insert(name, echo.as_bytes().try_into().unwrap());
            }
            Step::Response(response)
        };
        let body = json!({"code": echo, "message": echo, "user_id": echo, "voucher_id": [echo]});
        let body = body.to_string();
        let failure = json!({"code": "SYSTEM_ERROR", "message": echo}).to_string();
        let mut forged = signed(200, &body);
        *forged.body_mut() = failure.clone().into();
        let mut busy = signed(503, &body);
        busy.headers_mut().insert("retry-after", user.parse().unwrap());
        let steps = [
            Step::Response(busy),
            with_echo(signed(500, &body)),
            with_echo(unsigned(500, "application/json", &failure)),
            with_echo(signed(200, &body)),
            with_echo(unsigned(200, "application/json", &body)),
            with_echo(forged),
            with_echo(signed(200, echo)),
            with_echo(signed(400, &body)),
            Step::Fail(TransportErrorKind::Io),
            with_echo(signed(500, &failure)),
        ];
        let mut send = send_request();
        // Some make their numbers of whom they pay.
        send.out_biz_no = Some(format!("pay-{user}-7"));
        tracing::subscriber::with_default(recorder.clone(), || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let client = Script::new(steps).builder().build().unwrap();
                for _ in 0..6 {
                    let call = alipay_core::Call::<Send>::new(&client, &send);
                    drop(call.app_auth_token("s3cret").await);
                }
                for _ in 0..2 {
                    let call = client.raw(Method::Post, "/v3/x/{id}").path("id", user);
                    let call = call.query("user", user).json(&json!({"user": user}));
                    drop(call.app_auth_token("s3cret").await);
                }
            });
        });
    }
    let text = recorder.text();
    for name in ["alipay.call.repeated", "alipay.response.refused", "alipay.values.unreadable"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(text.contains("pay-[redacted]-7"), "{text}");
    for secret in echoes.into_iter().chain([user, "s3cret", "sign="]) {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
