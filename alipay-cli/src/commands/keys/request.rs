//! Certificate signing requests (CSR).

use std::str::FromStr;

use alipay_core::keys::PrivateKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};

use crate::outcome::Failure;

/// Whom a certificate is for: `CN=example.com,O=Example Ltd,C=CN`.
#[derive(Clone, Debug)]
pub(super) struct Subject(Vec<(DnType, String)>);

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for part in split(text) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!(
                    "expected NAME=VALUE instead of `{part}`, such as CN=example.com,O=Example Ltd"
                ));
            };
            let kind = match name.trim().to_ascii_uppercase().as_str() {
                "CN" => DnType::CommonName,
                "O" => DnType::OrganizationName,
                "OU" => DnType::OrganizationalUnitName,
                "L" => DnType::LocalityName,
                "ST" => DnType::StateOrProvinceName,
                "C" => DnType::CountryName,
                _ => return Err(format!("`{name}` is none of CN, O, OU, L, ST and C")),
            };
            let value = value.trim();
            if value.is_empty() {
                return Err(format!("`{name}` has no value"));
            }
            if kind == DnType::CountryName && !(value.len() == 2 && value.is_ascii()) {
                return Err(format!(
                    "the country must be two letters, such as CN, and is `{value}`"
                ));
            }
            if parts.iter().any(|(other, _)| *other == kind) {
                return Err(format!("`{name}` is given twice"));
            }
            parts.push((kind, value.to_owned()));
        }
        if !parts.iter().any(|(kind, _)| *kind == DnType::CommonName) {
            return Err("it must have a common name, such as CN=example.com".to_owned());
        }
        Ok(Self(parts))
    }
}

/// The parts between commas. `\,` is a comma within a part.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, parts.last_mut()) {
            (',', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(characters.next()),
            (_, Some(part)) => part.push(character),
            (_, None) => {}
        }
    }
    parts
}

/// A request in PEM, signed with the key.
pub(super) fn make(key: &PrivateKey, subject: &Subject) -> Result<String, Failure> {
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::Unusable(format!("the certificate signing request cannot be made: {error}"))
    };
    let der = key.to_pkcs8_base64().map_err(|error| cannot(&error))?;
    let der = STANDARD.decode(der.as_bytes()).map_err(|error| cannot(&error))?;
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der.into(), &PKCS_RSA_SHA256);
    let pair = pair.map_err(|error| cannot(&error))?;
    let mut name = DistinguishedName::new();
    for (kind, value) in &subject.0 {
        name.push(kind.clone(), value.as_str());
    }
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name;
    let request = parameters.serialize_request(&pair).map_err(|error| cannot(&error))?;
    let base64 = STANDARD.encode(request.der());
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let lines = lines.join("\n");
    Ok(format!("-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----"))
}
