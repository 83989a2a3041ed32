//! One certificate.
//!
//! What is wrong with the public key, the validity or the extensions is reported only when they are
//! used: the root bundle contains an SM2 certificate, whose curve many parsers refuse, and which is
//! not used here.

use md5::{Digest as _, Md5};

use super::{
    error::{CertificateError, MAX_CERTIFICATES, MAX_SERIAL_NUMBER},
    extensions::Extensions,
    name::Name,
    validity::Validity,
};
use crate::{
    backend::Hash,
    der::{BIT_STRING, CONTEXT_0, DerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE},
    keys::{KeyError, PublicKey, decode_text, identify},
    nonce::hex,
};

/// The signature algorithms of the RSA family: 1.2.840.113549.1.1.
const RSA_FAMILY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// The line before each certificate of a PEM text.
pub(super) const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) issuer: Name,
    /// The serial number in decimal.
    number: String,
    pub(super) subject: Name,
    validity: Result<Validity, DerError>,
    key: Result<PublicKey, KeyError>,
    extensions: Result<Extensions, DerError>,
    /// What the issuer signed, in DER.
    signed: Vec<u8>,
    /// The object identifier of the signature's algorithm.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text, or one in bare base64.
    pub(super) fn parse(text: &str) -> Result<Self, CertificateError> {
        for (label, problem) in [
            ("PRIVATE KEY-----", CertificateError::PrivateKey),
            ("PUBLIC KEY-----", CertificateError::PublicKey),
            ("CERTIFICATE REQUEST-----", CertificateError::Request),
        ] {
            if text.contains(label) {
                return Err(problem);
            }
        }
        let der = decode_text(text)?;
        Self::from_der(&der).map_err(|error| match identify(&der) {
            Ok(found) if found.form.is_private() => CertificateError::PrivateKey,
            Ok(_) => CertificateError::PublicKey,
            Err(KeyError::CertificateRequest) => CertificateError::Request,
            Err(_) => error,
        })
    }

    /// Reads the first certificate of a text, and those after it. Of these, the ones that cannot be
    /// read are skipped.
    pub(super) fn parse_with_others(text: &str) -> Result<(Self, Vec<Self>), CertificateError> {
        let first = Self::parse(text)?;
        let others = blocks(text)?.skip(1).filter_map(|block| Self::parse(block).ok());
        Ok((first, others.collect()))
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
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
    pub(super) fn serial(&self) -> String {
        let mut hash = Md5::new();
        hash.update(self.issuer.as_str().as_bytes());
        hash.update(self.number.as_bytes());
        hex(&hash.finalize())
    }

    pub(super) fn validity(&self) -> Result<Validity, CertificateError> {
        Ok(self.validity?)
    }

    pub(super) fn public_key(&self) -> Result<&PublicKey, CertificateError> {
        self.key.as_ref().map_err(|problem| CertificateError::from(*problem))
    }

    pub(super) fn extensions(&self) -> Result<Extensions, CertificateError> {
        Ok(self.extensions?)
    }

    /// Whether it names itself as its issuer, as root certificates do.
    pub(super) fn is_root(&self) -> bool {
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

    pub(super) fn is_signed_with_rsa(&self) -> bool {
        self.algorithm.starts_with(RSA_FAMILY)
    }
}

/// Whether the first certificate of a text that cannot be read is signed with RSA, or may have been
/// before a part of it was lost.
pub(super) fn may_be_signed_with_rsa(text: &str) -> bool {
    let Ok(der) = decode_text(text) else { return true };
    let algorithm = || {
        let mut outer = Reader::new(&der).sequence()?;
        outer.read(SEQUENCE)?;
        outer.sequence()?.read(OBJECT_IDENTIFIER)
    };
    // What does not even begin like a certificate is none.
    der.first() == Some(&SEQUENCE)
        && algorithm().map_or(true, |algorithm| algorithm.content.starts_with(RSA_FAMILY))
}

/// The certificates of a PEM text, each with all that follows it up to the next.
pub(super) fn blocks(text: &str) -> Result<impl Iterator<Item = &str>, CertificateError> {
    let starts = text.match_indices(BEGIN).map(|(start, _)| start);
    let mut bounds: Vec<usize> = starts.take(MAX_CERTIFICATES + 1).collect();
    if bounds.len() > MAX_CERTIFICATES {
        return Err(CertificateError::TooMany);
    }
    bounds.push(text.len());
    let ends = bounds.clone().into_iter().skip(1);
    Ok(bounds.into_iter().zip(ends).filter_map(|(start, end)| text.get(start..end)))
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
