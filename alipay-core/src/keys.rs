//! RSA keys: reading them, signing, verifying.
//!
//! A key may be PEM or the bare base64 that Alipay's key tool writes, and a private key PKCS#1 or
//! PKCS#8. The data shows which it is, so there is nothing to configure.
//!
//! # What is read, and what is only named
//!
//! Keys, certificates and the AES key are all read in the same way. What cannot belong to one is taken
//! off, since that needs no guess:
//!
//! - quotes of every kind (`b'…'` too), marks of comments, diffs and quoted mails, numbers of lines, indents,
//!   `KEY=` or `key:` in front, a comma or semicolon behind;
//! - blanks and line feeds anywhere, and those that are invisible or not broken; a byte order mark;
//!   characters of full width; UTF-16;
//! - `\n`, `\/`, `\u002b`, `%2B`, `&#43;` and their like, however often they were escaped;
//! - base64 of the whole text, as in a secret of Kubernetes, up to three times; the URL-safe alphabet; padding
//!   that is wrong or missing, where the data says how long it is (an AES key does not).
//!
//! A label of a PEM text need not be the right one: the data counts. A file may hold other things beside
//! the one that belongs there, such as a certificate beside the private key, but not two different keys
//! that would fit.
//!
//! All else is refused, with an error that says what was given and what to do: damaged or missing begin and
//! end lines, lost or added characters, hexadecimal, key stores and other containers, encrypted keys, keys
//! of other algorithms, paths, placeholders and so on ([`Given`]). A begin or end line that has four dashes,
//! say, could be read. It is refused since it shows that the text was edited, and since other programs
//! refuse it, too.

mod blocks;
mod error;
mod given;
mod read;
mod recognise;
mod text;
mod tidy;

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

pub use crate::backend::KeySize;
use crate::{
    backend::{Hash, MAX_BITS, RsaPrivate, RsaPublic, sha256},
    der::{DerError, INTEGER, OCTET_STRING, Reader, SEQUENCE},
    nonce::hex,
};
pub use error::{KeyError, MIN_BITS, SignatureError};
pub use given::{Given, Wanted};
pub use read::Form;
pub use read::read_file;
use read::read_key;
pub(crate) use read::{identify, open, read_aes_key};
pub use text::KeyText;

/// An RSA private key for signing with SHA-256 and PKCS#1 v1.5 padding (`RSA2`).
#[derive(Clone)]
pub struct PrivateKey {
    key: RsaPrivate,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key: PEM or bare base64, PKCS#1 or PKCS#8.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let wanted = Wanted::PrivateKey;
        Self::from_der(&read_key(text, wanted)?.0)
    }

    /// Reads a private key in DER, PKCS#1 or PKCS#8.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let unfit = |given| KeyError::Unfit { given, wanted: Wanted::PrivateKey };
        let found = identify(der).map_err(unfit)?;
        let parse = match found.form {
            Form::Pkcs1Private => RsaPrivate::from_pkcs1,
            Form::Pkcs8Private => RsaPrivate::from_pkcs8,
            Form::Pkcs1Public | Form::PublicKeyInfo => return Err(unfit(Given::PublicKey)),
        };
        check_size(found.bits)?;
        Self::from_key(parse(der).map_err(|_| KeyError::Inconsistent)?)
    }

    /// Makes a new key of 2048 bits.
    pub fn generate() -> Result<Self, KeyError> {
        Self::generate_with(KeySize::Bits2048)
    }

    /// Makes a new key of this size.
    pub fn generate_with(size: KeySize) -> Result<Self, KeyError> {
        Self::from_key(RsaPrivate::generate(size)?)
    }

    fn from_key(key: RsaPrivate) -> Result<Self, KeyError> {
        let public = PublicKey::from_der(&key.public_pkcs1()?)?;
        Ok(Self { key, public })
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message; the signature is standard base64 on one line.
    pub fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        self.sign_parts(&[message])
    }

    /// Signs a message that is given in parts, so that they need not be joined.
    pub(crate) fn sign_parts(&self, message: &[&[u8]]) -> Result<String, KeyError> {
        Ok(STANDARD.encode(self.sign_raw(message)?))
    }

    pub(crate) fn sign_raw(&self, message: &[&[u8]]) -> Result<Vec<u8>, KeyError> {
        Ok(self.key.sign(message)?)
    }

    /// The key as bare base64 of PKCS#8.
    pub fn to_pkcs8_base64(&self) -> Result<KeyText, KeyError> {
        Ok(KeyText::new(STANDARD.encode(&*self.key.to_pkcs8()?)))
    }

    /// The key as PEM of PKCS#8.
    pub fn to_pkcs8_pem(&self) -> Result<KeyText, KeyError> {
        Ok(KeyText::new(pem("PRIVATE KEY", &self.to_pkcs8_base64()?)))
    }

    /// The key as bare base64 of PKCS#1.
    pub fn to_pkcs1_base64(&self) -> Result<KeyText, KeyError> {
        let der = self.key.to_pkcs8()?;
        // PKCS#8 is PKCS#1 behind a version and the algorithm.
        let pkcs1 = || {
            let mut fields = Reader::new(&der).sequence()?;
            fields.read(INTEGER)?;
            fields.read(SEQUENCE)?;
            fields.read(OCTET_STRING)
        };
        let pkcs1 = pkcs1().map_err(|_: DerError| KeyError::Library)?;
        Ok(KeyText::new(STANDARD.encode(pkcs1.content)))
    }

    /// The key as PEM of PKCS#1.
    pub fn to_pkcs1_pem(&self) -> Result<KeyText, KeyError> {
        Ok(KeyText::new(pem("RSA PRIVATE KEY", &self.to_pkcs1_base64()?)))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} bits, [redacted])", self.public.bits)
    }
}

