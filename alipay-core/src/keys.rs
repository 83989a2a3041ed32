//! RSA keys: reading them in whatever form they come, signing, verifying.
//!
//! A key may be PEM or the bare base64 that Alipay's key tool writes, and a private key PKCS#1 or
//! PKCS#8. Which of them it is, is found by looking at the data, so there is nothing to configure.

mod parse;

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    digest::{Context, Digest, SHA256},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::KeySize,
    signature::{
        KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

pub(crate) use parse::decode_text;
use parse::{Form, read};

/// The smallest key the protocol (RSA2) allows, in bits.
pub const MIN_BITS: usize = 2048;

/// Why a text is not the key that is asked for.
///
/// The texts complete a sentence such as "app private key: …". None repeats any of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is empty or blank.
    #[error("the text is empty")]
    Empty,
    /// The text is neither PEM nor base64.
    #[error(
        "the text is neither PEM nor base64; give the content of the key file, not its path, \
         and nothing else"
    )]
    NotBase64,
    /// The text has a PEM header but not the matching end.
    #[error("the PEM text has no end line; part of it is missing")]
    PemWithoutEnd,
    /// The text ends before the key does.
    #[error("the key ends early; part of its base64 text is missing")]
    Truncated,
    /// The text is base64, but of nothing known.
    #[error("the data is not an RSA key in PKCS#1, PKCS#8 or X.509 form; was a part of it lost?")]
    NotAKey,
    /// A public key was given where a private one belongs.
    #[error("this is a public key; the app's private key belongs here")]
    PublicForPrivate,
    /// A private key was given where a public one belongs.
    #[error(
        "this is a private key; Alipay's public key belongs here, copied from the console \
         (支付宝公钥)"
    )]
    PrivateForPublic,
    /// A certificate was given where a key belongs.
    #[error("this is a certificate, not a key; certificates belong to certificate mode")]
    Certificate,
    /// A certificate request was given where a key belongs.
    #[error("this is a certificate signing request, not a key")]
    CertificateRequest,
    /// The private key is protected by a password.
    #[error("the private key is encrypted with a password; give it decrypted")]
    Encrypted,
    /// A key of another algorithm, such as SM2 or EC.
    #[error("this is not an RSA key; Alipay's RSA2 signatures need one")]
    NotRsa,
    /// The key is too short.
    #[error("the key has {bits} bits; RSA2 needs at least 2048")]
    TooShort {
        /// Its size.
        bits: usize,
    },
    /// The key is too long to be used.
    #[error("the key has {bits} bits; at most 8192 are supported")]
    TooLong {
        /// Its size.
        bits: usize,
    },
    /// The key's numbers do not fit together.
    #[error("the key's numbers do not belong together; it was damaged")]
    Inconsistent,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Library,
}

/// A signature that does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is not base64.
    #[error("the signature is not base64")]
    NotBase64,
    /// The signature belongs to another text or another key.
    #[error("the signature does not match")]
    Mismatch,
}

/// An RSA private key for signing with SHA-256 and PKCS#1 v1.5 padding (`RSA2`).
#[derive(Clone)]
pub struct PrivateKey {
    pair: RsaKeyPair,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key: PEM or bare base64, PKCS#1 or PKCS#8.
    ///
    /// # Errors
    ///
    /// When the text is something else; the error names the mistake where it is a known one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let der = decode_text(text)?;
        let found = read(&der)?;
        let parsed = match found.form {
            Form::Pkcs1Private => RsaKeyPair::from_der(&der),
            Form::Pkcs8Private => RsaKeyPair::from_pkcs8(&der),
            Form::Pkcs1Public | Form::PublicKeyInfo => return Err(KeyError::PublicForPrivate),
        };
        check_size(found.bits)?;
        Self::from_pair(parsed.map_err(|_| KeyError::Inconsistent)?)
    }

    /// Makes a new key of 2048 bits.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails.
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_pair(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Library)?)
    }

    fn from_pair(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = PublicKey::from_der(pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message; the signature is standard base64 on one line.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails, for want of memory.
    pub fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        self.sign_parts(&[message])
    }

    /// Signs a message that is given in parts, which spares joining them.
    pub(crate) fn sign_parts(&self, message: &[&[u8]]) -> Result<String, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign_digest(&RSA_PKCS1_SHA256, &sha256(message), &mut signature)
            .map_err(|_| KeyError::Library)?;
        Ok(STANDARD.encode(signature))
    }

    /// The key as bare base64 of PKCS#8; wiped from memory when dropped.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails, for want of memory.
    pub fn to_pkcs8_base64(&self) -> Result<Zeroizing<String>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyError::Library)?;
        Ok(Zeroizing::new(STANDARD.encode(der.as_ref())))
    }

    /// The key as PEM of PKCS#8; wiped from memory when dropped.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails, for want of memory.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(Zeroizing::new(pem("PRIVATE KEY", &self.to_pkcs8_base64()?)))
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
    // Not `Clone` itself, and costly to make: shared by all who verify with it.
    key: Arc<ParsedPublicKey>,
    info: Vec<u8>,
    bits: usize,
}

impl PublicKey {
    /// Reads a public key: PEM or bare base64, X.509 `SubjectPublicKeyInfo` or PKCS#1.
    ///
    /// # Errors
    ///
    /// When the text is something else; the error names the mistake where it is a known one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_der(&decode_text(text)?)
    }

    /// Reads a public key in DER, X.509 `SubjectPublicKeyInfo` or PKCS#1.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let found = read(der)?;
        match found.form {
            Form::Pkcs1Public | Form::PublicKeyInfo => {}
            Form::Pkcs1Private | Form::Pkcs8Private => return Err(KeyError::PrivateForPublic),
        }
        check_size(found.bits)?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map_err(|_| KeyError::Inconsistent)?;
        let info: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyError::Library)?;
        let info = info.as_ref().to_vec();
        Ok(Self { key: Arc::new(key), info, bits: found.bits })
    }

    /// Checks a signature, given as standard base64 with padding, over a message.
    ///
    /// # Errors
    ///
    /// When it does not match.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        self.verify_parts(&[message], signature)
    }

    /// Checks a signature over a message that is given in parts.
    pub(crate) fn verify_parts(
        &self,
        message: &[&[u8]],
        signature: &str,
    ) -> Result<(), SignatureError> {
        let signature = STANDARD.decode(signature).map_err(|_| SignatureError::NotBase64)?;
        self.key
            .verify_digest_sig(&sha256(message), &signature)
            .map_err(|_| SignatureError::Mismatch)
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
        MIN_BITS..=8192 => Ok(()),
        _ => Err(KeyError::TooLong { bits }),
    }
}

fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish()
}

/// Wraps base64 at 64 characters between a begin and an end line.
fn pem(label: &str, base64: &str) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64;
    while let Some((line, more)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}
