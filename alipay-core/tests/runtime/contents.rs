//! What texts hold, for tools that show them, and the forms that keys are written in.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use alipay_core::{
    contents::{self, Content},
    keys::{Form, KeySize, PrivateKey, PublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use crate::{
    common::key,
    issuing::{self, INTEGER, sequence},
};

fn one(text: &str) -> Content {
    let mut contents = contents::read(text);
    assert_eq!(contents.len(), 1);
    contents.pop().unwrap().unwrap()
}

#[test]
fn keys_are_written_and_read_in_each_form() {
    let private = PrivateKey::generate_with(KeySize::Bits3072).unwrap();
    let public = private.public_key();
    assert_eq!(public.bits(), 3072);
    for (text, form) in [
        (private.to_pkcs8_pem(), Form::Pkcs8Private),
        (private.to_pkcs8_base64(), Form::Pkcs8Private),
        (private.to_pkcs1_pem(), Form::Pkcs1Private),
        (private.to_pkcs1_base64(), Form::Pkcs1Private),
    ] {
        let text = text.unwrap();
        let Content::PrivateKey(read, found) = one(&text) else { panic!("{text:?}") };
        assert_eq!((read.public_key(), found), (public, form));
        assert_eq!(PrivateKey::parse(&text).unwrap().public_key(), public);
    }
    for text in [public.to_base64(), public.to_pem()] {
        let Content::PublicKey(read, form) = one(&text) else { panic!("{text}") };
        assert_eq!((&read, form), (public, Form::PublicKeyInfo));
    }
}

#[test]
fn the_bits_of_a_key_are_counted_from_the_first_that_is_set() {
    let of = |first: u8, length: usize| {
        let modulus = [&[0, first][..], &vec![0xff; length - 1]].concat();
        let key = sequence(&[&issuing::der(INTEGER, &modulus), &[0x02, 0x03, 1, 0, 1]]);
        contents::read(&STANDARD.encode(key)).remove(0).map_err(|error| error.to_string())
    };
    for (first, length, expected) in [
        (0x7f, 256, "the key has 2047 bits"),
        (0x01, 256, "the key has 2041 bits"),
        (0xff, 255, "the key has 2040 bits"),
    ] {
        let problem = of(first, length).unwrap_err();
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn a_fingerprint_is_the_hash_of_the_public_key() {
    // openssl dgst -sha256 over the DER of the vectors' public key.
    let public = PublicKey::parse(key("app_public")).unwrap();
    assert_eq!(public.fingerprint(), FINGERPRINT);
    let private = PrivateKey::parse(key("app_private_pkcs8")).unwrap();
    assert_eq!(private.public_key().fingerprint(), FINGERPRINT);
    let Content::Certificate(certificate) = one(key("app_cert")) else { panic!() };
    assert_eq!(certificate.key.unwrap().fingerprint(), FINGERPRINT);
}

const FINGERPRINT: &str = "4c1c92f76d0749e01076ff843b1b19fcfbbc09e551db068403a9952646ab9719";

#[test]
fn certificates_say_whose_they_are() {
    let Content::Certificate(app) = one(key("app_cert")) else { panic!() };
    assert_eq!(app.app_id.as_deref(), Some(key("app_id")));
    assert!(app.signed_with_rsa && !app.is_root);
    let (from, until) = app.validity.as_ref().unwrap();
    assert!(from < until);
    assert!(!format!("{app:?}").contains(&app.subject));

    // The bundle has a certificate for SM2, which does not count.
    let bundle = key("alipay_root_cert");
    let mut serials = Vec::new();
    for content in contents::read(bundle) {
        let Content::Certificate(root) = content.unwrap() else { panic!() };
        assert_eq!(root.key.is_ok(), root.signed_with_rsa);
        serials.extend(root.signed_with_rsa.then_some(root.serial));
    }
    assert_eq!(contents::root_serial(bundle).unwrap(), serials.join("_"));
}

#[test]
fn requests_and_aes_keys_are_told_apart() {
    let Content::Request(request) = one(include_str!("../fixtures/keys/request.pem")) else {
        panic!()
    };
    assert!(request.subject.contains('='), "{}", request.subject);
    assert!(matches!(one(key("aes_key")), Content::AesKey { bits: 128 }));
}

#[test]
fn what_is_nothing_of_these_is_named() {
    for (text, expected) in [
        ("", "the text is empty"),
        ("ssh-rsa AAAAB3NzaC1yc2E", "this is a public key in the form of SSH"),
        (include_str!("../fixtures/keys/weak.pem"), "the key has 1024 bits"),
        (include_str!("../fixtures/keys/ec.pem"), "this is not an RSA key, but one of an elliptic"),
        (
            include_str!("../fixtures/keys/encrypted.pem"),
            "the private key is encrypted with a password; decrypt it with: openssl pkey",
        ),
    ] {
        let error = contents::read(text).remove(0).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    // Each thing of a text alone.
    let both = format!("{}{}", key("app_cert"), include_str!("../fixtures/keys/weak.pem"));
    let read: Vec<_> = contents::read(&both).iter().map(Result::is_ok).collect();
    assert_eq!(read, [true, false]);
}

/// The DER of a PEM text.
fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(base64).unwrap()
}

proptest! {
    /// Damaged certificates and requests are errors, or other certificates, and no panic.
    #[test]
    fn damaged_data_is_told(which in 0..2usize, at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        let texts = [key("app_cert"), include_str!("../fixtures/keys/request.pem")];
        let mut der = der(texts[which]);
        let at = at.index(der.len());
        der[at] = byte;
        prop_assert!(!contents::read(&STANDARD.encode(&der)).is_empty());
        der.truncate(cut.index(der.len()));
        prop_assert!(!contents::read(&STANDARD.encode(&der)).is_empty());
    }
}
