//! Reading keys: from a file to its text, from text to DER, and what kind of key the DER is.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use base64::{
    Engine as _, alphabet,
    engine::{
        GeneralPurpose,
        general_purpose::{NO_PAD, STANDARD_NO_PAD},
    },
};
use encoding_rs::Encoding;
use zeroize::Zeroizing;

use super::{
    blocks::{Block, blocks},
    error::KeyError,
    given::{Given, Wanted},
    recognise,
    text::KeyText,
    tidy::{self, tidy},
};
use crate::{
    der::{
        self, BIT_STRING, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE,
    },
    error::Error,
};

/// No key or bundle of certificates is larger, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// 1.2.840.113549.1.7
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
/// The same for SM2, 1.2.156.10197.6.1.4.2.
const SM_PKCS7: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x06, 0x01, 0x04, 0x02];
/// The version that a PKCS#12 file begins with.
const PKCS12_VERSION: &[u8] = &[3];
/// How many numbers follow the first two in a DSA key.
const DSA_NUMBERS: usize = 4;
/// More numbers than are counted.
const MAX_NUMBERS: usize = 8;
/// What shows that data is a PEM text.
const PEM: &[u8] = b"-BEGIN ";
/// The bytes of what is more likely a damaged AES key than another key.
const MAX_AES_LIKE: usize = 48;
/// How often a text may be encoded as a whole.
const MAX_DEPTH: usize = 3;
/// Takes bits at the end that belong to nothing, so that the length of what was damaged can be seen.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// Reads the file of a key or of certificates, for [`Credentials`](crate::Credentials). A text file
/// is returned as it is, a binary (DER) file as bare base64; neither is checked here.
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
pub fn read_file(path: impl AsRef<Path>) -> Result<KeyText, Error> {
    let path = path.as_ref();
    let shown = path.to_string_lossy();
    let problem = |what: &str| {
        if is_content(&shown) {
            return Error::configuration(
                "what was given as the path of a file looks like its content; give the path here, or the \
                 content to the credentials (it is not shown, since it may be a key)",
            );
        }
        Error::configuration(format!("the file {shown} {what}"))
    };
    let unreadable = |cause: io::Error| problem("cannot be read").with_source(cause);
    // Opening a pipe waits for somebody to write to it.
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(problem("is a directory; give the path of a file in it"));
    }
    if !metadata.is_file() {
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
    Ok(KeyText::from_bytes(&bytes))
}

/// Whether a path that names no file may be the content of a key or certificate instead.
fn is_content(path: &str) -> bool {
    const LONG: usize = 512;
    path.len() > LONG
        || path.contains(['\n', '\r'])
        || path.contains("--")
        || path.ends_with('=') && read_aes_key(path).is_ok()
}

/// What a text holds: each block of a PEM text, or the one thing that is bare base64; at least one, in
/// DER or what is wrong with it.
///
/// What was put around or into the text on its way is taken off, and so is an encoding of the whole
/// text. The documentation of [`keys`](crate::keys) says what is read and what is only named.
pub(crate) fn open(text: &str, wanted: Wanted) -> Vec<Result<Zeroizing<Vec<u8>>, KeyError>> {
    open_nested(text, wanted, 0)
}

fn open_nested(
    text: &str,
    wanted: Wanted,
    depth: usize,
) -> Vec<Result<Zeroizing<Vec<u8>>, KeyError>> {
    let tidied = tidy(text);
    let blocks = blocks(&tidied);
    if !blocks.is_empty() {
        return blocks.iter().map(|block| open_block(block, wanted)).collect();
    }
    let value = tidy::value(&tidied);
    let data = match Base64::decode(value) {
        Ok(data) => data,
        Err(given) => {
            let given = recognise::of_text(text, &tidied).unwrap_or(given);
            return vec![Err(KeyError::Unfit { given, wanted })];
        }
    };
    if matches!(wanted, Wanted::AesKey | Wanted::Any) && data.is_aes_key() {
        let is_hidden = value.trim_matches(['x', 'X', '=']).is_empty();
        return vec![match recognise::of_text(text, &tidied) {
            _ if is_hidden => Err(KeyError::Unfit { given: Given::Masked, wanted }),
            // Only what no AES key looks like by chance.
            Some(given @ (Given::Hexadecimal | Given::Number | Given::Path)) => {
                Err(KeyError::Unfit { given, wanted })
            }
            _ => Ok(data.bytes),
        }];
    }
    if let Some(inner) = text_of(&data.bytes).filter(|_| depth < MAX_DEPTH) {
        return open_nested(&inner, wanted, depth + 1);
    }
    vec![data.into_der(wanted, || recognise::of_text(text, &tidied))]
}

