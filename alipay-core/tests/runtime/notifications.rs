//! Notifications: what verifies, and what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use alipay_core::{
    Credentials, ErrorKind, Outcome,
    encrypt::AesKey,
    keys::SignatureError,
    model::{Field, Model},
    notification::{FAIL, Notification, SUCCESS, event_time},
    verify::Verifier,
};
use common::{ALIPAY, VECTORS, client, credentials, key};
use proptest::prelude::*;

mod created {
    use std::fmt;

    use alipay_core::model::{self, Field, Model, Table, Value};

    #[derive(Clone, Default, PartialEq)]
    pub(super) struct Created {
        pub(super) activity_id: Option<String>,
    }

    impl Model for Created {
        fn table(&self) -> &'static Table {
            const TABLE: &Table = &Table::new("Created", &[Field::body("activity_id")]);
            TABLE
        }
        fn field(&self, index: usize) -> Option<&dyn Value> {
            (index == 0).then_some(&self.activity_id as &dyn Value)
        }
        fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
            (index == 0).then_some(&mut self.activity_id as &mut dyn Value)
        }
        fn blank() -> Self {
            Self::default()
        }
    }

    impl fmt::Debug for Created {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            model::fmt_debug(self, f)
        }
    }
}
use created::Created;

fn vector(rule: &str) -> &'static str {
    VECTORS["notifications"][rule]["body"].as_str().unwrap()
}

/// The serial of Alipay's certificate.
fn alipay_serial() -> &'static str {
    let made = VECTORS["cert_sn"]["made_here"].as_array().unwrap();
    made.iter().find(|made| made["name"] == "alipay_cert").unwrap()["sn"].as_str().unwrap()
}

fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(*byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

fn form(parameters: &[(&str, &[u8])], sign: &str) -> String {
    let mut body: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    body.push(format!("sign={}", encode(sign.as_bytes())));
    body.join("&")
}

/// What is signed of the parameters that `covered` picks.
fn joined(parameters: &[(&str, &[u8])], covered: impl Fn(&str, &[u8]) -> bool) -> Vec<u8> {
    let mut signed: Vec<_> =
        parameters.iter().filter(|(name, value)| covered(name, value)).collect();
    signed.sort();
    let text: Vec<_> =
        signed.iter().map(|(name, value)| [name.as_bytes(), value].join(&b'=')).collect();
    text.join(&b'&')
}

/// Posts the parameters in this order, signed over those that `covered` picks.
fn post_bytes(parameters: &[(&str, &[u8])], covered: impl Fn(&str, &[u8]) -> bool) -> String {
    form(parameters, &ALIPAY.sign(&joined(parameters, covered)).unwrap())
}

pub(crate) fn post(parameters: &[(&str, &str)], covered: impl Fn(&str, &[u8]) -> bool) -> String {
    let parameters: Vec<_> =
        parameters.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    post_bytes(&parameters, covered)
}

pub(crate) fn v1(name: &str, _: &[u8]) -> bool {
    name != "sign_type"
}

const PARAMETERS: [(&str, &str); 5] = [
    ("notify_id", "n1"),
    ("msg_method", "alipay.marketing.activity.message.created"),
    ("app_id", "2021000000000001"),
    ("biz_content", r#"{"activity_id":"2016"}"#),
    ("sign_type", "RSA2"),
];

/// The parameters with one changed, or added.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut parameters: Vec<_> =
        PARAMETERS.into_iter().filter(|(other, _)| *other != name).collect();
    parameters.push((name, value));
    parameters
}

fn refused(body: &str) -> (ErrorKind, String) {
    let error = credentials().verify_notification(body.as_bytes()).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(!error.is_retryable());
    (error.kind(), error.to_string())
}

#[test]
fn both_rules_verify() {
    for rule in ["v1", "v2"] {
        let notification = client().verify_notification(vector(rule).as_bytes()).unwrap();
        assert_eq!(notification.id(), "2026010100222204607000921452504952");
        assert_eq!(notification.method(), "alipay.marketing.activity.message.created");
        assert_eq!(notification.app_id(), "2021000000000001");
        assert_eq!(notification.parameter("version"), Some("1.1"));
        assert_eq!(notification.parameter("sign"), None);
        // Only rule v2 covers it, so only there it is to be trusted.
        assert_eq!(notification.parameter("sign_type").is_some(), rule == "v2");
        let sent = notification.utc_timestamp().unwrap();
        assert_eq!(
            sent.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(),
            1_767_225_600_789
        );
        assert!(notification.biz_content().contains(r#""note":"50% off & a+b=c 券""#));
        let created: Created = notification.decode().unwrap();
        assert_eq!(created.activity_id.as_deref(), Some("2016042700826004508401111111"));
    }
    assert_eq!((SUCCESS, FAIL), ("success", "fail"));
}

#[test]
fn the_parameters_are_those_that_the_signature_covers() {
    let notification = read(&post(&payment("subject", "Tea"), v1));
    let all: Vec<_> = notification.parameters().collect();
    assert!(all.contains(&("subject", "Tea")) && all.is_sorted());
    assert!(all.iter().all(|(name, value)| notification.parameter(name) == Some(value)));
    assert!(all.iter().all(|(name, _)| !["sign", "sign_type"].contains(name)));
}

#[test]
fn both_treatments_of_blank_values_verify() {
    let parameters = with("memo", "");
    for body in [
        post(&parameters, v1),
        post(&parameters, |name, value| v1(name, value) && !value.is_empty()),
    ] {
        credentials().verify_notification(body.as_bytes()).unwrap();
    }
}

/// A serial that is added on the way without being signed is tolerated, but not handed on.
#[test]
fn an_unsigned_certificate_serial_is_left_out() {
    let parameters = with("alipay_cert_sn", "abc");
    let body = post(&parameters, |name, value| v1(name, value) && name != "alipay_cert_sn");
    let notification = credentials().verify_notification(body.as_bytes()).unwrap();
    assert_eq!(notification.parameter("alipay_cert_sn"), None);
    let body = post(&parameters, v1);
    let notification = credentials().verify_notification(body.as_bytes()).unwrap();
    assert_eq!(notification.parameter("alipay_cert_sn"), Some("abc"));
}

#[test]
fn certificate_mode_verifies_and_names_no_unknown_key() {
    let credentials = common::certificate_credentials();
    credentials.verify_notification(post(&PARAMETERS, v1).as_bytes()).unwrap();
    let named = post(&with("alipay_cert_sn", alipay_serial()), v1);
    credentials.verify_notification(named.as_bytes()).unwrap();
    let blank = post(&with("alipay_cert_sn", ""), v1);
    credentials.verify_notification(blank.as_bytes()).unwrap();
    let error = credentials
        .verify_notification(post(&with("alipay_cert_sn", "0123\u{1b}[31m"), v1).as_bytes())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
    assert!(error.to_string().contains("certificate (支付宝公钥证书) 012331m,"), "{error}");
}

#[test]
fn certificates_are_believed_until_they_expire() {
    let credentials = common::certificate_credentials();
    let year = Duration::from_secs(366 * 24 * 3600);
    let body = post(&with("alipay_cert_sn", alipay_serial()), v1);
    credentials.verify_notification_at(body.as_bytes(), common::certified()).unwrap();
    let late = common::certified() + 40 * year;
    let error = credentials.verify_notification_at(body.as_bytes(), late).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
    let text = format!("certificate (支付宝公钥证书) {}, which has expired", alipay_serial());
    assert!(error.to_string().contains(&text), "{error}");
    // A client goes by its own clock.
    let client = common::builder(credentials).clock(late).build().unwrap();
    assert!(client.verify_notification(body.as_bytes()).is_err());
    // In key mode nothing expires.
    common::credentials().verify_notification_at(body.as_bytes(), late).unwrap();
}

#[test]
fn any_change_is_found_out() {
    let genuine = vector("v1");
    for (from, to) in [
        ("activity_id%22%3A%222016", "activity_id%22%3A%222017"),
        ("msg_method=alipay.marketing.activity.message.created", "msg_method=a"),
        ("&version=1.1", ""),
        ("&charset=UTF-8", "&charset=utf-8"),
        ("notify_id=2026", "notify_id=2027"),
        ("sign=Cn", "sign=Dn"),
    ] {
        let changed = genuine.replacen(from, to, 1);
        assert_ne!(changed, genuine);
        assert_eq!(refused(&changed).0, ErrorKind::Verification, "{from}");
    }
    assert_eq!(refused(&format!("{genuine}&extra=1")).0, ErrorKind::Verification);
    // A value cannot be split into two parameters, since names hold no `=` and `&`.
    let moved = genuine.replacen("version=1.1", "version%3D1.1=", 1);
    assert_eq!(refused(&moved).0, ErrorKind::Notification);
}

#[test]
fn the_order_of_parameters_does_not_matter() {
    let mut parts: Vec<_> = vector("v2").split('&').collect();
    parts.reverse();
    credentials().verify_notification(parts.join("&").as_bytes()).unwrap();
}

#[test]
fn weak_or_missing_signatures_are_refused() {
    let unsigned = vector("v1").rsplit_once("&sign=").unwrap().0;
    assert_eq!(
        refused(unsigned),
        (ErrorKind::Verification, "the notification is not signed".to_owned())
    );
    assert_eq!(refused(&format!("{unsigned}&sign=")).1, "the notification is not signed");
    for sign_type in ["RSA", "rsa2", "", "MD5"] {
        let (kind, text) = refused(&post(&with("sign_type", sign_type), v1));
        assert_eq!(kind, ErrorKind::Verification);
        assert!(text.contains("sign_type"), "{text}");
        // RSA is what the console can be set to, so the error says how to change it.
        assert_eq!(text.contains("SHA-1"), sign_type == "RSA", "{text}");
    }
    let none: Vec<_> = PARAMETERS.into_iter().filter(|(name, _)| *name != "sign_type").collect();
    assert_eq!(refused(&post(&none, v1)).0, ErrorKind::Verification);
}

#[test]
fn notifications_for_others_are_refused() {
    let (kind, text) = refused(&post(&with("app_id", "2021000000000002"), v1));
    assert_eq!(
        (kind, text.as_str()),
        (ErrorKind::Notification, "the notification is for another app")
    );
    let none: Vec<_> = PARAMETERS.into_iter().filter(|(name, _)| *name != "app_id").collect();
    assert_eq!(refused(&post(&none, v1)).0, ErrorKind::Notification);
}

#[test]
fn malformed_forms_are_refused() {
    let twice = format!("{}&notify_id=n2", post(&PARAMETERS, v1));
    let many: Vec<_> = (0..5000).map(|n| format!("p{n}=")).collect();
    for (body, expected) in [
        ("", "is empty"),
        (r#"{"notify_id":"n1"}"#, "is JSON, not a form; give the body of the POST as received"),
        ("a%3D1%26b%3d2", "all of it is percent-encoded"),
        ("a=1&amp;b=2", "is HTML-escaped (`&amp;` for `&`)"),
        ("a", "not a form: it has a part that is not name=value"),
        ("a=1&", "not a form: it has a part"),
        ("&a=1", "not a form: it has a part"),
        ("a=1&b%3D2", "not a form: it has a part"),
        ("=1", "name"),
        ("a b=1", "not allowed"),
        ("a=%", "percent"),
        ("a=%4", "percent"),
        ("a=%zz", "percent"),
        ("a=1\n", "not allowed"),
        ("a=1\0", "not allowed"),
        ("a=%00", "NUL"),
        ("a;b=1", "name"),
        ("a=1;b=2&a=3", "more than once"),
        ("%61=1&a=2", "more than once"),
        ("a=中", "not allowed"),
        ("a%3Db=1", "name"),
        (&twice, "more than once"),
        (&many.join("&"), "256 parameters"),
        (&format!("a={}", "x".repeat(256 * 1024)), "256 KiB"),
    ] {
        let (kind, text) = refused(body);
        assert_eq!(kind, ErrorKind::Notification, "{body:.40}");
        assert!(text.contains(expected), "{body:.40}: {text}");
    }
    // One of the largest size is read.
    let largest = format!("a={}", "x".repeat(256 * 1024 - 2));
    assert_eq!(refused(&largest).1, "the notification's sign_type is not RSA2");
}

/// A verifier that keeps the strings it is asked about.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Vec<u8>>>>);

impl Verifier for Asked {
    fn verify(&self, message: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        self.0.lock().unwrap().push(message.to_vec());
        Err(SignatureError::Mismatch)
    }
}

/// Anybody can post forms with a wrong signature: each string that may have been signed is tried once.
#[test]
fn no_string_is_verified_twice() {
    for (blank, serial, tried) in
        [(false, false, 2), (true, false, 4), (false, true, 4), (true, true, 8)]
    {
        let mut parameters = PARAMETERS.to_vec();
        parameters.extend(blank.then_some(("memo", "")));
        parameters.extend(serial.then_some(("alipay_cert_sn", "abc")));
        let asked = Asked::default();
        let credentials = credentials().verifier(asked.clone()).unwrap();
        credentials.verify_notification(post(&parameters, v1).as_bytes()).unwrap_err();
        let asked = asked.0.lock().unwrap();
        let distinct: BTreeSet<_> = asked.iter().collect();
        assert_eq!((asked.len(), distinct.len()), (tried, tried), "{parameters:?}");
    }
}

fn read(body: &str) -> Notification {
    credentials().verify_notification(body.as_bytes()).unwrap().into_inner()
}

/// The merchant's own texts come back in notifications: they hold anything, and the signed text is
/// not ambiguous as long as what looks like a parameter is not where it would be sorted.
#[test]
fn values_may_hold_what_looks_like_parameters() {
    for value in [
        "a=b",
        "a & b",
        "a&b c=1&=1",
        "a&b=1",
        "a=1&b=2",
        "&a=",
        "a&&b=&c",
        "x&A_9=1=2",
        "x&out.no=1",
        "x&app_id=2021000000000002",
        "x&passback_params=y",
        "&sign=AAAA",
        "&",
        "&&",
        "=",
    ] {
        let body = post(&payment("passback_params", value), v1);
        let notification = read(&body);
        assert_eq!(notification.parameter("passback_params"), Some(value));
        assert_eq!(notification.parameter("trade_status"), Some("TRADE_SUCCESS"));
    }
    // A parameter comes once, so one of the two is a part of the value.
    let notification = read(&post(&payment("unit", "x&version=9"), v1));
    assert_eq!(notification.parameter("unit"), Some("x&version=9"));
    assert_eq!(notification.parameter("version"), Some("1.0"));
}

/// The names go on in order: it may be one value, or several parameters.
#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for value in [
        "a&q=1",
        "a&passback_params.=1",
        "a&passback_params-x=1",
        "a&total_amount=99",
        "a&trade_status=TRADE_CLOSED",
        "a&b=1&&z=",
    ] {
        let (kind, text) = refused(&post(&payment("passback_params", value), v1));
        assert_eq!(kind, ErrorKind::Notification, "{value}");
        assert!(text.contains("what could be another parameter"), "{value}: {text}");
    }
    // Earlier parameters could be a part of the one before them.
    let late = post(&payment("zzz", "x&trade_status=TRADE_CLOSED&version=2.0"), v1);
    assert_eq!(refused(&late).0, ErrorKind::Notification);
    // The same text, posted as another of its readings.
    for (genuine, forged) in [
        (("passback_params", "a&q=1"), [("passback_params", "a"), ("q", "1&total_amount=0.01")]),
        (
            ("passback_params", "a&trade_status=TRADE_FINISHED"),
            [
                ("passback_params", "a"),
                ("trade_status", "TRADE_FINISHED&total_amount=0.01&trade_status=TRADE_SUCCESS"),
            ],
        ),
    ] {
        let genuine = payment(genuine.0, genuine.1);
        let sign = sign(&genuine);
        let mut parameters = payment(forged[0].0, forged[0].1);
        let gone = if forged[1].0 == "q" { "total_amount" } else { "trade_status" };
        parameters.retain(|(name, _)| {
            *name != gone && (gone != "trade_status" || *name != "total_amount")
        });
        parameters.push(forged[1]);
        assert_eq!(text_of(&parameters), text_of(&genuine));
        assert_eq!(refused(&form_of(&parameters, &sign)).0, ErrorKind::Notification);
        assert_eq!(refused(&form_of(&genuine, &sign)).0, ErrorKind::Notification);
    }
    // Two parameters of a genuine notification, posted as one.
    let genuine = payment("subject", "x");
    let mut merged = payment("subject", "x&total_amount=0.01");
    merged.retain(|(name, _)| *name != "total_amount");
    assert_eq!(text_of(&merged), text_of(&genuine));
    assert_eq!(refused(&form_of(&merged, &sign(&genuine))).0, ErrorKind::Notification);
}

/// A message has the parameters that are known, each only where nothing else could be meant.
#[test]
fn a_message_has_known_parameters_only() {
    for value in ["", "a=b", "a&b=1", "a&b=&c", "a&m=1", "a&mm=1&n=2", "x&zz=1", "&sign_type=RSA2"]
    {
        let notification = read(&post(&with("memo", value), v1));
        assert_eq!(notification.parameter("memo"), None, "{value}");
        assert_eq!(notification.biz_content(), r#"{"activity_id":"2016"}"#);
        assert_eq!(notification.id(), "n1");
        let all = ["app_id", "biz_content", "msg_method", "notify_id", "sign_type"];
        let some = all.map(|name| notification.parameter(name).is_some());
        assert_eq!(some, [true, true, true, true, false]);
    }
    for (name, value) in [
        ("alipay_cert_sn", "abc"),
        ("auth_app_id", "2021000000000003"),
        ("charset", "utf-8"),
        ("msg_type", "sync"),
        ("msg_uid", "AQ=="),
        ("notify_time", "2026-01-01 08:00:00"),
        ("notify_type", "trade"),
        ("utc_timestamp", "1767225600789"),
        ("version", "1.1"),
    ] {
        assert_eq!(read(&post(&with(name, value), v1)).parameter(name), Some(value));
    }
    let (kind, text) = refused(&post(&with("notify_id", "n1&a"), v1));
    assert_eq!(kind, ErrorKind::Notification);
    let rest = "contains `&`, which Alipay's never does";
    assert_eq!(text, format!("the notification has a notify_id that {rest}"));
    for (name, value) in [
        ("app_id", "2021000000000001&x"),
        ("msg_method", "a&b=1"),
        ("utc_timestamp", "1&"),
        ("auth_app_id", "1&biz_content={}"),
    ] {
        let (kind, text) = refused(&post(&with(name, value), v1));
        assert_eq!(kind, ErrorKind::Notification, "{name} {value}");
        assert!(text.contains(name) && text.contains(rest), "{text}");
    }
}

/// Parameters that messages need not have are not believed where an unknown text goes before them
/// that could be the one that holds them.
#[test]
fn a_message_is_refused_where_free_text_could_be_a_known_parameter() {
    for (text, forged) in [
        ("attach", ("biz_content", r#"{"id":"forged"}"#)),
        ("data", ("encrypt_type", "AES")),
        ("msg_name", ("msg_uid", "1")),
    ] {
        let mut parameters = with(text, "x");
        parameters.retain(|(name, _)| *name != forged.0);
        let mut genuine = parameters.clone();
        parameters.push(forged);
        let value = format!("x&{}={}", forged.0, forged.1);
        genuine.retain(|(name, _)| *name != text);
        genuine.push((text, &value));
        assert_eq!(text_of(&parameters), text_of(&genuine));
        for posted in [&parameters, &genuine] {
            let (kind, text) = refused(&form_of(posted, &sign(&genuine)));
            assert_eq!(kind, ErrorKind::Notification, "{text}");
            assert!(text.contains(forged.0), "{text}");
        }
    }
    // What each message has is not replaced by another parameter with the same value.
    let method = PARAMETERS[1].1;
    let (uid, hidden) = (format!("&msg_uid={method}"), format!("x&msg_method={method}&n="));
    let genuine = [&PARAMETERS[..], &[("data", "x"), ("n", &uid)]].concat();
    let mut forged = [&PARAMETERS[..], &[("data", &hidden), ("msg_uid", method)]].concat();
    forged.retain(|(name, _)| *name != "msg_method");
    assert_eq!(text_of(&forged), text_of(&genuine));
    assert_eq!(read(&form_of(&genuine, &sign(&genuine))).method(), method);
    let (kind, text) = refused(&form_of(&forged, &sign(&genuine)));
    assert_eq!(kind, ErrorKind::Notification, "{text}");
    // What is at the end of a message could be one of its parameters as well.
    let all = "x&msg_method=forged&notify_id=n9&zz=";
    assert!(refused(&post(&with("memo", all), v1)).1.contains("msg_method"));
    // But not so if it leaves out what each message has.
    let some = "x&msg_method=forged&zz=";
    assert_eq!(read(&post(&with("memo", some), v1)).method(), PARAMETERS[1].1);
}

/// Content is one JSON object, so other parameters cannot be moved into it.
#[test]
fn content_is_one_json_object() {
    for content in
        ["", "null", "[]", "17", "{", "{}x", "{}{}", r#"{"a":1,}"#, r#"{"a":"1"#, "<xml/>"]
    {
        let (kind, text) = refused(&post(&with("biz_content", content), v1));
        assert_eq!(kind, ErrorKind::Notification, "{content}");
        assert_eq!(text, "the notification's content is not one JSON object");
    }
    for content in ["{}", " {} \n", r#"{"a":"b&c=1&d={}"}"#, r#"{"a":"&biz_content={\"}&b="}"#] {
        let notification = read(&post(&with("biz_content", content), v1));
        assert_eq!(notification.biz_content(), content);
    }
    let genuine = with("charset", "UTF-8");
    let mut moved = with("biz_content", r#"{"activity_id":"2016"}&msg_method=alipay.x"#);
    moved.retain(|(name, _)| *name != "msg_method");
    let mut genuine = [genuine, vec![]].concat();
    genuine.retain(|(name, _)| *name != "charset" && *name != "msg_method");
    genuine.push(("msg_method", "alipay.x"));
    assert_eq!(text_of(&moved), text_of(&genuine));
    assert_eq!(
        refused(&form_of(&moved, &sign(&genuine))).1,
        "the notification's content is not one JSON object"
    );
    read(&form_of(&genuine, &sign(&genuine)));
}

/// Texts are verified as the bytes they came as, then read by the charset that is signed.
#[test]
fn texts_are_read_by_the_signed_charset() {
    const TEXT: &[u8] = b"\xb2\xe2\xca\xd4";
    for charset in ["GBK", "gbk", "GB2312", "gb18030"] {
        let mut parameters = as_bytes(&payment("charset", charset));
        parameters.push(("subject", TEXT));
        let notification = read(&post_bytes(&parameters, v1));
        assert_eq!(notification.parameter("subject"), Some("测试"));
    }
    // A GBK character may end in the byte of a backslash, or of a brace.
    let content = [br#"{"id":"E_1","name":""#, &b"\xd5\x5c\xd6\x7d"[..], br#"&c=1"}"#].concat();
    let mut parameters = as_bytes(&with("charset", "GBK"));
    parameters.retain(|(name, _)| *name != "biz_content");
    parameters.push(("biz_content", &content));
    let notification = read(&post_bytes(&parameters, v1));
    assert_eq!(notification.biz_content(), r#"{"id":"E_1","name":"誠謢&c=1"}"#);
    assert_eq!(notification.event_id(), Some("E_1"));
    // GB18030 has all characters.
    let mut parameters = as_bytes(&payment("charset", "GB18030"));
    parameters.push(("subject", b"\x94\x39\xfc\x36"));
    assert_eq!(read(&post_bytes(&parameters, v1)).parameter("subject"), Some("😀"));

    for (charset, name) in [
        ("UTF-16", "UTF-16"),
        ("", ""),
        ("UTF-8,GBK", "UTF-8,GBK"),
        ("ISO-8859-1", "ISO-8859-1"),
        ("a\u{1b}[31m", "a\\u{1b}[31m"),
    ] {
        let (kind, text) = refused(&post(&with("charset", charset), v1));
        assert_eq!(kind, ErrorKind::Notification);
        let rest = "UTF-8, GBK, GB2312 and GB18030 can be read";
        assert_eq!(text, format!("the notification's charset is `{name}`; {rest}"));
    }
    for charset in ["UTF-8", "utf-8", "utf8"] {
        read(&post(&with("charset", charset), v1));
    }
    // What is no text in the charset is not replaced by another.
    for (charset, value) in [
        (None, TEXT),
        (Some("UTF-8"), b"\xff"),
        (Some("UTF-8"), b"\xed\xa0\x80"),
        (Some("GBK"), b"\xb2"),
        (Some("GBK"), b"\xff\xff"),
    ] {
        let mut parameters: Vec<_> = as_bytes(&PARAMETERS);
        parameters.push(("memo", value));
        parameters.extend(charset.map(|charset| ("charset", charset.as_bytes())));
        let (kind, text) = refused(&post_bytes(&parameters, v1));
        assert_eq!(kind, ErrorKind::Notification);
        let charset = if charset == Some("GBK") { "GB18030" } else { "UTF-8" };
        assert!(text.contains(&format!("has a value that is not {charset}")), "{text}");
    }
}

/// Forms that were changed on the way in a well-known manner are told by it.
#[test]
fn usual_damage_is_named() {
    let mut parameters = with("biz_content", r#"{"activity_id":"2016","name":"券"}"#);
    parameters.push(("charset", "UTF-8"));
    let plus =
        |n: &u32| sign(&[&parameters[..], &[("version", &n.to_string())]].concat()).contains('+');
    let version = (0..1000).find(plus).unwrap().to_string();
    parameters.push(("version", &version));
    let sign = sign(&parameters);
    let genuine = form_of(&parameters, &sign);
    read(&genuine);
    let escaped = parameters.iter().map(|(name, value)| (*name, value.replace('"', "&quot;")));
    let slashed = parameters.iter().map(|(name, value)| (*name, value.replace('"', "\\\"")));
    let twice = parameters.iter().map(|(name, value)| (*name, encode(value.as_bytes())));
    let lost = parameters.iter().map(|(name, value)| (*name, value.replace('券', "\u{fffd}")));
    let owned = |changed: Vec<(&str, String)>| {
        let changed: Vec<_> = changed.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        form(&changed, &sign)
    };
    let not_utf8 = genuine.replace("%E5%88%B8", "%B2%E2");
    let not_gbk = genuine.replace("charset=UTF%2D8", "charset=GBK");
    for (body, expected) in [
        (genuine.replace("%2B", "+"), "sign is not base64, its `+` became blanks"),
        (genuine.replace("%2B", "%252B"), "sign is not base64: it is percent-encoded twice"),
        (genuine.replace("%2B", "%26%2343%3B"), "sign is not base64: it is HTML-escaped"),
        (genuine.replace("%2B", "-"), "sign is not base64;"),
        (owned(escaped.collect()), "HTML-escaped"),
        (owned(slashed.collect()), "escaped with backslashes"),
        (owned(twice.collect()), "percent-encoded twice"),
        (owned(lost.collect()), "decoded in a wrong charset"),
        (not_utf8, "not UTF-8, although its charset says so"),
        (not_gbk, "UTF-8, although its charset says otherwise"),
    ] {
        assert_ne!(body, genuine);
        let (kind, text) = refused(&body);
        assert_eq!(kind, ErrorKind::Verification);
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(text.ends_with("; give the body of the POST as received"), "{text}");
    }
    // No damage is named where none is seen: all is in the charset that the form names.
    let mut in_gbk = as_bytes(&payment("charset", "GBK"));
    in_gbk.push(("subject", b"\xb2\xe2"));
    for other in [
        genuine.replace("activity", "activitx"),
        post_bytes(&in_gbk, v1).replace("0%2E01", "0%2E02"),
    ] {
        let (kind, text) = refused(&other);
        assert_eq!(kind, ErrorKind::Verification);
        let end = "or Alipay's certificate (支付宝公钥证书) is not Alipay's";
        assert!(text.ends_with(end), "{text}");
    }
}

/// One way to split a signed text, by name.
type Reading = BTreeMap<String, String>;

const PLAIN: [&str; 14] = [
    "alipay_cert_sn",
    "app_id",
    "auth_app_id",
    "charset",
    "encrypt_type",
    "msg_method",
    "msg_type",
    "msg_uid",
    "notify_id",
    "notify_time",
    "notify_type",
    "sign_type",
    "utc_timestamp",
    "version",
];

/// All ways to split a text into parameters, as long as they have names, each once.
fn splittings(text: &str) -> Vec<Vec<(String, String)>> {
    let pieces: Vec<_> = text.split('&').collect();
    let all = 0_u32..1 << (pieces.len() - 1);
    let split = |cuts: u32| -> Option<Vec<(String, String)>> {
        let mut parts = vec![pieces[0].to_owned()];
        for (index, piece) in pieces[1..].iter().enumerate() {
            if cuts >> index & 1 == 1 {
                parts.push((*piece).to_owned());
            } else {
                let last = parts.last_mut()?;
                *last = format!("{last}&{piece}");
            }
        }
        let pairs = parts.iter().map(|part| part.split_once('='));
        let pairs: Vec<_> = pairs
            .map(|pair| pair.map(|(n, v)| (n.to_owned(), v.to_owned())))
            .collect::<Option<_>>()?;
        let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name).collect();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let sound = |(name, _): &(String, String)| !name.is_empty() && name.bytes().all(fits);
        (names.len() == pairs.len() && pairs.iter().all(sound)).then_some(pairs)
    };
    all.filter_map(split).collect()
}

/// Those that Alipay can have signed, as far as is known.
fn readings(text: &str) -> Vec<Reading> {
    let object = |text: &str| serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok();
    let could_be = |pairs: &Vec<(String, String)>| {
        pairs.is_sorted_by(|a, b| a.0 < b.0)
            && pairs.iter().all(|(name, value)| match name.as_str() {
                "sign" => false,
                "biz_content" => object(value) || !value.contains('&') && !value.starts_with('{'),
                name => !PLAIN.contains(&name) || !value.contains('&'),
            })
    };
    let mut readings: Vec<Reading> =
        splittings(text).into_iter().filter(could_be).map(BTreeMap::from_iter).collect();
    let require = |readings: &mut Vec<Reading>, names: &[&str]| {
        let has = |reading: &Reading, name: &&str| reading.contains_key(*name);
        let occurring: Vec<_> =
            names.iter().filter(|name| readings.iter().any(|reading| has(reading, name))).collect();
        readings.retain(|reading| occurring.iter().all(|name| has(reading, name)));
    };
    require(&mut readings, &["app_id"]);
    if agree(&readings, "biz_content") && readings[0].contains_key("biz_content") {
        let always = ["charset", "msg_method", "notify_id", "utc_timestamp", "version"];
        require(&mut readings, &always);
    }
    readings
}

/// Whether all readings have a parameter, in the same place and with the same value, or none has.
fn agree(readings: &[Reading], name: &str) -> bool {
    let place = |reading: &Reading| {
        let before = reading.iter().take_while(|(other, _)| *other != name);
        before.map(|(name, value)| name.len() + value.len() + 2).sum::<usize>()
    };
    let mut found = readings.iter().map(|r| r.get(name).map(|value| (place(r), value)));
    let first = found.next();
    first.is_some_and(|first| found.all(|other| other == first))
}

/// What is to be taken of a text that was posted in this form: nothing if it is ambiguous.
fn believed(readings: &[Reading], posted: &Reading) -> Option<Reading> {
    if !readings.iter().any(|r| r.contains_key("msg_method") || r.contains_key("biz_content")) {
        // The finest of all readings.
        let names = |reading: &Reading| reading.keys().cloned().collect::<BTreeSet<_>>();
        let starts = |reading: &Reading| {
            let ends = reading.iter().scan(0, |at, (name, value)| {
                *at += name.len() + value.len() + 2;
                Some(*at)
            });
            ends.collect::<BTreeSet<_>>()
        };
        let finest = readings.contains(posted)
            && readings.iter().all(|r| {
                names(r).is_subset(&names(posted)) && starts(r).is_subset(&starts(posted))
            });
        return finest.then(|| posted.clone());
    }
    let mut known = Reading::new();
    for name in PLAIN.into_iter().chain(["biz_content"]) {
        let value = posted.get(name);
        if !agree(readings, name) || value != readings[0].get(name) {
            return None;
        }
        known.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    let content = known.get("biz_content");
    content.is_none_or(|content| content.starts_with('{')).then_some(known)
}

/// Whether what is believed is taken. Content that is not encrypted cannot be decrypted.
fn is_for_this_app(believed: &Reading) -> bool {
    let is_legible = match believed.get("encrypt_type").map(String::as_str) {
        None | Some("") => true,
        Some(kind) => kind == "AES" && !believed.contains_key("biz_content"),
    };
    is_legible && believed.get("app_id").is_some_and(|app_id| app_id == "2021000000000001")
}

/// Some parameters of a message or another notification, with free texts among them.
fn any_genuine() -> impl Strategy<Value = Reading> {
    let free = prop::sample::select(vec![
        "attach", "body", "data", "gmt", "memo", "msg_name", "notify_x", "subject", "zzz", "a-b",
        "t.x",
    ]);
    let part = prop::sample::select(vec![
        "x",
        "",
        "x=1",
        "&x=1",
        "&z=1",
        "&a=1",
        "&mm=2",
        "&-=1",
        "&b.c=1",
        "&msg_uid=1",
        "&version=2",
        "&notify_id=9",
        "&msg_method=forged",
        "&app_id=2021000000000001",
        "&encrypt_type=AES",
        "&biz_content={}",
        r#"&biz_content={"id":"forged"}"#,
        "&trade_status=TRADE_SUCCESS",
        "&",
        "&&c",
    ]);
    let value = prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat());
    let free = prop::collection::btree_map(free.prop_map(str::to_owned), value, 0..3);
    let known = prop::sample::subsequence(
        vec![
            ("biz_content", r#"{"id":"E_1"}"#),
            ("biz_content", r#"{"id":"E_1","url":"?a=1&version=3&z={}"}"#),
            ("charset", "UTF-8"),
            ("msg_method", "alipay.x"),
            ("notify_id", "n1"),
            ("total_amount", "0.01"),
            ("version", "1.1"),
        ],
        0..=7,
    );
    (free, known).prop_map(|(mut all, known)| {
        all.extend(known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        all.insert("app_id".to_owned(), "2021000000000001".to_owned());
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Of all forms that have the signature of a genuine one, none is taken for something else, and
    /// what is taken is what all that is known allows, neither more nor less.
    #[test]
    fn no_other_reading_of_a_signed_text_is_believed(genuine in any_genuine()) {
        let pairs: Vec<_> = genuine.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
        let text = String::from_utf8(joined(&pairs, v1)).unwrap();
        prop_assume!(text.matches('&').count() < 11);
        let sign = ALIPAY.sign(text.as_bytes()).unwrap();
        let readings = readings(&text);
        let mut taken = BTreeSet::new();
        for posted in splittings(&text) {
            let posted: Reading = posted.into_iter().collect();
            let mut pairs: Vec<_> = posted.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
            // Posted in order, it is the same text.
            if String::from_utf8(joined(&pairs, v1)).unwrap() != text || posted.contains_key("sign_type") {
                continue;
            }
            pairs.push(("sign_type", b"RSA2"));
            let result = credentials().verify_notification(form(&pairs, &sign).as_bytes());
            let expected = believed(&readings, &posted).filter(is_for_this_app);
            prop_assert_eq!(result.is_ok(), expected.is_some(), "{} as {:?}: {:?}", text, posted, result);
            let (Ok(notification), Some(expected)) = (result, expected) else { continue };
            for name in posted.keys().chain(genuine.keys()) {
                let value = notification.parameter(name);
                prop_assert_eq!(value, expected.get(name).map(String::as_str), "{} in {}", name, text);
            }
            let is_message = ["msg_method", "biz_content"].map(|name| expected.contains_key(name));
            if is_message.contains(&true) && readings.contains(&genuine) {
                for (name, value) in &expected {
                    prop_assert_eq!(Some(value), genuine.get(name), "{} in {}", name, text);
                }
            }
            taken.insert(expected);
        }
        prop_assert!(taken.len() <= 1, "{} has several meanings: {:?}", text, taken);
    }
}

/// A hostile form takes no more time per byte than any other.
#[test]
fn time_is_in_proportion_to_the_size() {
    let time = |name: &str, value: &str| {
        let message = post(&with(name, value), v1);
        let payment = post(&payment(name, value), v1);
        let once = || {
            // What else the machine does takes none of this thread's time.
            let start = cpu_time::ThreadTime::now();
            let _ = credentials().verify_notification(message.as_bytes());
            let _ = credentials().verify_notification(payment.as_bytes());
            start.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap()
    };
    for part in [
        "&",
        "&z",
        "&a=1",
        "&x=1",
        "&trade_status=1",
        "&msg_method=1",
        "&app_id=1&z=2",
        "&biz_content={",
        "&biz_content={}",
        r#"&biz_content={"a":""#,
        r#"&biz_content={"a":1}"#,
        r#"&biz_content={"a":"\"}"#,
    ] {
        for name in ["attach", "subject"] {
            // A value grows threefold by its encoding, and a form has 256 KiB.
            let many = 40_000 / part.len();
            let few = time(name, &part.repeat(many / 32)).max(Duration::from_millis(1));
            let all = time(name, &part.repeat(many));
            // In proportion would be 32 times, by its square 1,024 times.
            assert!(all < few * 32 * 10, "{name}={part}…: {few:?}, {all:?}");
        }
    }
}

fn payment<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut parameters = vec![
        ("app_id", "2021000000000001"),
        ("charset", "utf-8"),
        ("notify_id", "n1"),
        ("sign_type", "RSA2"),
        ("total_amount", "0.01"),
        ("trade_status", "TRADE_SUCCESS"),
        ("version", "1.0"),
    ];
    parameters.retain(|(other, _)| *other != name);
    parameters.push((name, value));
    parameters
}

fn as_bytes<'a>(parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a [u8])> {
    parameters.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
}

fn text_of(parameters: &[(&str, &str)]) -> String {
    String::from_utf8(joined(&as_bytes(parameters), v1)).unwrap()
}

fn sign(parameters: &[(&str, &str)]) -> String {
    ALIPAY.sign(text_of(parameters).as_bytes()).unwrap()
}

fn form_of(parameters: &[(&str, &str)], sign: &str) -> String {
    form(&as_bytes(parameters), sign)
}

#[test]
fn the_event_is_in_the_content() {
    let read = |content: &str| {
        let notification = read(&post(&with("biz_content", content), v1));
        let time = notification
            .event_time()
            .map(|time| time.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis());
        (notification.event_id().map(str::to_owned), time)
    };
    let event = |id: &str, time: Option<u128>| (Some(id.to_owned()), time);
    let seconds = r#"{"id":"E_1","event_time":"1619222400"}"#;
    assert_eq!(read(seconds), event("E_1", Some(1_619_222_400_000)));
    let milliseconds = r#"{"event_time":1767225600789,"id":17,"more":[{}]}"#;
    assert_eq!(read(milliseconds), event("17", Some(1_767_225_600_789)));
    // Without an id of the event, that of the notification has to do.
    for content in ["{}", r#"{"id":""}"#, r#"{"id":null}"#, r#"{"id":{}}"#] {
        assert_eq!(read(content), event("n1", None), "{content}");
    }
    // The lowest number that is taken for milliseconds.
    for (time, milliseconds) in
        [("99999999999", 99_999_999_999_000), ("100000000000", 100_000_000_000)]
    {
        let content = format!(r#"{{"id":"E_1","event_time":"{time}"}}"#);
        assert_eq!(read(&content), event("E_1", Some(milliseconds)), "{time}");
    }
    for time in ["-1", "+1", "1.5", " 1619222400", "2026-01-01", "99999999999999999999999", ""] {
        let content = format!(r#"{{"id":"E_1","event_time":"{time}"}}"#);
        assert_eq!(read(&content), event("E_1", None), "{time}");
    }
    let none: Vec<_> = PARAMETERS.into_iter().filter(|(name, _)| *name != "notify_id").collect();
    let body = post(&none, v1);
    let notification = credentials().verify_notification(body.as_bytes()).unwrap();
    assert_eq!((notification.id(), notification.event_id()), ("", None));
}

#[test]
fn encrypted_content_is_decrypted_after_verification() {
    let aes = AesKey::parse(key("aes_key")).unwrap();
    let cipher = aes.encrypt(br#"{"activity_id":"2016","id":"E_1"}"#).unwrap();
    let mut parameters = with("biz_content", &cipher);
    parameters.push(("encrypt_type", "AES"));
    let body = post(&parameters, v1);
    let notification = credentials().verify_notification(body.as_bytes()).unwrap();
    assert_eq!(notification.biz_content(), r#"{"activity_id":"2016","id":"E_1"}"#);
    assert_eq!(notification.event_id(), Some("E_1"));

    let without = Credentials::keys(key("app_id"), key("app_private_pkcs8"), key("alipay_public"));
    let error = without.unwrap().verify_notification(body.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decryption);
    assert!(error.to_string().contains("Credentials::encrypt_key"), "{error}");

    let (text, list) = (aes.encrypt(b"no JSON").unwrap(), aes.encrypt(b"[]").unwrap());
    for (content, encrypt_type) in [
        ("{}", "AES"),
        ("AAAA", "AES"),
        ("", "AES"),
        (&text, "AES"),
        (&list, "AES"),
        (&cipher, "DES"),
    ] {
        let mut parameters = with("biz_content", content);
        parameters.push(("encrypt_type", encrypt_type));
        assert_eq!(refused(&post(&parameters, v1)).0, ErrorKind::Decryption);
    }
}

#[test]
fn content_that_does_not_fit_is_an_error_without_the_content() {
    alipay_core::model! {
        struct Strict {
            user_id: String = body("user_id").required(),
        }
    }
    for content in
        [r#"{"user_id":{"secret":1}}"#, r#"{"user_id":["secret"]}"#, r#"{"id":"secret"}"#]
    {
        let notification = read(&post(&with("biz_content", content), v1));
        let error = notification.decode::<Strict>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(!error.to_string().contains("secr"), "{error}");
        assert_eq!(notification.unreadable::<Strict>().unwrap_err().kind(), ErrorKind::Decode);
    }
    // What is no message has no content.
    let payment = read(&post(&payment("subject", "x"), v1));
    assert_eq!(payment.decode::<Created>().unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(Created::blank().table().fields, [Field::body("activity_id")]);
}

#[test]
fn what_is_odd_in_a_content_is_absent_and_named() {
    alipay_core::model! {
        #[derive(Eq)]
        struct Received {
            activity_id: Option<String> = body("activity_id"),
            user_id: Option<String> = body("user_id").sensitive(),
            at: Option<alipay_core::value::LocalDateTime> = body("at"),
        }
    }
    let content =
        r#"{"id":"e-1","event_time":{},"activity_id":"2016","user_id":["2088"],"at":"2026-01-31"}"#;
    let notification = read(&post(&with("biz_content", content), v1));
    let received: Received = notification.decode().unwrap();
    let rest = Received { activity_id: Some("2016".to_owned()), user_id: None, at: None };
    assert_eq!(received, rest);
    let unreadable = notification.unreadable::<Received>().unwrap();
    let shown: Vec<_> = unreadable.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "`/user_id`: expected a string, found a list",
            "`/at`: expected a time like 2026-01-31 08:30:00",
        ]
    );
    // One odd member of the event does not hide the other.
    assert_eq!((notification.event_id(), notification.event_time()), (Some("e-1"), None));
    let fine = read(&post(&with("biz_content", r#"{"activity_id":"2016"}"#), v1));
    assert_eq!(fine.unreadable::<Received>().unwrap(), []);
}

#[test]
fn debug_shows_no_content() {
    let notification = credentials().verify_notification(vector("v1").as_bytes()).unwrap();
    assert_eq!(
        format!("{notification:?}"),
        "Verified(Notification { method: \"alipay.marketing.activity.message.created\", \
         id: \"2026010100222204607000921452504952\", .. })"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_refused_calmly(body: Vec<u8>) {
        prop_assert!(credentials().verify_notification(&body).is_err());
    }

    #[test]
    fn any_form_is_refused_calmly(body in "([a-z_]{1,9}=[ -~]{0,20}&?){0,9}sign_type=RSA2&sign=[A-Za-z0-9+/=%]{0,40}") {
        prop_assert!(credentials().verify_notification(body.as_bytes()).is_err());
    }

    #[test]
    fn any_damage_is_refused_calmly(at: prop::sample::Index, byte: u8) {
        let mut body = vector("v2").as_bytes().to_vec();
        let at = at.index(body.len());
        let changes = body[at] != byte;
        body[at] = byte;
        // `+` and `%20`, `%2f` and `%2F` mean the same.
        if let Ok(notification) = credentials().verify_notification(&body) {
            let genuine = credentials().verify_notification(vector("v2").as_bytes()).unwrap();
            prop_assert_eq!(notification.biz_content(), genuine.biz_content());
            prop_assert_eq!(notification.method(), genuine.method());
        } else {
            prop_assert!(changes);
        }
    }

    #[test]
    fn any_time_is_read_calmly(text in "\\PC{0,20}|[0-9]{0,22}") {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        prop_assert!(digits || event_time(&text).is_none());
    }

    #[test]
    fn any_content_that_is_signed_comes_through(text in "[^\0]{0,60}", memo in "[^\0]{0,20}") {
        let content = serde_json::json!({ "text": text }).to_string();
        let mut parameters = with("biz_content", &content);
        parameters.push(("memo", &memo));
        let body = post(&parameters, v1);
        let notification = credentials().verify_notification(body.as_bytes()).unwrap();
        prop_assert_eq!(notification.biz_content(), content);
    }

    #[test]
    fn any_text_of_a_payment_without_pairs_comes_through(subject in "[^=\0]{0,20}") {
        let body = post(&payment("subject", &subject), v1);
        let notification = credentials().verify_notification(body.as_bytes()).unwrap();
        prop_assert_eq!(notification.parameter("subject"), Some(subject.as_str()));
    }
}
