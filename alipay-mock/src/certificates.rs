//! Test certificates, and the serials certificate mode names them by.

mod der;
mod name;

use std::fmt;

use alipay_core::keys::{PrivateKey, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use self::der::Elements as _;
use crate::error::KeysError;
use crate::random;

/// `sha256WithRSAEncryption`, 1.2.840.113549.1.1.11.
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// The arc of all RSA signature algorithms, 1.2.840.113549.1.1.
const RSA_ARC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];

/// The certificates of certificate mode, as PEM texts, in the places of the three files Alipay's
/// console gives out.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Certificates {
    /// The app's certificate (`appCertPublicKey_….crt`).
    pub app: String,
    /// Alipay's certificate (`alipayCertPublicKey_RSA2.crt`).
    pub alipay: String,
    /// The root of both (`alipayRootCert.crt`).
    pub root: String,
    serials: Serials,
}

#[derive(Clone, Eq, PartialEq)]
struct Serials {
    app: String,
    alipay: String,
    root: String,
}

impl Certificates {
    /// Makes certificates for the two keys, from a root of their own, whose name no other has.
    pub(crate) fn issue(app: &PublicKey, alipay: &PublicKey) -> Result<Self, KeysError> {
        let error = |e: alipay_core::keys::KeyError| KeysError::new("certificates", e);
        let root = PrivateKey::generate().map_err(error)?;
        let mut number = [0; 8];
        random::fill(&mut number);
        let root_name = format!("Alipay Mock Root {:016x}", u64::from_ne_bytes(number));
        let issuer = [("CN", root_name.as_str()), ("O", "alipay-mock"), ("C", "CN")];
        let certify = |name: &str, key: &PublicKey| {
            let subject = [("CN", name), ("O", "alipay-mock"), ("C", "CN")];
            certificate(&issuer, &subject, key, &root).map_err(error)
        };
        let [app, alipay, root] = [
            certify("Alipay Mock App", app)?,
            certify("Alipay Mock", alipay)?,
            certify(&root_name, root.public_key())?,
        ];
        Self::parse(&app, &alipay, &root)
    }

    /// Whether the certificates are for these keys.
    pub(crate) fn are_for(&self, app: &PublicKey, alipay: &PublicKey) -> bool {
        let is_for = |pem: &str, key: &PublicKey| {
            let certified = blocks(pem).first().and_then(|block| read(block)).map(|read| read.key);
            certified.is_some_and(|certified| STANDARD.encode(certified) == key.to_base64())
        };
        is_for(&self.app, app) && is_for(&self.alipay, alipay)
    }

    /// Reads the three files' texts.
    pub(crate) fn parse(app: &str, alipay: &str, root: &str) -> Result<Self, KeysError> {
        let unreadable = |which| move || KeysError::new(which, "the text is not a certificate");
        let serials = Serials {
            app: serial(app).ok_or_else(unreadable("app certificate"))?,
            alipay: serial(alipay).ok_or_else(unreadable("Alipay certificate"))?,
            root: root_serial(root).ok_or_else(unreadable("root certificate"))?,
        };
        Ok(Self { app: app.to_owned(), alipay: alipay.to_owned(), root: root.to_owned(), serials })
    }

    /// `app_cert_sn` of a right request.
    #[must_use]
    pub fn app_serial(&self) -> &str {
        &self.serials.app
    }

    /// `alipay-sn` of the answers.
    #[must_use]
    pub fn alipay_serial(&self) -> &str {
        &self.serials.alipay
    }

    /// `alipay-root-cert-sn` of a right request.
    #[must_use]
    pub fn root_serial(&self) -> &str {
        &self.serials.root
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("app_serial", &self.serials.app)
            .field("alipay_serial", &self.serials.alipay)
            .field("root_serial", &self.serials.root)
            .finish_non_exhaustive()
    }
}

/// A certificate as PEM, good from 2020 to 2049.
fn certificate(
    issuer: &[(&str, &str)],
    subject: &[(&str, &str)],
    key: &PublicKey,
    by: &PrivateKey,
) -> Result<String, alipay_core::keys::KeyError> {
    let algorithm = der::sequence(&[&der::oid(SHA256_WITH_RSA), &der::NULL]);
    let mut serial = [0; 16];
    random::fill(&mut serial);
    // Positive, and never shorter.
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    let validity =
        der::sequence(&[&der::utc_time("200101000000Z"), &der::utc_time("491231235959Z")]);
    // The texts of both keys are this program's own, so they decode.
    let public = STANDARD.decode(key.to_base64()).unwrap_or_default();
    let body = der::sequence(&[
        &der::integer(&serial),
        &algorithm,
        &name::write(issuer),
        &validity,
        &name::write(subject),
        &public,
    ]);
    let signature = STANDARD.decode(by.sign(&body)?).unwrap_or_default();
    let whole = der::sequence(&[&body, &algorithm, &der::bits(&signature)]);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let text = STANDARD.encode(whole);
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    Ok(pem)
}

