//! The diagnosis of what was captured, for programs.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use alipay_core::keys::PrivateKey;
use alipay_mock::{Captured, Rule, Signers, hide_personal_data};
use http::HeaderMap;

use crate::support::vector_key;

fn key(name: &str) -> PrivateKey {
    PrivateKey::parse(vector_key(name)).unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn a_response_that_was_changed_is_explained() {
    let alipay = key("alipay_private_pkcs8");
    let signers = Signers::new(alipay.public_key().clone())
        .or(key("app_private_pkcs8").public_key().clone(), "the app's key");
    let body = r#"{"user_id":"2088102146225135","amount":"1.00"}"#;
    let response = |body: &str, sign: &str| {
        let headers = headers(&[
            ("alipay-timestamp", "1"),
            ("alipay-nonce", "n"),
            ("alipay-signature", sign),
        ]);
        Captured::response(headers, body.to_owned().into())
    };
    let sign = alipay.sign(format!("1\nn\n{body}\n").as_bytes()).unwrap();
    assert!(response(body, &sign).verify(&signers).unwrap());
    let changed = response(&body.replace(':', ": "), &sign);
    assert!(!changed.verify(&signers).unwrap());
    let found = changed.diagnose(&signers).unwrap();
    assert!(found.mistake.as_ref().unwrap().contains("JSON that was written again"), "{found:?}");
    assert_eq!(found.signed.as_deref(), Some(format!("1\nn\n{body}\n").as_str()));
    assert_eq!(found.difference.as_ref().unwrap().part, "body");
    let hidden = found.without_personal_data();
    assert!(!format!("{hidden:?}{} {:?}", hidden.expected, hidden.signed).contains("2088"));
    // Another key, over the right string.
    let sign = key("app_private_pkcs8").sign(format!("1\nn\n{body}\n").as_bytes()).unwrap();
    let found = response(body, &sign).diagnose(&signers).unwrap();
    assert_eq!(found.mistake.as_deref(), Some("it was made with the app's key"));
    assert_eq!((found.unexplained, found.difference), (None, None));
    // Nothing known.
    let sign = alipay.sign(b"something else").unwrap();
    let found = response(body, &sign).diagnose(&signers).unwrap();
    assert!(found.mistake.is_none() && found.unexplained.is_some());
    let without = Captured::response(HeaderMap::new(), body.into());
    assert!(without.verify(&signers).unwrap_err().to_string().contains("alipay-signature"));
}

#[test]
fn a_form_is_signed_by_its_rule() {
    let (alipay, app) = (key("alipay_private_pkcs8"), key("app_private_pkcs8"));
    let form = "b=1%2B2&sign_type=RSA2&a=%E7%BA%A2&c=";
    let with = |text: &str, key: &PrivateKey, rule| {
        let sign = key.sign(text.as_bytes()).unwrap().replace('+', "%2B");
        Captured::form(rule, format!("{form}&sign={sign}").into())
    };
    for (rule, key, right, other, mistake) in [
        (Rule::Notification, &alipay, "a=红&b=1+2&c=", "b=1+2&a=红&c=", "in the order they stand"),
        (
            Rule::Order,
            &app,
            "a=红&b=1+2&sign_type=RSA2",
            "a=红&b=1+2",
            "`sign_type` was not signed",
        ),
    ] {
        let signers = Signers::new(key.public_key().clone());
        assert_eq!(with(right, key, rule).string_to_sign().unwrap(), right.as_bytes());
        assert!(with(right, key, rule).verify(&signers).unwrap());
        let wrong = with(other, key, rule);
        assert!(!wrong.verify(&signers).unwrap());
        let found = wrong.diagnose(&signers).unwrap();
        assert!(found.mistake.as_ref().unwrap().contains(mistake), "{found:?}");
    }
}

#[test]
fn no_token_of_a_damaged_form_is_shown() {
    let signers = Signers::new(key("alipay_private_pkcs8").public_key().clone());
    for rest in [
        "",
        "%26202601BBother",
        "&app_auth_token=202601BBother",
        "&app_auth_token=202601BBtoken_202601BBother",
        "&biz_conte\u{a7}t=1",
        "%ff",
        "&%ff=1",
    ] {
        let form = format!("app_id=1&app_auth_token=202601BBtoken{rest}&a=1&sign=YQ%3D%3D");
        for rule in [Rule::Notification, Rule::Order] {
            let found = Captured::form(rule, form.clone().into()).diagnose(&signers).unwrap();
            assert!(!found.expected.contains("202601BB"), "{rest}: {}", found.expected);
        }
    }
}

#[test]
fn no_bytes_take_long_or_fail() {
    let signers = Signers::new(key("alipay_private_pkcs8").public_key().clone());
    let sign = key("alipay_private_pkcs8").sign(b"x").unwrap().replace('+', "%2B");
    for form in [
        format!("a={}&sign={sign}", "%20".repeat(60_000)),
        format!("{}sign={sign}", "a=1&".repeat(20_000)),
        format!(
            "{}sign={sign}",
            (0..40).map(|n| format!("p{n}=a b c&")).collect::<Vec<_>>().concat()
        ),
        format!("biz_content={}1{}&sign={sign}", "[".repeat(5000), "]".repeat(5000)),
        format!("=&&a&=b&%=%&sign={sign}"),
    ] {
        for rule in [Rule::Notification, Rule::Order] {
            let found = Captured::form(rule, form.clone().into()).diagnose(&signers).unwrap();
            assert!(found.signed.is_none());
        }
    }
    assert_eq!(hide_personal_data(""), "");
}
