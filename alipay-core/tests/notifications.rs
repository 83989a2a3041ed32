//! Notifications: what verifies, and what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod common;

use std::{fmt::Write as _, time::Duration};

use alipay_core::{
    Credentials, ErrorKind, Outcome,
    encrypt::AesKey,
    model::{Field, Model},
    notification::{FAIL, SUCCESS, event_time},
};
use common::{ALIPAY, VECTORS, client, credentials, key};
use proptest::prelude::*;

mod created {
    use std::fmt;

    use alipay_core::{
        model::{self, Field, Model, Table},
        value::Value,
    };

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

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

/// Posts the parameters in this order, signed over those that `covered` picks.
fn post(parameters: &[(&str, &str)], covered: impl Fn(&str, &str) -> bool) -> String {
    let mut signed: Vec<_> =
        parameters.iter().filter(|(name, value)| covered(name, value)).collect();
    signed.sort();
    let text: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sign = ALIPAY.sign(text.join("&").as_bytes()).unwrap();
    let mut body: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    body.push(format!("sign={}", encode(&sign)));
    body.join("&")
}

fn v1(name: &str, _: &str) -> bool {
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
    assert!(error.to_string().contains("certificate 012331m,"), "{error}");
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
    let text = format!("certificate {}, which has expired", alipay_serial());
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
        ("{}", "not a form"),
        ("a", "not a form"),
        ("a=1&", "not a form"),
        ("&a=1", "not a form"),
        ("=1", "name"),
        ("a b=1", "not allowed"),
        ("a=%", "percent"),
        ("a=%4", "percent"),
        ("a=%zz", "percent"),
        ("a=%ff", "UTF-8"),
        ("a=1\n", "not allowed"),
        ("a=1\0", "not allowed"),
        ("a=%00", "NUL"),
        ("a=%ed%a0%80", "UTF-8"),
        ("a=%d6%d0", "UTF-8"),
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
}

/// What is signed is joined as `k=v&k=v`: one value may be several parameters, and the reverse.
#[test]
fn what_could_be_other_parameters_is_refused() {
    for (name, value) in [
        ("app_id", "2021000000000001&x"),
        ("notify_id", "n1&a"),
        ("notify_id", "n=1"),
        ("msg_method", "a&b=1"),
        ("utc_timestamp", "1&"),
        ("version", "1.1="),
        ("charset", "UTF-8&x=1"),
        ("memo", "a&b=1"),
        ("memo", "&sign_type=RSA2"),
        ("memo", "a&&b=&c"),
        ("x", "&A_9=1=2"),
    ] {
        let (kind, text) = refused(&post(&with(name, value), v1));
        assert_eq!(kind, ErrorKind::Notification, "{name} {value}");
        let shown = if matches!(name, "memo" | "x") { "a parameter" } else { name };
        let rest = "of the notification holds what would pass for another parameter";
        assert_eq!(text, format!("{shown} {rest}"), "{name} {value}");
    }
    for (name, value) in [
        ("memo", "a=b"),
        ("memo", "a & b"),
        ("memo", "a&b c=1&=1"),
        ("biz_content", r#"{"a":"b&c=1"}"#),
    ] {
        let body = post(&with(name, value), v1);
        let notification = credentials().verify_notification(body.as_bytes()).unwrap();
        assert_eq!(notification.parameter(name), Some(value));
    }
    // Two parameters of a genuine notification, posted as one.
    let genuine = post(&with("memo", "1"), v1);
    let joined =
        genuine.replacen("notify_id=n1", "", 1).replacen("memo=1", "memo=1%26notify_id%3Dn1", 1);
    assert_ne!(joined, genuine);
    assert_eq!(refused(joined.trim_start_matches('&')).0, ErrorKind::Notification);
}

#[test]
fn only_utf_8_is_read() {
    for charset in ["GBK", "gb18030", "", "UTF-16", "UTF-8,GBK"] {
        let (kind, text) = refused(&post(&with("charset", charset), v1));
        assert_eq!(kind, ErrorKind::Notification);
        assert_eq!(text, "the notification's charset is not UTF-8");
    }
    for charset in ["UTF-8", "utf-8", "utf8"] {
        let body = post(&with("charset", charset), v1);
        credentials().verify_notification(body.as_bytes()).unwrap();
    }
    // Alipay's text in GBK, under a charset that says otherwise.
    let body = post(&PARAMETERS, v1).replacen("notify_id=n1", "notify_id=%D6%D0", 1);
    assert_eq!(refused(&body).0, ErrorKind::Notification);
}

#[test]
fn the_event_is_in_the_content() {
    let read = |content: &str| {
        let body = post(&with("biz_content", content), v1);
        let notification = credentials().verify_notification(body.as_bytes()).unwrap();
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
    for content in ["", "null", "[]", "{}", r#"{"id":""}"#, r#"{"id":null}"#, r#"{"id":{}}"#] {
        assert_eq!(read(content), event("n1", None), "{content}");
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

    let text = aes.encrypt(b"no JSON").unwrap();
    for (content, encrypt_type) in
        [("{}", "AES"), ("AAAA", "AES"), ("", "AES"), (&text, "AES"), (&cipher, "DES")]
    {
        let mut parameters = with("biz_content", content);
        parameters.push(("encrypt_type", encrypt_type));
        assert_eq!(refused(&post(&parameters, v1)).0, ErrorKind::Decryption);
    }
}

#[test]
fn content_that_does_not_fit_is_an_error_without_the_content() {
    for content in ["", "null", "[]", r#"{"activity_id":{"secret":1}}"#, r#"{"activity_id":"secr"#]
    {
        let body = post(&with("biz_content", content), v1);
        let notification = credentials().verify_notification(body.as_bytes()).unwrap();
        let error = notification.decode::<Created>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(!error.to_string().contains("secr"), "{error}");
    }
    assert_eq!(Created::blank().table().fields, [Field::body("activity_id")]);
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
    fn any_content_that_is_signed_comes_through(content in "[^\0]{0,60}", memo in "[^&\\pC]{0,20}") {
        let mut parameters = with("biz_content", &content);
        parameters.push(("memo", &memo));
        let notification = credentials().verify_notification(post(&parameters, v1).as_bytes()).unwrap();
        prop_assert_eq!(notification.biz_content(), content);
        prop_assert_eq!(notification.parameter("memo"), Some(memo.as_str()));
    }
}
