//! Both libraries give the same bytes and take each other's.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use proptest::prelude::*;

use super::{Hash, KeySize, aws_lc, pure};
use crate::der::{INTEGER, OCTET_STRING, Reader, SEQUENCE};

/// A key each made, read by the other.
fn pairs() -> [(aws_lc::RsaPrivate, pure::RsaPrivate); 2] {
    let one = aws_lc::RsaPrivate::generate(KeySize::default()).unwrap();
    let same = pure::RsaPrivate::from_pkcs8(&one.to_pkcs8().unwrap()).unwrap();
    let two = pure::RsaPrivate::generate(KeySize::default()).unwrap();
    let alike = aws_lc::RsaPrivate::from_pkcs8(&two.to_pkcs8().unwrap()).unwrap();
    [(one, same), (alike, two)]
}

/// From the PKCS#1 that is inside of the other's PKCS#8.
fn read_again(
    one: &aws_lc::RsaPrivate,
    two: &pure::RsaPrivate,
) -> (aws_lc::RsaPrivate, pure::RsaPrivate) {
    let pkcs1 = |pkcs8: &[u8]| {
        let mut fields = Reader::new(pkcs8).sequence().unwrap();
        fields.read(INTEGER).unwrap();
        fields.read(SEQUENCE).unwrap();
        fields.read(OCTET_STRING).unwrap().content.to_vec()
    };
    (
        aws_lc::RsaPrivate::from_pkcs1(&pkcs1(&two.to_pkcs8().unwrap())).unwrap(),
        pure::RsaPrivate::from_pkcs1(&pkcs1(&one.to_pkcs8().unwrap())).unwrap(),
    )
}

#[test]
fn keys_and_signatures_are_the_same() {
    for (one, two) in pairs() {
        let (one, two) = read_again(&one, &two);
        assert_eq!(one.public_pkcs1().unwrap(), two.public_pkcs1().unwrap());
        let public = one.public_pkcs1().unwrap();
        let one_public = aws_lc::RsaPublic::from_pkcs1(&public).unwrap();
        let two_public = pure::RsaPublic::from_pkcs1(&public).unwrap();
        let info = one_public.to_info().unwrap();
        assert_eq!(two_public.to_info().unwrap(), info);
        let one_public = aws_lc::RsaPublic::from_info(&info).unwrap();
        let two_public = pure::RsaPublic::from_info(&info).unwrap();

        let messages: [&[&[u8]]; 4] = [&[], &[b""], &[b"text"], &[b"te", b"", b"xt"]];
        for message in messages {
            let signature = one.sign(message).unwrap();
            assert_eq!(two.sign(message).unwrap(), signature);
            let mut changed = signature.clone();
            changed[7] ^= 1;
            let longer = [&*signature, &[0]].concat();
            let shorter = &signature[1..];
            for (signature, expected) in [
                (&*signature, true),
                (&*changed, false),
                (&*longer, false),
                (shorter, false),
                (&[], false),
                (&[0; 256], false),
                (&[0xff; 256], false),
            ] {
                assert_eq!(one_public.verifies(message, signature), expected);
                assert_eq!(two_public.verifies(message, signature), expected);
            }
        }
        assert_eq!(one.sign(&[b"text"]).unwrap(), one.sign(&[b"te", b"xt"]).unwrap());
    }
}

#[test]
fn both_verify_over_three_hashes() {
    use rsa::{
        Pkcs1v15Sign, RsaPrivateKey,
        pkcs8::DecodePrivateKey as _,
        sha2::{Digest as _, Sha256, Sha384, Sha512},
    };
    let pkcs8 = aws_lc::RsaPrivate::generate(KeySize::default()).unwrap().to_pkcs8().unwrap();
    let key = RsaPrivateKey::from_pkcs8_der(&pkcs8).unwrap();
    let public = pure::RsaPrivate::from_pkcs8(&pkcs8).unwrap().public_pkcs1().unwrap();
    let one = aws_lc::RsaPublic::from_pkcs1(&public).unwrap();
    let two = pure::RsaPublic::from_pkcs1(&public).unwrap();
    let signatures = [
        (Hash::Sha256, key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest("text"))),
        (Hash::Sha384, key.sign(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest("text"))),
        (Hash::Sha512, key.sign(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest("text"))),
    ];
    for (signed, signature) in signatures {
        let signature = signature.unwrap();
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let expected = hash == signed;
            assert_eq!(one.verifies_hash(hash, b"text", &signature), expected);
            assert_eq!(two.verifies_hash(hash, b"text", &signature), expected);
            assert!(!one.verifies_hash(hash, b"Text", &signature));
            assert!(!two.verifies_hash(hash, b"Text", &signature));
        }
    }
}

