//! Certificates of any kind, made for tests.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test support, of which each test file uses a part"
)]

use std::sync::LazyLock;

use alipay_core::keys::{PrivateKey, PublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey,
    sha2::{Sha384, Sha512},
    signature::{SignatureEncoding, Signer},
};

/// Keys of authorities.
pub static ROOT: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
pub static MIDDLE: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
pub static OTHER: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

pub const INTEGER: u8 = 0x02;
pub const SEQUENCE: u8 = 0x30;
pub const OCTETS: u8 = 0x04;
const UTF8: u8 = 0x0c;

pub const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
pub const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
pub const SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 5];
pub const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 10];
pub const SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 11];
pub const SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 12];
pub const SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 13];
pub const SM2: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// An element.
pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut element = vec![tag];
    match length {
        [] => element.push(0),
        [short @ 0..0x80] => element.push(*short),
        long => {
            element.push(0x80 | u8::try_from(long.len()).unwrap());
            element.extend(long);
        }
    }
    element.extend(content);
    element
}

pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    der(SEQUENCE, &elements.concat())
}

/// A distinguished name of these attributes, the last of which is the most specific.
pub fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let part = |(kind, value): &(&[u8], &str)| {
        der(0x31, &sequence(&[&der(0x06, kind), &der(UTF8, value.as_bytes())]))
    };
    der(SEQUENCE, &attributes.iter().flat_map(part).collect::<Vec<_>>())
}

/// A name with this common name.
pub fn named(common: &str) -> Vec<u8> {
    name(&[(ORGANIZATION, "test"), (COMMON_NAME, common)])
}

/// An extension, which may not be ignored where it is critical.
pub fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { vec![0x01, 0x01, 0xff] } else { Vec::new() };
    sequence(&[&der(0x06, id), &critical, &der(OCTETS, value)])
}

/// That the owner is an authority, or is none, and below how many others.
pub fn authority(is: bool, path_length: Option<u8>) -> Vec<u8> {
    let flag = if is { vec![0x01, 0x01, 0xff] } else { Vec::new() };
    let length = path_length.map(|length| der(INTEGER, &[length])).unwrap_or_default();
    extension(BASIC_CONSTRAINTS, true, &sequence(&[&flag, &length]))
}

/// What the key may be used for: `0x80` for signatures, `0x04` for those of certificates.
pub fn usage(bits: u8) -> Vec<u8> {
    extension(KEY_USAGE, true, &[0x03, 0x02, 0x00, bits])
}

/// A certificate that was not issued yet.
#[derive(Clone)]
pub struct Draft {
    pub number: Vec<u8>,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub from: &'static str,
    pub until: &'static str,
    pub algorithm: &'static [u8],
    /// What stands between the key and the extensions.
    pub unique_id: Vec<u8>,
    /// Without any it is of the first version.
    pub extensions: Vec<Vec<u8>>,
}

impl Draft {
    /// Of no authority, good from 2020 to 2049.
    pub fn new(issuer: &str, subject: &str) -> Self {
        Self {
            // An issuer gives each number once.
            number: [b"\x01", subject.as_bytes()].concat().into_iter().take(20).collect(),
            issuer: named(issuer),
            subject: named(subject),
            from: "200101000000Z",
            until: "491231235959Z",
            algorithm: SHA256,
            unique_id: Vec::new(),
            extensions: vec![usage(0xf8)],
        }
    }

    /// Of an authority.
    pub fn authority(issuer: &str, subject: &str) -> Self {
        Self { extensions: vec![authority(true, None), usage(0x06)], ..Self::new(issuer, subject) }
    }

    /// The certificate in DER, of this key, signed with that one.
    pub fn issue_der(&self, key: &[u8], by: &PrivateKey) -> Vec<u8> {
        let algorithm = sequence(&[&der(0x06, self.algorithm), &[0x05, 0x00]]);
        let time = |text: &str| der(0x17, text.as_bytes());
        let extensions = der(0xa3, &der(SEQUENCE, &self.extensions.concat()));
        let first_version = self.extensions.is_empty();
        let signed = sequence(&[
            if first_version { &[] } else { &[0xa0, 0x03, 0x02, 0x01, 0x02] },
            &der(INTEGER, &self.number),
            &algorithm,
            &self.issuer,
            &sequence(&[&time(self.from), &time(self.until)]),
            &self.subject,
            key,
            &self.unique_id,
            if first_version { &[] } else { &extensions },
        ]);
        let other = || {
            let der = STANDARD.decode(&*by.to_pkcs8_base64().unwrap()).unwrap();
            RsaPrivateKey::from_pkcs8_der(&der).unwrap()
        };
        let signature = match self.algorithm {
            SHA384 => SigningKey::<Sha384>::new(other()).sign(&signed).to_vec(),
            SHA512 => SigningKey::<Sha512>::new(other()).sign(&signed).to_vec(),
            // Of the algorithms that are not checked, no signature is.
            _ => STANDARD.decode(by.sign(&signed).unwrap()).unwrap(),
        };
        sequence(&[&signed, &algorithm, &der(0x03, &[&[0], &*signature].concat())])
    }

    /// The certificate in PEM, of this key, signed with that one.
    pub fn issue(&self, key: &PublicKey, by: &PrivateKey) -> String {
        pem(&self.issue_der(&STANDARD.decode(key.to_base64()).unwrap(), by))
    }
}

pub fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// The DER of the certificate in a PEM text.
pub fn unpem(pem: &str) -> Vec<u8> {
    let lines = pem.lines().skip(1).take_while(|line| !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}
