//! X.509 certificates, as far as the protocol needs them: serial, names, validity, public key.
//!
//! The public key is looked at only when asked for: the root bundle holds an SM2 certificate whose
//! curve many parsers refuse, and its key is of no interest here.

use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use md5::{Digest as _, Md5};

use crate::{
    der::{CONTEXT_0, DerError, Element, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE},
    keys::{KeyError, Kind, PublicKey, decode_text, kind_of},
    nonce::hex,
    value::LocalDateTime,
};

use super::validity::Validity;

/// The signature algorithms of the RSA family: 1.2.840.113549.1.1.
const RSA_FAMILY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// The tag of a set, which a relative distinguished name is.
const SET: u8 = 0x31;

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
    #[error("none of them is signed with RSA; give alipayRootCert.crt as it is")]
    NoRoot,
    #[error("this is a root certificate (alipayRootCert.crt); give appCertPublicKey_….crt")]
    RootForApp,
    #[error("this is a root certificate (alipayRootCert.crt); give alipayCertPublicKey_RSA2.crt")]
    RootForAlipay,
    #[error("this is the app's own certificate; give alipayCertPublicKey_RSA2.crt")]
    AppForAlipay,
    #[error("the app's own certificate is among them; give alipayRootCert.crt")]
    AppForRoot,
    #[error("Alipay's certificate is among them; give alipayRootCert.crt")]
    AlipayForRoot,
    #[error("it expired at {}; download the present one from the console", Shown(*at))]
    Expired { at: SystemTime },
    #[error("it is valid only from {} on; is this computer's clock right?", Shown(*from))]
    NotYetValid { from: SystemTime },
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
        Self::Text(error)
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
    /// The issuer's name in RFC 2253 form.
    issuer: String,
    /// The serial number in decimal.
    number: String,
    /// Whom it certifies, in RFC 2253 form.
    subject: String,
    signed_with_rsa: bool,
    /// Times in DER. Certificates whose times do not matter may have any.
    validity: Vec<u8>,
    /// The public key in DER.
    key: Vec<u8>,
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

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut outer = Reader::new(der).read(SEQUENCE)?.inner();
        let mut fields = outer.read(SEQUENCE)?.inner();
        let algorithm = outer.read(SEQUENCE)?.inner().read(OBJECT_IDENTIFIER)?;
        if fields.peek() == Some(CONTEXT_0) {
            fields.next()?;
        }
        let number = decimal(fields.read(INTEGER)?.content);
        fields.read(SEQUENCE)?;
        let issuer = distinguished_name(fields.read(SEQUENCE)?)?;
        let validity = fields.read(SEQUENCE)?.raw.to_vec();
        let subject = distinguished_name(fields.read(SEQUENCE)?)?;
        let key = fields.read(SEQUENCE)?.raw.to_vec();
        let signed_with_rsa = algorithm.content.starts_with(RSA_FAMILY);
        Ok(Self { issuer, number, subject, signed_with_rsa, validity, key })
    }

    /// The serial the protocol names it by: MD5, in hexadecimal, of issuer and serial number.
    ///
    /// MD5 is what the protocol says; nothing depends on its strength.
    pub(super) fn serial(&self) -> String {
        let mut hash = Md5::new();
        hash.update(self.issuer.as_bytes());
        hash.update(self.number.as_bytes());
        hex(&hash.finalize())
    }

    /// Whom it certifies, in RFC 2253 form.
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// From when until when it is valid.
    pub(super) fn validity(&self) -> Result<Validity, CertificateError> {
        Ok(Validity::parse(&self.validity)?)
    }

    /// Whether its owner issued it, as that of a root.
    pub(super) fn is_root(&self) -> bool {
        self.issuer == self.subject
    }

    /// The key it certifies.
    pub(super) fn public_key(&self) -> Result<PublicKey, CertificateError> {
        Ok(PublicKey::from_der(&self.key)?)
    }
}

/// The certificates of a bundle that are signed with RSA, in order. Others are of no interest, so
/// it does not matter if they cannot be read.
pub(super) fn roots(bundle: &str) -> Result<Vec<Certificate>, CertificateError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let mut roots = Vec::new();
    let mut rest = bundle;
    if !bundle.contains(BEGIN) {
        // One certificate in bare base64, or something else, which this names.
        roots.push(Certificate::parse(bundle)?);
    }
    while let Some(start) = rest.find(BEGIN) {
        let block = rest.get(start..).unwrap_or_default();
        match Certificate::parse(block) {
            Ok(certificate) => roots.push(certificate),
            Err(CertificateError::Text(_) | CertificateError::NotACertificate)
                if is_signed_with_rsa(block) != Some(true) => {}
            Err(problem) => return Err(problem),
        }
        rest = block.get(BEGIN.len()..).unwrap_or_default();
    }
    roots.retain(|certificate| certificate.signed_with_rsa);
    if roots.is_empty() { Err(CertificateError::NoRoot) } else { Ok(roots) }
}