/// The DER of one block of a PEM text.
fn open_block(block: &Block<'_>, wanted: Wanted) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unfit = |given| KeyError::Unfit { given, wanted };
    if let Some(given) = recognise::of_label(block.label) {
        return Err(unfit(given));
    }
    let body = block.body.map_err(unfit)?;
    // The header of an encrypted PKCS#1 key.
    if body.contains("Proc-Type") && body.contains("ENCRYPTED") {
        return Err(unfit(Given::Encrypted));
    }
    // The data begins with `M`.
    if ["nM", "rnM", "/nM", "/r/nM"].iter().any(|lost| body.trim_start().starts_with(lost)) {
        return Err(unfit(Given::LostBackslashes));
    }
    let named = || recognise::of_text(body, body);
    let data = Base64::decode(body).map_err(|given| unfit(named().unwrap_or(given)))?;
    data.into_der(wanted, named)
}

/// The text that data is, if it is no DER: base64 of a whole file is how Kubernetes keeps secrets, and
/// [`read_file`] makes it of a file in UTF-16.
fn text_of(data: &[u8]) -> Option<Zeroizing<String>> {
    // The length of a key or certificate has more than one byte, so that its first is no ASCII.
    let is_der = matches!(data, [SEQUENCE, length, ..] if !length.is_ascii());
    if is_der || recognise::of_beginning(data).is_some() {
        return None;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(data) {
        let (text, _) = encoding.decode_without_bom_handling(data.get(mark..)?);
        return Some(Zeroizing::new(text.into_owned()));
    }
    let is_shown = |c: char| !c.is_control() || c.is_whitespace() || c == '\0';
    let is_text = || {
        data.len() >= 16 && std::str::from_utf8(data).is_ok_and(|text| text.chars().all(is_shown))
    };
    let has_pem = || data.windows(PEM.len()).any(|window| window == PEM);
    (is_text() || has_pem()).then(|| Zeroizing::new(String::from_utf8_lossy(data).into_owned()))
}

/// Data that was base64.
struct Base64 {
    bytes: Zeroizing<Vec<u8>>,
    /// How many characters it had, without padding.
    length: usize,
    /// Whether its end is as it should be: a number of characters that base64 can have, and no bits
    /// that belong to nothing.
    ends_well: bool,
    is_padded: bool,
}

impl Base64 {
    /// Decodes the base64 in a text, of whatever length.
    fn decode(text: &str) -> Result<Self, Given> {
        let base64 = tidy::compact(text);
        let length = base64.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        let (data, padding) = base64.split_at_checked(length).unwrap_or_default();
        if data.is_empty() {
            return Err(Given::Empty);
        }
        if !data.iter().all(|byte| is_base64(*byte) || *byte == b'=') {
            return Err(Given::NotBase64);
        }
        if data.contains(&b'=') {
            return Err(Given::TwoStrings);
        }
        // One character more is no byte.
        let whole = data.get(..length - usize::from(length % 4 == 1)).unwrap_or_default();
        let bytes = decode_with(&LENIENT, whole).ok_or(Given::NotBase64)?;
        let ends_well = whole.len() == length && decode_with(&STANDARD_NO_PAD, data).is_some();
        let is_padded = padding.len() < 3 && (length + padding.len()) % 4 == 0;
        Ok(Self { bytes, length, ends_well, is_padded })
    }

    /// Whether it has the size of an AES key, and is not itself base64 with its padding.
    fn is_aes_key(&self) -> bool {
        let fits = matches!(self.bytes.len(), 16 | 24 | 32);
        // A key may end with any byte, so the bytes before it decide, too.
        let ends = self.bytes.last() == Some(&b'=');
        let is_text = ends && self.bytes.iter().all(|byte| is_base64(*byte) || *byte == b'=');
        fits && !is_text && self.ends_well && self.is_padded
    }

    /// The data, which must be one element of DER with nothing missing and nothing after it. `named`
    /// is what its text looks like if it is not.
    fn into_der(
        self,
        wanted: Wanted,
        named: impl FnOnce() -> Option<Given>,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Self { bytes, length, ends_well, is_padded } = self;
        let unfit = |given| Err(KeyError::Unfit { given, wanted });
        // An AES key may begin like DER by chance.
        let may_be_der = bytes.first() == Some(&SEQUENCE)
            && (wanted != Wanted::AesKey || bytes.len() > MAX_AES_LIKE);
        let size = if may_be_der { der::size(&bytes) } else { None };
        // How many characters its length asks for.
        let expected = size.map(|size| size.saturating_mul(4).div_ceil(3));
        if expected == Some(length) && ends_well {
            return Ok(bytes);
        }
        if let Some(given) = recognise::of_beginning(&bytes).or_else(named) {
            return unfit(given);
        }
        match expected {
            Some(expected) if expected > length.max(MAX_BYTES) => unfit(Given::DamagedLength),
            Some(expected) if expected > length => {
                Err(KeyError::Truncated { missing: expected - length })
            }
            Some(expected) if expected < length => {
                Err(KeyError::Excess { extra: length - expected })
            }
            Some(_) => unfit(Given::WrongPadding),
            None if matches!(bytes.len(), 16 | 24 | 32) && wanted != Wanted::AesKey => {
                unfit(Given::AesKey)
            }
            None if wanted == Wanted::AesKey && !(ends_well && is_padded) => {
                unfit(Given::WrongPadding)
            }
            None if wanted == Wanted::AesKey => Err(KeyError::AesKeySize { bytes: bytes.len() }),
            None => unfit(Given::Unknown),
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The bytes of base64, or `None` if it is none. They are wiped from memory either way.
fn decode_with(engine: &GeneralPurpose, base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(base64.len())]);
    let length = engine.decode_slice(base64, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// The one RSA key of this kind that a text holds, in DER. Other things beside it do not matter.
pub(crate) fn read_key(
    text: &str,
    wanted: Wanted,
) -> Result<(Zeroizing<Vec<u8>>, Found), KeyError> {
    let mut key: Option<(Zeroizing<Vec<u8>>, Found)> = None;
    let mut problem: Option<KeyError> = None;
    for thing in open(text, wanted) {
        let unfit = |given| KeyError::Unfit { given, wanted };
        let error = match thing.and_then(|der| Ok((identify(&der).map_err(unfit)?, der))) {
            Ok((found, der)) if found.form.is_private() == (wanted == Wanted::PrivateKey) => {
                if key.as_ref().is_some_and(|(other, _)| *other != der) {
                    return Err(unfit(Given::Several));
                }
                key = Some((der, found));
                continue;
            }
            Ok((found, _)) => unfit(found.form.given()),
            Err(error) => error,
        };
        // What is wrong with a key says more than what else is there.
        if problem.as_ref().is_none_or(|first| first.may_be_beside() && !error.may_be_beside()) {
            problem = Some(error);
        }
    }
    key.ok_or(problem.unwrap_or(KeyError::Unfit { given: Given::Empty, wanted }))
}

/// The bytes of the AES key that a text holds.
pub(crate) fn read_aes_key(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let wanted = Wanted::AesKey;
    let unfit = |given| KeyError::Unfit { given, wanted };
    let first = open(text, wanted).into_iter().next();
    let bytes = first.unwrap_or(Err(unfit(Given::Empty)))?;
    match bytes.len() {
        16 | 24 | 32 => Ok(bytes),
        _ => Err(unfit(identify(&bytes).map_or_else(|given| given, |found| found.form.given()))),
    }
}

/// The form that a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A private key, PKCS#1 (`RSA PRIVATE KEY`).
    Pkcs1Private,
    /// A private key, PKCS#8 (`PRIVATE KEY`), as Java takes it.
    Pkcs8Private,
    /// A public key, PKCS#1 (`RSA PUBLIC KEY`).
    Pkcs1Public,
    /// A public key, X.509 `SubjectPublicKeyInfo` (`PUBLIC KEY`), as the console shows it.
    PublicKeyInfo,
}

impl Form {
    pub(crate) fn is_private(self) -> bool {
        matches!(self, Self::Pkcs1Private | Self::Pkcs8Private)
    }

    pub(crate) fn given(self) -> Given {
        if self.is_private() { Given::PrivateKey } else { Given::PublicKey }
    }
}

/// The form of a key, and the size of its modulus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) form: Form,
    pub(crate) bits: usize,
}

/// Which form of key a DER text is, and how large the key is; or what else it is.
pub(crate) fn identify(der: &[u8]) -> Result<Found, Given> {
    let mut outer = Reader::new(der);
    let Ok(fields) = outer.sequence() else {
        return Err(recognise::of_beginning(der).unwrap_or(Given::Unknown));
    };
    outer.end()?;
    match fields.peek() {
        Some(INTEGER) => integer_first(fields),
        Some(SEQUENCE) => sequence_first(fields),
        Some(OBJECT_IDENTIFIER) => Err(match fields.clone().next()?.content {
            content if content.starts_with(PKCS7) => Given::Pkcs7,
            content if content.starts_with(SM_PKCS7) => Given::Pkcs7,
            _ => Given::Unknown,
        }),
        _ => Err(Given::Unknown),
    }
}

/// PKCS#1 of both kinds, PKCS#8, PKCS#12, or an EC or DSA key.
fn integer_first(mut fields: Reader<'_>) -> Result<Found, Given> {
    let first = fields.next()?;
    if fields.peek() == Some(OCTET_STRING) {
        // SEC 1: the curve follows.
        fields.next()?;
        let curve = fields.optional(CONTEXT_0)?.map(|curve| curve.inner().read(OBJECT_IDENTIFIER));
        return Err(match curve {
            Some(Ok(curve)) if recognise::of_algorithm(curve.content) == Given::Sm2 => Given::Sm2,
            _ => Given::EllipticCurve,
        });
    }
    let second = fields.next()?;
    match second.tag {
        SEQUENCE if first.content == PKCS12_VERSION => Err(Given::Pkcs12),
        SEQUENCE => {
            check_algorithm(second.inner())?;
            let mut numbers = fields.read(OCTET_STRING)?.inner().sequence()?;
            numbers.read(INTEGER)?;
            Ok(Found { form: Form::Pkcs8Private, bits: numbers.read(INTEGER)?.bits() })
        }
        INTEGER if fields.is_empty() => Ok(Found { form: Form::Pkcs1Public, bits: first.bits() }),
        INTEGER => {
            // Eight numbers follow the version in an RSA key, and five in a DSA key.
            let mut rest = fields;
            let count = std::iter::from_fn(|| rest.next().ok()).take(MAX_NUMBERS).count();
            if count == DSA_NUMBERS {
                return Err(Given::Dsa);
            }
            Ok(Found { form: Form::Pkcs1Private, bits: second.bits() })
        }
        _ => Err(Given::Unknown),
    }
}

/// X.509 public keys, certificates, requests, encrypted PKCS#8.
fn sequence_first(mut fields: Reader<'_>) -> Result<Found, Given> {
    let mut first = fields.next()?.inner();
    let second = fields.next()?;
    match (second.tag, first.peek()) {
        (BIT_STRING, Some(OBJECT_IDENTIFIER)) => {
            check_algorithm(first)?;
            let mut numbers = Reader::new(second.whole_bytes()?).sequence()?;
            Ok(Found { form: Form::PublicKeyInfo, bits: numbers.read(INTEGER)?.bits() })
        }
        (OCTET_STRING, Some(OBJECT_IDENTIFIER)) => Err(Given::Encrypted),
        (SEQUENCE, Some(CONTEXT_0)) => Err(Given::Certificate),
        // A certificate of version 1 begins with its serial number, a request with its version.
        (SEQUENCE, Some(INTEGER)) => Err(match first.next()?.content {
            [0] => Given::CertificateRequest,
            // A list of revoked certificates of version 2 has no second number.
            [1] if first.read(SEQUENCE).is_ok()
                && first.read(SEQUENCE).is_ok()
                && first.peek() != Some(SEQUENCE) =>
            {
                Given::RevocationList
            }
            _ => Given::Certificate,
        }),
        _ => Err(Given::Unknown),
    }
}

/// The algorithm of a key, which must be RSA.
fn check_algorithm(mut algorithm: Reader<'_>) -> Result<(), Given> {
    let id = algorithm.read(OBJECT_IDENTIFIER)?.content;
    if id == RSA_ENCRYPTION {
        return Ok(());
    }
    // The curve says whether a key is for SM2.
    let curve =
        algorithm.optional(OBJECT_IDENTIFIER)?.map(|curve| recognise::of_algorithm(curve.content));
    Err(match curve {
        Some(Given::Sm2) => Given::Sm2,
        _ => recognise::of_algorithm(id),
    })
}
