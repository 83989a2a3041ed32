//! Keys: what is taken, what is refused and how, and a second opinion on signatures.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use crate::common;
use crate::issuing;

use alipay_core::{
    Credentials,
    encrypt::{AesKey, EncryptError},
    keys::{Given, KeyError, PrivateKey, PublicKey, SignatureError, Wanted, read_file},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{ALIPAY, VECTORS, certified, key};
use issuing::{INTEGER, SEQUENCE, der};
use proptest::prelude::*;
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    pkcs8::DecodePrivateKey,
    sha2::Sha256,
    signature::{SignatureEncoding, Signer, Verifier},
};

const WEAK: &str = include_str!("../fixtures/keys/weak.pem");
const WEAK_PUBLIC: &str = include_str!("../fixtures/keys/weak_public.pem");
const EC: &str = include_str!("../fixtures/keys/ec.pem");
const EC_SEC1: &str = include_str!("../fixtures/keys/ec_sec1.pem");
const EC_PUBLIC: &str = include_str!("../fixtures/keys/ec_public.pem");
const REQUEST: &str = include_str!("../fixtures/keys/request.pem");
const ENCRYPTED: &str = include_str!("../fixtures/keys/encrypted.pem");
const ENCRYPTED_PKCS1: &str = include_str!("../fixtures/keys/encrypted_pkcs1.pem");

#[test]
fn what_is_no_private_key_is_named() {
    let good = key("app_private_pkcs8");
    let unfit = |given| KeyError::Unfit { given, wanted: Wanted::PrivateKey };
    for (text, expected) in [
        ("", unfit(Given::Empty)),
        (" \n\t", unfit(Given::Empty)),
        ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", unfit(Given::Empty)),
        ("/etc/app.pem", unfit(Given::Path)),
        ("C:\\app.pem", unfit(Given::Path)),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", unfit(Given::NoEndLine)),
        ("-----BEGIN PRIVATE KEY", unfit(Given::BeginLine)),
        (&good[..800], KeyError::Truncated { missing: good.len() - 800 }),
        (&good[..801], KeyError::Truncated { missing: good.len() - 801 }),
        ("AAAA", unfit(Given::Unknown)),
        ("MAA=", unfit(Given::Unknown)),
        ("MAMCAQA=", unfit(Given::Unknown)),
        (key("app_public"), unfit(Given::PublicKey)),
        (key("app_cert"), unfit(Given::Certificate)),
        (REQUEST, unfit(Given::CertificateRequest)),
        (ENCRYPTED, unfit(Given::Encrypted)),
        (ENCRYPTED_PKCS1, unfit(Given::Encrypted)),
        (EC, unfit(Given::EllipticCurve)),
        (EC_SEC1, unfit(Given::EllipticCurve)),
        (WEAK, KeyError::TooShort { bits: 1024 }),
    ] {
        assert_eq!(PrivateKey::parse(text).unwrap_err(), expected, "{text:.40}");
    }
    let mut der = STANDARD.decode(key("app_private_pkcs1")).unwrap();
    der[600] ^= 1;
    assert_eq!(PrivateKey::parse(&STANDARD.encode(der)).unwrap_err(), KeyError::Inconsistent);
}

#[test]
fn what_is_no_public_key_is_named() {
    let unfit = |given| KeyError::Unfit { given, wanted: Wanted::PublicKey };
    // Of 294 bytes.
    assert_eq!(key("alipay_public").len(), 392);
    for (text, expected) in [
        ("", unfit(Given::Empty)),
        (&key("alipay_public")[..100], KeyError::Truncated { missing: 292 }),
        (key("alipay_private_pkcs8"), unfit(Given::PrivateKey)),
        (key("app_private_pkcs1"), unfit(Given::PrivateKey)),
        (key("alipay_cert"), unfit(Given::Certificate)),
        (EC_PUBLIC, unfit(Given::EllipticCurve)),
        (WEAK_PUBLIC, KeyError::TooShort { bits: 1024 }),
    ] {
        assert_eq!(PublicKey::parse(text).unwrap_err(), expected, "{text:.40}");
    }
}

