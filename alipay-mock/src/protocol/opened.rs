//! What is inside a signature: the padding, the hash and the digest that the private key was applied to.
//!
//! A signature that does not verify is opened with the public key. That tells how it was made, apart from what
//! was signed.

use aws_lc_rs::digest::{self, Algorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// A hash that signatures are made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Their names, and how PKCS#1 v1.5 writes them before the digest.
const HASHES: [(Hash, &str, &[u8]); 6] = [
    (
        Hash::Sha256,
        "SHA-256",
        b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
    ),
    (Hash::Sha1, "SHA-1", b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"),
    (
        Hash::Sha512,
        "SHA-512",
        b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    ),
    (
        Hash::Sha384,
        "SHA-384",
        b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
    ),
    (
        Hash::Sha224,
        "SHA-224",
        b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c",
    ),
    (Hash::Md5, "MD5", b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10"),
];

impl Hash {
    pub(super) fn name(self) -> &'static str {
        HASHES.iter().find(|(hash, ..)| *hash == self).map_or("", |(_, name, _)| name)
    }

    fn of(self, data: &[u8]) -> Vec<u8> {
        let algorithm: &'static Algorithm = match self {
            Self::Md5 => return Md5::digest(data).to_vec(),
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }
}

/// What a signature turned out to be.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Opened {
    /// PKCS#1 v1.5 with the name of the hash and the digest, as it has to be if the hash is SHA-256.
    Digest { hash: Hash, value: Vec<u8> },
    /// PKCS#1 v1.5 around something else.
    Bare(Vec<u8>),
    /// PSS.
    Pss { hash: Hash, salt: Vec<u8>, value: Vec<u8> },
    /// No padding there is: it was made with another key.
    Unknown,
}

/// What was done to a string before it came into the signature, if more than to hash it once.
pub(super) type Treatment = Option<&'static str>;

impl Opened {
    /// Opens a signature.
    pub(super) fn new(signature: &[u8], key: &Key) -> Self {
        let Some(block) = raise(signature, key) else { return Self::Unknown };
        padded(&block).or_else(|| pss(&block, &key.modulus)).unwrap_or(Self::Unknown)
    }

    /// Whether it was made from this string, and what was done to it on the way.
    pub(super) fn is_over(&self, text: &[u8]) -> Option<Treatment> {
        let twice = "the digest was hashed once more; give the string itself to the function that signs, not its digest";
        // The digest of the string as people hand it on. Most strings need none.
        let written = || {
            let digest = Hash::Sha256.of(text);
            let small = hex(&digest).into_bytes();
            [small.to_ascii_uppercase(), small, STANDARD.encode(&digest).into_bytes(), digest]
        };
        let treated = |is_it: &dyn Fn(&[u8]) -> bool| {
            if is_it(text) {
                return Some(None);
            }
            written().iter().any(|input| is_it(input)).then_some(Some(twice))
        };
        match self {
            Self::Digest { hash, value } => treated(&|input| hash.of(input) == *value),
            Self::Pss { hash, salt, value } => treated(&|input| {
                hash.of(&[&[0; 8], hash.of(input).as_slice(), salt].concat()) == *value
            }),
            Self::Bare(content) if content == text => Some(Some(
                "the string itself was encrypted with the private key; the function that signs hashes it with SHA-256 before",
            )),
            Self::Bare(content) if HASHES.iter().any(|(hash, ..)| hash.of(text) == *content) => {
                Some(Some("the bare digest was signed"))
            }
            Self::Bare(content) => written().contains(content).then_some(Some(
                "the digest was written as hexadecimal or base64 before; give the string itself to the function that signs",
            )),
            Self::Unknown => None,
        }
    }

    /// What is wrong with it, whatever was signed.
    pub(super) fn mistake(&self) -> Option<String> {
        Some(match self {
            Self::Digest { hash: Hash::Sha256, .. } | Self::Unknown => return None,
            Self::Digest { hash: Hash::Sha1, .. } => {
                "it was made with SHA-1 (RSA); RSA2 is SHA-256 (SHA256withRSA)".to_owned()
            }
            Self::Digest { hash, .. } => {
                format!("it was made with {}; RSA2 is SHA-256 (SHA256withRSA)", hash.name())
            }
            Self::Pss { hash, .. } => format!(
                "it has PSS padding ({}); RSA2 has that of PKCS#1 v1.5 (SHA256withRSA, not RSASSA-PSS)",
                hash.name(),
            ),
            Self::Bare(_) => "it has no DigestInfo (the name of the hash before the digest): use a function that signs \
                              (SHA256withRSA), not one that encrypts with the private key"
                .to_owned(),
        })
    }
}

/// The content of a block with the padding of PKCS#1 v1.5.
fn padded(block: &[u8]) -> Option<Opened> {
    let rest = block.strip_prefix(&[0, 1])?;
    let end = rest.iter().position(|byte| *byte != 0xff)?;
    let content = rest.get(end..)?.strip_prefix(&[0])?;
    if end < 8 {
        return None;
    }
    let found = HASHES.iter().find_map(|(hash, _, prefix)| {
        let value = content.strip_prefix(*prefix)?;
        Some(Opened::Digest { hash: *hash, value: value.to_vec() })
    });
    Some(found.unwrap_or_else(|| Opened::Bare(content.to_vec())))
}

/// The digest and the salt of a block with PSS padding. Its mask may be made with another hash.
fn pss(block: &[u8], modulus: &[u8]) -> Option<Opened> {
    // The block has one bit less than the modulus, so it may have a byte less.
    let top = modulus.first()?.leading_zeros() + 1;
    let block = if top == 8 { block.strip_prefix(&[0])? } else { block };
    let unused = if top == 8 { 0 } else { top };
    let block = block.strip_suffix(&[0xbc])?;
    for (hash, ..) in HASHES {
        let length = hash.of(&[]).len();
        let Some((masked, value)) = block.len().checked_sub(length).map(|at| block.split_at(at))
        else {
            continue;
        };
        for (mask, ..) in HASHES {
            let mut plain: Vec<u8> =
                masked.iter().zip(mask_of(mask, value, masked.len())).map(|(a, b)| a ^ b).collect();
            if let Some(first) = plain.first_mut() {
                *first &= 0xff_u8.checked_shr(unused).unwrap_or(0);
            }
            let Some(at) = plain.iter().position(|byte| *byte != 0) else { continue };
            if let Some((1, salt)) = plain.get(at..).and_then(<[u8]>::split_first)
                // Zeros before the mark are what tells a padding from chance. With the longest salt there are none.
                && (at >= 4 || salt.len() == length || at == 0 && mask == hash)
            {
                return Some(Opened::Pss { hash, salt: salt.to_vec(), value: value.to_vec() });
            }
        }
    }
    None
}

/// The mask MGF1.
fn mask_of(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).flat_map(|number| hash.of(&[seed, &number.to_be_bytes()].concat()));
    blocks.take(length).collect()
}