/// An RSA public key for verifying signatures made with SHA-256 and PKCS#1 v1.5 padding (`RSA2`).
#[derive(Clone)]
pub struct PublicKey {
    key: RsaPublic,
    info: Arc<[u8]>,
    bits: usize,
}

impl PublicKey {
    /// Reads a public key: PEM or bare base64, X.509 `SubjectPublicKeyInfo` or PKCS#1.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_der(&read_key(text, Wanted::PublicKey)?.0)
    }

    /// Reads a public key in DER, X.509 `SubjectPublicKeyInfo` or PKCS#1.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let unfit = |given| KeyError::Unfit { given, wanted: Wanted::PublicKey };
        let found = identify(der).map_err(unfit)?;
        let parse = match found.form {
            Form::Pkcs1Public => RsaPublic::from_pkcs1,
            Form::PublicKeyInfo => RsaPublic::from_info,
            Form::Pkcs1Private | Form::Pkcs8Private => return Err(unfit(Given::PrivateKey)),
        };
        check_size(found.bits)?;
        let key = parse(der).map_err(|_| KeyError::Inconsistent)?;
        let info = key.to_info()?.into();
        Ok(Self { key, info, bits: found.bits })
    }

    /// Checks a signature, given as standard base64 with padding, over a message.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        let signature = STANDARD.decode(signature).map_err(|_| SignatureError::NotBase64)?;
        self.verify_raw(&[message], &signature)
    }

    /// Checks the bytes of a signature.
    pub(crate) fn verify_raw(
        &self,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if self.key.verifies(message, signature) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }

    /// Whether the bytes of a signature are over this hash of a message.
    pub(crate) fn verifies_hash(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        self.key.verifies_hash(hash, message, signature)
    }

    /// The key as bare base64 of X.509 `SubjectPublicKeyInfo`, as the console shows it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.info)
    }

    /// The key as PEM of X.509 `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem("PUBLIC KEY", &self.to_base64())
    }

    /// Its SHA-256, over the DER of X.509 `SubjectPublicKeyInfo`: 64 hexadecimal digits. It tells keys
    /// apart; a private key and a certificate that belong together have the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(&sha256(&[&self.info]))
    }

    /// Its size in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits)", self.bits)
    }
}

fn check_size(bits: usize) -> Result<(), KeyError> {
    match bits {
        0..MIN_BITS => Err(KeyError::TooShort { bits }),
        MIN_BITS..=MAX_BITS => Ok(()),
        _ => Err(KeyError::TooLong { bits }),
    }
}

/// Wraps base64 at 64 characters between a begin and an end line.
///
/// The string is allocated once: growing it would leave parts of a private key in freed memory.
fn pem(label: &str, base64: &str) -> String {
    const LINE: usize = 64;
    let frame = "-----BEGIN -----\n-----END -----\n".len() + 2 * label.len();
    let mut text = String::with_capacity(frame + base64.len() + base64.len().div_ceil(LINE));
    let mut push = |parts: &[&str]| parts.iter().for_each(|part| text.push_str(part));
    push(&["-----BEGIN ", label, "-----\n"]);
    let mut rest = base64;
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        push(&[line, "\n"]);
        rest = more;
    }
    push(&["-----END ", label, "-----\n"]);
    text
}