/// A key of which each number but the modulus has a megabyte, and one of which that has, too.
#[test]
fn huge_numbers_are_refused_at_once() {
    let huge = [&[0x7f][..], &vec![0xff; 1024 * 1024]].concat();
    let modulus = [&[0, 0xff][..], &[0xff; 255]].concat();
    let key = |modulus: &[u8], number: &[u8]| {
        let numbers = [&[0], modulus, &[1, 0, 1], number, number, number, number, number, number];
        der(SEQUENCE, &numbers.map(|number| der(INTEGER, number)).concat())
    };
    let public = |modulus: &[u8], exponent: &[u8]| {
        der(SEQUENCE, &[der(INTEGER, modulus), der(INTEGER, exponent)].concat())
    };
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let private = |der: Vec<u8>| PrivateKey::parse(&STANDARD.encode(der)).unwrap_err();
        let public_key = |der: Vec<u8>| PublicKey::parse(&STANDARD.encode(der)).unwrap_err();
        let found = [
            private(key(&modulus, &huge)),
            private(key(&huge, &huge)),
            public_key(public(&modulus, &huge)),
            public_key(public(&huge, &[1, 0, 1])),
        ];
        done.send(found)
    });
    // Seconds in a debug build, many more where other work has most of the machine. To calculate with them would take hours.
    let found = waiting.recv_timeout(std::time::Duration::from_secs(600)).unwrap();
    let too_long = KeyError::TooLong { bits: 8 * 1024 * 1024 + 7 };
    assert_eq!(found, [KeyError::Inconsistent, too_long, KeyError::Inconsistent, too_long]);
}

/// A modulus without the zero before its top bit is a negative number, whichever library reads it.
#[test]
fn a_negative_modulus_is_refused() {
    let der = STANDARD.decode(key("alipay_public")).unwrap();
    let at = der.windows(5).position(|window| window == [0x02, 0x82, 0x01, 0x01, 0]).unwrap();
    let mut negative = [&der[..at + 3], &[0], &der[at + 5..]].concat();
    // One byte less in the two sequences and the bit string around it.
    for length in [3, 22, 27] {
        negative[length] -= 1;
    }
    let error = PublicKey::parse(&STANDARD.encode(negative)).unwrap_err();
    assert_eq!(error, KeyError::Inconsistent);
}

#[test]
fn encryption_keys() {
    let unfit = |given| KeyError::Unfit { given, wanted: Wanted::AesKey };
    for (text, expected) in [
        ("", unfit(Given::Empty)),
        ("not base64!", unfit(Given::NotBase64)),
        ("AAAA", KeyError::AesKeySize { bytes: 3 }),
    ] {
        assert_eq!(AesKey::parse(text).unwrap_err(), EncryptError::Key(expected));
        assert!(common::credentials().encrypt_key(text).is_err());
    }
    let aes = AesKey::parse(&format!(" {}\n", key("aes_key"))).unwrap();
    for text in ["", "A", "AAAA", "!", "AAAAAAAAAAAAAAAAAAAAAAA="] {
        assert_eq!(aes.decrypt(text.as_bytes()).unwrap_err(), EncryptError::NotCiphertext);
    }
    let other = AesKey::parse("AAECAwQFBgcICQoLDA0ODw==").unwrap();
    assert_eq!(
        other.decrypt(aes.encrypt(b"text").unwrap().as_bytes()).unwrap_err(),
        EncryptError::Mismatch
    );
}

#[test]
fn new_keys_survive_being_written() {
    let made = PrivateKey::generate().unwrap();
    let signature = made.sign(b"text").unwrap();
    for text in [made.to_pkcs8_base64().unwrap(), made.to_pkcs8_pem().unwrap()] {
        assert_eq!(PrivateKey::parse(&text).unwrap().sign(b"text").unwrap(), signature);
        RsaPrivateKey::from_pkcs8_pem(&made.to_pkcs8_pem().unwrap()).unwrap();
    }
    for text in [made.public_key().to_base64(), made.public_key().to_pem()] {
        let public = PublicKey::parse(&text).unwrap();
        assert_eq!(&public, made.public_key());
        assert_eq!(public.bits(), 2048);
        public.verify(b"text", &signature).unwrap();
        assert_eq!(public.verify(b"Text", &signature), Err(SignatureError::Mismatch));
        assert_eq!(public.verify(b"text", "!"), Err(SignatureError::NotBase64));
        assert_eq!(public.verify(b"text", ""), Err(SignatureError::Mismatch));
    }
}

/// A text or buffer that grows leaves parts of a private key behind, in memory that was given back.
#[test]
fn texts_of_private_keys_are_allocated_once() {
    let made = PrivateKey::generate().unwrap();
    let allocations = |work: &dyn Fn()| allocation_counter::measure(work).count_total;
    let bare = allocations(&|| drop(made.to_pkcs8_base64().unwrap()));
    let pem = allocations(&|| drop(made.to_pkcs8_pem().unwrap()));
    assert_eq!(pem, bare + 1);

    // As often for a long file as for a short one.
    let path = std::env::temp_dir().join(format!("alipay-core-{}.pem", std::process::id()));
    let reading = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        allocations(&|| drop(read_file(&path).unwrap()))
    };
    let (short, long) = (reading(&[b'A'; 10]), reading(&vec![b'A'; 1_000_000]));
    let (short_der, long_der) = (reading(&[0x80; 10]), reading(&vec![0x80; 1_000_000]));
    std::fs::remove_file(&path).unwrap();
    assert_eq!([long, long_der], [short, short_der]);
}