/// The certificates of a PEM text, as DER.
fn blocks(pem: &str) -> Vec<Vec<u8>> {
    let parts = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    parts
        .filter_map(|part| {
            let (text, _) = part.split_once("-----END CERTIFICATE-----")?;
            let text: String = text.split_whitespace().collect();
            STANDARD.decode(text).ok()
        })
        .collect()
}

/// The serial of a file's first certificate: the MD5, in hexadecimal, of issuer and number.
pub(crate) fn serial(pem: &str) -> Option<String> {
    Some(read(blocks(pem).first()?)?.serial)
}

/// The serials of all certificates of a bundle that are signed with RSA, joined by `_`. Others,
/// such as the SM2 one of the real bundle, do not count.
pub(crate) fn root_serial(pem: &str) -> Option<String> {
    let serials: Vec<String> = blocks(pem)
        .iter()
        .filter_map(|block| read(block))
        .filter(|certificate| certificate.algorithm.starts_with(RSA_ARC))
        .map(|certificate| certificate.serial)
        .collect();
    (!serials.is_empty()).then(|| serials.join("_"))
}

/// What matters of a certificate.
struct Certified {
    /// The signature algorithm, an object identifier.
    algorithm: Vec<u8>,
    serial: String,
    /// The public key's DER.
    key: Vec<u8>,
}

fn read(certificate: &[u8]) -> Option<Certified> {
    let mut parts = der::read(certificate)?.content.iter_elements();
    let mut body = parts.next()?.content.iter_elements();
    let algorithm = parts.next()?.content.iter_elements().next()?.content.to_vec();
    let mut number = body.next()?;
    if number.tag == der::VERSION {
        number = body.next()?;
    }
    let _algorithm_again = body.next()?;
    let issuer = name::rfc2253(body.next()?.content)?;
    let digest = Md5::digest(format!("{issuer}{}", decimal(number.content)));
    let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let (_validity, _subject, key) = (body.next()?, body.next()?, body.next()?);
    let key = der::element(key.tag, key.content);
    Some(Certified { algorithm, serial: hex, key })
}

/// An unsigned number of any length, in decimal.
fn decimal(bytes: &[u8]) -> String {
    // The digits, least significant first.
    let mut digits = vec![0_u32];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = *digit * 256 + carry;
            *digit = value % 10;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed unwrap fails the test"
    )]

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn serials_are_those_of_the_official_sdks() {
        let vectors: Value =
            serde_json::from_str(include_str!("../tests/fixtures/vectors.json")).unwrap();
        let certificates = vectors["certificates"].as_array().unwrap();
        assert_eq!(certificates.len(), 11);
        for case in certificates {
            let text = |name: &str| case[name].as_str().unwrap();
            assert_eq!(serial(text("pem")).unwrap(), text("sn"), "{}", text("name"));
        }
    }

    #[test]
    fn what_was_issued_is_read_by_the_client_side() {
        let app = PrivateKey::generate().unwrap();
        let alipay = PrivateKey::generate().unwrap();
        let made = Certificates::issue(app.public_key(), alipay.public_key()).unwrap();
        let credentials = alipay_core::Credentials::certificates(
            "2021000000000001",
            &app.to_pkcs8_base64().unwrap(),
            &made.app,
            [made.alipay.as_str()],
            &made.root,
        )
        .unwrap();
        assert_eq!(credentials.app_certificate_serial(), Some(made.app_serial()));
        assert_eq!(credentials.root_certificate_serial(), Some(made.root_serial()));
        for certificate in credentials.trust().certificates() {
            assert_eq!(certificate.chain(), alipay_core::CertificateChain::Verified);
        }
        // Certificates of another root are strange to it, not forged.
        let other = Certificates::issue(app.public_key(), alipay.public_key()).unwrap();
        credentials.trust().add_alipay_certificate(&other.alipay).unwrap();
        assert_ne!(made.app_serial(), made.alipay_serial());
        assert!(made.are_for(app.public_key(), alipay.public_key()));
        assert!(!made.are_for(alipay.public_key(), app.public_key()));
    }

    #[test]
    fn numbers_of_any_length_are_written_in_decimal() {
        assert_eq!(decimal(&[0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            let _ = serial(&String::from_utf8_lossy(&bytes));
        }
    }
}
