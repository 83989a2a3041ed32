//! Test certificates, and the serials that certificate mode names them by.

use std::fmt;

use alipay_core::keys::PublicKey;
use alipay_core::{CertificateChain, CertificateOwner, ChainGap, Credentials};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag};

use super::issuer;
use crate::error::{KeysError, KeysPart};

const APP: KeysPart = KeysPart::AppCertificate;
const ALIPAY: KeysPart = KeysPart::AlipayCertificate;
/// The arc of all RSA signature algorithms.
const RSA_ARC: &str = "1.2.840.113549.1.1.";

/// The certificates of certificate mode, as PEM: the three files that Alipay's console gives out.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Certificates {
    /// The app's certificate (`appCertPublicKey_….crt`).
    pub app: String,
    /// Alipay's certificate (`alipayCertPublicKey_RSA2.crt`).
    pub alipay: String,
    /// The root of both (`alipayRootCert.crt`).
    pub root: String,
    app_serial: String,
    alipay_serial: String,
    root_serial: String,
}

impl Certificates {
    /// Makes certificates for two private keys (PKCS#8 in base64), from a root of their own, whose
    /// name no other root has.
    pub(crate) fn issue(app: &str, alipay: &str) -> Result<Self, KeysError> {
        let error = |e: rcgen::Error| KeysError::new(KeysPart::Certificates, e);
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(error)?;
        let id = CertificateParams::default().key_identifier(&key);
        let mut root = parameters(format!("Alipay Mock Root {}", issuer::hex(&id)));
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root_pem = pem(root.self_signed(&key).map_err(error)?.der());
        let issuer = Issuer::new(root, key);
        let certify = |name: &str, private_key: &str| {
            let der = STANDARD
                .decode(private_key)
                .map_err(|e| KeysError::new(KeysPart::Certificates, e))?;
            let der = PrivatePkcs8KeyDer::from(der);
            let key = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256);
            let parameters = parameters(name.to_owned());
            let certificate = parameters.signed_by(&key.map_err(error)?, &issuer);
            Ok::<_, KeysError>(pem(certificate.map_err(error)?.der()))
        };
        Self::parse(&certify("Alipay Mock App", app)?, &certify("Alipay Mock", alipay)?, &root_pem)
    }

    /// Checks that each is for its key.
    pub(crate) fn check_keys(&self, app: &PublicKey, alipay: &PublicKey) -> Result<(), KeysError> {
        let check = |which, pem: &str, key: &PublicKey, private: &str| match first(pem) {
            Ok(certified) if STANDARD.encode(&certified.key) == key.to_base64() => Ok(()),
            _ => {
                Err(KeysError::new(which, format!("it was issued for another key than {private}")))
            }
        };
        check(APP, &self.app, app, "the app private key")?;
        check(ALIPAY, &self.alipay, alipay, "the Alipay private key")
    }

    /// Checks that the root has issued both, for this app.
    pub(crate) fn check_root(&self, app_id: &str, app_private_key: &str) -> Result<(), KeysError> {
        let (app, alipay) = (self.app.as_str(), [self.alipay.as_str()]);
        let credentials =
            Credentials::certificates(app_id, app_private_key, app, alipay, &self.root);
        let credentials = credentials.map_err(|e| KeysError::new(KeysPart::Certificates, e))?;
        for certificate in credentials.trust().certificates() {
            if certificate.chain == CertificateChain::NotChecked(ChainGap::IssuerMissing) {
                let which = if certificate.owner == CertificateOwner::App { APP } else { ALIPAY };
                return Err(KeysError::new(which, "it was not issued by the root certificate"));
            }
        }
        Ok(())
    }

    /// Reads the content of the three files.
    pub(crate) fn parse(app: &str, alipay: &str, root: &str) -> Result<Self, KeysError> {
        let error = |which| {
            move |e: String| KeysError::new(which, format!("the text is not a certificate: {e}"))
        };
        Ok(Self {
            app_serial: serial(app).map_err(error(APP))?,
            alipay_serial: serial(alipay).map_err(error(ALIPAY))?,
            root_serial: root_serial(root).map_err(error(KeysPart::RootCertificate))?,
            app: app.to_owned(),
            alipay: alipay.to_owned(),
            root: root.to_owned(),
        })
    }

    /// `app_cert_sn` of a right request.
    #[must_use]
    pub fn app_serial(&self) -> &str {
        &self.app_serial
    }

    /// `alipay-sn` of the responses.
    #[must_use]
    pub fn alipay_serial(&self) -> &str {
        &self.alipay_serial
    }

    /// `alipay-root-cert-sn` of a right request.
    #[must_use]
    pub fn root_serial(&self) -> &str {
        &self.root_serial
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("app_serial", &self.app_serial)
            .field("alipay_serial", &self.alipay_serial)
            .field("root_serial", &self.root_serial)
            .finish_non_exhaustive()
    }
}