/// The second opinion: the pure-Rust implementation with the same key.
fn other_side() -> (SigningKey<Sha256>, VerifyingKey<Sha256>) {
    let der = STANDARD.decode(key("alipay_private_pkcs8")).unwrap();
    let private = RsaPrivateKey::from_pkcs8_der(&der).unwrap();
    let public = RsaPublicKey::from(&private);
    (SigningKey::new(private), VerifyingKey::new(public))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn signatures_are_those_of_another_implementation(message: Vec<u8>) {
        let (signing, verifying) = other_side();
        let ours = ALIPAY.sign(&message).unwrap();
        let theirs = STANDARD.encode(signing.sign(&message).to_bytes());
        prop_assert_eq!(&ours, &theirs);
        let bytes = STANDARD.decode(&ours).unwrap();
        verifying.verify(&message, &Signature::try_from(&*bytes).unwrap()).unwrap();
        ALIPAY.public_key().verify(&message, &theirs).unwrap();
    }
}

proptest! {
    #[test]
    fn encryption_is_undone_by_decryption(plain: Vec<u8>, size in 0usize..3) {
        let key = STANDARD.encode(&[7; 32][..16 + 8 * size]);
        let aes = AesKey::parse(&key).unwrap();
        let cipher = aes.encrypt(&plain).unwrap();
        prop_assert_eq!(aes.decrypt(cipher.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn any_ciphertext_is_taken_calmly(bytes: Vec<u8>) {
        let aes = AesKey::parse(key("aes_key")).unwrap();
        let _ = aes.decrypt(&bytes);
        let _ = aes.decrypt(STANDARD.encode(&bytes).as_bytes());
    }

    #[test]
    fn any_text_is_refused_as_a_key(text in "\\PC*") {
        prop_assert!(PrivateKey::parse(&text).is_err());
        prop_assert!(PublicKey::parse(&text).is_err());
    }

    /// Data that is nearly a key or certificate reaches the depths of the readers.
    #[test]
    fn damaged_keys_are_taken_calmly(which in 0usize..3, at: prop::sample::Index, to: u8, cut: prop::sample::Index) {
        let name = ["app_private_pkcs8", "app_private_pkcs1", "alipay_public"][which];
        let mut der = STANDARD.decode(key(name)).unwrap();
        let at = at.index(der.len());
        der[at] = to;
        let text = STANDARD.encode(&der);
        let _ = (PrivateKey::parse(&text), PublicKey::parse(&text));
        let text = STANDARD.encode(&der[..cut.index(der.len())]);
        prop_assert!(PrivateKey::parse(&text).is_err() && PublicKey::parse(&text).is_err());
    }

    #[test]
    fn damaged_certificates_are_taken_calmly(which in 0usize..11, at: prop::sample::Index, to: u8, cut: prop::sample::Index) {
        let pem = VECTORS["cert_sn"]["made_here"][which]["pem"].as_str().unwrap();
        let body: String = pem.lines().skip(1).take_while(|line| !line.starts_with('-')).collect();
        let mut der = STANDARD.decode(body).unwrap();
        let at = at.index(der.len());
        der[at] = to;
        for der in [&der[..], &der[..cut.index(der.len())]] {
            take_calmly(&STANDARD.encode(der));
        }
    }

    #[test]
    fn anything_is_taken_calmly_for_a_certificate(bytes: Vec<u8>, text in "\\PC*") {
        take_calmly(&STANDARD.encode(&bytes));
        take_calmly(&text);
        take_calmly(&format!("-----BEGIN CERTIFICATE-----{text}-----END CERTIFICATE-----"));
    }
}

/// In the place of each of the certificates.
fn take_calmly(certificate: &str) {
    let (app, alipay, root) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    for [app, alipay, root] in
        [[certificate, alipay, root], [app, certificate, root], [app, alipay, certificate]]
    {
        let private = key("app_private_pkcs8");
        let _ =
            Credentials::certificates_at(certified(), key("app_id"), private, app, [alipay], root);
    }
    let _ = Credentials::keys("2021", certificate, certificate);
}

#[test]
fn an_aes_key_may_consist_of_any_bytes() {
    for length in [16, 24, 32] {
        for byte in 0..=u8::MAX {
            // The last byte is `=` in one of 256 keys.
            let mut bytes = vec![0x80; length];
            bytes[length - 1] = byte;
            assert!(AesKey::parse(&STANDARD.encode(&bytes)).is_ok(), "{bytes:?}");
        }
    }
    // A key that was encoded twice is read as what it was.
    let once = STANDARD.encode([7; 16]);
    let cipher = AesKey::parse(&once).unwrap().encrypt(b"text").unwrap();
    let twice = AesKey::parse(&STANDARD.encode(&once)).unwrap();
    assert_eq!(twice.decrypt(cipher.as_bytes()).unwrap(), b"text");
}
