//! The pure-Rust crates `rsa`, `sha2`, `aes` and `cbc`: no C compiler, several times slower.
//! What each item does is said in `aws_lc`.
//!
//! `rsa` does not run in constant time (RUSTSEC-2023-0071). This matters if an attacker can measure
//! operations with the private key. It is used only to sign, never to decrypt, and always blinded with
//! random numbers.

use std::sync::Arc;

use aes::{Aes128, Aes192, Aes256};
use cbc::{
    Decryptor, Encryptor,
    cipher::{
        BlockDecryptMut as _, BlockEncryptMut as _, InnerIvInit as _, KeyInit as _,
        block_padding::Pkcs7,
    },
};
use rsa::{
    BigUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey,
    pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPublicKey as _},
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _},
    rand_core::{CryptoRng, Error, OsRng, RngCore},
    sha2::{Digest as _, Sha256, Sha384, Sha512},
};
use zeroize::Zeroizing;

use super::shared::{BLOCK, Failed, Hash, KeySize};
use crate::der::{BIT_STRING, DerError, INTEGER, Reader};

pub(crate) const MAX_BITS: usize = 4096;

impl From<DerError> for Failed {
    fn from(_: DerError) -> Self {
        Self
    }
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Failed> {
    OsRng.try_fill_bytes(bytes).map_err(|_| Failed)
}

/// The operating system's random numbers, for an interface that cannot report failure. It then gives
/// zeros, and what was made with them is discarded.
#[derive(Default)]
struct Randomness {
    failed: bool,
}

impl RngCore for Randomness {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if random(bytes).is_err() {
            bytes.fill(0);
            self.failed = true;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        OsRng.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Randomness {}

/// An RSA private key; wiped when dropped.
#[derive(Clone)]
pub(crate) struct RsaPrivate {
    key: Arc<RsaPrivateKey>,
}

impl RsaPrivate {
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Failed> {
        Self::checked(RsaPrivateKey::from_pkcs1_der(der).map_err(|_| Failed)?)
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, Failed> {
        Self::checked(RsaPrivateKey::from_pkcs8_der(der).map_err(|_| Failed)?)
    }

    fn checked(key: RsaPrivateKey) -> Result<Self, Failed> {
        key.validate().map_err(|_| Failed)?;
        Ok(Self { key: Arc::new(key) })
    }

    pub(crate) fn generate(size: KeySize) -> Result<Self, Failed> {
        let bits = match size {
            KeySize::Bits2048 => 2048,
            KeySize::Bits3072 => 3072,
            KeySize::Bits4096 => 4096,
        };
        // With zeros the search for primes would never end.
        random(&mut [0; 32])?;
        let key = RsaPrivateKey::new(&mut OsRng, bits).map_err(|_| Failed)?;
        Ok(Self { key: Arc::new(key) })
    }

    pub(crate) fn public_pkcs1(&self) -> Result<Vec<u8>, Failed> {
        Ok(self.key.to_public_key().to_pkcs1_der().map_err(|_| Failed)?.into_vec())
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Failed> {
        Ok(self.key.to_pkcs8_der().map_err(|_| Failed)?.to_bytes())
    }

    pub(crate) fn sign(&self, message: &[&[u8]]) -> Result<Vec<u8>, Failed> {
        let mut blinding = Randomness::default();
        let padding = Pkcs1v15Sign::new::<Sha256>();
        let signature = self.key.sign_with_rng(&mut blinding, padding, &sha256(message));
        if blinding.failed {
            return Err(Failed);
        }
        signature.map_err(|_| Failed)
    }
}

#[derive(Clone)]
pub(crate) struct RsaPublic {
    key: Arc<RsaPublicKey>,
}

impl RsaPublic {
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Failed> {
        let mut outer = Reader::new(der);
        let mut numbers = outer.sequence()?;
        let mut number =
            || unsigned(numbers.read(INTEGER)?.content).map(BigUint::from_bytes_be).ok_or(Failed);
        let (modulus, exponent) = (number()?, number()?);
        numbers.end().and(outer.end())?;
        let key =
            RsaPublicKey::new_with_max_size(modulus, exponent, MAX_BITS).map_err(|_| Failed)?;
        Ok(Self { key: Arc::new(key) })
    }

    pub(crate) fn from_info(der: &[u8]) -> Result<Self, Failed> {
        let mut outer = Reader::new(der);
        let mut info = outer.sequence()?;
        info.sequence()?;
        let key = info.read(BIT_STRING)?.whole_bytes()?;
        info.end().and(outer.end())?;
        Self::from_pkcs1(key)
    }

    pub(crate) fn to_info(&self) -> Result<Vec<u8>, Failed> {
        Ok(self.key.to_public_key_der().map_err(|_| Failed)?.into_vec())
    }

    pub(crate) fn verifies(&self, message: &[&[u8]], signature: &[u8]) -> bool {
        self.key.verify(Pkcs1v15Sign::new::<Sha256>(), &sha256(message), signature).is_ok()
    }

    pub(crate) fn verifies_hash(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let verifies = |padding, hash: &[u8]| self.key.verify(padding, hash, signature).is_ok();
        match hash {
            Hash::Sha256 => verifies(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)),
            Hash::Sha384 => verifies(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message)),
            Hash::Sha512 => verifies(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message)),
        }
    }
}

/// The bytes of a number that is not negative, from an integer's content: DER begins those whose
/// top bit is set with a zero, and no others.
fn unsigned(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0] | [1..0x80, ..] => Some(integer),
        [0, 0x80..=0xff, ..] => integer.get(1..),
        _ => None,
    }
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// AES in CBC mode with PKCS#7 padding, starting from zeros; wiped when dropped.
pub(crate) enum Aes {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

/// Does the same with a key of any size.
macro_rules! with_key {
    ($aes:expr, |$key:ident| $work:expr) => {
        match $aes {
            Aes::Aes128($key) => $work,
            Aes::Aes192($key) => $work,
            Aes::Aes256($key) => $work,
        }
    };
}

impl Aes {
    pub(crate) fn new(key: &[u8]) -> Result<Self, Failed> {
        match key.len() {
            16 => Aes128::new_from_slice(key).map(Self::Aes128),
            24 => Aes192::new_from_slice(key).map(Self::Aes192),
            _ => Aes256::new_from_slice(key).map(Self::Aes256),
        }
        .map_err(|_| Failed)
    }

    #[allow(clippy::unnecessary_wraps, reason = "the other library can fail")]
    pub(crate) fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, Failed> {
        let start = &[0; BLOCK].into();
        Ok(with_key!(self, |key| {
            Encryptor::inner_iv_init(key, start).encrypt_padded_vec_mut::<Pkcs7>(plain)
        }))
    }

    pub(crate) fn decrypt(&self, mut buffer: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let start = &[0; BLOCK].into();
        let plain = with_key!(self, |key| {
            Decryptor::inner_iv_init(key, start).decrypt_padded_mut::<Pkcs7>(&mut buffer)
        });
        let length = plain.map_err(|_| Failed)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}
