//! Queries with which buyers return to a shop: what Alipay adds, and what was the shop's own.

use alipay_core::{
    ErrorKind, Outcome,
    notification::{Returned, Verified},
};

use crate::{
    alipay::{STAMPS, now, stamped},
    errors,
    form::{self, Pair},
};

/// What Alipay adds, as documented. The shop's own parameters may be beside it.
const ADDED: [&str; 11] = [
    "app_id",
    "auth_app_id",
    "charset",
    "method",
    "out_trade_no",
    "seller_id",
    "timestamp",
    "total_amount",
    "trade_no",
    "version",
    "alipay_cert_sn",
];
/// In how many places a query is changed.
const CHANGES: usize = 8;

/// A query is verified or refused; of one that is verified all that is read was signed. It is no notification, and one that
/// was changed is refused.
pub fn returned(data: &[u8]) -> bool {
    let Some(mut pairs) = form::read(data) else { return false };
    // It would be taken for an address.
    if pairs.first().is_some_and(|pair| pair.name.iter().any(|byte| b"?/".contains(byte))) {
        return false;
    }
    pairs.retain(|pair| !matches!(&*pair.name, b"sign" | b"sign_type"));
    let added = |pair: &&Pair| ADDED.iter().any(|name| name.as_bytes() == pair.name);
    let of_alipay: Vec<Pair> = pairs.iter().filter(added).cloned().collect();
    let all = query(&pairs, &pairs);
    let accepted = verified(&all, &pairs, &pairs);
    if accepted {
        let step = all.len().div_ceil(CHANGES);
        for at in (0..all.len()).skip(data.len() % step).step_by(step) {
            changed(&all, at);
        }
    }
    let some = query(&pairs, &of_alipay);
    accepted | verified(&some, &pairs, &of_alipay)
}

/// All of the pairs, and a signature over some of them.
fn query(pairs: &[Pair], signed: &[Pair]) -> String {
    let signature = stamped(&form::signed(signed));
    let signature = [Pair::new("sign", signature.as_bytes()), Pair::new("sign_type", b"RSA2")];
    String::from_utf8_lossy(&form::write(&[pairs, &signature].concat())).into_owned()
}

fn verified(query: &str, pairs: &[Pair], signed: &[Pair]) -> bool {
    let has = |name: &str| pairs.iter().any(|pair| pair.name == name.as_bytes());
    let is_notification = STAMPS.verify_notification_at(query.as_bytes(), now()).is_ok();
    let method = pairs.iter().find(|pair| pair.name == b"method");
    if !has("notify_id") && method.is_some_and(|method| method.value.ends_with(b".return")) {
        assert!(!is_notification, "a return is taken for a notification: {query}");
    }
    match STAMPS.verify_return_at(query, now()) {
        Ok(returned) => {
            let of_notification = |pair: &Pair| matches!(&*pair.name, b"notify_id" | b"msg_method");
            assert!(!signed.iter().any(of_notification), "a notification is a return: {query}");
            read(&returned, pairs, signed);
            let address = format!("https://shop.example/paid/a=1?{query}");
            assert!(STAMPS.verify_return_at(&address, now()).is_ok(), "{address}");
            true
        }
        Err(error) => {
            errors::sound(&error, &[]);
            assert_eq!(error.outcome(), Outcome::NotSent);
            let kinds = [ErrorKind::Notification, ErrorKind::Verification];
            assert!(kinds.contains(&error.kind()), "{error:?}");
            false
        }
    }
}

/// What is read is what was signed.
fn read(returned: &Verified<Returned>, pairs: &[Pair], signed: &[Pair]) {
    assert_eq!(returned.parameter("sign"), None);
    let is_utf8 = pairs.iter().all(|pair| pair.name != b"charset");
    for pair in pairs {
        let name = String::from_utf8_lossy(&pair.name);
        let Some(value) = returned.parameter(&name) else { continue };
        let is_signed = signed.iter().any(|signed| signed.name == pair.name);
        assert!(is_signed, "`{name}` is not signed");
        assert!(!is_utf8 || value.as_bytes() == pair.value, "{name}");
    }
    assert!(!format!("{returned:?}").is_empty());
    let _ = (returned.total_amount(), returned.timestamp(), returned.seller_id());
}

/// With one byte changed it does not verify, unless it means the same.
fn changed(query: &str, at: usize) {
    let mut changed = query.as_bytes().to_owned();
    changed[at] ^= 1;
    let Ok(changed) = String::from_utf8(changed) else { return };
    let all = |query: &str| {
        let mut pairs = form::read(query.as_bytes())?;
        for pair in pairs.iter_mut().filter(|pair| pair.name == b"sign") {
            pair.value = form::base64(&pair.value)?;
        }
        Some(form::signed(&pairs))
    };
    if all(&changed) != all(query) {
        let verified = STAMPS.verify_return_at(&changed, now());
        assert!(verified.is_err(), "{query} is changed to {changed}");
    }
}
