//! X.509 certificates, as far as the protocol needs them: serial, names, validity, public key, and
//! whether one was issued with another.
//!
//! Public key and extensions may be anything until they are asked for: the root bundle holds an SM2
//! certificate whose curve many parsers refuse, and which is of no interest here.

use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use md5::{Digest as _, Md5};

use crate::{
    backend::Hash,
    der::{BIT_STRING, CONTEXT_0, DerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE},
    keys::{KeyError, Kind, PublicKey, decode_text, kind_of},
    nonce::hex,
    value::LocalDateTime,
};

use super::{extensions::Extensions, name::Name, validity::Validity};

/// The signature algorithms of the RSA family: 1.2.840.113549.1.1.
const RSA_FAMILY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// How many bytes a serial number may have, after RFC 5280.
const MAX_NUMBER: usize = 20;
/// More certificates than any file of the console has.
const MAX_CERTIFICATES: usize = 50;
/// The line before each certificate of a PEM text.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// Why a text is not the certificate that is asked for. No text repeats any of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CertificateError {
    /// The text or the key inside; keys' texts fit here as well.
    #[error(transparent)]
    Text(KeyError),
    #[error("this is a private key; the certificate (.crt) belongs here")]
    PrivateKey,
    #[error(
        "this is a public key; the certificate (.crt) belongs here, or the key into key mode \
         (Credentials::keys)"
    )]
    PublicKey,
    #[error("this is a certificate signing request; the certificate (.crt) belongs here")]
    Request,
    #[error("the data is not a certificate; was a part of it lost?")]
    NotACertificate,
    #[error(
        "its serial number has {bytes} bytes, and at most {MAX_NUMBER} are allowed (RFC 5280); \
         download the certificate from the console"
    )]
    LongNumber { bytes: usize },
    #[error(
        "there are more than {MAX_CERTIFICATES} certificates in the text; give the file as the \
         console gives it"
    )]
    TooMany,
    #[error("none of them is signed with RSA; give alipayRootCert.crt as it is")]
    NoRoot,
    #[error("this is a root certificate (alipayRootCert.crt); give appCertPublicKey_….crt")]
    RootForApp,
    #[error("this is a root certificate (alipayRootCert.crt); give alipayCertPublicKey_RSA2.crt")]
    RootForAlipay,
    #[error(
        "this is the certificate of an authority, which issues others; give appCertPublicKey_….crt"
    )]
    AuthorityForApp,
    #[error(
        "this is the certificate of an authority, which issues others; give \
         alipayCertPublicKey_RSA2.crt"
    )]
    AuthorityForAlipay,
    #[error("this is the app's own certificate; give alipayCertPublicKey_RSA2.crt")]
    AppForAlipay,
    #[error("this is the certificate of an app; give alipayCertPublicKey_RSA2.crt")]
    OtherAppForAlipay,
    #[error("the app's own certificate is among them; give alipayRootCert.crt")]
    AppForRoot,
    #[error("Alipay's certificate is among them; give alipayRootCert.crt")]
    AlipayForRoot,
    #[error("it expired at {}; download the present one from the console", Shown(*at))]
    Expired { at: SystemTime },
    #[error("it is valid only from {} on; is this computer's clock right?", Shown(*from))]
    NotYetValid { from: SystemTime },
    #[error(
        "its signature does not match its issuer, whose certificate was given too; one of the two is \
         damaged or forged: download them from the console"
    )]
    NotIssued,
    #[error(
        "it was issued with a certificate that may not issue others; it is not to be trusted: \
         download it from the console"
    )]
    IssuerMayNot,
    #[error(
        "the certificate of its issuer expired at {}; download the present one from the console",
        Shown(*at)
    )]
    IssuerExpired { at: SystemTime },
    #[error(
        "the certificate of its issuer is valid only from {} on; is this computer's clock right?",
        Shown(*from)
    )]
    IssuerNotYetValid { from: SystemTime },
}

/// A time as Alipay's console shows it.
struct Shown(SystemTime);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match LocalDateTime::try_from(self.0) {
            Ok(time) => write!(f, "{time} Beijing time"),
            Err(_) => f.write_str("a time beyond the calendar"),
        }
    }
}

impl From<KeyError> for CertificateError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Truncated => Self::NotACertificate,
            other => Self::Text(other),
        }
    }
}