/// A public key: its numbers, big-endian.
pub(super) struct Key {
    modulus: Vec<u8>,
    exponent: u32,
}

impl Key {
    /// Reads base64 of SubjectPublicKeyInfo. `None` if its exponent is larger than that of any usual key.
    pub(super) fn read(base64: &str) -> Option<Self> {
        let info = STANDARD.decode(base64).ok()?;
        let key = yasna::parse_der(&info, |info| {
            info.read_sequence(|info| {
                info.next().read_sequence(|algorithm| {
                    algorithm.next().read_oid()?;
                    algorithm.next().read_null()
                })?;
                info.next().read_bitvec_bytes()
            })
        });
        let numbers = yasna::parse_der(&key.ok()?.0, |key| {
            key.read_sequence(|key| Ok((key.next().read_bigint_bytes()?.0, key.next().read_u32()?)))
        });
        let (modulus, exponent) = numbers.ok()?;
        let start = modulus.iter().position(|byte| *byte != 0)?;
        Some(Self { modulus: modulus.get(start..)?.to_vec(), exponent })
    }

    /// How many bytes its signatures have.
    pub(super) fn length(&self) -> usize {
        self.modulus.len()
    }
}

/// `base ^ exponent mod modulus`, big-endian; `None` unless the base is below the modulus. Nothing here is secret.
fn raise(base: &[u8], key: &Key) -> Option<Vec<u8>> {
    let (number, modulus) = (Number::read(base), Number::read(&key.modulus));
    if base.len() != key.length() || !number.is_below(&modulus) {
        return None;
    }
    // From the second bit of the exponent on: square, and multiply where the bit is set.
    let bits = (0..key.exponent.checked_ilog2()?).rev();
    let power = bits.fold(number.clone(), |power, bit| {
        let squared = power.times(&power, &modulus);
        if key.exponent >> bit & 1 == 1 { squared.times(&number, &modulus) } else { squared }
    });
    Some(power.write(key.length()))
}

/// A natural number: its digits in base 2^64, the last one first. All numbers of a calculation have as many.
#[derive(Clone)]
struct Number(Vec<u64>);

impl Number {
    fn read(bytes: &[u8]) -> Self {
        let digit =
            |bytes: &[u8]| bytes.iter().fold(0, |digit, byte| (digit << 8) | u64::from(*byte));
        Self(bytes.rchunks(8).map(digit).collect())
    }

    fn write(&self, length: usize) -> Vec<u8> {
        let bytes: Vec<u8> = self.0.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect();
        bytes.get(bytes.len().saturating_sub(length)..).unwrap_or_default().to_vec()
    }

    fn is_below(&self, other: &Self) -> bool {
        self.0.iter().rev().lt(other.0.iter().rev())
    }

    /// `self * other mod modulus`, bit by bit from the first: double, and add.
    fn times(&self, other: &Self, modulus: &Self) -> Self {
        let mut product = Self(vec![0; modulus.0.len()]);
        for digit in other.0.iter().rev() {
            for bit in (0..64).rev() {
                product.double(modulus);
                if digit >> bit & 1 == 1 {
                    product.add(self, modulus);
                }
            }
        }
        product
    }

    /// Of a number below the modulus.
    fn double(&mut self, modulus: &Self) {
        let mut carry = 0;
        for digit in &mut self.0 {
            let next = *digit >> 63;
            *digit = *digit << 1 | carry;
            carry = next;
        }
        self.reduce(carry == 1, modulus);
    }

    /// Of two numbers below the modulus.
    fn add(&mut self, other: &Self, modulus: &Self) {
        let mut carry = false;
        for (digit, other) in self.0.iter_mut().zip(&other.0) {
            let (sum, first) = digit.overflowing_add(*other);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *digit = sum;
            carry = first || second;
        }
        self.reduce(carry, modulus);
    }

    /// Takes the modulus off once, unless the number is below it. `carry` is the bit before its first digit.
    fn reduce(&mut self, carry: bool, modulus: &Self) {
        if !carry && self.is_below(modulus) {
            return;
        }
        let mut borrow = false;
        for (digit, other) in self.0.iter_mut().zip(&modulus.0) {
            let (difference, first) = digit.overflowing_sub(*other);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *digit = difference;
            borrow = first || second;
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map(|digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

/// The bytes of hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Vec<u8> = text.chars().map(digit).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
