//! One certificate.
//!
//! What is wrong with the public key, the validity or the extensions is reported only when they are
//! used: the root bundle contains an SM2 certificate, whose curve many parsers refuse, and which is
//! not used here.

use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use super::{
    error::{CertificateError, MAX_CERTIFICATES, MAX_SERIAL_NUMBER},
    extensions::Extensions,
    name::Name,
    validity::Validity,
};
use crate::{
    backend::Hash,
    der::{BIT_STRING, CONTEXT_0, DerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE},
    keys::{Given, KeyError, PublicKey, Wanted, identify, open},
    nonce::hex,
};

/// The signature algorithms of the RSA family: 1.2.840.113549.1.1.
const RSA_FAMILY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];

#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) issuer: Name,
    /// The serial number in decimal.
    number: String,
    pub(crate) subject: Name,
    validity: Result<Validity, DerError>,
    pub(crate) key: Result<PublicKey, KeyError>,
    extensions: Result<Extensions, DerError>,
    /// What the issuer signed, in DER.
    signed: Vec<u8>,
    /// The object identifier of the signature's algorithm.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = Reader::new(der).sequence()?;
        let signed = outer.read(SEQUENCE)?;
        let algorithm = outer.read(SEQUENCE)?;
        let signature = outer.read(BIT_STRING)?.whole_bytes()?;
        let mut fields = signed.inner();
        fields.optional(CONTEXT_0)?;
        let number = decimal(fields.read(INTEGER)?.content)?;
        if fields.read(SEQUENCE)?.raw != algorithm.raw {
            return Err(CertificateError::NotACertificate);
        }
        Ok(Self {
            number,
            issuer: Name::read(fields.sequence()?)?,
            validity: Validity::read(fields.sequence()?),
            subject: Name::read(fields.sequence()?)?,
            key: PublicKey::from_der(fields.read(SEQUENCE)?.raw),
            extensions: Extensions::read(fields),
            signed: signed.raw.to_vec(),
            algorithm: algorithm.inner().read(OBJECT_IDENTIFIER)?.content.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// The serial by which the protocol names it: MD5, in hexadecimal, of issuer and serial number.
    ///
    /// MD5 is what the protocol says; nothing depends on its strength.
    pub(crate) fn serial(&self) -> String {
        let mut hash = Md5::new();
        hash.update(self.issuer.as_str().as_bytes());
        hash.update(self.number.as_bytes());
        hex(&hash.finalize())
    }

    pub(crate) fn validity(&self) -> Result<Validity, CertificateError> {
        Ok(self.validity?)
    }

    pub(super) fn public_key(&self) -> Result<&PublicKey, CertificateError> {
        self.key.as_ref().map_err(|problem| CertificateError::Key(*problem))
    }

    pub(super) fn extensions(&self) -> Result<Extensions, CertificateError> {
        Ok(self.extensions?)
    }

    /// Whether it names itself as its issuer, as root certificates do.
    pub(crate) fn is_root(&self) -> bool {
        self.issuer.as_str() == self.subject.as_str()
    }

    /// The hash that is signed, or `None` if the signature's algorithm is not supported.
    pub(super) fn hash(&self) -> Option<Hash> {
        match self.algorithm.strip_prefix(RSA_FAMILY)? {
            [11] => Some(Hash::Sha256),
            [12] => Some(Hash::Sha384),
            [13] => Some(Hash::Sha512),
            _ => None,
        }
    }

    /// Whether it was signed with the private key of this public key.
    pub(super) fn is_signed_with(&self, key: &PublicKey, hash: Hash) -> bool {
        key.verifies_hash(hash, &self.signed, &self.signature)
    }

    pub(crate) fn is_signed_with_rsa(&self) -> bool {
        self.algorithm.starts_with(RSA_FAMILY)
    }
}

/// What may stand in a text of certificates.
#[derive(Debug)]
pub(super) enum Entry {
    Certificate(Box<Certificate>),
    /// A certificate that cannot be read, or may have been one.
    Unreadable {
        problem: CertificateError,
        /// Whether it is signed with RSA, or may have been before a part of it was lost.
        may_be_rsa: bool,
    },
    /// Something else, such as a key.
    Other(CertificateError),
}

impl Entry {
    fn read(entry: Result<Zeroizing<Vec<u8>>, KeyError>) -> Self {
        let unfit = |given| KeyError::Unfit { given, wanted: Wanted::Certificate };
        let read = entry.and_then(|der| match identify(&der) {
            Ok(found) => Err(unfit(found.form.given())),
            Err(Given::Certificate | Given::Unknown) => Ok(der),
            Err(given) => Err(unfit(given)),
        });
        match read {
            Ok(der) => match Certificate::from_der(&der) {
                Ok(certificate) => Self::Certificate(Box::new(certificate)),
                Err(problem) => {
                    Self::Unreadable { problem, may_be_rsa: may_be_signed_with_rsa(&der) }
                }
            },
            Err(problem) if problem.may_be_beside() => Self::Other(problem.into()),
            Err(problem) => Self::Unreadable { problem: problem.into(), may_be_rsa: true },
        }
    }
}

/// Reads all that is in a text: PEM, or one certificate in bare base64. There is at least one entry.
pub(super) fn read_all(text: &str) -> Result<Vec<Entry>, CertificateError> {
    let entries = open(text, Wanted::Certificate);
    if entries.len() > MAX_CERTIFICATES {
        return Err(CertificateError::TooMany);
    }
    Ok(entries.into_iter().map(Entry::read).collect())
}

/// Whether a certificate that cannot be read is signed with RSA, or may have been.
fn may_be_signed_with_rsa(der: &[u8]) -> bool {
    let algorithm = || {
        let mut outer = Reader::new(der).sequence()?;
        outer.read(SEQUENCE)?;
        outer.sequence()?.read(OBJECT_IDENTIFIER)
    };
    algorithm().map_or(true, |algorithm| algorithm.content.starts_with(RSA_FAMILY))
}

/// A serial number, which is read as unsigned, in decimal.
fn decimal(bytes: &[u8]) -> Result<String, CertificateError> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    // Work grows with the square of the length.
    if significant.len() > MAX_SERIAL_NUMBER {
        return Err(CertificateError::LongSerialNumber { bytes: significant.len() });
    }
    // The last digit first.
    let mut digits: Vec<u32> = vec![0];
    for &byte in significant {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            let sum = *digit * 256 + carry;
            (*digit, carry) = (sum % 10, sum / 10);
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    Ok(digits.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect())
}
