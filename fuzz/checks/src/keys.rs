//! Keys as people give them: text, or bytes that stand in the base64 of one.

use alipay_core::{
    encrypt::AesKey,
    keys::{PrivateKey, PublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::errors;

/// The shortest piece of a key that must not be in an error.
const PIECE: usize = 24;

/// A key is read or refused; a key that is read is written so that it is read again. Errors show no key.
pub fn keys(data: &[u8]) -> bool {
    match str::from_utf8(data) {
        Ok(text) => read(text),
        Err(_) => read(&STANDARD.encode(data)),
    }
}

fn read(text: &str) -> bool {
    let mut accepted = true;
    match PrivateKey::parse(text) {
        Ok(key) => {
            let pem = key.to_pkcs8_pem().expect("is written");
            let again = PrivateKey::parse(&pem).expect("is read again");
            assert_eq!(again.public_key(), key.public_key());
            let signature = key.sign(b"message").expect("signs");
            assert_eq!(key.public_key().verify(b"message", &signature), Ok(()));
            public(key.public_key());
        }
        Err(problem) => {
            accepted = false;
            hides(&problem.to_string(), text);
        }
    }
    match PublicKey::parse(text) {
        Ok(key) => {
            accepted = true;
            public(&key);
        }
        Err(problem) => hides(&problem.to_string(), text),
    }
    match AesKey::parse(text) {
        Ok(key) => {
            let cipher = key.encrypt(text.as_bytes()).expect("encrypts");
            let plain = key.decrypt(cipher.as_bytes()).expect("decrypts");
            assert_eq!(plain, text.as_bytes());
            let _ = key.decrypt(text.as_bytes());
        }
        Err(problem) => hides(&problem.to_string(), text),
    }
    accepted
}

fn public(key: &PublicKey) {
    assert_eq!(PublicKey::parse(&key.to_pem()).as_ref(), Ok(key));
    assert_eq!(PublicKey::parse(&key.to_base64()).as_ref(), Ok(key));
    assert!(key.bits() >= 1024);
}

/// What is refused may be a key all the same.
fn hides(error: &str, text: &str) {
    errors::one_line(error);
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    for line in text.as_bytes().split(|byte| !is_of_key(byte)) {
        for piece in line.windows(PIECE).step_by(PIECE / 2) {
            let piece = str::from_utf8(piece).expect("ASCII");
            assert!(!error.contains(piece), "an error shows `{piece}`: {error}");
        }
    }
}