impl From<DerError> for CertificateError {
    fn from(_: DerError) -> Self {
        Self::NotACertificate
    }
}

/// What is needed of a certificate.
#[derive(Debug)]
pub(super) struct Certificate {
    issuer: Name,
    /// The serial number in decimal.
    number: String,
    /// Whom it certifies.
    subject: Name,
    /// Times in DER. Certificates whose times do not matter may have any.
    validity: Vec<u8>,
    /// The public key in DER.
    key: Vec<u8>,
    extensions: Result<Extensions, DerError>,
    /// What its issuer signed, in DER.
    signed: Vec<u8>,
    /// The object identifier of the signature's algorithm.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text, or one in bare base64.
    pub(super) fn parse(text: &str) -> Result<Self, CertificateError> {
        for (sign, problem) in [
            ("PRIVATE KEY-----", CertificateError::PrivateKey),
            ("PUBLIC KEY-----", CertificateError::PublicKey),
            ("CERTIFICATE REQUEST-----", CertificateError::Request),
        ] {
            if text.contains(sign) {
                return Err(problem);
            }
        }
        let der = decode_text(text)?;
        Self::from_der(&der).map_err(|error| match kind_of(&der) {
            Some(Kind::PrivateKey) => CertificateError::PrivateKey,
            Some(Kind::PublicKey) => CertificateError::PublicKey,
            Some(Kind::CertificateRequest) => CertificateError::Request,
            _ => error,
        })
    }

