//! The keys and certificates of both sides.

mod certificates;
mod issuer;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use alipay_core::encrypt::AesKey;
use alipay_core::keys::{PrivateKey, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::certificates::Certificates;
use crate::error::{KeysError, KeysPart};
use crate::protocol::signers::Signers;

/// The keys of a gateway and of the one app it knows: both private keys, and the key of content
/// encryption.
#[derive(Clone)]
pub struct GatewayKeys {
    pub(crate) app_public: PublicKey,
    pub(crate) alipay: PrivateKey,
    pub(crate) aes: AesKey,
    // In base64: PKCS#8, SubjectPublicKeyInfo and the bare AES key.
    app_private_base64: String,
    app_public_base64: String,
    alipay_private_base64: String,
    alipay_public_base64: String,
    encrypt_base64: String,
    /// Made when they are first needed. Key mode needs none.
    certificates: Arc<OnceLock<Certificates>>,
}

impl GatewayKeys {
    /// Makes new keys: RSA with 2048 bits, AES with 128.
    pub fn generate() -> Result<Self, KeysError> {
        let make =
            || PrivateKey::generate().map_err(|e| KeysError::new(KeysPart::Made("new RSA key"), e));
        let mut key = [0; 16];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| {
            KeysError::new(KeysPart::Made("new AES key"), "the system gives no random bytes")
        })?;
        Self::from_parts(&make()?, make()?, &STANDARD.encode(key))
    }

    /// Reads keys: the two private ones as PEM or bare base64, PKCS#1 or PKCS#8, and the AES key
    /// in base64. The public keys follow from the private ones.
    pub fn parse(
        app_private_key: &str,
        alipay_private_key: &str,
        encrypt_key: &str,
    ) -> Result<Self, KeysError> {
        let app = PrivateKey::parse(app_private_key)
            .map_err(|e| KeysError::new(KeysPart::AppPrivateKey, e))?;
        let alipay = PrivateKey::parse(alipay_private_key)
            .map_err(|e| KeysError::new(KeysPart::AlipayPrivateKey, e))?;
        Self::from_parts(&app, alipay, encrypt_key.trim())
    }

    /// Keys made once per process, for gateways without keys of their own.
    pub(crate) fn shared() -> Result<Self, KeysError> {
        static SHARED: Mutex<Option<GatewayKeys>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = &*shared {
            return Ok(keys.clone());
        }
        let keys = Self::generate()?;
        *shared = Some(keys.clone());
        Ok(keys)
    }

    fn from_parts(app: &PrivateKey, alipay: PrivateKey, encrypt: &str) -> Result<Self, KeysError> {
        let encode = |key: &PrivateKey| match key.to_pkcs8_base64() {
            Ok(base64) => Ok(base64.to_string()),
            Err(e) => Err(KeysError::new(KeysPart::Made("encoding of the private key"), e)),
        };
        Ok(Self {
            app_public: app.public_key().clone(),
            aes: AesKey::parse(encrypt).map_err(|e| KeysError::new(KeysPart::EncryptKey, e))?,
            app_private_base64: encode(app)?,
            app_public_base64: app.public_key().to_base64(),
            alipay_private_base64: encode(&alipay)?,
            alipay_public_base64: alipay.public_key().to_base64(),
            encrypt_base64: encrypt.to_owned(),
            certificates: Arc::default(),
            alipay,
        })
    }

    /// Checks that the public key that Alipay has of the app belongs to the app's private key.
    pub fn check_app_public_key(&self, key: &str) -> Result<(), KeysError> {
        belongs(KeysPart::AppPublicKey, key, &self.app_public, "the app private key")
    }

    /// Checks that the public key that a client has of Alipay belongs to Alipay's private key.
    pub fn check_alipay_public_key(&self, key: &str) -> Result<(), KeysError> {
        belongs(KeysPart::AlipayPublicKey, key, self.alipay.public_key(), "the Alipay private key")
    }

    /// Sets the certificates of certificate mode, as PEM: the app's, Alipay's and the root. They must
    /// be for these keys. A gateway starts with them if the root has issued them, for its app.
    pub fn with_certificates(
        mut self,
        app: &str,
        alipay: &str,
        root: &str,
    ) -> Result<Self, KeysError> {
        let certificates = Certificates::parse(app, alipay, root)?;
        certificates.check_keys(&self.app_public, self.alipay.public_key())?;
        self.certificates = Arc::new(OnceLock::from(certificates));
        Ok(self)
    }

    /// Checks the certificates that were set or made, as a client of this app does.
    pub(crate) fn check_certificates(&self, app_id: &str) -> Result<(), KeysError> {
        match self.certificates.get() {
            Some(certificates) => certificates.check_root(app_id, &self.app_private_base64),
            None => Ok(()),
        }
    }

    /// The certificates of certificate mode. They are made on first use unless they were set.
    pub fn certificates(&self) -> Result<&Certificates, KeysError> {
        if let Some(certificates) = self.certificates.get() {
            return Ok(certificates);
        }
        let made = Certificates::issue(&self.app_private_base64, &self.alipay_private_base64)?;
        // Another thread may have been faster; then its certificates count.
        Ok(self.certificates.get_or_init(|| made))
    }

    /// Whose keys the signature of a request may have been made with.
    pub(crate) fn signers(&self) -> Signers {
        let alipay = "Alipay's private key; an app signs with its own, the application private key (应用私钥)";
        Signers::new(self.app_public.clone())
            .or(self.alipay.public_key().clone(), alipay)
            .aes_key(self.aes.clone())
    }

    /// The app's private key, base64 of PKCS#8. A client signs with it.
    #[must_use]
    pub fn app_private_key(&self) -> &str {
        &self.app_private_base64
    }

    /// The app's public key, base64 of SubjectPublicKeyInfo. The gateway verifies with it.
    #[must_use]
    pub fn app_public_key(&self) -> &str {
        &self.app_public_base64
    }

    /// Alipay's private key, base64 of PKCS#8. The gateway signs with it.
    #[must_use]
    pub fn alipay_private_key(&self) -> &str {
        &self.alipay_private_base64
    }

    /// Alipay's public key, base64 of SubjectPublicKeyInfo. A client verifies with it.
    #[must_use]
    pub fn alipay_public_key(&self) -> &str {
        &self.alipay_public_base64
    }

    /// The AES key of content encryption, in base64.
    #[must_use]
    pub fn encrypt_key(&self) -> &str {
        &self.encrypt_base64
    }
}

fn belongs(which: KeysPart, key: &str, right: &PublicKey, private: &str) -> Result<(), KeysError> {
    let key = PublicKey::parse(key).map_err(|e| KeysError::new(which, e))?;
    if &key == right {
        return Ok(());
    }
    Err(KeysError::new(which, format!("it does not belong to {private}")))
}

impl fmt::Debug for GatewayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayKeys").finish_non_exhaustive()
    }
}
