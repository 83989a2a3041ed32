//! `aws-lc-rs`: constant-time, fast, and in the tree through rustls anyway. Needs a C compiler.

use std::sync::Arc;

use aws_lc_rs::{
    cipher::{
        AES_128, AES_192, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
        PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    digest::{Context, Digest, SHA256},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    error::{KeyRejected, Unspecified},
    iv::FixedLength,
    rsa,
    signature::{
        KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use zeroize::Zeroizing;

use super::shared::{BLOCK, Failed, Hash, KeySize};

/// The longest RSA key it takes.
pub(crate) const MAX_BITS: usize = 8192;

impl From<Unspecified> for Failed {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl From<KeyRejected> for Failed {
    fn from(_: KeyRejected) -> Self {
        Self
    }
}

/// Fills with random bytes.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Failed> {
    Ok(aws_lc_rs::rand::fill(bytes)?)
}

/// An RSA private key; wiped by the library.
#[derive(Clone)]
pub(crate) struct RsaPrivate {
    pair: RsaKeyPair,
}

impl RsaPrivate {
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Failed> {
        Ok(Self { pair: RsaKeyPair::from_der(der)? })
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, Failed> {
        Ok(Self { pair: RsaKeyPair::from_pkcs8(der)? })
    }

    pub(crate) fn generate(size: KeySize) -> Result<Self, Failed> {
        let size = match size {
            KeySize::Bits2048 => rsa::KeySize::Rsa2048,
            KeySize::Bits3072 => rsa::KeySize::Rsa3072,
            KeySize::Bits4096 => rsa::KeySize::Rsa4096,
        };
        Ok(Self { pair: RsaKeyPair::generate(size)? })
    }

    /// The public key in PKCS#1.
    #[allow(clippy::unnecessary_wraps, reason = "the other library can fail")]
    pub(crate) fn public_pkcs1(&self) -> Result<Vec<u8>, Failed> {
        Ok(self.pair.public_key().as_ref().to_vec())
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der()?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// Signs the SHA-256 of a message in parts, with PKCS#1 v1.5 padding.
    pub(crate) fn sign(&self, message: &[&[u8]]) -> Result<Vec<u8>, Failed> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign_digest(&RSA_PKCS1_SHA256, &digest(message), &mut signature)?;
        Ok(signature)
    }
}

/// An RSA public key.
#[derive(Clone)]
pub(crate) struct RsaPublic {
    // Not `Clone` itself, and costly to make: shared by all who verify with it.
    key: Arc<ParsedPublicKey>,
}

impl RsaPublic {
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Failed> {
        // The library recognises the form itself.
        Self::from_info(der)
    }

    /// Reads a `SubjectPublicKeyInfo`.
    pub(crate) fn from_info(der: &[u8]) -> Result<Self, Failed> {
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)?;
        Ok(Self { key: Arc::new(key) })
    }

    /// The key as `SubjectPublicKeyInfo`.
    pub(crate) fn to_info(&self) -> Result<Vec<u8>, Failed> {
        let info: PublicKeyX509Der<'_> = self.key.as_der()?;
        Ok(info.as_ref().to_vec())
    }

    /// Whether a signature is over the SHA-256 of this message, with PKCS#1 v1.5 padding.
    pub(crate) fn verifies(&self, message: &[&[u8]], signature: &[u8]) -> bool {
        self.key.verify_digest_sig(&digest(message), signature).is_ok()
    }

    /// Whether a signature is over this hash of a message, with PKCS#1 v1.5 padding.
    pub(crate) fn verifies_hash(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        };
        // A parsed key is bound to one hash.
        let key = self.to_info().map(|info| ParsedPublicKey::new(algorithm, info));
        matches!(key, Ok(Ok(key)) if key.verify_sig(message, signature).is_ok())
    }
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest(parts).as_ref().to_vec()
}

fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish()
}

/// AES in CBC mode with PKCS#7 padding, starting from zeros; expanded once for each direction.
pub(crate) struct Aes {
    encrypting: PaddedBlockEncryptingKey,
    decrypting: PaddedBlockDecryptingKey,
}

impl Aes {
    /// Takes a key of 16, 24 or 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Result<Self, Failed> {
        let algorithm = match key.len() {
            16 => &AES_128,
            24 => &AES_192,
            32 => &AES_256,
            _ => return Err(Failed),
        };
        let unbound = || UnboundCipherKey::new(algorithm, key);
        Ok(Self {
            encrypting: PaddedBlockEncryptingKey::cbc_pkcs7(unbound()?)?,
            decrypting: PaddedBlockDecryptingKey::cbc_pkcs7(unbound()?)?,
        })
    }

    pub(crate) fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut buffer = Vec::with_capacity(plain.len().saturating_add(BLOCK));
        buffer.extend_from_slice(plain);
        let start = EncryptionContext::Iv128(FixedLength::from([0; BLOCK]));
        self.encrypting.less_safe_encrypt(&mut buffer, start)?;
        Ok(buffer)
    }

    /// Decrypts whole blocks. It fails if the padding is wrong.
    pub(crate) fn decrypt(&self, mut buffer: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let start = DecryptionContext::Iv128(FixedLength::from([0; BLOCK]));
        let length = self.decrypting.decrypt(&mut buffer, start)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}
