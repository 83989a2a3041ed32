//! Whose keys a signature may have been made with.

use alipay_core::encrypt::AesKey;
use alipay_core::keys::PublicKey;

/// The key that has to have made a signature, and others that may have made it by mistake.
#[derive(Clone, Debug)]
pub struct Signers {
    pub(super) right: PublicKey,
    pub(super) others: Vec<(PublicKey, String)>,
    pub(super) aes: Option<AesKey>,
}

impl Signers {
    /// The key that has to have made it: the app's for requests and orders, Alipay's for all else.
    #[must_use]
    pub fn new(right: PublicKey) -> Self {
        Self { right, others: Vec::new(), aes: None }
    }

    /// Another key that may have made it. The string continues "it was made with", such as "Alipay's private key".
    #[must_use]
    pub fn or(mut self, key: PublicKey, what: impl Into<String>) -> Self {
        if key != self.right {
            self.others.push((key, what.into()));
        }
        self
    }

    /// The AES key, which tells whether the content of a request was signed before it was encrypted.
    #[must_use]
    pub fn aes_key(mut self, key: AesKey) -> Self {
        self.aes = Some(key);
        self
    }
}
