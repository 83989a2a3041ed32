//! The pieces a call is made of, each against the least that does the same.

#![allow(clippy::semicolon_if_nothing_returned, reason = "closures that hand on what they measure")]

use alipay_benches::{BACKEND, cpu, credentials, crypto, group, key, probe};
use alipay_core::{
    encrypt::AesKey,
    keys::{PrivateKey, PublicKey},
    nonce::{NonceSource as _, RandomNonces},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use criterion::Criterion;

const BODY: &str = include_str!("../../alipay-core/tests/fixtures/vectors.json");

fn signatures(criterion: &mut Criterion) {
    let library = crypto::keys();
    let message = format!("{}\nPOST\n/v3/a/b\n{}\n", probe::auth(), &BODY[..1024]);
    let Ok(private) = PrivateKey::parse(key("app_private_pkcs8")) else { return };
    group(
        criterion,
        &format!("sign/{BACKEND}"),
        &mut [
            ("floor", &mut |bencher| cpu(bencher, || library.sign(message.as_bytes()))),
            ("key", &mut |bencher| cpu(bencher, || private.sign(message.as_bytes()))),
            ("key parsed each time", &mut |bencher| {
                cpu(bencher, || {
                    PrivateKey::parse(key("app_private_pkcs8"))?.sign(message.as_bytes())
                });
            }),
        ],
    );
    let theirs = crypto::keys_of("alipay_private_pkcs8", "alipay_public");
    let signature = theirs.sign(message.as_bytes());
    let text = STANDARD.encode(&signature);
    let Ok(public) = PublicKey::parse(key("alipay_public")) else { return };
    group(
        criterion,
        &format!("verify/{BACKEND}"),
        &mut [
            ("floor", &mut |bencher| {
                cpu(bencher, || library.verify(message.as_bytes(), &signature))
            }),
            ("key", &mut |bencher| cpu(bencher, || public.verify(message.as_bytes(), &text))),
        ],
    );
}

fn encryption(criterion: &mut Criterion) {
    let Ok(aes) = AesKey::parse(key("aes_key")) else { return };
    for size in [1024, 65536] {
        let plain = BODY.as_bytes().iter().copied().cycle().take(size).collect::<Vec<_>>();
        let Ok(text) = aes.encrypt(&plain) else { return };
        let kib = size / 1024;
        // Base64 alone is what any way of doing it has to do.
        group(
            criterion,
            &format!("encrypt/{kib} KiB/{BACKEND}"),
            &mut [
                ("floor (base64 alone)", &mut |bencher| cpu(bencher, || STANDARD.encode(&plain))),
                ("key", &mut |bencher| cpu(bencher, || aes.encrypt(&plain))),
            ],
        );
        group(
            criterion,
            &format!("decrypt/{kib} KiB/{BACKEND}"),
            &mut [
                ("floor (base64 alone)", &mut |bencher| cpu(bencher, || STANDARD.decode(&text))),
                ("key", &mut |bencher| cpu(bencher, || aes.decrypt(text.as_bytes()))),
            ],
        );
    }
}

fn nonce(criterion: &mut Criterion) {
    group(
        criterion,
        &format!("nonce/{BACKEND}"),
        &mut [
            ("floor", &mut |bencher| cpu(bencher, crypto::random)),
            ("source", &mut |bencher| cpu(bencher, || RandomNonces.next())),
        ],
    );
}

/// A notification of the size Alipay's have, signed over its parameters sorted by name.
fn notification() -> (String, String, Vec<u8>) {
    let content = r#"{"activity_id":"2016042700826004508401111111","event_time":"2026-11-22 10:00:00","voucher_id":"2021112200073002500156789012","user_id":"2088102146225135"}"#;
    let parameters = [
        ("app_id", key("app_id")),
        ("biz_content", content),
        ("charset", "UTF-8"),
        ("msg_method", "alipay.marketing.activity.message.received"),
        ("notify_id", "2026112200222100000005150513413"),
        ("utc_timestamp", "1795312800000"),
        ("version", "1.1"),
    ];
    let text = parameters.map(|(name, value)| format!("{name}={value}")).join("&");
    let signature = crypto::keys_of("alipay_private_pkcs8", "alipay_public").sign(text.as_bytes());
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let form = parameters.map(|(name, value)| format!("{name}={}", encode(value))).join("&");
    let form = format!("{form}&sign_type=RSA2&sign={}", encode(&STANDARD.encode(&signature)));
    (form, text, signature)
}

fn notifications(criterion: &mut Criterion) {
    let credentials = credentials();
    let library = crypto::keys();
    let (form, text, signature) = notification();
    assert!(credentials.verify_notification(form.as_bytes()).is_ok());
    group(
        criterion,
        &format!("notification/{BACKEND}"),
        &mut [
            ("floor (verify alone)", &mut |bencher| {
                cpu(bencher, || library.verify(text.as_bytes(), &signature));
            }),
            ("whole", &mut |bencher| {
                cpu(bencher, || credentials.verify_notification(form.as_bytes()));
            }),
        ],
    );
}

fn main() {
    let mut criterion = alipay_benches::criterion();
    signatures(&mut criterion);
    encryption(&mut criterion);
    nonce(&mut criterion);
    notifications(&mut criterion);
    criterion.final_summary();
}