/// An element, whose content has at most 65,535 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    match (high, low) {
        (0, 0..0x80) => [&[tag, low], content].concat(),
        (0, _) => [&[tag, 0x81, low], content].concat(),
        _ => [&[tag, 0x82, high, low], content].concat(),
    }
}

/// Numbers that are negative in DER, or begin with a zero too many, or have no bytes.
#[test]
fn both_refuse_numbers_that_are_not_der() {
    let public = aws_lc::RsaPrivate::generate(KeySize::default()).unwrap().public_pkcs1().unwrap();
    let mut numbers = Reader::new(&public).sequence().unwrap();
    let [modulus, exponent] = [(); 2].map(|()| numbers.read(INTEGER).unwrap().content);
    assert_eq!(modulus[0], 0);
    let longer = |number: &[u8]| [&[0], number].concat();
    for (modulus, exponent, expected) in [
        (modulus, exponent, true),
        (&modulus[1..], exponent, false),
        (&longer(modulus), exponent, false),
        (&[], exponent, false),
        (modulus, &longer(exponent), false),
        (modulus, &[0x81, 0x01], false),
        (modulus, &[0, 0x81, 0x01], true),
        (modulus, &[], false),
    ] {
        let numbers = [element(INTEGER, modulus), element(INTEGER, exponent)].concat();
        let der = element(SEQUENCE, &numbers);
        assert_eq!(aws_lc::RsaPublic::from_pkcs1(&der).is_ok(), expected, "{exponent:02x?}");
        assert_eq!(pure::RsaPublic::from_pkcs1(&der).is_ok(), expected, "{exponent:02x?}");
    }
}

#[test]
fn both_take_keys_of_the_three_sizes_only() {
    for size in 0..70 {
        let expected = matches!(size, 16 | 24 | 32);
        assert_eq!(aws_lc::Aes::new(&vec![1; size]).is_ok(), expected, "{size}");
        assert_eq!(pure::Aes::new(&vec![1; size]).is_ok(), expected, "{size}");
    }
}

#[test]
fn random_bytes_are_random() {
    let (mut one, mut two) = ([0; 16], [0; 16]);
    aws_lc::random(&mut one).unwrap();
    pure::random(&mut two).unwrap();
    assert!(one != [0; 16] && two != [0; 16] && one != two);
}

proptest! {
    #[test]
    fn encryption_is_the_same(plain: Vec<u8>, key: [u8; 32], size in 0usize..3) {
        let key = &key[..16 + 8 * size];
        let (one, two) = (aws_lc::Aes::new(key).unwrap(), pure::Aes::new(key).unwrap());
        let cipher = one.encrypt(&plain).unwrap();
        prop_assert_eq!(&two.encrypt(&plain).unwrap(), &cipher);
        prop_assert_eq!(&one.decrypt(cipher.clone()).unwrap(), &plain);
        prop_assert_eq!(&two.decrypt(cipher).unwrap(), &plain);
    }

    /// What is no ciphertext of theirs is refused by both or by none: the padding decides.
    #[test]
    fn decryption_of_anything_is_the_same(blocks in 1usize..4, bytes: [u8; 48], key: [u8; 16]) {
        let cipher = bytes[..16 * blocks].to_vec();
        let one = aws_lc::Aes::new(&key).unwrap().decrypt(cipher.clone());
        let two = pure::Aes::new(&key).unwrap().decrypt(cipher);
        prop_assert_eq!(one, two);
    }

    #[test]
    fn damaged_keys_are_taken_calmly(at: prop::sample::Index, to: u8) {
        static KEY: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            aws_lc::RsaPrivate::generate(KeySize::default()).unwrap().to_pkcs8().unwrap().to_vec()
        });
        let mut der = KEY.clone();
        let at = at.index(der.len());
        der[at] = to;
        // Which damage they find out differs; neither may panic.
        let _ = (aws_lc::RsaPrivate::from_pkcs8(&der), pure::RsaPrivate::from_pkcs8(&der));
        let _ = (pure::RsaPublic::from_info(&der), pure::RsaPublic::from_pkcs1(&der));
    }
}
