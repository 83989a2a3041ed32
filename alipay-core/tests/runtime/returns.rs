//! Returns: what Alipay adds to a `return_url`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::{
    common::{builder, certificate_credentials, certified, client},
    notifications::{post, v1},
};

use alipay_core::{ErrorKind, value::Yuan};
use percent_encoding::percent_decode_str;

/// What Alipay adds to a `return_url`, as documented, but for the signature.
const RETURNED: [(&str, &str); 11] = [
    ("charset", "utf-8"),
    ("out_trade_no", "20260101-0001"),
    ("method", "alipay.trade.page.pay.return"),
    ("total_amount", "88.88"),
    ("trade_no", "2026010122001400001400000001"),
    ("auth_app_id", "2021000000000001"),
    ("version", "1.0"),
    ("app_id", "2021000000000001"),
    ("sign_type", "RSA2"),
    ("seller_id", "2088000000000001"),
    ("timestamp", "2026-01-01 08:01:00"),
];

#[test]
fn a_return_verifies_and_says_which_order_it_is() {
    let returned = client().verify_return(&post(&RETURNED, v1)).unwrap();
    assert_eq!(returned.out_trade_no(), Some("20260101-0001"));
    assert_eq!(returned.trade_no(), Some("2026010122001400001400000001"));
    assert_eq!(returned.total_amount(), Some(Yuan::from_fen(8888)));
    assert_eq!(returned.seller_id(), Some("2088000000000001"));
    assert_eq!(returned.method(), Some("alipay.trade.page.pay.return"));
    assert_eq!(returned.timestamp().unwrap().to_string(), "2026-01-01 08:01:00");
    assert_eq!(returned.parameter("sign_type"), None);
    for app_id in [returned.app_id(), client().app_id()] {
        assert_eq!(app_id, "2021000000000001");
    }
    assert_eq!(
        format!("{returned:?}"),
        "Verified(Returned { method: Some(\"alipay.trade.page.pay.return\"), \
         out_trade_no: Some(\"20260101-0001\"), .. })"
    );
}

#[test]
fn what_stands_before_the_query_does_not_matter() {
    let query = post(&RETURNED, v1);
    for address in ["", "?", "/paid?", "https://shop.example:8443/paid/7?", "/paid/order=7/of=1?"] {
        assert!(client().verify_return(&format!("{address}{query}")).is_ok(), "{address}");
    }
    // A question mark may stand in a value.
    let asked = format!("{query}&q=what?");
    assert!(client().verify_return(&asked).is_ok());
    assert!(client().verify_return(&format!("/paid?{asked}")).is_ok());
}

#[test]
fn parameters_of_the_shop_in_a_return_are_left_out() {
    let query = format!("?lang=zh&sub=&{}", post(&RETURNED, v1));
    let returned = client().verify_return(&query).unwrap();
    assert_eq!(returned.out_trade_no(), Some("20260101-0001"));
    assert_eq!((returned.parameter("lang"), returned.parameter("sub")), (None, None));
    // If Alipay signs them, they are kept.
    let mut signed = RETURNED.to_vec();
    signed.push(("lang", "zh"));
    let returned = client().verify_return(&post(&signed, v1)).unwrap();
    assert_eq!(returned.parameter("lang"), Some("zh"));
}

#[test]
fn a_return_is_no_notification_and_a_notification_no_return() {
    let error = client().verify_notification(post(&RETURNED, v1).as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Notification);
    assert_eq!(
        error.to_string(),
        "the notification is the query of a return_url, which proves no payment: give it to \
         `verify_return`"
    );
    let message = ("msg_method", "alipay.marketing.activity.message.created");
    for parameter in [("notify_id", "n1"), message] {
        let mut notification = RETURNED.to_vec();
        notification[2] = parameter;
        let error = client().verify_return(&post(&notification, v1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the return is a notification: give it to `verify_notification`"
        );
    }
    // No return has an id.
    let mut notification = RETURNED.to_vec();
    notification.push(("notify_id", "n1"));
    client().verify_notification(post(&notification, v1).as_bytes()).unwrap();
    client().verify_return(&post(&notification, v1)).unwrap_err();
}

#[test]
fn a_return_that_was_changed_is_refused_and_says_how() {
    let refused = |query: &str| {
        let error = client().verify_return(query).unwrap_err();
        (error.kind(), error.to_string())
    };
    let query = post(&RETURNED, v1);
    let (kind, text) = refused(&query.replace("88%2E88", "00%2E01"));
    assert_eq!(kind, ErrorKind::Verification);
    assert!(text.starts_with("the return's signature is wrong (验签失败): "), "{text}");
    let advice = "give the query of the address as received";
    let (_, text) = refused(&percent_decode_str(&query).decode_utf8().unwrap());
    assert!(text.ends_with(advice), "{text}");
    let (_, text) = refused(&query.replace('&', "&amp;"));
    assert_eq!(text, format!("the return is HTML-escaped (`&amp;` for `&`); {advice}"));
    let (_, text) = refused("");
    assert_eq!(text, format!("the return is empty, perhaps since it was read before; {advice}"));
    let (kind, text) = refused("lang=zh&sign_type=RSA2");
    assert_eq!((kind, text.as_str()), (ErrorKind::Verification, "the return is not signed"));
    let mut other = RETURNED.to_vec();
    other[7] = ("app_id", "2021000000000002");
    let (kind, text) = refused(&post(&other, v1));
    assert_eq!((kind, text.as_str()), (ErrorKind::Notification, "the return is for another app"));
}

#[test]
fn no_part_of_a_return_can_be_changed_moved_or_left_out() {
    let query = post(&RETURNED, v1);
    let parts: Vec<_> = query.split('&').collect();
    let refused = |parts: &[&str]| client().verify_return(&parts.join("&")).is_err();
    for (index, part) in parts.iter().enumerate() {
        let (name, value) = part.split_once('=').unwrap();
        let mut changed = parts.clone();
        let other = format!("{name}={value}1");
        changed[index] = &other;
        assert!(refused(&changed), "{part}");
        changed.remove(index);
        assert!(refused(&changed), "{part}");
        // Two parameters as the value of one have the same signature.
        let mut sorted = RETURNED.to_vec();
        sorted.retain(|(name, _)| *name != "sign_type");
        sorted.sort_unstable();
        let Some(place) = sorted.iter().position(|(other, _)| *other == name) else { continue };
        let Some((next, rest)) = sorted.get(place + 1) else { continue };
        let merged = format!("{name}={value}%26{next}%3D{}", rest.replace(' ', "+"));
        let mut changed = parts.clone();
        changed[index] = &merged;
        changed.retain(|part| !part.starts_with(&format!("{next}=")));
        assert_eq!(changed.len(), parts.len() - 1);
        let form = changed.join("&");
        let error = client().verify_return(&form).unwrap_err();
        // Its signature is right.
        assert_eq!(error.kind(), ErrorKind::Notification, "{merged}");
        // Nor does that make a notification of it.
        let error = client().verify_notification(form.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Notification, "{merged}");
    }
}

#[test]
fn in_certificate_mode_a_return_verifies_too() {
    let client = builder(certificate_credentials()).clock(certified()).build().unwrap();
    let mut parameters = RETURNED.to_vec();
    assert!(client.verify_return(&post(&parameters, v1)).is_ok());
    parameters.push(("alipay_cert_sn", "0123456789abcdef0123456789abcdef"));
    let error = client.verify_return(&post(&parameters, v1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
    assert!(error.to_string().starts_with("the return "), "{error}");
}
