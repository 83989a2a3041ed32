//! The cryptographic library by itself.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::key;

#[cfg(feature = "aws-lc-rs")]
mod library {
    use aws_lc_rs::{
        rand::{self, SystemRandom},
        signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair},
    };

    pub struct Keys {
        own: RsaKeyPair,
        theirs: ParsedPublicKey,
        random: SystemRandom,
    }

    impl Keys {
        pub fn new(own: &[u8], theirs: &[u8]) -> Self {
            Self {
                own: RsaKeyPair::from_pkcs8(own).unwrap(),
                theirs: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, theirs).unwrap(),
                random: SystemRandom::new(),
            }
        }

        pub fn sign(&self, message: &[u8]) -> Vec<u8> {
            let mut signature = vec![0; self.own.public_modulus_len()];
            self.own.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).unwrap();
            signature
        }

        pub fn verify(&self, message: &[u8], signature: &[u8]) {
            self.theirs.verify_sig(message, signature).unwrap();
        }
    }

    pub fn random() -> [u8; 16] {
        let mut bytes = [0; 16];
        rand::fill(&mut bytes).unwrap();
        bytes
    }
}

#[cfg(not(feature = "aws-lc-rs"))]
mod library {
    use rsa::{
        RsaPrivateKey, RsaPublicKey,
        pkcs1v15::{Signature, SigningKey, VerifyingKey},
        pkcs8::{DecodePrivateKey as _, DecodePublicKey as _},
        rand_core::{OsRng, RngCore as _},
        sha2::Sha256,
        signature::{RandomizedSigner as _, SignatureEncoding as _, Verifier as _},
    };

    pub struct Keys {
        own: SigningKey<Sha256>,
        theirs: VerifyingKey<Sha256>,
    }

    impl Keys {
        pub fn new(own: &[u8], theirs: &[u8]) -> Self {
            Self {
                own: SigningKey::new(RsaPrivateKey::from_pkcs8_der(own).unwrap()),
                theirs: VerifyingKey::new(RsaPublicKey::from_public_key_der(theirs).unwrap()),
            }
        }

        /// Blinded, as it has to be.
        pub fn sign(&self, message: &[u8]) -> Vec<u8> {
            self.own.sign_with_rng(&mut OsRng, message).to_vec()
        }

        pub fn verify(&self, message: &[u8], signature: &[u8]) {
            self.theirs.verify(message, &Signature::try_from(signature).unwrap()).unwrap();
        }
    }

    pub fn random() -> [u8; 16] {
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        bytes
    }
}

pub use library::{Keys, random};

/// The app's private key and Alipay's public key.
pub fn keys() -> Keys {
    keys_of("app_private_pkcs8", "alipay_public")
}

/// Any private and any public key.
pub fn keys_of(own: &str, theirs: &str) -> Keys {
    let der = |name| STANDARD.decode(key(name)).unwrap();
    Keys::new(&der(own), &der(theirs))
}