/// The parameters of a certificate that is valid wherever the gateway's clock is moved to.
fn parameters(common_name: String) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.not_before = date_time_ymd(1970, 1, 1);
    parameters.not_after = date_time_ymd(9999, 12, 31);
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "alipay-mock");
    name.push(DnType::CommonName, common_name);
    parameters.distinguished_name = name;
    parameters
}

fn pem(der: &CertificateDer<'_>) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let lines = lines.join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

/// The serial of a file's first certificate.
fn serial(pem: &str) -> Result<String, String> {
    Ok(first(pem)?.serial)
}

/// The serials of all certificates of a bundle that are signed with RSA, joined by `_`. Others are
/// skipped, such as the SM2 certificate of Alipay's bundle, and so are unreadable ones.
fn root_serial(pem: &str) -> Result<String, String> {
    let mut serials = Vec::new();
    for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        match read(&der.map_err(|e| e.to_string())?) {
            Ok(certified) if certified.is_rsa => serials.push(certified.serial),
            _ => {}
        }
    }
    if serials.is_empty() {
        return Err("no certificate is signed with RSA".to_owned());
    }
    Ok(serials.join("_"))
}

struct Certified {
    is_rsa: bool,
    /// The MD5, in hexadecimal, of the issuer and the serial number.
    serial: String,
    /// The public key's DER.
    key: Vec<u8>,
}

fn first(pem: &str) -> Result<Certified, String> {
    read(&CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|e| e.to_string())?)
}

fn read(der: &[u8]) -> Result<Certified, String> {
    let read = yasna::parse_der(der, |certificate| {
        certificate.read_sequence(|parts| {
            let (serial, key) = parts.next().read_sequence(content)?;
            let algorithm = parts.next().read_sequence(|parts| {
                let algorithm = parts.next().read_oid()?;
                parts.read_optional(skip)?;
                Ok(algorithm)
            })?;
            let _signature = parts.next().read_bitvec_bytes()?;
            Ok(Certified { is_rsa: algorithm.to_string().starts_with(RSA_ARC), serial, key })
        })
    });
    read.map_err(|e| format!("{:?}", e.kind()))
}

/// Reads the signed part of a certificate (RFC 5280, 4.1); returns its serial and key.
fn content(parts: &mut BERReaderSeq<'_, '_>) -> ASN1Result<(String, Vec<u8>)> {
    parts.read_optional(|version| version.read_tagged(Tag::context(0), skip))?;
    let (number, _) = parts.next().read_bigint_bytes()?;
    skip(parts.next())?; // signature algorithm
    let issuer = issuer::rfc2253(parts.next())?;
    skip(parts.next())?; // validity
    skip(parts.next())?; // subject
    let key = parts.next().read_der()?;
    // Two identifiers that nobody uses, and the extensions.
    for _ in 0..3 {
        parts.read_optional(skip)?;
    }
    let digest = Md5::digest(format!("{issuer}{}", decimal(&number)));
    Ok((issuer::hex(&digest), key))
}

fn skip(part: BERReader<'_, '_>) -> ASN1Result<()> {
    part.read_der().map(drop)
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
    use alipay_core::keys::PrivateKey;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn serials_are_those_of_the_official_sdks() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/vectors.json")).unwrap();
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
        let pkcs8 = [&app, &alipay].map(|key| key.to_pkcs8_base64().unwrap());
        let made = Certificates::issue(&pkcs8[0], &pkcs8[1]).unwrap();
        let credentials = alipay_core::Credentials::certificates(
            "2021000000000001",
            &pkcs8[0],
            &made.app,
            [made.alipay.as_str()],
            &made.root,
        )
        .unwrap();
        assert_eq!(credentials.app_certificate_serial(), Some(made.app_serial()));
        assert_eq!(credentials.root_certificate_serial(), Some(made.root_serial()));
        for certificate in credentials.trust().certificates() {
            assert_eq!(certificate.chain, alipay_core::CertificateChain::Verified);
        }
        // A certificate of another root is unknown to it, but not forged.
        let other = Certificates::issue(&pkcs8[0], &pkcs8[1]).unwrap();
        credentials.trust().add_alipay_certificate(&other.alipay).unwrap();
        assert_ne!(made.app_serial(), made.alipay_serial());
        made.check_keys(app.public_key(), alipay.public_key()).unwrap();
        let error = |app, alipay| made.check_keys(app, alipay).unwrap_err().to_string();
        let other = error(alipay.public_key(), alipay.public_key());
        assert!(other.starts_with("app certificate: it was issued for another key"), "{other}");
        let other = error(app.public_key(), app.public_key());
        assert!(other.starts_with("Alipay certificate: it was issued for another key"), "{other}");
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
