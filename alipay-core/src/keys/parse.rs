//! From text to DER, and from DER to what kind of key it is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::KeyError;
use crate::der::{
    self, BIT_STRING, CONTEXT_0, DerError, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    RSA_ENCRYPTION, Reader, SEQUENCE,
};

/// The forms a key comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Pkcs1Private,
    Pkcs8Private,
    Pkcs1Public,
    PublicKeyInfo,
}

/// What a DER text can be, where certificates are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    PrivateKey,
    PublicKey,
    CertificateRequest,
}

/// What a DER text is, if it is one of these.
pub(crate) fn kind_of(der: &[u8]) -> Option<Kind> {
    match read(der) {
        Ok(Found { form: Form::Pkcs1Private | Form::Pkcs8Private, .. }) => Some(Kind::PrivateKey),
        Ok(Found { form: Form::Pkcs1Public | Form::PublicKeyInfo, .. }) => Some(Kind::PublicKey),
        Err(KeyError::CertificateRequest) => Some(Kind::CertificateRequest),
        Err(_) => None,
    }
}

/// What was found: the form, and the size of the modulus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) form: Form,
    pub(super) bits: usize,
}

/// The bytes of a PEM text (its first block) or of bare base64.
///
/// White space is ignored anywhere, and so is `\n` spelled as two characters, which is what a PEM
/// text becomes in many environment files.
pub(crate) fn decode_text(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    let encoded = match text.split_once("-----BEGIN ") {
        Some((_, block)) => {
            let (_, block) = block.split_once("-----").ok_or(KeyError::PemWithoutEnd)?;
            let (block, _) = block.split_once("-----END ").ok_or(KeyError::PemWithoutEnd)?;
            if block.contains("ENCRYPTED") {
                return Err(KeyError::Encrypted);
            }
            block
        }
        None => text,
    };
    let mut compact = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut bytes = encoded.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.next_if(|next| matches!(next, b'n' | b'r')).is_some() => {}
            byte if byte.is_ascii_whitespace() => {}
            byte => compact.push(byte),
        }
    }
    if compact.is_empty() {
        return Err(KeyError::Empty);
    }
    decode_secret(&compact).ok_or_else(|| {
        let alphabet =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if compact.iter().all(alphabet) { KeyError::Truncated } else { KeyError::NotBase64 }
    })
}

/// The bytes of a base64 text; wiped also when the text turns out to be none.
pub(crate) fn decode_secret(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(base64.len())]);
    let length = STANDARD.decode_slice(base64, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// Tells what kind of key a DER text is.
pub(super) fn read(der: &[u8]) -> Result<Found, KeyError> {
    let mut outer = Reader::new(der);
    let key = outer.read(SEQUENCE).map_err(|problem| match problem {
        DerError::Ended => KeyError::Truncated,
        DerError::Malformed | DerError::Unexpected => KeyError::NotAKey,
    })?;
    outer.end().map_err(|_| KeyError::NotAKey)?;
    match key.inner().peek() {
        Some(INTEGER) => numbers_first(key.inner()),
        Some(SEQUENCE) => sequence_first(key.inner()),
        _ => Err(KeyError::NotAKey),
    }
}

/// PKCS#1 of both kinds, PKCS#8, or an EC key.
fn numbers_first(mut fields: Reader<'_>) -> Result<Found, KeyError> {
    let first = fields.next().map_err(not_a_key)?;
    match fields.peek() {
        Some(SEQUENCE) => {
            check_algorithm(fields.next().map_err(not_a_key)?.inner())?;
            let key = fields.read(OCTET_STRING).map_err(not_a_key)?;
            let inner = read_private(key.inner())?;
            Ok(Found { form: Form::Pkcs8Private, bits: inner })
        }
        Some(OCTET_STRING) => Err(KeyError::NotRsa),
        Some(INTEGER) => {
            let second = fields.next().map_err(not_a_key)?;
            if fields.is_empty() {
                return Ok(Found { form: Form::Pkcs1Public, bits: der::bits(first.content) });
            }
            Ok(Found { form: Form::Pkcs1Private, bits: der::bits(second.content) })
        }
        _ => Err(KeyError::NotAKey),
    }
}

/// X.509 public keys, certificates, requests, encrypted PKCS#8.
fn sequence_first(mut fields: Reader<'_>) -> Result<Found, KeyError> {
    let first = fields.next().map_err(not_a_key)?;
    let second = fields.next().map_err(not_a_key)?;
    match (second.tag, first.inner().peek()) {
        (BIT_STRING, Some(OBJECT_IDENTIFIER)) => {
            check_algorithm(first.inner())?;
            // The first byte counts unused bits; in a key there are none.
            let Some((0, key)) = second.content.split_first() else {
                return Err(KeyError::NotAKey);
            };
            Ok(Found { form: Form::PublicKeyInfo, bits: read_public(Reader::new(key))? })
        }
        (OCTET_STRING, Some(OBJECT_IDENTIFIER)) => Err(KeyError::Encrypted),
        (SEQUENCE, Some(CONTEXT_0)) => Err(KeyError::Certificate),
        (SEQUENCE, Some(INTEGER)) => {
            // A certificate of version 1 has its algorithm next, a request its subject and key.
            let mut signed = first.inner();
            let number = signed.next().map_err(not_a_key)?;
            let version_of_request = matches!(number.content, [0]);
            Err(if version_of_request {
                KeyError::CertificateRequest
            } else {
                KeyError::Certificate
            })
        }
        _ => Err(KeyError::NotAKey),
    }
}

/// The size of a PKCS#1 private key.
fn read_private(mut outer: Reader<'_>) -> Result<usize, KeyError> {
    let mut numbers = outer.read(SEQUENCE).map_err(not_a_key)?.inner();
    numbers.read(INTEGER).map_err(not_a_key)?;
    Ok(der::bits(numbers.read(INTEGER).map_err(not_a_key)?.content))
}

/// The size of a PKCS#1 public key.
fn read_public(mut outer: Reader<'_>) -> Result<usize, KeyError> {
    let mut numbers = outer.read(SEQUENCE).map_err(not_a_key)?.inner();
    Ok(der::bits(numbers.read(INTEGER).map_err(not_a_key)?.content))
}

fn check_algorithm(mut algorithm: Reader<'_>) -> Result<(), KeyError> {
    let id = algorithm.read(OBJECT_IDENTIFIER).map_err(not_a_key)?;
    if id.content == RSA_ENCRYPTION { Ok(()) } else { Err(KeyError::NotRsa) }
}

fn not_a_key(_: DerError) -> KeyError {
    KeyError::NotAKey
}
