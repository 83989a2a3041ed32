//! What a text of keys and certificates holds, whatever that is: for tools that show and convert them.
//!
//! [`Credentials`](crate::Credentials) do not need it: they read what belongs to them.
//!
//! ```
//! use alipay_core::{contents::{self, Content}, keys::PrivateKey};
//!
//! # fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let text = PrivateKey::generate()?.to_pkcs8_pem()?;
//! for content in contents::read(&text) {
//!     if let Content::PrivateKey(key, form) = content? {
//!         println!("{form:?} {} {}", key.public_key().bits(), key.public_key().fingerprint());
//!     }
//! }
//! # Ok(()) }
//! # f().unwrap();
//! ```

use std::{fmt, time::SystemTime};

use crate::{
    certificates::{Certificate, CertificateError, Request},
    credentials::parse_roots,
    error::Error,
    keys::{Form, Given, KeyError, PrivateKey, PublicKey, Wanted, identify, open},
};

/// One thing that a text holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// A private key, and the form it was in.
    PrivateKey(PrivateKey, Form),
    /// A public key, and the form it was in.
    PublicKey(PublicKey, Form),
    /// A certificate.
    Certificate(Box<CertificateFacts>),
    /// A certificate signing request (CSR).
    Request(RequestFacts),
    /// Base64 of as many bytes as an AES key has.
    AesKey {
        /// Its size.
        bits: usize,
    },
}

/// What a certificate says. Nothing of it is checked here, and none of it is secret.
#[non_exhaustive]
pub struct CertificateFacts {
    /// The serial by which the protocol names it: 32 hexadecimal digits.
    pub serial: String,
    /// Its subject: a distinguished name in the form of RFC 2253.
    pub subject: String,
    /// Its issuer, in the same form.
    pub issuer: String,
    /// The app it names, if it is the certificate of an app.
    pub app_id: Option<String>,
    /// From when it is valid, and until when; or why that cannot be read.
    pub validity: Result<(SystemTime, SystemTime), Error>,
    /// Its public key, or why that cannot be used: the root bundle has keys for SM2.
    pub key: Result<PublicKey, KeyError>,
    /// Whether it is signed with RSA. Of a root bundle, only such certificates count.
    pub signed_with_rsa: bool,
    /// Whether it names itself as its issuer, as root certificates do.
    pub is_root: bool,
}

/// What a certificate signing request says.
#[non_exhaustive]
pub struct RequestFacts {
    /// Its subject: a distinguished name in the form of RFC 2253.
    pub subject: String,
    /// Its public key, or why that cannot be used.
    pub key: Result<PublicKey, KeyError>,
}

/// Reads all that a text holds: PEM, or one thing in bare base64. There is at least one entry.
///
/// What is read, and what is only named, is said in [`keys`](crate::keys).
///
/// # Errors
///
/// Each entry is what was read, or an error that names what is there or what is wrong with it.
#[must_use]
pub fn read(text: &str) -> Vec<Result<Content, Error>> {
    open(text, Wanted::Any).into_iter().map(|entry| content(&entry?)).collect()
}

/// The serial of a root bundle (`alipay-root-cert-sn`).
///
/// # Errors
///
/// As for the root certificates of [`Credentials::certificates`](crate::Credentials::certificates).
pub fn root_serial(bundle: &str) -> Result<String, Error> {
    Ok(parse_roots(bundle)?.serial())
}

fn content(der: &[u8]) -> Result<Content, Error> {
    if matches!(der.len(), 16 | 24 | 32) {
        return Ok(Content::AesKey { bits: der.len() * 8 });
    }
    match identify(der) {
        Ok(found) if found.form.is_private() => {
            Ok(Content::PrivateKey(PrivateKey::from_der(der)?, found.form))
        }
        Ok(found) => Ok(Content::PublicKey(PublicKey::from_der(der)?, found.form)),
        Err(Given::Certificate) => {
            let certificate = Certificate::from_der(der)?;
            Ok(Content::Certificate(Box::new(CertificateFacts::of(&certificate))))
        }
        Err(Given::CertificateRequest) => {
            let Request { subject, key } = Request::from_der(der)?;
            Ok(Content::Request(RequestFacts { subject, key }))
        }
        Err(given) => Err(KeyError::Unfit { given, wanted: Wanted::Any }.into()),
    }
}

impl CertificateFacts {
    fn of(certificate: &Certificate) -> Self {
        let validity = certificate.validity().map_err(Error::from);
        Self {
            serial: certificate.serial(),
            subject: certificate.subject.as_str().to_owned(),
            issuer: certificate.issuer.as_str().to_owned(),
            app_id: certificate.subject.app_id().map(str::to_owned),
            validity: validity.map(|validity| (validity.not_before, validity.not_after)),
            key: certificate.key.clone(),
            signed_with_rsa: certificate.is_signed_with_rsa(),
            is_root: certificate.is_root(),
        }
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::configuration(error.to_string())
    }
}

impl From<CertificateError> for Error {
    fn from(error: CertificateError) -> Self {
        Self::configuration(error.to_string())
    }
}

// A subject may name a person.
impl fmt::Debug for CertificateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateFacts")
            .field("serial", &self.serial)
            .field("validity", &self.validity)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RequestFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFacts").field("key", &self.key).finish_non_exhaustive()
    }
}
