//! Reading keys: from a file to its text, from text to DER, and what kind of key the DER is.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::error::KeyError;
use crate::{
    der::{
        BIT_STRING, CONTEXT_0, DerError, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE,
    },
    error::Error,
};

/// No key or bundle of certificates is larger, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Reads the file of a key or of certificates, for [`Credentials`](crate::Credentials). A text file
/// is returned as it is, a binary (DER) file as bare base64; neither is checked here. The string is
/// wiped from memory when it is dropped.
///
/// ```no_run
/// use alipay_core::{Credentials, keys::read_file};
///
/// # fn f() -> Result<(), alipay_core::Error> {
/// let credentials = Credentials::keys(
///     "2021000000000001",
///     &read_file("app_private_key.pem")?,
///     &read_file("alipay_public_key.txt")?,
/// )?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// When the file cannot be read, has more than 1 MiB, or is not a regular file: reading a pipe or a
/// device may never end. The kind is [`Configuration`](crate::ErrorKind::Configuration).
pub fn read_file(path: impl AsRef<Path>) -> Result<Zeroizing<String>, Error> {
    let path = path.as_ref();
    let problem = |what: &str| Error::configuration(format!("the file {} {what}", path.display()));
    let unreadable = |cause: io::Error| problem("cannot be read").with_source(cause);
    // Opening a pipe waits for somebody to write to it.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(problem("is not a regular file; read it yourself, and give its content"));
    }
    let file = File::open(path).map_err(unreadable)?;
    // Allocated once: a buffer that grows leaves parts of a key behind. The size that the file system
    // reports is not used, since the file may grow.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(problem("is too large for a key or certificate"));
    }
    Ok(Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => STANDARD.encode(&*bytes),
    }))
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

/// The bytes of a base64 text, or `None` if it is not base64. They are wiped from memory either way.
pub(crate) fn decode_secret(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(base64.len())]);
    let length = STANDARD.decode_slice(base64, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Pkcs1Private,
    Pkcs8Private,
    Pkcs1Public,
    PublicKeyInfo,
}

impl Form {
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::Pkcs1Private | Self::Pkcs8Private)
    }
}

/// The form of a key, and the size of its modulus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) form: Form,
    pub(crate) bits: usize,
}

/// Which form of key a DER text is, and how large the key is.
pub(crate) fn identify(der: &[u8]) -> Result<Found, KeyError> {
    let mut outer = Reader::new(der);
    let fields = outer.sequence().map_err(|problem| match problem {
        DerError::Ended => KeyError::Truncated,
        DerError::Malformed | DerError::Unexpected => KeyError::NotAKey,
    })?;
    outer.end()?;
    match fields.peek() {
        Some(INTEGER) => integer_first(fields),
        Some(SEQUENCE) => sequence_first(fields),
        _ => Err(KeyError::NotAKey),
    }
}

/// PKCS#1 of both kinds, PKCS#8, or an EC key.
fn integer_first(mut fields: Reader<'_>) -> Result<Found, KeyError> {
    let first = fields.next()?;
    if fields.peek() == Some(OCTET_STRING) {
        // An EC key.
        return Err(KeyError::NotRsa);
    }
    let second = fields.next()?;
    match second.tag {
        SEQUENCE => {
            check_algorithm(second.inner())?;
            let mut numbers = fields.read(OCTET_STRING)?.inner().sequence()?;
            numbers.read(INTEGER)?;
            Ok(Found { form: Form::Pkcs8Private, bits: numbers.read(INTEGER)?.bits() })
        }
        INTEGER if fields.is_empty() => Ok(Found { form: Form::Pkcs1Public, bits: first.bits() }),
        INTEGER => Ok(Found { form: Form::Pkcs1Private, bits: second.bits() }),
        _ => Err(KeyError::NotAKey),
    }
}

/// X.509 public keys, certificates, requests, encrypted PKCS#8.
fn sequence_first(mut fields: Reader<'_>) -> Result<Found, KeyError> {
    let mut first = fields.next()?.inner();
    let second = fields.next()?;
    match (second.tag, first.peek()) {
        (BIT_STRING, Some(OBJECT_IDENTIFIER)) => {
            check_algorithm(first)?;
            let mut numbers = Reader::new(second.whole_bytes()?).sequence()?;
            Ok(Found { form: Form::PublicKeyInfo, bits: numbers.read(INTEGER)?.bits() })
        }
        (OCTET_STRING, Some(OBJECT_IDENTIFIER)) => Err(KeyError::Encrypted),
        (SEQUENCE, Some(CONTEXT_0)) => Err(KeyError::Certificate),
        // A certificate of version 1 begins with its serial number, a request with its version.
        (SEQUENCE, Some(INTEGER)) => Err(match first.next()?.content {
            [0] => KeyError::CertificateRequest,
            _ => KeyError::Certificate,
        }),
        _ => Err(KeyError::NotAKey),
    }
}

fn check_algorithm(mut algorithm: Reader<'_>) -> Result<(), KeyError> {
    let id = algorithm.read(OBJECT_IDENTIFIER)?;
    if id.content == RSA_ENCRYPTION { Ok(()) } else { Err(KeyError::NotRsa) }
}
