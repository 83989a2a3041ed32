//! Forms that are posted to an app: as they come, and signed.

use alipay_core::{
    Credentials, ErrorKind, Outcome,
    notification::{Notification, Verified, event_time},
};
use alipay_voucher::{messages::VoucherMessage, recipient::Recipient};

use crate::{
    alipay::{AES, CERTIFICATES, KEYS, STAMPS, now, stamped},
    errors,
    form::{self, Pair},
};

/// A form is verified or refused; signed by Alipay, all that is read of it is what was posted.
pub fn notification(data: &[u8]) -> bool {
    for credentials in [&*KEYS, &*CERTIFICATES] {
        let _ = verified(credentials, data);
    }
    let Some(mut pairs) = form::read(data) else { return false };
    pairs.retain(|pair| !matches!(&*pair.name, b"sign" | b"sign_type"));
    // Content is encrypted before it is signed.
    let plain = pairs.clone();
    if pairs.iter().any(|pair| pair.name == b"encrypt_type" && pair.value == b"AES") {
        for pair in pairs.iter_mut().filter(|pair| pair.name == b"biz_content") {
            let cipher = AES.encrypt(&pair.value).expect("encrypts");
            *pair = Pair::new("biz_content", cipher.as_bytes());
        }
    }
    let signature = stamped(&form::signed(&pairs));
    let signature = [Pair::new("sign", signature.as_bytes()), Pair::new("sign_type", b"RSA2")];
    let posted = form::write(&[pairs, signature.to_vec()].concat());
    let Some(notification) = verified(&STAMPS, &posted) else { return false };
    read(&notification);
    let is_utf8 = plain.iter().all(|pair| pair.name != b"charset");
    for pair in plain.iter().filter(|_| is_utf8) {
        let name = String::from_utf8_lossy(&pair.name);
        if let Some(value) = notification.parameter(&name) {
            assert_eq!(value.as_bytes(), pair.value, "{name}");
        }
    }
    true
}

fn verified(credentials: &Credentials, form: &[u8]) -> Option<Verified<Notification>> {
    match credentials.verify_notification_at(form, now()) {
        Ok(notification) => Some(notification),
        Err(error) => {
            errors::sound(&error, &[]);
            assert_eq!(error.outcome(), Outcome::NotSent);
            assert!(!error.is_retryable() && !error.authenticated());
            let kinds = [ErrorKind::Notification, ErrorKind::Verification, ErrorKind::Decryption];
            assert!(kinds.contains(&error.kind()), "{error:?}");
            None
        }
    }
}

/// All that a handler asks of it.
fn read(notification: &Verified<Notification>) {
    assert_eq!(notification.parameter("sign"), None);
    let shown = format!("{notification:?}");
    assert!(!shown.is_empty());
    let _ = (notification.id(), notification.utc_timestamp(), notification.event_time());
    if let Some(id) = notification.event_id() {
        assert!(!id.is_empty());
    }
    let _ = event_time(notification.biz_content());
    match VoucherMessage::from_notification(notification) {
        Ok(message) => {
            let unreadable = VoucherMessage::unreadable(notification).expect("was read");
            for part in unreadable {
                errors::one_line(&part.to_string());
            }
            let _ = format!("{message:?}");
            if let VoucherMessage::Received(message) = &message {
                let _ = Recipient::of(message);
            }
        }
        Err(error) => errors::sound(&error, &[]),
    }
}