/// Whether the first certificate of a text is signed with RSA, if that at least can be read.
fn is_signed_with_rsa(text: &str) -> Option<bool> {
    let der = decode_text(text).ok()?;
    let mut outer = Reader::new(&der).read(SEQUENCE).ok()?.inner();
    outer.read(SEQUENCE).ok()?;
    let algorithm = outer.read(SEQUENCE).ok()?.inner().read(OBJECT_IDENTIFIER).ok()?;
    Some(algorithm.content.starts_with(RSA_FAMILY))
}

/// The serial of a bundle: those of the certificates, joined by `_`.
pub(super) fn root_serial(roots: &[Certificate]) -> String {
    let serials: Vec<_> = roots.iter().map(Certificate::serial).collect();
    serials.join("_")
}

/// An unsigned integer in decimal.
fn decimal(bytes: &[u8]) -> String {
    // Nine digits to a place, the last place first.
    const PLACE: u64 = 1_000_000_000;
    let mut places: Vec<u64> = vec![0];
    for &byte in bytes {
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
    text
}

/// A name in RFC 2253 form: the most specific part first, parts joined by commas.
fn distinguished_name(name: Element<'_>) -> Result<String, CertificateError> {
    let mut parts = Vec::new();
    let mut relative = name.inner();
    while !relative.is_empty() {
        let mut attributes = relative.read(SET)?.inner();
        let mut part = String::new();
        while !attributes.is_empty() {
            let mut attribute = attributes.read(SEQUENCE)?.inner();
            let id = attribute.read(OBJECT_IDENTIFIER)?;
            if !part.is_empty() {
                part.push('+');
            }
            push_attribute(&mut part, id.content, attribute.next()?);
        }
        parts.push(part);
    }
    parts.reverse();
    Ok(parts.join(","))
}

fn push_attribute(part: &mut String, id: &[u8], value: Element<'_>) {
    match (keyword(id), characters(value)) {
        (Some(keyword), Some(text)) => {
            part.push_str(keyword);
            part.push('=');
            push_escaped(part, &text);
        }
        // A type without a keyword is given by its number, and its value in hexadecimal.
        (keyword, _) => {
            part.push_str(&keyword.map_or_else(|| dotted(id), str::to_owned));
            part.push_str("=#");
            part.push_str(&hex(value.raw));
        }
    }
}

/// The keywords RFC 2253 has for attribute types.
fn keyword(id: &[u8]) -> Option<&'static str> {
    Some(match id {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "STREET",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        _ => return None,
    })
}

/// The characters of a string value.
fn characters(value: Element<'_>) -> Option<String> {
    match value.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString.
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => String::from_utf8(value.content.to_vec()).ok(),
        // TeletexString, read as Latin-1 as everybody does.
        0x14 => Some(value.content.iter().copied().map(char::from).collect()),
        // UniversalString and BMPString: four and two bytes to a character.
        0x1c => value.content.chunks(4).map(code_point).collect(),
        0x1e => {
            let units = value.content.chunks(2).map(|unit| match unit {
                [high, low] => Some(u16::from_be_bytes([*high, *low])),
                _ => None,
            });
            String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
        }
        _ => None,
    }
}

fn code_point(bytes: &[u8]) -> Option<char> {
    char::from_u32(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// Escapes as RFC 2253 says: its special characters anywhere, `#` first, blanks at both ends.
fn push_escaped(part: &mut String, text: &str) {
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    for (index, character) in text.char_indices() {
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let number_sign = character == '#' && index == 0;
        let outer_blank = character == ' ' && (index < start || index >= end);
        if special || number_sign || outer_blank {
            part.push('\\');
        }
        part.push(character);
    }
}

/// An object identifier with dots.
fn dotted(id: &[u8]) -> String {
    let mut text = String::new();
    let mut arc = 0u64;
    for &byte in id {
        arc = (arc << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            // The first number holds two: 40 times the first plus the second.
            let first = (arc / 40).min(2);
            let _ = write!(text, "{first}.{}", arc - 40 * first);
        } else {
            let _ = write!(text, ".{arc}");
        }
        arc = 0;
    }
    text
}
