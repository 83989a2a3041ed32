//! What both libraries have in common.

/// The bytes of one AES block.
pub(crate) const BLOCK: usize = 16;

/// The hash that the signature of a certificate is made over. The protocol itself uses SHA-256 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// The library refused or failed; it gives no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;

/// The sizes of new keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySize {
    /// 2048 bits, as Alipay's key tool makes them.
    #[default]
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}