    /// Reads the certificate of a PEM text or in bare base64, and those that follow it, of which
    /// those that cannot be read are of no interest.
    pub(super) fn parse_with_others(text: &str) -> Result<(Self, Vec<Self>), CertificateError> {
        let first = Self::parse(text)?;
        let others = blocks(text)?.skip(1).filter_map(|block| Self::parse(block).ok());
        Ok((first, others.collect()))
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = Reader::new(der).read(SEQUENCE)?.inner();
        let signed = outer.read(SEQUENCE)?;
        let algorithm = outer.read(SEQUENCE)?;
        // The first byte counts unused bits; in a signature there are none.
        let Some((0, signature)) = outer.read(BIT_STRING)?.content.split_first() else {
            return Err(CertificateError::NotACertificate);
        };
        let mut fields = signed.inner();
        if fields.peek() == Some(CONTEXT_0) {
            fields.next()?;
        }
        let number = decimal(fields.read(INTEGER)?.content)?;
        if fields.read(SEQUENCE)?.raw != algorithm.raw {
            return Err(CertificateError::NotACertificate);
        }
        let issuer = Name::read(fields.read(SEQUENCE)?)?;
        let validity = fields.read(SEQUENCE)?.raw.to_vec();
        let subject = Name::read(fields.read(SEQUENCE)?)?;
        let key = fields.read(SEQUENCE)?.raw.to_vec();
        Ok(Self {
            issuer,
            number,
            subject,
            validity,
            key,
            extensions: Extensions::read(fields),
            signed: signed.raw.to_vec(),
            algorithm: algorithm.inner().read(OBJECT_IDENTIFIER)?.content.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// The serial the protocol names it by: MD5, in hexadecimal, of issuer and serial number.
    ///
    /// MD5 is what the protocol says; nothing depends on its strength.
    pub(super) fn serial(&self) -> String {
        let mut hash = Md5::new();
        hash.update(self.issuer.as_str().as_bytes());
        hash.update(self.number.as_bytes());
        hex(&hash.finalize())
    }

    /// Whom it certifies.
    pub(super) fn subject(&self) -> &Name {
        &self.subject
    }

    /// Who issued it.
    pub(super) fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// From when until when it is valid.
    pub(super) fn validity(&self) -> Result<Validity, CertificateError> {
        Ok(Validity::parse(&self.validity)?)
    }

    /// Whether its owner issued it, as that of a root.
    pub(super) fn is_root(&self) -> bool {
        self.issuer.as_str() == self.subject.as_str()
    }

    /// The key it certifies.
    pub(super) fn public_key(&self) -> Result<PublicKey, CertificateError> {
        Ok(PublicKey::from_der(&self.key)?)
    }

    /// What its extensions say.
    pub(super) fn extensions(&self) -> Result<Extensions, CertificateError> {
        Ok(self.extensions?)
    }

    /// What its signature is over; `None` where it is of another kind than is checked here.
    pub(super) fn hash(&self) -> Option<Hash> {
        match self.algorithm.strip_prefix(RSA_FAMILY)? {
            [11] => Some(Hash::Sha256),
            [12] => Some(Hash::Sha384),
            [13] => Some(Hash::Sha512),
            _ => None,
        }
    }

    /// Whether it was signed with the private part of this key.
    pub(super) fn is_signed_with(&self, key: &PublicKey, hash: Hash) -> bool {
        key.verifies_hash(hash, &self.signed, &self.signature)
    }

    fn is_signed_with_rsa(&self) -> bool {
        self.algorithm.starts_with(RSA_FAMILY)
    }
}

/// The root bundle.
#[derive(Debug)]
pub(crate) struct Roots {
    certificates: Vec<Certificate>,
}

impl Roots {
    /// Reads a bundle. Those signed with RSA make its serial, so that they must be readable; what is
    /// certainly none of them is skipped where it is not.
    pub(super) fn parse(bundle: &str) -> Result<Self, CertificateError> {
        let mut certificates = Vec::new();
        if !bundle.contains(BEGIN) {
            // One certificate in bare base64, or something else, which this names.
            certificates.push(Certificate::parse(bundle)?);
        }
        for block in blocks(bundle)? {
            match Certificate::parse(block) {
                Ok(certificate) => certificates.push(certificate),
                Err(CertificateError::NotACertificate | CertificateError::LongNumber { .. })
                    if !may_be_signed_with_rsa(block) => {}
                Err(problem) => return Err(problem),
            }
        }
        if certificates.iter().any(Certificate::is_signed_with_rsa) {
            Ok(Self { certificates })
        } else {
            Err(CertificateError::NoRoot)
        }
    }

    /// All that could be read, in order.
    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The serials of those that are signed with RSA, in order; joined by `_` they are the bundle's.
    pub(super) fn serials(&self) -> Vec<String> {
        let counting = self.certificates.iter().filter(|root| root.is_signed_with_rsa());
        counting.map(Certificate::serial).collect()
    }
}

/// The certificates of a PEM text, each with all that follows it up to the next.
fn blocks(text: &str) -> Result<impl Iterator<Item = &str>, CertificateError> {
    let starts = text.match_indices(BEGIN).map(|(start, _)| start);
    let mut bounds: Vec<usize> = starts.take(MAX_CERTIFICATES + 1).collect();
    if bounds.len() > MAX_CERTIFICATES {
        return Err(CertificateError::TooMany);
    }
    bounds.push(text.len());
    let ends = bounds.clone().into_iter().skip(1);
    Ok(bounds.into_iter().zip(ends).filter_map(|(start, end)| text.get(start..end)))
}

/// Whether the first certificate of a text is signed with RSA, or may have been before a part of it
/// was lost.
fn may_be_signed_with_rsa(text: &str) -> bool {
    let Ok(der) = decode_text(text) else { return true };
    // What does not even begin like a certificate is none.
    der.first() == Some(&SEQUENCE)
        && signature_algorithm(&der).is_none_or(|algorithm| algorithm.starts_with(RSA_FAMILY))
}

fn signature_algorithm(der: &[u8]) -> Option<&[u8]> {
    let mut outer = Reader::new(der).read(SEQUENCE).ok()?.inner();
    outer.read(SEQUENCE).ok()?;
    let algorithm = outer.read(SEQUENCE).ok()?.inner().read(OBJECT_IDENTIFIER).ok()?;
    Some(algorithm.content)
}

/// A serial number, which is unsigned, in decimal.
fn decimal(bytes: &[u8]) -> Result<String, CertificateError> {
    // Nine digits to a place, the last place first.
    const PLACE: u64 = 1_000_000_000;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    // Work grows with the square of the length.
    if significant.len() > MAX_NUMBER {
        return Err(CertificateError::LongNumber { bytes: significant.len() });
    }
    let mut places: Vec<u64> = vec![0];
    for &byte in significant {
        let mut carry = u64::from(byte);
        for place in &mut places {
            let sum = *place * 256 + carry;
            *place = sum % PLACE;
            carry = sum / PLACE;
        }
        if carry > 0 {
            places.push(carry);
        }
    }
    let mut places = places.iter().rev();
    let mut text = places.next().map(ToString::to_string).unwrap_or_default();
    for place in places {
        // Writing to a string cannot fail.
        let _ = write!(text, "{place:09}");
    }
    Ok(text)
}
